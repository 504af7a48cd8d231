//! What a listener asks for: where he is, and what comes next. Outside plain mode the first helps where names are cut.

use super::keys;
use crate::tui::Effect;
use crate::tui::keymap::{Action, Context};
use crate::tui::model::history::HistoryFocus;
use crate::tui::model::{Level, Model};
use crate::tui::plain;

/// Says where one is, and what the cursor is on, in full.
pub(super) fn say_where(model: &mut Model) {
    if model.listener.listens() {
        model.listener.again += 1;
        return;
    }
    let text = plain::here(model);
    model.log.say(model.now, Level::Info, text);
}

/// Reads the list on, or turns the page of a text.
pub(super) fn read_on(model: &mut Model, context: Context) -> Vec<Effect> {
    let receipt = context == Context::History && model.history.focus == HistoryFocus::Receipt;
    if receipt || matches!(context, Context::Reading | Context::Help) {
        return keys::in_context(model, context, Action::PageDown);
    }
    if model.listener.listens() {
        model.listener.onward += 1;
        return vec![];
    }
    let text = "That reads the list in plain mode (--plain). Here it stands on the screen.";
    model.log.say(model.now, Level::Info, text);
    vec![]
}

/// Says that something was copied; or that it is printed, where there is no clipboard.
pub(super) fn say_copied(model: &mut Model, what: &str) {
    let text = if model.around.habits.is_dumb() {
        format!("This terminal has no clipboard: {what} stands above, to be copied from there.")
    } else {
        format!("Copied {what} (if the terminal allows it).")
    };
    model.log.say(model.now, Level::Done, text);
}
