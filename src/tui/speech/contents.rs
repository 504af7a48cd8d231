//! What a listener should know now.

use std::ops::Range;

use crate::tui::app::App;
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::speech::description::{Description, Page};
use crate::tui::speech::place::{Place, place};
use crate::tui::speech::row::Row;
use crate::tui::speech::status;
use crate::tui::speech::status::Announcement;
use crate::tui::speech::words;

/// All of it. Lists are not in it but for the row under the cursor, so it costs the same for any number of images.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    pub(crate) scope: String,
    pub(crate) reading: Announcement,
    pub(crate) operations: Vec<Announcement>,
    pub(crate) marks: String,
    pub(crate) place: Place,
    /// How the list is filtered and sorted.
    pub(crate) listing: Announcement,
    pub(crate) typed: Option<Typed>,
    /// Why what was done last did nothing.
    pub(crate) complaint: String,
    pub(crate) row: Option<Row>,
    /// The sentence where the list would be.
    pub(crate) nothing: String,
    /// The part of a text that is in its window.
    pub(crate) page: Option<Page>,
}

/// What is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) value: String,
    /// What it is typed for, said at its beginning.
    pub(crate) prompt: String,
    /// What it leads to.
    pub(crate) echo: String,
    /// The row under the cursor is not worth saying at every letter.
    pub(crate) alone: bool,
}

/// Works it out.
pub(crate) fn contents(app: &App) -> Contents {
    let described = described(app);
    let place = place(app, &described);
    let row = described.under;
    let (key, text) = described.listing;
    Contents {
        scope: status::scope(app),
        reading: status::reading(app),
        operations: status::operations(app),
        marks: status::marks(app),
        place,
        listing: Announcement { key, text },
        typed: described.typed,
        complaint: described.complaint,
        nothing: match row {
            None => words::unsigned(app, &described.nothing),
            Some(_) => String::new(),
        },
        row,
        page: described.page,
    }
}

/// What the dialog that is open says of itself, else the view.
pub(crate) fn described(app: &App) -> Description<'_> {
    if let Some(dialog) = &app.overlay {
        return dialog.describe(app);
    }
    let view = app.shown_view();
    let mut described = view.describe(app);
    let context = view.context(app);
    if context != Context::Waiting {
        described.key = format!("{:?} {context:?} {}", app.workspace.session, described.key);
    }
    described.typed = filter(app, &described.found);
    described
}

/// The filter line, while it is typed.
fn filter(app: &App, found: &str) -> Option<Typed> {
    let value = keys::typing(app)?.value().to_owned();
    let slip = app.shown_view().filter_complaint(&value);
    let slip = slip.map(|slip| format!(" Warning: {slip}")).unwrap_or_default();
    let prompt = "Filter: type words; Enter keeps it, Esc restores it.".into();
    Some(Typed { echo: format!("{value}: {found}.{slip}"), value, prompt, alone: true })
}

/// Lines of the text that is read.
pub(crate) fn lines(app: &App, range: Range<usize>) -> Vec<String> {
    let lines = described(app).text;
    let end = range.end.min(lines.len());
    lines[range.start.min(end)..end].iter().map(|(line, _)| line.trim_end().to_owned()).collect()
}

/// The keys of this place with their words, as the last line of the screen shows them.
pub(crate) fn hints(app: &App) -> String {
    let context = keys::context(app);
    let rows = || app.keys.iter().filter(|row| row.contexts.contains(&context));
    let hint = |row: &keys::Binding| {
        let word = match row.action {
            Action::Where => "say where I am",
            Action::ReadOn => "read on",
            _ => row.hint,
        };
        let key = row.keys.first().filter(|_| !word.is_empty())?;
        Some(format!("{} {word}", app.keys.name(*key)))
    };
    format!("Keys here: {}.", words::listed(rows().filter_map(hint)))
}
