//! Toasts: never over what one looks at, never longer than their own time, and no sentence is lost.

use ratatui::buffer::Cell;
use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::fixture::{buffer, finished, loaded, press, press_revoke, screen, wait};
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::ui::layout;

/// A sentence of more than a line.
const LONG: &str = "Nothing was marked: the members of ubuntu-22.04-golden could not be read (no answer in 30 s), \
                    and so nobody knows who they are. They are asked for again.";

fn say(app: &mut App, text: &str) {
    app.log.say(app.now, Level::Warning, text);
    app.settle();
}

fn row_of(app: &App) -> Option<Rect> {
    app.shown_view().cursor_row(app, layout::areas(app)?.main)
}

/// The cells of an area, with their styles.
fn cells(app: &App, area: Rect) -> Vec<Cell> {
    let terminal = buffer(app);
    area.positions().map(|at| terminal.backend().buffer()[at].clone()).collect()
}

#[test]
fn no_toast_covers_the_row_under_the_cursor_or_the_jobs_pane() {
    for (width, height) in [(80, 24), (100, 30), (140, 40)] {
        for keys in [
            "",
            "G",
            "<tab>",
            "<tab>G",
            "2",
            "2G",
            "2<tab>G",
            "3",
            "3G",
            "4",
            "4<tab>G",
            "4<tab><tab>G",
            "5",
        ] {
            let mut app = finished(width, height);
            press(&mut app, keys);
            app.log.dismiss();
            let areas = layout::areas(&app).unwrap();
            let seen: Vec<Rect> =
                row_of(&app).into_iter().chain([areas.jobs, areas.footer]).collect();
            let before: Vec<Vec<Cell>> = seen.iter().map(|area| cells(&app, *area)).collect();
            say(&mut app, "one");
            say(&mut app, LONG);
            let after: Vec<Vec<Cell>> = seen.iter().map(|area| cells(&app, *area)).collect();
            assert!(screen(&app).contains("⚠ Nothing was marked"), "{keys} at {width}x{height}");
            assert!(after == before, "{keys:?} at {width}x{height}\n{}", screen(&app));
        }
    }
}

#[test]
fn on_a_small_screen_the_newest_stands_in_the_last_lines_and_says_where_the_rest_is() {
    let mut app = loaded(80, 24);
    say(&mut app, "one");
    say(&mut app, LONG);
    insta::assert_snapshot!(screen(&app));
    assert!(app.log.entries().any(|entry| entry.text == LONG));
}

#[test]
fn dialogs_that_close_give_no_toast_its_time_anew() {
    let mut app = loaded(120, 40);
    say(&mut app, "one");
    for _ in 0..3 {
        press(&mut app, "?");
        wait(&mut app, 60);
        press(&mut app, "<esc>");
        assert!(screen(&app).contains("⚠ one"));
        wait(&mut app, 2);
    }
    assert!(screen(&app).contains("⚠ one"), "six of its seven seconds");
    wait(&mut app, 1);
    assert!(!screen(&app).contains("⚠ one"));
}

#[test]
fn esc_puts_toasts_away_where_it_has_nothing_else_to_do_and_says_nothing_where_there_are_none() {
    for view in ["", "2", "3"] {
        let mut app = loaded(120, 40);
        press(&mut app, view);
        press(&mut app, "/ubuntu<enter>");
        say(&mut app, "one");
        press(&mut app, "<esc>");
        assert!(screen(&app).contains("⚠ one"), "it took the filter away, in {view:?}");
        press(&mut app, "<esc>");
        assert!(!screen(&app).contains("⚠ one"), "in {view:?}");
        assert!(!screen(&app).contains("Nothing to go back"));
        press(&mut app, "<esc>");
        let (before, logged) = (screen(&app), app.log.said);
        press(&mut app, "<esc>");
        assert_eq!((screen(&app), app.log.said), (before, logged), "in {view:?}");
        let noted = app.log.entries().any(|entry| entry.text.contains("Nothing to go back"));
        assert!(noted, "the log has it, in {view:?}");
    }
}

#[test]
fn the_first_steps_go_with_the_first_plan_and_stand_over_no_receipt() {
    let told = |app: &App| screen(app).contains("First time here?");
    let mut app = loaded(100, 30);
    app.welcome();
    press(&mut app, "jjj<tab>j<tab><space>");
    assert!(told(&app), "{}", screen(&app));
    press_revoke(&mut app);
    assert!(app.dialog::<PlanDialog>().is_some());
    press(&mut app, "<esc>");
    assert!(!told(&app));
    for keys in ["4", "5", "2", "3", "/", "r", "o"] {
        let mut app = finished(80, 24);
        app.welcome();
        assert!(told(&app));
        press(&mut app, keys);
        assert!(!told(&app), "after {keys}");
    }
}

#[test]
fn the_number_of_the_view_one_is_in_says_nothing() {
    for number in ["1", "2", "3", "4", "5"] {
        let mut app = loaded(80, 24);
        press(&mut app, number);
        let (before, said) = (screen(&app), app.log.said);
        press(&mut app, number);
        assert_eq!((screen(&app), app.log.said), (before, said), "in view {number}");
    }
}

#[test]
fn errors_nobody_has_seen_stay_apart_from_the_tabs_however_much_is_marked() {
    let mut app = loaded(80, 24);
    press(&mut app, "a");
    for text in ["one", "two"] {
        app.log.say(app.now, Level::Error, text);
    }
    let shown = screen(&app);
    let tabs = shown.lines().find(|line| line.contains("5 History")).unwrap();
    assert!(tabs.contains("5 History  ") && tabs.contains("3 errors"), "{tabs}");
    assert!(tabs.contains("marked"), "{tabs}");
}
