//! The Matrix view: what stands where, and that marks hit exactly the cells that were meant.

use crate::tui::fixture;
use std::time::Instant;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;

use crate::tui::app::log::Log;
use crate::tui::app::update::update;
use crate::tui::app::{App, Focus};
use crate::tui::fixture::{
    DATA, FIRST_READING, LAB, WEB, buffer, commands, engine, image, loaded, marked, membership,
    opened_in, press, press_revoke, read_all, running, scope, screen,
};
use crate::tui::ui::layout;
use crate::tui::views::ViewId;
use crate::tui::views::matrix::content::Cell;
use crate::tui::{Effect, Msg, What};
use domain::{Image, ImageIx, MemberIx, MemberStatus};
use engine::{Command, Event, Reading};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (140, 40), (200, 60)];

/// The view, with both sides in the order of names.
fn open(width: u16, height: u16) -> App {
    let mut app = loaded(width, height);
    press(&mut app, "3sS");
    app.log = Log::default();
    app
}

fn rows(app: &App) -> Vec<String> {
    app.workspace.matrix.rows.iter().map(|ix| app.workspace.inventory.image(*ix).label()).collect()
}

fn columns(app: &App) -> Vec<String> {
    app.workspace.matrix.columns.iter().map(|ix| app.member_label(*ix)).collect()
}

fn ix(app: &App, id: &str) -> ImageIx {
    app.workspace.inventory.find(&id.into()).unwrap()
}

/// Puts the cursor on a cell, by keys.
fn go(app: &mut App, image: &str, member: &str) {
    press(app, "g0");
    let row = app.workspace.matrix.rows.iter().position(|at| *at == ix(app, image)).unwrap();
    let column = columns(app).iter().position(|label| label == member).unwrap();
    press(app, &"j".repeat(row));
    press(app, &"l".repeat(column));
}

fn said(app: &App) -> String {
    app.log.entries().next().map(|entry| entry.text.clone()).unwrap_or_default()
}

fn mouse(app: &mut App, kind: MouseEventKind, at: (u16, u16), modifiers: KeyModifiers) {
    let event = MouseEvent { kind, column: at.0, row: at.1, modifiers };
    let effects = update(app, Msg { now: app.now, what: What::Mouse(event) });
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Ask(Command::Prioritize { .. }))));
    app.settle();
}

fn area(app: &App) -> crate::tui::views::matrix::layout::MatrixAreas {
    crate::tui::views::matrix::layout::matrix(
        layout::areas(app).unwrap().main,
        app.workspace.matrix.facts.widest,
    )
}

// ── what stands where ────────────────────────────────────────────────────────────────────────────

#[test]
fn own_images_with_members_and_those_nobody_knows_are_listed_and_the_others_counted() {
    let app = open(120, 40);
    assert_eq!(
        rows(&app),
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
    assert_eq!(columns(&app).len(), 5, "{:?}", columns(&app));
    assert_eq!(app.workspace.matrix.facts.empty, 2);
    assert_eq!(app.workspace.matrix.facts.unknown, 2);
    assert!(screen(&app).contains("2 without members left out"));
}

#[test]
fn unknown_is_never_shown_as_not_shared() {
    let app = open(120, 40);
    for member in app.workspace.matrix.columns.clone() {
        assert!(matches!(app.cell(ix(&app, "img-09"), member), Cell::Failed));
        assert!(matches!(app.cell(ix(&app, "img-10"), member), Cell::Unread));
    }
    let picture = screen(&app);
    let line = |name: &str| picture.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert_eq!(line(" unreadable ").matches('!').count(), 1 + 5);
    assert_eq!(line(" unread ").matches('?').count(), 1 + 5);
    assert!(picture.contains("members of 2 unknown"));
}

#[test]
fn images_without_members_come_and_go_with_a_key() {
    let mut app = open(120, 40);
    press(&mut app, "z");
    assert_eq!(rows(&app).len(), 9);
    assert!(!screen(&app).contains("left out ─"));
    press(&mut app, "z");
    assert_eq!(rows(&app).len(), 7);
}

#[test]
fn sides_are_sorted_by_themselves() {
    let mut app = open(120, 40);
    press(&mut app, "s");
    assert_eq!(rows(&app)[0], "ubuntu-22.04-golden", "most shares first");
    assert_eq!(columns(&app)[4], "team-web", "still by name");
    press(&mut app, "S");
    assert_eq!(columns(&app)[..2], ["team-data", "team-web"]);
    press(&mut app, "s");
    assert!(said(&app).contains("similar"), "{}", said(&app));
}

#[test]
fn alike_images_stand_together() {
    let mut app = opened_in(scope(), 120, 40);
    let session = app.workspace.session;
    let images: Vec<Image> =
        (0..30).map(|n| image(&format!("i{n:02}"), &format!("n{n:02}"), 1)).collect();
    engine(&mut app, Event::Images { session, images });
    for n in 0..30 {
        let members =
            (0..3).map(|m| membership(&format!("p{}{m}", n % 3), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let image = format!("i{n:02}").as_str().into();
        engine(&mut app, Event::Members { session, image, reading });
    }
    press(&mut app, "3");
    let mut kinds: Vec<u32> =
        rows(&app).iter().map(|name| name[1..].parse::<u32>().unwrap() % 3).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), 3);
    let mut kinds: Vec<u8> = columns(&app).iter().map(|id| id.as_bytes()[1]).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), 3);
}

#[test]
fn the_cursor_stays_on_its_cell_through_sort_filter_and_refresh() {
    let mut app = open(120, 40);
    go(&mut app, "img-02", "team-web");
    let before = app.workspace.matrix.under();
    press(&mut app, "ssSS/ubuntu<enter><esc>r");
    read_all(&mut app);
    assert_eq!(app.workspace.matrix.under(), before);
}

#[test]
fn words_filter_rows_and_members_and_statuses_filter_columns() {
    let mut app = open(120, 40);
    press(&mut app, "/image:24.04");
    assert_eq!(rows(&app), ["ubuntu-24.04-golden"]);
    assert_eq!(columns(&app), ["team-data", "team-web"], "no column without a share");
    press(&mut app, "<esc>/member:team-data<enter>");
    assert_eq!(columns(&app), ["team-data"]);
    assert_eq!(rows(&app).len(), 3);
    assert!(screen(&app).contains("2 with members unknown left out"));
    press(&mut app, "<esc>/status:rejected<enter>");
    assert_eq!((rows(&app).len(), columns(&app)), (1, vec![LAB.to_owned()]));
}

#[test]
fn what_comes_into_view_is_asked_for() {
    let mut app = opened_in(scope(), 120, 40);
    let session = app.workspace.session;
    engine(&mut app, Event::Images { session, images: fixture::images() });
    press(&mut app, "3");
    let effects = press(&mut app, "j");
    let under = app.workspace.matrix.row.current(&app.workspace.matrix.rows).unwrap();
    let Some(Command::Prioritize { images, .. }) = commands(&effects).first().copied() else {
        panic!("{effects:?}")
    };
    assert_eq!(images[0], app.workspace.inventory.image(under).id);
    assert_eq!(images.len(), 9, "of its own images");
    assert!(press(&mut app, "").is_empty());
}

// ── marks ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn space_marks_the_share_under_the_cursor_and_nothing_else() {
    let mut app = open(120, 40);
    go(&mut app, "img-01", "team-data");
    press(&mut app, "<space>");
    assert_eq!(marked(&app), [format!("img-01 {DATA}")]);
    assert!(screen(&app).contains("●P"));
    press(&mut app, "<space>");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn where_nothing_is_shared_or_known_space_says_so() {
    let mut app = open(120, 40);
    go(&mut app, "img-08", "team-web");
    press(&mut app, "<space>");
    assert!(said(&app).contains("is not shared with team-web"), "{}", said(&app));
    go(&mut app, "img-10", "team-web");
    let effects = press(&mut app, "<space>");
    assert!(said(&app).contains("not known yet"), "{}", said(&app));
    assert!(commands(&effects).iter().any(|c| matches!(c, Command::Prioritize { .. })));
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn a_row_and_a_column_are_marked_and_unmarked_as_a_whole() {
    let mut app = open(120, 40);
    go(&mut app, "img-02", "team-data");
    press(&mut app, "-");
    assert_eq!(marked(&app), [format!("img-02 {WEB}"), format!("img-02 {DATA}")]);
    press(&mut app, "|");
    let column = [format!("img-01 {DATA}"), format!("img-02 {DATA}"), format!("img-08 {DATA}")];
    assert!(column.iter().all(|share| marked(&app).contains(share)));
    assert_eq!(marked(&app).len(), 4);
    assert!(said(&app).contains("2 images left out: their members are not known yet"));
    press(&mut app, "|-");
    assert_eq!(marked(&app), [format!("img-02 {WEB}"), format!("img-02 {DATA}")]);
    press(&mut app, "-");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn a_rectangle_marks_exactly_what_is_inside_it() {
    let mut app = open(120, 40);
    go(&mut app, "img-02", "team-web");
    press(&mut app, "vkh");
    assert!(screen(&app).contains("rectangle 2 × 2: 4 shares in view"), "{}", screen(&app));
    press(&mut app, "<space>");
    let expected = [
        format!("img-01 {WEB}"),
        format!("img-01 {DATA}"),
        format!("img-02 {WEB}"),
        format!("img-02 {DATA}"),
    ];
    assert_eq!(marked(&app), expected);
    assert!(app.workspace.matrix.corner.is_none(), "marking ends it");
    press(&mut app, "v<esc>");
    assert!(app.workspace.matrix.corner.is_none());
    assert_eq!(app.workspace.marks.len(), 4);
}

#[test]
fn marking_a_column_is_taken_back_as_a_whole() {
    let mut app = open(120, 40);
    go(&mut app, "img-02", "team-data");
    press(&mut app, "<space>|");
    assert_eq!(app.workspace.marks.len(), 3);
    press(&mut app, "u");
    assert_eq!(marked(&app), [format!("img-02 {DATA}")]);
}

#[test]
fn a_filter_bounds_what_is_marked() {
    let mut app = open(120, 40);
    press(&mut app, "/status:pending<enter>a");
    assert_eq!(marked(&app), [format!("img-01 {DATA}"), format!("img-06-0f2e4d6c8b {WEB}")]);
    go(&mut app, "img-01", "team-web");
    press(&mut app, "<space>");
    assert!(said(&app).contains("the filter leaves this share out"), "{}", said(&app));
    press(&mut app, "A-");
    assert_eq!(marked(&app), [format!("img-01 {DATA}")]);
    assert!(said(&app).contains("the filter hides them"), "{}", said(&app));
    press(&mut app, "i");
    assert_eq!(marked(&app), [format!("img-06-0f2e4d6c8b {WEB}")]);
}

#[test]
fn all_visible_marks_everything_that_is_known_and_own() {
    let mut app = open(120, 40);
    press(&mut app, "a");
    assert_eq!(app.workspace.marks.len(), 3 + 2 + 2 + 1 + 1, "and none of an image of others");
    assert!(said(&app).contains("2 images left out"));
    press(&mut app, "A");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn only_marked_leaves_the_rows_and_columns_with_marks() {
    let mut app = open(120, 40);
    press(&mut app, "M");
    assert!(said(&app).contains("Nothing is marked"));
    go(&mut app, "img-02", "team-web");
    press(&mut app, "<space>M");
    assert_eq!((rows(&app).len(), columns(&app)), (1, vec!["team-web".to_owned()]));
    press(&mut app, "<esc>");
    assert_eq!(rows(&app).len(), 7);
    press(&mut app, "MA");
    assert_eq!(rows(&app).len(), 7, "nothing is marked: everything shows again");
}

#[test]
fn the_plan_says_what_the_filter_of_this_view_hides() {
    let mut app = open(120, 40);
    press(&mut app, "a/member:team-web<enter>");
    press_revoke(&mut app);
    assert!(screen(&app).contains("6 shares are not in view"), "{}", screen(&app));
}

// ── in and out ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn enter_shows_image_and_member_in_view_1_whatever_is_filtered_there() {
    let mut app = loaded(120, 40);
    press(&mut app, "/windows<enter>o3sS");
    go(&mut app, "img-01", "team-data");
    press(&mut app, "<enter>");
    assert_eq!((app.view, app.focus), (ViewId::Images, Focus::Members));
    let (image, row) = app.row().unwrap();
    assert_eq!(app.workspace.inventory.share(image, row).member.id.raw(), DATA);
    assert_eq!(app.image(), Some(ix(&app, "img-01")));
    assert!(said(&app).contains("cleared"));
    press(&mut app, "<esc>");
    assert_eq!(app.view, ViewId::Matrix, "Esc comes back from there");
}

#[test]
fn enter_on_an_empty_cell_shows_the_image_and_esc_comes_back_while_the_cursor_is_on_it() {
    let mut app = open(120, 40);
    go(&mut app, "img-01", "team-data");
    let (image, member) = app.workspace.matrix.under().unwrap();
    let empty = |at: &MemberIx| app.workspace.inventory.row_of(image, *at).is_none();
    let column = app.workspace.matrix.columns.iter().position(empty).unwrap();
    let here = app.workspace.matrix.columns.iter().position(|at| *at == member).unwrap();
    press(
        &mut app,
        &if column < here { "h".repeat(here - column) } else { "l".repeat(column - here) },
    );
    press(&mut app, "<enter>");
    assert_eq!((app.view, app.focus, app.image()), (ViewId::Images, Focus::Images, Some(image)));
    press(&mut app, "<esc>");
    assert_eq!(app.view, ViewId::Matrix);
    press(&mut app, "<enter>j<esc>");
    assert_eq!(app.view, ViewId::Images, "the cursor went elsewhere");
}

#[test]
fn copying_takes_both_ids_as_a_line_for_from() {
    let mut app = open(120, 40);
    go(&mut app, "img-01", "team-data");
    let effects = press(&mut app, "y");
    let copied = effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied, Some(format!("img-01,{DATA}")));
}

#[test]
fn the_filter_of_the_matrix_is_its_own() {
    let mut app = open(120, 40);
    press(&mut app, "/sql<enter>1");
    assert_eq!(app.workspace.images.filter.line(), "");
    press(&mut app, "/windows<enter>3");
    assert_eq!(app.workspace.matrix.filter.line(), "sql");
}

// ── the mouse ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_click_chooses_a_cell_and_a_drag_makes_a_rectangle() {
    let mut app = open(120, 40);
    let cells = area(&app).cells;
    let left = MouseButton::Left;
    let at = (cells.x + 3, cells.y + 2);
    mouse(&mut app, MouseEventKind::Down(left), at, KeyModifiers::NONE);
    assert_eq!((app.workspace.matrix.row.at, app.workspace.matrix.column.at), (2, 1));
    let to = (cells.x + 13, cells.y + 3);
    mouse(&mut app, MouseEventKind::Drag(left), to, KeyModifiers::NONE);
    assert_eq!(app.workspace.matrix.rectangle(), Some((2..=3, 1..=4)));
    mouse(&mut app, MouseEventKind::Down(left), at, KeyModifiers::NONE);
    assert_eq!(app.workspace.matrix.rectangle(), None, "a click begins anew");
    let name = (cells.x - 20, cells.y + 4);
    mouse(&mut app, MouseEventKind::Down(left), name, KeyModifiers::NONE);
    assert_eq!((app.workspace.matrix.row.at, app.workspace.matrix.column.at), (4, 1));
}

#[test]
fn the_wheel_moves_rows_and_with_shift_or_tilted_columns() {
    let mut app = open(120, 40);
    let cells = area(&app).cells;
    let at = (cells.x, cells.y);
    mouse(&mut app, MouseEventKind::ScrollDown, at, KeyModifiers::NONE);
    assert_eq!((app.workspace.matrix.row.at, app.workspace.matrix.column.at), (3, 0));
    mouse(&mut app, MouseEventKind::ScrollDown, at, KeyModifiers::SHIFT);
    assert_eq!((app.workspace.matrix.row.at, app.workspace.matrix.column.at), (3, 3));
    mouse(&mut app, MouseEventKind::ScrollLeft, at, KeyModifiers::NONE);
    assert_eq!((app.workspace.matrix.row.at, app.workspace.matrix.column.at), (3, 0));
}

// ── pictures ─────────────────────────────────────────────────────────────────────────────────────

fn pressed(width: u16, height: u16, keys: &str) -> App {
    let mut app = open(width, height);
    press(&mut app, keys);
    app
}

fn crowded(width: u16, height: u16) -> App {
    let mut app = opened_in(scope(), width, height);
    let session = app.workspace.session;
    let images = (0..70).map(|n| image(&format!("i{n:02}"), &format!("image-{n:02}-of-many"), n));
    engine(&mut app, Event::Images { session, images: images.collect() });
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
        engine(&mut app, Event::Members { session, image, reading });
    }
    engine(&mut app, Event::ReadEnded { session, reading: FIRST_READING });
    press(&mut app, "3jjjll-kvjjlll");
    app.log = Log::default();
    app
}

type Make = fn(u16, u16) -> App;

const STATES: [(&str, Make); 6] = [
    ("matrix", |w, h| pressed(w, h, "jjl")),
    ("matrix-likeness", |w, h| pressed(w, h, "ssSS")),
    ("matrix-marked", |w, h| pressed(w, h, "jjl<space>j-")),
    ("matrix-filtered", |w, h| pressed(w, h, "/status:pending")),
    ("matrix-crowded", crowded),
    ("matrix-running", |w, h| {
        let mut app = running(w, h);
        press(&mut app, "3");
        app
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
                let hostile = cell.symbol().chars().any(domain::text::is_hostile);
                assert!(!hostile, "{:?} in {name}", cell.symbol());
            }
        }
    }
}

// ── size ─────────────────────────────────────────────────────────────────────────────────────────

/// Answers that come one by one while everything is read are shown together, and a frame without a change costs nothing.
#[test]
fn a_large_matrix_is_not_made_anew_for_every_answer() {
    let mut app = opened_in(scope(), 140, 40);
    let (session, now) = (app.workspace.session, app.now);
    let images: Vec<Image> =
        (0..10_000).map(|n| image(&format!("i{n}"), &format!("name-{n:05}"), 1)).collect();
    for page in images.chunks(1000) {
        let what = What::Engine(Event::Images { session, images: page.to_vec() });
        update(&mut app, Msg { now, what });
    }
    press(&mut app, "3");
    let began = Instant::now();
    for image in &images {
        let n = image.id.raw()[1..].parse::<u32>().unwrap();
        let members = (0..10)
            .map(|m| membership(&format!("p{}", (n + m * 37) % 2000), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let what = What::Engine(Event::Members { session, image: image.id.clone(), reading });
        update(&mut app, Msg { now, what });
        app.settle();
    }
    let per_event = began.elapsed() / 10_000;
    assert!(per_event.as_millis() < 5, "{per_event:?} for one event");
    engine(&mut app, Event::ReadEnded { session, reading: FIRST_READING });
    assert_eq!(
        (app.workspace.matrix.rows.len(), app.workspace.matrix.columns.len()),
        (10_000, 2000)
    );
    assert_eq!(app.workspace.matrix.facts.shares, 100_000);
}
