//! Dragging: over rows of a list it makes a range that is marked when the button is let go; over cells of the matrix a rectangle
//! that stays for the keys. Outside of the pane every event goes a row on.

use ratatui::layout::Rect;

use super::super::{keys, matrix};
use crate::tui::Effect;
use crate::tui::keymap::{self, Action};
use crate::tui::layout::{self, Spot};
use crate::tui::model::by_member::ByMemberFocus;
use crate::tui::model::cursor::Cursor;
use crate::tui::model::{Focus, Model, Overlay, View};

/// The mouse was moved with the button down.
pub(super) fn to(model: &mut Model, x: u16, y: u16) {
    if !matches!(model.overlay, Overlay::None) {
        return;
    }
    model.settle();
    let Some(areas) = layout::areas(model) else { return };
    match (model.pressed, model.view) {
        (Some(Spot::Browse(focus, _)), View::Images) if focus == model.focus => {
            let pane = if focus == Focus::Images { areas.images } else { areas.members };
            over_rows(model, pane, y);
        }
        (Some(Spot::ByMember(focus, _)), View::Members)
            if focus == model.workspace.by_member.focus =>
        {
            let [members, images] = layout::by_member(areas.main);
            over_rows(model, if focus == ByMemberFocus::Members { members } else { images }, y);
        }
        (Some(Spot::Matrix(..)), View::Matrix) => over_cells(model, areas.main, x, y),
        _ => {}
    }
}

/// The button was let go: a range of more than the row it began at is marked, as by its key.
pub(super) fn release(model: &mut Model) -> Vec<Effect> {
    let pressed = model.pressed.take();
    if !matches!(pressed, Some(Spot::Browse(..) | Spot::ByMember(..))) {
        return vec![];
    }
    model.settle();
    let context = keymap::context(model);
    let rows = model.range().filter(|rows| context.has_ranges() && rows.end() > rows.start());
    if rows.is_none() {
        model.end_range();
        return vec![];
    }
    keys::act(model, context, Action::Mark)
}

fn over_rows(model: &mut Model, pane: Rect, y: u16) {
    let first = pane.y + 2;
    let rows = first..first + layout::rows(pane);
    let (at, top) = place(model);
    let to = match () {
        () if y < rows.start => at.saturating_sub(1),
        () if y >= rows.end => at + 1,
        () => top + usize::from(y - rows.start),
    };
    if to == at {
        return;
    }
    model.clicked = None;
    if model.range().is_none() {
        model.begin_range();
    }
    go(model, to);
}

/// The row of the cursor and the first one in the window, in the list with the focus.
fn place(model: &Model) -> (usize, usize) {
    fn of<K>(cursor: &Cursor<K>) -> (usize, usize) {
        (cursor.at, cursor.top)
    }
    let by_member = &model.workspace.by_member;
    match (model.view, &model.together, model.focus, by_member.focus) {
        (View::Members, .., ByMemberFocus::Members) => of(&by_member.cursor),
        (View::Members, .., ByMemberFocus::Images) => of(&by_member.reached.cursor),
        (_, _, Focus::Members, _) => of(&model.workspace.members.cursor),
        (_, Some(together), ..) => of(&together.cursor),
        _ => of(&model.workspace.images.cursor),
    }
}

/// To a row of that list, or to its last.
fn go(model: &mut Model, at: usize) {
    let workspace = &mut model.workspace;
    let by_member = &mut workspace.by_member;
    match (model.view, &mut model.together, model.focus, by_member.focus) {
        (View::Members, .., ByMemberFocus::Members) => {
            by_member.cursor.go(at, &by_member.visible);
        }
        (View::Members, .., ByMemberFocus::Images) => {
            by_member.reached.cursor.go(at, &by_member.reached.visible);
        }
        (_, _, Focus::Members, _) => model.go_to_member(at),
        (_, Some(together), ..) => together.go(at),
        _ => workspace.images.cursor.go(at, &workspace.images.visible),
    }
}

fn over_cells(model: &mut Model, main: Rect, x: u16, y: u16) {
    let cells = layout::matrix(main, model.workspace.matrix.facts.widest).cells;
    let it = &model.workspace.matrix;
    let row = along(&it.row, (cells.top(), cells.bottom()), 1, y);
    let column = along(&it.column, (cells.left(), cells.right()), layout::CELL, x);
    if (row, column) != (it.row.at, it.column.at) {
        model.clicked = None;
    }
    matrix::stretch(model, row, column);
}

/// The row, or column, at a place of the screen; the next one outside of the window.
fn along<K>(cursor: &Cursor<K>, (from, to): (u16, u16), size: u16, at: u16) -> usize {
    match at {
        at if at < from => cursor.at.saturating_sub(1),
        at if at >= to => cursor.at + 1,
        at => cursor.top + usize::from((at - from) / size),
    }
}
