//! Asking for the one-time code of a login, on the terminal and unseen.

use secrecy::SecretString;

use super::exit::Stop;
use super::output::{self, Narrator};
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
        // Echo comes back when this is dropped, however the question ends.
        let _unseen = output::Unseen::begin();
        let line = tokio::task::spawn_blocking(move || output::ask(question));
        let line = tokio::select! {
            line = line => line,
            () = interrupts.next() => return Err(Stop::Interrupted),
        };
        output::say("");
        let code = line.ok().and_then(Result::ok).flatten();
        Ok(code.filter(|code| !code.is_empty()).map(SecretString::from))
    }
}
