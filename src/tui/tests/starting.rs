//! The way into a cloud, and the ways out when it does not open.

use super::super::fixture::{
    FIRST_READING, buffer, choice, choosing, commands, engine, loaded, opened_in, press, scope,
    screen, starting,
};
use super::super::model::{Model, Overlay, Phase, Target, View};
use super::super::update::start;
use super::super::{Effect, Msg, What, update::update};
use secrecy::ExposeSecret;

use crate::domain::{Failure, Project, ProjectId};
use crate::engine::{Command, Event, Wanted};

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
    let mut model = starting(80, 24);
    let effects = start(&mut model, Target::default());
    assert!(matches!(commands(&effects)[..], [Command::ListClouds]));
}

#[test]
fn the_cloud_named_on_the_command_line_is_opened_at_once() {
    let mut model = starting(80, 24);
    let named = Target { cloud: Some("lab".into()), ..Target::default() };
    let effects = start(&mut model, named);
    assert_eq!(opens(&effects), [(Some("lab"), None)]);
}

#[test]
fn the_only_cloud_and_the_default_cloud_open_without_a_question() {
    let mut model = starting(80, 24);
    let choices = vec![choice("lab", &[])];
    let effects = engine(&mut model, Event::Clouds { choices, default: None });
    assert_eq!(opens(&effects), [(Some("lab"), None)]);

    let mut model = starting(80, 24);
    let choices = vec![choice("lab", &[]), choice("otc-prod", &["eu-de"])];
    let effects = engine(&mut model, Event::Clouds { choices, default: Some("otc-prod".into()) });
    assert_eq!(opens(&effects), [(Some("otc-prod"), None)]);
}

#[test]
fn several_clouds_are_a_choice_with_a_line_for_every_region() {
    let mut model = choosing(80, 24);
    assert!(matches!(model.overlay, Overlay::Picker(_)));
    let effects = press(&mut model, "j<enter>");
    assert_eq!(opens(&effects), [(Some("otc-prod"), Some("eu-nl"))]);
}

#[test]
fn a_login_is_followed_by_resuming_what_was_left_reading_everything_and_asking_for_names() {
    let mut model = choosing(80, 24);
    press(&mut model, "<enter>");
    let session = model.workspace.session;
    let limits = crate::domain::Limits::BATCH;
    let effects = engine(&mut model, Event::Opened { session, scope: scope(), limits });
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
    let mut model = choosing(80, 24);
    press(&mut model, "jj<enter>");
    let session = model.workspace.session;
    let failure = Failure {
        request_id: Some("req-77".into()),
        ..Failure::new("log in to cloud lab", "the credentials are not accepted")
            .with_hint("check `password` in /home/a/clouds.yaml")
    };
    engine(&mut model, Event::NotOpened { session, failure, asks: None });
    let shown = screen(&model);
    for text in ["credentials are not accepted", "check `password`", "req-77", "r tries again"] {
        assert!(shown.contains(text), "{text}");
    }
    assert_eq!(opens(&press(&mut model, "r")), [(Some("lab"), None)]);
    assert!(matches!(model.workspace.phase, Phase::Connecting(_)));
    press(&mut model, "c");
    assert!(matches!(model.overlay, Overlay::Picker(_)));
}

#[test]
fn a_broken_configuration_can_be_read_again() {
    let mut model = starting(80, 24);
    engine(&mut model, Event::NoClouds(Failure::new("read clouds.yaml", "line 3: no such key")));
    assert!(screen(&model).contains("line 3: no such key"));
    assert!(matches!(commands(&press(&mut model, "r"))[..], [Command::ListClouds]));
}

#[test]
fn opening_another_cloud_keeps_the_one_that_was_open_with_marks_filter_and_cursor() {
    let mut model = loaded(80, 24);
    press(&mut model, "j /u2<enter>");
    let (old, marks, image) =
        (model.workspace.session, model.workspace.marks.clone(), model.image());
    assert!(!marks.is_empty());

    let effects = press(&mut model, "cG<enter>");
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]));
    assert_ne!(model.workspace.session, old);
    assert!(model.workspace.marks.is_empty());

    let effects = press(&mut model, "cg<enter>");
    assert_eq!(commands(&effects).len(), 0, "nothing is asked of the cloud to come back");
    assert_eq!(
        (model.workspace.session, &model.workspace.marks, model.image()),
        (old, &marks, image)
    );
    assert_eq!(model.workspace.images.filter.line(), "u2");
}

#[test]
fn what_arrives_for_a_scope_that_is_put_aside_is_kept_there() {
    let mut model = opened_in(scope(), 80, 24);
    let old = model.workspace.session;
    press(&mut model, "cG<enter>");
    let images = vec![crate::domain::Image::bare("late".into())];

    engine(&mut model, Event::Images { session: old, images });

    assert_eq!(model.workspace.inventory.image_count(), 0);
    press(&mut model, "cg<enter>");
    assert_eq!((model.workspace.session, model.workspace.inventory.image_count()), (old, 1));
}

#[test]
fn a_scope_is_closed_from_the_list_and_the_one_left_before_is_shown() {
    let mut model = loaded(80, 24);
    let first = model.workspace.session;
    press(&mut model, "cG<enter>");
    let second = model.workspace.session;

    let effects = press(&mut model, "cx");

    assert!(matches!(commands(&effects)[..], [Command::Close(session)] if *session == second));
    assert_eq!(model.workspace.session, first);
    assert!(model.background.is_empty());
    let effects = press(&mut model, "x<esc>");
    assert!(matches!(commands(&effects)[..], [Command::Close(session)] if *session == first));
    assert!(matches!(model.workspace.phase, Phase::Choosing));
}

#[test]
fn an_error_of_a_scope_that_is_put_aside_says_which_scope_it_is() {
    let mut model = opened_in(scope(), 100, 30);
    let old = model.workspace.session;
    press(&mut model, "cG<enter>");
    let failure = Failure::new("list images", "the cloud answered 500");

    let failures = vec![failure];
    engine(
        &mut model,
        Event::Listed { session: old, reading: FIRST_READING, present: None, failures },
    );

    assert!(screen(&model).contains("otc-prod · eu-de · image-factory: Cannot list images"));
}

#[test]
fn q_quits_before_anything_is_open() {
    for mut model in [starting(80, 24), choosing(80, 24), opened_in(scope(), 80, 24)] {
        assert!(matches!(press(&mut model, "q")[..], [.., Effect::Quit]));
    }
}

#[test]
fn an_engine_that_is_gone_is_told_and_nothing_spins() {
    let mut model = opened_in(scope(), 80, 24);
    let now = model.now;
    update(&mut model, Msg { now, what: What::EngineGone });
    assert!(screen(&model).contains("has ended"));
    assert_eq!(model.workspace.reading, None);
}

fn asked_for_a_code(width: u16, height: u16) -> crate::tui::model::Model {
    let mut model = choosing(width, height);
    press(&mut model, "G<enter>");
    let session = model.workspace.session;
    let failure = Failure::new("log in to cloud lab", "a one-time code is needed");
    engine(
        &mut model,
        Event::NotOpened { session, failure, asks: Some(crate::engine::Asks::Code) },
    );
    model
}

#[test]
fn a_one_time_code_is_asked_for_sent_once_and_never_shown() {
    let mut model = asked_for_a_code(80, 24);
    assert!(screen(&model).contains("a one-time code is needed"));

    let effects = press(&mut model, "123 456");
    assert!(effects.is_empty() && !screen(&model).contains("456"));
    assert!(!format!("{model:?}").contains("456"));
    let effects = press(&mut model, "<enter>");

    let code = |command: &Command| match command {
        Command::Open { target, .. } => {
            target.one_time_code.as_ref().map(|code| code.expose_secret().to_owned())
        }
        _ => None,
    };
    let commands = commands(&effects);
    assert_eq!(code(commands[0]).as_deref(), Some("123456"));
    assert!(!format!("{commands:?}").contains("123456"));
    assert!(matches!(model.workspace.phase, Phase::Connecting(_)));
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn a_missing_password_is_asked_for_kept_as_it_was_typed_and_never_shown() {
    let config = "clouds: {lab: {auth: {auth_url: 'http://k', username: u, project_name: p}}}";
    let clouds = crate::config::Clouds::from_yaml_text(config, "test").unwrap();
    let Err(crate::config::ConfigError::NoSecret(_, missing)) = clouds.entry("lab", None) else {
        panic!("it has a password")
    };
    let mut model = choosing(80, 24);
    press(&mut model, "G<enter>");
    let refuse = |model: &mut crate::tui::model::Model, why: &str| {
        let session = model.workspace.session;
        let failure = Failure::new("log in to cloud lab", why);
        let asks = Some(crate::engine::Asks::Secret(missing));
        engine(model, Event::NotOpened { session, failure, asks });
    };
    refuse(&mut model, "cloud `lab` has no `auth.password`");
    assert!(screen(&model).contains("Password:"), "{}", screen(&model));
    press(&mut model, "<enter>");
    assert!(screen(&model).contains("Type the password."), "{}", screen(&model));

    press(&mut model, "k9 z");
    assert!(!format!("{model:?}").contains("k9 z") && !screen(&model).contains("k9 z"));
    let effects = press(&mut model, "<enter>");
    let secret = commands(&effects).iter().find_map(|command| match command {
        Command::Open { target, .. } => target.secret.clone(),
        _ => None,
    });
    assert_eq!(secret.unwrap().expose_secret(), "k9 z");

    refuse(&mut model, "the login was refused");
    assert!(matches!(model.overlay, Overlay::Code(_)), "nothing is sent before it is typed again");
    press(&mut model, "<esc>");
    assert!(matches!(model.workspace.phase, Phase::Refused(..)));
}

#[test]
fn the_question_for_a_code_can_be_left_and_asked_again() {
    let mut model = asked_for_a_code(80, 24);
    press(&mut model, "<enter>");
    assert!(screen(&model).contains("Type the code"));
    press(&mut model, "12<esc>");
    assert!(matches!(
        (&model.overlay, &model.workspace.phase),
        (Overlay::None, Phase::Refused(..))
    ));

    assert!(press(&mut model, "r").is_empty());
    assert!(matches!(&model.overlay, Overlay::Code(dialog) if dialog.input.value().is_empty()));
}

fn project(id: &str, name: &str) -> Project {
    Project { id: ProjectId(id.into()), name: name.into(), domain: None, enabled: true }
}

#[test]
fn the_projects_of_an_open_scope_are_listed_and_one_of_them_is_opened_beside_it() {
    let mut model = loaded(100, 30);
    let first = model.workspace.session;
    let effects = press(&mut model, "cp");
    assert!(
        matches!(commands(&effects)[..], [Command::ListProjects(session)] if *session == first)
    );
    assert!(screen(&model).contains("Asking which projects"));

    let projects = Ok(vec![project("p-ops", "operations"), project("p-dev", "development")]);
    engine(&mut model, Event::Projects { session: first, projects });
    assert!(screen(&model).contains("operations"));
    let effects = press(&mut model, "j<enter>");

    let Command::Open { target, .. } = commands(&effects)[0] else { panic!("{effects:?}") };
    assert_eq!(target.project.as_deref(), Some("p-dev"));
    assert_eq!(target.cloud.as_deref(), Some("otc-prod"));
    assert_eq!(model.background[0].session, first);
}

#[test]
fn projects_that_cannot_be_listed_say_why_and_esc_leads_back_to_the_clouds() {
    let mut model = loaded(100, 30);
    let session = model.workspace.session;
    press(&mut model, "cp");
    let failure = Failure::new("list projects", "an application credential belongs to one project");
    engine(&mut model, Event::Projects { session, projects: Err(failure) });
    assert!(screen(&model).contains("belongs to one project"));
    press(&mut model, "<esc>");
    assert!(matches!(&model.overlay, Overlay::Picker(picker) if picker.of.is_none()));
    press(&mut model, "Gp");
    assert!(screen(&model).contains("Enter opens this cloud first"));
}

#[test]
fn a_scope_that_cannot_be_opened_beside_says_so_and_is_tried_again_in_its_own_line() {
    let mut model = loaded(120, 30);
    press(&mut model, "cG<space><esc>");
    let session = model.background[0].session;
    let failure = Failure::new("log in to cloud lab", "no route to the host");
    engine(&mut model, Event::NotOpened { session, failure, asks: None });
    assert!(screen(&model).contains("lab: Cannot log in to cloud lab: no route to the host"));

    let effects = press(&mut model, "cGr");
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]));
    assert_eq!(model.background.len(), 1, "the refused one gave way");
}

/// Before an answer to the login, and after one that failed.
fn not_open() -> [Model; 2] {
    [false, true].map(|failed| {
        let mut model = choosing(80, 24);
        press(&mut model, "jj<enter>");
        let session = model.workspace.session;
        let failure = Failure::new("log in to cloud lab", "nobody answers");
        if failed {
            engine(&mut model, Event::NotOpened { session, failure, asks: None });
        }
        model
    })
}

#[test]
fn the_views_of_the_journal_open_without_a_cloud_and_view_1_still_says_what_it_waits_for() {
    for mut model in not_open() {
        let waits = screen(&model);
        press(&mut model, "4");
        for part in ["What earlier runs did is in view 5", "its cloud is open."] {
            assert!(screen(&model).contains(part), "{}", screen(&model));
        }
        let effects = press(&mut model, "5");
        let asks = |it: &&Command| matches!(it, Command::ListHistory { .. });
        assert_eq!(commands(&effects).into_iter().filter(asks).count(), 1, "{effects:?}");
        press(&mut model, "1");
        assert_eq!(screen(&model), waits);
        press(&mut model, "5<esc>");
        assert_eq!(screen(&model), waits);
    }
}

#[test]
fn the_views_that_need_a_cloud_say_so_and_their_tabs_are_dim() {
    for mut model in not_open() {
        for key in ["2", "3"] {
            press(&mut model, key);
            assert_eq!(model.view, View::Images);
            assert!(screen(&model).contains("No cloud is open"), "{}", screen(&model));
        }
        let drawn = buffer(&model);
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
