//! The list of commands: what is in it, and running one as its key would.

use crate::tui::ui::list::stepped;
use tui_input::Input;

use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::{App, availability, input};
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::clouds::state::Target;
use crate::tui::overlays::commands::state::Entry;
use crate::tui::overlays::commands::state::Palette;
use crate::tui::overlays::{Acted, clouds};
use crate::tui::theme::names::Name;
use crate::tui::ui::filter_line;
use crate::tui::views::images::sort::Sort;

/// Commands remembered for `↑`.
const EARLIER: usize = 50;

/// Opens it.
pub(crate) fn open(app: &mut App, here: Context) {
    let palette = palette(app, here);
    app.open(palette);
}

/// Opens it with the name of a command that takes something: what it could take is listed.
pub(crate) fn open_for(app: &mut App, here: Context, action: Action) {
    let palette = palette(app, here).typed(&format!("{} ", action.word()));
    app.open(palette);
}

fn palette(app: &mut App, here: Context) -> Palette {
    app.settle();
    Palette::new(here, entries(app, here), arguments(app, here))
}

/// A row of the key table each: all of this place, and every other action once.
fn entries(app: &App, here: Context) -> Vec<Entry> {
    let rows = || app.keys.iter();
    let mut out: Vec<Entry> = Vec::new();
    for row in rows().filter(|row| row.contexts.contains(&here)) {
        let keys = row.keys.iter().copied().map(keys::written::written);
        match out.iter_mut().find(|entry| entry.action == row.action) {
            Some(entry) => entry.keys = keys.fold(entry.keys.clone(), |all, key| all + " " + &key),
            None => out.push(Entry {
                action: row.action,
                argument: None,
                keys: keys.collect::<Vec<_>>().join(" "),
                help: row.help.to_owned(),
                why_not: availability::obstacle(app, here, row.action),
            }),
        }
    }
    for row in rows() {
        if out.iter().all(|entry| entry.action != row.action) {
            out.push(Entry {
                action: row.action,
                argument: None,
                keys: row.keys.first().copied().map(keys::written::written).unwrap_or_default(),
                help: row.help.to_owned(),
                why_not: Some(availability::elsewhere(app, row.action)),
            });
        }
    }
    out
}

/// The arguments of commands.
fn arguments(app: &App, here: Context) -> Vec<Entry> {
    let entry = |action, argument: &str, help: &str| Entry {
        action,
        argument: Some(argument.to_owned()),
        keys: String::new(),
        help: help.to_owned(),
        why_not: None,
    };
    let themes = Name::ALL.iter().map(|(_, name, help)| entry(Action::Theme, name, help));
    let clouds = app.clouds.iter().map(|line| {
        let argument = place(&line.target);
        entry(Action::Clouds, &argument, &line.about)
    });
    let columns = if sorts(here) { Sort::all(app.workspace.received.shown) } else { &[] };
    let columns =
        columns.iter().map(|sort| entry(Action::Sort, sort.word(), "sort by this column"));
    let saved = app.saved.all().map(|(filter, from)| {
        let help = format!("/{}  ({from})", filter.words);
        entry(Action::SavedFilter, &filter.name, &help)
    });
    let kept = app
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

/// What a key does in it.
pub(crate) fn act(mut palette: Box<Palette>, app: &mut App, action: Action) -> Acted {
    match action {
        Action::Back => return (None, vec![]),
        Action::Enter => return enter(palette, app),
        Action::NextPane => palette.complete(),
        Action::Up => palette.up(&app.commands),
        Action::Down => palette.down(&app.commands),
        action => {
            let at = stepped(&palette.cursor, action, palette.fitting.len());
            palette.go(at);
        }
    }
    (Some(palette), vec![])
}

/// Runs the command under the cursor, or says why it cannot be run.
fn enter(mut palette: Box<Palette>, app: &mut App) -> Acted {
    let complaint = match palette.current() {
        None => Some("No such command.".to_owned()),
        Some(entry) => entry.why_not.clone(),
    };
    let (Some(entry), None) = (palette.current().cloned(), &complaint) else {
        palette.complaint = complaint;
        return (Some(palette), vec![]);
    };
    let line = entry.line();
    app.commands.retain(|earlier| *earlier != line);
    app.commands.push(line);
    if app.commands.len() > EARLIER {
        app.commands.remove(0);
    }
    let effects = match entry.argument {
        Some(argument) => run_with(app, palette.here, entry.action, &argument),
        None => input::act(app, palette.here, entry.action),
    };
    (None, effects)
}

fn run_with(app: &mut App, here: Context, action: Action, argument: &str) -> Vec<Effect> {
    match action {
        Action::Theme => set_theme(app, Name::called(argument).unwrap_or_default()),
        Action::Clouds => {
            let target = app.clouds.iter().map(|line| &line.target);
            let target = target.into_iter().find(|target| place(target) == argument).cloned();
            let Some(target) = target else { return vec![] };
            if app.workspace.is_of(&target) && app.workspace.is_alive() {
                let text = format!("{} is on the screen already.", app.workspace.label());
                app.log.say(app.now, Level::Info, text);
                return vec![];
            }
            return clouds::act::open(app, target);
        }
        Action::Sort => {
            let wanted =
                Sort::all(app.workspace.received.shown).iter().find(|s| s.word() == argument);
            if let Some(sort) = wanted {
                app.workspace.images.sort = *sort;
                app.workspace.images.reversed = false;
                app.workspace.images.changed();
            }
        }
        Action::SavedFilter => filter_line::act::choose(app, argument),
        Action::SaveFilter => return filter_line::act::save(app, argument),
        Action::ForgetFilter => return filter_line::act::forget(app, argument),
        // Typed as a user types it, whichever list is filtered here; in place of what is set.
        _ => {
            let mut effects = input::act(app, here, action);
            if let Some(filter) = app.filter_line_mut() {
                filter.edit(|input| *input = Input::new(argument.to_owned()));
            }
            let typing = keys::context(app);
            effects.extend(input::act(app, typing, Action::Enter));
            return effects;
        }
    }
    vec![]
}

/// Shows everything in another theme.
pub(crate) fn set_theme(app: &mut App, name: Name) {
    app.themes.name = name;
    let text = match (app.around.colour, name) {
        (false, _) => "Theme: no colours are wanted here (NO_COLOR, or --color never).".to_owned(),
        (true, Name::Auto) => {
            format!("Theme {}: {:?} background.", name.word(), app.around.background)
        }
        (true, _) => format!("Theme {}. `[theme] name` in config.toml keeps it.", name.word()),
    };
    app.log.say(app.now, Level::Info, text);
}
