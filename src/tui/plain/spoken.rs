//! What a listener should know now.

use std::ops::Range;

use super::place::{Place, place};
use super::row::{List, Row};
use super::standing::{self, Told};
use super::{by_member, dialogs, history, images, jobs, matrix, members, words};
use crate::tui::filter::Filter;
use crate::tui::keymap::{self, Action, Context};
use crate::tui::layout;
use crate::tui::model::history::HistoryFocus;
use crate::tui::model::{Model, Overlay, View};
use crate::tui::view::{self, pages};

/// All of it. Lists are not in it but for the row under the cursor, so it costs the same for any number of images.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoken {
    pub(super) scope: String,
    pub(super) reading: Told,
    pub(super) operations: Vec<Told>,
    pub(super) marks: String,
    pub(super) place: Place,
    /// How the list is filtered and sorted.
    pub(super) listing: Told,
    pub(super) typed: Option<Typed>,
    /// Why what was done last did nothing.
    pub(super) complaint: String,
    pub(super) row: Option<Row>,
    /// The sentence where the list would be.
    pub(super) nothing: String,
    /// The part of a text that is in its window.
    pub(super) page: Option<Page>,
}

/// What is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) value: String,
    /// What it is typed for, said at its beginning.
    pub(super) prompt: String,
    /// What it leads to.
    pub(super) echo: String,
    /// The row under the cursor is not worth saying at every letter.
    pub(super) alone: bool,
}

/// A part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Another one is another text.
    pub(super) key: String,
    /// The first line in its window, and the one after the last.
    pub(super) top: usize,
    pub(super) end: usize,
    /// Lines of the whole text.
    pub(super) len: usize,
}

/// Works it out.
pub(super) fn spoken(model: &Model) -> Spoken {
    let row = under(model);
    Spoken {
        scope: standing::scope(model),
        reading: standing::reading(model),
        operations: standing::operations(model),
        marks: standing::marks(model),
        place: place(model),
        listing: listing(model),
        typed: typed(model),
        complaint: complaint(model),
        nothing: if row.is_none() { nothing(model) } else { String::new() },
        row,
        page: page(model),
    }
}

/// The list the keys go to.
pub(super) fn list(model: &Model) -> Option<List<'_>> {
    let list = match (&model.overlay, keymap::place(model)) {
        (Overlay::Plan(dialog), _) => dialogs::listed_in_plan(model, dialog),
        (Overlay::Share(dialog), _) => dialogs::offers(dialog),
        (Overlay::Export(dialog), _) => dialogs::exports(dialog),
        (Overlay::Picker(dialog), _) => dialogs::picked(model, dialog),
        (Overlay::Palette(dialog), _) => dialogs::commands(model, dialog),
        (Overlay::None, Context::Images | Context::Received) => images::list(model),
        (Overlay::None, Context::Members) => members::list(model),
        (Overlay::None, Context::ByMember) => by_member::list(model),
        (Overlay::None, Context::Reached) => by_member::reached(model),
        (Overlay::None, Context::Matrix) => matrix::list(model),
        (Overlay::None, Context::Jobs) => jobs::list(model),
        (Overlay::None, Context::History) if !in_receipt(model) => history::list(model),
        _ => return None,
    };
    Some(list)
}

fn in_receipt(model: &Model) -> bool {
    model.history.focus == HistoryFocus::Receipt
}

/// What the cursor is on.
pub(super) fn under(model: &Model) -> Option<Row> {
    match (&model.overlay, keymap::place(model)) {
        (Overlay::None, Context::Matrix) => matrix::under(model),
        (Overlay::Plan(_), _) => None,
        _ => {
            let list = list(model)?;
            list.row(list.at?)
        }
    }
}

fn nothing(model: &Model) -> String {
    let text = match (&model.overlay, keymap::place(model)) {
        (Overlay::Picker(dialog), _) => {
            view::picker::nothing(dialog).unwrap_or_default().to_owned()
        }
        (Overlay::Share(dialog), _) => dialogs::nothing_fits(dialog).into(),
        (Overlay::Palette(_), _) => "No command fits that.".into(),
        (Overlay::None, Context::Images | Context::Received) => view::images::nothing(model),
        (Overlay::None, Context::Members) => {
            let of = model.workspace.members.of;
            of.map(|ix| view::members::nothing(model, ix).0).unwrap_or_default()
        }
        (Overlay::None, Context::ByMember) => view::by_member::nothing(model).0,
        (Overlay::None, Context::Reached) => {
            let of = model.workspace.by_member.reached.of;
            of.map(|ix| view::reached::nothing(model, ix).0).unwrap_or_default()
        }
        (Overlay::None, Context::Matrix) => view::matrix::nothing(model),
        (Overlay::None, Context::Jobs) if model.scope().is_none() => view::jobs::NOT_OPEN.into(),
        (Overlay::None, Context::Jobs) => "Nothing was done in this session.".into(),
        (Overlay::None, Context::History) if !in_receipt(model) => {
            view::history::nothing(model).map(|(text, _)| text).unwrap_or_default()
        }
        _ => String::new(),
    };
    words::unsigned(model, &text)
}

fn listing(model: &Model) -> Told {
    let (key, text) = match (&model.overlay, keymap::place(model)) {
        (Overlay::None, Context::Images | Context::Received) => {
            (images::choice(model), images::listing(model))
        }
        (Overlay::None, Context::ByMember) => (by_member::choice(model), by_member::listing(model)),
        (Overlay::None, Context::Matrix) => (matrix::choice(model), matrix::listing(model)),
        (Overlay::None, Context::History) if !in_receipt(model) => {
            (history::choice(model), history::listing(model))
        }
        (Overlay::Plan(dialog), _) => (format!("{:?}", dialog.tab), dialogs::tab(dialog)),
        (Overlay::Export(dialog), _) => {
            let format = dialogs::format_of_export(dialog);
            (format.clone(), format)
        }
        _ => Default::default(),
    };
    Told { key, text }
}

fn typed(model: &Model) -> Option<Typed> {
    let echoed = |value: &str, prompt: &str, echo: String| {
        let (value, prompt) = (value.to_owned(), prompt.to_owned());
        Some(Typed { value, prompt, echo, alone: false })
    };
    match &model.overlay {
        Overlay::Plan(dialog) => {
            let (prompt, input) = view::plan::prompt(dialog);
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
        _ => filter(model),
    }
}

fn cells(number: usize, word: &str) -> String {
    view::cells::counted(number, word)
}

/// The filter line, or what is searched for in the help.
fn filter(model: &Model) -> Option<Typed> {
    let value = keymap::typing(model)?.value().to_owned();
    let (enter, back) = ("Enter keeps it", "Esc leaves it as it was");
    if matches!(model.overlay, Overlay::Help(_)) {
        let prompt = format!("Search the help: type words; {enter}, {back}.");
        let echo = format!("{value}.");
        return Some(Typed { value, prompt, echo, alone: true });
    }
    let found = match model.view {
        View::History => history::how_many(model),
        View::Members => by_member::how_many(model),
        View::Matrix => matrix::how_many(model),
        _ => images::how_many(model),
    };
    let slip = Filter::complaint(&value).filter(|_| model.view != View::History);
    let slip = slip.map(|slip| format!(" Careful: {slip}")).unwrap_or_default();
    let prompt = format!("Filter: type words; {enter}, {back}.");
    Some(Typed { echo: format!("{value}: {found}.{slip}"), value, prompt, alone: true })
}

fn complaint(model: &Model) -> String {
    let text = match &model.overlay {
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

fn page(model: &Model) -> Option<Page> {
    let (lines, height) = match &model.overlay {
        Overlay::None if keymap::place(model) == Context::History && in_receipt(model) => {
            let areas = layout::areas(model)?;
            let [_, beside] = layout::history(areas.main, model.history.visible.len());
            (model.history.lines.len(), usize::from(layout::inner(beside).height))
        }
        _ => pages::size(model),
    };
    let (key, top) = match &model.overlay {
        Overlay::Help(help) => (help.search.value().to_owned(), help.scroll),
        Overlay::Log { scroll } | Overlay::Request { scroll, .. } => (pages::title(model), *scroll),
        Overlay::None if keymap::place(model) == Context::History && in_receipt(model) => {
            let entry = &model.history.current()?.summary;
            let again = model.history.again.get(&entry.id).map(|again| again.at);
            (format!("{} {again:?} {} {lines}", entry.id, entry.open), model.history.scroll)
        }
        _ => return None,
    };
    Some(Page { key, top, end: (top + height).min(lines), len: lines })
}

/// Lines of the text that is read.
pub(super) fn lines(model: &Model, range: Range<usize>) -> Vec<String> {
    let made;
    let lines = if matches!(model.overlay, Overlay::None) {
        &model.history.lines
    } else {
        made = pages::lines(model, pages::width(model, 0));
        &made
    };
    let end = range.end.min(lines.len());
    lines[range.start.min(end)..end].iter().map(|(line, _)| line.trim_end().to_owned()).collect()
}

/// The keys of this place with their words, as the last line of the screen shows them.
pub(super) fn hints(model: &Model) -> String {
    let context = keymap::context(model);
    let rows = || model.keys.iter().filter(|row| row.contexts.contains(&context));
    let hint = |row: &keymap::Binding| {
        let word = match row.action {
            Action::Where => "say where I am",
            Action::ReadOn => "read on",
            _ => row.hint,
        };
        let key = row.keys.first().filter(|_| !word.is_empty())?;
        Some(format!("{} {word}", model.keys.name(*key)))
    };
    format!("Keys here: {}.", words::listed(rows().filter_map(hint)))
}
