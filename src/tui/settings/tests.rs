//! Keys and colours of the user, read at the start and again while the program runs.

use crate::tui::app::log;
use crate::tui::fixture;
use crate::tui::keys::written;
use std::fmt::Write as _;
use std::path::Path;

use strum::IntoEnumIterator;

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::update::update;
use crate::tui::fixture::{
    NOW, engine, loaded, loaded_in, press, running, scope, screen, starting, wait,
};
use crate::tui::keys;
use crate::tui::keys::custom::Keymap;
use crate::tui::keys::{Action, Context, Key};
use crate::tui::notify::Notify;
use crate::tui::overlays::plan::planning::Planning;
use crate::tui::{Effect, Msg, Reread, Settings, What};
use cloud::config::{AppConfig, ConfigError};
use domain::Scope;
use engine::Event;

fn read(text: &str) -> Result<Settings, Vec<ConfigError>> {
    Settings::of(&AppConfig::parse(text, Path::new("config.toml")).unwrap())
}

fn reloaded(app: &mut App, asked: bool, text: &str) {
    let reread = Reread { outcome: read(text), changed: true, clouds_changed: false };
    let what = What::Reloaded { asked, reread: Box::new(reread) };
    update(app, Msg { now: app.now, what });
    app.settle();
}

fn last(app: &App) -> (Level, &str) {
    app.log.last().unwrap()
}

#[test]
fn hints_help_commands_and_sentences_show_the_keys_of_the_user() {
    let mut app = loaded(140, 40);
    reloaded(&mut app, true, "[keys]\nrevoke = \"K\"\nmark = \"m\"\nlog = \"ctrl-l\"");
    assert!(screen(&app).contains("m mark"));
    press(&mut app, "/ubuntu-22<enter>m");
    assert!(screen(&app).contains("K revoke"));
    press(&mut app, "m<esc>");

    press(&mut app, "K");
    assert!(last(&app).1.starts_with("Nothing is marked: m marks a share"));
    press(&mut app, "/ubuntu-22<enter>mK");
    assert!(app.dialog::<Planning>().is_some());
    press(&mut app, "<esc>?");
    assert!(screen(&app).contains("  K             revoke the marked shares"));
    press(&mut app, "<esc>:K");
    assert!(screen(&app).contains("revoke"));
}

#[test]
fn settings_that_are_wrong_change_nothing_and_every_mistake_is_told() {
    let mut app = loaded(140, 40);
    reloaded(&mut app, true, "[keys]\nrevoke = \"K\"");
    let text = "[keys]\nrevok = \"X\"\nmark = \"hyper\"\n[theme]\nname = \"drak\"";
    reloaded(&mut app, false, text);

    let (level, said) = last(&app);
    assert_eq!(level, Level::Error);
    assert!(
        said.starts_with("Config.toml:2: unknown action `revok`")
            || said.starts_with("config.toml:2: unknown action `revok`"),
        "{said}"
    );
    assert!(said.ends_with("2 more in the log (L). Keeping the previous settings."), "{said}");
    let log: Vec<&str> = app.log.entries().map(|entry| entry.text.as_str()).collect();
    assert!(log.iter().any(|text| text.contains(":3: `hyper` is not a key")), "{log:?}");
    assert!(log.iter().any(|text| text.contains(":5: unknown theme `drak`")), "{log:?}");
    assert_eq!(app.keys.spoken(Action::Revoke), "K");
}

#[test]
fn the_focus_reads_the_settings_and_says_nothing_when_they_are_the_same() {
    let mut app = loaded(140, 40);
    let effects = update(&mut app, Msg { now: NOW, what: What::Focus });
    assert!(matches!(effects[..], [Effect::Reload { asked: false }]));
    let said = app.log.said;
    let same = |asked| {
        let reread = Reread { outcome: read(""), changed: false, clouds_changed: false };
        What::Reloaded { asked, reread: Box::new(reread) }
    };
    update(&mut app, Msg { now: NOW, what: same(false) });
    assert_eq!(app.log.said, said);
    update(&mut app, Msg { now: NOW, what: same(true) });
    assert_eq!(last(&app).1, "Settings unchanged.");

    let effects = press(&mut app, ":reload<enter>");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Reload { asked: true })));
}

#[test]
fn names_of_projects_follow_the_settings() {
    let mut app = loaded(140, 40);
    let id = fixture::WEB;
    reloaded(&mut app, true, &format!("[projects]\n{id} = \"renamed\""));
    press(&mut app, "/ubuntu-22<enter>");
    assert!(screen(&app).contains("renamed") && !screen(&app).contains("team-web"));
    reloaded(&mut app, true, "");
    assert!(!screen(&app).contains("renamed"));
}

#[test]
fn themes_differ_in_colour_and_not_in_text() {
    let mut app = running(140, 40);
    reloaded(&mut app, true, "[theme]\nname = \"auto\"");
    app.log = log::Log::default();
    let text = screen(&app);
    for name in ["dark", "light", "colour-blind", "sixteen", "plain"] {
        reloaded(&mut app, true, &format!("[theme]\nname = \"{name}\""));
        app.log = log::Log::default();
        assert_eq!(screen(&app), text, "{name}");
    }
}

#[test]
fn a_protected_cloud_is_told_by_word_and_by_the_colour_of_its_frames() {
    let app = loaded_in(Scope { protected: true, ..scope() }, 140, 40);
    assert!(screen(&app).contains("⚠ protected"));
    assert_eq!(app.theme.accent().fg, app.theme.warn().fg);
    assert_ne!(loaded(140, 40).theme.accent().fg, app.theme.warn().fg);
}

#[test]
fn the_first_steps_are_told_in_the_keys_of_the_user_and_go_away() {
    let mut app = starting(100, 30);
    app.keys = read("[keys]\nrevoke = \"K\"").unwrap().keys;
    app.welcome();
    let shown = screen(&app);
    assert!(shown.contains("First time here?"), "{shown}");
    assert!(last(&app).1.contains("K shows the plan"));
    engine(&mut app, Event::NoClouds(domain::Failure::new("a", "b")));
    wait(&mut app, 21);
    assert!(!screen(&app).contains("First time here?"));
}

// ── assets/config.toml ───────────────────────────────────────────────────────────────────────────

const DEFAULTS: &str = include_str!("../../../assets/config.toml");
const MARK: &str = "# ── keys";

fn keys_in(map: &Keymap, context: Context, action: Action) -> Vec<Key> {
    let here = |row: &&keys::Binding| row.action == action && row.contexts.contains(&context);
    map.iter().filter(here).flat_map(|row| row.keys.iter().copied()).collect()
}

/// What `[keys]` must say so that nothing is different: the keys of an action, and where it has others.
fn written_out() -> String {
    let map = Keymap::default();
    let list = |keys: &[Key]| {
        let quoted: Vec<String> =
            keys.iter().map(|key| format!("\"{}\"", written::in_settings(*key))).collect();
        format!("[{}]", quoted.join(", "))
    };
    let way_out = (crossterm::event::KeyCode::Char('c'), crossterm::event::KeyModifiers::CONTROL);
    let own = |context, action| {
        let keys = keys_in(&map, context, action);
        keys.into_iter().filter(|key| *key != way_out).collect::<Vec<_>>()
    };
    let (mut out, mut places) = (String::from("[keys]\n"), Vec::new());
    let mut actions: Vec<Action> = map.iter().map(|row| row.action).collect();
    actions.dedup();
    for action in actions {
        let rows = || map.iter().filter(move |row| row.action == action);
        let help = rows().next().unwrap().help;
        let there: Vec<Context> =
            Context::iter().filter(|c| rows().any(|row| row.contexts.contains(c))).collect();
        // The keys of the place that leaves the fewest others to be named.
        let setting = |keys: &[Key]| cloud::config::Setting {
            section: "keys".into(),
            name: action.word().into(),
            values: keys.iter().map(|key| written::in_settings(*key)).collect(),
            line: 0,
        };
        let different = |alone: &Keymap| {
            let other = |c: &&Context| keys_in(alone, **c, action) != keys_in(&map, **c, action);
            there.iter().filter(other).count()
        };
        let candidates = there.iter().map(|context| own(*context, action));
        let candidates = candidates
            .filter_map(|keys| Keymap::with(&[setting(&keys)]).ok().map(|alone| (alone, keys)));
        let best = candidates.min_by_key(|(alone, keys)| (different(alone), keys.is_empty()));
        let (alone, common) = best.unwrap_or_else(|| panic!("{}", action.word()));
        writeln!(out, "# {help}\n{} = {}", action.word(), list(&common)).unwrap();
        for context in there.iter().copied() {
            if keys_in(&alone, context, action) != keys_in(&map, context, action) {
                places.push((
                    context,
                    format!("{} = {}", action.word(), list(&own(context, action))),
                ));
            }
        }
    }
    for context in Context::iter() {
        let here: Vec<&str> =
            places.iter().filter(|(c, _)| *c == context).map(|(_, line)| line.as_str()).collect();
        if !here.is_empty() {
            write!(
                out,
                "\n# {}\n[keys.{}]\n{}\n",
                context.place(),
                context.word(),
                here.join("\n")
            )
            .unwrap();
        }
    }
    out
}

#[test]
fn how_one_is_notified_is_checked_with_everything_else_and_can_be_changed() {
    let mistakes = |text| read(text).unwrap_err().iter().map(ToString::to_string).collect();
    let told: Vec<String> =
        mistakes("[screen]\nnotify = \"bel\"\nnotfy = \"off\"\n[theme]\nname = \"drak\"\n");
    assert_eq!(
        told[..2],
        [
            "config.toml:2: unknown notification `bel` (did you mean `bell`?); use one of off, bell, desktop",
            "config.toml:3: unknown key `notfy` of [screen] (did you mean `notify`?); use notify or plain",
        ]
    );
    assert!(told[2].starts_with("config.toml:5: unknown theme `drak`"), "{told:?}");

    let mut app = loaded(140, 40);
    assert_eq!(app.notify, Notify::Off);
    reloaded(&mut app, true, "[screen]\nnotify = \"desktop\"");
    assert_eq!(app.notify, Notify::Desktop);
}

/// `UPDATE_ASSETS=1 cargo test --lib the_settings_in_assets` writes the keys anew.
#[test]
fn the_settings_in_assets_are_the_defaults() {
    let head = DEFAULTS.lines().take_while(|line| !line.starts_with(MARK));
    let head: String = head.fold(String::new(), |all, line| all + line + "\n");
    let expected = format!(
        "{head}{MARK}: every action with its default keys ([] for none), most useful first; [keys.PLACE] holds in one place only\n{}",
        written_out()
    );
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/config.toml");
        std::fs::write(file, &expected).unwrap();
    }

    let app = AppConfig::parse(&expected, Path::new("config.toml")).unwrap();
    let settings = Settings::of(&app).unwrap_or_else(|errors| panic!("{errors:#?}"));

    let default = Settings::default();
    assert_eq!((settings.themes, settings.aliases), (default.themes, default.aliases));
    assert_eq!((settings.notify, settings.plain), (default.notify, default.plain));
    assert_eq!((app.clouds, app.projects), Default::default());
    for context in Context::iter() {
        for action in Action::iter() {
            let of = |map| {
                let mut keys: Vec<String> =
                    keys_in(map, context, action).into_iter().map(keys::written::written).collect();
                keys.sort();
                keys
            };
            assert_eq!(of(&settings.keys), of(&default.keys), "{} in {context:?}", action.word());
        }
    }
    assert_eq!(DEFAULTS, expected, "UPDATE_ASSETS=1 writes it");
}
