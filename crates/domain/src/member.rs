//! Who an image is shared with.

use serde::{Deserialize, Serialize};

use super::{ImageId, Moment, Text};

/// What a member is. Everything but projects is newer Huawei Cloud only (`member_type` of its IMS member list).
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
    /// An organisation or a unit of one.
    Organization,
}

impl MemberKind {
    /// The word of the API and of our JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Domain => "domain",
            Self::Organization => "organization",
        }
    }

    /// Reads the word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Project, Self::Domain, Self::Organization]
            .into_iter()
            .find(|kind| kind.word().eq_ignore_ascii_case(word))
    }
}

/// A member's identity: type and id. The id is kept exactly, for Glance takes any string as a member,
/// and `Team` and `team` are two of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member {
    /// Project, account or organisation.
    #[serde(rename = "type", default)]
    pub kind: MemberKind,
    /// Id of the project or account, URN of the organisation.
    pub id: Text,
}

impl Member {
    /// A project as a member.
    pub fn project(id: impl Into<Text>) -> Self {
        Self { kind: MemberKind::Project, id: id.into() }
    }
}

/// What the cloud says a member did with the share. It says nothing about access: pending and rejected
/// members can use the image too (seen on Glance 33; IMS API reference, "Updating Image Member Status").
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
    /// Who.
    pub member: Member,
    /// What the member did with it.
    pub status: MemberStatus,
    /// Since when.
    pub created_at: Option<Moment>,
    /// When the status last changed.
    pub updated_at: Option<Moment>,
}

/// What a reading of members showed of one share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// No such member, or no such image.
    Absent,
    /// The member is listed, and so.
    Listed {
        /// What the member did with it.
        status: MemberStatus,
        /// Since when.
        created_at: Option<Moment>,
        /// When the status last changed.
        updated_at: Option<Moment>,
    },
}

impl Seen {
    /// What the row of a share says; without a row it is absent from a list that was read to its end.
    pub fn row(row: Option<&Membership>) -> Self {
        match row.cloned() {
            None => Self::Absent,
            Some(Membership { status, created_at, updated_at, .. }) => {
                Self::Listed { status, created_at, updated_at }
            }
        }
    }

    /// The status, if it is listed.
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

/// One image shared with one member: the unit of everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Share {
    /// What is shared.
    pub image: ImageId,
    /// With whom.
    pub member: Member,
}
