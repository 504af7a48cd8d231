//! Ranges of rows: by `v`, by dragging; marked as a whole and taken back as a whole.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::super::fixture::{
    DATA, WEB, buffer, commands, engine, image, loaded, marked, membership, press, screen,
};
use super::super::layout;
use super::super::model::{Focus, Model};
use super::super::update::update;
use super::super::{Effect, Msg, What};
use crate::domain::MemberStatus;
use crate::engine::{Command, Event, Reading};

fn mouse(model: &mut Model, kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let effects = update(model, Msg { now: model.now, what: What::Mouse(event) });
    drop(model.settle_and_look());
    effects
}

const DOWN: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

fn drag(model: &mut Model, from: (u16, u16), to: (u16, u16)) {
    mouse(model, DOWN, from);
    mouse(model, DRAG, to);
    mouse(model, UP, to);
}

/// The place of a row in the window of a pane.
fn at(pane: Rect, row: u16) -> (u16, u16) {
    (pane.x + 5, pane.y + 2 + row)
}

fn images(model: &Model) -> Rect {
    layout::areas(model).unwrap().images
}

fn members(model: &Model) -> Rect {
    layout::areas(model).unwrap().members
}

fn by_member(model: &Model) -> [Rect; 2] {
    layout::by_member(layout::areas(model).unwrap().main)
}

fn said(model: &Model) -> String {
    model.log.last().unwrap().1.to_owned()
}

#[test]
fn v_and_space_mark_a_range_of_images_and_again_take_the_marks_away_each_in_one_step() {
    let mut model = loaded(120, 30);
    press(&mut model, "jjjvj<space>");
    assert_eq!(marked(&model).len(), 5, "{:?}", marked(&model));
    assert_eq!(said(&model), "5 shares marked.");
    assert_eq!(model.range(), None, "it ends");
    press(&mut model, "vk<space>");
    assert_eq!((marked(&model).len(), said(&model).as_str()), (0, "5 shares unmarked."));
    press(&mut model, "u");
    assert_eq!(marked(&model).len(), 5);
    press(&mut model, "u");
    assert!(marked(&model).is_empty());
}

#[test]
fn a_range_with_a_part_marked_is_marked_whole() {
    let mut model = loaded(120, 30);
    press(&mut model, "jjj<space>vj<space>");
    assert_eq!(marked(&model).len(), 5);
}

#[test]
fn what_is_not_known_in_a_range_is_left_out_said_and_asked_for() {
    let mut model = loaded(120, 30);
    press(&mut model, "jjjjv");
    let effects = press(&mut model, "jj<space>");
    assert_eq!(
        said(&model),
        "2 shares marked. 2 images left out: their members are not known yet."
    );
    let asked = commands(&effects);
    let wanted = |c: &&Command| matches!(c, Command::LookAt { images, .. } if images.contains(&"img-10".into()));
    assert!(asked.iter().any(wanted), "{asked:?}");
}

#[test]
fn a_range_marks_only_what_the_filter_shows_and_says_so() {
    let mut model = loaded(120, 30);
    press(&mut model, "/status:pending<enter>gvG<space>");
    assert_eq!(marked(&model).len(), 2, "{:?}", marked(&model));
    assert!(said(&model).starts_with("2 shares marked. The filter hides 3 more shares."));
}

#[test]
fn esc_v_and_another_pane_end_a_range_and_mark_nothing() {
    for end in ["<esc>", "v", "<tab>", "3"] {
        let mut model = loaded(120, 30);
        press(&mut model, "jjjvj");
        assert!(model.range().is_some());
        press(&mut model, end);
        assert!(!model.end_range(), "after {end}");
        assert!(marked(&model).is_empty());
    }
}

#[test]
fn ranges_of_members_of_images_and_of_the_images_of_a_member() {
    let mut model = loaded(120, 30);
    press(&mut model, "jjj<tab>vj<space>");
    assert_eq!(marked(&model).len(), 2);
    assert_eq!(model.workspace.members.cursor.at, 1, "the cursor stays at its end");

    let mut model = loaded(120, 30);
    press(&mut model, "2gv");
    assert!(said(&model).starts_with("A range of rows begins here"));
    press(&mut model, "j<space>");
    let all = model.workspace.by_member.visible[..2].to_vec();
    let shares: usize = all.iter().map(|ix| model.shares_of_member(*ix).len()).sum();
    assert_eq!(marked(&model).len(), shares);

    let mut model = loaded(120, 30);
    press(&mut model, "2g<tab>vj<space>");
    assert_eq!(marked(&model).len(), 2);
}

#[test]
fn a_range_of_members_ends_when_they_are_read_again() {
    let mut model = loaded(120, 30);
    press(&mut model, "jjj<tab>vj");
    let session = model.workspace.session;
    let reading = Reading::Members(vec![
        membership(DATA, MemberStatus::Accepted, 1),
        membership(WEB, MemberStatus::Accepted, 1),
    ]);
    engine(&mut model, Event::Members { session, image: "img-01".into(), reading });
    assert_eq!(model.range(), None);
}

#[test]
fn a_range_of_received_images_is_chosen_as_a_whole() {
    let mut model = loaded(120, 30);
    let session = model.workspace.session;
    let other = crate::domain::Image {
        owner: Some(crate::domain::ProjectId("other".into())),
        ..image("img-11", "from-further-away", 4)
    };
    engine(&mut model, Event::Images { session, images: vec![other] });
    press(&mut model, "ogvj<space>");
    assert_eq!(model.workspace.received.chosen.len(), 2);
    press(&mut model, "vk<space>");
    assert!(model.workspace.received.chosen.is_empty());
}

// ── the mouse ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn dragging_over_images_shows_the_range_and_marks_it_when_let_go() {
    let mut model = loaded(120, 30);
    let pane = images(&model);
    mouse(&mut model, DOWN, at(pane, 3));
    assert_eq!(model.range(), None);
    mouse(&mut model, DRAG, at(pane, 4));
    assert_eq!(model.range(), Some(3..=4));
    assert!(marked(&model).is_empty(), "not yet");
    let terminal = buffer(&model);
    let cell = |row| terminal.backend().buffer()[at(pane, row)].style();
    assert_eq!(cell(3), cell(4));
    assert_ne!(cell(2), cell(3));
    let sign = |row| terminal.backend().buffer()[(pane.x + 1, at(pane, row).1)].symbol().to_owned();
    assert_eq!([sign(3), sign(4)], ["│", "▌"], "by a sign too");
    mouse(&mut model, UP, at(pane, 4));
    assert_eq!((marked(&model).len(), model.range()), (5, None));
    drag(&mut model, at(pane, 4), at(pane, 3));
    assert!(marked(&model).is_empty(), "all were marked");
    press(&mut model, "u");
    assert_eq!(marked(&model).len(), 5, "one step");
}

#[test]
fn dragging_back_to_where_it_began_marks_nothing_and_a_click_is_a_click() {
    let mut model = loaded(120, 30);
    let pane = images(&model);
    mouse(&mut model, DOWN, at(pane, 3));
    mouse(&mut model, DRAG, at(pane, 3));
    mouse(&mut model, UP, at(pane, 3));
    assert!(model.clicked.is_some(), "no drag: it may become a double click");
    mouse(&mut model, DOWN, at(pane, 4));
    for row in [5, 4] {
        mouse(&mut model, DRAG, at(pane, row));
    }
    mouse(&mut model, UP, at(pane, 4));
    assert!(marked(&model).is_empty());
    assert_eq!((model.range(), model.clicked), (None, None));
    mouse(&mut model, UP, at(pane, 6));
    mouse(&mut model, DRAG, at(pane, 6));
    assert_eq!(model.range(), None, "nothing is dragged without a button that went down");
}

#[test]
fn dragging_over_members_and_in_the_members_view_marks_those_rows() {
    let mut model = loaded(120, 30);
    press(&mut model, "jjj");
    let pane = members(&model);
    drag(&mut model, at(pane, 0), at(pane, 1));
    assert_eq!((marked(&model).len(), model.focus), (2, Focus::Members));

    let mut model = loaded(120, 30);
    press(&mut model, "2");
    let [list, pane] = by_member(&model);
    drag(&mut model, at(pane, 1), at(pane, 0));
    assert_eq!(marked(&model).len(), 2);
    press(&mut model, "u");
    drag(&mut model, at(list, 0), at(list, 1));
    assert!(marked(&model).len() > 2);
}

#[test]
fn dragging_out_of_the_pane_goes_a_row_on_with_every_event_and_stops_at_the_ends() {
    let mut model = loaded(80, 24);
    let session = model.workspace.session;
    let more =
        (0..40).map(|n| image(&format!("more-{n:02}"), &format!("more-{n:02}"), n)).collect();
    engine(&mut model, Event::Images { session, images: more });
    let pane = images(&model);
    mouse(&mut model, DOWN, at(pane, 2));
    let below = (5, pane.bottom() + 2);
    mouse(&mut model, DRAG, at(pane, layout::rows(pane) - 1));
    let last = model.workspace.images.cursor.at;
    for more in 1..=3 {
        mouse(&mut model, DRAG, below);
        assert_eq!(model.range(), Some(2..=last + more));
    }
    assert!(model.workspace.images.cursor.top > 0, "it scrolls");
    for _ in 0..100 {
        mouse(&mut model, DRAG, below);
    }
    assert_eq!(model.range(), Some(2..=model.workspace.images.visible.len() - 1));
    for _ in 0..100 {
        mouse(&mut model, DRAG, (5, 0));
    }
    assert_eq!(model.range(), Some(0..=2));
    mouse(&mut model, UP, (5, 0));
    assert_eq!(model.range(), None);
}

#[test]
fn dragging_out_of_the_cells_makes_the_rectangle_larger_and_letting_go_keeps_it() {
    let mut model = loaded(120, 40);
    press(&mut model, "3");
    let areas =
        layout::matrix(layout::areas(&model).unwrap().main, model.workspace.matrix.facts.widest);
    let cell = (areas.cells.x + 3, areas.cells.y + 2);
    mouse(&mut model, DOWN, cell);
    for _ in 0..2 {
        mouse(&mut model, DRAG, (cell.0, 0));
    }
    assert_eq!(model.workspace.matrix.rectangle(), Some((0..=2, 1..=1)));
    mouse(&mut model, DRAG, (0, areas.cells.y));
    mouse(&mut model, UP, (0, areas.cells.y));
    assert_eq!(model.workspace.matrix.rectangle(), Some((0..=2, 0..=1)));
    press(&mut model, "<space>");
    assert!(!marked(&model).is_empty(), "{}", screen(&model));
}

#[test]
fn dragging_does_nothing_under_a_dialog_or_from_one_pane_into_another() {
    let mut model = loaded(120, 30);
    let pane = images(&model);
    mouse(&mut model, DOWN, at(pane, 3));
    press(&mut model, "?");
    mouse(&mut model, DRAG, at(pane, 5));
    mouse(&mut model, UP, at(pane, 5));
    press(&mut model, "<esc>");
    assert!(marked(&model).is_empty());
    mouse(&mut model, DOWN, (10, 1));
    mouse(&mut model, DRAG, at(pane, 5));
    mouse(&mut model, UP, at(pane, 5));
    assert!(marked(&model).is_empty());
}
