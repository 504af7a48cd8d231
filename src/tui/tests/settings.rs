//! Keys and colours of the user, read at the start and again while the program runs.

use std::fmt::Write as _;
use std::path::Path;

use super::super::fixture::{
    NOW, engine, loaded, loaded_in, press, running, scope, screen, starting, wait,
};
use super::super::keymap::{self, Action, Context, EVERYWHERE, Key, Keymap, actions};
use super::super::model::{Level, Model, Overlay};
use super::super::notify::Notify;
use super::super::{Effect, Msg, Reread, Settings, What, update::update};
use crate::config::{AppConfig, ConfigError};
use crate::domain::Scope;
use crate::engine::Event;

fn read(text: &str) -> Result<Settings, Vec<ConfigError>> {
    Settings::of(&AppConfig::parse(text, Path::new("config.toml")).unwrap())
}

fn reloaded(model: &mut Model, asked: bool, text: &str) {
    let reread = Reread { outcome: read(text), changed: true, clouds_changed: false };
    let what = What::Reloaded { asked, reread: Box::new(reread) };
    update(model, Msg { now: model.now, what });
    model.settle();
}

fn last(model: &Model) -> (Level, &str) {
    model.log.last().unwrap()
}

#[test]
fn hints_help_commands_and_sentences_show_the_keys_of_the_user() {
    let mut model = loaded(140, 40);
    reloaded(&mut model, true, "[keys]\nrevoke = \"K\"\nmark = \"m\"\nlog = \"ctrl-l\"");
    assert!(screen(&model).contains("m mark"));
    press(&mut model, "/ubuntu-22<enter>m");
    assert!(screen(&model).contains("K revoke"));
    press(&mut model, "m<esc>");

    press(&mut model, "K");
    assert!(last(&model).1.starts_with("Nothing is marked: m marks a share"));
    press(&mut model, "/ubuntu-22<enter>mK");
    assert!(matches!(model.overlay, Overlay::Planning { .. }));
    press(&mut model, "<esc>?");
    assert!(screen(&model).contains("  K             plan the revocation"));
    press(&mut model, "<esc>:K");
    assert!(screen(&model).contains("revoke"));
}

#[test]
fn settings_that_are_wrong_change_nothing_and_every_mistake_is_told() {
    let mut model = loaded(140, 40);
    reloaded(&mut model, true, "[keys]\nrevoke = \"K\"");
    let text = "[keys]\nrevok = \"X\"\nmark = \"hyper\"\n[theme]\nname = \"drak\"";
    reloaded(&mut model, false, text);

    let (level, said) = last(&model);
    assert_eq!(level, Level::Error);
    assert!(
        said.starts_with("Config.toml:2: unknown action `revok`")
            || said.starts_with("config.toml:2: unknown action `revok`"),
        "{said}"
    );
    assert!(said.ends_with("2 more in the log (L). What held before goes on holding."), "{said}");
    let log: Vec<&str> = model.log.entries().map(|entry| entry.text.as_str()).collect();
    assert!(log.iter().any(|text| text.contains(":3: `hyper` is not a key")), "{log:?}");
    assert!(log.iter().any(|text| text.contains(":5: unknown theme `drak`")), "{log:?}");
    assert_eq!(model.keys.spoken(Action::Revoke), "K");
}

#[test]
fn the_focus_reads_the_settings_and_says_nothing_when_they_are_the_same() {
    let mut model = loaded(140, 40);
    let effects = update(&mut model, Msg { now: NOW, what: What::Focus });
    assert!(matches!(effects[..], [Effect::Reload { asked: false }]));
    let said = model.log.said;
    let same = |asked| {
        let reread = Reread { outcome: read(""), changed: false, clouds_changed: false };
        What::Reloaded { asked, reread: Box::new(reread) }
    };
    update(&mut model, Msg { now: NOW, what: same(false) });
    assert_eq!(model.log.said, said);
    update(&mut model, Msg { now: NOW, what: same(true) });
    assert_eq!(last(&model).1, "The settings say what they said before.");

    let effects = press(&mut model, ":reload<enter>");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Reload { asked: true })));
}

#[test]
fn names_of_projects_follow_the_settings() {
    let mut model = loaded(140, 40);
    let id = super::super::fixture::WEB;
    reloaded(&mut model, true, &format!("[projects]\n{id} = \"renamed\""));
    press(&mut model, "/ubuntu-22<enter>");
    assert!(screen(&model).contains("renamed") && !screen(&model).contains("team-web"));
    reloaded(&mut model, true, "");
    assert!(!screen(&model).contains("renamed"));
}

#[test]
fn themes_differ_in_colour_and_not_in_text() {
    let mut model = running(140, 40);
    reloaded(&mut model, true, "[theme]\nname = \"auto\"");
    model.log = super::super::model::Log::default();
    let text = screen(&model);
    for name in ["dark", "light", "colour-blind", "sixteen", "plain"] {
        reloaded(&mut model, true, &format!("[theme]\nname = \"{name}\""));
        model.log = super::super::model::Log::default();
        assert_eq!(screen(&model), text, "{name}");
    }
}

#[test]
fn a_protected_cloud_is_told_by_word_and_by_the_colour_of_its_frames() {
    let model = loaded_in(Scope { protected: true, ..scope() }, 140, 40);
    assert!(screen(&model).contains("⚠ protected"));
    assert_eq!(model.theme.accent().fg, model.theme.warn().fg);
    assert_ne!(loaded(140, 40).theme.accent().fg, model.theme.warn().fg);
}

#[test]
fn the_first_steps_are_told_in_the_keys_of_the_user_and_go_away() {
    let mut model = starting(100, 30);
    model.keys = read("[keys]\nrevoke = \"K\"").unwrap().keys;
    model.welcome();
    let shown = screen(&model);
    assert!(shown.contains("First time here?"), "{shown}");
    assert!(last(&model).1.contains("K shows the plan"));
    engine(&mut model, Event::NoClouds(crate::domain::Failure::new("a", "b")));
    wait(&mut model, 21);
    assert!(!screen(&model).contains("First time here?"));
}

// ── assets/config.toml ───────────────────────────────────────────────────────────────────────────

const DEFAULTS: &str = include_str!("../../../assets/config.toml");
const MARK: &str = "# ── keys";

fn keys_in(map: &Keymap, context: Context, action: Action) -> Vec<Key> {
    let here = |row: &&keymap::Binding| row.action == action && row.contexts.contains(&context);
    map.iter().filter(here).flat_map(|row| row.keys.iter().copied()).collect()
}

/// What `[keys]` must say so that nothing is different: the keys of an action, and where it has others.
fn written_out() -> String {
    let map = Keymap::default();
    let list = |keys: &[Key]| {
        let quoted: Vec<String> =
            keys.iter().map(|key| format!("\"{}\"", keymap::in_settings(*key))).collect();
        format!("[{}]", quoted.join(", "))
    };
    let way_out = (crossterm::event::KeyCode::Char('c'), crossterm::event::KeyModifiers::CONTROL);
    let own = |context, action| {
        let keys = keys_in(&map, context, action);
        keys.into_iter().filter(|key| *key != way_out).collect::<Vec<_>>()
    };
    let (mut out, mut places) = (String::from("[keys]\n"), Vec::new());
    for action in actions() {
        let rows = || map.iter().filter(move |row| row.action == action);
        let help = rows().next().unwrap().help;
        let there: Vec<Context> = EVERYWHERE
            .iter()
            .copied()
            .filter(|c| rows().any(|row| row.contexts.contains(c)))
            .collect();
        // The keys of the place that leaves the fewest others to be named.
        let setting = |keys: &[Key]| crate::config::KeySetting {
            place: None,
            action: action.word().into(),
            keys: keys.iter().map(|key| keymap::in_settings(*key)).collect(),
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
    for context in EVERYWHERE {
        let here: Vec<&str> =
            places.iter().filter(|(c, _)| c == context).map(|(_, line)| line.as_str()).collect();
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

    let mut model = loaded(140, 40);
    assert_eq!(model.notify, Notify::Off);
    reloaded(&mut model, true, "[screen]\nnotify = \"desktop\"");
    assert_eq!(model.notify, Notify::Desktop);
}

/// `UPDATE_ASSETS=1 cargo test --lib the_settings_in_assets` writes the keys anew.
#[test]
fn the_settings_in_assets_are_the_defaults() {
    let head = DEFAULTS.lines().take_while(|line| !line.starts_with(MARK));
    let head: String = head.fold(String::new(), |all, line| all + line + "\n");
    let expected = format!(
        "{head}{MARK}: every action, what it does, and its keys ([] for none); places where it has others below\n{}",
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
    for context in EVERYWHERE {
        for action in actions() {
            let of = |map| {
                let mut keys: Vec<String> =
                    keys_in(map, *context, action).into_iter().map(keymap::written).collect();
                keys.sort();
                keys
            };
            assert_eq!(of(&settings.keys), of(&default.keys), "{} in {context:?}", action.word());
        }
    }
    assert_eq!(DEFAULTS, expected, "UPDATE_ASSETS=1 writes it");
}
