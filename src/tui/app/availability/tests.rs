//! No key is mute: each does something or says why not. And the list of commands is the key table.

use crate::tui::app::availability;
use crate::tui::keys::written;
use strum::IntoEnumIterator;

use crate::tui::app::App;
use crate::tui::app::update::update;
use crate::tui::fixture::{
    FIRST_READING, WEB, choosing, engine, finished, loaded, opened_in, press, press_revoke,
    remembered, running, scope, screen, share, starting,
};
use crate::tui::keys;
use crate::tui::keys::{Action, Binding, Context, Key};
use crate::tui::overlays::commands::state::Palette;
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::{Effect, Msg, What};
use domain::Failure;
use engine::Event;

/// A state of the screen, made anew for every key.
type State = (&'static str, fn() -> App);

/// After these keys.
fn after(mut app: App, keys: &str) -> App {
    press(&mut app, keys);
    app
}

fn with_marks() -> App {
    let mut app = loaded(120, 40);
    app.workspace.marks.insert(share("img-01", WEB));
    app.workspace.marks_changed();
    app.settle();
    app
}

fn planned() -> App {
    let mut app = with_marks();
    press_revoke(&mut app);
    app
}

fn empty() -> App {
    let mut app = opened_in(scope(), 120, 40);
    let session = app.workspace.session;
    engine(
        &mut app,
        Event::Listed { session, reading: FIRST_READING, present: Some(vec![]), failures: vec![] },
    );
    engine(&mut app, Event::ReadEnded { session, reading: FIRST_READING });
    app
}

fn refused() -> App {
    let mut app = starting(120, 40);
    engine(&mut app, Event::NoClouds(Failure::new("read clouds.yaml", "it is not there")));
    app
}

fn asked_for_a_code() -> App {
    let mut app = choosing(120, 40);
    let dialog = CodeDialog::new(
        engine::MissingCredential::Passcode,
        "otc-prod".into(),
        "the login asks for it".into(),
    );
    app.open(dialog);
    app.settle();
    app
}

fn history() -> App {
    let mut app = after(loaded(120, 40), "5");
    app.history.recalled(Ok(Box::new(remembered("0f0f"))));
    app.settle();
    app
}

const STATES: &[State] = &[
    ("starting", || starting(120, 40)),
    ("choosing", || choosing(120, 40)),
    ("no cloud open", || after(choosing(120, 40), "<esc>")),
    ("refused", refused),
    ("one-time code", asked_for_a_code),
    ("loading", || opened_in(scope(), 120, 40)),
    ("no images", empty),
    ("loaded", || loaded(120, 40)),
    ("members", || after(loaded(120, 40), "<tab>")),
    ("nobody's image", || after(loaded(120, 40), "/windows<enter><tab>")),
    ("filtered to nothing", || after(loaded(120, 40), "/zzzz<enter>")),
    ("members view", || after(loaded(120, 40), "2")),
    ("images of a member", || after(loaded(120, 40), "2<tab>")),
    ("range of images", || after(loaded(120, 40), "vjj")),
    ("range of members", || after(loaded(120, 40), "jjj<tab>vj")),
    ("range in the members view", || after(loaded(120, 40), "2vj")),
    ("range of received images", || after(loaded(120, 40), "ov")),
    ("matrix", || after(loaded(120, 40), "3")),
    ("matrix, rectangle", || after(loaded(120, 40), "3vj")),
    ("typing in the matrix", || after(loaded(120, 40), "3/ub")),
    ("marked", with_marks),
    ("typing a filter", || after(loaded(120, 40), "/ub")),
    ("received", || after(loaded(120, 40), "o")),
    ("share dialog", || after(loaded(120, 40), "+")),
    ("plan being made", || after(with_marks(), "R")),
    ("plan", planned),
    ("running", || running(120, 40)),
    ("quit?", || after(running(120, 40), "q")),
    ("close?", || after(with_marks(), "cx")),
    ("jobs, none", || after(loaded(120, 40), "4")),
    ("jobs", || after(running(120, 40), "4")),
    ("jobs, finished", || after(finished(120, 40), "4<tab>")),
    ("history, none", || after(loaded(120, 40), "5")),
    ("history", history),
    ("receipt", || after(history(), "<tab>")),
    ("typing in history", || after(loaded(120, 40), "5/re")),
    ("help", || after(loaded(120, 40), "?")),
    ("searching the help", || after(loaded(120, 40), "?/mark")),
    ("log", || after(loaded(120, 40), "L")),
    ("export", || after(loaded(120, 40), "e")),
    ("export of a receipt", || after(running(120, 40), "4e")),
    ("one request", || after(running(120, 40), "4<tab>j<enter>")),
    ("commands", || after(loaded(120, 40), ":")),
    ("commands, none fits", || after(loaded(120, 40), ":zzzz")),
];

fn press_key(app: &mut App, (code, modifiers): Key) -> Vec<Effect> {
    let key = crossterm::event::KeyEvent::new(code, modifiers);
    let mut effects = update(app, Msg { now: app.now, what: What::Key(key) });
    effects.extend(app.settle_and_request());
    effects
}

/// At the end of a list these do nothing, and that is seen.
fn moves(here: Context, action: Action) -> bool {
    use Action::{
        Bottom, Down, FirstColumn, LastColumn, Left, PageDown, PageLeft, PageRight, PageUp, Right,
        Top, Up,
    };
    let reads = matches!(here, Context::Reading | Context::Help | Context::History);
    matches!(action, Up | Down | Top | Bottom | PageUp | PageDown)
        || (reads && action == Action::ReadOn)
        || (here == Context::Matrix
            && matches!(action, Left | Right | PageLeft | PageRight | FirstColumn | LastColumn))
}

/// How often something was said, if only in the log.
fn told(app: &App) -> usize {
    app.log.entries().map(|entry| entry.times).sum()
}

#[test]
fn every_key_of_every_place_does_something_or_says_why_not() {
    let mut mute = Vec::new();
    for (name, state) in STATES {
        let here = keys::context(&state());
        let rows: Vec<_> = state().keys.iter().cloned().collect();
        let acts = |row: &&Binding| row.contexts.contains(&here) && !moves(here, row.action);
        for row in rows.iter().filter(acts) {
            for key in &row.keys {
                let mut app = state();
                app.settle();
                let (before, said) = (screen(&app), told(&app));

                let effects = press_key(&mut app, *key);

                let same = effects.is_empty() && told(&app) == said && screen(&app) == before;
                if same {
                    mute.push(format!("{} in {name}", written::written(*key)));
                }
            }
        }
    }
    assert!(mute.is_empty(), "mute: {mute:#?}");
}

#[test]
fn the_states_of_these_tests_reach_every_place() {
    let reached: Vec<Context> = STATES.iter().map(|(_, state)| keys::context(&state())).collect();
    for context in Context::iter() {
        assert!(reached.contains(&context), "{context:?}");
    }
}

/// The states from where the list of commands is opened.
fn open_to_commands() -> Vec<&'static State> {
    let opens = |(_, state): &&State| {
        let app = state();
        let here = keys::context(&app);
        app.keys.iter().any(|row| row.action == Action::Palette && row.contexts.contains(&here))
    };
    STATES.iter().filter(opens).collect()
}

#[test]
fn every_action_is_in_the_list_of_commands_everywhere() {
    let states = open_to_commands();
    assert!(states.len() > 10);
    for (name, state) in states {
        let app = after(state(), ":");
        let Some(palette) = app.dialog::<Palette>() else { panic!("no commands in {name}") };
        for action in Action::iter() {
            let entry = palette.fitting.iter().find(|entry| entry.action == action);
            let entry = entry.unwrap_or_else(|| panic!("no {} in {name}", action.word()));
            assert!(!entry.help.is_empty());
        }
        let works = palette.fitting.iter().map(|entry| entry.why_not.is_none());
        assert!(works.is_sorted_by(|a, b| a >= b), "what works is not first in {name}");
    }
}

/// Runs a command of the list.
fn choose(app: &mut App, action: Action) -> Vec<Effect> {
    press(app, ":");
    let Some(palette) = app.dialog_mut::<Palette>() else { panic!("no commands") };
    let at = palette.fitting.iter().position(|entry| entry.action == action).unwrap();
    palette.go(at);
    press(app, "<enter>")
}

#[test]
fn a_command_does_what_its_key_does() {
    let mut compared = 0;
    for (name, state) in open_to_commands() {
        let here = keys::context(&state());
        let rows: Vec<_> = state().keys.iter().cloned().collect();
        for row in rows.iter().filter(|row| row.contexts.contains(&here)) {
            let Some(key) = row.keys.first() else { continue };
            let (mut by_key, mut by_command) = (state(), state());
            if availability::obstacle(&by_key, here, row.action).is_some() {
                continue;
            }

            let effects = press_key(&mut by_key, *key);
            let same_effects = choose(&mut by_command, row.action);

            let word = row.action.word();
            assert_eq!(format!("{same_effects:?}"), format!("{effects:?}"), "{word} in {name}");
            assert_eq!(screen(&by_command), screen(&by_key), "{word} in {name}");
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn a_key_that_means_something_elsewhere_says_where() {
    let mut app = loaded(120, 40);
    press(&mut app, "z");
    assert!(app.log.last().unwrap().1.starts_with("z is `show-empty`, in the Matrix view."));
    press(&mut app, "E");
    assert_eq!(app.log.last().unwrap().1, "E is not bound here. ? lists all keys.");
    press(&mut app, "й");
    let hint = &app.log.last().unwrap().1;
    assert!(hint.starts_with("й is not bound here. Keys are Latin letters: switch"), "{hint}");
}

#[test]
fn what_is_said_under_a_dialog_stands_in_the_last_line_until_the_next_key() {
    let mut app = loaded(120, 40);
    press(&mut app, "cjx");
    assert!(screen(&app).contains("That scope is not open."));
    press(&mut app, "k");
    assert!(!screen(&app).contains("That scope is not open"));
}
