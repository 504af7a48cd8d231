//! Ranges of rows: by `v`, by dragging; marked as a whole and taken back as a whole.

use crate::tui::views::images;
use crate::tui::views::members;
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use crate::tui::app::update::update;
use crate::tui::app::{App, Focus};
use crate::tui::fixture::{
    DATA, WEB, buffer, commands, engine, image, loaded, marked, membership, press, screen,
};
use crate::tui::ui::layout;
use crate::tui::{Effect, Msg, What};
use domain::MemberStatus;
use engine::{Command, Event, Reading};

fn mouse(app: &mut App, kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let effects = update(app, Msg { now: app.now, what: What::Mouse(event) });
    drop(app.settle_and_request());
    effects
}

const DOWN: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

fn drag(app: &mut App, from: (u16, u16), to: (u16, u16)) {
    mouse(app, DOWN, from);
    mouse(app, DRAG, to);
    mouse(app, UP, to);
}

/// The place of a row in the window of a pane.
fn at(pane: Rect, row: u16) -> (u16, u16) {
    (pane.x + 5, pane.y + 2 + row)
}

fn images(app: &App) -> Rect {
    images::panes(layout::areas(app).unwrap().main)[0]
}

fn members(app: &App) -> Rect {
    images::panes(layout::areas(app).unwrap().main)[1]
}

fn members_view_panes(app: &App) -> [Rect; 2] {
    members::panes(layout::areas(app).unwrap().main)
}

fn said(app: &App) -> String {
    app.log.last().unwrap().1.to_owned()
}

#[test]
fn v_and_space_mark_a_range_of_images_and_again_take_the_marks_away_each_in_one_step() {
    let mut app = loaded(120, 30);
    press(&mut app, "jjjvj<space>");
    assert_eq!(marked(&app).len(), 5, "{:?}", marked(&app));
    assert_eq!(said(&app), "5 shares marked.");
    assert_eq!(app.range(), None, "it ends");
    press(&mut app, "vk<space>");
    assert_eq!((marked(&app).len(), said(&app).as_str()), (0, "5 shares unmarked."));
    press(&mut app, "u");
    assert_eq!(marked(&app).len(), 5);
    press(&mut app, "u");
    assert!(marked(&app).is_empty());
}

#[test]
fn a_range_with_a_part_marked_is_marked_whole() {
    let mut app = loaded(120, 30);
    press(&mut app, "jjj<space>vj<space>");
    assert_eq!(marked(&app).len(), 5);
}

#[test]
fn what_is_not_known_in_a_range_is_left_out_said_and_asked_for() {
    let mut app = loaded(120, 30);
    press(&mut app, "jjjjv");
    let effects = press(&mut app, "jj<space>");
    assert_eq!(said(&app), "2 shares marked. 2 images left out: their members are not known yet.");
    let asked = commands(&effects);
    let wanted = |c: &&Command| matches!(c, Command::Prioritize { images, .. } if images.contains(&"img-10".into()));
    assert!(asked.iter().any(wanted), "{asked:?}");
}

#[test]
fn a_range_marks_only_what_the_filter_shows_and_says_so() {
    let mut app = loaded(120, 30);
    press(&mut app, "/status:pending<enter>gvG<space>");
    assert_eq!(marked(&app).len(), 2, "{:?}", marked(&app));
    assert!(said(&app).starts_with("2 shares marked. The filter hides 3 more shares."));
}

#[test]
fn esc_v_and_another_pane_end_a_range_and_mark_nothing() {
    for end in ["<esc>", "v", "<tab>", "3"] {
        let mut app = loaded(120, 30);
        press(&mut app, "jjjvj");
        assert!(app.range().is_some());
        press(&mut app, end);
        assert!(!app.end_range(), "after {end}");
        assert!(marked(&app).is_empty());
    }
}

#[test]
fn ranges_of_members_of_images_and_of_the_images_of_a_member() {
    let mut app = loaded(120, 30);
    press(&mut app, "jjj<tab>vj<space>");
    assert_eq!(marked(&app).len(), 2);
    assert_eq!(app.workspace.members_pane.list.cursor.at, 1, "the cursor stays at its end");

    let mut app = loaded(120, 30);
    press(&mut app, "2gv");
    assert!(said(&app).starts_with("A range of rows begins here"));
    press(&mut app, "j<space>");
    let all = app.workspace.member_table.list.rows[..2].to_vec();
    let shares: usize = all.iter().map(|ix| app.shares_of_member(*ix).len()).sum();
    assert_eq!(marked(&app).len(), shares);

    let mut app = loaded(120, 30);
    press(&mut app, "2g<tab>vj<space>");
    assert_eq!(marked(&app).len(), 2);
}

#[test]
fn a_range_of_members_ends_when_they_are_read_again() {
    let mut app = loaded(120, 30);
    press(&mut app, "jjj<tab>vj");
    let session = app.workspace.session;
    let reading = Reading::Members(vec![
        membership(DATA, MemberStatus::Accepted, 1),
        membership(WEB, MemberStatus::Accepted, 1),
    ]);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });
    assert_eq!(app.range(), None);
}

#[test]
fn a_range_of_received_images_is_chosen_as_a_whole() {
    let mut app = loaded(120, 30);
    let session = app.workspace.session;
    let other = domain::Image {
        owner: Some(domain::ProjectId("other".into())),
        ..image("img-11", "from-further-away", 4)
    };
    engine(&mut app, Event::Images { session, images: vec![other] });
    press(&mut app, "ogvj<space>");
    assert_eq!(app.workspace.received.chosen.len(), 2);
    press(&mut app, "vk<space>");
    assert!(app.workspace.received.chosen.is_empty());
}

// ── the mouse ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn dragging_over_images_shows_the_range_and_marks_it_when_let_go() {
    let mut app = loaded(120, 30);
    let pane = images(&app);
    mouse(&mut app, DOWN, at(pane, 3));
    assert_eq!(app.range(), None);
    mouse(&mut app, DRAG, at(pane, 4));
    assert_eq!(app.range(), Some(3..=4));
    assert!(marked(&app).is_empty(), "not yet");
    let terminal = buffer(&app);
    let cell = |row| terminal.backend().buffer()[at(pane, row)].style();
    assert_eq!(cell(3), cell(4));
    assert_ne!(cell(2), cell(3));
    let sign = |row| terminal.backend().buffer()[(pane.x + 1, at(pane, row).1)].symbol().to_owned();
    assert_eq!([sign(3), sign(4)], ["│", "▌"], "by a sign too");
    mouse(&mut app, UP, at(pane, 4));
    assert_eq!((marked(&app).len(), app.range()), (5, None));
    drag(&mut app, at(pane, 4), at(pane, 3));
    assert!(marked(&app).is_empty(), "all were marked");
    press(&mut app, "u");
    assert_eq!(marked(&app).len(), 5, "one step");
}

#[test]
fn dragging_back_to_where_it_began_marks_nothing_and_a_click_is_a_click() {
    let mut app = loaded(120, 30);
    let pane = images(&app);
    mouse(&mut app, DOWN, at(pane, 3));
    mouse(&mut app, DRAG, at(pane, 3));
    mouse(&mut app, UP, at(pane, 3));
    assert!(app.clicked.is_some(), "no drag: it may become a double click");
    mouse(&mut app, DOWN, at(pane, 4));
    for row in [5, 4] {
        mouse(&mut app, DRAG, at(pane, row));
    }
    mouse(&mut app, UP, at(pane, 4));
    assert!(marked(&app).is_empty());
    assert_eq!((app.range(), app.clicked), (None, None));
    mouse(&mut app, UP, at(pane, 6));
    mouse(&mut app, DRAG, at(pane, 6));
    assert_eq!(app.range(), None, "nothing is dragged without a button that went down");
}

#[test]
fn dragging_over_members_and_in_the_members_view_marks_those_rows() {
    let mut app = loaded(120, 30);
    press(&mut app, "jjj");
    let pane = members(&app);
    drag(&mut app, at(pane, 0), at(pane, 1));
    assert_eq!((marked(&app).len(), app.focus), (2, Focus::Members));

    let mut app = loaded(120, 30);
    press(&mut app, "2");
    let [list, pane] = members_view_panes(&app);
    drag(&mut app, at(pane, 1), at(pane, 0));
    assert_eq!(marked(&app).len(), 2);
    press(&mut app, "u");
    drag(&mut app, at(list, 0), at(list, 1));
    assert!(marked(&app).len() > 2);
}

#[test]
fn dragging_out_of_the_pane_goes_a_row_on_with_every_event_and_stops_at_the_ends() {
    let mut app = loaded(80, 24);
    let session = app.workspace.session;
    let more =
        (0..40).map(|n| image(&format!("more-{n:02}"), &format!("more-{n:02}"), n)).collect();
    engine(&mut app, Event::Images { session, images: more });
    let pane = images(&app);
    mouse(&mut app, DOWN, at(pane, 2));
    let below = (5, pane.bottom() + 2);
    mouse(&mut app, DRAG, at(pane, layout::rows(pane) - 1));
    let last = app.workspace.images.list.cursor.at;
    for more in 1..=3 {
        mouse(&mut app, DRAG, below);
        assert_eq!(app.range(), Some(2..=last + more));
    }
    assert!(app.workspace.images.list.cursor.top > 0, "it scrolls");
    for _ in 0..100 {
        mouse(&mut app, DRAG, below);
    }
    assert_eq!(app.range(), Some(2..=app.workspace.images.list.rows.len() - 1));
    for _ in 0..100 {
        mouse(&mut app, DRAG, (5, 0));
    }
    assert_eq!(app.range(), Some(0..=2));
    mouse(&mut app, UP, (5, 0));
    assert_eq!(app.range(), None);
}

#[test]
fn dragging_out_of_the_cells_makes_the_rectangle_larger_and_letting_go_keeps_it() {
    let mut app = loaded(120, 40);
    press(&mut app, "3");
    let areas = crate::tui::views::matrix::layout::matrix(
        layout::areas(&app).unwrap().main,
        app.workspace.matrix.facts.widest,
    );
    let cell = (areas.cells.x + 3, areas.cells.y + 2);
    mouse(&mut app, DOWN, cell);
    for _ in 0..2 {
        mouse(&mut app, DRAG, (cell.0, 0));
    }
    assert_eq!(app.workspace.matrix.rectangle(), Some((0..=2, 1..=1)));
    mouse(&mut app, DRAG, (0, areas.cells.y));
    mouse(&mut app, UP, (0, areas.cells.y));
    assert_eq!(app.workspace.matrix.rectangle(), Some((0..=2, 0..=1)));
    press(&mut app, "<space>");
    assert!(!marked(&app).is_empty(), "{}", screen(&app));
}

#[test]
fn dragging_does_nothing_under_a_dialog_or_from_one_pane_into_another() {
    let mut app = loaded(120, 30);
    let pane = images(&app);
    mouse(&mut app, DOWN, at(pane, 3));
    press(&mut app, "?");
    mouse(&mut app, DRAG, at(pane, 5));
    mouse(&mut app, UP, at(pane, 5));
    press(&mut app, "<esc>");
    assert!(marked(&app).is_empty());
    mouse(&mut app, DOWN, (10, 1));
    mouse(&mut app, DRAG, at(pane, 5));
    mouse(&mut app, UP, at(pane, 5));
    assert!(marked(&app).is_empty());
}
