//! Filters with a name: of the settings, and saved from the screen.

use std::path::Path;

use super::super::fixture::{commands, engine, loaded, press, screen};
use super::super::model::{Model, Overlay};
use super::super::{Effect, Settings};
use crate::config::AppConfig;
use crate::domain::Failure;
use crate::engine::{Command, Event, SavedFilter};

fn settings(text: &str) -> Result<Settings, String> {
    let app =
        AppConfig::parse(text, Path::new("config.toml")).map_err(|errors| errors[0].to_string())?;
    Settings::of(&app).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn with_settings(text: &str) -> Model {
    let mut model = loaded(120, 30);
    model.saved.set(settings(text).unwrap().filters);
    model
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
        ("[filters]\nc = 1", "config.toml:2: `c` is not a text"),
        ("[filter]\nc = \"a\"", "did you mean `filters`?"),
    ] {
        let error = settings(text).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_key_lists_the_filters_that_have_a_name_and_enter_sets_one_in_every_view() {
    for view in ["1", "2", "3", "5"] {
        let mut model = with_settings(GOLDEN);
        press(&mut model, &format!("{view}F"));
        assert!(matches!(model.overlay, Overlay::Palette(_)));
        assert!(screen(&model).contains("/golden status:pending  (config.toml)"));
        press(&mut model, "gold<enter>");
        assert_eq!(model.filter_line().unwrap().line(), "golden status:pending", "view {view}");
        assert!(model.filter_line().unwrap().typing().is_none());
        press(&mut model, ":saved-filter sql<enter>");
        assert_eq!(model.filter_line().unwrap().line(), "sql", "view {view}");
    }
}

#[test]
fn without_any_the_key_says_how_to_save_one() {
    let mut model = loaded(120, 30);
    press(&mut model, "F");
    assert!(screen(&model).contains("No filter is saved"));
    press(&mut model, ":save-filter mine");
    assert!(screen(&model).contains("No filter is set"));
}

#[test]
fn a_filter_that_was_saved_is_there_under_its_name_until_it_is_forgotten() {
    let mut model = loaded(120, 30);
    let effects = press(&mut model, "/golden<enter>:save-filter my golden<enter>");
    let [Command::KeepFilter { name, words: Some(words) }] = commands(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((name.as_str(), words.as_str()), ("my golden", "golden"));
    engine(&mut model, Event::Filters(Ok(vec![saved("my golden", "golden")])));
    assert!(screen(&model).contains("The filter is saved as `my golden`"));

    press(&mut model, "<esc>3F<enter>");
    assert_eq!(model.workspace.matrix.filter.line(), "golden");

    let effects = press(&mut model, ":forget-filter my<enter>");
    assert!(matches!(commands(&effects)[..], [Command::KeepFilter { words: None, .. }]));
    engine(&mut model, Event::Filters(Ok(vec![])));
    assert!(screen(&model).contains("The filter `my golden` is forgotten."));
}

#[test]
fn a_filter_that_cannot_be_written_holds_until_the_end_and_its_line_is_copied() {
    let mut model = loaded(160, 30);
    press(&mut model, "/golden<enter>:save-filter mine<enter>");
    let failure = Failure::new("keep the filter", "nothing is written down");
    let effects = engine(&mut model, Event::Filters(Err(failure)));
    assert!(
        matches!(&effects[..], [Effect::Copy(text)] if text == "[filters]\n\"mine\" = \"golden\"\n")
    );
    assert_eq!(model.saved.find("mine").unwrap().words, "golden");
    assert!(screen(&model).contains("holds until you quit"));
}

#[test]
fn a_name_of_the_settings_is_not_taken() {
    let mut model = with_settings(GOLDEN);
    let effects = press(&mut model, "/ubuntu<enter>:save-filter sql<enter>");
    assert!(commands(&effects).is_empty());
    assert!(screen(&model).contains("`sql` is set in config.toml"));
}

#[test]
fn filters_are_asked_for_once_and_what_cannot_be_read_is_told() {
    let mut model = loaded(120, 30);
    assert!(model.saved.asked);
    engine(&mut model, Event::Filters(Ok(vec![saved("a", "golden")])));
    assert!(model.saved.find("a").is_some());
    engine(&mut model, Event::Filters(Err(Failure::new("read the saved filters", "no"))));
    assert!(model.saved.find("a").is_some());
}
