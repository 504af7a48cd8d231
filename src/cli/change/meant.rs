//! Which members are meant by what was typed for projects. A wrong answer cuts somebody off, so there is none where
//! there is doubt.

use super::chosen::Chosen;
use crate::cli::exit::Stop;
use crate::cli::names::{Names, members_with};
use crate::cli::reading::Reading;
use crate::cli::session::Session;
use crate::domain::sharing::looks_like_an_id;
use crate::domain::{CloudKind, Inventory, OperationKind, Text};
use crate::engine::Command;

/// The members that were typed.
pub(super) struct Meant {
    /// Their ids.
    pub(super) members: Vec<Text>,
    /// What was typed and nobody knows.
    strange: Vec<Text>,
    names: Names,
}

/// Has names looked up while the images are read, if they may be needed or somebody is to be shown them.
pub(super) fn look_up(session: &Session, names: &Names, typed: &[String], shown: bool) {
    let nothing = Inventory::default();
    let open = |typed: &String| names.must_be_told(session.scope.kind, &nothing, typed);
    if shown || typed.iter().any(open) {
        session.ask(Command::LookUpNames);
    }
}

/// Finds out, by names that are being looked up: they are waited for where something depends on them, and for a moment
/// if somebody is to be shown them.
pub(super) async fn find(
    session: &mut Session,
    names: &Names,
    reading: &Reading,
    typed: &[String],
    shown: bool,
) -> Result<Meant, Stop> {
    let cloud = session.scope.kind;
    let mut names = names.clone();
    let open = typed.iter().any(|typed| names.must_be_told(cloud, &reading.inventory, typed));
    if open || shown {
        names.learn(session.names(open).await?);
    }
    let inventory = &reading.inventory;
    let mut members = Vec::new();
    for typed in typed {
        members.extend(names.decide(cloud, inventory, typed)?);
    }
    let strange = members.iter().filter(|id| is_strange(cloud, reading, &names, id));
    Ok(Meant { strange: strange.cloned().collect(), members, names })
}

fn is_strange(cloud: CloudKind, reading: &Reading, names: &Names, id: &Text) -> bool {
    !looks_like_an_id(cloud, id.raw())
        && !names.knows(id)
        && members_with(&reading.inventory, id).is_empty()
}

impl Meant {
    /// Says what nobody knows, and what the others are called.
    pub(super) fn told_in(self, mut chosen: Chosen, reading: &Reading) -> Chosen {
        if chosen.kind == OperationKind::Revoke {
            let complete = reading.failures.is_empty();
            let doubts = self.strange.iter().filter(|_| complete).map(|typed| {
                format!(
                    "`{typed}` is no member of these images, no alias, and no project that the cloud tells by this name: \
                     nothing is revoked for it"
                )
            });
            chosen.doubts.extend(doubts);
        }
        chosen.projects = self.names;
        chosen
    }
}
