//! Moving, filtering, sorting, reading.

use std::time::Instant;

use super::super::fixture::{
    DATA, FIRST_READING, commands, engine, image, images, loaded, membership, opened_in, press,
    read_all, scope, screen,
};
use super::super::model::{Focus, Model};
use super::super::{Effect, Msg, What, update::update};
use crate::domain::{Image, MemberList, MemberStatus};
use crate::engine::{Command, Event, Reading};

fn listed(model: &Model) -> Vec<String> {
    let label = |ix: &_| model.workspace.inventory.image(*ix).label();
    model.workspace.images.visible.iter().map(label).collect()
}

fn current(model: &Model) -> String {
    model.workspace.inventory.image(model.image().unwrap()).label()
}

fn copied(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn the_cursor_stays_on_its_image_through_filter_sort_and_refresh() {
    let mut model = loaded(120, 30);
    press(&mut model, "/24.04<enter>");
    assert_eq!(current(&model), "ubuntu-24.04-golden");

    press(&mut model, "j<esc>s");
    assert_eq!(current(&model), "ubuntu-24.04-golden");

    press(&mut model, "r");
    read_all(&mut model);
    assert_eq!(current(&model), "ubuntu-24.04-golden");
}

#[test]
fn an_image_that_is_filtered_away_is_found_again() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter>j<esc>");
    let before = current(&model);
    press(&mut model, "/windows<enter>");
    assert_eq!(current(&model), "windows-2022-sql");
    press(&mut model, "<esc>");
    assert_eq!(current(&model), before);
}

#[test]
fn a_filter_about_status_lists_images_and_members_that_have_such_a_share() {
    let mut model = loaded(120, 30);
    press(&mut model, "/status:pending<enter>");

    assert_eq!(listed(&model), ["img-06-0f2e4d6c8b", "ubuntu-22.04-golden"]);
    assert_eq!(
        model.workspace.images.undecided, 2,
        "what could not be read may have pending members too"
    );
    press(&mut model, "j");
    assert_eq!(model.workspace.members.visible.len(), 1);
    assert!(screen(&model).contains("1/3"));
}

#[test]
fn keys_are_text_while_a_filter_is_typed() {
    let mut model = loaded(120, 30);
    let effects = press(&mut model, "/qRa<back><back><back>");
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Ask(Command::LookAt { .. }))));
    assert_eq!(model.workspace.images.filter.typing().unwrap().value(), "");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn escape_leaves_the_filter_and_takes_it_away() {
    let mut model = loaded(120, 30);
    let all = listed(&model);
    press(&mut model, "/sql");
    assert_eq!(listed(&model), ["windows-2022-sql"]);
    press(&mut model, "<esc>");
    assert_eq!(listed(&model), all);
}

/// In every view: `/` goes on with the filter that is set, Enter keeps what it has become, Esc leaves it as it was.
#[test]
fn a_filter_that_is_set_can_be_changed_kept_and_left_alone() {
    for view in ["1", "2", "3", "5"] {
        let mut model = loaded(120, 30);
        press(&mut model, &format!("{view}/we<enter>/b"));
        let filter = |model: &Model| {
            let filter = model.filter_line().unwrap();
            (filter.line().to_owned(), filter.typing().is_some())
        };
        assert_eq!(filter(&model), ("web".into(), true), "view {view}");
        press(&mut model, "<esc>");
        assert_eq!(filter(&model), ("we".into(), false), "view {view}");
        press(&mut model, "/<ctrl-u>sql<enter>");
        assert_eq!(filter(&model), ("sql".into(), false), "view {view}");
        press(&mut model, "<esc>");
        assert_eq!(filter(&model), (String::new(), false), "view {view}");
    }
}

#[test]
fn filters_that_were_kept_come_back_in_every_view() {
    let mut model = loaded(120, 30);
    press(&mut model, "/golden<enter>/<ctrl-u>status:pending<enter>/<ctrl-u>never kept<esc><esc>");
    press(&mut model, "3/<ctrl-p>");
    assert_eq!(model.workspace.matrix.filter.line(), "status:pending");
    press(&mut model, "<ctrl-p><ctrl-p>");
    assert_eq!(model.workspace.matrix.filter.line(), "golden");
    assert!(screen(&model).contains("There is no earlier filter."));
    press(&mut model, "<ctrl-n><enter>");
    assert_eq!(model.workspace.matrix.filter.line(), "status:pending");
    assert!(model.workspace.images.filter.line().is_empty());
}

#[test]
fn sorting_goes_through_the_columns_and_turns_around() {
    let mut model = loaded(120, 30);
    press(&mut model, "s");
    assert_eq!(listed(&model)[0], "ubuntu-22.04-golden", "most members first");
    press(&mut model, "ss");
    assert_eq!(listed(&model)[0], images()[6].label(), "youngest first");
    press(&mut model, "S");
    assert_eq!(listed(&model)[0], "img-06-0f2e4d6c8b", "oldest first");
}

#[test]
fn tab_and_escape_move_between_the_panes() {
    let mut model = loaded(120, 30);
    press(&mut model, "<tab>");
    assert_eq!(model.focus, Focus::Members);
    press(&mut model, "<esc>");
    assert_eq!(model.focus, Focus::Images);
    press(&mut model, "lh<enter>");
    assert_eq!(model.focus, Focus::Members);
}

#[test]
fn the_cursor_stays_on_its_member_when_others_come_and_go() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter>");
    press(&mut model, "<tab>jj");
    let under = |model: &Model| {
        model.workspace.inventory.member(model.row().unwrap().1.member).id.to_string()
    };
    assert_eq!(under(&model), DATA);

    let session = model.workspace.session;
    let members = vec![
        membership("00", MemberStatus::Accepted, 1),
        membership("01", MemberStatus::Accepted, 1),
        membership(DATA, MemberStatus::Accepted, 1),
        membership("ff", MemberStatus::Accepted, 1),
    ];
    let reading = Reading::Members(members);
    engine(&mut model, Event::Members { session, image: "img-01".into(), reading });
    assert_eq!(under(&model), DATA);
}

#[test]
fn what_comes_into_view_is_asked_for_first_and_once() {
    let mut model = opened_in(scope(), 120, 30);
    let session = model.workspace.session;
    let effects = engine(&mut model, Event::Images { session, images: images() });
    assert!(effects.is_empty(), "settled by the fixture");
    assert_eq!(model.settle_and_look().len(), 0, "asked once");

    let effects = press(&mut model, "j");
    let Some(Command::LookAt { images, .. }) = commands(&effects).first().copied() else {
        panic!("{effects:?}")
    };
    assert_eq!(images[0], model.workspace.inventory.image(model.image().unwrap()).id);
    assert_eq!(images.len(), 9, "of its own images");
    assert!(press(&mut model, "").is_empty());
}

#[test]
fn copying_takes_the_id_as_it_is() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter>");
    assert_eq!(copied(&press(&mut model, "y")), Some("img-01"));
    assert_eq!(copied(&press(&mut model, "<tab>jjy")), Some(DATA));
}

#[test]
fn refresh_in_the_members_pane_reads_that_image_alone() {
    let mut model = loaded(120, 30);
    press(&mut model, "/unreadable<enter><tab>");
    let effects = press(&mut model, "r");
    assert!(matches!(
        commands(&effects)[..],
        [Command::Reread { images, .. }] if images[..] == ["img-09".into()]
    ));
}

#[test]
fn an_image_that_is_gone_after_a_refresh_leaves_the_list() {
    let mut model = loaded(120, 30);
    let session = model.workspace.session;
    let present = Some(vec!["img-02".into()]);
    engine(
        &mut model,
        Event::Listed { session, reading: FIRST_READING, present, failures: vec![] },
    );
    assert_eq!(listed(&model), ["ubuntu-24.04-golden"]);

    engine(
        &mut model,
        Event::Listed { session, reading: FIRST_READING, present: None, failures: vec![] },
    );
    assert_eq!(listed(&model).len(), 1, "an incomplete list proves nothing");
}

#[test]
fn what_a_reading_said_that_was_replaced_changes_nothing_of_the_new_one() {
    let mut model = loaded(120, 30);
    let (session, reading) = (model.workspace.session, FIRST_READING);
    let before = listed(&model);
    let read_at = model.workspace.read_at;
    let effects = press(&mut model, "r");
    let Some(Command::Read { reading: new, .. }) = commands(&effects).first().copied() else {
        panic!("{effects:?}")
    };
    assert_ne!(*new, reading);

    // These were queued when the key was pressed.
    engine(&mut model, Event::Listed { session, reading, present: Some(vec![]), failures: vec![] });
    engine(&mut model, Event::Progress { session, reading, read: 9, of: 9 });
    model.now.0 += 1000;
    engine(&mut model, Event::ReadEnded { session, reading });

    assert_eq!(listed(&model), before);
    assert_eq!(model.workspace.reading.map(|progress| progress.read), Some(0));
    assert_eq!(model.workspace.read_at, read_at);
    engine(&mut model, Event::ReadEnded { session, reading: *new });
    assert_eq!(model.workspace.reading, None);
}

#[test]
fn pasted_text_is_never_keys() {
    let mut model = loaded(120, 30);
    let now = model.now;
    let paste = |text: &str| Msg { now, what: What::Paste(text.into()) };
    assert!(update(&mut model, paste("q\rRaa12\r")).is_empty());
    assert!(model.workspace.marks.is_empty());

    press(&mut model, "/");
    update(&mut model, paste("sql\u{1b}[31m\r"));
    assert_eq!(model.workspace.images.filter.typing().unwrap().value(), "sql[31m");
}

#[test]
fn progress_of_a_reading_on_the_side_does_not_spin_for_ever() {
    let mut model = loaded(120, 30);
    let session = model.workspace.session;
    engine(&mut model, Event::Progress { session, reading: FIRST_READING, read: 16, of: 16 });
    assert_eq!(model.workspace.reading, None);
}

#[test]
fn events_of_a_session_that_was_left_change_nothing() {
    let mut model = loaded(120, 30);
    let old = model.workspace.session;
    press(&mut model, "cj<enter>");
    engine(&mut model, Event::Images { session: old, images: images() });
    assert_eq!(model.workspace.inventory.image_count(), 0);
}

/// 100 000 images and 500 000 shares: a frame must not sort what has not changed, and a burst of members
/// must not sort at all.
#[test]
fn a_huge_cloud_is_settled_once_for_many_events() {
    let mut model = opened_in(scope(), 140, 40);
    let (session, now) = (model.workspace.session, model.now);
    let images: Vec<Image> = (0..100_000)
        .map(|n| image(&format!("i{n}"), &format!("name-{:05}", n * 7919 % 100_000), 1))
        .collect();
    for page in images.chunks(1000) {
        let what = What::Engine(Event::Images { session, images: page.to_vec() });
        update(&mut model, Msg { now, what });
    }
    model.settle();
    let began = Instant::now();
    for image in images.iter().take(5000) {
        let members = (0..5).map(|n| membership(&format!("p{n}"), MemberStatus::Accepted, 1));
        let reading = Reading::Members(members.collect());
        let what = What::Engine(Event::Members { session, image: image.id.clone(), reading });
        update(&mut model, Msg { now, what });
        model.settle();
    }
    let per_event = began.elapsed() / 5000;
    // One sort of all images takes longer than this, even on a fast machine.
    assert!(per_event.as_millis() < 10, "{per_event:?} for one event");
    assert_eq!(model.workspace.images.visible.len(), 100_000);
    assert!(matches!(model.workspace.inventory.list(model.image().unwrap()), MemberList::Read(_)));
}
