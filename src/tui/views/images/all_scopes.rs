//! The images of every open scope in one list.
//!
//! Each workspace keeps its own list; filter, order and "only marked" are those of the workspace shown and apply to
//! all of them. The workspace of the row under the cursor is the one shown, so actions on a workspace act on that row.

use std::collections::{HashMap, HashSet};

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::ui::list::List;
use crate::tui::views::ViewId;
use crate::tui::views::images::sort::Sort;
use domain::{ImageIx, Scope};
use engine::SessionId;

/// An image of a scope.
pub(crate) type Spot = (SessionId, ImageIx);

/// The list of all scopes and its cursor.
#[derive(Debug, Default)]
pub(crate) struct AllScopes {
    /// Those that pass the filter, sorted.
    pub(crate) list: List<Spot>,
    /// Sessions in the list, in the order they were opened.
    scopes: Vec<SessionId>,
    /// Whether to sort by scope first.
    pub(crate) by_scope: bool,
    stale: bool,
}

impl AllScopes {
    /// Starts with the cursor on the image that is under it in the workspace's own list.
    pub(crate) fn start_at(&mut self, workspace: &Workspace) {
        if let Some(ix) = workspace.images.list.current() {
            self.list.cursor.go(0, &[(workspace.session, ix)]);
        }
    }

    /// Turns sorting by scope first on or off.
    pub(crate) fn sort_by_scope(&mut self, by_scope: bool) {
        (self.by_scope, self.stale) = (by_scope, true);
    }
}

impl App {
    /// Every workspace with an open session, in the order they were opened.
    pub(crate) fn open_workspaces(&self) -> Vec<&Workspace> {
        let mut workspaces: Vec<&Workspace> =
            self.workspaces().filter(|workspace| workspace.scope().is_some()).collect();
        workspaces.sort_by_key(|workspace| workspace.session);
        workspaces
    }

    /// The shortest labels that distinguish the open scopes: the cloud, and region and project where that is not enough.
    pub(crate) fn short_labels(&self) -> HashMap<SessionId, String> {
        let places = self
            .open_workspaces()
            .into_iter()
            .filter_map(|workspace| Some((workspace.session, workspace.scope()?)));
        let places: Vec<(SessionId, &Scope)> = places.collect();
        let label = |scope: &Scope, level: usize| {
            let project = scope.project_name.as_ref().unwrap_or(&scope.project_id.0).to_string();
            let parts = [Some(scope.cloud.clone()), scope.region.clone(), Some(project)];
            parts.into_iter().take(level).flatten().collect::<Vec<_>>().join(" · ")
        };
        let distinct = |level: &usize| {
            let labels: HashSet<String> =
                places.iter().map(|(_, scope)| label(scope, *level)).collect();
            labels.len() == places.len()
        };
        let level = (1..3).find(distinct).unwrap_or(3);
        places.iter().map(|(session, scope)| (*session, label(scope, level))).collect()
    }

    /// Whether the images of all open scopes are listed.
    pub(crate) fn lists_all_scopes(&self) -> bool {
        self.all_scopes.is_some() && self.view == ViewId::Images
    }

    /// The workspaces whose images are listed.
    pub(crate) fn listed_workspaces(&self) -> Vec<&Workspace> {
        if self.lists_all_scopes() { self.open_workspaces() } else { vec![&self.workspace] }
    }

    /// The sessions of the listed workspaces.
    pub(crate) fn listed_sessions(&self) -> Vec<SessionId> {
        self.listed_workspaces().iter().map(|workspace| workspace.session).collect()
    }

    /// The workspace of a session.
    pub(crate) fn workspace_of(&self, session: SessionId) -> Option<&Workspace> {
        self.workspaces().find(|workspace| workspace.session == session)
    }

    /// Shows another open workspace and moves the current one to the background. A filter being typed goes along.
    pub(crate) fn show_in_place(&mut self, session: SessionId) {
        let Some(at) = self.background.iter().position(|workspace| workspace.session == session)
        else {
            return;
        };
        std::mem::swap(&mut self.workspace, &mut self.background[at]);
        self.workspace.images.filter.type_on(&mut self.background[at].images.filter);
    }

    /// Moves the cursor of the list of all scopes to the image under the cursor of the workspace shown.
    pub(crate) fn all_scopes_at_workspace(&mut self) {
        let Self { all_scopes: Some(all_scopes), workspace, .. } = self else { return };
        if let Some(ix) = workspace.images.list.current() {
            all_scopes.list.go_to((workspace.session, ix));
        }
    }

    /// Updates the list of all scopes, and shows the workspace of the row under the cursor.
    pub(crate) fn settle_all_scopes(&mut self, height: usize) {
        let Some(mut all_scopes) = self.all_scopes.take() else { return };
        self.follow_the_shown();
        let mut stale = std::mem::take(&mut all_scopes.stale);
        for workspace in std::iter::once(&mut self.workspace).chain(&mut self.background) {
            stale |= workspace.settle_images(&self.names, height);
        }
        let scopes: Vec<SessionId> =
            self.open_workspaces().iter().map(|workspace| workspace.session).collect();
        if stale || scopes != all_scopes.scopes {
            all_scopes.list.set(self.merged(all_scopes.by_scope));
            all_scopes.scopes = scopes;
        }
        all_scopes.list.fit(height);
        // The subject of a dialog stays in place.
        let covered = self.overlay.is_some();
        let under = all_scopes.list.current().filter(|_| !covered);
        if let Some((session, ix)) = under {
            self.show_in_place(session);
            self.workspace.go_to_image(ix);
        }
        self.all_scopes = Some(all_scopes);
    }

    /// Copies filter and order from the workspace shown, where they are changed, to the others.
    fn follow_the_shown(&mut self) {
        let Self { workspace, background, .. } = self;
        for other in background {
            other.images.list_as(&workspace.images);
        }
    }

    fn merged(&self, by_scope: bool) -> Vec<Spot> {
        let mut rows: Vec<(usize, i64, &str, Spot)> = Vec::new();
        for (at, workspace) in self.open_workspaces().into_iter().enumerate() {
            let scope = if by_scope { at } else { 0 };
            rows.extend(workspace.images.list.rows.iter().map(|ix| {
                let (weight, name) = workspace.rank(*ix);
                (scope, weight, name, (workspace.session, *ix))
            }));
        }
        let Images { sort, reversed } = Images::of(&self.workspace);
        rows.sort_by(|a, b| {
            let names = a.2.cmp(b.2);
            let names = if reversed && sort == Sort::Name { names.reverse() } else { names };
            a.0.cmp(&b.0).then(a.1.cmp(&b.1)).then(names).then(a.3.cmp(&b.3))
        });
        rows.into_iter().map(|(.., spot)| spot).collect()
    }
}

/// The sort order of the lists.
struct Images {
    sort: Sort,
    reversed: bool,
}

impl Images {
    fn of(workspace: &Workspace) -> Self {
        Self { sort: workspace.images.sort, reversed: workspace.images.reversed }
    }
}
