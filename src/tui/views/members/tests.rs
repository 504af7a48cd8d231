//! The Members view: who reaches what, the other way round.

use crate::tui::fixture;
use std::time::Instant;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;

use crate::tui::app::update::update;
use crate::tui::app::{App, Focus};
use crate::tui::fixture::{
    DATA, LAB, WEB, commands, engine, image, images, loaded, marked, membership, opened_in, press,
    press_revoke, read_all, scope, screen,
};
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::views::ViewId;
use crate::tui::views::members::state::MembersFocus;
use crate::tui::{Effect, Msg, What};
use domain::{Image, MemberStatus, Membership, ProjectId, ProjectName, Source};
use engine::{Command, Event, Reading};

/// The view over everything that was read.
fn shown(width: u16, height: u16) -> App {
    let mut app = loaded(width, height);
    press(&mut app, "2");
    app
}

fn listed(app: &App) -> Vec<String> {
    let id = |ix: &_| app.workspace.inventory.member(*ix).id.raw().to_owned();
    app.workspace.member_table.list.rows.iter().map(id).collect()
}

fn reached(app: &App) -> Vec<String> {
    let label = |ix: &_| app.workspace.inventory.image(*ix).id.to_string();
    app.workspace.member_table.reached.list.rows.iter().map(label).collect()
}

fn said(app: &App) -> String {
    app.log.entries().next().map(|entry| entry.text.clone()).unwrap_or_default()
}

fn mouse(app: &mut App, kind: MouseEventKind, column: u16, row: u16) {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    update(app, Msg { now: app.now, what: What::Mouse(event) });
    app.settle();
}

fn typed(width: u16, height: u16, keys: &str) -> App {
    let mut app = shown(width, height);
    press(&mut app, keys);
    app
}

#[test]
fn every_state_looks_as_it_did() {
    type Make = fn(u16, u16) -> App;
    let states: [(&str, Make); 7] = [
        ("loaded", shown),
        ("loading", |w, h| {
            let mut app = opened_in(scope(), w, h);
            press(&mut app, "2");
            let session = app.workspace.session;
            engine(&mut app, Event::Images { session, images: images() });
            for (image, reading) in fixture::readings().into_iter().take(2) {
                engine(&mut app, Event::Members { session, image, reading });
            }
            app
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
    let app = shown(120, 30);
    assert_eq!(listed(&app)[..2], [DATA, WEB], "three each, by name");
    assert_eq!(reached(&app).len(), 3);
    let web = app.workspace.member_table.list.rows[1];
    assert_eq!(
        app.workspace.member_table.reach.held(web).len(),
        3,
        "img-05 belongs to another project"
    );
}

#[test]
fn images_whose_members_are_not_known_are_said_and_never_taken_for_nobody() {
    let mut app = shown(120, 30);
    assert!(screen(&app).contains("members of 2 images unknown"));
    assert!(screen(&app).contains("team-data ─ 3 images + 2 unknown"));

    let session = app.workspace.session;
    for id in ["img-01", "img-02", "img-06-0f2e4d6c8b", "img-07", "img-08"] {
        let failure = domain::Failure::new("read the members", "no answer");
        let reading = Reading::Failed(failure);
        engine(&mut app, Event::Members { session, image: id.into(), reading });
    }
    assert!(listed(&app).is_empty());
    assert!(screen(&app).contains("Nobody that is known, but the members of 7 images unknown"));
}

#[test]
fn space_on_a_member_marks_all_it_reaches_and_again_none() {
    let mut app = typed(120, 30, "/team-web<enter><space>");
    let all: Vec<String> =
        ["img-01", "img-02", "img-06-0f2e4d6c8b"].map(|image| format!("{image} {WEB}")).into();
    assert_eq!(marked(&app), all);
    assert!(said(&app).contains("it may have access to more"), "{}", said(&app));
    press(&mut app, "<space>");
    assert!(app.workspace.marks.is_empty());
}

#[test]
fn u_takes_the_marks_of_a_member_back_at_once() {
    let mut app = typed(120, 30, "/team-web<enter><space>u");
    assert!(app.workspace.marks.is_empty(), "{}", said(&app));
    press(&mut app, "<tab><space>u");
    assert!(
        app.workspace.marks.is_empty()
            && app.workspace.member_table.marked(app.member().unwrap()) == 0
    );
}

#[test]
fn space_under_a_filter_about_shares_marks_what_is_in_view_and_says_so() {
    let mut app = typed(120, 30, "/team-web status:pending<enter><space>");
    assert_eq!(marked(&app), [format!("img-06-0f2e4d6c8b {WEB}")]);
    assert!(said(&app).contains("1 of 3 shares of team-web marked: the filter hides the others."));
    press(&mut app, "<esc>/team-web image:ubuntu<enter><space>");
    assert_eq!(marked(&app).len(), 3);
}

#[test]
fn space_on_an_image_marks_that_share_and_goes_on() {
    let mut app = typed(120, 30, "/team-web<enter><tab><space><space>");
    assert_eq!(marked(&app).len(), 2);
    press(&mut app, "k<space>");
    assert_eq!(marked(&app).len(), 1);
    assert!(marked(&app).iter().all(|share| share.ends_with(WEB)));
}

#[test]
fn all_and_invert_mean_what_is_in_view_of_the_pane_with_the_focus() {
    let mut app = typed(120, 30, "/team-web<enter><tab><space>i");
    assert_eq!(marked(&app).len(), 2, "the other two of this member");
    press(&mut app, "A<esc><esc>a");
    assert_eq!(app.workspace.marks.len(), 9);
    assert!(said(&app).contains("2 images left out: their members are not known yet."));
    press(&mut app, "A/team-data<enter>a<esc>i");
    assert!(marked(&app).iter().all(|share| !share.ends_with(DATA)));
    assert_eq!(app.workspace.marks.len(), 6);
}

#[test]
fn only_marked_shows_the_members_and_images_with_marks() {
    let mut app = typed(120, 30, "M");
    assert!(said(&app).contains("Nothing is marked"));
    press(&mut app, "/team-web<enter><tab>j<space><esc><esc>M");
    assert_eq!((listed(&app), reached(&app).len()), (vec![WEB.to_owned()], 1));
    press(&mut app, "A");
    assert!(listed(&app).len() > 1, "nothing is marked: everything shows again");
}

#[test]
fn marks_of_both_views_are_the_same() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>2");
    let marked = |app: &App, id: &str| {
        let member = domain::Member::project(id);
        let ix = app.workspace.inventory.find_member(&member).unwrap();
        app.workspace.member_table.marked(ix)
    };
    assert_eq!([WEB, DATA, LAB].map(|id| marked(&app, id)), [1, 1, 1]);
    press(&mut app, "/team-web<enter><space>1");
    assert!(screen(&app).contains("● 5 marked on 3 images"));
}

#[test]
fn sorting_goes_through_the_columns_and_what_is_unknown_stays_last() {
    let mut app = typed(120, 30, "s");
    press(&mut app, "s");
    assert_eq!(listed(&app)[0], "e\u{1b}]0;x\u{7}vil", "shared since yesterday");
    press(&mut app, "s");
    assert!(listed(&app).is_sorted(), "by id");
    press(&mut app, "s");
    assert_eq!(listed(&app)[..2], [DATA, WEB], "by name");
    press(&mut app, "S");
    assert_eq!(listed(&app)[..2], [WEB, DATA], "those without a name are not first");
}

#[test]
fn the_cursor_stays_on_its_member_and_image_through_filter_sort_and_refresh() {
    let mut app = typed(120, 30, "/team-web<enter><esc>");
    let under = |app: &App| app.workspace.inventory.member(app.member().unwrap()).id.to_string();
    assert_eq!(under(&app), DATA, "a cursor nobody moved stays on the first row");
    press(&mut app, "j<tab>jj<esc>ssS");
    assert_eq!(under(&app), WEB);
    let image = app.reached();
    press(&mut app, "r");
    read_all(&mut app);
    assert_eq!((under(&app).as_str(), app.reached()), (WEB, image));
}

#[test]
fn words_filter_by_name_and_id_and_arrive_with_names_that_come_later() {
    let mut app = typed(120, 30, "/laboratory<enter>");
    assert!(listed(&app).is_empty());
    let session = app.workspace.session;
    let name = ProjectName {
        id: ProjectId(LAB.into()),
        name: "laboratory".into(),
        source: Source::Keystone,
    };
    engine(&mut app, Event::Names { session, names: vec![name], complete: true });
    assert_eq!(listed(&app), [LAB]);
    assert!(screen(&app).contains("=laboratory"), "with where it came from");
}

#[test]
fn keys_are_text_while_a_filter_is_typed() {
    let mut app = typed(120, 30, "/qRa2");
    assert_eq!(app.workspace.member_table.filter.typing().unwrap().value(), "qRa2");
    assert!(app.workspace.marks.is_empty() && app.workspace.images.filter.line().is_empty());
    press(&mut app, "<esc>");
    assert!(app.workspace.member_table.filter.line().is_empty());
}

#[test]
fn enter_goes_to_the_share_in_the_other_view_and_escape_comes_back() {
    let mut app = typed(120, 30, "/team-web<enter><tab>j<enter>");
    assert_eq!((app.view, app.focus), (ViewId::Images, Focus::Members));
    let (ix, row) = app.row().unwrap();
    assert_eq!(app.workspace.inventory.image(ix).id.raw(), "img-01");
    assert_eq!(app.workspace.inventory.member(row.member).id.raw(), WEB);

    press(&mut app, "<esc>");
    assert_eq!(
        (app.view, app.workspace.member_table.focus),
        (ViewId::Members, MembersFocus::Images)
    );
    press(&mut app, "<enter>k<esc>");
    assert_eq!((app.view, app.focus), (ViewId::Images, Focus::Images), "moved on: one step back");
}

#[test]
fn what_a_filter_of_the_other_view_hides_is_shown_and_said() {
    let mut app = loaded(120, 30);
    press(&mut app, "/windows<enter>2/team-web<enter><tab>j<enter>");
    assert_eq!(app.workspace.inventory.image(app.row().unwrap().0).id.raw(), "img-01");
    assert!(said(&app).contains("The filter of this view was cleared"));

    press(&mut app, "2<esc><esc>/team-data<enter>1/ubuntu-22<enter>");
    assert_eq!(app.focus, Focus::Members);
    press(&mut app, "<enter>");
    assert_eq!(app.view, ViewId::Members);
    assert!(said(&app).contains("The filter of this view was cleared"));
}

#[test]
fn enter_on_a_member_of_an_image_shows_all_it_reaches_and_escape_comes_back() {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><tab>j<enter>");
    assert_eq!(
        (app.view, listed(&app)[app.workspace.member_table.list.cursor.at].as_str()),
        (ViewId::Members, WEB)
    );
    assert_eq!(reached(&app).len(), 3);
    press(&mut app, "<tab><esc><esc>");
    assert_eq!((app.view, app.focus), (ViewId::Images, Focus::Members));
}

#[test]
fn copying_takes_the_id_as_it_is() {
    let copied = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text.clone()),
            _ => None,
        })
    };
    let mut app = typed(120, 30, "/team-web<enter>");
    assert_eq!(copied(&press(&mut app, "y")), Some(WEB.into()));
    assert_eq!(copied(&press(&mut app, "<tab>jy")), Some("img-01".into()));
    let effects = press(&mut app, "r");
    assert!(matches!(
        commands(&effects)[..],
        [Command::Reread { images, .. }] if images[..] == ["img-01".into()]
    ));
}

#[test]
fn a_plan_says_how_many_of_its_shares_the_filter_of_this_view_hides() {
    let mut app = typed(120, 30, "a/team-web<enter>");
    press_revoke(&mut app);
    let Some(dialog) = app.dialog::<PlanDialog>() else { panic!("no plan") };
    assert!(
        dialog.warnings.iter().any(|it| it.starts_with("6 shares are not in view")),
        "{:?}",
        dialog.warnings
    );
}

#[test]
fn click_and_wheel_choose_in_the_pane_under_them() {
    let mut app = shown(120, 30);
    let click = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut app, click, 10, 5);
    assert_eq!(app.workspace.member_table.list.cursor.at, 1);
    mouse(&mut app, click, 90, 6);
    assert_eq!(app.workspace.member_table.focus, MembersFocus::Images);
    assert_eq!(app.workspace.member_table.reached.list.cursor.at, 2);
    mouse(&mut app, MouseEventKind::ScrollDown, 10, 5);
    assert_eq!(app.workspace.member_table.list.cursor.at, 4);
    assert_eq!(app.workspace.member_table.focus, MembersFocus::Images);
}

#[test]
fn marks_of_a_member_whose_images_became_unknown_keep_it_in_the_list() {
    let mut app = typed(120, 30, "/1f0e<enter><space><esc>");
    let session = app.workspace.session;
    let failure = domain::Failure::new("read the members", "no answer");
    let reading = Reading::Failed(failure);
    engine(&mut app, Event::Members { session, image: "img-01".into(), reading });
    assert!(listed(&app).contains(&LAB.to_owned()));
    press(&mut app, "/1f0e<enter>");
    assert!(screen(&app).contains("1 mark on images whose members"));
}

/// 100 000 images, 20 000 members and 1 000 000 shares: what is listed is made anew once for many events, and not at
/// all where nothing changed.
#[test]
fn a_huge_cloud_is_turned_around_once_for_many_events() {
    let mut app = opened_in(scope(), 140, 40);
    let (session, now) = (app.workspace.session, app.now);
    let images: Vec<Image> =
        (0..100_000).map(|n| image(&format!("i{n}"), &format!("name-{n:06}"), 1)).collect();
    let what = What::Engine(Event::Images { session, images: images.clone() });
    update(&mut app, Msg { now, what });
    for (n, image) in images.iter().enumerate() {
        let share = |k: usize| {
            let member = format!("{:032x}", (n * 31 + k * 1_999) % 20_000);
            membership(&member, MemberStatus::Accepted, 1)
        };
        let members: Vec<Membership> = (0..10).map(share).collect();
        let reading = Reading::Members(members);
        let what = What::Engine(Event::Members { session, image: image.id.clone(), reading });
        update(&mut app, Msg { now, what });
    }
    assert_eq!(app.workspace.inventory.share_count(), 1_000_000);

    let began = Instant::now();
    press(&mut app, "2");
    let once = began.elapsed();
    assert_eq!(listed(&app).len(), 20_000);
    let began = Instant::now();
    for _ in 0..100 {
        app.settle();
    }
    let again = began.elapsed() / 100;
    assert!(again.as_millis() < 5, "{again:?} where nothing changed, {once:?} for all of it");
}

#[test]
fn the_cursor_stays_on_the_member_whose_images_one_looks_at() {
    let mut app = loaded(140, 40);
    press(&mut app, "2<enter>");
    let (session, before) = (app.workspace.session, app.member());
    let first = before.map(|ix| app.workspace.inventory.member(ix).clone()).unwrap();
    for (image, _) in fixture::readings() {
        let ix = app.workspace.inventory.find(&image).unwrap();
        let others = app.workspace.inventory.rows(ix).iter();
        let kept = others.map(|row| app.workspace.inventory.membership(row));
        let kept: Vec<_> =
            kept.filter(|it| it.member != first || image.raw() == "img-01").collect();
        engine(&mut app, Event::Members { session, image, reading: Reading::Members(kept) });
    }
    assert_eq!(app.member(), before, "it reaches one image now, and others more");
}
