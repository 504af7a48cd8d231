//! Dragging: over rows of a list it makes a range that is marked when the button is let go; over cells of the matrix a rectangle
//! that stays for the keys. Outside of the pane every event goes a row on.

use crate::tui::views::FocusedList;
use ratatui::layout::Position;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::input;
use crate::tui::keys;
use crate::tui::keys::Action;
use crate::tui::ui::layout;
use crate::tui::ui::layout::Spot;

/// The mouse was moved with the button down.
pub(crate) fn to(app: &mut App, x: u16, y: u16) {
    if app.overlay.is_some() {
        return;
    }
    app.settle();
    let Some(areas) = layout::areas(app) else { return };
    let (Some(Spot::View(pressed)), view) = (app.pressed, app.shown_view()) else { return };
    match view.focused_list(app, areas.main) {
        Some(list) if view.context(app).has_ranges() => {
            if list.pane == pressed.pane {
                over_rows(app, &list, y);
            }
        }
        _ => view.drag(app, areas.main, Position::new(x, y)),
    }
}

/// The button was let go: a range of more than the row it began at is marked, as by its key.
pub(crate) fn release(app: &mut App) -> Vec<Effect> {
    let pressed = app.pressed.take();
    let context = keys::context(app);
    if !matches!(pressed, Some(Spot::View(_))) || !context.has_ranges() {
        return vec![];
    }
    app.settle();
    let rows = app.range().filter(|rows| rows.end() > rows.start());
    if rows.is_none() {
        app.end_range();
        return vec![];
    }
    input::act(app, context, Action::Mark)
}

fn over_rows(app: &mut App, list: &FocusedList, y: u16) {
    let first = list.area.y + 2;
    let rows = first..first + layout::rows(list.area);
    let to = match () {
        () if y < rows.start => list.at.saturating_sub(1),
        () if y >= rows.end => list.at + 1,
        () => list.top + usize::from(y - rows.start),
    };
    if to == list.at {
        return;
    }
    app.clicked = None;
    let view = app.shown_view();
    if view.range(app).is_none() {
        view.begin_range(app);
    }
    view.go(app, to);
}
