//! The shares in view, as they are filtered and sorted, and what is not known of them.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::report::access::Order;
use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::ui::filter::{Filter, Scratch};
use crate::tui::views::ViewId;
use crate::tui::views::images::state::Ownership;
use domain::{Image, ImageIx, MemberIx, MemberList};
use engine::SessionId;

/// The shares in view, by positions.
pub(crate) struct InView {
    pub(crate) order: Order,
    pub(crate) scopes: Vec<SessionId>,
    /// The scope by its place, the image and the member, as they are sorted.
    pub(crate) shares: Vec<(usize, ImageIx, MemberIx)>,
    /// Images whose members are not known, by scope.
    pub(crate) unknown: Vec<Vec<ImageIx>>,
}

impl InView {
    /// How many images they are of.
    pub(crate) fn images(&self) -> usize {
        let mut images: Vec<_> = self.shares.iter().map(|(at, ix, _)| (*at, *ix)).collect();
        images.sort_unstable();
        images.dedup();
        images.len()
    }

    /// Of how many images the members are not known.
    pub(crate) fn unknown(&self) -> usize {
        self.unknown.iter().map(Vec::len).sum()
    }
}

impl Workspace {
    /// Images that a filter lets through as far as that is known, and whose members are not known.
    fn unknown_images(&self, passes: impl Fn(&Image) -> bool, received: bool) -> Vec<ImageIx> {
        let side = Ownership { received, ..self.own_images() };
        let is_unknown =
            |ix| matches!(self.inventory.list(ix), MemberList::Unread | MemberList::Failed(_));
        let images = self.inventory.images().filter(|(ix, image)| {
            is_unknown(*ix) && side.is_received(image) == received && passes(image)
        });
        images.map(|(ix, _)| ix).collect()
    }

    fn unknown_in(&self, filter: &Filter, only_marked: bool, received: bool) -> Vec<ImageIx> {
        let scratch = RefCell::new(Scratch::default());
        let passes = |image: &Image| {
            filter.image(image, &mut scratch.borrow_mut())
                && (!only_marked || self.marks.count_of(&image.id) > 0)
        };
        self.unknown_images(passes, received)
    }

    /// Why the list of images is incomplete.
    pub(crate) fn list_error(&self) -> Option<String> {
        self.incomplete.then(|| {
            "the list of images could not be read to its end: there may be more".to_owned()
        })
    }
}

impl App {
    /// The shares of the list that is shown; as of the last settling.
    pub(crate) fn in_view(&self) -> InView {
        match self.view {
            ViewId::Members => self.members_in_view(),
            ViewId::Matrix => self.cells_in_view(),
            _ => self.images_in_view(),
        }
    }

    fn images_in_view(&self) -> InView {
        let workspaces: Vec<&Workspace> = self
            .listed_workspaces()
            .into_iter()
            .filter(|workspace| workspace.scope().is_some())
            .collect();
        let mut shares = Vec::new();
        let mut add = |at: usize, ix: ImageIx| {
            let rows = workspaces[at].inventory.rows(ix);
            let of_image = workspaces[at].rows_in_view(ix).into_iter();
            shares.extend(of_image.map(|row| (at, ix, rows[row].member)));
        };
        match &self.all_scopes {
            Some(all_scopes) => {
                for (session, ix) in &all_scopes.list.rows {
                    if let Some(at) =
                        workspaces.iter().position(|workspace| workspace.session == *session)
                    {
                        add(at, *ix);
                    }
                }
            }
            None => self.workspace.images.list.rows.iter().for_each(|ix| add(0, *ix)),
        }
        let images = &self.workspace.images;
        let unknown = |workspace: &&Workspace| {
            let received = workspace.received.shown;
            workspace.unknown_in(images.filter.parsed(), images.only_marked, received)
        };
        InView {
            order: Order::Image,
            shares,
            unknown: workspaces.iter().map(unknown).collect(),
            scopes: workspaces.iter().map(|workspace| workspace.session).collect(),
        }
    }

    fn members_in_view(&self) -> InView {
        let workspace = &self.workspace;
        let mut shares = Vec::new();
        for member in &workspace.member_table.list.rows {
            let mut images = self.reached_in_view(*member);
            images.sort_by(|a, b| {
                workspace.images.folded(*a).cmp(workspace.images.folded(*b)).then(a.cmp(b))
            });
            shares.extend(images.into_iter().map(|ix| (0, ix, *member)));
        }
        InView {
            order: Order::Member,
            scopes: vec![workspace.session],
            shares,
            unknown: vec![workspace.unknown_images(|_| true, false)],
        }
    }

    fn cells_in_view(&self) -> InView {
        let Workspace { matrix, inventory, session, .. } = &self.workspace;
        let places: HashMap<MemberIx, usize> =
            matrix.columns.iter().enumerate().map(|(at, ix)| (*ix, at)).collect();
        let mut shares = Vec::new();
        for ix in &matrix.rows {
            let rows = inventory.rows(*ix).iter();
            let rows = rows.filter(|row| self.workspace.shows_in_matrix(*ix, row));
            let mut members: Vec<MemberIx> = rows.map(|row| row.member).collect();
            members.sort_by_key(|member| places.get(member).copied());
            shares.extend(members.into_iter().map(|member| (0, *ix, member)));
        }
        let filter = matrix.filter.parsed();
        InView {
            order: Order::Image,
            scopes: vec![*session],
            shares,
            unknown: vec![self.workspace.unknown_in(filter, matrix.only_marked, false)],
        }
    }
}
