//! What plain mode says of a view or a dialog.

use std::borrow::Cow;

use crate::tui::speech::contents::Typed;
use crate::tui::speech::row::{List, Row};
use crate::tui::ui::text::Line;

/// A view or a dialog in words. Lists are read row by row, so it costs the same for any number of images.
#[derive(Default)]
pub(crate) struct Description<'a> {
    /// With another one the user is in another place, which is then announced.
    pub(crate) key: String,
    /// What the place is, announced when the user comes to it.
    pub(crate) place: Vec<String>,
    /// The same for a user who comes from another pane of the view.
    pub(crate) short: &'static str,
    /// The list the keys go to.
    pub(crate) list: Option<List<'a>>,
    /// What the cursor is on.
    pub(crate) under: Option<Row>,
    /// The sentence where the list would be, when it is empty.
    pub(crate) nothing: String,
    /// How the list is filtered and sorted: announced when the first text changes.
    pub(crate) listing: (String, String),
    pub(crate) typed: Option<Typed>,
    /// Why the last action did nothing.
    pub(crate) complaint: String,
    /// How many rows the filter lets through, while it is typed.
    pub(crate) found: String,
    /// The part of the text that is in its window.
    pub(crate) page: Option<Page>,
    /// The whole text, where there is one to read instead of a list.
    pub(crate) text: Cow<'a, [Line]>,
}

impl<'a> Description<'a> {
    /// A place with a list; the cursor is where the list says.
    pub(crate) fn of_list(place: impl Into<String>, list: List<'a>) -> Self {
        let under = list.at.and_then(|at| list.row(at));
        Self { place: vec![place.into()], under, list: Some(list), ..Self::default() }
    }
}

/// A part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// Another one is another text.
    pub(crate) key: String,
    /// The first line in its window, and the one after the last.
    pub(crate) top: usize,
    pub(crate) end: usize,
    /// Lines of the whole text.
    pub(crate) len: usize,
}
