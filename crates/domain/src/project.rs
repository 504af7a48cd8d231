//! Projects one may switch to, and names of projects with where they came from.

use super::{ProjectId, Text};

/// A project that the user may log in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name; its id where it has none.
    pub name: Text,
    /// Id of the domain it belongs to, where the cloud tells.
    pub domain: Option<Text>,
    /// Whether one can log in to it.
    pub enabled: bool,
}

/// Where a project's name came from; the first wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// `[projects]` of the user's settings.
    Alias,
    /// The cloud's login service, now.
    Keystone,
    /// The cloud's login service at an earlier time: the project may have another name by now.
    LastSeen,
}

impl Source {
    /// What stands before a name in a table, so that one sees where it came from: nothing before the user's own
    /// aliases.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Alias => "",
            Self::Keystone => "=",
            Self::LastSeen => "~",
        }
    }
}

/// A project's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectName {
    /// Whose.
    pub id: ProjectId,
    /// The name.
    pub name: Text,
    /// Where it came from.
    pub source: Source,
}
