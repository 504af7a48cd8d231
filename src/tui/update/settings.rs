//! Settings that were read again while the program runs.

use crate::config::ConfigError;
use crate::tui::model::log::capital;
use crate::tui::model::{Level, Model};
use crate::tui::{Effect, Reread, Settings};

/// The settings were read again. What is wrong changes nothing: what held before goes on holding.
pub(super) fn on_reloaded(model: &mut Model, asked: bool, reread: Reread) -> Vec<Effect> {
    let Reread { outcome, changed, clouds_changed } = reread;
    match outcome {
        Err(errors) if changed || asked => say_errors(model, &errors),
        Ok(_) if asked && !changed => {
            let text = "The settings say what they said before.";
            model.log.say(model.now, Level::Info, text);
        }
        Ok(settings) if changed => {
            take(model, settings);
            let clouds = if clouds_changed {
                " What [clouds] says of rights and limits holds from the next start on."
            } else {
                ""
            };
            let text = format!(
                "The settings were read again: keys, colours, names and filters hold now.{clouds}"
            );
            model.log.say(model.now, Level::Done, text);
        }
        _ => {}
    }
    vec![]
}

fn take(model: &mut Model, settings: Settings) {
    let Settings { mut keys, themes, notify, consoles, filters, aliases, .. } = settings;
    if model.listener.listens() {
        keys.write_in_words();
    }
    (model.keys, model.themes, model.notify) = (keys, themes, notify);
    model.consoles = consoles;
    model.names.set_aliases(aliases);
    model.saved.set(filters);
    model.workspace.images.changed();
    for workspace in &mut model.background {
        workspace.images.changed();
    }
}

fn say_errors(model: &mut Model, errors: &[ConfigError]) {
    let Some((first, others)) = errors.split_first() else { return };
    for error in others {
        model.log.note(model.now, Level::Error, &capital(&error.to_string()));
    }
    let more = match others.len() {
        0 => String::new(),
        n => format!(
            " {n} more in the log ({}).",
            model.keys.spoken(crate::tui::keymap::Action::Log)
        ),
    };
    let text = format!("{}.{more} What held before goes on holding.", capital(&first.to_string()));
    model.log.say(model.now, Level::Error, text);
}
