//! The list of commands: what is in it, and running one as its key would.

use tui_input::Input;

use super::{availability, clouds, filter_line, keys};
use crate::tui::Effect;
use crate::tui::keymap::{self, Action, Context};
use crate::tui::model::browse::Sort;
use crate::tui::model::palette::Entry;
use crate::tui::model::{Level, Model, Overlay, Palette, Target};
use crate::tui::theme::Name;

/// Commands remembered for `↑`.
const EARLIER: usize = 50;

/// Opens it.
pub(super) fn open(model: &mut Model, here: Context) -> Vec<Effect> {
    model.settle();
    let palette = Palette::new(here, entries(model, here), arguments(model, here));
    model.overlay = Overlay::Palette(Box::new(palette));
    vec![]
}

/// Opens it with the name of a command that takes something: what it could take is listed.
pub(super) fn open_for(model: &mut Model, here: Context, action: Action) -> Vec<Effect> {
    open(model, here);
    if let Overlay::Palette(palette) = std::mem::take(&mut model.overlay) {
        let line = format!("{} ", action.word());
        model.overlay = Overlay::Palette(Box::new(palette.typed(&line)));
    }
    vec![]
}

/// A row of the key table each: all of this place, and every other action once.
fn entries(model: &Model, here: Context) -> Vec<Entry> {
    let rows = || model.keys.iter();
    let mut out: Vec<Entry> = Vec::new();
    for row in rows().filter(|row| row.contexts.contains(&here)) {
        let keys = row.keys.iter().copied().map(keymap::written);
        match out.iter_mut().find(|entry| entry.action == row.action) {
            Some(entry) => entry.keys = keys.fold(entry.keys.clone(), |all, key| all + " " + &key),
            None => out.push(Entry {
                action: row.action,
                argument: None,
                keys: keys.collect::<Vec<_>>().join(" "),
                help: row.help.to_owned(),
                why_not: availability::obstacle(model, here, row.action),
            }),
        }
    }
    for row in rows() {
        if out.iter().all(|entry| entry.action != row.action) {
            out.push(Entry {
                action: row.action,
                argument: None,
                keys: row.keys.first().copied().map(keymap::written).unwrap_or_default(),
                help: row.help.to_owned(),
                why_not: Some(availability::elsewhere(model, row.action)),
            });
        }
    }
    out
}

/// What can stand after the names of commands.
fn arguments(model: &Model, here: Context) -> Vec<Entry> {
    let entry = |action, argument: &str, help: &str| Entry {
        action,
        argument: Some(argument.to_owned()),
        keys: String::new(),
        help: help.to_owned(),
        why_not: None,
    };
    let themes = Name::ALL.iter().map(|(_, name, help)| entry(Action::Theme, name, help));
    let clouds = model.clouds.lines.iter().map(|line| {
        let argument = place(&line.target);
        entry(Action::Clouds, &argument, &line.about)
    });
    let columns = if sorts(here) { Sort::all(model.workspace.received.shown) } else { &[] };
    let columns =
        columns.iter().map(|sort| entry(Action::Sort, sort.word(), "sort by this column"));
    let saved = model.saved.all().map(|(filter, from)| {
        let help = format!("/{}  ({from})", filter.words);
        entry(Action::SavedFilter, &filter.name, &help)
    });
    let kept = model
        .saved
        .kept()
        .iter()
        .map(|filter| entry(Action::ForgetFilter, &filter.name, &format!("/{}", filter.words)));
    themes.chain(clouds).chain(columns).chain(saved).chain(kept).collect()
}

/// Whether it is the list of images that is sorted.
fn sorts(here: Context) -> bool {
    matches!(here, Context::Images | Context::Members | Context::Received)
}

/// A cloud, and its region if it has several.
fn place(target: &Target) -> String {
    let parts = [target.cloud.as_deref(), target.region.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What a key does in it. What is not put back is closed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Palette(mut palette) = std::mem::take(&mut model.overlay) else { return vec![] };
    match action {
        Action::Back => return vec![],
        Action::Enter => return enter(model, palette),
        Action::NextPane => palette.complete(),
        Action::Up => palette.up(&model.commands),
        Action::Down => palette.down(&model.commands),
        action => {
            let at = super::browse::stepped(&palette.cursor, action, palette.fitting.len());
            palette.go(at);
        }
    }
    model.overlay = Overlay::Palette(palette);
    vec![]
}

/// Runs the command under the cursor, or says why it cannot be run.
fn enter(model: &mut Model, mut palette: Box<Palette>) -> Vec<Effect> {
    let complaint = match palette.current() {
        None => Some("There is no such command.".to_owned()),
        Some(entry) => entry.why_not.clone(),
    };
    let (Some(entry), None) = (palette.current().cloned(), &complaint) else {
        palette.complaint = complaint;
        model.overlay = Overlay::Palette(palette);
        return vec![];
    };
    let line = entry.line();
    model.commands.retain(|earlier| *earlier != line);
    model.commands.push(line);
    if model.commands.len() > EARLIER {
        model.commands.remove(0);
    }
    match entry.argument {
        Some(argument) => run_with(model, palette.here, entry.action, &argument),
        None => keys::act(model, palette.here, entry.action),
    }
}

fn run_with(model: &mut Model, here: Context, action: Action, argument: &str) -> Vec<Effect> {
    match action {
        Action::Theme => set_theme(model, Name::called(argument).unwrap_or_default()),
        Action::Clouds => {
            let target = model.clouds.lines.iter().map(|line| &line.target);
            let target = target.into_iter().find(|target| place(target) == argument).cloned();
            let Some(target) = target else { return vec![] };
            if model.workspace.is_of(&target) && model.workspace.is_alive() {
                let text = format!("{} is on the screen already.", model.workspace.label());
                model.log.say(model.now, Level::Info, text);
                return vec![];
            }
            return clouds::open(model, target);
        }
        Action::Sort => {
            let wanted =
                Sort::all(model.workspace.received.shown).iter().find(|s| s.word() == argument);
            if let Some(sort) = wanted {
                model.workspace.images.sort = *sort;
                model.workspace.images.reversed = false;
                model.workspace.images.changed();
            }
        }
        Action::SavedFilter => filter_line::choose(model, argument),
        Action::SaveFilter => return filter_line::save(model, argument),
        Action::ForgetFilter => return filter_line::forget(model, argument),
        // Typed as a user types it, whichever list is filtered here; in place of what is set.
        _ => {
            let mut effects = keys::act(model, here, action);
            if let Some(filter) = model.filter_line_mut() {
                filter.edit(|input| *input = Input::new(argument.to_owned()));
            }
            let typing = keymap::context(model);
            effects.extend(keys::act(model, typing, Action::Enter));
            return effects;
        }
    }
    vec![]
}

/// Shows everything in another theme.
pub(super) fn set_theme(model: &mut Model, name: Name) {
    model.themes.name = name;
    let text = match (model.around.colour, name) {
        (false, _) => "Theme: no colours are wanted here (NO_COLOR, or --color never).".to_owned(),
        (true, Name::Auto) => {
            format!("Theme {}: {:?} background.", name.word(), model.around.background)
        }
        (true, _) => format!("Theme {}. `[theme] name` in config.toml keeps it.", name.word()),
    };
    model.log.say(model.now, Level::Info, text);
}
