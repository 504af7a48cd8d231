//! Sharing with more members, and answering what others share: what is planned is what was typed or chosen.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::fixture::{
    DATA, FIRST_READING, LAB, WEB, commands, engine, loaded, loaded_in, marked, membership, plan,
    press, scope, screen, step,
};
use crate::tui::overlays::share::state::ShareDialog;
use domain::{
    CloudKind, Image, Marks, MemberStatus, Operation, OperationId, OperationKind, Outcome,
    ProjectId, ProjectName, Scope, Seen, Source, Step,
};
use engine::{Command, Event, Reading, Wanted};

/// What was confirmed, after the number was typed.
fn confirmed(app: &mut App, count: &str) -> (OperationKind, Marks) {
    let effects = press(app, &format!("{count}<enter>"));
    let [Command::CarryOut { plan, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    (plan.plan().kind(), plan.plan().marks().clone())
}

fn pairs(marks: &Marks) -> Vec<String> {
    marks.iter().map(|share| format!("{} {}", share.image, share.member.id)).collect()
}

fn complaint(app: &App) -> Option<String> {
    match app.dialog::<ShareDialog>() {
        Some(dialog) => dialog.complaint.clone(),
        _ => None,
    }
}

// ── share ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_image_is_shared_with_those_who_were_typed_by_id_or_by_name() {
    let mut app = loaded(120, 30);
    press(&mut app, "/windows<enter>+");
    assert!(screen(&app).contains("Share windows-2022-sql"));
    press(&mut app, &format!("team-web,{DATA}"));
    let effects = press(&mut app, "<enter>");
    plan(&mut app, effects);

    assert!(screen(&app).contains("Share on otc-prod"), "{}", screen(&app));
    let (kind, marks) = confirmed(&mut app, "2");
    assert_eq!(kind, OperationKind::Share);
    assert_eq!(pairs(&marks), [format!("img-03 {WEB}"), format!("img-03 {DATA}")]);
    assert_eq!(marked(&app).len(), 0);
}

#[test]
fn tab_takes_the_project_under_the_cursor_and_members_are_not_offered() {
    let mut app = loaded(120, 30);
    press(&mut app, "/image:img-02<enter>+");
    let shown = screen(&app);
    assert!(shown.contains(LAB), "{shown}");
    let Some(dialog) = app.dialog::<ShareDialog>() else { panic!() };
    assert!(dialog.offers.iter().all(|(id, _)| id != WEB && id != DATA), "both are members");

    press(&mut app, "1f0e<tab>");
    let effects = press(&mut app, "<enter>");
    plan(&mut app, effects);
    assert_eq!(pairs(&confirmed(&mut app, "1").1), [format!("img-02 {LAB}")]);
}

#[test]
fn nobody_is_offered_who_could_not_be_a_member_on_this_cloud() {
    let mut app = loaded(120, 30);
    let (id, name) = (ProjectId("929418".into()), "an account elsewhere".into());
    app.names.put(ProjectName { id, name, source: Source::Alias });
    press(&mut app, "/windows<enter>+");
    let Some(dialog) = app.dialog::<ShareDialog>() else { panic!() };
    let offered: Vec<&str> = dialog.offers.iter().map(|(id, _)| id.as_str()).collect();
    assert!(offered.contains(&WEB) && !offered.contains(&"929418"), "{offered:?}");
}

#[test]
fn what_is_neither_an_id_nor_a_known_name_is_not_taken() {
    let mut app = loaded(120, 30);
    press(&mut app, "/windows<enter>+");
    for (typed, words) in [
        ("<enter>", "Type the ids or names"),
        ("team-webb<enter>", "is not an ID"),
        ("<back><back><back><back><back><back><back><back><back>", ""),
    ] {
        assert!(commands(&press(&mut app, typed)).is_empty());
        assert!(complaint(&app).unwrap_or_default().contains(words), "{:?}", complaint(&app));
    }
    let own = scope().project_id;
    press(&mut app, &format!("{own}<enter>"));
    assert!(complaint(&app).unwrap().contains("own project"));
    press(&mut app, "<esc>");
    assert!(app.overlay.is_none());
}

#[test]
fn keys_are_typed_in_the_dialog_and_do_nothing_else() {
    let mut app = loaded(120, 30);
    press(&mut app, "/windows<enter>+");
    press(&mut app, "Rqa?1");
    let Some(dialog) = app.dialog::<ShareDialog>() else { panic!("{:?}", app.overlay) };
    assert_eq!(dialog.input.value(), "Rqa?1");
    assert!(marked(&app).is_empty());
}

#[test]
fn a_member_is_given_the_images_that_were_typed_by_id_or_by_name() {
    let mut app = loaded(120, 40);
    press(&mut app, "2/member:1f0e<enter>+");
    assert!(screen(&app).contains(&format!("Share images with {LAB}")), "{}", screen(&app));
    let Some(dialog) = app.dialog::<ShareDialog>() else { panic!() };
    let offered: Vec<&str> = dialog.offers.iter().map(|(id, _)| id.as_str()).collect();
    assert!(
        offered.contains(&"img-02") && !offered.contains(&"img-01"),
        "one is shared: {offered:?}"
    );
    assert!(!offered.contains(&"img-04") && !offered.contains(&"img-05"), "public, and not ours");

    assert!(press(&mut app, "<enter>").is_empty());
    assert!(complaint(&app).unwrap().contains("names of images"));
    press(&mut app, "img-01<enter>");
    assert!(complaint(&app).unwrap().contains("can still share"));
    press(&mut app, "<ctrl-u>windows-2022-sql img-02");
    let effects = press(&mut app, "<enter>");
    plan(&mut app, effects);
    let (kind, marks) = confirmed(&mut app, "2");
    assert_eq!(kind, OperationKind::Share);
    assert_eq!(pairs(&marks), [format!("img-02 {LAB}"), format!("img-03 {LAB}")]);
}

#[test]
fn an_image_a_member_reaches_is_shared_with_more_members_from_there() {
    let mut app = loaded(120, 40);
    press(&mut app, "2/member:1f0e<enter><tab>+");
    assert!(screen(&app).contains("Share ubuntu-22.04-golden"), "{}", screen(&app));
}

/// Puts the cursor of the matrix on a cell.
fn go_to_cell(app: &mut App, image: &str, member: &str) {
    press(app, "3");
    let inventory = &app.workspace.inventory;
    let image = inventory.find(&image.into()).unwrap();
    let member = inventory.members().find(|(_, it)| it.id.raw() == member).unwrap().0;
    let matrix = &mut app.workspace.matrix;
    let row = matrix.rows.iter().position(|ix| *ix == image).unwrap();
    let column = matrix.columns.iter().position(|ix| *ix == member).unwrap();
    matrix.row.go(row, &matrix.rows);
    matrix.column.go(column, &matrix.columns);
}

#[test]
fn an_empty_cell_is_shared_with_its_member_typed_already() {
    let mut app = loaded(140, 40);
    go_to_cell(&mut app, "img-02", LAB);
    press(&mut app, "+");
    let effects = press(&mut app, "<enter>");
    plan(&mut app, effects);
    assert_eq!(pairs(&confirmed(&mut app, "1").1), [format!("img-02 {LAB}")]);
}

#[test]
fn a_cell_that_is_shared_says_so_and_an_account_goes_straight_to_the_plan() {
    let mut app = loaded(140, 40);
    go_to_cell(&mut app, "img-02", WEB);
    assert!(press(&mut app, "+").is_empty());
    assert!(screen(&app).contains("ubuntu-24.04-golden is shared with team-web already."));

    go_to_cell(&mut app, "img-02", "domain-77");
    let effects = press(&mut app, "+");
    plan(&mut app, effects);
    let marks = confirmed(&mut app, "1").1;
    let share = marks.iter().next().unwrap();
    assert_eq!(share.member.kind, domain::MemberKind::Domain);
}

#[test]
fn a_rectangle_is_planned_with_its_empty_cells_alone() {
    let mut app = loaded(140, 40);
    press(&mut app, "3/ubuntu<enter>g0v");
    press(&mut app, "G$");
    let effects = press(&mut app, "+");
    plan(&mut app, effects);
    assert_eq!(pairs(&confirmed(&mut app, "1").1), [format!("img-02 {LAB}")]);
}

// ── received ─────────────────────────────────────────────────────────────────────────────────────

fn with_received() -> App {
    let mut app = loaded(120, 30);
    let effects = press(&mut app, "o");
    let wanted = commands(&effects).into_iter().find_map(|command| match command {
        Command::Read { wanted, .. } => Some(wanted.clone()),
        _ => None,
    });
    assert_eq!(wanted, Some(Wanted::All { received: true }), "they are read the first time");
    let session = app.workspace.session;
    let reading = Reading::Members(vec![membership(own(), MemberStatus::Pending, 2)]);
    engine(&mut app, Event::Members { session, image: "img-05".into(), reading });
    engine(&mut app, Event::ReadEnded { session, reading: FIRST_READING });
    app
}

fn own() -> &'static str {
    "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
}

#[test]
fn received_images_are_listed_apart_with_the_own_answer_and_their_owner() {
    let mut app = with_received();
    let shown = screen(&app);
    assert!(shown.contains("Received images") && shown.contains("from-afar"), "{shown}");
    assert!(shown.contains("pending") && !shown.contains("ubuntu-22.04-golden"), "{shown}");

    let again = press(&mut app, "o");
    assert!(commands(&again).iter().all(|it| !matches!(it, Command::Read { .. })));
    let shown = screen(&app);
    assert!(!shown.contains("from-afar") && shown.contains("ubuntu-22.04-golden"), "{shown}");
}

#[test]
fn an_answer_is_planned_for_the_own_share_alone_and_confirmed_like_a_revocation() {
    for (key, kind) in [("+", OperationKind::Accept), ("-", OperationKind::Reject)] {
        let mut app = with_received();
        let effects = press(&mut app, key);
        plan(&mut app, effects);
        assert!(screen(&app).contains(&format!("Type 1 to {kind} 1 share")), "{}", screen(&app));
        let (planned, marks) = confirmed(&mut app, "1");
        assert_eq!((planned, pairs(&marks)), (kind, vec![format!("img-05 {}", own())]));
    }
}

#[test]
fn a_choice_goes_when_it_is_answered_and_marks_have_nothing_to_do_with_it() {
    let mut app = with_received();
    press(&mut app, "<space>");
    assert!(app.workspace.received.chosen.contains(&"img-05".into()));
    assert!(marked(&app).is_empty());

    let id = "9a";
    let marks = app.own_shares(["img-05".into()]);
    let share = marks.iter().next().unwrap();
    let started =
        Operation::new(OperationId(id.into()), OperationKind::Accept, scope(), &marks, app.now);
    engine(&mut app, Event::Started(Box::new(started)));
    let settled = |outcome| Step::Settled {
        share: share.clone(),
        outcome,
        after: Some(Seen::Absent),
        error: None,
    };
    step(&mut app, id, settled(Outcome::Failed));
    assert_eq!(app.workspace.received.chosen.len(), 1);
    step(&mut app, id, settled(Outcome::Done));
    assert!(app.workspace.received.chosen.is_empty());
}

#[test]
fn nothing_can_be_answered_where_nothing_was_received() {
    let mut app = loaded(120, 30);
    press(&mut app, "o/nosuch<enter>");
    let effects = press(&mut app, "+");
    assert!(commands(&effects).is_empty());
    assert!(screen(&app).contains("There is no image to accept."));
}

#[test]
fn a_full_ecs_image_is_left_out_of_accepting_with_the_command_that_takes_a_vault() {
    let mut app = with_received();
    let (session, ix) = (app.workspace.session, app.image().unwrap());
    let whole = Image { whole: true, ..app.workspace.inventory.image(ix).clone() };
    engine(&mut app, Event::Images { session, images: vec![whole] });

    let effects = press(&mut app, "+");

    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Plan { .. })), "{effects:?}");
    let said = app.log.last().unwrap().1;
    assert!(said.contains("from-afar") && said.contains("--vault ID"), "{said}");
    let effects = press(&mut app, "-");
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Plan { .. })),
        "rejecting needs none"
    );
}

#[test]
fn images_that_are_shared_with_others_alone_are_not_taken_for_received_ones() {
    let glance = Scope { kind: CloudKind::Glance, ..scope() };
    let mut app = loaded_in(glance, 120, 30);
    press(&mut app, "o");
    // Its members are known, and this project is none of them: an administrator sees it all the same.
    let shown = screen(&app);
    assert!(!shown.contains("from-afar") && shown.contains("1 of others left out"), "{shown}");

    let session = app.workspace.session;
    let reading = Reading::Members(vec![membership(own(), MemberStatus::Pending, 2)]);
    engine(&mut app, Event::Members { session, image: "img-05".into(), reading });
    assert!(screen(&app).contains("from-afar"));
}
