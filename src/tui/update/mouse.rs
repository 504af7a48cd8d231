//! Click, double click and wheel; dragging is in `drag`. Selecting text stays with the terminal, with Shift.

mod drag;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{browse, by_member, history, keys, matrix, show};
use crate::tui::Effect;
use crate::tui::keymap::{self, Action};
use crate::tui::layout::{self, Spot};
use crate::tui::model::by_member::ByMemberFocus;
use crate::tui::model::cursor::Cursor;
use crate::tui::model::jobs::JobFocus;
use crate::tui::model::{Focus, Model, Overlay, View};

/// Rows a notch of the wheel moves.
const NOTCH: usize = 3;

/// Milliseconds in which a second click makes a double one.
const DOUBLE: i64 = 400;

/// The mouse did something.
pub(super) fn on_mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => return click(model, event.column, event.row),
        MouseEventKind::Drag(MouseButton::Left) => drag::to(model, event.column, event.row),
        MouseEventKind::Up(MouseButton::Left) => return drag::release(model),
        MouseEventKind::ScrollUp if sideways(event) => wheel(model, event, Action::Left),
        MouseEventKind::ScrollDown if sideways(event) => wheel(model, event, Action::Right),
        MouseEventKind::ScrollLeft => wheel(model, event, Action::Left),
        MouseEventKind::ScrollRight => wheel(model, event, Action::Right),
        MouseEventKind::ScrollUp => wheel(model, event, Action::Up),
        MouseEventKind::ScrollDown => wheel(model, event, Action::Down),
        _ => {}
    }
    vec![]
}

fn sideways(event: MouseEvent) -> bool {
    event.modifiers.contains(KeyModifiers::SHIFT)
}

/// A click chooses, and nothing is opened or confirmed by it. A second one on the row that the first chose is Enter there,
/// unless that row is not the chosen one any more.
fn click(model: &mut Model, x: u16, y: u16) -> Vec<Effect> {
    model.settle();
    let spot = spot(model, x, y);
    let before = model.clicked.take();
    let soon = before.is_some_and(|(at, on)| on == spot && model.now.0 - at.0 <= DOUBLE);
    if soon && is_chosen(model, spot) {
        return keys::act(model, keymap::context(model), Action::Enter);
    }
    model.end_range();
    choose_spot(model, spot);
    model.pressed = Some(spot).filter(|_| is_chosen(model, spot));
    model.clicked = Some((model.now, spot)).filter(|_| is_chosen(model, spot));
    vec![]
}

fn spot(model: &Model, x: u16, y: u16) -> Spot {
    match &model.overlay {
        Overlay::None => layout::spot(model, x, y),
        Overlay::Picker(picker) => {
            let area = layout::overlay(model);
            let rows = area.y + 2..area.bottom() - 1;
            let row = usize::from(y.saturating_sub(rows.start));
            let hit = area.contains((x, y).into()) && rows.contains(&y);
            let there = hit && picker.cursor.top + row < picker.lines.len();
            if there { Spot::Picker(row) } else { Spot::Nothing }
        }
        _ => Spot::Nothing,
    }
}

fn choose_spot(model: &mut Model, spot: Spot) {
    match spot {
        Spot::Tab(view) => show(model, view),
        Spot::JobsPane => show(model, View::Jobs),
        Spot::Browse(focus, row) => {
            model.focus = focus;
            if let Some(row) = row {
                choose(model, row);
            }
        }
        Spot::ByMember(focus, row) => by_member::choose(model, focus, row),
        Spot::History(focus, row) => {
            model.history.focus = focus;
            let history = &mut model.history;
            if let Some(at) = row.map(|row| history.cursor.top + row)
                && at < history.visible.len()
            {
                history.cursor.go(at, &history.visible);
            }
        }
        Spot::Matrix(row, column) => matrix::choose(model, row, column),
        Spot::Jobs(pane, row) => choose_job(model, pane, row),
        Spot::Picker(row) => {
            if let Overlay::Picker(picker) = &mut model.overlay {
                let rows = picker.rows();
                picker.cursor.go(picker.cursor.top + row, &rows);
            }
        }
        Spot::Nothing => {}
    }
}

/// Whether the cursor of a list is on the row at this spot. Below the last row it never is.
fn is_chosen(model: &Model, spot: Spot) -> bool {
    match spot {
        Spot::Browse(Focus::Images, Some(row)) => match &model.together {
            Some(together) => is_on(&together.cursor, row),
            None => is_on(&model.workspace.images.cursor, row),
        },
        Spot::Browse(Focus::Members, Some(row)) => is_on(&model.workspace.members.cursor, row),
        Spot::ByMember(ByMemberFocus::Members, Some(row)) => {
            is_on(&model.workspace.by_member.cursor, row)
        }
        Spot::ByMember(ByMemberFocus::Images, Some(row)) => {
            is_on(&model.workspace.by_member.reached.cursor, row)
        }
        Spot::History(_, Some(row)) => is_on(&model.history.cursor, row),
        Spot::Matrix(Some(row), Some(column)) => {
            is_on(&model.workspace.matrix.row, row) && is_on(&model.workspace.matrix.column, column)
        }
        Spot::Jobs(0, Some(row)) => is_on(&model.jobs.cursor, row),
        Spot::Jobs(1, Some(row)) => is_on(&model.jobs.request, row),
        Spot::Jobs(_, Some(row)) => is_on(&model.jobs.share, row),
        Spot::Picker(row) => match &model.overlay {
            Overlay::Picker(picker) => is_on(&picker.cursor, row),
            _ => false,
        },
        _ => false,
    }
}

fn is_on<K>(cursor: &Cursor<K>, row: usize) -> bool {
    cursor.at == cursor.top + row
}

fn choose(model: &mut Model, row: usize) {
    match model.focus {
        Focus::Images if let Some(together) = &mut model.together => {
            let at = together.cursor.top + row;
            if at < together.visible.len() {
                together.go(at);
            }
        }
        Focus::Images => {
            let images = &mut model.workspace.images;
            let at = images.cursor.top + row;
            if at < images.visible.len() {
                images.cursor.go(at, &images.visible);
            }
        }
        Focus::Members => {
            let at = model.workspace.members.cursor.top + row;
            if at < model.workspace.members.visible.len() {
                model.go_to_member(at);
            }
        }
    }
}

fn choose_job(model: &mut Model, pane: usize, row: Option<usize>) {
    let jobs = &mut model.jobs;
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

fn wheel(model: &mut Model, event: MouseEvent, action: Action) {
    if !matches!(model.overlay, Overlay::None) {
        for _ in 0..NOTCH {
            keys::scroll(model, action);
        }
        return;
    }
    let over = layout::spot(model, event.column, event.row);
    for _ in 0..NOTCH {
        match over {
            Spot::Matrix(..) => matrix::step(model, action),
            Spot::Browse(focus, _) if matches!(action, Action::Up | Action::Down) => {
                let before = std::mem::replace(&mut model.focus, focus);
                browse::step(model, action);
                model.focus = before;
            }
            Spot::ByMember(focus, _) => {
                let before = std::mem::replace(&mut model.workspace.by_member.focus, focus);
                by_member::step(model, action);
                model.workspace.by_member.focus = before;
            }
            Spot::History(focus, _) => {
                let before = std::mem::replace(&mut model.history.focus, focus);
                history::step(model, action);
                model.history.focus = before;
            }
            Spot::Jobs(..) => {
                keys::scroll_jobs(model, action);
            }
            _ => {}
        }
    }
}
