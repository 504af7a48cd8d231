//! Keys of the filter line that are not text, the same in every view that has one; and named filters.

#[cfg(test)]
mod tests;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::log::capital;
use crate::tui::app::update::ask;
use crate::tui::keys::Action;
use crate::tui::ui::filter::saved::{Waiting, setting};
use domain::Failure;
use engine::{Command, SavedFilter};

/// Accepts or cancels the line, or recalls an earlier one; other keys move in the list.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Earlier | Action::Later => recall(app, action),
        Action::Enter => {
            app.remember_filter();
            if let Some(filter) = app.filter_line_mut() {
                filter.keep();
            }
        }
        Action::Back => {
            if let Some(filter) = app.filter_line_mut() {
                filter.leave();
            }
        }
        action => app.shown_view().step(app, action),
    }
    vec![]
}

fn recall(app: &mut App, action: Action) {
    let filters = std::mem::take(&mut app.filters);
    let found = app.filter_line_mut().is_some_and(|line| match action {
        Action::Earlier => line.recall_earlier(&filters),
        _ => line.recall_later(&filters),
    });
    app.filters = filters;
    if !found {
        let which = if action == Action::Earlier { "earlier" } else { "later" };
        app.log.say(app.now, Level::Info, format!("There is no {which} filter."));
    }
}

// ── filters with a name ──────────────────────────────────────────────────────────────────────────

/// Applies the filter with this name to the list shown.
pub(crate) fn choose(app: &mut App, name: &str) {
    let Some(words) = app.saved.find(name).map(|filter| filter.words.clone()) else { return };
    if let Some(filter) = app.filter_line_mut() {
        filter.set(&words);
        app.remember_filter();
    }
}

/// Saves the current filter under a name.
pub(crate) fn save(app: &mut App, name: &str) -> Vec<Effect> {
    let words = app.filter_line().map(|filter| filter.line().trim().to_owned());
    let Some(words) = words.filter(|words| !words.is_empty()) else { return vec![] };
    if app.saved.is_set(name) {
        let text =
            format!("`{name}` is set in config.toml: change it there, or take another name.");
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    }
    keep(app, name, Some(words))
}

/// Deletes the filter with this name.
pub(crate) fn forget(app: &mut App, name: &str) -> Vec<Effect> {
    keep(app, name, None)
}

fn keep(app: &mut App, name: &str, words: Option<String>) -> Vec<Effect> {
    app.saved.waiting = Some(Waiting { name: name.to_owned(), words: words.clone() });
    ask(Command::SaveFilter { name: name.to_owned(), words })
}

/// The saved filters were read after one was saved or deleted, or the reason why that failed.
pub(crate) fn on_filters(app: &mut App, filters: Result<Vec<SavedFilter>, Failure>) -> Vec<Effect> {
    match (filters, app.saved.waiting.take()) {
        (Ok(kept), waiting) => {
            app.saved.keep(kept);
            if let Some(waiting) = waiting {
                say_kept(app, &waiting);
            }
        }
        (Err(failure), Some(Waiting { name, words: Some(words) })) => {
            return only_here(app, &failure, SavedFilter { name, words });
        }
        (Err(failure), _) => app.log.fail(app.now, &failure),
    }
    vec![]
}

fn say_kept(app: &mut App, Waiting { name, words }: &Waiting) {
    let key = app.keys.spoken(Action::SavedFilter);
    let text = match words {
        Some(_) => format!("The filter is saved as `{name}`: {key} lists those that are."),
        None => format!("The filter `{name}` is forgotten."),
    };
    app.log.say(app.now, Level::Done, text);
}

/// Saving failed: the filter lasts until the program ends, and its line for the settings goes to the clipboard.
fn only_here(app: &mut App, failure: &Failure, filter: SavedFilter) -> Vec<Effect> {
    let text = format!(
        "{}. `{}` applies until you quit; its line for config.toml was copied (if the terminal allows it).",
        capital(&failure.to_string()),
        filter.name
    );
    app.log.say(app.now, Level::Warning, text);
    let line = setting(&filter);
    app.saved.keep_here(filter);
    vec![Effect::Copy(line)]
}
