//! What an operation does to every share of it, and the words for how that ended.

use serde::{Deserialize, Serialize};

use super::super::{MemberStatus, Membership};
use super::Stage;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// Takes shares away.
    Revoke,
    /// Makes shares.
    Share,
    /// Answers received shares with yes: the image shows up in the project's own list.
    Accept,
    /// Answers received shares with no. That hides an image; it takes no access away.
    Reject,
}

/// The end of one share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was not so before, a request that named it left, and the second reading shows that it is so now.
    Done,
    /// The second reading shows that it is not so.
    Failed,
    /// It was so before anything was sent for it, or became so although nothing was sent.
    Needless,
    /// It could not be found out; counts as failed until somebody knows better.
    Unknown,
}

impl OperationKind {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Revoke, Self::Share, Self::Accept, Self::Reject];

    /// The word of the command line and of our JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Share => "share",
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }

    /// The word at the beginning of a line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Revoke => "Revoke",
            Self::Share => "Share",
            Self::Accept => "Accept",
            Self::Reject => "Reject",
        }
    }

    /// The word for while it happens, at the beginning of a line.
    pub fn doing(self) -> &'static str {
        match self {
            Self::Revoke => "Revoking",
            Self::Share => "Sharing",
            Self::Accept => "Accepting",
            Self::Reject => "Rejecting",
        }
    }

    /// What takes back what this does. An answer cannot be taken back, only given again.
    pub fn inverse(self) -> Option<Self> {
        match self {
            Self::Revoke => Some(Self::Share),
            Self::Share => Some(Self::Revoke),
            Self::Accept | Self::Reject => None,
        }
    }

    /// Whether it is the receiver's business; everything else is the owner's.
    pub fn is_answer(self) -> bool {
        self.status().is_some()
    }

    /// The status that an answer gives.
    pub fn status(self) -> Option<MemberStatus> {
        match self {
            Self::Accept => Some(MemberStatus::Accepted),
            Self::Reject => Some(MemberStatus::Rejected),
            Self::Revoke | Self::Share => None,
        }
    }

    /// Whether what it is for is so, by the row of the share in a member list, if there is one.
    pub fn holds(self, row: Option<&Membership>) -> bool {
        match self {
            Self::Revoke => row.is_none(),
            Self::Share => row.is_some(),
            Self::Accept | Self::Reject => row.map(|row| &row.status) == self.status().as_ref(),
        }
    }
}

impl std::fmt::Display for OperationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl Outcome {
    /// In the order of a summary.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Needless, Self::Unknown];

    /// The word of the receipt of an operation.
    pub fn word(self, kind: OperationKind) -> &'static str {
        use OperationKind::{Accept, Reject, Revoke, Share};
        match (self, kind) {
            (Self::Done, Revoke) => "revoked",
            (Self::Done, Share) => "shared",
            (Self::Done, Accept) => "accepted",
            (Self::Done, Reject) => "rejected",
            (Self::Failed, Revoke) => "still-shared",
            (Self::Failed, Share) => "not-shared",
            (Self::Failed, Accept) => "not-accepted",
            (Self::Failed, Reject) => "not-rejected",
            (Self::Needless, Revoke) => "was-not-shared",
            (Self::Needless, Share) => "was-shared",
            (Self::Needless, Accept) => "was-accepted",
            (Self::Needless, Reject) => "was-rejected",
            (Self::Unknown, _) => "unknown",
        }
    }

    /// The outcome that a word stands for in the receipt of an operation.
    pub fn from_word(word: &str, kind: OperationKind) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word(kind) == word)
    }

    /// Whether what the operation is for is so, as far as the program could see.
    pub fn is_reached(self) -> bool {
        matches!(self, Self::Done | Self::Needless)
    }
}

impl Stage {
    /// The word of the journal and the reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Sending => "sending",
            Self::Following => "following",
            Self::Verifying => "verifying",
            Self::Finished => "finished",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Member;

    #[test]
    fn the_words_of_one_receipt_are_four_and_are_read_back() {
        for kind in OperationKind::ALL {
            for outcome in Outcome::ALL {
                assert_eq!(Outcome::from_word(outcome.word(kind), kind), Some(outcome));
            }
        }
        assert_eq!(Outcome::from_word("shared", OperationKind::Revoke), None);
    }

    #[test]
    fn an_answer_holds_only_with_its_very_status() {
        let row = |status| Membership {
            member: Member::project("p"),
            status,
            created_at: None,
            updated_at: None,
        };
        assert!(OperationKind::Reject.holds(Some(&row(MemberStatus::Rejected))));
        assert!(!OperationKind::Accept.holds(Some(&row(MemberStatus::Pending))));
        assert!(!OperationKind::Accept.holds(None));
    }
}
