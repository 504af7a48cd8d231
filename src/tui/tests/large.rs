//! Large clouds: a key costs what it changes, not what is there.

use crate::tui::fixture;
use std::time::{Duration, Instant};

use crate::tui::app::App;
use crate::tui::app::update::update;
use crate::tui::fixture::{
    FIRST_READING, NOW, commands, engine, image, loaded, membership, press, running, share, step,
};
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::{Msg, What};
use domain::{ImageId, MemberStatus, OperationId, Outcome, Step};
use engine::{Command, Event};

const IMAGES: usize = 20_000;

/// Many images, each shared with three projects.
fn large() -> App {
    let mut app = loaded(120, 40);
    for n in 0..IMAGES {
        let ix =
            app.workspace.inventory.put_image(image(&format!("big-{n}"), &format!("b{n:06}"), 1));
        let members = (0..3)
            .map(|m| membership(&format!("project-{}", n % 50 + m), MemberStatus::Accepted, 1));
        app.workspace.inventory.put_members(ix, members.collect());
        app.workspace.images.image_changed(ix, &app.workspace.inventory);
    }
    drop(app.settle_and_request());
    app
}

/// The shortest of several times, which is the one without other programs' work in it.
fn shortest(times: usize, mut act: impl FnMut()) -> Duration {
    let time = |_| {
        let began = Instant::now();
        act();
        began.elapsed()
    };
    (0..times).map(time).min().unwrap()
}

#[test]
fn a_mark_costs_the_same_however_much_is_marked() {
    let mut app = large();
    let all = shortest(1, || drop(press(&mut app, "a")));
    assert!(app.workspace.marks.len() > 3 * IMAGES);

    let one = shortest(9, || drop(press(&mut app, "<space>")));

    assert!(one * 10 < all, "one mark took {one:?}, all of them {all:?}");
}

#[test]
fn an_undo_costs_what_it_undoes() {
    let mut app = large();
    let all = shortest(1, || drop(press(&mut app, "a")));
    for _ in 0..9 {
        press(&mut app, "<space>");
    }
    let one = shortest(9, || drop(press(&mut app, "u")));
    assert!(one * 10 < all, "one undo took {one:?}, all marks {all:?}");
}

#[test]
fn undo_remembers_large_changes_up_to_a_limit_and_always_the_last() {
    let mut app = large();
    press(&mut app, "a");
    let marked = app.workspace.marks.len();
    for _ in 0..30 {
        press(&mut app, "A");
        press(&mut app, "a");
    }
    press(&mut app, "u");
    assert!(app.workspace.marks.is_empty());
    press(&mut app, "u");
    assert_eq!(app.workspace.marks.len(), marked);
}

#[test]
fn steps_of_an_operation_are_folded_into_view_5_once_a_frame() {
    let mut app = running(120, 40);
    press(&mut app, "5");
    let done = |app: &App| app.history.current().unwrap().summary.done;
    let settled = Step::Settled {
        share: share("img-01", fixture::WEB),
        outcome: Outcome::Done,
        after: None,
        error: None,
    };
    let operation = OperationId("7f3a0c11-4d2e".into());
    let event = Event::Step { operation, step: settled };
    update(&mut app, Msg { now: NOW, what: What::Engine(event) });
    assert_eq!(done(&app), 0, "nothing is counted again for a step alone");
    drop(app.settle_and_request());
    assert_eq!(done(&app), 1);
}

#[test]
fn a_list_without_most_images_drops_their_marks_at_once() {
    let mut app = large();
    press(&mut app, "a");
    let (session, before) = (app.workspace.session, app.workspace.marks.len());
    let present: Vec<ImageId> = vec!["img-01".into()];
    engine(
        &mut app,
        Event::Listed { session, reading: FIRST_READING, present: Some(present), failures: vec![] },
    );
    engine(&mut app, Event::ReadEnded { session, reading: FIRST_READING });
    assert_eq!(app.workspace.marks.len(), 3);
    let gone = before - 3;
    let text = app.log.last().unwrap().1.to_owned();
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(number, gone.to_string(), "{text}");
}

#[test]
fn a_plan_of_many_shares_is_shown_by_name_and_confirmed_exactly() {
    let mut app = large();
    press(&mut app, "/b0<enter>a");
    fixture::press_revoke(&mut app);
    let Some(dialog) = app.dialog::<PlanDialog>() else { panic!("no plan") };
    let marks = dialog.plan.marks();
    assert_eq!(dialog.shares.len(), marks.len());
    assert_eq!(dialog.shares[0].image, "big-0".into());
    let count = marks.len();
    let effects = press(&mut app, &format!("{count}<enter>"));
    let [Command::CarryOut { plan, .. }] = commands(&effects)[..] else { panic!("no request") };
    assert_eq!(plan.plan().marks(), &app.workspace.marks);
    step(&mut app, "7f3a0c11-4d2e", Step::Verifying);
}
