//! Kinds of operations, and the outcomes of their shares.

use serde::{Deserialize, Serialize};

use super::super::{MemberStatus, Membership};
use super::Stage;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// Deletes shares.
    Revoke,
    /// Creates shares.
    Share,
    /// Accepts received shares: the images appear in the project's image list.
    Accept,
    /// Rejects received shares: hides the images and leaves the access unchanged.
    Reject,
}

/// The outcome of one share, from the second reading of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Changed: the first reading shows the old state, a request that names the share was sent, and the second reading shows the
    /// new state.
    Done,
    /// Not changed, by the second reading.
    Failed,
    /// Had the new state before a request was sent, or has it although none was sent.
    Needless,
    /// The members could not be read. Counts as failed.
    Unknown,
}

impl OperationKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Revoke, Self::Share, Self::Accept, Self::Reject];

    /// The word on the command line and in JSON reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Share => "share",
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }

    /// The word, capitalized.
    pub fn title(self) -> &'static str {
        match self {
            Self::Revoke => "Revoke",
            Self::Share => "Share",
            Self::Accept => "Accept",
            Self::Reject => "Reject",
        }
    }

    /// The present participle, capitalized.
    pub fn doing(self) -> &'static str {
        match self {
            Self::Revoke => "Revoking",
            Self::Share => "Sharing",
            Self::Accept => "Accepting",
            Self::Reject => "Rejecting",
        }
    }

    /// The kind that undoes it. An answer cannot be undone, only replaced by another answer.
    pub fn inverse(self) -> Option<Self> {
        match self {
            Self::Revoke => Some(Self::Share),
            Self::Share => Some(Self::Revoke),
            Self::Accept | Self::Reject => None,
        }
    }

    /// Whether the receiver of a share sends it, not the owner of the image.
    pub fn is_answer(self) -> bool {
        self.status().is_some()
    }

    /// The member status that an answer sets.
    pub fn status(self) -> Option<MemberStatus> {
        match self {
            Self::Accept => Some(MemberStatus::Accepted),
            Self::Reject => Some(MemberStatus::Rejected),
            Self::Revoke | Self::Share => None,
        }
    }

    /// Whether a share has the state that the operation is to bring about, by its row in the member list, if any.
    pub fn is_satisfied_by(self, row: Option<&Membership>) -> bool {
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
    /// All outcomes, in the order of a summary.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Needless, Self::Unknown];

    /// The word in a receipt of this kind of operation.
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

    /// Parses the word of a receipt of this kind of operation.
    pub fn from_word(word: &str, kind: OperationKind) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word(kind) == word)
    }

    /// Whether the share has the state that the operation is to bring about.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::Needless)
    }
}

impl Stage {
    /// The word in the journal and in reports.
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
        assert!(OperationKind::Reject.is_satisfied_by(Some(&row(MemberStatus::Rejected))));
        assert!(!OperationKind::Accept.is_satisfied_by(Some(&row(MemberStatus::Pending))));
        assert!(!OperationKind::Accept.is_satisfied_by(None));
    }
}
