//! Closing a scope: what it loses is asked about, and its operations go on and are announced.

use crate::tui::app::log::Level;
use crate::tui::app::{App, Phase};
use crate::tui::fixture::{
    DATA, FIRST_READING, NOW, WEB, commands, engine, loaded, press, running, scope, screen, share,
    step,
};
use crate::tui::notify::Notify;
use crate::tui::overlays::close::Close;
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::speech::speaker::Speaker;
use crate::tui::views::history::state::Verifying;
use crate::tui::{Effect, Plain};
use domain::{Failure, Limits, OperationId, Outcome, ProjectId, Scope, Step};
use engine::{Command, Event, SessionId};

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
fn running_in_background() -> App {
    let mut app = running(120, 40);
    press(&mut app, "cG<enter>");
    engine(&mut app, Event::Opened { session: SECOND, scope: lab(), limits: Limits::BATCH });
    assert_eq!((app.workspace.session, app.background.len()), (SECOND, 1));
    app
}

fn closed(effects: &[Effect]) -> Vec<SessionId> {
    let sessions = commands(effects).into_iter().filter_map(|command| match command {
        Command::Close(session) => Some(*session),
        _ => None,
    });
    sessions.collect()
}

/// Every share was revoked, and the operation ends.
fn finish(app: &mut App) -> Vec<Effect> {
    for share in [share("img-01", WEB), share("img-02", WEB), share("img-01", DATA)] {
        let settled = Step::Settled { share, outcome: Outcome::Done, after: None, error: None };
        step(app, ID, settled);
    }
    step(app, ID, Step::Finished { at: NOW })
}

fn last(app: &App) -> (Level, String) {
    app.log.last().map(|(level, text)| (level, text.to_owned())).unwrap()
}

const RECEIPT: &str =
    "otc-prod · eu-de · image-factory: Operation 7f3a0c11-4d2e: 3 revoked, verified.";

#[test]
fn the_end_of_an_operation_is_announced_after_its_scope_was_closed() {
    let mut app = running_in_background();
    app.notify = Notify::Bell;
    assert_eq!(closed(&press(&mut app, "cgxy<esc>")), [FIRST]);
    assert!(app.workspace_of(FIRST).is_none());

    let effects = finish(&mut app);

    assert_eq!(last(&app), (Level::Done, RECEIPT.into()));
    assert!(screen(&app).contains("3 revoked, verified."), "{}", screen(&app));
    assert!(matches!(effects[..], [Effect::Notify { .. }]), "no member is read: {effects:?}");
}

#[test]
fn the_end_of_an_operation_is_announced_when_no_scope_is_open_at_all() {
    let mut app = running(120, 40);
    assert_eq!(closed(&press(&mut app, "cxy<esc>")), [FIRST]);
    assert!(matches!(app.workspace.phase, Phase::Choosing));
    finish(&mut app);
    assert_eq!(last(&app), (Level::Done, RECEIPT.into()));
}

#[test]
fn plain_mode_announces_the_end_of_an_operation_whose_scope_was_closed() {
    let mut app = running_in_background();
    app.plain_mode.plain = Plain::Wanted;
    let mut speaker = Speaker::default();
    press(&mut app, "cgxy<esc>");
    speaker.hear(&app);
    finish(&mut app);
    let lines = speaker.hear(&app);
    assert!(lines.contains(&format!("Done: {RECEIPT}")), "{lines:#?}");
}

#[test]
fn the_receipt_of_a_closed_scope_says_how_to_plan_the_rest() {
    let mut app = running_in_background();
    press(&mut app, "cgxy<esc>");
    step(&mut app, ID, Step::Finished { at: NOW });
    let text = last(&app).1;
    assert!(
        text.ends_with("Open otc-prod · eu-de · image-factory again to plan the rest."),
        "{text}"
    );
}

#[test]
fn the_hint_at_view_4_is_not_given_in_view_4() {
    let mut app = running(120, 40);
    press(&mut app, "4");
    step(&mut app, ID, Step::Finished { at: NOW });
    assert!(last(&app).1.ends_with(" R plans the rest."), "{}", last(&app).1);
}

#[test]
fn an_operation_that_could_not_start_is_reported_after_its_scope_was_closed() {
    let mut app = running_in_background();
    press(&mut app, "cgxy<esc>");
    let failure = Failure::new("revoke shares", "the journal is locked");
    engine(&mut app, Event::NotStarted { session: FIRST, failure });
    assert_eq!(
        last(&app),
        (
            Level::Error,
            "otc-prod · eu-de · image-factory: Cannot revoke shares: the journal is locked".into()
        )
    );
}

#[test]
fn operations_resumed_for_a_scope_that_was_closed_meanwhile_are_followed_and_announced() {
    let left = running(120, 40).jobs.operations.remove(0);
    let mut app = loaded(120, 40);
    press(&mut app, "cx<esc>");
    let operations = vec![left];
    engine(&mut app, Event::Resuming { session: FIRST, operations, failures: vec![] });
    assert_eq!(app.jobs.operations.len(), 1);
    finish(&mut app);
    assert_eq!(last(&app), (Level::Done, RECEIPT.into()));
}

#[test]
fn an_operation_of_an_earlier_session_settles_the_marks_of_the_scope_that_is_open_now() {
    // The earlier program ran with other settings, as another user.
    let mut left = running(120, 40).jobs.operations.remove(0);
    left.scope = Scope { user: Some("bob".into()), protected: true, ..left.scope };
    let mut app = loaded(120, 40);
    app.workspace.marks.insert(share("img-01", WEB));
    let operations = vec![left];
    engine(&mut app, Event::Resuming { session: FIRST, operations, failures: vec![] });

    let effects = finish(&mut app);

    assert!(app.workspace.marks.is_empty());
    assert_eq!(last(&app).1, "Operation 7f3a0c11-4d2e: 3 revoked, verified.");
    assert!(matches!(commands(&effects)[..], [Command::Reread { session: FIRST, .. }]));
}

#[test]
fn closing_a_scope_with_marks_asks_first_and_says_what_is_lost() {
    let mut app = loaded(120, 40);
    press(&mut app, "/ubuntu-22<enter><space>");
    let marks = app.workspace.marks.clone();
    assert_eq!(marks.len(), 3);

    assert_eq!(closed(&press(&mut app, "cx")), []);
    assert!(app.dialog::<Close>().is_some_and(|close| close.0 == FIRST));
    let shown = screen(&app);
    assert!(shown.contains("Close otc-prod · eu-de · image-factory?"), "{shown}");
    assert!(shown.contains("3 marks on 1 image are lost."), "{shown}");

    for stay in ["n", "<esc>"] {
        assert_eq!(closed(&press(&mut app, stay)), []);
        assert!(app.dialog::<Picker>().is_some(), "back in the list");
        assert_eq!(app.workspace.marks, marks);
        press(&mut app, "x");
    }
    assert_eq!(closed(&press(&mut app, "y")), [FIRST]);
    assert!(matches!(app.workspace.phase, Phase::Choosing));
}

#[test]
fn closing_a_scope_with_a_running_operation_asks_first_and_says_that_it_goes_on() {
    let mut app = running_in_background();
    app.background[0].marks.clear();
    assert_eq!(closed(&press(&mut app, "cgx")), []);
    let shown = screen(&app);
    assert!(
        shown.contains("1 operation is still running. It continues, and its end is"),
        "{shown}"
    );
    assert!(!shown.contains("lost"), "{shown}");
}

#[test]
fn closing_a_scope_asks_about_received_images_chosen_for_an_answer() {
    let mut app = loaded(120, 40);
    press(&mut app, "o<space>");
    assert_eq!(app.workspace.received.chosen.len(), 1);
    press(&mut app, "cx");
    assert!(screen(&app).contains("The selection of 1 received image is lost."));
}

#[test]
fn closing_a_scope_with_nothing_to_lose_asks_nothing() {
    let mut app = loaded(120, 40);
    assert_eq!(closed(&press(&mut app, "cx")), [FIRST]);
}

#[test]
fn an_operation_elsewhere_does_not_make_closing_this_scope_ask() {
    let mut app = running_in_background();
    assert_eq!(closed(&press(&mut app, "cx")), [SECOND]);
}

#[test]
fn closing_a_scope_leaves_the_verification_of_operations_alone() {
    let mut app = running_in_background();
    let operation = OperationId("0f0f".into());
    let verifying = Verifying { operation: operation.clone(), read: 1, of: 2 };
    for keys in ["cx<esc>", "cxy<esc>"] {
        app.history.verifying = Some(verifying.clone());
        press(&mut app, keys);
        assert_eq!(app.history.verifying, Some(verifying.clone()), "{keys}");
    }
    assert!(app.workspace_of(FIRST).is_none());

    let shares = vec![];
    engine(&mut app, Event::Verified { session: FIRST, operation, at: NOW, shares });

    assert_eq!(app.history.verifying, None);
    assert_eq!(
        last(&app).1,
        "otc-prod · eu-de · image-factory: Operation 0f0f: everything is as its receipt says."
    );
}

#[test]
fn late_answers_for_a_closed_scope_do_not_open_or_fill_anything() {
    let mut app = loaded(120, 40);
    press(&mut app, "cG<enter>");
    press(&mut app, "cxgx<esc>");
    assert!(matches!(app.workspace.phase, Phase::Choosing));
    for session in [FIRST, SECOND] {
        engine(&mut app, Event::Opened { session, scope: lab(), limits: Limits::BATCH });
        let images = vec![domain::Image::bare("late".into())];
        engine(&mut app, Event::Images { session, images });
        engine(&mut app, Event::ReadEnded { session, reading: FIRST_READING });
        let failure = Failure::new("log in to cloud lab", "wrong password");
        engine(
            &mut app,
            Event::NotOpened {
                session,
                failure,
                missing: Some(engine::MissingCredential::Passcode),
            },
        );
        assert!(matches!(app.workspace.phase, Phase::Choosing), "{session:?}");
        assert_eq!(app.workspace.inventory.image_count(), 0);
        assert!(app.overlay.is_none());
    }
}
