//! Click and wheel. Selecting text stays with the terminal, with Shift.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{browse, by_member, history, keys, show};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::layout::{self, Spot};
use crate::tui::model::cursor::Cursor;
use crate::tui::model::jobs::JobFocus;
use crate::tui::model::{Focus, Model, Overlay, View};

/// Rows a notch of the wheel moves.
const NOTCH: usize = 3;

/// The mouse did something.
pub(super) fn on_mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => click(model, event.column, event.row),
        MouseEventKind::ScrollUp => wheel(model, event, Action::Up),
        MouseEventKind::ScrollDown => wheel(model, event, Action::Down),
        _ => {}
    }
    vec![]
}

fn click(model: &mut Model, x: u16, y: u16) {
    if !matches!(model.overlay, Overlay::None) {
        return click_overlay(model, x, y);
    }
    model.settle();
    match layout::spot(model, x, y) {
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
        Spot::Jobs(pane, row) => choose_job(model, pane, row),
        Spot::Nothing => {}
    }
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
            let images = &mut model.desk.images;
            let at = images.cursor.top + row;
            if at < images.visible.len() {
                images.cursor.go(at, &images.visible);
            }
        }
        Focus::Members => {
            let at = model.desk.members.cursor.top + row;
            if at < model.desk.members.visible.len() {
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

/// A click chooses a cloud; nothing is opened or confirmed by it.
fn click_overlay(model: &mut Model, x: u16, y: u16) {
    let area = layout::overlay(model);
    let Overlay::Picker(picker) = &mut model.overlay else { return };
    let first = area.y + 2;
    if area.contains((x, y).into()) && (first..area.bottom() - 1).contains(&y) {
        let rows = picker.rows();
        picker.cursor.go(picker.cursor.top + usize::from(y - first), &rows);
    }
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
            Spot::Browse(focus, _) => {
                let before = std::mem::replace(&mut model.focus, focus);
                browse::step(model, action);
                model.focus = before;
            }
            Spot::ByMember(focus, _) => {
                let before = std::mem::replace(&mut model.desk.by_member.focus, focus);
                by_member::step(model, action);
                model.desk.by_member.focus = before;
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
