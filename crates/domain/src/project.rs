//! Projects that the user may switch to, and names of projects with their source.

use super::{ProjectId, Text};

/// A project that the user may log in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its ID.
    pub id: ProjectId,
    /// Its name, or its ID if it has none.
    pub name: Text,
    /// ID of its domain, where the cloud reports it.
    pub domain: Option<Text>,
    /// Whether users can log in to it.
    pub enabled: bool,
}

/// The source of a project's name, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// `[projects]` in config.toml.
    Alias,
    /// The cloud's login service, in this session.
    Keystone,
    /// The cloud's login service in an earlier session: the project may have another name now.
    LastSeen,
}

impl Source {
    /// The prefix that shows the source of a name in a table; empty for an alias.
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
    /// The project.
    pub id: ProjectId,
    /// The name.
    pub name: Text,
    /// Its source.
    pub source: Source,
}
