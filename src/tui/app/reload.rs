//! Settings that were read again while the program runs.

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::log::capital;
use crate::tui::keys;
use crate::tui::{Effect, Reread, Settings};
use cloud::config::ConfigError;

/// The settings were read again. What is wrong changes nothing: what held before goes on holding.
pub(crate) fn on_reloaded(app: &mut App, asked: bool, reread: Reread) -> Vec<Effect> {
    let Reread { outcome, changed, clouds_changed } = reread;
    match outcome {
        Err(errors) if changed || asked => say_errors(app, &errors),
        Ok(_) if asked && !changed => {
            let text = "Settings unchanged.";
            app.log.say(app.now, Level::Info, text);
        }
        Ok(settings) if changed => {
            take(app, settings);
            let clouds = if clouds_changed {
                " Changes under [clouds] take effect after a restart."
            } else {
                ""
            };
            let text =
                format!("Settings reloaded: keys, colours, names and filters apply now.{clouds}");
            app.log.say(app.now, Level::Done, text);
        }
        _ => {}
    }
    vec![]
}

fn take(app: &mut App, settings: Settings) {
    let Settings { mut keys, themes, notify, consoles, filters, aliases, .. } = settings;
    if app.plain_mode.is_on() {
        keys.write_in_words();
    }
    (app.keys, app.themes, app.notify) = (keys, themes, notify);
    app.consoles = consoles;
    app.names.set_aliases(aliases);
    app.saved.set(filters);
    app.workspace.images.changed();
    for workspace in &mut app.background {
        workspace.images.changed();
    }
}

fn say_errors(app: &mut App, errors: &[ConfigError]) {
    let Some((first, others)) = errors.split_first() else { return };
    for error in others {
        app.log.note(app.now, Level::Error, &capital(&error.to_string()));
    }
    let more = match others.len() {
        0 => String::new(),
        n => {
            format!(" {n} more in the log ({}).", app.keys.spoken(keys::Action::Log))
        }
    };
    let text = format!("{}.{more} Keeping the previous settings.", capital(&first.to_string()));
    app.log.say(app.now, Level::Error, text);
}
