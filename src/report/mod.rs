//! Documents in every format: JSON, JSON lines, CSV, Markdown and tables. The command line and the screen write the same.
//!
//! A document is a `Serialize` struct (its JSON) that is also a [`table::Table`]: its columns are listed once, and all other
//! formats are rendered from them.

pub mod access;
pub mod audit;
pub mod history;
pub mod jobs;
pub mod json;
pub mod receipt;
pub mod table;

use serde::{Serialize, Serializer};

use domain::{Moment, Text};
use table::Cell;

/// The counts that are not 0, with their words: `2 revoked, 1 unknown`.
pub fn tally<W: std::fmt::Display>(counts: impl IntoIterator<Item = (usize, W)>) -> String {
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn time(moment: Option<Moment>) -> Cell {
    moment.map(|moment| moment.to_string().into())
}

/// A cell of our own words.
pub fn text<'a>(text: impl Into<Option<&'a str>>) -> Cell {
    text.into().map(Text::from)
}

/// Serializes the items of an iterator one by one, without collecting them.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
