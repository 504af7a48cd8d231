//! The way into a cloud, and the ways out when it does not open.

use crate::tui::app;
use crate::tui::app::update::update;
use crate::tui::app::{App, Phase};
use crate::tui::fixture::{
    FIRST_READING, buffer, choice, choosing, commands, engine, loaded, opened_in, press, scope,
    screen, starting,
};
use crate::tui::overlays::clouds::act::start;
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::overlays::clouds::state::Target;
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::views::ViewId;
use crate::tui::{Effect, Msg, What};
use secrecy::ExposeSecret;

use domain::{Failure, Project, ProjectId};
use engine::{Command, Event, Wanted};

fn opens(effects: &[Effect]) -> Vec<(Option<&str>, Option<&str>)> {
    commands(effects)
        .into_iter()
        .filter_map(|command| match command {
            Command::Open { target, .. } => {
                Some((target.cloud.as_deref(), target.region.as_deref()))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn the_first_thing_asked_is_which_clouds_there_are() {
    let mut app = starting(80, 24);
    let effects = start(&mut app, Target::default());
    assert!(matches!(commands(&effects)[..], [Command::ListClouds]));
}

#[test]
fn the_cloud_named_on_the_command_line_is_opened_at_once() {
    let mut app = starting(80, 24);
    let named = Target { cloud: Some("lab".into()), ..Target::default() };
    let effects = start(&mut app, named);
    assert_eq!(opens(&effects), [(Some("lab"), None)]);
}

#[test]
fn the_only_cloud_and_the_default_cloud_open_without_a_question() {
    let mut app = starting(80, 24);
    let choices = vec![choice("lab", &[])];
    let effects = engine(&mut app, Event::Clouds { choices, default: None });
    assert_eq!(opens(&effects), [(Some("lab"), None)]);

    let mut app = starting(80, 24);
    let choices = vec![choice("lab", &[]), choice("otc-prod", &["eu-de"])];
    let effects = engine(&mut app, Event::Clouds { choices, default: Some("otc-prod".into()) });
    assert_eq!(opens(&effects), [(Some("otc-prod"), None)]);
}

#[test]
fn several_clouds_are_a_choice_with_a_line_for_every_region() {
    let mut app = choosing(80, 24);
    assert!(app.dialog::<Picker>().is_some());
    let effects = press(&mut app, "j<enter>");
    assert_eq!(opens(&effects), [(Some("otc-prod"), Some("eu-nl"))]);
}

#[test]
fn a_login_is_followed_by_resuming_what_was_left_reading_everything_and_asking_for_names() {
    let mut app = choosing(80, 24);
    press(&mut app, "<enter>");
    let session = app.workspace.session;
    let limits = domain::Limits::BATCH;
    let effects = engine(&mut app, Event::Opened { session, scope: scope(), limits });
    assert!(matches!(
        commands(&effects)[..],
        [
            Command::Resume(_),
            Command::Read { wanted: Wanted::All { .. }, .. },
            Command::LookUpNames(_),
            Command::ListFilters
        ]
    ));
}

#[test]
fn a_failed_login_says_why_what_to_do_and_the_ways_out() {
    let mut app = choosing(80, 24);
    press(&mut app, "jj<enter>");
    let session = app.workspace.session;
    let failure = Failure {
        request_id: Some("req-77".into()),
        ..Failure::new("log in to cloud lab", "the credentials are not accepted")
            .with_hint("check `password` in /home/a/clouds.yaml")
    };
    engine(&mut app, Event::NotOpened { session, failure, missing: None });
    let shown = screen(&app);
    for text in ["credentials are not accepted", "check `password`", "req-77", "r tries again"] {
        assert!(shown.contains(text), "{text}");
    }
    assert_eq!(opens(&press(&mut app, "r")), [(Some("lab"), None)]);
    assert!(matches!(app.workspace.phase, Phase::Connecting(_)));
    press(&mut app, "c");
    assert!(app.dialog::<Picker>().is_some());
}

#[test]
fn a_broken_configuration_can_be_read_again() {
    let mut app = starting(80, 24);
    engine(&mut app, Event::NoClouds(Failure::new("read clouds.yaml", "line 3: no such key")));
    assert!(screen(&app).contains("line 3: no such key"));
    assert!(matches!(commands(&press(&mut app, "r"))[..], [Command::ListClouds]));
}

#[test]
fn opening_another_cloud_keeps_the_one_that_was_open_with_marks_filter_and_cursor() {
    let mut app = loaded(80, 24);
    press(&mut app, "j /u2<enter>");
    let (old, marks, image) = (app.workspace.session, app.workspace.marks.clone(), app.image());
    assert!(!marks.is_empty());

    let effects = press(&mut app, "cG<enter>");
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]));
    assert_ne!(app.workspace.session, old);
    assert!(app.workspace.marks.is_empty());

    let effects = press(&mut app, "cg<enter>");
    assert_eq!(commands(&effects).len(), 0, "nothing is asked of the cloud to come back");
    assert_eq!((app.workspace.session, &app.workspace.marks, app.image()), (old, &marks, image));
    assert_eq!(app.workspace.images.filter.line(), "u2");
}

#[test]
fn what_arrives_for_a_scope_that_is_put_aside_is_kept_there() {
    let mut app = opened_in(scope(), 80, 24);
    let old = app.workspace.session;
    press(&mut app, "cG<enter>");
    let images = vec![domain::Image::bare("late".into())];

    engine(&mut app, Event::Images { session: old, images });

    assert_eq!(app.workspace.inventory.image_count(), 0);
    press(&mut app, "cg<enter>");
    assert_eq!((app.workspace.session, app.workspace.inventory.image_count()), (old, 1));
}

#[test]
fn a_scope_is_closed_from_the_list_and_the_one_left_before_is_shown() {
    let mut app = loaded(80, 24);
    let first = app.workspace.session;
    press(&mut app, "cG<enter>");
    let second = app.workspace.session;

    let effects = press(&mut app, "cx");

    assert!(matches!(commands(&effects)[..], [Command::Close(session)] if *session == second));
    assert_eq!(app.workspace.session, first);
    assert!(app.background.is_empty());
    let effects = press(&mut app, "x<esc>");
    assert!(matches!(commands(&effects)[..], [Command::Close(session)] if *session == first));
    assert!(matches!(app.workspace.phase, Phase::Choosing));
}

#[test]
fn an_error_of_a_scope_that_is_put_aside_says_which_scope_it_is() {
    let mut app = opened_in(scope(), 100, 30);
    let old = app.workspace.session;
    press(&mut app, "cG<enter>");
    let failure = Failure::new("list images", "the cloud answered 500");

    let failures = vec![failure];
    engine(
        &mut app,
        Event::Listed { session: old, reading: FIRST_READING, present: None, failures },
    );

    assert!(screen(&app).contains("otc-prod · eu-de · image-factory: Cannot list images"));
}

#[test]
fn q_quits_before_anything_is_open() {
    for mut app in [starting(80, 24), choosing(80, 24), opened_in(scope(), 80, 24)] {
        assert!(matches!(press(&mut app, "q")[..], [.., Effect::Quit]));
    }
}

#[test]
fn an_engine_that_is_gone_is_told_and_nothing_spins() {
    let mut app = opened_in(scope(), 80, 24);
    let now = app.now;
    update(&mut app, Msg { now, what: What::EngineGone });
    assert!(screen(&app).contains("has ended"));
    assert_eq!(app.workspace.reading, None);
}

fn asked_for_a_code(width: u16, height: u16) -> app::App {
    let mut app = choosing(width, height);
    press(&mut app, "G<enter>");
    let session = app.workspace.session;
    let failure = Failure::new("log in to cloud lab", "a one-time code is needed");
    engine(
        &mut app,
        Event::NotOpened { session, failure, missing: Some(engine::MissingCredential::Passcode) },
    );
    app
}

#[test]
fn a_one_time_code_is_asked_for_sent_once_and_never_shown() {
    let mut app = asked_for_a_code(80, 24);
    assert!(screen(&app).contains("a one-time code is needed"));

    let effects = press(&mut app, "123 456");
    assert!(effects.is_empty() && !screen(&app).contains("456"));
    assert!(!format!("{app:?}").contains("456"));
    let effects = press(&mut app, "<enter>");

    let code = |command: &Command| match command {
        Command::Open { target, .. } => {
            target.passcode.as_ref().map(|code| code.expose_secret().to_owned())
        }
        _ => None,
    };
    let commands = commands(&effects);
    assert_eq!(code(commands[0]).as_deref(), Some("123456"));
    assert!(!format!("{commands:?}").contains("123456"));
    assert!(matches!(app.workspace.phase, Phase::Connecting(_)));
    assert!(app.overlay.is_none());
}

#[test]
fn a_missing_password_is_asked_for_kept_as_it_was_typed_and_never_shown() {
    let config = "clouds: {lab: {auth: {auth_url: 'http://k', username: u, project_name: p}}}";
    let clouds = cloud::config::Clouds::from_yaml_text(config, "test").unwrap();
    let Err(cloud::config::ConfigError::NoSecret(_, missing)) = clouds.entry("lab", None) else {
        panic!("it has a password")
    };
    let mut app = choosing(80, 24);
    press(&mut app, "G<enter>");
    let refuse = |app: &mut app::App, why: &str| {
        let session = app.workspace.session;
        let failure = Failure::new("log in to cloud lab", why);
        let missing = Some(engine::MissingCredential::Secret(missing));
        engine(app, Event::NotOpened { session, failure, missing });
    };
    refuse(&mut app, "cloud `lab` has no `auth.password`");
    assert!(screen(&app).contains("Password:"), "{}", screen(&app));
    press(&mut app, "<enter>");
    assert!(screen(&app).contains("Type the password."), "{}", screen(&app));

    press(&mut app, "k9 z");
    assert!(!format!("{app:?}").contains("k9 z") && !screen(&app).contains("k9 z"));
    let effects = press(&mut app, "<enter>");
    let secret = commands(&effects).iter().find_map(|command| match command {
        Command::Open { target, .. } => target.secret.clone(),
        _ => None,
    });
    assert_eq!(secret.unwrap().expose_secret(), "k9 z");

    refuse(&mut app, "the login was refused");
    assert!(app.dialog::<CodeDialog>().is_some(), "nothing is sent before it is typed again");
    press(&mut app, "<esc>");
    assert!(matches!(app.workspace.phase, Phase::Refused(..)));
}

#[test]
fn the_question_for_a_code_can_be_left_and_asked_again() {
    let mut app = asked_for_a_code(80, 24);
    press(&mut app, "<enter>");
    assert!(screen(&app).contains("Type the code"));
    press(&mut app, "12<esc>");
    assert!(app.overlay.is_none() && matches!(app.workspace.phase, Phase::Refused(..)));

    assert!(press(&mut app, "r").is_empty());
    assert!(app.dialog::<CodeDialog>().is_some_and(|dialog| dialog.input.value().is_empty()));
}

fn project(id: &str, name: &str) -> Project {
    Project { id: ProjectId(id.into()), name: name.into(), domain: None, enabled: true }
}

#[test]
fn the_projects_of_an_open_scope_are_listed_and_one_of_them_is_opened_beside_it() {
    let mut app = loaded(100, 30);
    let first = app.workspace.session;
    let effects = press(&mut app, "cp");
    assert!(
        matches!(commands(&effects)[..], [Command::ListProjects(session)] if *session == first)
    );
    assert!(screen(&app).contains("Asking which projects"));

    let projects = Ok(vec![project("p-ops", "operations"), project("p-dev", "development")]);
    engine(&mut app, Event::Projects { session: first, projects });
    assert!(screen(&app).contains("operations"));
    let effects = press(&mut app, "j<enter>");

    let Command::Open { target, .. } = commands(&effects)[0] else { panic!("{effects:?}") };
    assert_eq!(target.project.as_deref(), Some("p-dev"));
    assert_eq!(target.cloud.as_deref(), Some("otc-prod"));
    assert_eq!(app.background[0].session, first);
}

#[test]
fn projects_that_cannot_be_listed_say_why_and_esc_leads_back_to_the_clouds() {
    let mut app = loaded(100, 30);
    let session = app.workspace.session;
    press(&mut app, "cp");
    let failure = Failure::new("list projects", "an application credential belongs to one project");
    engine(&mut app, Event::Projects { session, projects: Err(failure) });
    assert!(screen(&app).contains("belongs to one project"));
    press(&mut app, "<esc>");
    assert!(app.dialog::<Picker>().is_some_and(|picker| picker.of.is_none()));
    press(&mut app, "Gp");
    assert!(screen(&app).contains("Enter opens this cloud first"));
}

#[test]
fn a_scope_that_cannot_be_opened_beside_says_so_and_is_tried_again_in_its_own_line() {
    let mut app = loaded(120, 30);
    press(&mut app, "cG<space><esc>");
    let session = app.background[0].session;
    let failure = Failure::new("log in to cloud lab", "no route to the host");
    engine(&mut app, Event::NotOpened { session, failure, missing: None });
    assert!(screen(&app).contains("lab: Cannot log in to cloud lab: no route to the host"));

    let effects = press(&mut app, "cGr");
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]));
    assert_eq!(app.background.len(), 1, "the refused one gave way");
}

/// Before an answer to the login, and after one that failed.
fn not_open() -> [App; 2] {
    [false, true].map(|failed| {
        let mut app = choosing(80, 24);
        press(&mut app, "jj<enter>");
        let session = app.workspace.session;
        let failure = Failure::new("log in to cloud lab", "nobody answers");
        if failed {
            engine(&mut app, Event::NotOpened { session, failure, missing: None });
        }
        app
    })
}

#[test]
fn the_views_of_the_journal_open_without_a_cloud_and_view_1_still_says_what_it_waits_for() {
    for mut app in not_open() {
        let waits = screen(&app);
        press(&mut app, "4");
        for part in ["What earlier runs did is in view 5", "its cloud is open."] {
            assert!(screen(&app).contains(part), "{}", screen(&app));
        }
        let effects = press(&mut app, "5");
        let asks = |it: &&Command| matches!(it, Command::ListHistory { .. });
        assert_eq!(commands(&effects).into_iter().filter(asks).count(), 1, "{effects:?}");
        press(&mut app, "1");
        assert_eq!(screen(&app), waits);
        press(&mut app, "5<esc>");
        assert_eq!(screen(&app), waits);
    }
}

#[test]
fn the_views_that_need_a_cloud_say_so_and_their_tabs_are_dim() {
    for mut app in not_open() {
        for key in ["2", "3"] {
            press(&mut app, key);
            assert_eq!(app.view, ViewId::Images);
            assert!(screen(&app).contains("No cloud is open"), "{}", screen(&app));
        }
        let drawn = buffer(&app);
        let cells = drawn.backend().buffer();
        let y = (0..24).find(|y| cells[(1, *y)].symbol() == "1").unwrap();
        let style = |text: &str| {
            let line: Vec<&str> = (0..80).map(|x| cells[(x, y)].symbol()).collect();
            let at = line.windows(2).position(|two| two.concat() == text).unwrap();
            cells[(u16::try_from(at).unwrap(), y)].style()
        };
        assert_eq!((style("2 "), style("4 ")), (style("3 "), style("5 ")));
        assert_ne!(style("2 "), style("4 "));
    }
}

#[test]
fn no_hint_offers_to_read_again_while_the_login_is_not_answered() {
    let [waiting, refused] = not_open();
    assert!(!screen(&waiting).contains("r refresh"), "{}", screen(&waiting));
    assert!(screen(&refused).contains("r refresh"), "{}", screen(&refused));
}
