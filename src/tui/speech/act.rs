//! What a listener asks for: where he is, and what comes next. Outside plain mode the first helps where names are cut.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::input;
use crate::tui::app::log::Level;
use crate::tui::keys::{Action, Context};
use crate::tui::speech;
use crate::tui::views::history::state::HistoryFocus;

/// Says where one is, and what the cursor is on, in full.
pub(crate) fn say_where(app: &mut App) {
    if app.plain_mode.is_on() {
        app.plain_mode.again += 1;
        return;
    }
    let text = speech::here(app);
    app.log.say(app.now, Level::Info, text);
}

/// Reads the list on, or turns the page of a text.
pub(crate) fn read_on(app: &mut App, context: Context) -> Vec<Effect> {
    let receipt = context == Context::History && app.history.focus == HistoryFocus::Receipt;
    if receipt || matches!(context, Context::Reading | Context::Help) {
        return input::in_context(app, context, Action::PageDown);
    }
    if app.plain_mode.is_on() {
        app.plain_mode.onward += 1;
        return vec![];
    }
    let text = "This reads the list aloud in plain mode (--plain) only.";
    app.log.say(app.now, Level::Info, text);
    vec![]
}

/// Says that something was copied; or that it is printed, where there is no clipboard.
pub(crate) fn say_copied(app: &mut App, what: &str) {
    let text = if app.around.habits.is_dumb() {
        format!("This terminal has no clipboard: {what} is shown above; copy it from there.")
    } else {
        format!("Copied {what} (if the terminal allows it).")
    };
    app.log.say(app.now, Level::Done, text);
}
