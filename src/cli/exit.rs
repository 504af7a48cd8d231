//! What the shell sees when the program ends.

use crate::domain::Failure;

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
    /// The user stopped it.
    Interrupted = 130,
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
    /// Ctrl-C, or a signal to end.
    #[error("interrupted")]
    Interrupted,
}

impl Stop {
    /// The exit status that says the same.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Failed(_) => Exit::Failed,
            Self::Usage(_) => Exit::Usage,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}
