//! The range of rows in the list with the focus: begun by a key or by dragging, marked as a whole.

use std::ops::RangeInclusive;

use super::by_member::ByMemberFocus;
use super::{Focus, Model, View};

impl Model {
    /// Its rows, in the list with the focus.
    pub(crate) fn range(&self) -> Option<RangeInclusive<usize>> {
        let (desk, by_member) = (&self.desk, &self.desk.by_member);
        match (self.view, self.focus, &self.together, by_member.focus) {
            (View::Images, Focus::Members, ..) => desk.members.cursor.range(&desk.members.visible),
            (View::Images, Focus::Images, Some(it), _) => it.cursor.range(&it.visible),
            (View::Images, Focus::Images, None, _) => {
                desk.images.cursor.range(&desk.images.visible)
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
        let (desk, together) = (&mut self.desk, &mut self.together);
        match (self.view, self.focus, together, desk.by_member.focus) {
            (View::Images, Focus::Members, ..) => {
                desk.members.cursor.begin(&desk.members.visible);
            }
            (View::Images, Focus::Images, Some(it), _) => it.cursor.begin(&it.visible),
            (View::Images, Focus::Images, None, _) => {
                desk.images.cursor.begin(&desk.images.visible);
            }
            (View::Members, .., ByMemberFocus::Members) => {
                desk.by_member.cursor.begin(&desk.by_member.visible);
            }
            (View::Members, .., ByMemberFocus::Images) => {
                let reached = &mut desk.by_member.reached;
                reached.cursor.begin(&reached.visible);
            }
            _ => {}
        }
    }

    /// Ends it, in whatever list it is; false when there was none.
    pub(crate) fn end_range(&mut self) -> bool {
        let desk = &mut self.desk;
        let together = self.together.as_mut().is_some_and(|together| together.cursor.end());
        let ended = [
            desk.images.cursor.end(),
            desk.members.cursor.end(),
            desk.by_member.cursor.end(),
            desk.by_member.reached.cursor.end(),
            together,
        ];
        ended.contains(&true)
    }
}
