//! Sharing with more members, and answering what others share: what is planned is what was typed or chosen.

use super::super::Effect;
use super::super::fixture::{
    DATA, FIRST_READING, LAB, WEB, commands, engine, loaded, loaded_in, marked, membership, plan,
    press, scope, screen, step,
};
use super::super::model::{Model, Overlay};
use crate::domain::{
    CloudKind, Image, Marks, MemberStatus, Operation, OperationId, OperationKind, Outcome,
    ProjectId, ProjectName, Scope, Seen, Source, Step,
};
use crate::engine::{Command, Event, Reading, Wanted};

/// What was confirmed, after the number was typed.
fn confirmed(model: &mut Model, count: &str) -> (OperationKind, Marks) {
    let effects = press(model, &format!("{count}<enter>"));
    let [Command::CarryOut { plan, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    (plan.plan().kind(), plan.plan().marks().clone())
}

fn pairs(marks: &Marks) -> Vec<String> {
    marks.iter().map(|share| format!("{} {}", share.image, share.member.id)).collect()
}

fn complaint(model: &Model) -> Option<String> {
    match &model.overlay {
        Overlay::Share(dialog) => dialog.complaint.clone(),
        _ => None,
    }
}

// ── share ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_image_is_shared_with_those_who_were_typed_by_id_or_by_name() {
    let mut model = loaded(120, 30);
    press(&mut model, "/windows<enter>+");
    assert!(screen(&model).contains("Share windows-2022-sql"));
    press(&mut model, &format!("team-web,{DATA}"));
    let effects = press(&mut model, "<enter>");
    plan(&mut model, effects);

    assert!(screen(&model).contains("Share on otc-prod"), "{}", screen(&model));
    let (kind, marks) = confirmed(&mut model, "2");
    assert_eq!(kind, OperationKind::Share);
    assert_eq!(pairs(&marks), [format!("img-03 {WEB}"), format!("img-03 {DATA}")]);
    assert_eq!(marked(&model).len(), 0);
}

#[test]
fn tab_takes_the_project_under_the_cursor_and_members_are_not_offered() {
    let mut model = loaded(120, 30);
    press(&mut model, "/image:img-02<enter>+");
    let shown = screen(&model);
    assert!(shown.contains(LAB), "{shown}");
    let Overlay::Share(dialog) = &model.overlay else { panic!() };
    assert!(dialog.offers.iter().all(|(id, _)| id != WEB && id != DATA), "both are members");

    press(&mut model, "1f0e<tab>");
    let effects = press(&mut model, "<enter>");
    plan(&mut model, effects);
    assert_eq!(pairs(&confirmed(&mut model, "1").1), [format!("img-02 {LAB}")]);
}

#[test]
fn nobody_is_offered_who_could_not_be_a_member_on_this_cloud() {
    let mut model = loaded(120, 30);
    let (id, name) = (ProjectId("929418".into()), "an account elsewhere".into());
    model.names.put(ProjectName { id, name, source: Source::Alias });
    press(&mut model, "/windows<enter>+");
    let Overlay::Share(dialog) = &model.overlay else { panic!() };
    let offered: Vec<&str> = dialog.offers.iter().map(|(id, _)| id.as_str()).collect();
    assert!(offered.contains(&WEB) && !offered.contains(&"929418"), "{offered:?}");
}

#[test]
fn what_is_neither_an_id_nor_a_known_name_is_not_taken() {
    let mut model = loaded(120, 30);
    press(&mut model, "/windows<enter>+");
    for (typed, words) in [
        ("<enter>", "Type the ids or names"),
        ("team-webb<enter>", "no id, and no name that is known"),
        ("<back><back><back><back><back><back><back><back><back>", ""),
    ] {
        assert!(commands(&press(&mut model, typed)).is_empty());
        assert!(complaint(&model).unwrap_or_default().contains(words), "{:?}", complaint(&model));
    }
    let own = scope().project_id;
    press(&mut model, &format!("{own}<enter>"));
    assert!(complaint(&model).unwrap().contains("own project"));
    press(&mut model, "<esc>");
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn keys_are_typed_in_the_dialog_and_do_nothing_else() {
    let mut model = loaded(120, 30);
    press(&mut model, "/windows<enter>+");
    press(&mut model, "Rqa?1");
    let Overlay::Share(dialog) = &model.overlay else { panic!("{:?}", model.overlay) };
    assert_eq!(dialog.input.value(), "Rqa?1");
    assert!(marked(&model).is_empty());
}

#[test]
fn a_member_is_given_the_images_that_were_typed_by_id_or_by_name() {
    let mut model = loaded(120, 40);
    press(&mut model, "2/member:1f0e<enter>+");
    assert!(screen(&model).contains(&format!("Share images with {LAB}")), "{}", screen(&model));
    let Overlay::Share(dialog) = &model.overlay else { panic!() };
    let offered: Vec<&str> = dialog.offers.iter().map(|(id, _)| id.as_str()).collect();
    assert!(
        offered.contains(&"img-02") && !offered.contains(&"img-01"),
        "one is shared: {offered:?}"
    );
    assert!(!offered.contains(&"img-04") && !offered.contains(&"img-05"), "public, and not ours");

    assert!(press(&mut model, "<enter>").is_empty());
    assert!(complaint(&model).unwrap().contains("names of images"));
    press(&mut model, "img-01<enter>");
    assert!(complaint(&model).unwrap().contains("is not yet"));
    press(&mut model, "<ctrl-u>windows-2022-sql img-02");
    let effects = press(&mut model, "<enter>");
    plan(&mut model, effects);
    let (kind, marks) = confirmed(&mut model, "2");
    assert_eq!(kind, OperationKind::Share);
    assert_eq!(pairs(&marks), [format!("img-02 {LAB}"), format!("img-03 {LAB}")]);
}

#[test]
fn an_image_a_member_reaches_is_shared_with_more_members_from_there() {
    let mut model = loaded(120, 40);
    press(&mut model, "2/member:1f0e<enter><tab>+");
    assert!(screen(&model).contains("Share ubuntu-22.04-golden"), "{}", screen(&model));
}

/// Puts the cursor of the matrix on a cell.
fn go_to_cell(model: &mut Model, image: &str, member: &str) {
    press(model, "3");
    let inventory = &model.workspace.inventory;
    let image = inventory.find(&image.into()).unwrap();
    let member = inventory.members().find(|(_, it)| it.id.raw() == member).unwrap().0;
    let matrix = &mut model.workspace.matrix;
    let row = matrix.rows.iter().position(|ix| *ix == image).unwrap();
    let column = matrix.columns.iter().position(|ix| *ix == member).unwrap();
    matrix.row.go(row, &matrix.rows);
    matrix.column.go(column, &matrix.columns);
}

#[test]
fn an_empty_cell_is_shared_with_its_member_typed_already() {
    let mut model = loaded(140, 40);
    go_to_cell(&mut model, "img-02", LAB);
    press(&mut model, "+");
    let effects = press(&mut model, "<enter>");
    plan(&mut model, effects);
    assert_eq!(pairs(&confirmed(&mut model, "1").1), [format!("img-02 {LAB}")]);
}

#[test]
fn a_cell_that_is_shared_says_so_and_an_account_goes_straight_to_the_plan() {
    let mut model = loaded(140, 40);
    go_to_cell(&mut model, "img-02", WEB);
    assert!(press(&mut model, "+").is_empty());
    assert!(screen(&model).contains("ubuntu-24.04-golden is shared with team-web already."));

    go_to_cell(&mut model, "img-02", "domain-77");
    let effects = press(&mut model, "+");
    plan(&mut model, effects);
    let marks = confirmed(&mut model, "1").1;
    let share = marks.iter().next().unwrap();
    assert_eq!(share.member.kind, crate::domain::MemberKind::Domain);
}

#[test]
fn a_rectangle_is_planned_with_its_empty_cells_alone() {
    let mut model = loaded(140, 40);
    press(&mut model, "3/ubuntu<enter>g0v");
    press(&mut model, "G$");
    let effects = press(&mut model, "+");
    plan(&mut model, effects);
    assert_eq!(pairs(&confirmed(&mut model, "1").1), [format!("img-02 {LAB}")]);
}

// ── received ─────────────────────────────────────────────────────────────────────────────────────

fn with_received() -> Model {
    let mut model = loaded(120, 30);
    let effects = press(&mut model, "o");
    let wanted = commands(&effects).into_iter().find_map(|command| match command {
        Command::Read { wanted, .. } => Some(wanted.clone()),
        _ => None,
    });
    assert_eq!(wanted, Some(Wanted::All { received: true }), "they are read the first time");
    let session = model.workspace.session;
    let reading = Reading::Members(vec![membership(own(), MemberStatus::Pending, 2)]);
    engine(&mut model, Event::Members { session, image: "img-05".into(), reading });
    engine(&mut model, Event::ReadEnded { session, reading: FIRST_READING });
    model
}

fn own() -> &'static str {
    "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
}

#[test]
fn received_images_are_listed_apart_with_the_own_answer_and_their_owner() {
    let mut model = with_received();
    let shown = screen(&model);
    assert!(shown.contains("Received images") && shown.contains("from-afar"), "{shown}");
    assert!(shown.contains("pending") && !shown.contains("ubuntu-22.04-golden"), "{shown}");

    let again = press(&mut model, "o");
    assert!(commands(&again).iter().all(|it| !matches!(it, Command::Read { .. })));
    let shown = screen(&model);
    assert!(!shown.contains("from-afar") && shown.contains("ubuntu-22.04-golden"), "{shown}");
}

#[test]
fn an_answer_is_planned_for_the_own_share_alone_and_confirmed_like_a_revocation() {
    for (key, kind) in [("+", OperationKind::Accept), ("-", OperationKind::Reject)] {
        let mut model = with_received();
        let effects = press(&mut model, key);
        plan(&mut model, effects);
        assert!(
            screen(&model).contains(&format!("Type 1 to {kind} 1 share")),
            "{}",
            screen(&model)
        );
        let (planned, marks) = confirmed(&mut model, "1");
        assert_eq!((planned, pairs(&marks)), (kind, vec![format!("img-05 {}", own())]));
    }
}

#[test]
fn a_choice_goes_when_it_is_answered_and_marks_have_nothing_to_do_with_it() {
    let mut model = with_received();
    press(&mut model, "<space>");
    assert!(model.workspace.received.chosen.contains(&"img-05".into()));
    assert!(marked(&model).is_empty());

    let id = "9a";
    let marks = model.own_shares(["img-05".into()]);
    let share = marks.iter().next().unwrap();
    let started =
        Operation::new(OperationId(id.into()), OperationKind::Accept, scope(), &marks, model.now);
    engine(&mut model, Event::Started(Box::new(started)));
    let settled = |outcome| Step::Settled {
        share: share.clone(),
        outcome,
        after: Some(Seen::Absent),
        error: None,
    };
    step(&mut model, id, settled(Outcome::Failed));
    assert_eq!(model.workspace.received.chosen.len(), 1);
    step(&mut model, id, settled(Outcome::Done));
    assert!(model.workspace.received.chosen.is_empty());
}

#[test]
fn nothing_can_be_answered_where_nothing_was_received() {
    let mut model = loaded(120, 30);
    press(&mut model, "o/nosuch<enter>");
    let effects = press(&mut model, "+");
    assert!(commands(&effects).is_empty());
    assert!(screen(&model).contains("There is no image to accept."));
}

#[test]
fn a_full_ecs_image_is_left_out_of_accepting_with_the_command_that_takes_a_vault() {
    let mut model = with_received();
    let (session, ix) = (model.workspace.session, model.image().unwrap());
    let whole = Image { whole: true, ..model.workspace.inventory.image(ix).clone() };
    engine(&mut model, Event::Images { session, images: vec![whole] });

    let effects = press(&mut model, "+");

    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Plan { .. })), "{effects:?}");
    let said = model.log.last().unwrap().1;
    assert!(said.contains("from-afar") && said.contains("--vault ID"), "{said}");
    let effects = press(&mut model, "-");
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Plan { .. })),
        "rejecting needs none"
    );
}

#[test]
fn images_that_are_shared_with_others_alone_are_not_taken_for_received_ones() {
    let glance = Scope { kind: CloudKind::Glance, ..scope() };
    let mut model = loaded_in(glance, 120, 30);
    press(&mut model, "o");
    // Its members are known, and this project is none of them: an administrator sees it all the same.
    let shown = screen(&model);
    assert!(!shown.contains("from-afar") && shown.contains("1 of others left out"), "{shown}");

    let session = model.workspace.session;
    let reading = Reading::Members(vec![membership(own(), MemberStatus::Pending, 2)]);
    engine(&mut model, Event::Members { session, image: "img-05".into(), reading });
    assert!(screen(&model).contains("from-afar"));
}
