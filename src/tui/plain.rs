//! Plain mode: the screen as lines that follow one another, for screen readers and terminals that can do little.
//!
//! The model, its keys and its dialogs are those of the screen. [`Speaker`] works out what a listener should know now and
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

mod by_member;
mod dialogs;
mod history;
mod images;
mod jobs;
mod matrix;
mod members;
mod place;
mod row;
mod speaker;
mod spoken;
mod standing;
mod words;

pub(crate) use speaker::Speaker;

use super::model::Model;

/// Where one is and what the cursor is on, in one line.
pub(crate) fn here(model: &Model) -> String {
    let place = place::place(model).lines;
    let row = spoken::under(model).map(|row| row.in_full());
    let first = place.first().cloned();
    first.into_iter().chain(row).collect::<Vec<_>>().join(" ")
}
