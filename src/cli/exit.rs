//! What the shell sees when the program ends.

use crate::signals::Shutdown;
use domain::Failure;

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line makes no sense; clap ends with the same number.
    Usage = 2,
    /// Something could not be checked, or a share is still there or unknown.
    Incomplete = 3,
    /// An audit found something.
    Findings = 4,
    /// The terminal was closed. This and the two below are what shells report for the signal: 128 and its number.
    HungUp = 129,
    /// Ctrl-C.
    Interrupted = 130,
    /// `kill`, or a supervisor (SIGTERM).
    Terminated = 143,
}

impl From<Shutdown> for Exit {
    fn from(shutdown: Shutdown) -> Self {
        match shutdown {
            Shutdown::HangUp => Self::HungUp,
            Shutdown::Interrupt => Self::Interrupted,
            Shutdown::Terminate => Self::Terminated,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended before it was done. `Display` is what the user reads after `error: `.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// What was typed makes no sense together. A full sentence.
    #[error("{0}")]
    Usage(String),
    /// Ctrl-C, or another signal to shut down.
    #[error("{}", how(*.0))]
    Interrupted(Shutdown),
}

impl Stop {
    /// The exit status that says the same.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Failed(_) => Exit::Failed,
            Self::Usage(_) => Exit::Usage,
            Self::Interrupted(shutdown) => (*shutdown).into(),
        }
    }
}

/// What ended the program, as it is shown.
pub(super) fn how(shutdown: Shutdown) -> &'static str {
    match shutdown {
        Shutdown::HangUp => "the terminal was closed (SIGHUP)",
        Shutdown::Interrupt => "interrupted",
        Shutdown::Terminate => "terminated (SIGTERM)",
    }
}
