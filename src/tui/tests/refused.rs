//! A login that failed: one line in the list of clouds, and no input repeats it unless it is asked to.

use super::super::Effect;
use super::super::Plain;
use super::super::fixture::{
    choice, choosing, commands, engine, loaded, press, scope, screen, starting,
};
use super::super::model::{Model, Overlay, Phase, Picker, Target};
use super::super::plain::Speaker;
use super::super::update::start;
use crate::domain::{Failure, Limits};
use crate::engine::{Command, Event, SessionId};

fn logins(effects: &[Effect]) -> usize {
    commands(effects).iter().filter(|command| matches!(command, Command::Open { .. })).count()
}

fn refuse(model: &mut Model, session: SessionId) {
    let failure = Failure::new("log in to cloud otc-prod", "wrong user name or password (401)");
    engine(model, Event::NotOpened { session, failure, asks: None });
}

/// `--cloud otc-prod`, in whose default region the login was refused.
fn named_and_refused() -> Model {
    let mut model = starting(120, 30);
    let named = Target { cloud: Some("otc-prod".into()), ..Target::default() };
    start(&mut model, named);
    let choices = vec![choice("otc-prod", &["eu-de", "eu-nl"]), choice("lab", &[])];
    engine(&mut model, Event::Clouds { choices, default: Some("otc-prod".into()) });
    let session = model.workspace.session;
    refuse(&mut model, session);
    model
}

fn picker(model: &Model) -> &Picker {
    match &model.overlay {
        Overlay::Picker(picker) => picker,
        other => panic!("no list of clouds but {other:?}"),
    }
}

#[test]
fn a_cloud_whose_login_failed_has_one_line_that_says_so() {
    let mut model = named_and_refused();
    press(&mut model, "c");
    assert_eq!(picker(&model).lines.len(), 3);
    assert_eq!(picker(&model).cursor.at, 0);
    let shown = screen(&model);
    assert_eq!(shown.matches("✗ login failed: wrong user name").count(), 1, "{shown}");
}

#[test]
fn a_region_on_the_command_line_belongs_to_the_default_cloud() {
    let mut model = starting(120, 30);
    start(&mut model, Target { region: Some("eu-nl".into()), ..Target::default() });
    let choices = vec![choice("otc-prod", &["eu-de", "eu-nl"]), choice("lab", &[])];
    engine(&mut model, Event::Clouds { choices, default: Some("otc-prod".into()) });
    let session = model.workspace.session;
    refuse(&mut model, session);
    press(&mut model, "c");
    assert_eq!((picker(&model).lines.len(), picker(&model).cursor.at), (3, 1));
}

#[test]
fn only_r_repeats_a_login_that_failed() {
    let mut model = named_and_refused();
    let mut sent = 0;
    for keys in [
        "c<space>",
        "<space><space>",
        "<enter>",
        "c<enter>",
        "cj<space>",
        "<enter>",
        "<esc>",
        ":cloud otc-prod eu-de<enter>",
        ":cloud otc-prod eu-nl<enter>",
        "1",
        "<esc>",
        "<enter>",
    ] {
        sent += logins(&press(&mut model, keys));
    }
    assert_eq!(sent, 0);
    assert!(matches!(model.workspace.phase, Phase::Refused(..)));

    press(&mut model, "c<space>");
    assert_eq!(picker(&model).note.as_deref(), Some("The login failed: r tries again."));
    assert_eq!(logins(&press(&mut model, "r")), 1);
    assert_eq!(logins(&press(&mut model, "rr<space>")), 0, "it is connecting");
    let session = model.workspace.session;
    refuse(&mut model, session);
    assert_eq!(logins(&press(&mut model, "<esc>r")), 1, "from the page too");
}

#[test]
fn another_region_of_a_refused_cloud_opens_only_when_asked_twice() {
    let mut model = named_and_refused();
    for key in ["<space>", "<enter>"] {
        assert_eq!(logins(&press(&mut model, &format!("cgj{key}"))), 0);
        let note = picker(&model).note.as_deref();
        assert_eq!(note, Some("The login to otc-prod failed in another region: r tries it here."));
        press(&mut model, "<esc>");
    }
    let effects = press(&mut model, "cgjr");
    let [Command::Open { target, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(target.region.as_deref(), Some("eu-nl"));
}

#[test]
fn a_refused_login_is_remembered_after_another_cloud_was_opened() {
    let mut model = named_and_refused();
    assert_eq!(logins(&press(&mut model, "cG<enter>")), 1);
    press(&mut model, "cg");
    assert!(screen(&model).contains("✗ login failed"), "{}", screen(&model));
    assert_eq!(logins(&press(&mut model, "<space><enter>")), 0);
    assert!(matches!(model.workspace.phase, Phase::Refused(..)), "its page says why");
    assert!(screen(&model).contains("wrong user name or password"));
}

#[test]
fn a_login_that_failed_beside_is_tried_again_in_its_line() {
    let mut model = loaded(120, 30);
    press(&mut model, "cG<space>");
    let session = model.background[0].session;
    refuse(&mut model, session);
    press(&mut model, "<esc>c");
    assert_eq!(picker(&model).lines.len(), 3);
    assert_eq!(logins(&press(&mut model, "G<space><space>")), 0);
    assert_eq!(logins(&press(&mut model, "r")), 1);
    assert_eq!(model.background.len(), 1);
    assert_eq!(picker(&model).cursor.at, 2);
}

#[test]
fn a_refused_project_is_not_logged_in_to_again() {
    let mut model = loaded(120, 30);
    let first = model.workspace.session;
    let projects = || {
        let project = |id: &str| crate::domain::Project {
            id: crate::domain::ProjectId(id.into()),
            name: id.into(),
            domain: None,
            enabled: true,
        };
        Event::Projects { session: first, projects: Ok(vec![project("p-dev"), project("p-ops")]) }
    };
    press(&mut model, "cp");
    engine(&mut model, projects());
    assert_eq!(logins(&press(&mut model, "<enter>")), 1);
    let session = model.workspace.session;
    refuse(&mut model, session);
    press(&mut model, "cg<enter>cp");
    engine(&mut model, projects());
    assert_eq!(logins(&press(&mut model, "<space>")), 0);
    assert_eq!(logins(&press(&mut model, "<enter>")), 0);
    assert!(matches!(model.workspace.phase, Phase::Refused(..)));
    press(&mut model, "cg<enter>cp");
    engine(&mut model, projects());
    assert_eq!(logins(&press(&mut model, "j<enter>")), 1, "another project is another login");
}

#[test]
fn a_refused_login_can_be_removed_from_the_list() {
    let mut model = loaded(120, 30);
    press(&mut model, "cG<space>");
    let session = model.background[0].session;
    refuse(&mut model, session);
    press(&mut model, "<esc>cGx");
    assert!(model.background.is_empty());
    assert!(!screen(&model).contains("login failed"));
}

#[test]
fn closing_the_scope_shown_shows_an_open_one_rather_than_a_refused_one() {
    let mut model = loaded(120, 30);
    let first = model.workspace.session;
    press(&mut model, "cG<space>");
    let session = model.background[0].session;
    refuse(&mut model, session);
    press(&mut model, "<esc>cgj<enter>");
    let session = model.workspace.session;
    engine(&mut model, Event::Opened { session, scope: scope(), limits: Limits::BATCH });
    press(&mut model, "cx");
    assert_eq!(model.workspace.session, first);
}

#[test]
fn plain_mode_says_that_a_login_failed_and_never_that_it_is_open() {
    let mut model = choosing(120, 30);
    model.listener.plain = Plain::Wanted;
    press(&mut model, "G<enter>");
    let session = model.workspace.session;
    refuse(&mut model, session);
    let mut speaker = Speaker::default();
    press(&mut model, "cg<enter>cG");
    let lines = speaker.hear(&model).join("\n");
    assert!(lines.contains("lab, login failed: wrong user name or password (401)"), "{lines}");
    assert!(!lines.contains(", open"), "{lines}");
    let effects = press(&mut model, "<space>");
    assert_eq!(logins(&effects), 0);
    let lines = speaker.hear(&model).join("\n");
    assert!(lines.contains("The login failed: r tries again."), "{lines}");
}

// ── an open scope whose login is refused later ──────────────────────────────────────────────────────

/// Something is marked, and the next reading finds that the session ended.
fn ended() -> Model {
    let mut model = loaded(120, 30);
    press(&mut model, "/ubuntu-22<enter><space>r");
    let session = model.workspace.session;
    let failure = Failure::new("list the project's images", "the login was refused (401)");
    let present = None;
    engine(&mut model, Event::SessionEnded { session, failure: failure.clone() });
    let reading = model.workspace.reading_id;
    engine(&mut model, Event::Listed { session, reading, present, failures: vec![failure] });
    engine(&mut model, Event::ReadEnded { session, reading });
    model
}

#[test]
fn an_ended_session_is_said_and_r_logs_in_again_with_marks_and_filter() {
    let mut model = ended();
    let (old, marks) = (model.workspace.session, model.workspace.marks.clone());
    assert_eq!(marks.len(), 3);
    let shown = screen(&model);
    assert!(shown.contains("✗ session ended (r logs in)"), "{shown}");
    assert!(!shown.contains("read 10:0"), "{shown}");

    let effects = press(&mut model, "r");

    let [Command::Close(closed), Command::Open { session, .. }] = commands(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*closed, *session), (old, model.workspace.session));
    assert_eq!(logins(&press(&mut model, "rr")), 0, "one login at a time");
    assert!(screen(&model).contains("logging in"));
    let session = model.workspace.session;
    let limits = Limits::BATCH;
    let effects = engine(&mut model, Event::Opened { session, scope: scope(), limits });
    assert!(commands(&effects).iter().any(|it| matches!(it, Command::Read { .. })));
    assert_eq!(
        (&model.workspace.marks, model.workspace.images.filter.line()),
        (&marks, "ubuntu-22")
    );
    assert!(!screen(&model).contains("session ended"));
}

#[test]
fn a_new_login_that_is_refused_keeps_the_marks_and_can_be_tried_again() {
    let mut model = ended();
    press(&mut model, "r");
    let session = model.workspace.session;
    refuse(&mut model, session);
    assert_eq!(model.workspace.marks.len(), 3);
    assert!(screen(&model).contains("✗ session ended (r logs in)"));
    assert!(model.log.last().unwrap().1.contains("wrong user name or password"));
    press(&mut model, "c");
    assert!(screen(&model).contains("✗ session ended: wrong user name"));
    assert_eq!(logins(&press(&mut model, "<space>")), 0);
    assert_eq!(logins(&press(&mut model, "r")), 1);
}

#[test]
fn marks_do_not_follow_a_new_login_into_another_project() {
    let mut model = ended();
    press(&mut model, "r");
    let session = model.workspace.session;
    let project_id = crate::domain::ProjectId("another".into());
    let scope = crate::domain::Scope { project_id, ..scope() };
    engine(&mut model, Event::Opened { session, scope, limits: Limits::BATCH });
    assert!(model.workspace.marks.is_empty());
    assert_eq!(model.workspace.inventory.image_count(), 0);
}

#[test]
fn a_plan_of_the_session_that_ended_is_not_sent_after_a_new_login() {
    let mut model = ended();
    super::super::fixture::press_revoke(&mut model);
    let old = model.workspace.session;
    model.workspace.session = SessionId(old.0 + 1);
    let effects = press(&mut model, "3<enter>");
    assert!(commands(&effects).iter().all(|it| !matches!(it, Command::CarryOut { .. })));
}

#[test]
fn plain_mode_says_that_the_session_ended() {
    let mut model = ended();
    model.listener.plain = Plain::Wanted;
    let lines = Speaker::default().hear(&model).join("\n");
    assert!(lines.contains("The session ended: r logs in again."), "{lines}");
}

#[test]
fn a_key_that_does_nothing_in_the_list_of_clouds_says_so() {
    let mut model = choosing(120, 30);
    press(&mut model, "/");
    assert!(screen(&model).contains("/ is `filter`"), "{}", screen(&model));
}
