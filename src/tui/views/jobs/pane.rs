//! The jobs pane under every view: one line per operation, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::ui::text;
use crate::tui::views::jobs::state::{Health, Summary};
use domain::{Moment, Operation};

/// Paints as many operations as fit.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let all = app.jobs.operations.len();
    let rows = usize::from(area.height.saturating_sub(2));
    let hidden = match all.saturating_sub(rows) {
        0 => String::new(),
        more => format!(" ─ {more} more in view 4"),
    };
    let away = if app.jobs.open().next().is_none() { " ─ x puts them away" } else { "" };
    let inner = table::pane(buffer, area, &format!("Jobs{hidden}{away}"), false, app.theme);
    // Without headings, the first operation is directly below the frame.
    let inner = Rect { y: inner.y.saturating_sub(1), height: inner.height + 1, ..inner };
    let columns = columns(area.width, false);
    let table = Table::new(buffer, inner, &columns, app.theme);
    for (at, operation) in app.jobs.operations.iter().rev().take(rows).enumerate() {
        table.row(buffer, at, &row(app, operation, area.width), Under::Not);
    }
}

/// From this width on, a line has room for everything about an operation.
const WIDE: u16 = 100;

/// From this width on, requests and the cloud's status words have their own columns.
const WIDEST: u16 = 120;

/// The ID, or only the part before its dash in a narrow column.
fn id(operation: &Operation, width: u16) -> String {
    let id = operation.id.to_string();
    match id.split_once('-') {
        Some((head, _)) if width < WIDE => head.to_owned(),
        _ => id,
    }
}

/// Columns of an operation's line.
pub(crate) fn columns(width: u16, headings: bool) -> Vec<Column> {
    let title = |title: &'static str| if headings { title } else { "" };
    let mut columns = vec![
        Column::left("", Constraint::Length(1)),
        Column::left(title("id"), Constraint::Length(if width >= WIDE { 13 } else { 8 })),
        Column::left(title("at"), Constraint::Length(5)),
        Column::left("", Constraint::Length(6)),
        Column::right(title("shares"), if width >= WIDE { 13 } else { 11 }),
    ];
    if width >= WIDEST {
        columns.push(Column::right(title("requests"), 14));
        columns.push(Column::left(title("cloud says"), Constraint::Fill(1)));
    }
    columns.push(Column::left(title("outcome"), Constraint::Fill(2)));
    columns.push(Column::right(title("took"), 6));
    columns
}

/// Cells of an operation's line.
pub(crate) fn row(app: &App, operation: &Operation, width: u16) -> Vec<Cell> {
    let theme = app.theme;
    let mut summary = Summary::of(operation);
    if let Some((_, until)) = operation.waiting {
        summary.words = format!("waiting, {} s left", until.seconds_since(app.now).max(0));
    }
    let style = health_style(app, summary.health);
    let mut row = vec![
        (sign(app, summary.health).to_owned(), style),
        (id(operation, width), theme.text()),
        (app.clock(operation.started_at), theme.dim()),
        (operation.kind.to_string(), theme.text()),
        (text::counted(operation.shares.len(), "share"), theme.text()),
    ];
    let bar = summary.part.filter(|_| width >= WIDE).map(|part| bar(part) + " ");
    let bar = bar.unwrap_or_default();
    if width >= WIDEST {
        row.push((text::counted(operation.requests.len(), "request"), theme.text()));
        row.push((summary.words, style));
        row.push((bar + &summary.counts, style));
    } else if operation.is_finished() {
        row.push((summary.counts, style));
    } else {
        let counts = summary.counts.replace(" of ", "/");
        row.push((format!("{bar}{counts} · {}", summary.words), style));
    }
    row.push((elapsed(operation, app.now), theme.dim()));
    row
}

/// The sign for the health of an operation.
pub(crate) fn sign(app: &App, health: Health) -> &'static str {
    match health {
        Health::Running => app.spinner(),
        Health::Good => "✓",
        Health::Doubtful => "⚠",
        Health::Bad => "✗",
    }
}

/// The colour that repeats the sign.
pub(crate) fn health_style(app: &App, health: Health) -> Style {
    match health {
        Health::Running => app.theme.text(),
        Health::Good => app.theme.good(),
        Health::Doubtful => app.theme.warn(),
        Health::Bad => app.theme.bad(),
    }
}

/// A progress bar, twelve columns wide.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of twelve is between 0 and 12"
)]
fn bar(part: f64) -> String {
    let full = (part.clamp(0.0, 1.0) * 12.0).round() as usize;
    "▓".repeat(full) + &"░".repeat(12 - full)
}

fn elapsed(operation: &Operation, now: Moment) -> String {
    let seconds = operation.ended_at.unwrap_or(now).seconds_since(operation.started_at).max(0);
    match seconds {
        s if s < 3600 => format!("{:02}:{:02}", s / 60, s % 60),
        s => format!("{}h{:02}m", s / 3600, s / 60 % 60),
    }
}
