//! Images that others share with the project: whether they are listed, and which are chosen for an answer.

use std::collections::BTreeSet;

use crate::tui::app::App;
use domain::{ImageId, ImageIx, Marks, Member, MemberStatus, Share};

/// The state of the list of received images. Answers are chosen by image: the share is always the project's own.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// They are listed instead of the project's own.
    pub(crate) shown: bool,
    /// They are read together with the project's own.
    pub(crate) read: bool,
    /// Those chosen for an answer.
    pub(crate) chosen: BTreeSet<ImageId>,
}

impl App {
    /// The project's own answer to a received image, as far as it is known.
    pub(crate) fn own_status(&self, ix: ImageIx) -> Option<&MemberStatus> {
        let row = self.workspace.inventory.rows(ix).iter().find(|row| self.is_own(row.member))?;
        Some(self.workspace.inventory.status(row))
    }

    fn is_own(&self, member: domain::MemberIx) -> bool {
        let id = domain::ProjectId(self.workspace.inventory.member(member).id.clone());
        self.scope().is_some_and(|scope| scope.project_id.is(&id))
    }

    /// The project's own shares of received images, named as the cloud names them.
    pub(crate) fn own_shares(&self, images: impl IntoIterator<Item = ImageId>) -> Marks {
        let Some(scope) = self.scope() else { return Marks::default() };
        let share = |image: ImageId| {
            let ix = self.workspace.inventory.find(&image);
            let rows = ix.map(|ix| self.workspace.inventory.rows(ix)).unwrap_or_default();
            let listed = rows.iter().map(|row| row.member).find(|member| self.is_own(*member));
            let member = listed.map(|member| self.workspace.inventory.member(member).clone());
            let member = member.unwrap_or_else(|| Member::project(scope.project_id.0.clone()));
            Share { image, member }
        };
        images.into_iter().map(share).collect()
    }
}
