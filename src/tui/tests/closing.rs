//! Closing a scope: what it loses is asked about, and its operations go on and are announced.

use super::super::fixture::{
    DATA, FIRST_READING, NOW, WEB, commands, engine, loaded, press, running, scope, screen, share,
    step,
};
use super::super::model::history::Verifying;
use super::super::model::{Level, Model, Overlay, Phase};
use super::super::plain::Speaker;
use super::super::{Effect, Plain, notify::Notify};
use crate::domain::{Failure, Limits, OperationId, Outcome, ProjectId, Scope, Step};
use crate::engine::{Command, Event, SessionId};

const ID: &str = "7f3a0c11-4d2e";
const FIRST: SessionId = SessionId(1);
const SECOND: SessionId = SessionId(2);

fn lab() -> Scope {
    Scope {
        cloud: "lab".into(),
        region: None,
        project_id: ProjectId("lab-project".into()),
        ..scope()
    }
}

/// An operation runs in the first scope, and a second one is shown.
fn running_aside() -> Model {
    let mut model = running(120, 40);
    press(&mut model, "cG<enter>");
    engine(&mut model, Event::Opened { session: SECOND, scope: lab(), limits: Limits::BATCH });
    assert_eq!((model.workspace.session, model.background.len()), (SECOND, 1));
    model
}

fn closed(effects: &[Effect]) -> Vec<SessionId> {
    let sessions = commands(effects).into_iter().filter_map(|command| match command {
        Command::Close(session) => Some(*session),
        _ => None,
    });
    sessions.collect()
}

/// Every share was revoked, and the operation ends.
fn finish(model: &mut Model) -> Vec<Effect> {
    for share in [share("img-01", WEB), share("img-02", WEB), share("img-01", DATA)] {
        let settled = Step::Settled { share, outcome: Outcome::Done, after: None, error: None };
        step(model, ID, settled);
    }
    step(model, ID, Step::Finished { at: NOW })
}

fn last(model: &Model) -> (Level, String) {
    model.log.last().map(|(level, text)| (level, text.to_owned())).unwrap()
}

const RECEIPT: &str =
    "otc-prod · eu-de · image-factory: Operation 7f3a0c11-4d2e: 3 revoked, verified.";

#[test]
fn the_end_of_an_operation_is_announced_after_its_scope_was_closed() {
    let mut model = running_aside();
    model.notify = Notify::Bell;
    assert_eq!(closed(&press(&mut model, "cgxy<esc>")), [FIRST]);
    assert!(model.desk_of(FIRST).is_none());

    let effects = finish(&mut model);

    assert_eq!(last(&model), (Level::Done, RECEIPT.into()));
    assert!(screen(&model).contains("3 revoked, verified."), "{}", screen(&model));
    assert!(matches!(effects[..], [Effect::Notify { .. }]), "no member is read: {effects:?}");
}

#[test]
fn the_end_of_an_operation_is_announced_when_no_scope_is_open_at_all() {
    let mut model = running(120, 40);
    assert_eq!(closed(&press(&mut model, "cxy<esc>")), [FIRST]);
    assert!(matches!(model.workspace.phase, Phase::Choosing));
    finish(&mut model);
    assert_eq!(last(&model), (Level::Done, RECEIPT.into()));
}

#[test]
fn plain_mode_announces_the_end_of_an_operation_whose_scope_was_closed() {
    let mut model = running_aside();
    model.listener.plain = Plain::Wanted;
    let mut speaker = Speaker::default();
    press(&mut model, "cgxy<esc>");
    speaker.hear(&model);
    finish(&mut model);
    let lines = speaker.hear(&model);
    assert!(lines.contains(&format!("Done: {RECEIPT}")), "{lines:#?}");
}

#[test]
fn the_receipt_of_a_closed_scope_says_how_to_plan_the_rest() {
    let mut model = running_aside();
    press(&mut model, "cgxy<esc>");
    step(&mut model, ID, Step::Finished { at: NOW });
    let text = last(&model).1;
    assert!(
        text.ends_with("Open otc-prod · eu-de · image-factory again to plan the rest."),
        "{text}"
    );
}

#[test]
fn the_hint_at_view_4_is_not_given_in_view_4() {
    let mut model = running(120, 40);
    press(&mut model, "4");
    step(&mut model, ID, Step::Finished { at: NOW });
    assert!(last(&model).1.ends_with(" R plans the rest."), "{}", last(&model).1);
}

#[test]
fn an_operation_that_could_not_start_is_reported_after_its_scope_was_closed() {
    let mut model = running_aside();
    press(&mut model, "cgxy<esc>");
    let failure = Failure::new("revoke shares", "the journal is locked");
    engine(&mut model, Event::NotStarted { session: FIRST, failure });
    assert_eq!(
        last(&model),
        (
            Level::Error,
            "otc-prod · eu-de · image-factory: Cannot revoke shares: the journal is locked".into()
        )
    );
}

#[test]
fn operations_resumed_for_a_scope_that_was_closed_meanwhile_are_followed_and_announced() {
    let left = running(120, 40).jobs.operations.remove(0);
    let mut model = loaded(120, 40);
    press(&mut model, "cx<esc>");
    let operations = vec![left];
    engine(&mut model, Event::Resuming { session: FIRST, operations, failures: vec![] });
    assert_eq!(model.jobs.operations.len(), 1);
    finish(&mut model);
    assert_eq!(last(&model), (Level::Done, RECEIPT.into()));
}

#[test]
fn an_operation_of_an_earlier_session_settles_the_marks_of_the_scope_that_is_open_now() {
    // The earlier program ran with other settings, as another user.
    let mut left = running(120, 40).jobs.operations.remove(0);
    left.scope = Scope { user: Some("bob".into()), protected: true, ..left.scope };
    let mut model = loaded(120, 40);
    model.workspace.marks.insert(share("img-01", WEB));
    let operations = vec![left];
    engine(&mut model, Event::Resuming { session: FIRST, operations, failures: vec![] });

    let effects = finish(&mut model);

    assert!(model.workspace.marks.is_empty());
    assert_eq!(last(&model).1, "Operation 7f3a0c11-4d2e: 3 revoked, verified.");
    assert!(matches!(commands(&effects)[..], [Command::Reread { session: FIRST, .. }]));
}

#[test]
fn closing_a_scope_with_marks_asks_first_and_says_what_is_lost() {
    let mut model = loaded(120, 40);
    press(&mut model, "/ubuntu-22<enter><space>");
    let marks = model.workspace.marks.clone();
    assert_eq!(marks.len(), 3);

    assert_eq!(closed(&press(&mut model, "cx")), []);
    assert!(matches!(model.overlay, Overlay::Close(FIRST)));
    let shown = screen(&model);
    assert!(shown.contains("Close otc-prod · eu-de · image-factory?"), "{shown}");
    assert!(shown.contains("3 marks on 1 image are lost."), "{shown}");

    for stay in ["n", "<esc>"] {
        assert_eq!(closed(&press(&mut model, stay)), []);
        assert!(matches!(model.overlay, Overlay::Picker(_)), "back in the list");
        assert_eq!(model.workspace.marks, marks);
        press(&mut model, "x");
    }
    assert_eq!(closed(&press(&mut model, "y")), [FIRST]);
    assert!(matches!(model.workspace.phase, Phase::Choosing));
}

#[test]
fn closing_a_scope_with_a_running_operation_asks_first_and_says_that_it_goes_on() {
    let mut model = running_aside();
    model.background[0].marks.clear();
    assert_eq!(closed(&press(&mut model, "cgx")), []);
    let shown = screen(&model);
    assert!(shown.contains("1 operation is still running. It goes on, and its end is"), "{shown}");
    assert!(!shown.contains("lost"), "{shown}");
}

#[test]
fn closing_a_scope_asks_about_received_images_chosen_for_an_answer() {
    let mut model = loaded(120, 40);
    press(&mut model, "o<space>");
    assert_eq!(model.workspace.received.chosen.len(), 1);
    press(&mut model, "cx");
    assert!(screen(&model).contains("The selection of 1 received image is lost."));
}

#[test]
fn closing_a_scope_with_nothing_to_lose_asks_nothing() {
    let mut model = loaded(120, 40);
    assert_eq!(closed(&press(&mut model, "cx")), [FIRST]);
}

#[test]
fn an_operation_elsewhere_does_not_make_closing_this_scope_ask() {
    let mut model = running_aside();
    assert_eq!(closed(&press(&mut model, "cx")), [SECOND]);
}

#[test]
fn closing_a_scope_leaves_the_verification_of_operations_alone() {
    let mut model = running_aside();
    let operation = OperationId("0f0f".into());
    let verifying = Verifying { operation: operation.clone(), read: 1, of: 2 };
    for keys in ["cx<esc>", "cxy<esc>"] {
        model.history.verifying = Some(verifying.clone());
        press(&mut model, keys);
        assert_eq!(model.history.verifying, Some(verifying.clone()), "{keys}");
    }
    assert!(model.desk_of(FIRST).is_none());

    let shares = vec![];
    engine(&mut model, Event::Verified { session: FIRST, operation, at: NOW, shares });

    assert_eq!(model.history.verifying, None);
    assert_eq!(
        last(&model).1,
        "otc-prod · eu-de · image-factory: Operation 0f0f: everything is as its receipt says."
    );
}

#[test]
fn late_answers_for_a_closed_scope_do_not_open_or_fill_anything() {
    let mut model = loaded(120, 40);
    press(&mut model, "cG<enter>");
    press(&mut model, "cxgx<esc>");
    assert!(matches!(model.workspace.phase, Phase::Choosing));
    for session in [FIRST, SECOND] {
        engine(&mut model, Event::Opened { session, scope: lab(), limits: Limits::BATCH });
        let images = vec![crate::domain::Image::bare("late".into())];
        engine(&mut model, Event::Images { session, images });
        engine(&mut model, Event::ReadEnded { session, reading: FIRST_READING });
        let failure = Failure::new("log in to cloud lab", "wrong password");
        engine(
            &mut model,
            Event::NotOpened { session, failure, asks: Some(crate::engine::Asks::Code) },
        );
        assert!(matches!(model.workspace.phase, Phase::Choosing), "{session:?}");
        assert_eq!(model.workspace.inventory.image_count(), 0);
        assert!(matches!(model.overlay, Overlay::None));
    }
}
