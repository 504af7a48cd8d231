//! Signals to shut down while a command runs.

use std::time::Duration;

use super::exit::{Exit, Stop};
use crate::signals::{Shutdown, Shutdowns};
use domain::Failure;
use engine::Engine;

/// How long an answer to a request that has left is awaited at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Signals to shut down: Ctrl-C, SIGTERM, or the end of the terminal.
#[derive(Debug)]
pub struct Interrupts(Shutdowns);

impl Interrupts {
    /// From now on the signals come here instead of ending the program.
    pub fn listen() -> Result<Self, Failure> {
        let shutdowns = Shutdowns::listen();
        Ok(Self(shutdowns.map_err(|error| Failure::new("listen for signals", error.to_string()))?))
    }

    /// Returns at the next one.
    pub async fn next(&mut self) -> Shutdown {
        self.0.next().await
    }

    /// Runs work unless a signal comes first.
    pub async fn race<T>(
        &mut self,
        work: impl Future<Output = Result<T, Stop>>,
    ) -> Result<T, Stop> {
        tokio::select! {
            done = work => done,
            shutdown = self.next() => Err(Stop::Interrupted(shutdown)),
        }
    }

    /// From now on a signal ends the program at once. A hang-up does not: whoever closes a terminal closes it once, but its
    /// end may be signalled twice, by the system and by the shell.
    pub fn end_program(mut self) {
        tokio::spawn(async move {
            loop {
                match self.next().await {
                    Shutdown::HangUp => {}
                    shutdown => std::process::exit(Exit::from(shutdown) as i32),
                }
            }
        });
    }
}

/// Runs work on an engine unless a signal comes first, and ends the engine. What is left to do is to write, so from then on
/// a signal ends the program at once.
pub(super) async fn run<T>(
    engine: Engine,
    work: impl AsyncFnOnce(&Engine) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let mut interrupts = Interrupts::listen()?;
    let done = interrupts.race(work(&engine)).await;
    close(engine, interrupts).await;
    done
}

/// Ends an engine; a signal ends the program at once.
pub(super) async fn close(engine: Engine, interrupts: Interrupts) {
    interrupts.end_program();
    engine.shut_down(SHUTDOWN_TIMEOUT).await;
}
