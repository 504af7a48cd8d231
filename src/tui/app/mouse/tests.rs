//! Click and wheel.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::tui::app::update::update;
use crate::tui::app::{App, Focus};
use crate::tui::fixture::{choosing, commands, finished, loaded, press, press_revoke, screen};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::views::ViewId;
use crate::tui::views::jobs::state::JobFocus;
use crate::tui::{Effect, Msg, What};
use domain::Moment;
use engine::Command;

fn mouse(app: &mut App, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let effects = update(app, Msg { now: app.now, what: What::Mouse(event) });
    app.settle();
    effects
}

fn click(app: &mut App, column: u16, row: u16) -> Vec<Effect> {
    mouse(app, MouseEventKind::Down(MouseButton::Left), column, row)
}

/// The column where a tab begins.
fn tab_of(app: &App, tab: &str) -> u16 {
    let screen = screen(app);
    let line = screen.lines().nth(1).unwrap().trim_start_matches('"');
    line[..line.find(tab).unwrap()].chars().count().try_into().unwrap()
}

#[test]
fn a_click_chooses_the_row_under_it_and_the_pane() {
    let mut app = loaded(120, 30);
    click(&mut app, 10, 7);
    assert_eq!(app.workspace.inventory.image(app.image().unwrap()).label(), "ubuntu-22.04-golden");
    click(&mut app, 80, 6);
    assert_eq!((app.focus, app.workspace.members_pane.list.cursor.at), (Focus::Members, 2));
    click(&mut app, 10, 25);
    assert_eq!(app.focus, Focus::Images, "below the last row only the pane is chosen");
    assert_eq!(app.workspace.inventory.image(app.image().unwrap()).label(), "ubuntu-22.04-golden");
}

/// A second click, so long after the first.
fn click_after(app: &mut App, millis: i64, column: u16, row: u16) -> Vec<Effect> {
    app.now = Moment(app.now.0 + millis);
    click(app, column, row)
}

#[test]
fn a_double_click_on_a_row_is_enter_there() {
    let mut app = loaded(120, 30);
    click(&mut app, 10, 7);
    click_after(&mut app, 400, 12, 7);
    assert_eq!(app.focus, Focus::Members);
    assert_eq!(app.workspace.inventory.image(app.image().unwrap()).label(), "ubuntu-22.04-golden");

    click(&mut app, 80, 6);
    click_after(&mut app, 100, 80, 6);
    assert_eq!(app.view, ViewId::Members, "the member and everything it reaches");

    let mut app = finished(120, 30);
    press(&mut app, "4");
    click(&mut app, 10, 4);
    click_after(&mut app, 100, 10, 4);
    assert_eq!(app.jobs.focus, JobFocus::Requests);
}

#[test]
fn two_clicks_that_are_no_double_click_choose_and_do_no_more() {
    let of = |row: u16, millis: i64, between: &str| {
        let mut app = loaded(120, 30);
        click(&mut app, 10, 7);
        press(&mut app, between);
        click_after(&mut app, millis, 10, row);
        app.focus
    };
    assert_eq!(of(7, 400, ""), Focus::Members);
    assert_eq!(of(7, 401, ""), Focus::Images, "too late");
    assert_eq!(of(6, 100, ""), Focus::Images, "another row");
    assert_eq!(of(7, 100, "k"), Focus::Images, "the cursor was moved away");
    let mut app = loaded(120, 30);
    click(&mut app, 10, 25);
    click(&mut app, 10, 25);
    assert_eq!(app.focus, Focus::Images, "below the last row");
    click(&mut app, 10, 7);
    click(&mut app, 10, 7);
    click(&mut app, 10, 7);
    assert_eq!(app.focus, Focus::Images, "the third click begins anew");
}

#[test]
fn a_double_click_in_the_picker_opens_the_cloud() {
    let mut app = choosing(120, 30);
    let area = app.dialog::<Picker>().unwrap().area(app.screen());
    let (column, row) = (area.x + 4, area.y + 3);
    assert!(click(&mut app, column, row).is_empty());
    assert!(click(&mut app, column, area.bottom() - 1).is_empty(), "the frame");
    click(&mut app, column, row);
    let effects = click_after(&mut app, 200, column, row);
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]), "{effects:?}");
}

#[test]
fn a_click_on_a_tab_or_on_the_jobs_pane_changes_the_view() {
    let mut app = finished(120, 30);
    let tab = tab_of(&app, "4 Jobs");
    click(&mut app, tab, 1);
    assert_eq!(app.view, ViewId::Jobs);
    click(&mut app, 3, 1);
    assert_eq!(app.view, ViewId::Images);
    click(&mut app, 20, 27);
    assert_eq!(app.view, ViewId::Jobs);
}

#[test]
fn the_wheel_scrolls_what_is_under_it_and_leaves_the_focus() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter>");
    mouse(&mut app, MouseEventKind::ScrollDown, 80, 6);
    assert_eq!((app.focus, app.workspace.members_pane.list.cursor.at), (Focus::Images, 2));
}

#[test]
fn the_mouse_confirms_nothing() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>");
    press_revoke(&mut app);
    press(&mut app, "3");
    for row in 0..30 {
        for column in (0..120).step_by(7) {
            assert!(click(&mut app, column, row).is_empty());
        }
    }
    assert!(app.dialog::<PlanDialog>().is_some());
}

#[test]
fn a_click_in_the_picker_chooses_and_does_not_open() {
    let mut app = choosing(120, 30);
    assert!(click(&mut app, 40, 14).is_empty());
    assert!(app.dialog::<Picker>().is_some_and(|picker| picker.cursor.at < 3));
}
