//! Who an image is shared with.

use serde::{Deserialize, Serialize};

use super::{ImageId, Moment, Text};

/// The type of a member. Only newer Huawei Clouds have others than projects (`member_type` in the IMS member list).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum MemberKind {
    /// A project (tenant, account number).
    #[default]
    Project,
    /// An account.
    Domain,
    /// An organization or a unit of one.
    Organization,
}

impl MemberKind {
    /// The word in the API and in JSON reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Domain => "domain",
            Self::Organization => "organization",
        }
    }

    /// Parses the word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Project, Self::Domain, Self::Organization]
            .into_iter()
            .find(|kind| kind.word().eq_ignore_ascii_case(word))
    }
}

/// A member's type and ID. The ID is kept unchanged: Glance takes any string as a member, so `Team` and `team` are two
/// members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member {
    /// Project, account or organization.
    #[serde(rename = "type", default)]
    pub kind: MemberKind,
    /// ID of the project or account, URN of the organization.
    pub id: Text,
}

impl Member {
    /// A project as a member.
    pub fn project(id: impl Into<Text>) -> Self {
        Self { kind: MemberKind::Project, id: id.into() }
    }
}

/// A member's answer to the share. It does not affect access: pending and rejected members can use the image too (seen on
/// Glance 33; IMS API reference, "Updating Image Member Status").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Text", into = "Text")]
pub enum MemberStatus {
    /// Not answered yet.
    Pending,
    /// Shown in the member's list.
    Accepted,
    /// Hidden from the member's list.
    Rejected,
    /// A word this program does not know.
    Other(Text),
}

impl From<Text> for MemberStatus {
    fn from(word: Text) -> Self {
        match word.raw().to_ascii_lowercase().as_str() {
            "pending" => Self::Pending,
            "accepted" => Self::Accepted,
            "rejected" => Self::Rejected,
            _ => Self::Other(word),
        }
    }
}

impl From<MemberStatus> for Text {
    fn from(status: MemberStatus) -> Self {
        match status {
            MemberStatus::Pending => "pending".into(),
            MemberStatus::Accepted => "accepted".into(),
            MemberStatus::Rejected => "rejected".into(),
            MemberStatus::Other(word) => word,
        }
    }
}

impl std::fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Text::from(self.clone()).fmt(f)
    }
}

/// One row of an image's member list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The member.
    pub member: Member,
    /// The member's answer.
    pub status: MemberStatus,
    /// When the share was created.
    pub created_at: Option<Moment>,
    /// When the status last changed.
    pub updated_at: Option<Moment>,
}

/// The state of one share in a reading of members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// Not a member.
    Absent,
    /// A member.
    Listed {
        /// The member's answer.
        status: MemberStatus,
        /// When the share was created.
        created_at: Option<Moment>,
        /// When the status last changed.
        updated_at: Option<Moment>,
    },
}

impl Seen {
    /// The state by the member's row. `None` means absent from a list that was read completely.
    pub fn row(row: Option<&Membership>) -> Self {
        match row.cloned() {
            None => Self::Absent,
            Some(Membership { status, created_at, updated_at, .. }) => {
                Self::Listed { status, created_at, updated_at }
            }
        }
    }

    /// The status of a member.
    pub fn status(&self) -> Option<&MemberStatus> {
        match self {
            Self::Absent => None,
            Self::Listed { status, .. } => Some(status),
        }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.pad("absent"),
            Self::Listed { status, .. } => status.fmt(f),
        }
    }
}

/// One image shared with one member: the unit of plans and receipts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Share {
    /// The image.
    pub image: ImageId,
    /// The member.
    pub member: Member,
}
