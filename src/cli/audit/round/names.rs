//! Names of projects: looked up while the images are read, and not waited for long.

use tokio::time::{Instant, sleep_until};

use super::Round;
use crate::cli::exit::Stop;
use crate::cli::session;

impl Round<'_> {
    /// Names were looked up while the images were read; who is slow at it is left behind.
    pub(super) async fn wait_for_names(&mut self) -> Result<(), Stop> {
        let latest = Instant::now() + session::NAMES;
        while !self.unnamed.is_empty() {
            tokio::select! {
                event = session::next(&mut self.engine, &mut self.interrupts) => {
                    self.take(event?);
                }
                () = sleep_until(latest) => break,
            }
        }
        for session in std::mem::take(&mut self.untold) {
            let visit = self.visits.iter().find(|visit| visit.work.session == session);
            if let Some(scope) = visit.and_then(|visit| visit.report(self.args)) {
                self.narrator.say(scope.summary());
            }
        }
        Ok(())
    }
}
