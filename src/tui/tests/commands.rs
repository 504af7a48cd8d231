//! The list of commands, and the help.

use insta::assert_snapshot;

use super::super::fixture::{choosing, commands, loaded, press, screen};
use super::super::keymap::Action;
use super::super::model::browse::Sort;
use super::super::model::{Model, Overlay};
use super::super::theme::Name;
use crate::engine::Command;

const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (140, 40)];

fn fitting(model: &Model) -> Vec<String> {
    let Overlay::Palette(palette) = &model.overlay else { panic!("no commands") };
    palette.fitting.iter().map(super::super::model::palette::Entry::line).collect()
}

#[test]
fn commands_are_found_by_letters_by_words_and_by_their_key() {
    let mut model = loaded(120, 40);
    press(&mut model, ":R");
    assert_eq!(fitting(&model)[0], "revoke");
    press(&mut model, "<esc>:rvk");
    assert_eq!(fitting(&model), ["revoke"]);
    press(&mut model, "<esc>:S");
    assert_eq!(fitting(&model)[0], "reverse-sort");
    press(&mut model, "<esc>:clipboard");
    assert_eq!(fitting(&model)[0], "copy");
    press(&mut model, "<esc>:zzzz");
    assert!(fitting(&model).is_empty());
    assert!(screen(&model).contains("No command fits that."));
}

#[test]
fn what_cannot_be_done_here_says_why_and_stays() {
    let mut model = loaded(120, 40);
    press(&mut model, ":revoke");
    assert!(screen(&model).contains("Nothing is marked: Space marks a share"));
    press(&mut model, "<enter>");
    assert!(matches!(model.overlay, Overlay::Palette(_)));
    press(&mut model, "<esc>:verify");
    assert!(screen(&model).contains("Not here: it works in the History view."));
}

#[test]
fn a_filter_a_column_a_theme_and_a_cloud_can_be_named() {
    let mut model = loaded(120, 40);
    press(&mut model, ":filter golden status:pending<enter>");
    assert_eq!(model.workspace.images.filter.line(), "golden status:pending");
    assert!(model.workspace.images.filter.typing().is_none());

    press(&mut model, ":sort age<enter>");
    assert_eq!(model.workspace.images.sort, Sort::Age);

    press(&mut model, ":theme light<enter>");
    assert_eq!(model.themes.name, Name::Light);

    let effects = press(&mut model, ":cloud lab<enter>");
    let opened = commands(&effects).into_iter().any(|command| {
        matches!(command, Command::Open { target, .. } if target.cloud.as_deref() == Some("lab"))
    });
    assert!(opened, "{effects:?}");
}

#[test]
fn a_cloud_that_is_shown_already_is_said_to_be() {
    let mut model = loaded(120, 40);
    let effects = press(&mut model, ":cloud otc-prod<enter>");
    assert!(commands(&effects).is_empty(), "{effects:?}");
    let screen = screen(&model);
    assert!(screen.contains("is on the screen already."), "{screen}");
}

#[test]
fn a_filter_of_the_history_is_set_there() {
    let mut model = loaded(120, 40);
    press(&mut model, "5:filter share<enter>");
    assert_eq!(model.history.filter.line(), "share");
    assert!(
        model.history.filter.typing().is_none() && model.workspace.images.filter.line().is_empty()
    );
}

#[test]
fn tab_completes_and_shows_what_a_command_takes() {
    let mut model = loaded(120, 40);
    press(&mut model, ":them<tab>");
    assert_eq!(
        fitting(&model),
        [
            "theme auto",
            "theme dark",
            "theme light",
            "theme colour-blind",
            "theme sixteen",
            "theme plain"
        ]
    );
    press(&mut model, "bl<tab><enter>");
    assert_eq!(model.themes.name, Name::ColourBlind);
}

#[test]
fn up_brings_earlier_commands_back() {
    let mut model = loaded(120, 40);
    press(&mut model, ":filter golden<enter>:sort age<enter>:<up>");
    assert_eq!(fitting(&model), ["sort age"]);
    press(&mut model, "<up>");
    assert_eq!(fitting(&model), ["filter golden"]);
    press(&mut model, "<down><down>");
    assert!(fitting(&model).len() > 20);
    press(&mut model, "<down><down><up>");
    let Overlay::Palette(palette) = &model.overlay else { panic!("no commands") };
    assert_eq!(palette.cursor.at, 1);
}

#[test]
fn commands_before_a_cloud_is_open_are_those_of_that_place() {
    let mut model = choosing(120, 40);
    press(&mut model, "<esc>:cloud<enter>");
    assert!(matches!(model.overlay, Overlay::Picker(_)));
}

#[test]
fn the_list_of_commands_in_three_sizes() {
    for (width, height) in SIZES {
        let mut model = loaded(width, height);
        press(&mut model, ":");
        assert_snapshot!(format!("commands-{width}x{height}"), screen(&model));
        press(&mut model, "under<down>");
        assert_snapshot!(format!("commands-found-{width}x{height}"), screen(&model));
    }
}

#[test]
fn the_help_begins_with_where_one_is_and_is_searched_as_one_types() {
    let mut model = loaded(100, 30);
    press(&mut model, "4?");
    let shown = screen(&model);
    let at = |text: &str| shown.find(text);
    assert!(at("Jobs view ─ where you are").unwrap() < at("stop-sending").unwrap_or(usize::MAX));

    press(&mut model, "/clip");
    let found = screen(&model);
    assert!(found.contains("copy the id under the cursor") && !found.contains("stop sending"));
    assert_snapshot!("help-search-100x30", found);

    press(&mut model, "zzz");
    assert!(screen(&model).contains("No key and no sentence here has all of these words."));
    press(&mut model, "<esc>");
    assert!(screen(&model).contains("Jobs view ─ where you are"));
    press(&mut model, "<esc>");
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn the_help_has_a_chapter_for_every_place_and_a_line_for_every_action() {
    let mut model = loaded(120, 900);
    press(&mut model, "?");
    let shown = screen(&model);
    for context in super::super::keymap::EVERYWHERE {
        assert!(shown.contains(context.heading()), "{context:?}");
    }
    assert!(shown.contains(&format!(":{}", Action::Reload.word())));
}
