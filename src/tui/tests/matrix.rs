//! The Matrix view: what stands where, and that marks hit exactly the cells that were meant.

use std::time::Instant;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;

use super::super::fixture::{
    DATA, FIRST_READING, LAB, WEB, buffer, commands, engine, image, loaded, marked, membership,
    opened_in, press, press_revoke, read_all, running, scope, screen,
};
use super::super::layout;
use super::super::model::matrix::Cell;
use super::super::model::{Focus, Log, Model, View};
use super::super::{Effect, Msg, What, update::update};
use crate::domain::{Image, ImageIx, MemberIx, MemberStatus};
use crate::engine::{Command, Event, Reading};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (140, 40), (200, 60)];

/// The view, with both sides in the order of names.
fn open(width: u16, height: u16) -> Model {
    let mut model = loaded(width, height);
    press(&mut model, "3sS");
    model.log = Log::default();
    model
}

fn rows(model: &Model) -> Vec<String> {
    model
        .workspace
        .matrix
        .rows
        .iter()
        .map(|ix| model.workspace.inventory.image(*ix).label())
        .collect()
}

fn columns(model: &Model) -> Vec<String> {
    model.workspace.matrix.columns.iter().map(|ix| model.member_label(*ix)).collect()
}

fn ix(model: &Model, id: &str) -> ImageIx {
    model.workspace.inventory.find(&id.into()).unwrap()
}

/// Puts the cursor on a cell, by keys.
fn go(model: &mut Model, image: &str, member: &str) {
    press(model, "g0");
    let row = model.workspace.matrix.rows.iter().position(|at| *at == ix(model, image)).unwrap();
    let column = columns(model).iter().position(|label| label == member).unwrap();
    press(model, &"j".repeat(row));
    press(model, &"l".repeat(column));
}

fn said(model: &Model) -> String {
    model.log.entries().next().map(|entry| entry.text.clone()).unwrap_or_default()
}

fn mouse(model: &mut Model, kind: MouseEventKind, at: (u16, u16), modifiers: KeyModifiers) {
    let event = MouseEvent { kind, column: at.0, row: at.1, modifiers };
    let effects = update(model, Msg { now: model.now, what: What::Mouse(event) });
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Ask(Command::LookAt { .. }))));
    model.settle();
}

fn area(model: &Model) -> layout::MatrixAreas {
    layout::matrix(layout::areas(model).unwrap().main, model.workspace.matrix.facts.widest)
}

// ── what stands where ────────────────────────────────────────────────────────────────────────────

#[test]
fn own_images_with_members_and_those_nobody_knows_are_listed_and_the_others_counted() {
    let model = open(120, 40);
    assert_eq!(
        rows(&model),
        [
            "evil\u{fffd}[31m\u{fffd}gpj\u{fffd}",
            "img-06-0f2e4d6c8b",
            "ubuntu-22.04-golden",
            "ubuntu-24.04-golden",
            "unread",
            "unreadable",
            "镜像-数据库-生产环境-二〇二六"
        ]
    );
    assert_eq!(columns(&model).len(), 5, "{:?}", columns(&model));
    assert_eq!(model.workspace.matrix.facts.empty, 2);
    assert_eq!(model.workspace.matrix.facts.unknown, 2);
    assert!(screen(&model).contains("2 without members left out"));
}

#[test]
fn unknown_is_never_shown_as_not_shared() {
    let model = open(120, 40);
    for member in model.workspace.matrix.columns.clone() {
        assert!(matches!(model.cell(ix(&model, "img-09"), member), Cell::Failed));
        assert!(matches!(model.cell(ix(&model, "img-10"), member), Cell::Unread));
    }
    let picture = screen(&model);
    let line = |name: &str| picture.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert_eq!(line(" unreadable ").matches('!').count(), 1 + 5);
    assert_eq!(line(" unread ").matches('?').count(), 1 + 5);
    assert!(picture.contains("members of 2 unknown"));
}

#[test]
fn images_without_members_come_and_go_with_a_key() {
    let mut model = open(120, 40);
    press(&mut model, "z");
    assert_eq!(rows(&model).len(), 9);
    assert!(!screen(&model).contains("left out ─"));
    press(&mut model, "z");
    assert_eq!(rows(&model).len(), 7);
}

#[test]
fn sides_are_sorted_by_themselves() {
    let mut model = open(120, 40);
    press(&mut model, "s");
    assert_eq!(rows(&model)[0], "ubuntu-22.04-golden", "most shares first");
    assert_eq!(columns(&model)[4], "team-web", "still by name");
    press(&mut model, "S");
    assert_eq!(columns(&model)[..2], ["team-data", "team-web"]);
    press(&mut model, "s");
    assert!(said(&model).contains("alike"), "{}", said(&model));
}

#[test]
fn alike_images_stand_together() {
    let mut model = opened_in(scope(), 120, 40);
    let session = model.workspace.session;
    let images: Vec<Image> =
        (0..30).map(|n| image(&format!("i{n:02}"), &format!("n{n:02}"), 1)).collect();
    engine(&mut model, Event::Images { session, images });
    for n in 0..30 {
        let members =
            (0..3).map(|m| membership(&format!("p{}{m}", n % 3), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let image = format!("i{n:02}").as_str().into();
        engine(&mut model, Event::Members { session, image, reading });
    }
    press(&mut model, "3");
    let mut kinds: Vec<u32> =
        rows(&model).iter().map(|name| name[1..].parse::<u32>().unwrap() % 3).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), 3);
    let mut kinds: Vec<u8> = columns(&model).iter().map(|id| id.as_bytes()[1]).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), 3);
}

#[test]
fn the_cursor_stays_on_its_cell_through_sort_filter_and_refresh() {
    let mut model = open(120, 40);
    go(&mut model, "img-02", "team-web");
    let before = model.workspace.matrix.under();
    press(&mut model, "ssSS/ubuntu<enter><esc>r");
    read_all(&mut model);
    assert_eq!(model.workspace.matrix.under(), before);
}

#[test]
fn words_filter_rows_and_members_and_statuses_filter_columns() {
    let mut model = open(120, 40);
    press(&mut model, "/image:24.04");
    assert_eq!(rows(&model), ["ubuntu-24.04-golden"]);
    assert_eq!(columns(&model), ["team-data", "team-web"], "no column without a share");
    press(&mut model, "<esc>/member:team-data<enter>");
    assert_eq!(columns(&model), ["team-data"]);
    assert_eq!(rows(&model).len(), 3);
    assert!(screen(&model).contains("2 with members unknown left out"));
    press(&mut model, "<esc>/status:rejected<enter>");
    assert_eq!((rows(&model).len(), columns(&model)), (1, vec![LAB.to_owned()]));
}

#[test]
fn what_comes_into_view_is_asked_for() {
    let mut model = opened_in(scope(), 120, 40);
    let session = model.workspace.session;
    engine(&mut model, Event::Images { session, images: super::super::fixture::images() });
    press(&mut model, "3");
    let effects = press(&mut model, "j");
    let under = model.workspace.matrix.row.current(&model.workspace.matrix.rows).unwrap();
    let Some(Command::LookAt { images, .. }) = commands(&effects).first().copied() else {
        panic!("{effects:?}")
    };
    assert_eq!(images[0], model.workspace.inventory.image(under).id);
    assert_eq!(images.len(), 9, "of its own images");
    assert!(press(&mut model, "").is_empty());
}

// ── marks ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn space_marks_the_share_under_the_cursor_and_nothing_else() {
    let mut model = open(120, 40);
    go(&mut model, "img-01", "team-data");
    press(&mut model, "<space>");
    assert_eq!(marked(&model), [format!("img-01 {DATA}")]);
    assert!(screen(&model).contains("●P"));
    press(&mut model, "<space>");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn where_nothing_is_shared_or_known_space_says_so() {
    let mut model = open(120, 40);
    go(&mut model, "img-08", "team-web");
    press(&mut model, "<space>");
    assert!(said(&model).contains("is not shared with team-web"), "{}", said(&model));
    go(&mut model, "img-10", "team-web");
    let effects = press(&mut model, "<space>");
    assert!(said(&model).contains("not known yet"), "{}", said(&model));
    assert!(commands(&effects).iter().any(|c| matches!(c, Command::LookAt { .. })));
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn a_row_and_a_column_are_marked_and_unmarked_as_a_whole() {
    let mut model = open(120, 40);
    go(&mut model, "img-02", "team-data");
    press(&mut model, "-");
    assert_eq!(marked(&model), [format!("img-02 {WEB}"), format!("img-02 {DATA}")]);
    press(&mut model, "|");
    let column = [format!("img-01 {DATA}"), format!("img-02 {DATA}"), format!("img-08 {DATA}")];
    assert!(column.iter().all(|share| marked(&model).contains(share)));
    assert_eq!(marked(&model).len(), 4);
    assert!(said(&model).contains("2 images left out: their members are not known yet"));
    press(&mut model, "|-");
    assert_eq!(marked(&model), [format!("img-02 {WEB}"), format!("img-02 {DATA}")]);
    press(&mut model, "-");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn a_rectangle_marks_exactly_what_is_inside_it() {
    let mut model = open(120, 40);
    go(&mut model, "img-02", "team-web");
    press(&mut model, "vkh");
    assert!(screen(&model).contains("rectangle 2 × 2: 4 shares in view"), "{}", screen(&model));
    press(&mut model, "<space>");
    let expected = [
        format!("img-01 {WEB}"),
        format!("img-01 {DATA}"),
        format!("img-02 {WEB}"),
        format!("img-02 {DATA}"),
    ];
    assert_eq!(marked(&model), expected);
    assert!(model.workspace.matrix.corner.is_none(), "marking ends it");
    press(&mut model, "v<esc>");
    assert!(model.workspace.matrix.corner.is_none());
    assert_eq!(model.workspace.marks.len(), 4);
}

#[test]
fn marking_a_column_is_taken_back_as_a_whole() {
    let mut model = open(120, 40);
    go(&mut model, "img-02", "team-data");
    press(&mut model, "<space>|");
    assert_eq!(model.workspace.marks.len(), 3);
    press(&mut model, "u");
    assert_eq!(marked(&model), [format!("img-02 {DATA}")]);
}

#[test]
fn a_filter_bounds_what_is_marked() {
    let mut model = open(120, 40);
    press(&mut model, "/status:pending<enter>a");
    assert_eq!(marked(&model), [format!("img-01 {DATA}"), format!("img-06-0f2e4d6c8b {WEB}")]);
    go(&mut model, "img-01", "team-web");
    press(&mut model, "<space>");
    assert!(said(&model).contains("the filter leaves this share out"), "{}", said(&model));
    press(&mut model, "A-");
    assert_eq!(marked(&model), [format!("img-01 {DATA}")]);
    assert!(said(&model).contains("the filter hides them"), "{}", said(&model));
    press(&mut model, "i");
    assert_eq!(marked(&model), [format!("img-06-0f2e4d6c8b {WEB}")]);
}

#[test]
fn all_visible_marks_everything_that_is_known_and_own() {
    let mut model = open(120, 40);
    press(&mut model, "a");
    assert_eq!(model.workspace.marks.len(), 3 + 2 + 2 + 1 + 1, "and none of an image of others");
    assert!(said(&model).contains("2 images left out"));
    press(&mut model, "A");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn only_marked_leaves_the_rows_and_columns_with_marks() {
    let mut model = open(120, 40);
    press(&mut model, "M");
    assert!(said(&model).contains("Nothing is marked"));
    go(&mut model, "img-02", "team-web");
    press(&mut model, "<space>M");
    assert_eq!((rows(&model).len(), columns(&model)), (1, vec!["team-web".to_owned()]));
    press(&mut model, "<esc>");
    assert_eq!(rows(&model).len(), 7);
    press(&mut model, "MA");
    assert_eq!(rows(&model).len(), 7, "nothing is marked: everything shows again");
}

#[test]
fn the_plan_says_what_the_filter_of_this_view_hides() {
    let mut model = open(120, 40);
    press(&mut model, "a/member:team-web<enter>");
    press_revoke(&mut model);
    assert!(screen(&model).contains("6 shares are not in view"), "{}", screen(&model));
}

// ── in and out ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn enter_shows_image_and_member_in_view_1_whatever_is_filtered_there() {
    let mut model = loaded(120, 40);
    press(&mut model, "/windows<enter>o3sS");
    go(&mut model, "img-01", "team-data");
    press(&mut model, "<enter>");
    assert_eq!((model.view, model.focus), (View::Images, Focus::Members));
    let (image, row) = model.row().unwrap();
    assert_eq!(model.workspace.inventory.share(image, row).member.id.raw(), DATA);
    assert_eq!(model.image(), Some(ix(&model, "img-01")));
    assert!(said(&model).contains("taken away"));
    press(&mut model, "<esc>");
    assert_eq!(model.view, View::Matrix, "Esc comes back from there");
}

#[test]
fn enter_on_an_empty_cell_shows_the_image_and_esc_comes_back_while_the_cursor_is_on_it() {
    let mut model = open(120, 40);
    go(&mut model, "img-01", "team-data");
    let (image, member) = model.workspace.matrix.under().unwrap();
    let empty = |at: &MemberIx| model.workspace.inventory.row_of(image, *at).is_none();
    let column = model.workspace.matrix.columns.iter().position(empty).unwrap();
    let here = model.workspace.matrix.columns.iter().position(|at| *at == member).unwrap();
    press(
        &mut model,
        &if column < here { "h".repeat(here - column) } else { "l".repeat(column - here) },
    );
    press(&mut model, "<enter>");
    assert_eq!(
        (model.view, model.focus, model.image()),
        (View::Images, Focus::Images, Some(image))
    );
    press(&mut model, "<esc>");
    assert_eq!(model.view, View::Matrix);
    press(&mut model, "<enter>j<esc>");
    assert_eq!(model.view, View::Images, "the cursor went elsewhere");
}

#[test]
fn copying_takes_both_ids_as_a_line_for_from() {
    let mut model = open(120, 40);
    go(&mut model, "img-01", "team-data");
    let effects = press(&mut model, "y");
    let copied = effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied, Some(format!("img-01,{DATA}")));
}

#[test]
fn the_filter_of_the_matrix_is_its_own() {
    let mut model = open(120, 40);
    press(&mut model, "/sql<enter>1");
    assert_eq!(model.workspace.images.filter.line(), "");
    press(&mut model, "/windows<enter>3");
    assert_eq!(model.workspace.matrix.filter.line(), "sql");
}

// ── the mouse ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_click_chooses_a_cell_and_a_drag_makes_a_rectangle() {
    let mut model = open(120, 40);
    let cells = area(&model).cells;
    let left = MouseButton::Left;
    let at = (cells.x + 3, cells.y + 2);
    mouse(&mut model, MouseEventKind::Down(left), at, KeyModifiers::NONE);
    assert_eq!((model.workspace.matrix.row.at, model.workspace.matrix.column.at), (2, 1));
    let to = (cells.x + 13, cells.y + 3);
    mouse(&mut model, MouseEventKind::Drag(left), to, KeyModifiers::NONE);
    assert_eq!(model.workspace.matrix.rectangle(), Some((2..=3, 1..=4)));
    mouse(&mut model, MouseEventKind::Down(left), at, KeyModifiers::NONE);
    assert_eq!(model.workspace.matrix.rectangle(), None, "a click begins anew");
    let name = (cells.x - 20, cells.y + 4);
    mouse(&mut model, MouseEventKind::Down(left), name, KeyModifiers::NONE);
    assert_eq!((model.workspace.matrix.row.at, model.workspace.matrix.column.at), (4, 1));
}

#[test]
fn the_wheel_moves_rows_and_with_shift_or_tilted_columns() {
    let mut model = open(120, 40);
    let cells = area(&model).cells;
    let at = (cells.x, cells.y);
    mouse(&mut model, MouseEventKind::ScrollDown, at, KeyModifiers::NONE);
    assert_eq!((model.workspace.matrix.row.at, model.workspace.matrix.column.at), (3, 0));
    mouse(&mut model, MouseEventKind::ScrollDown, at, KeyModifiers::SHIFT);
    assert_eq!((model.workspace.matrix.row.at, model.workspace.matrix.column.at), (3, 3));
    mouse(&mut model, MouseEventKind::ScrollLeft, at, KeyModifiers::NONE);
    assert_eq!((model.workspace.matrix.row.at, model.workspace.matrix.column.at), (3, 0));
}

// ── pictures ─────────────────────────────────────────────────────────────────────────────────────

fn pressed(width: u16, height: u16, keys: &str) -> Model {
    let mut model = open(width, height);
    press(&mut model, keys);
    model
}

fn crowded(width: u16, height: u16) -> Model {
    let mut model = opened_in(scope(), width, height);
    let session = model.workspace.session;
    let images = (0..70).map(|n| image(&format!("i{n:02}"), &format!("image-{n:02}-of-many"), n));
    engine(&mut model, Event::Images { session, images: images.collect() });
    for n in 0..70_i64 {
        let status = |m| match (n + m) % 7 {
            0 => MemberStatus::Pending,
            1 => MemberStatus::Rejected,
            _ => MemberStatus::Accepted,
        };
        let has = |m: &i64| (n % 5 == m % 5 && (n * m) % 3 != 1) || (n * 7 + m * 13) % 31 == 0;
        let members = (0..90)
            .filter(has)
            .map(|m| membership(&format!("{:08x}{m:024}", m * 7_919_311), status(m), m));
        let reading = Reading::Members(members.collect());
        let image = format!("i{n:02}").as_str().into();
        engine(&mut model, Event::Members { session, image, reading });
    }
    engine(&mut model, Event::ReadEnded { session, reading: FIRST_READING });
    press(&mut model, "3jjjll-kvjjlll");
    model.log = Log::default();
    model
}

type Make = fn(u16, u16) -> Model;

const STATES: [(&str, Make); 6] = [
    ("matrix", |w, h| pressed(w, h, "jjl")),
    ("matrix-likeness", |w, h| pressed(w, h, "ssSS")),
    ("matrix-marked", |w, h| pressed(w, h, "jjl<space>j-")),
    ("matrix-filtered", |w, h| pressed(w, h, "/status:pending")),
    ("matrix-crowded", crowded),
    ("matrix-running", |w, h| {
        let mut model = running(w, h);
        press(&mut model, "3");
        model
    }),
];

#[test]
fn every_state_of_the_matrix_looks_as_it_did() {
    for (name, make) in STATES {
        for (width, height) in SIZES {
            assert_snapshot!(format!("{name}-{width}x{height}"), screen(&make(width, height)));
        }
    }
}

#[test]
fn the_matrix_fits_every_size_and_shows_nothing_hostile() {
    for (name, make) in STATES {
        for (width, height) in [(80, 24), (81, 25), (99, 24), (250, 24), (80, 100), (300, 90)] {
            let terminal = buffer(&make(width, height));
            for cell in &terminal.backend().buffer().content {
                let hostile = cell.symbol().chars().any(crate::domain::text::is_hostile);
                assert!(!hostile, "{:?} in {name}", cell.symbol());
            }
        }
    }
}

// ── size ─────────────────────────────────────────────────────────────────────────────────────────

/// Answers that come one by one while everything is read are shown together, and a frame without a change costs nothing.
#[test]
fn a_large_matrix_is_not_made_anew_for_every_answer() {
    let mut model = opened_in(scope(), 140, 40);
    let (session, now) = (model.workspace.session, model.now);
    let images: Vec<Image> =
        (0..10_000).map(|n| image(&format!("i{n}"), &format!("name-{n:05}"), 1)).collect();
    for page in images.chunks(1000) {
        let what = What::Engine(Event::Images { session, images: page.to_vec() });
        update(&mut model, Msg { now, what });
    }
    press(&mut model, "3");
    let began = Instant::now();
    for image in &images {
        let n = image.id.raw()[1..].parse::<u32>().unwrap();
        let members = (0..10)
            .map(|m| membership(&format!("p{}", (n + m * 37) % 2000), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let what = What::Engine(Event::Members { session, image: image.id.clone(), reading });
        update(&mut model, Msg { now, what });
        model.settle();
    }
    let per_event = began.elapsed() / 10_000;
    assert!(per_event.as_millis() < 5, "{per_event:?} for one event");
    engine(&mut model, Event::ReadEnded { session, reading: FIRST_READING });
    assert_eq!(
        (model.workspace.matrix.rows.len(), model.workspace.matrix.columns.len()),
        (10_000, 2000)
    );
    assert_eq!(model.workspace.matrix.facts.shares, 100_000);
}
