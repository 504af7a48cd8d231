//! The prompt for the one-time password of a login.

use secrecy::{ExposeSecret, SecretString};

use super::exit::Stop;
use super::output::{self, Narrator};
use super::prompt;
use super::session::Interrupts;
use crate::domain::Failure;

/// How often the code of one login is asked for.
const CODES: u32 = 3;

/// How often it was.
#[derive(Debug, Default)]
pub(super) struct Codes(u32);

impl Codes {
    /// Whether there is somebody to be asked, and it was not asked for in vain too often.
    pub(super) fn may_ask(&self) -> bool {
        output::can_ask() && self.0 < CODES
    }

    /// Asks; `None` when none was given. `refused` is said before: why the last one was not good.
    pub(super) async fn ask(
        &mut self,
        (interrupts, narrator): (&mut Interrupts, &mut Narrator),
        cloud: Option<&str>,
        refused: Option<&Failure>,
    ) -> Result<Option<SecretString>, Stop> {
        self.0 += 1;
        narrator.end_progress();
        if let Some(refused) = refused {
            narrator.say(refused);
        }
        let question = format!("One-time code for {}:", cloud.unwrap_or("the login"));
        let code = prompt::secret(interrupts, question).await?;
        let code = code.map(|code| code.expose_secret().trim().to_owned());
        Ok(code.filter(|code| !code.is_empty()).map(SecretString::from))
    }
}
