//! Whose members are wanted first: those of what is on the screen.

use std::collections::HashMap;

use crate::tui::Effect;
use crate::tui::app::workspace::Workspace;
use crate::tui::app::{App, Phase};
use crate::tui::views::ViewId;
use domain::{ImageIx, MemberList};
use engine::{Command, SessionId};

impl App {
    /// Asks for the members of what came into view, unless that was the last thing asked.
    pub(crate) fn prioritize_visible(&mut self) -> Vec<Effect> {
        let Some(all_scopes) = self.all_scopes.as_ref().filter(|_| self.lists_all_scopes()) else {
            return self.workspace.prioritize_visible(None, self.view).into_iter().collect();
        };
        let window = all_scopes.list.window();
        let mut in_view: HashMap<SessionId, Vec<ImageIx>> = HashMap::new();
        for (session, ix) in &all_scopes.list.rows[window] {
            in_view.entry(*session).or_default().push(*ix);
        }
        let workspaces = std::iter::once(&mut self.workspace).chain(&mut self.background);
        let in_view =
            |workspace: &Workspace| in_view.get(&workspace.session).cloned().unwrap_or_default();
        workspaces
            .filter_map(|workspace| {
                workspace.prioritize_visible(Some(in_view(workspace)), ViewId::Images)
            })
            .collect()
    }
}

impl Workspace {
    /// Asks for the members of these images, else of those in the window; the one under the cursor first.
    fn prioritize_visible(&mut self, these: Option<Vec<ImageIx>>, view: ViewId) -> Option<Effect> {
        let Phase::Open(_) = self.phase else { return None };
        let (visible, cursor) = match view {
            ViewId::Matrix => (&self.matrix.rows, &self.matrix.row),
            _ => (&self.images.list.rows, &self.images.list.cursor),
        };
        let under = cursor.current(visible);
        let window = || visible[cursor.window(visible.len())].to_vec();
        let window = these.unwrap_or_else(window).into_iter();
        let wanted = under.into_iter().chain(window.filter(|ix| Some(*ix) != under));
        let wanted: Vec<ImageIx> = wanted.filter(|ix| self.is_wanted(*ix)).collect();
        if wanted.is_empty() || wanted == self.images.asked {
            return None;
        }
        let images = wanted.iter().map(|ix| self.inventory.image(*ix).id.clone()).collect();
        self.images.asked = wanted;
        Some(Effect::Ask(Command::Prioritize { session: self.session, images }))
    }

    fn is_wanted(&self, ix: ImageIx) -> bool {
        let read_in = self.images.read_in.get(ix.0 as usize);
        let old = self.reading.is_some() && read_in != Some(&self.images.epoch);
        old || *self.inventory.list(ix) == MemberList::Unread
    }
}
