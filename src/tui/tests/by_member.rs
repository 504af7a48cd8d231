//! The Members view: who reaches what, the other way round.

use std::time::Instant;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;

use super::super::fixture::{
    DATA, LAB, WEB, commands, engine, image, images, loaded, marked, membership, opened_in, press,
    press_revoke, read_all, scope, screen,
};
use super::super::model::by_member::ByMemberFocus;
use super::super::model::{Focus, Model, Overlay, View};
use super::super::{Effect, Msg, What, update::update};
use crate::domain::{Image, MemberStatus, Membership, ProjectId, ProjectName, Source};
use crate::engine::{Command, Event, Reading};

/// The view over everything that was read.
fn shown(width: u16, height: u16) -> Model {
    let mut model = loaded(width, height);
    press(&mut model, "2");
    model
}

fn listed(model: &Model) -> Vec<String> {
    let id = |ix: &_| model.workspace.inventory.member(*ix).id.raw().to_owned();
    model.workspace.by_member.visible.iter().map(id).collect()
}

fn reached(model: &Model) -> Vec<String> {
    let label = |ix: &_| model.workspace.inventory.image(*ix).id.to_string();
    model.workspace.by_member.reached.visible.iter().map(label).collect()
}

fn said(model: &Model) -> String {
    model.log.entries().next().map(|entry| entry.text.clone()).unwrap_or_default()
}

fn mouse(model: &mut Model, kind: MouseEventKind, column: u16, row: u16) {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    update(model, Msg { now: model.now, what: What::Mouse(event) });
    model.settle();
}

fn typed(width: u16, height: u16, keys: &str) -> Model {
    let mut model = shown(width, height);
    press(&mut model, keys);
    model
}

#[test]
fn every_state_looks_as_it_did() {
    type Make = fn(u16, u16) -> Model;
    let states: [(&str, Make); 7] = [
        ("loaded", shown),
        ("loading", |w, h| {
            let mut model = opened_in(scope(), w, h);
            press(&mut model, "2");
            let session = model.workspace.session;
            engine(&mut model, Event::Images { session, images: images() });
            for (image, reading) in super::super::fixture::readings().into_iter().take(2) {
                engine(&mut model, Event::Members { session, image, reading });
            }
            model
        }),
        ("marked", |w, h| typed(w, h, "/team-web<enter><space><esc>j<tab><space>")),
        ("filtered", |w, h| typed(w, h, "/status:pending")),
        ("only-marked", |w, h| typed(w, h, "/team-web<enter><space><esc>M")),
        ("sorted", |w, h| typed(w, h, "sssss")),
        ("nothing", |w, h| typed(w, h, "/nosuch<enter>")),
    ];
    for (name, make) in states {
        for (width, height) in [(80, 24), (100, 30), (140, 40), (200, 60)] {
            if height == 60 && name != "marked" {
                continue;
            }
            assert_snapshot!(format!("{name}-{width}x{height}"), screen(&make(width, height)));
        }
    }
}

#[test]
fn every_column_has_room_at_every_size() {
    for (width, height) in [(80, 24), (99, 24), (100, 30), (140, 40), (200, 60), (300, 60)] {
        for keys in ["", "/team-web<enter><space><esc>", "sss", "ss"] {
            let screen = screen(&typed(width, height, keys));
            for text in ["team-data", "(domain)", "images", "✓", "9c61004"] {
                assert!(screen.contains(text), "no {text} after {keys:?} at {width}:\n{screen}");
            }
        }
    }
}

#[test]
fn members_come_with_most_images_first_and_without_those_of_images_of_others() {
    let model = shown(120, 30);
    assert_eq!(listed(&model)[..2], [DATA, WEB], "three each, by name");
    assert_eq!(reached(&model).len(), 3);
    let web = model.workspace.by_member.visible[1];
    assert_eq!(
        model.workspace.by_member.reach.held(web).len(),
        3,
        "img-05 belongs to another project"
    );
}

#[test]
fn images_whose_members_are_not_known_are_said_and_never_taken_for_nobody() {
    let mut model = shown(120, 30);
    assert!(screen(&model).contains("members of 2 images unknown"));
    assert!(screen(&model).contains("team-data ─ 3 images + 2 unknown"));

    let session = model.workspace.session;
    for id in ["img-01", "img-02", "img-06-0f2e4d6c8b", "img-07", "img-08"] {
        let failure = crate::domain::Failure::new("read the members", "no answer");
        let reading = Reading::Failed(failure);
        engine(&mut model, Event::Members { session, image: id.into(), reading });
    }
    assert!(listed(&model).is_empty());
    assert!(screen(&model).contains("Nobody that is known, but the members of 7 images unknown"));
}

#[test]
fn space_on_a_member_marks_all_it_reaches_and_again_none() {
    let mut model = typed(120, 30, "/team-web<enter><space>");
    let all: Vec<String> =
        ["img-01", "img-02", "img-06-0f2e4d6c8b"].map(|image| format!("{image} {WEB}")).into();
    assert_eq!(marked(&model), all);
    assert!(said(&model).contains("it may reach more"), "{}", said(&model));
    press(&mut model, "<space>");
    assert!(model.workspace.marks.is_empty());
}

#[test]
fn u_takes_the_marks_of_a_member_back_at_once() {
    let mut model = typed(120, 30, "/team-web<enter><space>u");
    assert!(model.workspace.marks.is_empty(), "{}", said(&model));
    press(&mut model, "<tab><space>u");
    assert!(
        model.workspace.marks.is_empty()
            && model.workspace.by_member.marked(model.member().unwrap()) == 0
    );
}

#[test]
fn space_under_a_filter_about_shares_marks_what_is_in_view_and_says_so() {
    let mut model = typed(120, 30, "/team-web status:pending<enter><space>");
    assert_eq!(marked(&model), [format!("img-06-0f2e4d6c8b {WEB}")]);
    assert!(
        said(&model).contains("1 of 3 shares of team-web marked: the filter hides the others.")
    );
    press(&mut model, "<esc>/team-web image:ubuntu<enter><space>");
    assert_eq!(marked(&model).len(), 3);
}

#[test]
fn space_on_an_image_marks_that_share_and_goes_on() {
    let mut model = typed(120, 30, "/team-web<enter><tab><space><space>");
    assert_eq!(marked(&model).len(), 2);
    press(&mut model, "k<space>");
    assert_eq!(marked(&model).len(), 1);
    assert!(marked(&model).iter().all(|share| share.ends_with(WEB)));
}

#[test]
fn all_and_invert_mean_what_is_in_view_of_the_pane_with_the_focus() {
    let mut model = typed(120, 30, "/team-web<enter><tab><space>i");
    assert_eq!(marked(&model).len(), 2, "the other two of this member");
    press(&mut model, "A<esc><esc>a");
    assert_eq!(model.workspace.marks.len(), 9);
    assert!(said(&model).contains("2 images left out: their members are not known yet."));
    press(&mut model, "A/team-data<enter>a<esc>i");
    assert!(marked(&model).iter().all(|share| !share.ends_with(DATA)));
    assert_eq!(model.workspace.marks.len(), 6);
}

#[test]
fn only_marked_shows_the_members_and_images_with_marks() {
    let mut model = typed(120, 30, "M");
    assert!(said(&model).contains("Nothing is marked"));
    press(&mut model, "/team-web<enter><tab>j<space><esc><esc>M");
    assert_eq!((listed(&model), reached(&model).len()), (vec![WEB.to_owned()], 1));
    press(&mut model, "A");
    assert!(listed(&model).len() > 1, "nothing is marked: everything shows again");
}

#[test]
fn marks_of_both_views_are_the_same() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>2");
    let marked = |model: &Model, id: &str| {
        let member = crate::domain::Member::project(id);
        let ix = model.workspace.inventory.find_member(&member).unwrap();
        model.workspace.by_member.marked(ix)
    };
    assert_eq!([WEB, DATA, LAB].map(|id| marked(&model, id)), [1, 1, 1]);
    press(&mut model, "/team-web<enter><space>1");
    assert!(screen(&model).contains("● 5 marked on 3 images"));
}

#[test]
fn sorting_goes_through_the_columns_and_what_is_unknown_stays_last() {
    let mut model = typed(120, 30, "s");
    press(&mut model, "s");
    assert_eq!(listed(&model)[0], "e\u{1b}]0;x\u{7}vil", "shared since yesterday");
    press(&mut model, "s");
    assert!(listed(&model).is_sorted(), "by id");
    press(&mut model, "s");
    assert_eq!(listed(&model)[..2], [DATA, WEB], "by name");
    press(&mut model, "S");
    assert_eq!(listed(&model)[..2], [WEB, DATA], "those without a name are not first");
}

#[test]
fn the_cursor_stays_on_its_member_and_image_through_filter_sort_and_refresh() {
    let mut model = typed(120, 30, "/team-web<enter><esc>");
    let under =
        |model: &Model| model.workspace.inventory.member(model.member().unwrap()).id.to_string();
    assert_eq!(under(&model), DATA, "a cursor nobody moved stays on the first row");
    press(&mut model, "j<tab>jj<esc>ssS");
    assert_eq!(under(&model), WEB);
    let image = model.reached();
    press(&mut model, "r");
    read_all(&mut model);
    assert_eq!((under(&model).as_str(), model.reached()), (WEB, image));
}

#[test]
fn words_filter_by_name_and_id_and_arrive_with_names_that_come_later() {
    let mut model = typed(120, 30, "/laboratory<enter>");
    assert!(listed(&model).is_empty());
    let session = model.workspace.session;
    let name = ProjectName {
        id: ProjectId(LAB.into()),
        name: "laboratory".into(),
        source: Source::Keystone,
    };
    engine(&mut model, Event::Names { session, names: vec![name], complete: true });
    assert_eq!(listed(&model), [LAB]);
    assert!(screen(&model).contains("=laboratory"), "with where it came from");
}

#[test]
fn keys_are_text_while_a_filter_is_typed() {
    let mut model = typed(120, 30, "/qRa2");
    assert_eq!(model.workspace.by_member.filter.typing().unwrap().value(), "qRa2");
    assert!(model.workspace.marks.is_empty() && model.workspace.images.filter.line().is_empty());
    press(&mut model, "<esc>");
    assert!(model.workspace.by_member.filter.line().is_empty());
}

#[test]
fn enter_goes_to_the_share_in_the_other_view_and_escape_comes_back() {
    let mut model = typed(120, 30, "/team-web<enter><tab>j<enter>");
    assert_eq!((model.view, model.focus), (View::Images, Focus::Members));
    let (ix, row) = model.row().unwrap();
    assert_eq!(model.workspace.inventory.image(ix).id.raw(), "img-01");
    assert_eq!(model.workspace.inventory.member(row.member).id.raw(), WEB);

    press(&mut model, "<esc>");
    assert_eq!(
        (model.view, model.workspace.by_member.focus),
        (View::Members, ByMemberFocus::Images)
    );
    press(&mut model, "<enter>k<esc>");
    assert_eq!((model.view, model.focus), (View::Images, Focus::Images), "moved on: one step back");
}

#[test]
fn what_a_filter_of_the_other_view_hides_is_shown_and_said() {
    let mut model = loaded(120, 30);
    press(&mut model, "/windows<enter>2/team-web<enter><tab>j<enter>");
    assert_eq!(model.workspace.inventory.image(model.row().unwrap().0).id.raw(), "img-01");
    assert!(said(&model).contains("The filter of this view was taken away"));

    press(&mut model, "2<esc><esc>/team-data<enter>1/ubuntu-22<enter>");
    assert_eq!(model.focus, Focus::Members);
    press(&mut model, "<enter>");
    assert_eq!(model.view, View::Members);
    assert!(said(&model).contains("The filter of this view was taken away"));
}

#[test]
fn enter_on_a_member_of_an_image_shows_all_it_reaches_and_escape_comes_back() {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><tab>j<enter>");
    assert_eq!(
        (model.view, listed(&model)[model.workspace.by_member.cursor.at].as_str()),
        (View::Members, WEB)
    );
    assert_eq!(reached(&model).len(), 3);
    press(&mut model, "<tab><esc><esc>");
    assert_eq!((model.view, model.focus), (View::Images, Focus::Members));
}

#[test]
fn copying_takes_the_id_as_it_is() {
    let copied = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text.clone()),
            _ => None,
        })
    };
    let mut model = typed(120, 30, "/team-web<enter>");
    assert_eq!(copied(&press(&mut model, "y")), Some(WEB.into()));
    assert_eq!(copied(&press(&mut model, "<tab>jy")), Some("img-01".into()));
    let effects = press(&mut model, "r");
    assert!(matches!(
        commands(&effects)[..],
        [Command::Reread { images, .. }] if images[..] == ["img-01".into()]
    ));
}

#[test]
fn a_plan_says_how_many_of_its_shares_the_filter_of_this_view_hides() {
    let mut model = typed(120, 30, "a/team-web<enter>");
    press_revoke(&mut model);
    let Overlay::Plan(dialog) = &model.overlay else { panic!("no plan") };
    assert!(
        dialog.warnings.iter().any(|it| it.starts_with("6 shares are not in view")),
        "{:?}",
        dialog.warnings
    );
}

#[test]
fn click_and_wheel_choose_in_the_pane_under_them() {
    let mut model = shown(120, 30);
    let click = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut model, click, 10, 5);
    assert_eq!(model.workspace.by_member.cursor.at, 1);
    mouse(&mut model, click, 90, 6);
    assert_eq!(model.workspace.by_member.focus, ByMemberFocus::Images);
    assert_eq!(model.workspace.by_member.reached.cursor.at, 2);
    mouse(&mut model, MouseEventKind::ScrollDown, 10, 5);
    assert_eq!(model.workspace.by_member.cursor.at, 4);
    assert_eq!(model.workspace.by_member.focus, ByMemberFocus::Images);
}

#[test]
fn marks_of_a_member_whose_images_became_unknown_keep_it_in_the_list() {
    let mut model = typed(120, 30, "/1f0e<enter><space><esc>");
    let session = model.workspace.session;
    let failure = crate::domain::Failure::new("read the members", "no answer");
    let reading = Reading::Failed(failure);
    engine(&mut model, Event::Members { session, image: "img-01".into(), reading });
    assert!(listed(&model).contains(&LAB.to_owned()));
    press(&mut model, "/1f0e<enter>");
    assert!(screen(&model).contains("1 mark on images whose members"));
}

/// 100 000 images, 20 000 members and 1 000 000 shares: what is listed is made anew once for many events, and not at
/// all where nothing changed.
#[test]
fn a_huge_cloud_is_turned_around_once_for_many_events() {
    let mut model = opened_in(scope(), 140, 40);
    let (session, now) = (model.workspace.session, model.now);
    let images: Vec<Image> =
        (0..100_000).map(|n| image(&format!("i{n}"), &format!("name-{n:06}"), 1)).collect();
    let what = What::Engine(Event::Images { session, images: images.clone() });
    update(&mut model, Msg { now, what });
    for (n, image) in images.iter().enumerate() {
        let share = |k: usize| {
            let member = format!("{:032x}", (n * 31 + k * 1_999) % 20_000);
            membership(&member, MemberStatus::Accepted, 1)
        };
        let members: Vec<Membership> = (0..10).map(share).collect();
        let reading = Reading::Members(members);
        let what = What::Engine(Event::Members { session, image: image.id.clone(), reading });
        update(&mut model, Msg { now, what });
    }
    assert_eq!(model.workspace.inventory.share_count(), 1_000_000);

    let began = Instant::now();
    press(&mut model, "2");
    let once = began.elapsed();
    assert_eq!(listed(&model).len(), 20_000);
    let began = Instant::now();
    for _ in 0..100 {
        model.settle();
    }
    let again = began.elapsed() / 100;
    assert!(again.as_millis() < 5, "{again:?} where nothing changed, {once:?} for all of it");
}

#[test]
fn the_cursor_stays_on_the_member_whose_images_one_looks_at() {
    let mut model = loaded(140, 40);
    press(&mut model, "2<enter>");
    let (session, before) = (model.workspace.session, model.member());
    let first = before.map(|ix| model.workspace.inventory.member(ix).clone()).unwrap();
    for (image, _) in super::super::fixture::readings() {
        let ix = model.workspace.inventory.find(&image).unwrap();
        let others = model.workspace.inventory.rows(ix).iter();
        let kept = others.map(|row| model.workspace.inventory.membership(row));
        let kept: Vec<_> =
            kept.filter(|it| it.member != first || image.raw() == "img-01").collect();
        engine(&mut model, Event::Members { session, image, reading: Reading::Members(kept) });
    }
    assert_eq!(model.member(), before, "it reaches one image now, and others more");
}
