//! A login that failed: one line in the list of clouds, and no input repeats it unless it is asked to.

use crate::tui::Effect;
use crate::tui::Plain;
use crate::tui::app::{App, Phase};
use crate::tui::fixture;
use crate::tui::fixture::{
    choice, choosing, commands, engine, loaded, press, scope, screen, starting,
};
use crate::tui::overlays::clouds::act::start;
use crate::tui::overlays::clouds::state::{Picker, Target};
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::speech::speaker::Speaker;
use domain::{Failure, Limits};
use engine::{Command, Event, MissingCredential, SessionId};

fn logins(effects: &[Effect]) -> usize {
    commands(effects).iter().filter(|command| matches!(command, Command::Open { .. })).count()
}

fn refuse(app: &mut App, session: SessionId) {
    let failure = Failure::new("log in to cloud otc-prod", "wrong user name or password (401)");
    engine(app, Event::NotOpened { session, failure, missing: None });
}

/// `--cloud otc-prod`, in whose default region the login was refused.
fn named_and_refused() -> App {
    let mut app = starting(120, 30);
    let named = Target { cloud: Some("otc-prod".into()), ..Target::default() };
    start(&mut app, named);
    let choices = vec![choice("otc-prod", &["eu-de", "eu-nl"]), choice("lab", &[])];
    engine(&mut app, Event::Clouds { choices, default: Some("otc-prod".into()) });
    let session = app.workspace.session;
    refuse(&mut app, session);
    app
}

fn picker(app: &App) -> &Picker {
    match app.dialog::<Picker>() {
        Some(picker) => picker,
        other => panic!("no list of clouds but {other:?}"),
    }
}

#[test]
fn a_cloud_whose_login_failed_has_one_line_that_says_so() {
    let mut app = named_and_refused();
    press(&mut app, "c");
    assert_eq!(picker(&app).lines.len(), 3);
    assert_eq!(picker(&app).cursor.at, 0);
    let shown = screen(&app);
    assert_eq!(shown.matches("✗ login failed: wrong user name").count(), 1, "{shown}");
}

#[test]
fn a_region_on_the_command_line_belongs_to_the_default_cloud() {
    let mut app = starting(120, 30);
    start(&mut app, Target { region: Some("eu-nl".into()), ..Target::default() });
    let choices = vec![choice("otc-prod", &["eu-de", "eu-nl"]), choice("lab", &[])];
    engine(&mut app, Event::Clouds { choices, default: Some("otc-prod".into()) });
    let session = app.workspace.session;
    refuse(&mut app, session);
    press(&mut app, "c");
    assert_eq!((picker(&app).lines.len(), picker(&app).cursor.at), (3, 1));
}

#[test]
fn only_r_repeats_a_login_that_failed() {
    let mut app = named_and_refused();
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
        sent += logins(&press(&mut app, keys));
    }
    assert_eq!(sent, 0);
    assert!(matches!(app.workspace.phase, Phase::Refused(..)));

    press(&mut app, "c<space>");
    assert_eq!(picker(&app).note.as_deref(), Some("The login failed: r tries again."));
    assert_eq!(logins(&press(&mut app, "r")), 1);
    assert_eq!(logins(&press(&mut app, "rr<space>")), 0, "it is connecting");
    let session = app.workspace.session;
    refuse(&mut app, session);
    assert_eq!(logins(&press(&mut app, "<esc>r")), 1, "from the page too");
}

#[test]
fn a_passcode_is_requested_for_the_scope_whose_login_needs_it() {
    let mut app = named_and_refused();
    press(&mut app, "cG<enter>");
    let lab = app.workspace.session;
    let effects = press(&mut app, "cgr");
    let [Command::Open { session, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    let failure = Failure::new("log in to cloud otc-prod", "a one-time password is required");
    let missing = Some(MissingCredential::Passcode);
    engine(&mut app, Event::NotOpened { session: *session, failure, missing });
    press(&mut app, "<esc>");
    assert_eq!((app.workspace.session, app.workspace.missing), (lab, None));

    press(&mut app, "cgr");

    assert!(app.dialog::<CodeDialog>().is_some(), "{}", screen(&app));
    assert_ne!(app.workspace.session, lab);
}

#[test]
fn another_region_of_a_refused_cloud_opens_only_when_asked_twice() {
    let mut app = named_and_refused();
    for key in ["<space>", "<enter>"] {
        assert_eq!(logins(&press(&mut app, &format!("cgj{key}"))), 0);
        let note = picker(&app).note.as_deref();
        assert_eq!(note, Some("The login to otc-prod failed in another region: r tries it here."));
        press(&mut app, "<esc>");
    }
    let effects = press(&mut app, "cgjr");
    let [Command::Open { target, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(target.region.as_deref(), Some("eu-nl"));
}

#[test]
fn a_refused_login_is_remembered_after_another_cloud_was_opened() {
    let mut app = named_and_refused();
    assert_eq!(logins(&press(&mut app, "cG<enter>")), 1);
    press(&mut app, "cg");
    assert!(screen(&app).contains("✗ login failed"), "{}", screen(&app));
    assert_eq!(logins(&press(&mut app, "<space><enter>")), 0);
    assert!(matches!(app.workspace.phase, Phase::Refused(..)), "its page says why");
    assert!(screen(&app).contains("wrong user name or password"));
}

#[test]
fn a_login_that_failed_beside_is_tried_again_in_its_line() {
    let mut app = loaded(120, 30);
    press(&mut app, "cG<space>");
    let session = app.background[0].session;
    refuse(&mut app, session);
    press(&mut app, "<esc>c");
    assert_eq!(picker(&app).lines.len(), 3);
    assert_eq!(logins(&press(&mut app, "G<space><space>")), 0);
    assert_eq!(logins(&press(&mut app, "r")), 1);
    assert_eq!(app.background.len(), 1);
    assert_eq!(picker(&app).cursor.at, 2);
}

#[test]
fn a_refused_project_is_not_logged_in_to_again() {
    let mut app = loaded(120, 30);
    let first = app.workspace.session;
    let projects = || {
        let project = |id: &str| domain::Project {
            id: domain::ProjectId(id.into()),
            name: id.into(),
            domain: None,
            enabled: true,
        };
        Event::Projects { session: first, projects: Ok(vec![project("p-dev"), project("p-ops")]) }
    };
    press(&mut app, "cp");
    engine(&mut app, projects());
    assert_eq!(logins(&press(&mut app, "<enter>")), 1);
    let session = app.workspace.session;
    refuse(&mut app, session);
    press(&mut app, "cg<enter>cp");
    engine(&mut app, projects());
    assert_eq!(logins(&press(&mut app, "<space>")), 0);
    assert_eq!(logins(&press(&mut app, "<enter>")), 0);
    assert!(matches!(app.workspace.phase, Phase::Refused(..)));
    press(&mut app, "cg<enter>cp");
    engine(&mut app, projects());
    assert_eq!(logins(&press(&mut app, "j<enter>")), 1, "another project is another login");
}

#[test]
fn a_refused_login_can_be_removed_from_the_list() {
    let mut app = loaded(120, 30);
    press(&mut app, "cG<space>");
    let session = app.background[0].session;
    refuse(&mut app, session);
    press(&mut app, "<esc>cGx");
    assert!(app.background.is_empty());
    assert!(!screen(&app).contains("login failed"));
}

#[test]
fn closing_the_scope_shown_shows_an_open_one_rather_than_a_refused_one() {
    let mut app = loaded(120, 30);
    let first = app.workspace.session;
    press(&mut app, "cG<space>");
    let session = app.background[0].session;
    refuse(&mut app, session);
    press(&mut app, "<esc>cgj<enter>");
    let session = app.workspace.session;
    engine(&mut app, Event::Opened { session, scope: scope(), limits: Limits::BATCH });
    press(&mut app, "cx");
    assert_eq!(app.workspace.session, first);
}

#[test]
fn plain_mode_says_that_a_login_failed_and_never_that_it_is_open() {
    let mut app = choosing(120, 30);
    app.plain_mode.plain = Plain::Wanted;
    press(&mut app, "G<enter>");
    let session = app.workspace.session;
    refuse(&mut app, session);
    let mut speaker = Speaker::default();
    press(&mut app, "cg<enter>cG");
    let lines = speaker.hear(&app).join("\n");
    assert!(lines.contains("lab, login failed: wrong user name or password (401)"), "{lines}");
    assert!(!lines.contains(", open"), "{lines}");
    let effects = press(&mut app, "<space>");
    assert_eq!(logins(&effects), 0);
    let lines = speaker.hear(&app).join("\n");
    assert!(lines.contains("The login failed: r tries again."), "{lines}");
}

// ── an open scope whose login is refused later ──────────────────────────────────────────────────────

/// Something is marked, and the next reading finds that the session ended.
fn ended() -> App {
    let mut app = loaded(120, 30);
    press(&mut app, "/ubuntu-22<enter><space>r");
    let session = app.workspace.session;
    let failure = Failure::new("list the project's images", "the login was refused (401)");
    let present = None;
    engine(&mut app, Event::SessionEnded { session, failure: failure.clone() });
    let reading = app.workspace.reading_id;
    engine(&mut app, Event::Listed { session, reading, present, failures: vec![failure] });
    engine(&mut app, Event::ReadEnded { session, reading });
    app
}

#[test]
fn an_ended_session_is_said_and_r_logs_in_again_with_marks_and_filter() {
    let mut app = ended();
    let (old, marks) = (app.workspace.session, app.workspace.marks.clone());
    assert_eq!(marks.len(), 3);
    let shown = screen(&app);
    assert!(shown.contains("✗ session ended (r logs in)"), "{shown}");
    assert!(!shown.contains("read 10:0"), "{shown}");

    let effects = press(&mut app, "r");

    let [Command::Close(closed), Command::Open { session, .. }] = commands(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*closed, *session), (old, app.workspace.session));
    assert_eq!(logins(&press(&mut app, "rr")), 0, "one login at a time");
    assert!(screen(&app).contains("logging in"));
    let session = app.workspace.session;
    let limits = Limits::BATCH;
    let effects = engine(&mut app, Event::Opened { session, scope: scope(), limits });
    assert!(commands(&effects).iter().any(|it| matches!(it, Command::Read { .. })));
    assert_eq!((&app.workspace.marks, app.workspace.images.filter.line()), (&marks, "ubuntu-22"));
    assert!(!screen(&app).contains("session ended"));
}

#[test]
fn a_new_login_that_is_refused_keeps_the_marks_and_can_be_tried_again() {
    let mut app = ended();
    press(&mut app, "r");
    let session = app.workspace.session;
    refuse(&mut app, session);
    assert_eq!(app.workspace.marks.len(), 3);
    assert!(screen(&app).contains("✗ session ended (r logs in)"));
    assert!(app.log.last().unwrap().1.contains("wrong user name or password"));
    press(&mut app, "c");
    assert!(screen(&app).contains("✗ session ended: wrong user name"));
    assert_eq!(logins(&press(&mut app, "<space>")), 0);
    assert_eq!(logins(&press(&mut app, "r")), 1);
}

#[test]
fn marks_do_not_follow_a_new_login_into_another_project() {
    let mut app = ended();
    press(&mut app, "r");
    let session = app.workspace.session;
    let project_id = domain::ProjectId("another".into());
    let scope = domain::Scope { project_id, ..scope() };
    engine(&mut app, Event::Opened { session, scope, limits: Limits::BATCH });
    assert!(app.workspace.marks.is_empty());
    assert_eq!(app.workspace.inventory.image_count(), 0);
}

#[test]
fn a_plan_of_the_session_that_ended_is_not_sent_after_a_new_login() {
    let mut app = ended();
    fixture::press_revoke(&mut app);
    let old = app.workspace.session;
    app.workspace.session = SessionId(old.0 + 1);
    let effects = press(&mut app, "3<enter>");
    assert!(commands(&effects).iter().all(|it| !matches!(it, Command::CarryOut { .. })));
}

#[test]
fn plain_mode_says_that_the_session_ended() {
    let mut app = ended();
    app.plain_mode.plain = Plain::Wanted;
    let lines = Speaker::default().hear(&app).join("\n");
    assert!(lines.contains("The session ended: r logs in again."), "{lines}");
}

#[test]
fn a_key_that_does_nothing_in_the_list_of_clouds_says_so() {
    let mut app = choosing(120, 30);
    press(&mut app, "/");
    assert!(screen(&app).contains("/ is `filter`"), "{}", screen(&app));
}
