//! Shares as they are typed: images and projects, or a list of pairs.

use std::path::PathBuf;

use super::{Choice, pairs};
use domain::{Failure, OperationKind};

/// The shares to change, as typed.
#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["image", "from"]))]
pub struct SelectionArgs {
    /// Images, by ID or name; combined with every member of --project
    #[arg(long, value_name = "ID|NAME", num_args = 1.., requires = "project")]
    pub image: Vec<String>,
    /// Members, by ID, alias, or a project name that the cloud reports now
    #[arg(
        long,
        value_name = "ID|NAME",
        num_args = 1..,
        requires = "image",
        conflicts_with = "from"
    )]
    pub project: Vec<String>,
    /// Read pairs of `image_id,member_id[,member_type]` from a file, or from stdin with `-`
    ///
    /// CSV with or without a header, or JSON lines. The output of `audit` and `history ID` fits.
    #[arg(long, value_name = "FILE|-")]
    pub from: Option<PathBuf>,
}

impl SelectionArgs {
    /// Whether the pairs come from stdin, so that sharelock cannot prompt there.
    pub fn takes_stdin(&self) -> bool {
        self.from.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// What is to be done to them. Reads the list, if there is one.
    pub fn choice(self, kind: OperationKind) -> Result<Choice, Failure> {
        match &self.from {
            Some(path) => Ok(Choice::List { kind, list: pairs::read(path)? }),
            None => Ok(Choice::Cross { kind, images: self.image, projects: self.project }),
        }
    }
}
