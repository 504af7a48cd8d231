//! Marks: by id, only what is known and in view, with a reason where not.

use crate::tui::app::App;
use crate::tui::fixture::{
    DATA, LAB, WEB, commands, engine, loaded, loaded_in, marked, membership, press, read_all,
    scope, screen,
};
use domain::{MemberStatus, Scope};
use engine::{Command, Event, Reading};

fn said(app: &App) -> String {
    app.log.entries().next().map(|entry| entry.text.clone()).unwrap_or_default()
}

#[test]
fn space_on_a_member_marks_that_share_and_goes_on() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><tab><space><space>");
    assert_eq!(marked(&app), [format!("img-01 {LAB}"), format!("img-01 {WEB}")]);
    press(&mut app, "k<space>");
    assert_eq!(marked(&app).len(), 1);
}

#[test]
fn space_on_an_image_marks_all_its_members_and_again_none() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>");
    assert_eq!(marked(&app).len(), 3);
    press(&mut app, "<space>");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn space_under_a_filter_about_members_marks_what_is_in_view_and_says_so() {
    let mut app = loaded(120, 30);
    press(&mut app, "/status:pending<enter>j<space>");
    assert_eq!(marked(&app), [format!("img-01 {DATA}")]);
    assert!(said(&app).contains("the filter hides the others"), "{}", said(&app));
}

#[test]
fn marks_survive_filter_sort_refresh_and_change_of_view() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space><esc>");
    let before = marked(&app);
    press(&mut app, "/windows<enter>s41r");
    read_all(&mut app);
    assert_eq!(marked(&app), before);
    assert!(screen(&app).contains("● 3 marked on 1 image"));
}

#[test]
fn what_is_unknown_is_not_marked_but_asked_for() {
    let mut app = loaded(120, 30);
    let effects = press(&mut app, "/image:img-10<enter><space>");
    let asked = commands(&effects);
    assert!(app.workspace.marks.is_empty());
    assert!(asked.iter().any(
        |c| matches!(c, Command::Prioritize { images, .. } if images[..] == ["img-10".into()])
    ));
    assert!(said(&app).contains("not known yet"));

    let effects = press(&mut app, "<esc>/unreadable<enter><space>");
    assert!(commands(&effects).iter().any(|c| matches!(c, Command::Reread { .. })));
    assert!(said(&app).contains("could not be read (the cloud answered 500)"));
}

#[test]
fn shares_of_images_of_others_are_not_among_those_that_can_be_marked() {
    let mut app = loaded(120, 30);
    press(&mut app, "/from-afar<enter><space><tab><space>");
    assert!(app.workspace.marks.is_empty());
    press(&mut app, "<esc><esc>o<space><tab><space>aR");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn all_visible_leaves_out_what_is_hidden_or_unknown_and_says_how_many() {
    let mut app = loaded(120, 30);
    press(&mut app, "a");
    assert_eq!(app.workspace.marks.len(), 3 + 2 + 2 + 1 + 1, "and none of an image of others");
    assert!(said(&app).contains("2 images left out: their members are not known yet."));

    press(&mut app, "A/member:team-data<enter>a");
    assert!(marked(&app).iter().all(|share| share.ends_with(DATA)));
    assert_eq!(app.workspace.marks.len(), 3);
}

#[test]
fn inverting_turns_what_is_in_view_around_and_nothing_else() {
    let mut app = loaded(120, 30);
    press(&mut app, "/image:img-02<enter><space>/<ctrl-u>image:img-01<enter><tab><space>i");
    assert_eq!(marked(&app).len(), 2 + 2);
    assert!(!marked(&app).contains(&format!("img-01 {LAB}")));
}

#[test]
fn only_marked_shows_marks_of_every_image_and_nothing_else() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><tab><space><esc><esc>M");
    assert_eq!(app.workspace.images.list.rows.len(), 1);
    assert_eq!(app.workspace.members_pane.list.rows.len(), 1);
    press(&mut app, "A");
    assert!(!app.workspace.images.only_marked, "nothing is marked: everything shows again");
}

#[test]
fn marks_of_shares_that_vanish_go_with_a_notice() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>");
    let session = app.workspace.session;
    let reading = Reading::Members(vec![membership(WEB, MemberStatus::Accepted, 700)]);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });

    assert_eq!(marked(&app), [format!("img-01 {WEB}")]);
    assert_eq!(said(&app), "2 marks removed: the shares no longer exist.");
    engine(
        &mut app,
        Event::Members { session, image: "img-01".into(), reading: Reading::NotFound },
    );
    assert!(app.workspace.marks.is_empty());
    assert_eq!(
        said(&app),
        "ubuntu-22.04-golden is not found any more: it was deleted, or belongs to another project now. 1 mark of it went \
         away; who has access to it is not known."
    );
}

#[test]
fn marks_of_an_image_that_cannot_be_read_any_more_stay() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>");
    let session = app.workspace.session;
    let failure = domain::Failure::new("read the members", "no answer");
    let reading = Reading::Failed(failure);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });
    assert_eq!(app.workspace.marks.len(), 3);
}

#[test]
fn marking_is_allowed_where_nothing_can_be_changed_so_that_it_can_be_planned() {
    let mut app = loaded_in(Scope { read_only: true, ..scope() }, 120, 30);
    press(&mut app, "/ubuntu-22<enter><space>");
    assert_eq!(app.workspace.marks.len(), 3);
    assert!(screen(&app).contains("⚠ read-only"));
}

#[test]
fn every_change_of_the_marks_can_be_taken_back_one_key_at_a_time() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu<enter><space>");
    let first = marked(&app);
    press(&mut app, "a");
    let all = marked(&app);
    press(&mut app, "A");
    assert!(marked(&app).is_empty());

    press(&mut app, "u");
    assert_eq!(marked(&app), all);
    press(&mut app, "u");
    assert_eq!(marked(&app), first);
    press(&mut app, "u");
    assert!(marked(&app).is_empty());
    press(&mut app, "u");
    assert_eq!(said(&app), "No change of marks to undo.");
}

#[test]
fn taking_back_marks_no_share_that_is_not_there_any_more() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>A");
    let session = app.workspace.session;
    let reading = Reading::Members(vec![membership(WEB, MemberStatus::Accepted, 9)]);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });
    press(&mut app, "u");
    assert_eq!(marked(&app), [format!("img-01 {WEB}")]);
}
