//! The list of commands, and the help.

use insta::assert_snapshot;
use strum::IntoEnumIterator;

use crate::tui::app::App;
use crate::tui::fixture::{choosing, commands, loaded, press, screen};
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::overlays::commands::state::Palette;
use crate::tui::theme::names::Name;
use crate::tui::views::images::sort::Sort;
use engine::Command;

const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (140, 40)];

fn fitting(app: &App) -> Vec<String> {
    let Some(palette) = app.dialog::<Palette>() else { panic!("no commands") };
    palette.fitting.iter().map(crate::tui::overlays::commands::state::Entry::line).collect()
}

#[test]
fn commands_are_found_by_letters_by_words_and_by_their_key() {
    let mut app = loaded(120, 40);
    press(&mut app, ":R");
    assert_eq!(fitting(&app)[0], "revoke");
    press(&mut app, "<esc>:rvk");
    assert_eq!(fitting(&app), ["revoke"]);
    press(&mut app, "<esc>:S");
    assert_eq!(fitting(&app)[0], "reverse-sort");
    press(&mut app, "<esc>:clipboard");
    assert_eq!(fitting(&app)[0], "copy");
    press(&mut app, "<esc>:zzzz");
    assert!(fitting(&app).is_empty());
    assert!(screen(&app).contains("No command fits that."));
}

#[test]
fn what_cannot_be_done_here_says_why_and_stays() {
    let mut app = loaded(120, 40);
    press(&mut app, ":revoke");
    assert!(screen(&app).contains("Nothing is marked: Space marks a share"));
    press(&mut app, "<enter>");
    assert!(app.dialog::<Palette>().is_some());
    press(&mut app, "<esc>:verify");
    assert!(screen(&app).contains("Not here: it works in the History view."));
}

#[test]
fn a_filter_a_column_a_theme_and_a_cloud_can_be_named() {
    let mut app = loaded(120, 40);
    press(&mut app, ":filter golden status:pending<enter>");
    assert_eq!(app.workspace.images.filter.line(), "golden status:pending");
    assert!(app.workspace.images.filter.typing().is_none());

    press(&mut app, ":sort age<enter>");
    assert_eq!(app.workspace.images.sort, Sort::Age);

    press(&mut app, ":theme light<enter>");
    assert_eq!(app.themes.name, Name::Light);

    let effects = press(&mut app, ":cloud lab<enter>");
    let opened = commands(&effects).into_iter().any(|command| {
        matches!(command, Command::Open { target, .. } if target.cloud.as_deref() == Some("lab"))
    });
    assert!(opened, "{effects:?}");
}

#[test]
fn a_cloud_that_is_shown_already_is_said_to_be() {
    let mut app = loaded(120, 40);
    let effects = press(&mut app, ":cloud otc-prod<enter>");
    assert!(commands(&effects).is_empty(), "{effects:?}");
    let screen = screen(&app);
    assert!(screen.contains("is on the screen already."), "{screen}");
}

#[test]
fn a_filter_of_the_history_is_set_there() {
    let mut app = loaded(120, 40);
    press(&mut app, "5:filter share<enter>");
    assert_eq!(app.history.filter.line(), "share");
    assert!(app.history.filter.typing().is_none() && app.workspace.images.filter.line().is_empty());
}

#[test]
fn tab_completes_and_shows_what_a_command_takes() {
    let mut app = loaded(120, 40);
    press(&mut app, ":them<tab>");
    assert_eq!(
        fitting(&app),
        [
            "theme auto",
            "theme dark",
            "theme light",
            "theme colour-blind",
            "theme sixteen",
            "theme plain"
        ]
    );
    press(&mut app, "bl<tab><enter>");
    assert_eq!(app.themes.name, Name::ColourBlind);
}

#[test]
fn up_brings_earlier_commands_back() {
    let mut app = loaded(120, 40);
    press(&mut app, ":filter golden<enter>:sort age<enter>:<up>");
    assert_eq!(fitting(&app), ["sort age"]);
    press(&mut app, "<up>");
    assert_eq!(fitting(&app), ["filter golden"]);
    press(&mut app, "<down><down>");
    assert!(fitting(&app).len() > 20);
    press(&mut app, "<down><down><up>");
    let Some(palette) = app.dialog::<Palette>() else { panic!("no commands") };
    assert_eq!(palette.cursor.at, 1);
}

#[test]
fn commands_before_a_cloud_is_open_are_those_of_that_place() {
    let mut app = choosing(120, 40);
    press(&mut app, "<esc>:cloud<enter>");
    assert!(app.dialog::<Picker>().is_some());
}

#[test]
fn the_list_of_commands_in_three_sizes() {
    for (width, height) in SIZES {
        let mut app = loaded(width, height);
        press(&mut app, ":");
        assert_snapshot!(format!("commands-{width}x{height}"), screen(&app));
        press(&mut app, "under<down>");
        assert_snapshot!(format!("commands-found-{width}x{height}"), screen(&app));
    }
}

#[test]
fn the_help_begins_with_where_one_is_and_is_searched_as_one_types() {
    let mut app = loaded(100, 30);
    press(&mut app, "4?");
    let shown = screen(&app);
    let at = |text: &str| shown.find(text);
    assert!(at("Jobs view ─ where you are").unwrap() < at("stop-sending").unwrap_or(usize::MAX));

    press(&mut app, "/clip");
    let found = screen(&app);
    assert!(found.contains("copy the ID under the cursor") && !found.contains("stop sending"));
    assert_snapshot!("help-search-100x30", found);

    press(&mut app, "zzz");
    assert!(screen(&app).contains("No key and no sentence here has all of these words."));
    press(&mut app, "<esc>");
    assert!(screen(&app).contains("Jobs view ─ where you are"));
    press(&mut app, "<esc>");
    assert!(app.overlay.is_none());
}

#[test]
fn the_help_has_a_chapter_for_every_place_and_a_line_for_every_action() {
    let mut app = loaded(120, 900);
    press(&mut app, "?");
    let shown = screen(&app);
    for context in Context::iter() {
        assert!(shown.contains(context.heading()), "{context:?}");
    }
    assert!(shown.contains(&format!(":{}", Action::Reload.word())));
}
