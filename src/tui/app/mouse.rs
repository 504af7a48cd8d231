//! Click, double click and wheel; dragging is in `drag`. Selecting text stays with the terminal, with Shift.

pub(crate) mod drag;
#[cfg(test)]
mod tests;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::input;
use crate::tui::app::update::show;
use crate::tui::keys;
use crate::tui::keys::Action;
use crate::tui::overlays;
use crate::tui::ui::layout;
use crate::tui::ui::layout::Spot;
use crate::tui::views::ViewId;

/// Rows a notch of the wheel moves.
const NOTCH: usize = 3;

/// Milliseconds in which a second click makes a double one.
const DOUBLE: i64 = 400;

/// The mouse did something.
pub(crate) fn on_mouse(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => return click(app, event.column, event.row),
        MouseEventKind::Drag(MouseButton::Left) => {
            drag::to(app, event.column, event.row);
        }
        MouseEventKind::Up(MouseButton::Left) => {
            return drag::release(app);
        }
        MouseEventKind::ScrollUp if sideways(event) => wheel(app, event, Action::Left),
        MouseEventKind::ScrollDown if sideways(event) => wheel(app, event, Action::Right),
        MouseEventKind::ScrollLeft => wheel(app, event, Action::Left),
        MouseEventKind::ScrollRight => wheel(app, event, Action::Right),
        MouseEventKind::ScrollUp => wheel(app, event, Action::Up),
        MouseEventKind::ScrollDown => wheel(app, event, Action::Down),
        _ => {}
    }
    vec![]
}

fn sideways(event: MouseEvent) -> bool {
    event.modifiers.contains(KeyModifiers::SHIFT)
}

/// A click chooses, and nothing is opened or confirmed by it. A second one on the row that the first chose is Enter there,
/// unless that row is not the chosen one any more.
fn click(app: &mut App, x: u16, y: u16) -> Vec<Effect> {
    app.settle();
    let spot = spot(app, x, y);
    let before = app.clicked.take();
    let soon = before.is_some_and(|(at, on)| on == spot && app.now.0 - at.0 <= DOUBLE);
    if soon && is_selected(app, spot) {
        return input::act(app, keys::context(app), Action::Enter);
    }
    app.end_range();
    select_spot(app, spot);
    app.pressed = Some(spot).filter(|_| is_selected(app, spot));
    app.clicked = Some((app.now, spot)).filter(|_| is_selected(app, spot));
    vec![]
}

fn spot(app: &App, x: u16, y: u16) -> Spot {
    let Some(dialog) = &app.overlay else { return layout::spot(app, x, y) };
    let row = dialog.row_at(dialog.area(app.screen()), (x, y).into());
    row.map_or(Spot::Nothing, Spot::Dialog)
}

fn select_spot(app: &mut App, spot: Spot) {
    match spot {
        Spot::Tab(view) => show(app, view),
        Spot::JobsPane => show(app, ViewId::Jobs),
        Spot::View(spot) => app.shown_view().click(app, spot),
        Spot::Dialog(row) => {
            if let Some(dialog) = &mut app.overlay {
                dialog.go(row);
            }
        }
        Spot::Nothing => {}
    }
}

/// Whether the cursor of a list is on the row at this spot. Below the last row it never is.
fn is_selected(app: &App, spot: Spot) -> bool {
    match spot {
        Spot::View(spot) => app.shown_view().is_selected(app, spot),
        Spot::Dialog(row) => app.overlay.as_ref().is_some_and(|dialog| dialog.row() == Some(row)),
        _ => false,
    }
}

fn wheel(app: &mut App, event: MouseEvent, action: Action) {
    if let Some(dialog) = &app.overlay {
        if dialog.scrolls() {
            (0..NOTCH).for_each(|_| drop(overlays::act(app, action)));
        }
        return;
    }
    let Spot::View(over) = layout::spot(app, event.column, event.row) else { return };
    for _ in 0..NOTCH {
        app.shown_view().wheel(app, over, action);
    }
}
