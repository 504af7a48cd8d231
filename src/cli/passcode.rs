//! The prompt for the one-time password or the password of a login.

use secrecy::{ExposeSecret, SecretString};

use super::exit::Stop;
use super::output::{self, Narrator};
use super::prompt;
use super::session::Interrupts;
use crate::domain::Failure;
use crate::engine::{Asks, Target};

/// How often the code of one login is asked for.
const CODES: u32 = 3;

/// How often it was.
#[derive(Debug, Default)]
pub(super) struct Codes(u32);

impl Codes {
    /// Whether sharelock can prompt, and has not prompted too often already.
    pub(super) fn may_ask(&self) -> bool {
        output::can_ask() && self.0 < CODES
    }

    /// Whether to ask for what a login to `target` lacks. A secret that was refused is not asked for again: clouds lock
    /// users out.
    pub(super) fn may_ask_for(&self, asks: Asks, target: &Target) -> bool {
        self.may_ask() && (asks == Asks::Code || target.secret.is_none())
    }

    /// Prompts; `None` at the end of input. Shows `refused` first: why the login refused the last one.
    pub(super) async fn ask(
        &mut self,
        (interrupts, narrator): (&mut Interrupts, &mut Narrator),
        asks: Asks,
        cloud: Option<&str>,
        refused: Option<&Failure>,
    ) -> Result<Option<SecretString>, Stop> {
        self.0 += 1;
        narrator.end_progress();
        if let Some(refused) = refused {
            narrator.say(refused);
        }
        let what = match asks {
            Asks::Code => "one-time code",
            Asks::Secret(missing) => missing.word(),
        };
        let question = format!("{} for {}:", capital(what), cloud.unwrap_or("the login"));
        let given = prompt::secret(interrupts, question).await?;
        Ok(match (asks, given) {
            // Blanks are part of a password.
            (Asks::Secret(_), given) => given.filter(|given| !given.expose_secret().is_empty()),
            (Asks::Code, given) => {
                let code = given.map(|code| code.expose_secret().trim().to_owned());
                code.filter(|code| !code.is_empty()).map(SecretString::from)
            }
        })
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
