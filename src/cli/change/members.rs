//! Which members are meant by what was typed for projects. A wrong member would lose its access, so any doubt is an
//! error.

use super::resolved::Resolved;
use crate::cli::exit::Stop;
use crate::cli::names::Names;
use crate::cli::reading::Reading;
use crate::cli::session::Session;
use domain::{CloudKind, Failure, ImageIx, Inventory, MemberList, OperationKind, Text};

/// The members that were typed.
pub(super) struct Members {
    /// Their ids.
    pub(super) ids: Vec<Text>,
    cloud: CloudKind,
    names: Names,
}

/// Looks names up while the images are read, if they may be needed or shown.
pub(super) fn look_up(session: &mut Session, names: &Names, typed: &[String], shown: bool) {
    let nothing = Inventory::default();
    let cloud = session.scope().kind;
    let open = |typed: &String| names.needs_look_up(cloud, &nothing, typed);
    if shown || typed.iter().any(open) {
        session.look_up_names();
    }
}

/// Resolves what was typed, with the names that are being looked up: waits for them where something depends on them, and for a moment
/// if they are shown.
pub(super) async fn find(
    session: &mut Session,
    names: &Names,
    reading: &Reading,
    typed: &[String],
    shown: bool,
) -> Result<Members, Stop> {
    let cloud = session.scope().kind;
    let mut names = names.clone();
    let open = typed.iter().any(|typed| names.needs_look_up(cloud, &reading.inventory, typed));
    if open || shown {
        names.learn(session.names(open).await);
    }
    let inventory = &reading.inventory;
    let mut members = Vec::new();
    for typed in typed {
        members.extend(names.resolve(cloud, inventory, typed)?);
    }
    Ok(Members { ids: members, cloud, names })
}

impl Members {
    /// Refuses to revoke from something that is not known, as a typo would read "has no access". Where the members of
    /// an image could not be read it may be one of them, and the engine finds out.
    pub(super) fn check(
        &self,
        kind: OperationKind,
        reading: &Reading,
        images: &[ImageIx],
    ) -> Result<(), Failure> {
        let inventory = &reading.inventory;
        let is_read = |ix: &ImageIx| {
            matches!(inventory.list(*ix), MemberList::Read(_) | MemberList::DoNotApply)
        };
        if kind != OperationKind::Revoke || !images.iter().all(is_read) {
            return Ok(());
        }
        let unknown = |id: &&Text| !self.names.is_known(self.cloud, inventory, id.raw());
        match self.ids.iter().find(unknown) {
            Some(id) => Err(Names::unknown_member(id.raw(), [(&self.names, inventory)])),
            None => Ok(()),
        }
    }

    /// Shows what the members are called.
    pub(super) fn named_in(self, mut resolved: Resolved) -> Resolved {
        resolved.projects = self.names;
        resolved
    }
}
