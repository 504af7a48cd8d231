//! The History view in plain mode: the operations in the journal, and the receipt of one.

use std::borrow::Cow;

use crate::tui::app::App;
use crate::tui::speech::description::{Description, Page};
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::layout;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::history::paint::{health, outcome, when};
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::history::{paint, panes};
use crate::tui::views::images::describe::filter;
use crate::tui::views::jobs::state::Health;
use engine::Summary;

/// Operations in one page of the journal; a shorter list is complete.
const PAGE: usize = 200;

/// The list, or the receipt of the operation under its cursor.
pub(crate) fn describe(app: &App) -> Description<'_> {
    if app.history.focus == HistoryFocus::Receipt {
        return Description {
            key: "receipt".into(),
            place: vec![place_of_receipt(app)],
            found: how_many(app),
            page: page_of_receipt(app),
            text: Cow::Borrowed(&app.history.lines),
            ..Description::default()
        };
    }
    Description {
        short: "Operations.",
        nothing: paint::nothing(app).map(|(text, _)| text).unwrap_or_default(),
        listing: (choice(app), listing(app)),
        found: how_many(app),
        ..Description::of_list(PLACE, list(app))
    }
}

fn page_of_receipt(app: &App) -> Option<Page> {
    let areas = layout::areas(app)?;
    let [_, pane] = panes(areas.main, app.history.list.rows.len());
    let (len, height) = (app.history.lines.len(), usize::from(layout::inner(pane).height));
    let entry = &app.history.current()?.summary;
    let again = app.history.again.get(&entry.id).map(|again| again.at);
    let (key, top) = (format!("{} {again:?} {} {len}", entry.id, entry.open), app.history.scroll);
    Some(Page { key, top, end: (top + height).min(len), len })
}

/// The name of the view, as announced.
pub(crate) const PLACE: &str = "View 5, history: what was done.";

/// Which receipt it is, and its length.
pub(crate) fn place_of_receipt(app: &App) -> String {
    let Some(entry) = app.history.current() else { return "Receipt.".into() };
    let kind = entry.summary.kind.title();
    format!("Receipt of operation {}: {kind}.", entry.summary.id)
}

/// The filter: the listing is announced when it changes.
pub(crate) fn choice(app: &App) -> String {
    app.history.filter.line().to_owned()
}

/// Number of listed operations, filter and order.
pub(crate) fn listing(app: &App) -> String {
    words::listed([how_many(app), filter(app.history.filter.line()), "newest first".into()]) + "."
}

/// Number of listed rows.
pub(crate) fn how_many(app: &App) -> String {
    let history = &app.history;
    let (listed, all) = (history.list.rows.len(), history.entries.len());
    let more = if history.complete || all < PAGE { "" } else { ", more in the journal" };
    if listed < all {
        format!("{} of {}{more}", count(listed), counted(all, "operation"))
    } else {
        format!("{}{more}", counted(all, "operation"))
    }
}

/// The list.
pub(crate) fn list(app: &App) -> List<'_> {
    let history = &app.history;
    List::new(history.list.rows.len(), history.list.cursor.at, |at| {
        let entry = history.entries.get(*history.list.rows.get(at)?)?;
        Some(row(app, &entry.summary))
    })
}

fn row(app: &App, summary: &Summary) -> Row {
    let state = match health(summary) {
        Health::Running => "unfinished",
        Health::Good => "done",
        Health::Doubtful => "something is doubtful",
        Health::Bad => "something was not done",
    };
    let undo = match (&summary.undoes, summary.undone_by.is_empty()) {
        (_, false) => "has an undo",
        (Some(_), true) => "is an undo",
        (None, true) => "",
    };
    let name = format!("{} on {}", summary.kind, domain::text::clean(&summary.scope.cloud));
    Row::new(summary.id.to_string(), name)
        .fact(when(app, summary.started_at, true))
        .fact(outcome(summary, usize::MAX))
        .fact(state)
        .fact(undo)
        .details([format!("operation {}", summary.id), words::place(&summary.scope)])
}
