//! Filters with a name: of the settings, and saved from the screen.

use std::path::Path;

use crate::tui::app::App;
use crate::tui::fixture::{commands, engine, loaded, press, screen};
use crate::tui::overlays::commands::state::Palette;
use crate::tui::{Effect, Settings};
use cloud::config::AppConfig;
use domain::Failure;
use engine::{Command, Event, SavedFilter};

fn settings(text: &str) -> Result<Settings, String> {
    let app =
        AppConfig::parse(text, Path::new("config.toml")).map_err(|errors| errors[0].to_string())?;
    Settings::of(&app).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn with_settings(text: &str) -> App {
    let mut app = loaded(120, 30);
    app.saved.set(settings(text).unwrap().filters);
    app
}

const GOLDEN: &str = "[filters]\n\"golden ones\" = \"golden status:pending\"\nsql = \"sql\"\n";

fn saved(name: &str, words: &str) -> SavedFilter {
    SavedFilter { name: name.into(), words: words.into() }
}

#[test]
fn what_is_wrong_with_a_filter_of_the_settings_is_told_with_its_line() {
    for (text, told) in [
        (
            "[filters]\na = \"b\"\nc = \"status:open\"",
            "config.toml:3: filter `c`: no status begins",
        ),
        (
            "[filters]\nc = \"members:web\"",
            "config.toml:2: filter `c`: `members:web` is looked for",
        ),
        ("[filters]\nc = \" \"", "config.toml:2: the filter `c` is empty"),
        ("[filters]\n\"\" = \"a\"", "config.toml:2: a filter without a name"),
        ("[filters]\nc = 1", "config.toml:2: `c` is not a string"),
        ("[filter]\nc = \"a\"", "did you mean `filters`?"),
    ] {
        let error = settings(text).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_key_lists_the_filters_that_have_a_name_and_enter_sets_one_in_every_view() {
    for view in ["1", "2", "3", "5"] {
        let mut app = with_settings(GOLDEN);
        press(&mut app, &format!("{view}F"));
        assert!(app.dialog::<Palette>().is_some());
        assert!(screen(&app).contains("/golden status:pending  (config.toml)"));
        press(&mut app, "gold<enter>");
        assert_eq!(app.filter_line().unwrap().line(), "golden status:pending", "view {view}");
        assert!(app.filter_line().unwrap().typing().is_none());
        press(&mut app, ":saved-filter sql<enter>");
        assert_eq!(app.filter_line().unwrap().line(), "sql", "view {view}");
    }
}

#[test]
fn without_any_the_key_says_how_to_save_one() {
    let mut app = loaded(120, 30);
    press(&mut app, "F");
    assert!(screen(&app).contains("No filter is saved"));
    press(&mut app, ":save-filter mine");
    assert!(screen(&app).contains("No filter is set"));
}

#[test]
fn a_filter_that_was_saved_is_there_under_its_name_until_it_is_forgotten() {
    let mut app = loaded(120, 30);
    let effects = press(&mut app, "/golden<enter>:save-filter my golden<enter>");
    let [Command::SaveFilter { name, words: Some(words) }] = commands(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((name.as_str(), words.as_str()), ("my golden", "golden"));
    engine(&mut app, Event::Filters(Ok(vec![saved("my golden", "golden")])));
    assert!(screen(&app).contains("The filter is saved as `my golden`"));

    press(&mut app, "<esc>3F<enter>");
    assert_eq!(app.workspace.matrix.filter.line(), "golden");

    let effects = press(&mut app, ":forget-filter my<enter>");
    assert!(matches!(commands(&effects)[..], [Command::SaveFilter { words: None, .. }]));
    engine(&mut app, Event::Filters(Ok(vec![])));
    assert!(screen(&app).contains("The filter `my golden` is forgotten."));
}

#[test]
fn a_filter_that_cannot_be_written_holds_until_the_end_and_its_line_is_copied() {
    let mut app = loaded(160, 30);
    press(&mut app, "/golden<enter>:save-filter mine<enter>");
    let failure = Failure::new("keep the filter", "nothing is written down");
    let effects = engine(&mut app, Event::Filters(Err(failure)));
    assert!(
        matches!(&effects[..], [Effect::Copy(text)] if text == "[filters]\n\"mine\" = \"golden\"\n")
    );
    assert_eq!(app.saved.find("mine").unwrap().words, "golden");
    assert!(screen(&app).contains("applies until you quit"));
}

#[test]
fn a_name_of_the_settings_is_not_taken() {
    let mut app = with_settings(GOLDEN);
    let effects = press(&mut app, "/ubuntu<enter>:save-filter sql<enter>");
    assert!(commands(&effects).is_empty());
    assert!(screen(&app).contains("`sql` is set in config.toml"));
}

#[test]
fn filters_are_asked_for_once_and_what_cannot_be_read_is_told() {
    let mut app = loaded(120, 30);
    assert!(app.saved.asked);
    engine(&mut app, Event::Filters(Ok(vec![saved("a", "golden")])));
    assert!(app.saved.find("a").is_some());
    engine(&mut app, Event::Filters(Err(Failure::new("read the saved filters", "no"))));
    assert!(app.saved.find("a").is_some());
}
