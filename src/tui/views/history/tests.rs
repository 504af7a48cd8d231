//! The History view: what is loaded when, what a receipt says, verifying again and undo.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::fixture::{
    DATA, NOW, WEB, commands, engine, engine_and_frame, finished, loaded, press, remembered,
    running, screen, share, starting, step, wait,
};
use crate::tui::views::ViewId;
use crate::tui::views::history::state::HistoryFocus;
use domain::operation::{Change, Comparison};
use domain::{
    Failure, MemberStatus, Moment, Operation, OperationId, OperationKind, Scope, Seen, Step,
};
use engine::{Command, Event, Summary};

const ID: &str = "7f3a0c11-4d2e";

/// Operations of other runs, as the journal lists them.
pub(crate) fn summary(number: usize) -> Summary {
    let operation = remembered(&format!("{number:08x}-0000"));
    Summary {
        id: operation.id.clone(),
        kind: operation.kind,
        scope: operation.scope.clone(),
        started_at: Moment(NOW.0 - 100_000_000 + i64::try_from(number).unwrap() * 60_000),
        ended_at: operation.ended_at,
        stage: operation.stage,
        open: false,
        shares: 3,
        undoes: None,
        undone_by: vec![],
        done: 2,
        failed: 1,
        needless: 0,
        unknown: 0,
    }
}

fn asked_page(effects: &[Effect]) -> Option<(u32, Option<OperationId>)> {
    commands(effects).into_iter().find_map(|command| match command {
        Command::ListHistory { ticket, before, .. } => Some((*ticket, before.clone())),
        _ => None,
    })
}

fn asked_one(effects: &[Effect]) -> Option<String> {
    commands(effects).into_iter().find_map(|command| match command {
        Command::FindOperation(id) => Some(id.clone()),
        _ => None,
    })
}

fn page(app: &mut App, ticket: u32, numbers: std::ops::Range<usize>) -> Vec<Effect> {
    let page = Ok(numbers.rev().map(summary).collect());
    engine_and_frame(app, Event::History { ticket, page })
}

fn recalled(app: &mut App, operation: Operation) -> Vec<Effect> {
    engine_and_frame(app, Event::OperationFound(Ok(Box::new(operation))))
}

/// The view with five operations of other runs, the newest under the cursor and loaded.
pub(crate) fn history(width: u16, height: u16) -> App {
    let mut app = loaded(width, height);
    let effects = press(&mut app, "5");
    let (ticket, _) = asked_page(&effects).unwrap();
    let effects = page(&mut app, ticket, 0..5);
    let id = asked_one(&effects).unwrap();
    recalled(&mut app, remembered(&id));
    app
}

fn under(app: &App) -> String {
    app.history.current().unwrap().summary.id.0.clone()
}

#[test]
fn pages_are_loaded_as_one_comes_near_the_end_and_none_twice() {
    let mut app = loaded(120, 30);
    assert_eq!(asked_page(&press(&mut app, "4")), None, "nobody looks at it");
    let effects = press(&mut app, "5");
    let (first, before) = asked_page(&effects).unwrap();
    assert_eq!(before, None);
    assert_eq!(asked_page(&press(&mut app, "jk")), None, "it is on its way");

    let effects = page(&mut app, first, 200..400);
    assert_eq!(asked_page(&effects), None);
    let (second, before) = asked_page(&press(&mut app, "G")).unwrap();
    assert_eq!(before.unwrap().0, summary(200).id.0);
    page(&mut app, first, 0..200);
    assert_eq!(app.history.entries.len(), 200, "an old answer is no answer");
    page(&mut app, second, 150..200);
    assert_eq!(app.history.entries.len(), 250);
    assert_eq!(asked_page(&press(&mut app, "G")), None, "that was all");
    assert!(screen(&app).contains("History ─ 250"));
}

#[test]
fn the_receipt_under_the_cursor_is_loaded_once_and_one_at_a_time() {
    let mut app = history(120, 40);
    assert_eq!(asked_one(&press(&mut app, "jj")).as_deref(), Some("00000003-0000"));
    let effects = recalled(&mut app, remembered("00000003-0000"));
    assert_eq!(asked_one(&effects).as_deref(), Some("00000002-0000"), "the one it is on now");
    recalled(&mut app, remembered("00000002-0000"));
    assert_eq!(asked_one(&press(&mut app, "kkjj")), None);
}

#[test]
fn a_receipt_tells_who_where_when_and_every_share_before_and_after() {
    let app = history(140, 60);
    let screen = screen(&app);
    for text in [
        "alice",
        "image-factory",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "otc-prod · eu-de · ims",
        "https://ims.eu-de.otc.t-systems.com",
        "confirmed 2026-11-22T",
        "ubuntu-22.04-golden",
        WEB,
        "accepted since 2024-12-22 → absent",
        "accepted since 2026-11-13 → accepted since 2026-11-13",
        "✗ still-shared",
        "not allowed: quota",
        "req-send-1",
        "ff8080814dbd65d7014dbe0d84db0013",
    ] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
}

#[test]
fn a_journal_or_an_operation_that_cannot_be_read_is_told_and_tried_again_when_asked_for() {
    let mut app = loaded(120, 30);
    let (ticket, _) = asked_page(&press(&mut app, "5")).unwrap();
    let failure = Failure::new("read the history", "the journal is damaged");
    engine(&mut app, Event::History { ticket, page: Err(failure) });
    assert!(screen(&app).contains("the journal is damaged"), "{}", screen(&app));
    assert_eq!(asked_page(&press(&mut app, "j")), None);
    let (ticket, _) = asked_page(&press(&mut app, "r")).unwrap();

    page(&mut app, ticket, 0..2);
    let failure = Failure::new("find the operation", "there is none in the journal");
    let effects = engine(&mut app, Event::OperationFound(Err(failure)));
    assert_eq!(asked_one(&effects), None);
    assert!(screen(&app).contains("there is none in the"), "{}", screen(&app));
}

#[test]
fn needs_no_login() {
    let mut app = starting(120, 30);
    app.view = ViewId::Jobs;
    assert!(asked_page(&press(&mut app, "5")).is_some());
    assert!(screen(&app).contains("The journal is being read"));
    let effects = press(&mut app, "v");
    assert!(commands(&effects).is_empty());
}

#[test]
fn the_filter_looks_at_kinds_places_and_every_id_that_is_known() {
    let mut app = history(120, 30);
    let listed = |app: &mut App, line: &str| {
        press(app, &format!("/<ctrl-u>{line}<enter>"));
        app.history.list.rows.len()
    };
    assert_eq!(listed(&mut app, "00000002"), 1);
    assert_eq!(listed(&mut app, "rvk"), 5, "letters in order of revoke");
    assert_eq!(listed(&mut app, "!revoke"), 0);
    assert!(screen(&app).contains("The filter lets none"));
    assert_eq!(listed(&mut app, "otc alice"), 5);
    assert_eq!(listed(&mut app, &WEB[..9]), 1, "of the one receipt that was looked at");
    assert_eq!(listed(&mut app, "img-02"), 1);
    press(&mut app, "<esc>");
    assert_eq!(app.history.list.rows.len(), 5);
    press(&mut app, "/qq<esc>");
    assert_eq!((app.history.filter.line(), app.history.list.rows.len()), ("", 5));
    assert_eq!(app.workspace.images.filter.line(), "", "the filter of the images is another");
}

#[test]
fn a_filter_does_not_load_a_whole_journal() {
    let mut app = loaded(120, 30);
    let mut asked = asked_page(&press(&mut app, "5"));
    press(&mut app, "/nothing-like-it");
    let mut pages = 0;
    while let Some((ticket, _)) = asked {
        let from = 100_000 - pages * 200;
        asked = asked_page(&page(&mut app, ticket, from - 200..from));
        pages += 1;
        assert!(pages < 30, "it never stops");
    }
    assert!(pages > 20, "it looks through some: {pages}");
    assert!(screen(&app).contains("sharelock history"), "{}", screen(&app));
}

fn later(change: Change, now: Option<Seen>) -> Comparison {
    Comparison { change, now, remark: None }
}

#[test]
fn v_reads_the_members_again_and_shows_what_is_different_first() {
    let mut app = history(160, 50);
    let effects = press(&mut app, "v");
    let session = app.workspace.session;
    let [Command::Verify { operation, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(operation.id.0, "00000004-0000");
    let id = operation.id.clone();
    assert!(screen(&app).contains("verifying"));
    assert!(app.next_tick().is_some());
    assert!(commands(&press(&mut app, "v")).is_empty(), "one at a time");

    engine(&mut app, Event::Verifying { session, operation: id.clone(), read: 8, of: 20 });
    assert!(screen(&app).contains("verifying 8 of 20"), "{}", screen(&app));
    let back = Seen::Listed {
        status: MemberStatus::Pending,
        created_at: Some(Moment(NOW.0 - 3 * 3_600_000)),
        updated_at: None,
    };
    let shares = vec![
        later(Change::Unchanged, Some(Seen::Absent)),
        later(Change::SharedSince, Some(back)),
        later(Change::Unknown, None),
    ];
    engine(&mut app, Event::Verified { session, operation: id, at: NOW, shares });
    let screen = screen(&app);
    assert!(screen.contains("1 as-it-was, 1 shared-since, 1 unknown"), "{screen}");
    assert!(screen.contains("shared again since 3h"), "{screen}");
    let place = |text| screen.find(text).unwrap();
    assert!(place("shared again since 3h") < place("now: unchanged"));
    assert!(!screen.contains("verifying"));
}

#[test]
fn nothing_is_verified_or_undone_where_one_is_not_logged_in() {
    let mut app = history(120, 40);
    let id = under(&app);
    let elsewhere = Scope {
        cloud: "lab".into(),
        endpoint: "http://lab".into(),
        ..app.scope().unwrap().clone()
    };
    let mut strange = remembered(&id);
    strange.scope = elsewhere;
    recalled(&mut app, strange);
    for key in ["v", "u"] {
        assert!(commands(&press(&mut app, key)).is_empty());
        assert!(app.overlay.is_none());
        assert!(screen(&app).contains("it belongs to another scope"), "{}", screen(&app));
        wait(&mut app, 60);
    }
}

#[test]
fn u_plans_the_inverse_of_what_was_really_done() {
    for from_jobs in [false, true] {
        let mut app = if from_jobs { finished(120, 40) } else { history(120, 40) };
        let effects = press(&mut app, if from_jobs { "4u" } else { "u" });
        let [Effect::Plan { kind, undoes, marks, .. }] = &effects[..] else {
            panic!("{effects:?}")
        };
        assert_eq!(*kind, OperationKind::Share);
        let id = if from_jobs { ID } else { "00000004-0000" };
        assert_eq!(undoes.as_ref().unwrap().0, id);
        assert_eq!(marks.iter().collect::<Vec<_>>(), [share("img-01", WEB)]);
    }
}

#[test]
fn what_cannot_be_undone_is_told() {
    let mut app = running(120, 40);
    assert!(press(&mut app, "4u").is_empty());
    assert!(screen(&app).contains("it is unfinished"));

    let mut app = history(120, 40);
    let id = under(&app);
    let mut answer = remembered(&id);
    answer.kind = OperationKind::Reject;
    recalled(&mut app, answer);
    press(&mut app, "u");
    assert!(screen(&app).contains("an answer cannot be undone"), "{}", screen(&app));
}

#[test]
fn operations_of_this_run_are_there_at_once_and_move_with_their_steps() {
    let mut app = running(120, 50);
    let (ticket, _) = asked_page(&press(&mut app, "5")).unwrap();
    assert!(screen(&app).contains(ID), "before the journal was read");
    assert_eq!(asked_one(&page(&mut app, ticket, 0..3)), None, "all of it is known");
    assert_eq!(under(&app), ID);
    assert!(screen(&app).contains("3 shares open"), "{}", screen(&app));

    step(&mut app, ID, Step::Verifying);
    for member in [WEB, DATA] {
        let (share, outcome) = (share("img-01", member), domain::Outcome::Done);
        step(&mut app, ID, Step::Settled { share, outcome, after: None, error: None });
    }
    assert!(screen(&app).contains("2 revoked"), "{}", screen(&app));
    step(&mut app, ID, Step::Finished { at: NOW });
    assert!(screen(&app).contains("2 revoked, 1 open"), "{}", screen(&app));
    assert_eq!(app.history.entries.len(), 4);
}

#[test]
fn an_undo_of_this_run_is_told_at_the_operation_it_takes_back() {
    let mut app = finished(120, 40);
    press(&mut app, "5");
    let mut undo = remembered("99999999-0000");
    undo.undoes = Some(OperationId(ID.into()));
    undo.started_at = app.now;
    engine(&mut app, Event::Started(Box::new(undo)));
    press(&mut app, "j");
    let screen = screen(&app);
    assert!(screen.contains("revoke undone 1✓ 1✗ 1–"), "{screen}");
    assert!(screen.contains("revoke undo   1✓ 1✗ 1–"), "{screen}");
    assert!(screen.contains("undone by 99999999-0000"), "{screen}");
}

#[test]
fn keys_move_between_list_and_receipt_and_back_to_the_images() {
    let mut app = history(80, 24);
    press(&mut app, "<enter>");
    assert_eq!(app.history.focus, HistoryFocus::Receipt);
    let top = screen(&app);
    press(&mut app, "jjj");
    assert_eq!(app.history.scroll, 3);
    assert_ne!(screen(&app), top);
    press(&mut app, "G");
    assert!(screen(&app).contains("raw") || app.history.scroll > 3);
    let deep = app.history.scroll;
    press(&mut app, "G<pgdn>");
    assert_eq!(app.history.scroll, deep, "never past the end");
    press(&mut app, "<esc>");
    assert_eq!(app.history.focus, HistoryFocus::Operations);
    press(&mut app, "j");
    assert_eq!(app.history.scroll, 0, "another receipt begins at its top");
    press(&mut app, "<esc>");
    assert_eq!(app.view, ViewId::Images);
}

#[test]
fn y_copies_the_id() {
    let mut app = history(120, 30);
    let effects = press(&mut app, "y");
    assert!(matches!(&effects[..], [Effect::Copy(id)] if *id == under(&app)));
}

#[test]
fn the_rest_of_an_operation_of_an_earlier_run_is_planned_from_view_5() {
    let mut app = history(120, 40);
    let effects = press(&mut app, "R");
    let planned = effects.iter().find_map(|effect| match effect {
        Effect::Plan { kind, marks, .. } => Some((*kind, marks.iter().collect::<Vec<_>>())),
        _ => None,
    });
    let (kind, marks) = planned.unwrap_or_else(|| panic!("{effects:?}"));
    assert_eq!((kind, marks), (OperationKind::Revoke, vec![share("img-02", WEB)]));
}
