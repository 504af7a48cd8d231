//! Several scopes in one list: each row belongs to one of them, and so does everything done to it.

use crate::tui::app::update;
use crate::tui::fixture;
use insta::assert_snapshot;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::fixture::{
    DATA, FIRST_READING, LAB, WEB, commands, engine, image, loaded, membership, plan, press,
    press_revoke, scope, screen,
};
use crate::tui::overlays::plan::state::PlanDialog;
use domain::{Image, Limits, MemberStatus, ProjectId, Scope};
use engine::{Command, Event, Reading, SessionId};

const FIRST: SessionId = SessionId(1);
const SECOND: SessionId = SessionId(2);

fn lab() -> Scope {
    let (id, name) = (ProjectId("lab-project".into()), Some("sandbox".into()));
    Scope { cloud: "lab".into(), region: None, project_id: id, project_name: name, ..scope() }
}

/// Two scopes are open and read, and listed together.
fn both(width: u16, height: u16) -> App {
    let mut app = loaded(width, height);
    press(&mut app, "cG<space><esc>");
    engine(&mut app, Event::Opened { session: SECOND, scope: lab(), limits: Limits::BATCH });
    let own = |id: &str, name: &str| Image { owner: Some(lab().project_id), ..image(id, name, 5) };
    let images = vec![own("lab-1", "ubuntu-23.10-lab"), own("img-01", "same id elsewhere")];
    engine(&mut app, Event::Images { session: SECOND, images });
    for (image, member) in [("lab-1", LAB), ("img-01", DATA)] {
        let reading = Reading::Members(vec![membership(member, MemberStatus::Accepted, 6)]);
        engine(&mut app, Event::Members { session: SECOND, image: image.into(), reading });
    }
    engine(&mut app, Event::ReadEnded { session: SECOND, reading: FIRST_READING });
    assert_eq!(app.workspace.session, FIRST);
    press(&mut app, "t");
    app
}

fn on(app: &mut App, name: &str) {
    press(app, "g");
    for _ in 0..20 {
        let under = app.image().map(|ix| app.workspace.inventory.image(ix).label());
        if under.as_deref() == Some(name) {
            return;
        }
        press(app, "j");
    }
    panic!("no row {name}");
}

fn marks(app: &App, session: SessionId) -> usize {
    app.workspace_of(session).unwrap().marks.len()
}

#[test]
fn the_images_of_every_open_scope_are_listed_with_their_scope() {
    assert_snapshot!("both-80x24", screen(&both(80, 24)));
    assert_snapshot!("both-140x40", screen(&both(140, 40)));
}

#[test]
fn one_scope_alone_is_not_listed_together_and_the_key_says_why() {
    let mut app = loaded(80, 24);
    press(&mut app, "t");
    assert!(app.all_scopes.is_none());
    assert!(screen(&app).contains("Only one scope is open"));
}

#[test]
fn a_mark_belongs_to_the_scope_of_its_row_even_where_two_images_have_one_id() {
    let mut app = both(120, 30);
    on(&mut app, "same id elsewhere");
    press(&mut app, "<space>");
    assert_eq!((marks(&app, FIRST), marks(&app, SECOND)), (0, 1));
    on(&mut app, "ubuntu-22.04-golden");
    press(&mut app, "<space>");
    assert_eq!((marks(&app, FIRST), marks(&app, SECOND)), (3, 1));
    assert!(screen(&app).contains("● 4 marked on 2 images"));
}

#[test]
fn a_plan_is_sent_to_the_scope_it_was_made_for() {
    let mut app = both(120, 40);
    on(&mut app, "same id elsewhere");
    press(&mut app, "<space>");
    on(&mut app, "ubuntu-22.04-golden");
    press(&mut app, "<space>");
    on(&mut app, "ubuntu-23.10-lab");

    press_revoke(&mut app);
    let Some(dialog) = app.dialog::<PlanDialog>() else { panic!("{:?}", app.overlay) };
    assert_eq!((dialog.scope.cloud.as_str(), dialog.plan.shares()), ("lab", 1));
    let effects = press(&mut app, "1<enter>");

    let Command::CarryOut { session, plan } = commands(&effects)[0] else { panic!("{effects:?}") };
    assert_eq!((*session, plan.plan().shares()), (SECOND, 1));
    assert!(screen(&app).contains("3 marks in otc-prod"));
}

#[test]
fn a_list_that_changes_under_an_open_dialog_does_not_change_what_the_dialog_is_about() {
    let mut app = both(120, 40);
    on(&mut app, "ubuntu-23.10-lab");
    press(&mut app, "<space>");
    let effects = press(&mut app, "R");
    // Another image of the other scope comes to stand in the row under the cursor, before the plan is there.
    let gone = Event::Listed {
        session: SECOND,
        reading: FIRST_READING,
        present: Some(vec![]),
        failures: vec![],
    };
    engine(&mut app, gone);
    let first = image("img-00", "aaa", 1);
    engine(&mut app, Event::Images { session: FIRST, images: vec![first] });
    plan(&mut app, effects);

    let Some(dialog) = app.dialog::<PlanDialog>() else { panic!("{:?}", app.overlay) };
    assert_eq!((dialog.session, dialog.scope.cloud.as_str()), (SECOND, "lab"));
    let effects = press(&mut app, "1<enter>");
    assert!(matches!(
        commands(&effects)[0],
        Command::CarryOut { session, .. } if *session == SECOND
    ));
}

#[test]
fn revoke_finds_the_marks_of_another_scope_where_the_row_has_none() {
    let mut app = both(120, 40);
    on(&mut app, "ubuntu-23.10-lab");
    press(&mut app, "<space>");
    on(&mut app, "ubuntu-24.04-golden");
    press_revoke(&mut app);
    let Some(dialog) = app.dialog::<PlanDialog>() else { panic!("{:?}", app.overlay) };
    assert_eq!(dialog.session, SECOND);
}

#[test]
fn all_marks_and_clears_in_every_scope_that_is_listed() {
    let mut app = both(120, 30);
    press(&mut app, "/ubuntu<enter>a");
    assert_eq!((marks(&app, FIRST), marks(&app, SECOND)), (5, 1));
    press(&mut app, "A");
    assert_eq!((marks(&app, FIRST), marks(&app, SECOND)), (0, 0));
}

#[test]
fn a_filter_holds_for_all_and_is_not_lost_when_the_row_under_the_cursor_is_of_another_scope() {
    let mut app = both(120, 30);
    press(&mut app, "/lab");
    assert_eq!(app.workspace.session, SECOND);
    press(&mut app, "<back><back><back>golden");
    assert_eq!((app.workspace.session, app.workspace.images.filter.line()), (FIRST, "golden"));
    assert!(!screen(&app).contains("ubuntu-23.10-lab"));
    press(&mut app, "<esc>");
    assert!(screen(&app).contains("ubuntu-23.10-lab"));
}

#[test]
fn sorting_goes_through_the_columns_and_ends_with_the_scope() {
    let mut app = both(120, 30);
    press(&mut app, "s");
    assert!(screen(&app).contains("members▼"));
    press(&mut app, "sss");
    assert!(screen(&app).contains("scope▲"));
    let scopes: Vec<SessionId> =
        app.all_scopes.as_ref().unwrap().list.rows.iter().map(|(session, _)| *session).collect();
    assert!(scopes.is_sorted());
}

#[test]
fn members_in_view_are_asked_for_in_their_own_scope() {
    let mut app = both(120, 30);
    let own = Image { owner: Some(lab().project_id), ..image("lab-9", "aaa-new", 1) };
    update::update(
        &mut app,
        crate::tui::Msg {
            now: fixture::NOW,
            what: crate::tui::What::Engine(Event::Images { session: SECOND, images: vec![own] }),
        },
    );
    let asked: Vec<Effect> = app.settle_and_request();
    assert!(commands(&asked).iter().any(|command| matches!(
        command,
        Command::Prioritize { session: SECOND, images } if images.contains(&"lab-9".into())
    )));
}

#[test]
fn leaving_shows_the_scope_of_the_row_and_its_place_there() {
    let mut app = both(120, 30);
    on(&mut app, "ubuntu-23.10-lab");
    press(&mut app, "t");
    assert_eq!((app.workspace.session, app.background.len()), (SECOND, 1));
    let under = app.image().map(|ix| app.workspace.inventory.image(ix).label());
    assert_eq!(under.as_deref(), Some("ubuntu-23.10-lab"));
    assert!(!screen(&app).contains(WEB));
}

#[test]
fn a_way_from_another_view_to_a_share_stays_in_its_scope() {
    for way in ["2<tab><enter>", "3<enter>"] {
        let mut app = both(120, 30);
        on(&mut app, "ubuntu-23.10-lab");
        press(&mut app, way);
        assert_eq!(app.workspace.session, SECOND, "{way}");
        let under = app.image().map(|ix| app.workspace.inventory.image(ix).label());
        assert!(
            under.is_some_and(|label| label.contains("lab") || label.contains("same id")),
            "{way}"
        );
        assert!(app.all_scopes.is_none());
    }
}

#[test]
fn what_was_received_is_listed_for_the_scope_of_the_row_alone() {
    let mut app = both(120, 30);
    on(&mut app, "ubuntu-23.10-lab");
    press(&mut app, "o");
    assert!(app.all_scopes.is_none() && app.workspace.received.shown);
    assert_eq!(app.workspace.session, SECOND);
    assert!(!screen(&app).contains("from-afar"), "that is received in the other scope");
}

#[test]
fn a_range_over_several_scopes_is_marked_in_each_and_unmarked_again() {
    let mut app = both(120, 30);
    press(&mut app, "gvG<space>");
    let (first, second) = (marks(&app, FIRST), marks(&app, SECOND));
    assert!(first > 0 && second > 0, "{first}, {second}");
    press(&mut app, "gvG<space>");
    assert_eq!((marks(&app, FIRST), marks(&app, SECOND)), (0, 0));
}
