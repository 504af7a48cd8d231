//! Plain mode: the screen as lines that follow one another, for screen readers and terminals that can do little.
//!
//! The model, its keys and its dialogs are those of the screen. [`speaker::Speaker`] works out what a listener should know now and
//! says what is new of it: what a sign, a colour or a place tells on the screen is a word here. Like the view it reads the
//! model and never waits.
//!
//! ```text
//! plain      what is said when one asks where one is
//!   speaker    the difference between what was said and what is
//!   spoken     what a listener should know now
//!   row        a row of a list, and what of it is new
//!   standing   scope, progress, marks, operations: known wherever one is
//!   words      signs as words
//!   …          a file for each view and for the dialogs: its place, its list, its rows
//! ```

pub(crate) mod act;
pub(crate) mod description;
pub(crate) mod listener;
pub(crate) mod place;
pub(crate) mod row;
pub(crate) mod speaker;
pub(crate) mod spoken;
pub(crate) mod standing;
pub(crate) mod words;

use crate::tui::app::App;

/// Where one is and what the cursor is on, in one line.
pub(crate) fn here(app: &App) -> String {
    let place = spoken::described(app).place;
    let row = spoken::under(app).map(|row| row.in_full());
    let first = place.first().cloned();
    first.into_iter().chain(row).collect::<Vec<_>>().join(" ")
}
