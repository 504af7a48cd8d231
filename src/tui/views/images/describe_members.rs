//! The members of the image under the cursor.

use crate::tui::app::App;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::views::images::members_pane::count;
use domain::ImageIx;

/// Whose members they are, and how many.
pub(crate) fn place(app: &App) -> String {
    let Some(ix) = app.workspace.members_pane.of else {
        return "Members: no image is chosen.".into();
    };
    format!("Members of {}: {}.", app.workspace.label_of(ix), count(app, ix))
}

/// The list.
pub(crate) fn list(app: &App) -> List<'_> {
    let members = &app.workspace.members_pane;
    List::new(members.list.rows.len(), members.list.cursor.at, |at| row(app, members.of?, at))
}

fn row(app: &App, ix: ImageIx, at: usize) -> Option<Row> {
    let inventory = &app.workspace.inventory;
    let row = inventory.rows(ix).get(*app.workspace.members_pane.list.rows.get(at)?)?;
    let (image, member) = (inventory.image(ix), inventory.member(row.member));
    let marked = app.workspace.marks.contains(&image.id, member);
    let told = Row::new(format!("{} {member:?}", image.id), words::member(app, member))
        .fact(words::status(inventory.status(row)));
    let told = match row.created_at() {
        Some(since) => told.quiet(format!("for {}", words::age(since, app.now))),
        None => told,
    };
    Some(told.marked(if marked { "marked" } else { "" }).details([format!("id {}", member.id)]))
}
