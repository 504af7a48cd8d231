//! Click, double click and wheel; dragging is in `drag`. Selecting text stays with the terminal, with Shift.

pub(crate) mod drag;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::tui::Effect;
use crate::tui::app::input;
use crate::tui::app::update::show;
use crate::tui::app::{App, Focus, Overlay, View};
use crate::tui::keys;
use crate::tui::keys::Action;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::layout;
use crate::tui::ui::layout::Spot;
use crate::tui::views::jobs::state::JobFocus;
use crate::tui::views::members::state::ByMemberFocus;
use crate::tui::views::{history, images, matrix, members};

/// Rows a notch of the wheel moves.
const NOTCH: usize = 3;

/// Milliseconds in which a second click makes a double one.
const DOUBLE: i64 = 400;

/// The mouse did something.
pub(crate) fn on_mouse(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => return click(app, event.column, event.row),
        MouseEventKind::Drag(MouseButton::Left) => {
            crate::tui::app::mouse::drag::to(app, event.column, event.row)
        }
        MouseEventKind::Up(MouseButton::Left) => {
            return crate::tui::app::mouse::drag::release(app);
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
    if soon && is_chosen(app, spot) {
        return input::act(app, keys::context(app), Action::Enter);
    }
    app.end_range();
    choose_spot(app, spot);
    app.pressed = Some(spot).filter(|_| is_chosen(app, spot));
    app.clicked = Some((app.now, spot)).filter(|_| is_chosen(app, spot));
    vec![]
}

fn spot(app: &App, x: u16, y: u16) -> Spot {
    match &app.overlay {
        Overlay::None => layout::spot(app, x, y),
        Overlay::Picker(picker) => {
            let area = layout::overlay(app);
            let rows = area.y + 2..area.bottom() - 1;
            let row = usize::from(y.saturating_sub(rows.start));
            let hit = area.contains((x, y).into()) && rows.contains(&y);
            let there = hit && picker.cursor.top + row < picker.lines.len();
            if there { Spot::Picker(row) } else { Spot::Nothing }
        }
        _ => Spot::Nothing,
    }
}

fn choose_spot(app: &mut App, spot: Spot) {
    match spot {
        Spot::Tab(view) => show(app, view),
        Spot::JobsPane => show(app, View::Jobs),
        Spot::Browse(focus, row) => {
            app.focus = focus;
            if let Some(row) = row {
                choose(app, row);
            }
        }
        Spot::ByMember(focus, row) => members::act::choose(app, focus, row),
        Spot::History(focus, row) => {
            app.history.focus = focus;
            let history = &mut app.history;
            if let Some(at) = row.map(|row| history.cursor.top + row)
                && at < history.visible.len()
            {
                history.cursor.go(at, &history.visible);
            }
        }
        Spot::Matrix(row, column) => matrix::act::choose(app, row, column),
        Spot::Jobs(pane, row) => choose_job(app, pane, row),
        Spot::Picker(row) => {
            if let Overlay::Picker(picker) = &mut app.overlay {
                let rows = picker.rows();
                picker.cursor.go(picker.cursor.top + row, &rows);
            }
        }
        Spot::Nothing => {}
    }
}

/// Whether the cursor of a list is on the row at this spot. Below the last row it never is.
fn is_chosen(app: &App, spot: Spot) -> bool {
    match spot {
        Spot::Browse(Focus::Images, Some(row)) => match &app.together {
            Some(together) => is_on(&together.cursor, row),
            None => is_on(&app.workspace.images.cursor, row),
        },
        Spot::Browse(Focus::Members, Some(row)) => is_on(&app.workspace.members.cursor, row),
        Spot::ByMember(ByMemberFocus::Members, Some(row)) => {
            is_on(&app.workspace.by_member.cursor, row)
        }
        Spot::ByMember(ByMemberFocus::Images, Some(row)) => {
            is_on(&app.workspace.by_member.reached.cursor, row)
        }
        Spot::History(_, Some(row)) => is_on(&app.history.cursor, row),
        Spot::Matrix(Some(row), Some(column)) => {
            is_on(&app.workspace.matrix.row, row) && is_on(&app.workspace.matrix.column, column)
        }
        Spot::Jobs(0, Some(row)) => is_on(&app.jobs.cursor, row),
        Spot::Jobs(1, Some(row)) => is_on(&app.jobs.request, row),
        Spot::Jobs(_, Some(row)) => is_on(&app.jobs.share, row),
        Spot::Picker(row) => match &app.overlay {
            Overlay::Picker(picker) => is_on(&picker.cursor, row),
            _ => false,
        },
        _ => false,
    }
}

fn is_on<K>(cursor: &Cursor<K>, row: usize) -> bool {
    cursor.at == cursor.top + row
}

fn choose(app: &mut App, row: usize) {
    match app.focus {
        Focus::Images if let Some(together) = &mut app.together => {
            let at = together.cursor.top + row;
            if at < together.visible.len() {
                together.go(at);
            }
        }
        Focus::Images => {
            let images = &mut app.workspace.images;
            let at = images.cursor.top + row;
            if at < images.visible.len() {
                images.cursor.go(at, &images.visible);
            }
        }
        Focus::Members => {
            let at = app.workspace.members.cursor.top + row;
            if at < app.workspace.members.visible.len() {
                app.go_to_member(at);
            }
        }
    }
}

fn choose_job(app: &mut App, pane: usize, row: Option<usize>) {
    let jobs = &mut app.jobs;
    jobs.focus = [JobFocus::Operations, JobFocus::Requests, JobFocus::Shares][pane.min(2)];
    let Some(row) = row else { return };
    match jobs.focus {
        JobFocus::Operations => {
            jobs.cursor.go(jobs.cursor.top + row, &jobs.listed);
            jobs.request = Cursor::default();
        }
        JobFocus::Requests => jobs.request.go(jobs.request.top + row, &jobs.requests),
        JobFocus::Shares => jobs.share.at = jobs.share.top + row,
    }
    jobs.changed();
}

fn wheel(app: &mut App, event: MouseEvent, action: Action) {
    if !matches!(app.overlay, Overlay::None) {
        for _ in 0..NOTCH {
            input::scroll(app, action);
        }
        return;
    }
    let over = layout::spot(app, event.column, event.row);
    for _ in 0..NOTCH {
        match over {
            Spot::Matrix(..) => matrix::act::step(app, action),
            Spot::Browse(focus, _) if matches!(action, Action::Up | Action::Down) => {
                let before = std::mem::replace(&mut app.focus, focus);
                images::act::step(app, action);
                app.focus = before;
            }
            Spot::ByMember(focus, _) => {
                let before = std::mem::replace(&mut app.workspace.by_member.focus, focus);
                members::act::step(app, action);
                app.workspace.by_member.focus = before;
            }
            Spot::History(focus, _) => {
                let before = std::mem::replace(&mut app.history.focus, focus);
                history::act::step(app, action);
                app.history.focus = before;
            }
            Spot::Jobs(..) => {
                input::scroll_jobs(app, action);
            }
            _ => {}
        }
    }
}
