//! Keys of the filter line that are not typed: the same in every view that has one. And filters with a name.

use super::{ask, browse, by_member, history, matrix};
use crate::domain::Failure;
use crate::engine::{Command, SavedFilter};
use crate::tui::Effect;
use crate::tui::filter::saved::{Waiting, setting};
use crate::tui::keymap::Action;
use crate::tui::model::log::capital;
use crate::tui::model::{Level, Model, View};

/// Keeps the line, leaves it, brings back an earlier one; everything else moves in the list.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Earlier | Action::Later => recall(model, action),
        Action::Enter => {
            model.remember_filter();
            if let Some(filter) = model.filter_line_mut() {
                filter.keep();
            }
        }
        Action::Back => {
            if let Some(filter) = model.filter_line_mut() {
                filter.leave();
            }
        }
        action => match model.view {
            View::Images | View::Jobs => browse::step(model, action),
            View::Members => by_member::step(model, action),
            View::Matrix => matrix::step(model, action),
            View::History => history::step(model, action),
        },
    }
    vec![]
}

fn recall(model: &mut Model, action: Action) {
    let filters = std::mem::take(&mut model.filters);
    let found = model.filter_line_mut().is_some_and(|line| match action {
        Action::Earlier => line.recall_earlier(&filters),
        _ => line.recall_later(&filters),
    });
    model.filters = filters;
    if !found {
        let which = if action == Action::Earlier { "earlier" } else { "later" };
        model.log.say(model.now, Level::Info, format!("There is no {which} filter."));
    }
}

// ── filters with a name ──────────────────────────────────────────────────────────────────────────

/// Filters the list that is shown by the one of this name.
pub(super) fn choose(model: &mut Model, name: &str) {
    let Some(words) = model.saved.find(name).map(|filter| filter.words.clone()) else { return };
    if let Some(filter) = model.filter_line_mut() {
        filter.set(&words);
        model.remember_filter();
    }
}

/// Keeps the filter that is set under a name.
pub(super) fn save(model: &mut Model, name: &str) -> Vec<Effect> {
    let words = model.filter_line().map(|filter| filter.line().trim().to_owned());
    let Some(words) = words.filter(|words| !words.is_empty()) else { return vec![] };
    if model.saved.is_set(name) {
        let text =
            format!("`{name}` is set in config.toml: change it there, or take another name.");
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    }
    keep(model, name, Some(words))
}

/// Forgets the filter of this name.
pub(super) fn forget(model: &mut Model, name: &str) -> Vec<Effect> {
    keep(model, name, None)
}

fn keep(model: &mut Model, name: &str, words: Option<String>) -> Vec<Effect> {
    model.saved.waiting = Some(Waiting { name: name.to_owned(), words: words.clone() });
    ask(Command::KeepFilter { name: name.to_owned(), words })
}

/// The filters that are kept were read, after one was kept or forgotten; or why that could not be.
pub(super) fn on_filters(
    model: &mut Model,
    filters: Result<Vec<SavedFilter>, Failure>,
) -> Vec<Effect> {
    match (filters, model.saved.waiting.take()) {
        (Ok(kept), waiting) => {
            model.saved.keep(kept);
            if let Some(waiting) = waiting {
                say_kept(model, &waiting);
            }
        }
        (Err(failure), Some(Waiting { name, words: Some(words) })) => {
            return only_here(model, &failure, SavedFilter { name, words });
        }
        (Err(failure), _) => model.log.fail(model.now, &failure),
    }
    vec![]
}

fn say_kept(model: &mut Model, Waiting { name, words }: &Waiting) {
    let key = model.keys.spoken(Action::SavedFilter);
    let text = match words {
        Some(_) => format!("The filter is saved as `{name}`: {key} lists those that are."),
        None => format!("The filter `{name}` is forgotten."),
    };
    model.log.say(model.now, Level::Done, text);
}

/// It could not be written: it holds until the end, and its line for the settings goes to the clipboard.
fn only_here(model: &mut Model, failure: &Failure, filter: SavedFilter) -> Vec<Effect> {
    let text = format!(
        "{}. `{}` holds until you quit; its line for config.toml was copied (if the terminal allows it).",
        capital(&failure.to_string()),
        filter.name
    );
    model.log.say(model.now, Level::Warning, text);
    let line = setting(&filter);
    model.saved.keep_here(filter);
    vec![Effect::Copy(line)]
}
