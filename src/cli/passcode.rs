//! The prompt for the one-time password or the password of a login.

use secrecy::{ExposeSecret, SecretString};

use super::exit::Stop;
use super::{output, prompt};
use engine::MissingCredential;

/// How often one login prompts.
const PROMPTS: u32 = 3;

/// The prompts of one login.
#[derive(Debug, Default)]
pub(super) struct Prompts(u32);

impl Prompts {
    /// Whether to prompt for what a login lacks: sharelock can, and has not prompted too often already. A secret that was
    /// given and refused is not asked for again: clouds lock users out.
    pub(super) fn may_ask_for(&self, missing: MissingCredential, secret_given: bool) -> bool {
        output::can_ask()
            && self.0 < PROMPTS
            && (missing == MissingCredential::Passcode || !secret_given)
    }

    /// Prompts; `None` at the end of input.
    pub(super) async fn ask(
        &mut self,
        missing: MissingCredential,
        cloud: Option<&str>,
    ) -> Result<Option<SecretString>, Stop> {
        self.0 += 1;
        let what = match missing {
            MissingCredential::Passcode => "one-time code",
            MissingCredential::Secret(missing) => missing.word(),
        };
        let question = format!("{} for {}:", capital(what), cloud.unwrap_or("the login"));
        let given = prompt::secret(question).await?;
        Ok(match (missing, given) {
            // Blanks are part of a password.
            (MissingCredential::Secret(_), given) => {
                given.filter(|given| !given.expose_secret().is_empty())
            }
            (MissingCredential::Passcode, given) => {
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
