//! Moving, filtering, sorting, reading.

use std::time::Instant;

use crate::tui::app::update::update;
use crate::tui::app::{App, Focus};
use crate::tui::fixture::{
    DATA, FIRST_READING, commands, engine, image, images, loaded, membership, opened_in, press,
    read_all, scope, screen,
};
use crate::tui::{Effect, Msg, What};
use domain::{Image, MemberList, MemberStatus};
use engine::{Command, Event, Reading};

fn listed(app: &App) -> Vec<String> {
    let label = |ix: &_| app.workspace.inventory.image(*ix).label();
    app.workspace.images.list.rows.iter().map(label).collect()
}

fn current(app: &App) -> String {
    app.workspace.inventory.image(app.image().unwrap()).label()
}

fn copied(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn the_cursor_stays_on_its_image_through_filter_sort_and_refresh() {
    let mut app = loaded(120, 30);
    press(&mut app, "/24.04<enter>");
    assert_eq!(current(&app), "ubuntu-24.04-golden");

    press(&mut app, "j<esc>s");
    assert_eq!(current(&app), "ubuntu-24.04-golden");

    press(&mut app, "r");
    read_all(&mut app);
    assert_eq!(current(&app), "ubuntu-24.04-golden");
}

#[test]
fn an_image_that_is_filtered_away_is_found_again() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter>j<esc>");
    let before = current(&app);
    press(&mut app, "/windows<enter>");
    assert_eq!(current(&app), "windows-2022-sql");
    press(&mut app, "<esc>");
    assert_eq!(current(&app), before);
}

#[test]
fn a_filter_about_status_lists_images_and_members_that_have_such_a_share() {
    let mut app = loaded(120, 30);
    press(&mut app, "/status:pending<enter>");

    assert_eq!(listed(&app), ["img-06-0f2e4d6c8b", "ubuntu-22.04-golden"]);
    assert_eq!(
        app.workspace.images.undecided, 2,
        "what could not be read may have pending members too"
    );
    press(&mut app, "j");
    assert_eq!(app.workspace.members_pane.list.rows.len(), 1);
    assert!(screen(&app).contains("1/3"));
}

#[test]
fn keys_are_text_while_a_filter_is_typed() {
    let mut app = loaded(120, 30);
    let effects = press(&mut app, "/qRa<back><back><back>");
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Ask(Command::Prioritize { .. }))));
    assert_eq!(app.workspace.images.filter.typing().unwrap().value(), "");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn escape_leaves_the_filter_and_takes_it_away() {
    let mut app = loaded(120, 30);
    let all = listed(&app);
    press(&mut app, "/sql");
    assert_eq!(listed(&app), ["windows-2022-sql"]);
    press(&mut app, "<esc>");
    assert_eq!(listed(&app), all);
}

/// In every view: `/` goes on with the filter that is set, Enter keeps what it has become, Esc restores it.
#[test]
fn a_filter_that_is_set_can_be_changed_kept_and_left_alone() {
    for view in ["1", "2", "3", "5"] {
        let mut app = loaded(120, 30);
        press(&mut app, &format!("{view}/we<enter>/b"));
        let filter = |app: &App| {
            let filter = app.filter_line().unwrap();
            (filter.line().to_owned(), filter.typing().is_some())
        };
        assert_eq!(filter(&app), ("web".into(), true), "view {view}");
        press(&mut app, "<esc>");
        assert_eq!(filter(&app), ("we".into(), false), "view {view}");
        press(&mut app, "/<ctrl-u>sql<enter>");
        assert_eq!(filter(&app), ("sql".into(), false), "view {view}");
        press(&mut app, "<esc>");
        assert_eq!(filter(&app), (String::new(), false), "view {view}");
    }
}

#[test]
fn filters_that_were_kept_come_back_in_every_view() {
    let mut app = loaded(120, 30);
    press(&mut app, "/golden<enter>/<ctrl-u>status:pending<enter>/<ctrl-u>never kept<esc><esc>");
    press(&mut app, "3/<ctrl-p>");
    assert_eq!(app.workspace.matrix.filter.line(), "status:pending");
    press(&mut app, "<ctrl-p><ctrl-p>");
    assert_eq!(app.workspace.matrix.filter.line(), "golden");
    assert!(screen(&app).contains("There is no earlier filter."));
    press(&mut app, "<ctrl-n><enter>");
    assert_eq!(app.workspace.matrix.filter.line(), "status:pending");
    assert!(app.workspace.images.filter.line().is_empty());
}

#[test]
fn sorting_goes_through_the_columns_and_turns_around() {
    let mut app = loaded(120, 30);
    press(&mut app, "s");
    assert_eq!(listed(&app)[0], "ubuntu-22.04-golden", "most members first");
    press(&mut app, "ss");
    assert_eq!(listed(&app)[0], images()[6].label(), "youngest first");
    press(&mut app, "S");
    assert_eq!(listed(&app)[0], "img-06-0f2e4d6c8b", "oldest first");
}

#[test]
fn tab_and_escape_move_between_the_panes() {
    let mut app = loaded(120, 30);
    press(&mut app, "<tab>");
    assert_eq!(app.focus, Focus::Members);
    press(&mut app, "<esc>");
    assert_eq!(app.focus, Focus::Images);
    press(&mut app, "lh<enter>");
    assert_eq!(app.focus, Focus::Members);
}

#[test]
fn the_cursor_stays_on_its_member_when_others_come_and_go() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter>");
    press(&mut app, "<tab>jj");
    let under =
        |app: &App| app.workspace.inventory.member(app.row().unwrap().1.member).id.to_string();
    assert_eq!(under(&app), DATA);

    let session = app.workspace.session;
    let members = vec![
        membership("00", MemberStatus::Accepted, 1),
        membership("01", MemberStatus::Accepted, 1),
        membership(DATA, MemberStatus::Accepted, 1),
        membership("ff", MemberStatus::Accepted, 1),
    ];
    let reading = Reading::Members(members);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });
    assert_eq!(under(&app), DATA);
}

#[test]
fn what_comes_into_view_is_asked_for_first_and_once() {
    let mut app = opened_in(scope(), 120, 30);
    let session = app.workspace.session;
    let effects = engine(&mut app, Event::Images { session, images: images() });
    assert!(effects.is_empty(), "settled by the fixture");
    assert_eq!(app.settle_and_request().len(), 0, "asked once");

    let effects = press(&mut app, "j");
    let Some(Command::Prioritize { images, .. }) = commands(&effects).first().copied() else {
        panic!("{effects:?}")
    };
    assert_eq!(images[0], app.workspace.inventory.image(app.image().unwrap()).id);
    assert_eq!(images.len(), 9, "of its own images");
    assert!(press(&mut app, "").is_empty());
}

#[test]
fn copying_takes_the_id_as_it_is() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter>");
    assert_eq!(copied(&press(&mut app, "y")), Some("img-01"));
    assert_eq!(copied(&press(&mut app, "<tab>jjy")), Some(DATA));
}

#[test]
fn refresh_in_the_members_pane_reads_that_image_alone() {
    let mut app = loaded(120, 30);
    press(&mut app, "/unreadable<enter><tab>");
    let effects = press(&mut app, "r");
    assert!(matches!(
        commands(&effects)[..],
        [Command::Reread { images, .. }] if images[..] == ["img-09".into()]
    ));
}

#[test]
fn an_image_that_is_gone_after_a_refresh_leaves_the_list() {
    let mut app = loaded(120, 30);
    let session = app.workspace.session;
    let present = Some(vec!["img-02".into()]);
    engine(&mut app, Event::Listed { session, reading: FIRST_READING, present, failures: vec![] });
    assert_eq!(listed(&app), ["ubuntu-24.04-golden"]);

    engine(
        &mut app,
        Event::Listed { session, reading: FIRST_READING, present: None, failures: vec![] },
    );
    assert_eq!(listed(&app).len(), 1, "an incomplete list proves nothing");
}

#[test]
fn what_a_reading_said_that_was_replaced_changes_nothing_of_the_new_one() {
    let mut app = loaded(120, 30);
    let (session, reading) = (app.workspace.session, FIRST_READING);
    let before = listed(&app);
    let read_at = app.workspace.read_at;
    let effects = press(&mut app, "r");
    let Some(Command::Read { reading: new, .. }) = commands(&effects).first().copied() else {
        panic!("{effects:?}")
    };
    assert_ne!(*new, reading);

    // These were queued when the key was pressed.
    engine(&mut app, Event::Listed { session, reading, present: Some(vec![]), failures: vec![] });
    engine(&mut app, Event::Progress { session, reading, read: 9, of: 9 });
    app.now.0 += 1000;
    engine(&mut app, Event::ReadEnded { session, reading });

    assert_eq!(listed(&app), before);
    assert_eq!(app.workspace.reading.map(|progress| progress.read), Some(0));
    assert_eq!(app.workspace.read_at, read_at);
    engine(&mut app, Event::ReadEnded { session, reading: *new });
    assert_eq!(app.workspace.reading, None);
}

#[test]
fn pasted_text_is_never_keys() {
    let mut app = loaded(120, 30);
    let now = app.now;
    let paste = |text: &str| Msg { now, what: What::Paste(text.into()) };
    assert!(update(&mut app, paste("q\rRaa12\r")).is_empty());
    assert!(app.workspace.marks.is_empty());

    press(&mut app, "/");
    update(&mut app, paste("sql\u{1b}[31m\r"));
    assert_eq!(app.workspace.images.filter.typing().unwrap().value(), "sql[31m");
}

#[test]
fn progress_of_a_reading_on_the_side_does_not_spin_for_ever() {
    let mut app = loaded(120, 30);
    let session = app.workspace.session;
    engine(&mut app, Event::Progress { session, reading: FIRST_READING, read: 16, of: 16 });
    assert_eq!(app.workspace.reading, None);
}

#[test]
fn events_of_a_session_that_was_left_change_nothing() {
    let mut app = loaded(120, 30);
    let old = app.workspace.session;
    press(&mut app, "cj<enter>");
    engine(&mut app, Event::Images { session: old, images: images() });
    assert_eq!(app.workspace.inventory.image_count(), 0);
}

/// 100 000 images and 500 000 shares: a frame must not sort what has not changed, and a burst of members
/// must not sort at all.
#[test]
fn a_huge_cloud_is_settled_once_for_many_events() {
    let mut app = opened_in(scope(), 140, 40);
    let (session, now) = (app.workspace.session, app.now);
    let images: Vec<Image> = (0..100_000)
        .map(|n| image(&format!("i{n}"), &format!("name-{:05}", n * 7919 % 100_000), 1))
        .collect();
    for page in images.chunks(1000) {
        let what = What::Engine(Event::Images { session, images: page.to_vec() });
        update(&mut app, Msg { now, what });
    }
    app.settle();
    let began = Instant::now();
    for image in images.iter().take(5000) {
        let members = (0..5).map(|n| membership(&format!("p{n}"), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let what = What::Engine(Event::Members { session, image: image.id.clone(), reading });
        update(&mut app, Msg { now, what });
        app.settle();
    }
    let per_event = began.elapsed() / 5000;
    // One sort of all images takes longer than this, even on a fast machine.
    assert!(per_event.as_millis() < 10, "{per_event:?} for one event");
    assert_eq!(app.workspace.images.list.rows.len(), 100_000);
    assert!(matches!(app.workspace.inventory.list(app.image().unwrap()), MemberList::Read(_)));
}
