//! The History view: operations, and the receipt of the one under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;

use super::table::{self, Cell, Column, Table, Under};
use super::{cells, jobs_pane, receipt};
use crate::domain::operation::Stage;
use crate::domain::{Moment, Outcome};
use crate::engine::Summary;
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::model::history::HistoryFocus;
use crate::tui::model::jobs::Health;

/// From this width on the cloud has a column.
const WIDE: u16 = 76;

/// Paints its panes.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    let [list, beside] = layout::history(area, model.history.visible.len());
    operations(model, list, buffer);
    details(model, beside, buffer);
}

fn operations(model: &Model, area: Rect, buffer: &mut Buffer) {
    let history = &model.history;
    let focused = history.focus == HistoryFocus::Operations;
    let inner = table::pane(buffer, area, &title(model), focused, model.theme);
    let columns = columns(area.width);
    let table = Table::new(buffer, inner, &columns, model.theme);
    let window = history.cursor.window(history.visible.len());
    for (at, entry) in history.visible[window.clone()].iter().enumerate() {
        let under = match (window.start + at == history.cursor.at, focused) {
            (false, _) => Under::Not,
            (true, true) => Under::Cursor,
            (true, false) => Under::FadedCursor,
        };
        table.row(buffer, at, &row(model, &history.entries[*entry].summary, area.width), under);
    }
    table::thumb(buffer, area, &window, history.visible.len());
    if let Some((text, style)) = nothing(model) {
        table.say(buffer, &text, style);
    }
}

fn title(model: &Model) -> String {
    let history = &model.history;
    let (listed, all) = (history.visible.len(), history.entries.len());
    let more = if history.complete { "" } else { "+" };
    let count = if listed < all {
        format!("{} of {}{more}", cells::count(listed), cells::count(all))
    } else {
        format!("{}{more}", cells::count(all))
    };
    match history.filter.label() {
        None => format!("History ─ {count}"),
        Some(filter) => format!("History ─ {count} ─ {filter}"),
    }
}

/// A sentence where the list would be.
pub(crate) fn nothing(model: &Model) -> Option<(String, Style)> {
    let (history, theme) = (&model.history, model.theme);
    if let Some(failure) = &history.failure {
        let text = format!("{failure}. {} tries again.", model.keys.spoken(Action::Refresh));
        return history.visible.is_empty().then_some((text, theme.bad()));
    }
    let text = match (history.visible.is_empty(), history.entries.is_empty(), history.complete) {
        (false, ..) => return None,
        (_, true, false) => "The journal is being read.",
        (_, true, true) => {
            "Nothing was done yet that is written down. What is revoked or shared appears here."
        }
        (_, false, true) => "The filter lets none of the operations through. Esc takes it away.",
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

fn row(model: &Model, summary: &Summary, width: u16) -> Vec<Cell> {
    let theme = model.theme;
    let health = health(summary);
    let style = jobs_pane::health_style(model, health);
    let mut row = vec![
        (sign(model, summary, health).to_owned(), style),
        (summary.id.to_string(), theme.text()),
        (when(model, summary.started_at, width >= WIDE), theme.dim()),
        (summary.kind.to_string(), theme.text()),
    ];
    if width >= WIDE {
        row.push((crate::domain::text::clean(&summary.scope.cloud).into_owned(), theme.text()));
    }
    row.push((undo(summary).into(), theme.dim()));
    row.push((outcome(summary, room(width)), style));
    row
}

/// What another program does is not seen moving.
fn sign(model: &Model, summary: &Summary, health: Health) -> &'static str {
    let ours = || model.jobs.operations.iter().any(|operation| operation.id == summary.id);
    if health == Health::Running && !ours() { "·" } else { jobs_pane::sign(model, health) }
}

/// Day and time on the wall; the year where there is room for it.
pub(crate) fn when(model: &Model, moment: Moment, year: bool) -> String {
    let format = if year { "%Y-%m-%d %H:%M" } else { "%m-%d %H:%M" };
    match jiff::Timestamp::from_millisecond(moment.0) {
        Ok(time) => time.to_zoned(model.zone.clone()).strftime(format).to_string(),
        Err(_) => "?".into(),
    }
}

/// How it is.
pub(crate) fn health(summary: &Summary) -> Health {
    match summary {
        Summary { stage, .. } if *stage != Stage::Finished => Health::Running,
        Summary { failed: 1.., .. } => Health::Bad,
        Summary { done, needless, shares, .. } if done + needless == *shares => Health::Good,
        _ => Health::Doubtful,
    }
}

/// Columns that are left for the outcome.
fn room(width: u16) -> usize {
    usize::from(width).saturating_sub(if width >= WIDE { 63 } else { 47 })
}

/// How it ended: in words where they have room, else by the signs that stand in its receipt.
pub(crate) fn outcome(summary: &Summary, room: usize) -> String {
    let count = |outcome| (cells::count(summary.count(outcome)), outcome);
    let some = |outcome: &Outcome| summary.count(*outcome) > 0;
    let told = || Outcome::ALL.into_iter().filter(some).map(count);
    let words: Vec<String> =
        told().map(|(count, it)| format!("{count} {}", it.word(summary.kind))).collect();
    let words = words.join(", ");
    if words.is_empty() {
        return format!("{} open", cells::counted(summary.shares, "share"));
    }
    if cells::width(&words) <= room {
        return words;
    }
    let signs: Vec<String> =
        told().map(|(count, it)| format!("{count}{}", receipt::sign(it))).collect();
    let apart = signs.join(" ");
    if cells::width(&apart) <= room { apart } else { signs.concat() }
}

/// Whether it has an undo, whatever came of it, or is one.
fn undo(summary: &Summary) -> &'static str {
    match (&summary.undoes, summary.undone_by.is_empty()) {
        (_, false) => "undone",
        (Some(_), true) => "undo",
        (None, true) => "",
    }
}

fn details(model: &Model, area: Rect, buffer: &mut Buffer) {
    let history = &model.history;
    let focused = history.focus == HistoryFocus::Receipt;
    let Some(entry) = history.current() else {
        table::pane(buffer, area, "Receipt", focused, model.theme);
        return;
    };
    let id = &entry.summary.id;
    let verifying = history.verifying.as_ref().filter(|it| it.operation == *id);
    let reading = verifying.map(|it| match it.of {
        0 => format!(" ─ {} verifying", model.spinner()),
        of => format!(" ─ {} verifying {} of {of}", model.spinner(), it.read),
    });
    let title = format!("{} {id}{}", entry.summary.kind.title(), reading.unwrap_or_default());
    let inner = table::pane(buffer, area, &title, focused, model.theme);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let end = (history.scroll + usize::from(inner.height)).min(history.lines.len());
    let window = history.scroll.min(end)..end;
    for ((line, style), y) in history.lines[window.clone()].iter().zip(inner.top()..) {
        buffer.set_stringn(inner.x, y, line, usize::from(inner.width), *style);
    }
    table::thumb(buffer, area, &window, history.lines.len());
}
