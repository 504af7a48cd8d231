//! The members of the image under the cursor.

use super::row::{List, Row};
use super::words;
use crate::domain::ImageIx;
use crate::tui::model::Model;
use crate::tui::view::members::count;

/// Whose members they are, and how many.
pub(super) fn place(model: &Model) -> String {
    let Some(ix) = model.workspace.members.of else { return "Members: no image is chosen.".into() };
    format!("Members of {}: {}.", model.workspace.label_of(ix), count(model, ix))
}

/// The list.
pub(super) fn list(model: &Model) -> List<'_> {
    let members = &model.workspace.members;
    List::new(members.visible.len(), members.cursor.at, |at| row(model, members.of?, at))
}

fn row(model: &Model, ix: ImageIx, at: usize) -> Option<Row> {
    let inventory = &model.workspace.inventory;
    let row = inventory.rows(ix).get(*model.workspace.members.visible.get(at)?)?;
    let (image, member) = (inventory.image(ix), inventory.member(row.member));
    let marked = model.workspace.marks.contains(&image.id, member);
    let told = Row::new(format!("{} {member:?}", image.id), words::member(model, member))
        .fact(words::status(inventory.status(row)));
    let told = match row.created_at() {
        Some(since) => told.quiet(format!("for {}", words::age(since, model.now))),
        None => told,
    };
    Some(told.marked(if marked { "marked" } else { "" }).details([format!("id {}", member.id)]))
}
