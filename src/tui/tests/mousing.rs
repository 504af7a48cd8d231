//! Click and wheel.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::super::fixture::{choosing, commands, finished, loaded, press, press_revoke, screen};
use super::super::layout;
use super::super::model::jobs::JobFocus;
use super::super::model::{Focus, Model, Overlay, View};
use super::super::update::update;
use super::super::{Effect, Msg, What};
use crate::domain::Moment;
use crate::engine::Command;

fn mouse(model: &mut Model, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let effects = update(model, Msg { now: model.now, what: What::Mouse(event) });
    model.settle();
    effects
}

fn click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    mouse(model, MouseEventKind::Down(MouseButton::Left), column, row)
}

/// The column where a tab begins.
fn tab_of(model: &Model, tab: &str) -> u16 {
    let screen = screen(model);
    let line = screen.lines().nth(1).unwrap().trim_start_matches('"');
    line[..line.find(tab).unwrap()].chars().count().try_into().unwrap()
}

#[test]
fn a_click_chooses_the_row_under_it_and_the_pane() {
    let mut model = loaded(120, 30);
    click(&mut model, 10, 7);
    assert_eq!(
        model.workspace.inventory.image(model.image().unwrap()).label(),
        "ubuntu-22.04-golden"
    );
    click(&mut model, 80, 6);
    assert_eq!((model.focus, model.workspace.members.cursor.at), (Focus::Members, 2));
    click(&mut model, 10, 25);
    assert_eq!(model.focus, Focus::Images, "below the last row only the pane is chosen");
    assert_eq!(
        model.workspace.inventory.image(model.image().unwrap()).label(),
        "ubuntu-22.04-golden"
    );
}

/// A second click, so long after the first.
fn click_after(model: &mut Model, millis: i64, column: u16, row: u16) -> Vec<Effect> {
    model.now = Moment(model.now.0 + millis);
    click(model, column, row)
}

#[test]
fn a_double_click_on_a_row_is_enter_there() {
    let mut model = loaded(120, 30);
    click(&mut model, 10, 7);
    click_after(&mut model, 400, 12, 7);
    assert_eq!(model.focus, Focus::Members);
    assert_eq!(
        model.workspace.inventory.image(model.image().unwrap()).label(),
        "ubuntu-22.04-golden"
    );

    click(&mut model, 80, 6);
    click_after(&mut model, 100, 80, 6);
    assert_eq!(model.view, View::Members, "the member and everything it reaches");

    let mut model = finished(120, 30);
    press(&mut model, "4");
    click(&mut model, 10, 4);
    click_after(&mut model, 100, 10, 4);
    assert_eq!(model.jobs.focus, JobFocus::Requests);
}

#[test]
fn two_clicks_that_are_no_double_click_choose_and_do_no_more() {
    let of = |row: u16, millis: i64, between: &str| {
        let mut model = loaded(120, 30);
        click(&mut model, 10, 7);
        press(&mut model, between);
        click_after(&mut model, millis, 10, row);
        model.focus
    };
    assert_eq!(of(7, 400, ""), Focus::Members);
    assert_eq!(of(7, 401, ""), Focus::Images, "too late");
    assert_eq!(of(6, 100, ""), Focus::Images, "another row");
    assert_eq!(of(7, 100, "k"), Focus::Images, "the cursor was moved away");
    let mut model = loaded(120, 30);
    click(&mut model, 10, 25);
    click(&mut model, 10, 25);
    assert_eq!(model.focus, Focus::Images, "below the last row");
    click(&mut model, 10, 7);
    click(&mut model, 10, 7);
    click(&mut model, 10, 7);
    assert_eq!(model.focus, Focus::Images, "the third click begins anew");
}

#[test]
fn a_double_click_in_the_picker_opens_the_cloud() {
    let mut model = choosing(120, 30);
    let area = layout::overlay(&model);
    let (column, row) = (area.x + 4, area.y + 3);
    assert!(click(&mut model, column, row).is_empty());
    assert!(click(&mut model, column, area.bottom() - 1).is_empty(), "the frame");
    click(&mut model, column, row);
    let effects = click_after(&mut model, 200, column, row);
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]), "{effects:?}");
}

#[test]
fn a_click_on_a_tab_or_on_the_jobs_pane_changes_the_view() {
    let mut model = finished(120, 30);
    let tab = tab_of(&model, "4 Jobs");
    click(&mut model, tab, 1);
    assert_eq!(model.view, View::Jobs);
    click(&mut model, 3, 1);
    assert_eq!(model.view, View::Images);
    click(&mut model, 20, 27);
    assert_eq!(model.view, View::Jobs);
}

#[test]
fn the_wheel_scrolls_what_is_under_it_and_leaves_the_focus() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter>");
    mouse(&mut model, MouseEventKind::ScrollDown, 80, 6);
    assert_eq!((model.focus, model.workspace.members.cursor.at), (Focus::Images, 2));
}

#[test]
fn the_mouse_confirms_nothing() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>");
    press_revoke(&mut model);
    press(&mut model, "3");
    for row in 0..30 {
        for column in (0..120).step_by(7) {
            assert!(click(&mut model, column, row).is_empty());
        }
    }
    assert!(matches!(model.overlay, Overlay::Plan(_)));
}

#[test]
fn a_click_in_the_picker_chooses_and_does_not_open() {
    let mut model = choosing(120, 30);
    assert!(click(&mut model, 40, 14).is_empty());
    assert!(matches!(&model.overlay, Overlay::Picker(picker) if picker.cursor.at < 3));
}
