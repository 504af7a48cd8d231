//! Marks: by id, only what is known and in view, with a reason where not.

use super::super::fixture::{
    DATA, LAB, WEB, commands, engine, loaded, loaded_in, marked, membership, press, read_all,
    scope, screen,
};
use super::super::model::Model;
use crate::domain::{MemberStatus, Scope};
use crate::engine::{Command, Event, Reading};

fn said(model: &Model) -> String {
    model.log.entries().next().map(|entry| entry.text.clone()).unwrap_or_default()
}

#[test]
fn space_on_a_member_marks_that_share_and_goes_on() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><tab><space><space>");
    assert_eq!(marked(&model), [format!("img-01 {LAB}"), format!("img-01 {WEB}")]);
    press(&mut model, "k<space>");
    assert_eq!(marked(&model).len(), 1);
}

#[test]
fn space_on_an_image_marks_all_its_members_and_again_none() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>");
    assert_eq!(marked(&model).len(), 3);
    press(&mut model, "<space>");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn space_under_a_filter_about_members_marks_what_is_in_view_and_says_so() {
    let mut model = loaded(120, 30);
    press(&mut model, "/status:pending<enter>j<space>");
    assert_eq!(marked(&model), [format!("img-01 {DATA}")]);
    assert!(said(&model).contains("the filter hides the others"), "{}", said(&model));
}

#[test]
fn marks_survive_filter_sort_refresh_and_change_of_view() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space><esc>");
    let before = marked(&model);
    press(&mut model, "/windows<enter>s41r");
    read_all(&mut model);
    assert_eq!(marked(&model), before);
    assert!(screen(&model).contains("● 3 marked on 1 image"));
}

#[test]
fn what_is_unknown_is_not_marked_but_asked_for() {
    let mut model = loaded(120, 30);
    let effects = press(&mut model, "/image:img-10<enter><space>");
    let asked = commands(&effects);
    assert!(model.workspace.marks.is_empty());
    assert!(
        asked.iter().any(
            |c| matches!(c, Command::LookAt { images, .. } if images[..] == ["img-10".into()])
        )
    );
    assert!(said(&model).contains("not known yet"));

    let effects = press(&mut model, "<esc>/unreadable<enter><space>");
    assert!(commands(&effects).iter().any(|c| matches!(c, Command::Reread { .. })));
    assert!(said(&model).contains("could not be read (the cloud answered 500)"));
}

#[test]
fn shares_of_images_of_others_are_not_among_those_that_can_be_marked() {
    let mut model = loaded(120, 30);
    press(&mut model, "/from-afar<enter><space><tab><space>");
    assert!(model.workspace.marks.is_empty());
    press(&mut model, "<esc><esc>o<space><tab><space>aR");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn all_visible_leaves_out_what_is_hidden_or_unknown_and_says_how_many() {
    let mut model = loaded(120, 30);
    press(&mut model, "a");
    assert_eq!(model.workspace.marks.len(), 3 + 2 + 2 + 1 + 1, "and none of an image of others");
    assert!(said(&model).contains("2 images left out: their members are not known yet."));

    press(&mut model, "A/member:team-data<enter>a");
    assert!(marked(&model).iter().all(|share| share.ends_with(DATA)));
    assert_eq!(model.workspace.marks.len(), 3);
}

#[test]
fn inverting_turns_what_is_in_view_around_and_nothing_else() {
    let mut model = loaded(120, 30);
    press(&mut model, "/image:img-02<enter><space>/<ctrl-u>image:img-01<enter><tab><space>i");
    assert_eq!(marked(&model).len(), 2 + 2);
    assert!(!marked(&model).contains(&format!("img-01 {LAB}")));
}

#[test]
fn only_marked_shows_marks_of_every_image_and_nothing_else() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><tab><space><esc><esc>M");
    assert_eq!(model.workspace.images.visible.len(), 1);
    assert_eq!(model.workspace.members.visible.len(), 1);
    press(&mut model, "A");
    assert!(!model.workspace.images.only_marked, "nothing is marked: everything shows again");
}

#[test]
fn marks_of_shares_that_vanish_go_with_a_notice() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>");
    let session = model.workspace.session;
    let reading = Reading::Members(vec![membership(WEB, MemberStatus::Accepted, 700)]);
    engine(&mut model, Event::Members { session, image: "img-01".into(), reading });

    assert_eq!(marked(&model), [format!("img-01 {WEB}")]);
    assert_eq!(said(&model), "2 marks went away: the shares are no longer there.");
    engine(
        &mut model,
        Event::Members { session, image: "img-01".into(), reading: Reading::NotFound },
    );
    assert!(model.workspace.marks.is_empty());
    assert_eq!(
        said(&model),
        "ubuntu-22.04-golden is not found any more: it was deleted, or belongs to another project now. 1 mark of it went \
         away; who has access to it is not known."
    );
}

#[test]
fn marks_of_an_image_that_cannot_be_read_any_more_stay() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>");
    let session = model.workspace.session;
    let failure = crate::domain::Failure::new("read the members", "no answer");
    let reading = Reading::Failed(failure);
    engine(&mut model, Event::Members { session, image: "img-01".into(), reading });
    assert_eq!(model.workspace.marks.len(), 3);
}

#[test]
fn marking_is_allowed_where_nothing_can_be_changed_so_that_it_can_be_planned() {
    let mut model = loaded_in(Scope { read_only: true, ..scope() }, 120, 30);
    press(&mut model, "/ubuntu-22<enter><space>");
    assert_eq!(model.workspace.marks.len(), 3);
    assert!(screen(&model).contains("⚠ read-only"));
}

#[test]
fn every_change_of_the_marks_can_be_taken_back_one_key_at_a_time() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu<enter><space>");
    let first = marked(&model);
    press(&mut model, "a");
    let all = marked(&model);
    press(&mut model, "A");
    assert!(marked(&model).is_empty());

    press(&mut model, "u");
    assert_eq!(marked(&model), all);
    press(&mut model, "u");
    assert_eq!(marked(&model), first);
    press(&mut model, "u");
    assert!(marked(&model).is_empty());
    press(&mut model, "u");
    assert_eq!(said(&model), "There is no change of marks to undo.");
}

#[test]
fn taking_back_marks_no_share_that_is_not_there_any_more() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>A");
    let session = model.workspace.session;
    let reading = Reading::Members(vec![membership(WEB, MemberStatus::Accepted, 9)]);
    engine(&mut model, Event::Members { session, image: "img-01".into(), reading });
    press(&mut model, "u");
    assert_eq!(marked(&model), [format!("img-01 {WEB}")]);
}
