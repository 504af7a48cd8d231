//! Texts to read, over the views: help, log, one request in full; and the question before quitting.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::Operation;
use crate::domain::operation::{RequestRecord, RequestState, Stage};
use crate::engine::SessionId;
use crate::tui::app::log::Level;
use crate::tui::app::{App, Overlay};
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::{help, request};
use crate::tui::ui::layout;
use crate::tui::ui::{table, text};

/// A line of a page.
pub(crate) type Line = (String, Style);

/// Paints the page from a line on.
pub(crate) fn paint(app: &App, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let inner = table::dialog(buffer, area, &title(app), app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = lines(app, width(app, inner.width));
    let end = (scroll + usize::from(inner.height)).min(lines.len());
    let window = scroll.min(end)..end;
    for ((line, style), y) in lines[window.clone()].iter().zip(inner.top()..) {
        buffer.set_stringn(inner.x, y, line, usize::from(inner.width), *style);
    }
    table::thumb(buffer, area, &window, lines.len());
}

/// Lines of the page, and how many are in its window.
pub(crate) fn size(app: &App) -> (usize, usize) {
    let inner = layout::inner(layout::overlay(app));
    (lines(app, width(app, inner.width.saturating_sub(2))).len(), usize::from(inner.height))
}

/// Lines that are read one after the other are not broken.
pub(crate) fn width(app: &App, columns: u16) -> usize {
    if app.listener.listens() { usize::MAX / 4 } else { usize::from(columns) }
}

/// What the text is.
pub(crate) fn title(app: &App) -> String {
    match &app.overlay {
        Overlay::Help(page) => help::paint::title(page),
        Overlay::Log { .. } => "Log ─ newest first".into(),
        Overlay::Request { operation, request, .. } => {
            let id = app.jobs.operations.get(*operation).map(|o| o.id.to_string());
            format!("Operation {} ─ request {}", id.unwrap_or_default(), request + 1)
        }
        _ => String::new(),
    }
}

/// The text.
pub(crate) fn lines(app: &App, width: usize) -> Vec<Line> {
    match &app.overlay {
        Overlay::Help(page) => help::paint::lines(app, page, width),
        Overlay::Log { .. } => log(app, width),
        Overlay::Request { operation, request, .. } => {
            request::lines(app, *operation, *request, width)
        }
        _ => Vec::new(),
    }
}

fn log(app: &App, width: usize) -> Vec<Line> {
    let theme = app.theme;
    let mut out = Vec::new();
    for entry in app.log.entries() {
        let style = match entry.level {
            Level::Info | Level::Done => theme.text(),
            Level::Warning => theme.warn(),
            Level::Error => theme.bad(),
        };
        let sign = if app.listener.listens() {
            entry.level.word().to_owned()
        } else {
            format!("{} ", entry.level.sign())
        };
        let times =
            if entry.times > 1 { format!(" ({} times)", entry.times) } else { String::new() };
        let text = format!("{} {sign}{}{times}", app.clock(entry.at), entry.text);
        out.extend(text::wrap(&text, width).into_iter().map(|line| (line, style)));
    }
    if out.is_empty() {
        out.push(("Nothing has been said yet.".into(), theme.dim()));
    }
    out
}

/// What a request that was not taken says.
pub(crate) fn error(state: &RequestState) -> Option<String> {
    match state {
        RequestState::Refused { error } => Some(format!("refused: {error}")),
        RequestState::Lost { error } => {
            Some(format!("the answer was lost, it is not sent again: {error}"))
        }
        RequestState::Stopped => Some("not sent: stopped by you".into()),
        RequestState::Needless => Some("the cloud says there was nothing to do".into()),
        _ => None,
    }
}

/// What goes on and what stops when one quits now.
pub(crate) fn quit(app: &App, area: Rect, buffer: &mut Buffer) {
    question(app, "Quit?", at_stake(app), (Context::Quit, "quits"), area, buffer);
}

/// What is lost and what goes on when a scope is closed now.
pub(crate) fn close(app: &App, session: SessionId, area: Rect, buffer: &mut Buffer) {
    let (title, text) = lost_by_closing(app, session);
    question(app, &title, text, (Context::Close, "closes it"), area, buffer);
}

fn question(
    app: &App,
    title: &str,
    mut text: Vec<String>,
    (context, does): (Context, &str),
    area: Rect,
    buffer: &mut Buffer,
) {
    let inner = table::dialog(buffer, area, title, app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let key = |action| {
        let mut rows = app.keys.iter().filter(|row| row.contexts.contains(&context));
        let row = rows.find(|row| row.action == action && !row.keys.is_empty());
        row.and_then(|row| row.keys.first())
            .copied()
            .map(keys::written::written)
            .unwrap_or_default()
    };
    text.push(format!("{} {does} · {} stays", key(Action::Enter), key(Action::Back)));
    let width = usize::from(inner.width);
    let lines: Vec<String> = text.iter().flat_map(|text| text::wrap(text, width)).collect();
    table::lines(buffer, inner, &lines, app.theme.text());
}

/// The question before a scope is closed, and what there is to lose, in sentences.
pub(crate) fn lost_by_closing(app: &App, session: SessionId) -> (String, Vec<String>) {
    let Some(workspace) = app.workspace_of(session) else { return (String::new(), Vec::new()) };
    let mut text = Vec::new();
    let marks = text::counted(workspace.marks.len(), "mark");
    let images = text::counted(workspace.marks.images().len(), "image");
    match workspace.marks.len() {
        0 => {}
        1 => text.push(format!("{marks} on {images} is lost.")),
        _ => text.push(format!("{marks} on {images} are lost.")),
    }
    match workspace.received.chosen.len() {
        0 => {}
        chosen => text
            .push(format!("The selection of {} is lost.", text::counted(chosen, "received image"))),
    }
    match app.running_at(workspace).count() {
        0 => {}
        1 => {
            text.push("1 operation is still running. It goes on, and its end is announced.".into());
        }
        many => text.push(format!(
            "{} are still running. They go on, and their ends are announced.",
            text::counted(many, "operation")
        )),
    }
    (format!("Close {}?", workspace.label()), text)
}

/// The same in sentences.
pub(crate) fn at_stake(app: &App) -> Vec<String> {
    let unsent: usize = app.jobs.open().map(unsent).sum();
    let running = app.jobs.open().count();
    let mut text = vec![
        format!("{} still running.", if running == 1 { "1 operation is".into() } else { format!("{running} operations are") }),
        "What was sent goes on in the cloud. It is not followed or verified any more: who still has access is known only after reading the members again.".into(),
    ];
    if unsent > 0 {
        text.push(format!("{} not sent yet will not be sent.", text::counted(unsent, "request")));
    }
    text
}

fn unsent(operation: &Operation) -> usize {
    let planned = |r: &&RequestRecord| r.state == RequestState::Planned;
    match operation.stage {
        Stage::Checking => 1,
        _ => operation.requests.iter().filter(planned).count(),
    }
}
