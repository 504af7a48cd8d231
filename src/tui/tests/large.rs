//! Large clouds: a key costs what it changes, not what is there.

use std::time::{Duration, Instant};

use super::super::fixture::{
    FIRST_READING, NOW, commands, engine, image, loaded, membership, press, running, share, step,
};
use super::super::model::Model;
use super::super::{Msg, What, update::update};
use crate::domain::{ImageId, MemberStatus, OperationId, Outcome, Step};
use crate::engine::{Command, Event};

const IMAGES: usize = 20_000;

/// Many images, each shared with three projects.
fn large() -> Model {
    let mut model = loaded(120, 40);
    for n in 0..IMAGES {
        let ix =
            model.workspace.inventory.put_image(image(&format!("big-{n}"), &format!("b{n:06}"), 1));
        let members = (0..3)
            .map(|m| membership(&format!("project-{}", n % 50 + m), MemberStatus::Accepted, 1));
        model.workspace.inventory.put_members(ix, members.collect());
        model.workspace.images.image_changed(ix, &model.workspace.inventory);
    }
    drop(model.settle_and_look());
    model
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
    let mut model = large();
    let all = shortest(1, || drop(press(&mut model, "a")));
    assert!(model.workspace.marks.len() > 3 * IMAGES);

    let one = shortest(9, || drop(press(&mut model, "<space>")));

    assert!(one * 10 < all, "one mark took {one:?}, all of them {all:?}");
}

#[test]
fn an_undo_costs_what_it_undoes() {
    let mut model = large();
    let all = shortest(1, || drop(press(&mut model, "a")));
    for _ in 0..9 {
        press(&mut model, "<space>");
    }
    let one = shortest(9, || drop(press(&mut model, "u")));
    assert!(one * 10 < all, "one undo took {one:?}, all marks {all:?}");
}

#[test]
fn undo_remembers_large_changes_up_to_a_limit_and_always_the_last() {
    let mut model = large();
    press(&mut model, "a");
    let marked = model.workspace.marks.len();
    for _ in 0..30 {
        press(&mut model, "A");
        press(&mut model, "a");
    }
    press(&mut model, "u");
    assert!(model.workspace.marks.is_empty());
    press(&mut model, "u");
    assert_eq!(model.workspace.marks.len(), marked);
}

#[test]
fn steps_of_an_operation_are_folded_into_view_5_once_a_frame() {
    let mut model = running(120, 40);
    press(&mut model, "5");
    let done = |model: &Model| model.history.current().unwrap().summary.done;
    let settled = Step::Settled {
        share: share("img-01", super::super::fixture::WEB),
        outcome: Outcome::Done,
        after: None,
        error: None,
    };
    let operation = OperationId("7f3a0c11-4d2e".into());
    let event = Event::Step { operation, step: settled };
    update(&mut model, Msg { now: NOW, what: What::Engine(event) });
    assert_eq!(done(&model), 0, "nothing is counted again for a step alone");
    drop(model.settle_and_look());
    assert_eq!(done(&model), 1);
}

#[test]
fn a_list_without_most_images_drops_their_marks_at_once() {
    let mut model = large();
    press(&mut model, "a");
    let (session, before) = (model.workspace.session, model.workspace.marks.len());
    let present: Vec<ImageId> = vec!["img-01".into()];
    engine(
        &mut model,
        Event::Listed { session, reading: FIRST_READING, present: Some(present), failures: vec![] },
    );
    engine(&mut model, Event::ReadEnded { session, reading: FIRST_READING });
    assert_eq!(model.workspace.marks.len(), 3);
    let gone = before - 3;
    let text = model.log.last().unwrap().1.to_owned();
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(number, gone.to_string(), "{text}");
}

#[test]
fn a_plan_of_many_shares_is_shown_by_name_and_confirmed_exactly() {
    let mut model = large();
    press(&mut model, "/b0<enter>a");
    super::super::fixture::press_revoke(&mut model);
    let super::super::model::Overlay::Plan(dialog) = &model.overlay else { panic!("no plan") };
    let marks = dialog.plan.marks();
    assert_eq!(dialog.shares.len(), marks.len());
    assert_eq!(dialog.shares[0].image, "big-0".into());
    let count = marks.len();
    let effects = press(&mut model, &format!("{count}<enter>"));
    let [Command::CarryOut { plan, .. }] = commands(&effects)[..] else { panic!("no request") };
    assert_eq!(plan.plan().marks(), &model.workspace.marks);
    step(&mut model, "7f3a0c11-4d2e", Step::Verifying);
}
