//! The History view: the operations that are written down. The receipt of one is a text.

use super::images::filter;
use super::row::{List, Row};
use super::words;
use crate::engine::Summary;
use crate::tui::model::Model;
use crate::tui::model::jobs::Health;
use crate::tui::view::cells::{count, counted};
use crate::tui::view::history::{health, outcome, when};

/// So many are read at once; where there are fewer, these are all.
const PAGE: usize = 200;

/// What the view is.
pub(super) const PLACE: &str = "View 5, history: what was done.";

/// Which receipt it is, and how much there is of it.
pub(super) fn place_of_receipt(model: &Model) -> String {
    let Some(entry) = model.history.current() else { return "Receipt.".into() };
    let kind = entry.summary.kind.title();
    format!("Receipt of operation {}: {kind}.", entry.summary.id)
}

/// What decides what is listed.
pub(super) fn choice(model: &Model) -> String {
    model.history.filter.line().to_owned()
}

/// How many are listed, and by which filter.
pub(super) fn listing(model: &Model) -> String {
    words::listed([how_many(model), filter(model.history.filter.line()), "newest first".into()])
        + "."
}

/// How many of them are listed.
pub(super) fn how_many(model: &Model) -> String {
    let history = &model.history;
    let (listed, all) = (history.visible.len(), history.entries.len());
    let more = if history.complete || all < PAGE { "" } else { ", more are written down" };
    if listed < all {
        format!("{} of {}{more}", count(listed), counted(all, "operation"))
    } else {
        format!("{}{more}", counted(all, "operation"))
    }
}

/// The list.
pub(super) fn list(model: &Model) -> List<'_> {
    let history = &model.history;
    List::new(history.visible.len(), history.cursor.at, |at| {
        let entry = history.entries.get(*history.visible.get(at)?)?;
        Some(row(model, &entry.summary))
    })
}

fn row(model: &Model, summary: &Summary) -> Row {
    let state = match health(summary) {
        Health::Running => "not at its end",
        Health::Good => "all is as it was wanted",
        Health::Doubtful => "something is doubtful",
        Health::Bad => "something was not done",
    };
    let undo = match (&summary.undoes, summary.undone_by.is_empty()) {
        (_, false) => "has an undo",
        (Some(_), true) => "is an undo",
        (None, true) => "",
    };
    let name = format!("{} on {}", summary.kind, crate::domain::text::clean(&summary.scope.cloud));
    Row::new(summary.id.to_string(), name)
        .fact(when(model, summary.started_at, true))
        .fact(outcome(summary, usize::MAX))
        .fact(state)
        .fact(undo)
        .details([format!("operation {}", summary.id), words::place(&summary.scope)])
}
