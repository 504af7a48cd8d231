//! Dragging: over rows of a list it makes a range that is marked when the button is let go; over cells of the matrix a rectangle
//! that stays for the keys. Outside of the pane every event goes a row on.

use ratatui::layout::Rect;

use crate::tui::Effect;
use crate::tui::app::input;
use crate::tui::app::{App, Focus, Overlay, View};
use crate::tui::keys;
use crate::tui::keys::Action;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::layout;
use crate::tui::ui::layout::Spot;
use crate::tui::views::matrix;
use crate::tui::views::members::state::ByMemberFocus;

/// The mouse was moved with the button down.
pub(crate) fn to(app: &mut App, x: u16, y: u16) {
    if !matches!(app.overlay, Overlay::None) {
        return;
    }
    app.settle();
    let Some(areas) = layout::areas(app) else { return };
    match (app.pressed, app.view) {
        (Some(Spot::Browse(focus, _)), View::Images) if focus == app.focus => {
            let pane = if focus == Focus::Images { areas.images } else { areas.members };
            over_rows(app, pane, y);
        }
        (Some(Spot::ByMember(focus, _)), View::Members)
            if focus == app.workspace.by_member.focus =>
        {
            let [members, images] = layout::by_member(areas.main);
            over_rows(app, if focus == ByMemberFocus::Members { members } else { images }, y);
        }
        (Some(Spot::Matrix(..)), View::Matrix) => over_cells(app, areas.main, x, y),
        _ => {}
    }
}

/// The button was let go: a range of more than the row it began at is marked, as by its key.
pub(crate) fn release(app: &mut App) -> Vec<Effect> {
    let pressed = app.pressed.take();
    if !matches!(pressed, Some(Spot::Browse(..) | Spot::ByMember(..))) {
        return vec![];
    }
    app.settle();
    let context = keys::context(app);
    let rows = app.range().filter(|rows| context.has_ranges() && rows.end() > rows.start());
    if rows.is_none() {
        app.end_range();
        return vec![];
    }
    input::act(app, context, Action::Mark)
}

fn over_rows(app: &mut App, pane: Rect, y: u16) {
    let first = pane.y + 2;
    let rows = first..first + layout::rows(pane);
    let (at, top) = place(app);
    let to = match () {
        () if y < rows.start => at.saturating_sub(1),
        () if y >= rows.end => at + 1,
        () => top + usize::from(y - rows.start),
    };
    if to == at {
        return;
    }
    app.clicked = None;
    if app.range().is_none() {
        app.begin_range();
    }
    go(app, to);
}

/// The row of the cursor and the first one in the window, in the list with the focus.
fn place(app: &App) -> (usize, usize) {
    fn of<K>(cursor: &Cursor<K>) -> (usize, usize) {
        (cursor.at, cursor.top)
    }
    let by_member = &app.workspace.by_member;
    match (app.view, &app.together, app.focus, by_member.focus) {
        (View::Members, .., ByMemberFocus::Members) => of(&by_member.cursor),
        (View::Members, .., ByMemberFocus::Images) => of(&by_member.reached.cursor),
        (_, _, Focus::Members, _) => of(&app.workspace.members.cursor),
        (_, Some(together), ..) => of(&together.cursor),
        _ => of(&app.workspace.images.cursor),
    }
}

/// To a row of that list, or to its last.
fn go(app: &mut App, at: usize) {
    let workspace = &mut app.workspace;
    let by_member = &mut workspace.by_member;
    match (app.view, &mut app.together, app.focus, by_member.focus) {
        (View::Members, .., ByMemberFocus::Members) => {
            by_member.cursor.go(at, &by_member.visible);
        }
        (View::Members, .., ByMemberFocus::Images) => {
            by_member.reached.cursor.go(at, &by_member.reached.visible);
        }
        (_, _, Focus::Members, _) => app.go_to_member(at),
        (_, Some(together), ..) => together.go(at),
        _ => workspace.images.cursor.go(at, &workspace.images.visible),
    }
}

fn over_cells(app: &mut App, main: Rect, x: u16, y: u16) {
    let cells =
        crate::tui::views::matrix::layout::matrix(main, app.workspace.matrix.facts.widest).cells;
    let it = &app.workspace.matrix;
    let row = along(&it.row, (cells.top(), cells.bottom()), 1, y);
    let column = along(
        &it.column,
        (cells.left(), cells.right()),
        crate::tui::views::matrix::layout::CELL,
        x,
    );
    if (row, column) != (it.row.at, it.column.at) {
        app.clicked = None;
    }
    matrix::act::stretch(app, row, column);
}

/// The row, or column, at a place of the screen; the next one outside of the window.
fn along<K>(cursor: &Cursor<K>, (from, to): (u16, u16), size: u16, at: u16) -> usize {
    match at {
        at if at < from => cursor.at.saturating_sub(1),
        at if at >= to => cursor.at + 1,
        at => cursor.top + usize::from((at - from) / size),
    }
}
