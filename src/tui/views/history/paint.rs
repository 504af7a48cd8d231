//! The History view: operations, and the receipt of the one under the cursor.

use crate::tui::views::history::panes;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::keys::Action;
use crate::tui::ui;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::views::history::receipt;
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::jobs;
use crate::tui::views::jobs::state::Health;
use domain::operation::Stage;
use domain::{Moment, Outcome};
use engine::Summary;

/// From this width on the cloud has a column.
const WIDE: u16 = 76;

/// Paints the panes of the view.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let [list, beside] = panes(area, app.history.list.rows.len());
    operations(app, list, buffer);
    details(app, beside, buffer);
}

fn operations(app: &App, area: Rect, buffer: &mut Buffer) {
    let history = &app.history;
    let focused = history.focus == HistoryFocus::Operations;
    let inner = table::pane(buffer, area, &title(app), focused, app.theme);
    let columns = columns(area.width);
    let table = Table::new(buffer, inner, &columns, app.theme);
    let window = history.list.window();
    for (at, entry) in history.list.rows[window.clone()].iter().enumerate() {
        let under = match (window.start + at == history.list.cursor.at, focused) {
            (false, _) => Under::Not,
            (true, true) => Under::Cursor,
            (true, false) => Under::FadedCursor,
        };
        table.row(buffer, at, &row(app, &history.entries[*entry].summary, area.width), under);
    }
    table::thumb(buffer, area, &window, history.list.rows.len());
    if let Some((text, style)) = nothing(app) {
        table.say(buffer, &text, style);
    }
}

fn title(app: &App) -> String {
    let history = &app.history;
    let (listed, all) = (history.list.rows.len(), history.entries.len());
    let more = if history.complete { "" } else { "+" };
    let count = if listed < all {
        format!("{} of {}{more}", ui::text::count(listed), ui::text::count(all))
    } else {
        format!("{}{more}", ui::text::count(all))
    };
    match history.filter.label() {
        None => format!("History ─ {count}"),
        Some(filter) => format!("History ─ {count} ─ {filter}"),
    }
}

/// The text shown instead of an empty list.
pub(crate) fn nothing(app: &App) -> Option<(String, Style)> {
    let (history, theme) = (&app.history, app.theme);
    if let Some(failure) = &history.failure {
        let text = format!("{failure}. {} tries again.", app.keys.spoken(Action::Refresh));
        return history.list.rows.is_empty().then_some((text, theme.bad()));
    }
    let text = match (history.list.rows.is_empty(), history.entries.is_empty(), history.complete) {
        (false, ..) => return None,
        (_, true, false) => "The journal is being read.",
        (_, true, true) => {
            "No operations yet. Revoke or share images, and their receipts appear here."
        }
        (_, false, true) => "The filter lets none of the operations through. Esc clears it.",
        (_, false, false) => {
            "The filter lets none of the newest operations through. \
             `sharelock history` looks through all, by image, member, kind and outcome."
        }
    };
    Some((text.into(), theme.dim()))
}

fn columns(width: u16) -> Vec<Column> {
    let mut columns = vec![
        Column::left("", Constraint::Length(1)),
        Column::left("id", Constraint::Length(13)),
        Column::left("when", Constraint::Length(if width >= WIDE { 16 } else { 11 })),
        Column::left("kind", Constraint::Length(6)),
    ];
    if width >= WIDE {
        columns.push(Column::left("cloud", Constraint::Length(10)));
    }
    columns.push(Column::left("undo", Constraint::Length(6)));
    columns.push(Column::left("outcome", Constraint::Fill(1)));
    columns
}

fn row(app: &App, summary: &Summary, width: u16) -> Vec<Cell> {
    let theme = app.theme;
    let health = health(summary);
    let style = jobs::pane::health_style(app, health);
    let mut row = vec![
        (sign(app, summary, health).to_owned(), style),
        (summary.id.to_string(), theme.text()),
        (when(app, summary.started_at, width >= WIDE), theme.dim()),
        (summary.kind.to_string(), theme.text()),
    ];
    if width >= WIDE {
        row.push((domain::text::clean(&summary.scope.cloud).into_owned(), theme.text()));
    }
    row.push((undo(summary).into(), theme.dim()));
    row.push((outcome(summary, room(width)), style));
    row
}

/// Progress in another process is unknown, so its sign is not animated.
fn sign(app: &App, summary: &Summary, health: Health) -> &'static str {
    let ours = || app.jobs.operations.iter().any(|operation| operation.id == summary.id);
    if health == Health::Running && !ours() { "·" } else { jobs::pane::sign(app, health) }
}

/// Local date and time, with the year if there is room.
pub(crate) fn when(app: &App, moment: Moment, year: bool) -> String {
    let format = if year { "%Y-%m-%d %H:%M" } else { "%m-%d %H:%M" };
    match jiff::Timestamp::from_millisecond(moment.0) {
        Ok(time) => time.to_zoned(app.zone.clone()).strftime(format).to_string(),
        Err(_) => "?".into(),
    }
}

/// The health of an operation.
pub(crate) fn health(summary: &Summary) -> Health {
    match summary {
        Summary { stage, .. } if *stage != Stage::Finished => Health::Running,
        Summary { failed: 1.., .. } => Health::Bad,
        Summary { done, needless, shares, .. } if done + needless == *shares => Health::Good,
        _ => Health::Doubtful,
    }
}

/// Columns left for the outcome.
fn room(width: u16) -> usize {
    usize::from(width).saturating_sub(if width >= WIDE { 63 } else { 47 })
}

/// The outcome: in words if they fit, otherwise by the signs of the receipt.
pub(crate) fn outcome(summary: &Summary, room: usize) -> String {
    let count = |outcome| (ui::text::count(summary.count(outcome)), outcome);
    let some = |outcome: &Outcome| summary.count(*outcome) > 0;
    let told = || Outcome::ALL.into_iter().filter(some).map(count);
    let words: Vec<String> =
        told().map(|(count, it)| format!("{count} {}", it.word(summary.kind))).collect();
    let words = words.join(", ");
    if words.is_empty() {
        return format!("{} open", ui::text::counted(summary.shares, "share"));
    }
    if ui::text::width(&words) <= room {
        return words;
    }
    let signs: Vec<String> =
        told().map(|(count, it)| format!("{count}{}", receipt::sign(it))).collect();
    let apart = signs.join(" ");
    if ui::text::width(&apart) <= room { apart } else { signs.concat() }
}

/// Whether it was undone, whatever the result, or is an undo.
fn undo(summary: &Summary) -> &'static str {
    match (&summary.undoes, summary.undone_by.is_empty()) {
        (_, false) => "undone",
        (Some(_), true) => "undo",
        (None, true) => "",
    }
}

fn details(app: &App, area: Rect, buffer: &mut Buffer) {
    let history = &app.history;
    let focused = history.focus == HistoryFocus::Receipt;
    let Some(entry) = history.current() else {
        table::pane(buffer, area, "Receipt", focused, app.theme);
        return;
    };
    let id = &entry.summary.id;
    let verifying = history.verifying.as_ref().filter(|it| it.operation == *id);
    let reading = verifying.map(|it| match it.of {
        0 => format!(" ─ {} verifying", app.spinner()),
        of => format!(" ─ {} verifying {} of {of}", app.spinner(), it.read),
    });
    let title = format!("{} {id}{}", entry.summary.kind.title(), reading.unwrap_or_default());
    let inner = table::pane(buffer, area, &title, focused, app.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let end = (history.scroll + usize::from(inner.height)).min(history.lines.len());
    let window = history.scroll.min(end)..end;
    for ((line, style), y) in history.lines[window.clone()].iter().zip(inner.top()..) {
        buffer.set_stringn(inner.x, y, line, usize::from(inner.width), *style);
    }
    table::thumb(buffer, area, &window, history.lines.len());
}
