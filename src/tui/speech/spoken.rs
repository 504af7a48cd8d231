//! What a listener should know now.

use crate::tui::speech::description::Page;
use std::ops::Range;

use crate::tui::app::{App, Overlay};
use crate::tui::keys;
use crate::tui::keys::Action;
use crate::tui::overlays;
use crate::tui::overlays::pages;
use crate::tui::speech::place::{Place, place};
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::standing;
use crate::tui::speech::standing::Told;
use crate::tui::speech::words;

/// All of it. Lists are not in it but for the row under the cursor, so it costs the same for any number of images.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) scope: String,
    pub(crate) reading: Told,
    pub(crate) operations: Vec<Told>,
    pub(crate) marks: String,
    pub(crate) place: Place,
    /// How the list is filtered and sorted.
    pub(crate) listing: Told,
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
pub(crate) fn spoken(app: &App) -> Spoken {
    let row = under(app);
    Spoken {
        scope: standing::scope(app),
        reading: standing::reading(app),
        operations: standing::operations(app),
        marks: standing::marks(app),
        place: place(app),
        listing: listing(app),
        typed: typed(app),
        complaint: complaint(app),
        nothing: if row.is_none() { nothing(app) } else { String::new() },
        row,
        page: page(app),
    }
}

/// The list the keys go to.
pub(crate) fn list(app: &App) -> Option<List<'_>> {
    let list = match (&app.overlay, keys::place(app)) {
        (Overlay::Plan(dialog), _) => overlays::describe::listed_in_plan(app, dialog),
        (Overlay::Share(dialog), _) => overlays::describe::offers(dialog),
        (Overlay::Export(dialog), _) => overlays::describe::exports(dialog),
        (Overlay::Picker(dialog), _) => overlays::describe::picked(app, dialog),
        (Overlay::Palette(dialog), _) => overlays::describe::commands(app, dialog),
        (Overlay::None, _) => return app.shown_view().describe(app).list,
        _ => return None,
    };
    Some(list)
}

/// What the cursor is on.
pub(crate) fn under(app: &App) -> Option<Row> {
    match (&app.overlay, keys::place(app)) {
        (Overlay::None, _) => app.shown_view().describe(app).under,
        (Overlay::Plan(_), _) => None,
        _ => {
            let list = list(app)?;
            list.row(list.at?)
        }
    }
}

fn nothing(app: &App) -> String {
    let text = match (&app.overlay, keys::place(app)) {
        (Overlay::Picker(dialog), _) => {
            crate::tui::overlays::clouds::paint::nothing(dialog).unwrap_or_default().to_owned()
        }
        (Overlay::Share(dialog), _) => overlays::describe::nothing_fits(dialog).into(),
        (Overlay::Palette(_), _) => "No command fits that.".into(),
        (Overlay::None, _) => app.shown_view().describe(app).nothing,
        _ => String::new(),
    };
    words::unsigned(app, &text)
}

fn listing(app: &App) -> Told {
    let (key, text) = match (&app.overlay, keys::place(app)) {
        (Overlay::None, _) => app.shown_view().describe(app).listing,
        (Overlay::Plan(dialog), _) => {
            (format!("{:?}", dialog.tab), overlays::describe::tab(dialog))
        }
        (Overlay::Export(dialog), _) => {
            let format = overlays::describe::format_of_export(dialog);
            (format.clone(), format)
        }
        _ => Default::default(),
    };
    Told { key, text }
}

fn typed(app: &App) -> Option<Typed> {
    let echoed = |value: &str, prompt: &str, echo: String| {
        let (value, prompt) = (value.to_owned(), prompt.to_owned());
        Some(Typed { value, prompt, echo, alone: false })
    };
    match &app.overlay {
        Overlay::Plan(dialog) => {
            let (prompt, input) = crate::tui::overlays::plan::paint::prompt(dialog);
            let prompt = if dialog.naming { prompt } else { String::new() };
            echoed(input.value(), &prompt, format!("Typed: {}.", input.value()))
        }
        Overlay::Share(dialog) => {
            let value = dialog.input.value();
            echoed(value, "", format!("Typed: {value}. {} fit.", dialog.offers.len()))
        }
        Overlay::Export(dialog) => {
            let value = dialog.input.value();
            echoed(value, "", format!("File: {value}."))
        }
        Overlay::Palette(dialog) => {
            let value = dialog.input.value();
            echoed(value, "", format!("{value}: {}.", cells(dialog.fitting.len(), "command")))
        }
        Overlay::Code(dialog) => {
            let length = dialog.input.value().chars().count();
            // The code itself is remembered nowhere.
            let value = if length == 0 { String::new() } else { length.to_string() };
            echoed(&value, "", format!("{} typed.", cells(length, "character")))
        }
        _ => filter(app),
    }
}

fn cells(number: usize, word: &str) -> String {
    crate::tui::ui::text::counted(number, word)
}

/// The filter line, or what is searched for in the help.
fn filter(app: &App) -> Option<Typed> {
    let value = keys::typing(app)?.value().to_owned();
    let (enter, back) = ("Enter keeps it", "Esc leaves it as it was");
    if matches!(app.overlay, Overlay::Help(_)) {
        let prompt = format!("Search the help: type words; {enter}, {back}.");
        let echo = format!("{value}.");
        return Some(Typed { value, prompt, echo, alone: true });
    }
    let view = app.shown_view();
    let found = view.describe(app).found;
    let slip = view.filter_complaint(&value);
    let slip = slip.map(|slip| format!(" Careful: {slip}")).unwrap_or_default();
    let prompt = format!("Filter: type words; {enter}, {back}.");
    Some(Typed { echo: format!("{value}: {found}.{slip}"), value, prompt, alone: true })
}

fn complaint(app: &App) -> String {
    let text = match &app.overlay {
        Overlay::Plan(dialog) => dialog.complaint.clone(),
        Overlay::Share(dialog) => dialog.complaint.clone(),
        Overlay::Export(dialog) => dialog.complaint.clone(),
        Overlay::Palette(dialog) => dialog.complaint.clone(),
        Overlay::Picker(dialog) => dialog.note.clone(),
        Overlay::Code(dialog) => Some(dialog.complaint.clone()),
        _ => None,
    };
    text.unwrap_or_default()
}

fn page(app: &App) -> Option<Page> {
    let (key, top) = match &app.overlay {
        Overlay::Help(help) => (help.search.value().to_owned(), help.scroll),
        Overlay::Log { scroll } | Overlay::Request { scroll, .. } => (pages::title(app), *scroll),
        Overlay::None => return app.shown_view().describe(app).page,
        _ => return None,
    };
    let (lines, height) = pages::size(app);
    Some(Page { key, top, end: (top + height).min(lines), len: lines })
}

/// Lines of the text that is read.
pub(crate) fn lines(app: &App, range: Range<usize>) -> Vec<String> {
    let made;
    let lines = if matches!(app.overlay, Overlay::None) {
        &app.history.lines
    } else {
        made = pages::lines(app, pages::width(app, 0));
        &made
    };
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
