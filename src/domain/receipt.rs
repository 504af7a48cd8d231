//! What became of every share of an operation, by the reading after it.

use serde::{Deserialize, Serialize};

/// The end of one share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was there before, a request named it, and it is gone by the second reading.
    Revoked,
    /// The second reading shows it.
    StillShared,
    /// It was gone before anything was sent for it, or the cloud said it was no member.
    WasNotShared,
    /// It could not be found out; counts as still there until somebody knows better.
    Unknown,
}

impl Outcome {
    /// The word of the receipt.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::StillShared => "still-shared",
            Self::WasNotShared => "was-not-shared",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the member has no access any more, as far as the program could see.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Revoked | Self::WasNotShared)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
