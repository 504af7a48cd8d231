//! Toasts: never over what one looks at, never longer than their own time, and no sentence is lost.

use ratatui::buffer::Cell;
use ratatui::layout::Rect;

use super::super::fixture::{buffer, finished, loaded, press, press_revoke, screen, wait};
use super::super::layout;
use super::super::model::{Level, Model, Overlay};

/// A sentence of more than a line.
const LONG: &str = "Nothing was marked: the members of ubuntu-22.04-golden could not be read (no answer in 30 s), \
                    and so nobody knows who they are. They are asked for again.";

fn say(model: &mut Model, text: &str) {
    model.log.say(model.now, Level::Warning, text);
    model.settle();
}

fn row_of(model: &Model) -> Option<Rect> {
    layout::cursor_row(model, &layout::areas(model)?)
}

/// The cells of an area, with their styles.
fn cells(model: &Model, area: Rect) -> Vec<Cell> {
    let terminal = buffer(model);
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
            let mut model = finished(width, height);
            press(&mut model, keys);
            model.log.put_away();
            let areas = layout::areas(&model).unwrap();
            let seen: Vec<Rect> =
                row_of(&model).into_iter().chain([areas.jobs, areas.footer]).collect();
            let before: Vec<Vec<Cell>> = seen.iter().map(|area| cells(&model, *area)).collect();
            say(&mut model, "one");
            say(&mut model, LONG);
            let after: Vec<Vec<Cell>> = seen.iter().map(|area| cells(&model, *area)).collect();
            assert!(screen(&model).contains("⚠ Nothing was marked"), "{keys} at {width}x{height}");
            assert!(after == before, "{keys:?} at {width}x{height}\n{}", screen(&model));
        }
    }
}

#[test]
fn on_a_small_screen_the_newest_stands_in_the_last_lines_and_says_where_the_rest_is() {
    let mut model = loaded(80, 24);
    say(&mut model, "one");
    say(&mut model, LONG);
    insta::assert_snapshot!(screen(&model));
    assert!(model.log.entries().any(|entry| entry.text == LONG));
}

#[test]
fn dialogs_that_close_give_no_toast_its_time_anew() {
    let mut model = loaded(120, 40);
    say(&mut model, "one");
    for _ in 0..3 {
        press(&mut model, "?");
        wait(&mut model, 60);
        press(&mut model, "<esc>");
        assert!(screen(&model).contains("⚠ one"));
        wait(&mut model, 2);
    }
    assert!(screen(&model).contains("⚠ one"), "six of its seven seconds");
    wait(&mut model, 1);
    assert!(!screen(&model).contains("⚠ one"));
}

#[test]
fn esc_puts_toasts_away_where_it_has_nothing_else_to_do_and_says_nothing_where_there_are_none() {
    for view in ["", "2", "3"] {
        let mut model = loaded(120, 40);
        press(&mut model, view);
        press(&mut model, "/ubuntu<enter>");
        say(&mut model, "one");
        press(&mut model, "<esc>");
        assert!(screen(&model).contains("⚠ one"), "it took the filter away, in {view:?}");
        press(&mut model, "<esc>");
        assert!(!screen(&model).contains("⚠ one"), "in {view:?}");
        assert!(!screen(&model).contains("nothing to go back"));
        press(&mut model, "<esc>");
        let (before, logged) = (screen(&model), model.log.said);
        press(&mut model, "<esc>");
        assert_eq!((screen(&model), model.log.said), (before, logged), "in {view:?}");
        let noted = model.log.entries().any(|entry| entry.text.contains("nothing to go back"));
        assert!(noted, "the log has it, in {view:?}");
    }
}

#[test]
fn the_first_steps_go_with_the_first_plan_and_stand_over_no_receipt() {
    let told = |model: &Model| screen(model).contains("First time here?");
    let mut model = loaded(100, 30);
    model.welcome();
    press(&mut model, "jjj<tab>j<tab><space>");
    assert!(told(&model), "{}", screen(&model));
    press_revoke(&mut model);
    assert!(matches!(model.overlay, Overlay::Plan(_)));
    press(&mut model, "<esc>");
    assert!(!told(&model));
    for keys in ["4", "5", "2", "3", "/", "r", "o"] {
        let mut model = finished(80, 24);
        model.welcome();
        assert!(told(&model));
        press(&mut model, keys);
        assert!(!told(&model), "after {keys}");
    }
}

#[test]
fn the_number_of_the_view_one_is_in_says_nothing() {
    for number in ["1", "2", "3", "4", "5"] {
        let mut model = loaded(80, 24);
        press(&mut model, number);
        let (before, said) = (screen(&model), model.log.said);
        press(&mut model, number);
        assert_eq!((screen(&model), model.log.said), (before, said), "in view {number}");
    }
}

#[test]
fn errors_nobody_has_seen_stay_apart_from_the_tabs_however_much_is_marked() {
    let mut model = loaded(80, 24);
    press(&mut model, "a");
    for text in ["one", "two"] {
        model.log.say(model.now, Level::Error, text);
    }
    let shown = screen(&model);
    let tabs = shown.lines().find(|line| line.contains("5 History")).unwrap();
    assert!(tabs.contains("5 History  ") && tabs.contains("3 errors"), "{tabs}");
    assert!(tabs.contains("marked"), "{tabs}");
}
