//! The range of rows in the list with the focus: begun by a key or by dragging, marked as a whole.

use std::ops::RangeInclusive;

use crate::tui::app::{App, Focus, View};
use crate::tui::views::members::state::ByMemberFocus;

impl App {
    /// Its rows, in the list with the focus.
    pub(crate) fn range(&self) -> Option<RangeInclusive<usize>> {
        let (workspace, by_member) = (&self.workspace, &self.workspace.by_member);
        match (self.view, self.focus, &self.together, by_member.focus) {
            (View::Images, Focus::Members, ..) => {
                workspace.members.cursor.range(&workspace.members.visible)
            }
            (View::Images, Focus::Images, Some(it), _) => it.cursor.range(&it.visible),
            (View::Images, Focus::Images, None, _) => {
                workspace.images.cursor.range(&workspace.images.visible)
            }
            (View::Members, .., ByMemberFocus::Members) => {
                by_member.cursor.range(&by_member.visible)
            }
            (View::Members, .., ByMemberFocus::Images) => {
                by_member.reached.cursor.range(&by_member.reached.visible)
            }
            _ => None,
        }
    }

    /// Begins one at the cursor.
    pub(crate) fn begin_range(&mut self) {
        let (workspace, together) = (&mut self.workspace, &mut self.together);
        match (self.view, self.focus, together, workspace.by_member.focus) {
            (View::Images, Focus::Members, ..) => {
                workspace.members.cursor.begin(&workspace.members.visible);
            }
            (View::Images, Focus::Images, Some(it), _) => it.cursor.begin(&it.visible),
            (View::Images, Focus::Images, None, _) => {
                workspace.images.cursor.begin(&workspace.images.visible);
            }
            (View::Members, .., ByMemberFocus::Members) => {
                workspace.by_member.cursor.begin(&workspace.by_member.visible);
            }
            (View::Members, .., ByMemberFocus::Images) => {
                let reached = &mut workspace.by_member.reached;
                reached.cursor.begin(&reached.visible);
            }
            _ => {}
        }
    }

    /// Ends it, in whatever list it is; false when there was none.
    pub(crate) fn end_range(&mut self) -> bool {
        let workspace = &mut self.workspace;
        let together = self.together.as_mut().is_some_and(|together| together.cursor.end());
        let ended = [
            workspace.images.cursor.end(),
            workspace.members.cursor.end(),
            workspace.by_member.cursor.end(),
            workspace.by_member.reached.cursor.end(),
            together,
        ];
        ended.contains(&true)
    }
}
