//! Plain mode: the screen as consecutive lines, for screen readers and terminals with few capabilities.
//!
//! Its state, keys and dialogs are those of the screen. Each view and each dialog describes itself as a
//! [`Description`](description::Description); [`Speaker`](speaker::Speaker) prints what changed since it printed last. What
//! a sign, a colour or a position means on the screen is a word here. Like painting, it only reads and never waits.
//!
//! ```text
//!   description  a view or a dialog in words: place, list, row under the cursor, filter, page
//!   contents     everything that plain mode can announce now
//!   speaker      prints the difference from what was announced last
//!   row          a row of a list, and what of it is new
//!   status       scope, progress, marks, operations: announced in every view
//!   words        signs as words
//! ```

pub(crate) mod act;
pub(crate) mod contents;
pub(crate) mod description;
pub(crate) mod place;
pub(crate) mod plain_mode;
pub(crate) mod row;
pub(crate) mod speaker;
pub(crate) mod status;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use crate::tui::app::App;

/// The current place and the row under the cursor, in one line.
pub(crate) fn here(app: &App) -> String {
    let described = contents::described(app);
    let row = described.under.map(|row| row.in_full());
    let first = described.place.into_iter().next();
    first.into_iter().chain(row).collect::<Vec<_>>().join(" ")
}
