//! Operations: followed in the pane and the view, honest at the end.

use crate::tui::Effect;
use crate::tui::app::{App, Phase};
use crate::tui::fixture::{
    DATA, NOW, WEB, buffer, commands, engine, finished, loaded, marked, plan, press, report,
    running, screen, share, step, wait,
};
use crate::tui::notify::Notify;
use crate::tui::overlays::quit::Quit;
use crate::tui::views::ViewId;
use crate::tui::views::jobs::state::JobFocus;
use domain::{Failure, Outcome, Step};
use engine::{Command, Event, SessionId};

const ID: &str = "7f3a0c11-4d2e";

#[test]
fn a_mark_goes_when_its_share_is_gone_and_stays_otherwise() {
    let app = finished(120, 30);
    assert_eq!(marked(&app), [format!("img-02 {WEB}")]);
}

#[test]
fn what_was_left_undone_is_planned_again_and_asked_about() {
    let mut app = finished(120, 30);
    press(&mut app, "A4");
    let effects = press(&mut app, "R");
    plan(&mut app, effects);
    assert!(screen(&app).contains("Type 1 to revoke 1 share"), "{}", screen(&app));
    let effects = press(&mut app, "1<enter>");
    let [Command::CarryOut { plan, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    assert!(plan.plan().marks().iter().eq([share("img-02", WEB)]));

    let mut app = running(120, 30);
    assert!(press(&mut app, "4R").iter().all(|it| !matches!(it, Effect::Plan { .. })));
    press(&mut app, "1");
    assert!(screen(&app).contains("it is unfinished"), "{}", screen(&app));
}

#[test]
fn the_images_are_read_again_at_the_end() {
    let mut app = running(120, 30);
    let effects = step(&mut app, ID, Step::Finished { at: NOW });
    assert!(matches!(
        commands(&effects)[..],
        [Command::Reread { images, .. }] if images[..] == ["img-01".into(), "img-02".into()]
    ));
}

#[test]
fn the_end_of_an_operation_notifies_once_where_that_is_wanted() {
    let told = |how, away: bool| {
        let mut app = running(120, 30);
        app.notify = how;
        if away {
            app.workspace.phase = Phase::Choosing;
        }
        let mut effects = step(&mut app, ID, Step::Verifying);
        effects.extend(step(&mut app, ID, Step::Finished { at: NOW }));
        let notified = effects.into_iter().filter_map(|effect| match effect {
            Effect::Notify { how, text } => Some((how, text)),
            _ => None,
        });
        notified.collect::<Vec<_>>()
    };
    assert_eq!(told(Notify::Off, false), []);
    assert_eq!(told(Notify::Bell, true).len(), 1, "its scope was left");
    let [(Notify::Desktop, text)] = &told(Notify::Desktop, false)[..] else { panic!("not told") };
    assert!(text.starts_with("Operation 7f3a0c11-4d2e on otc-prod · eu-de · "), "{text}");
    assert!(text.ends_with(": 3 open."), "{text}");
}

#[test]
fn the_page_of_a_request_tells_its_stages_in_order_with_their_times() {
    let mut app = finished(80, 40);
    press(&mut app, "4<tab>j<enter>");
    let shown = screen(&app);
    let stages = [
        "10:04:31            confirmed; the members are read",
        "10:04:31            sent",
        "10:04:31            accepted, as a job",
        "10:04:52     +21 s  asked about the job for the last time, of 2 times",
        "10:04:52     +21 s  ended",
        "10:04:52     +21 s  the members are read again",
        "10:04:52     +21 s  verified: the receipt is complete",
    ];
    let at: Vec<_> = stages.map(|stage| shown.find(stage)).into();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?}\n{shown}");
}

#[test]
fn the_raw_answer_about_a_job_stands_in_lines_cleaned_and_can_be_scrolled() {
    let mut app = running(80, 24);
    let mut hostile = report("RUNNING", None, None);
    hostile.raw = "{\"a\":{\"b\":[1,2]},\"c\":\"x\u{202e}y\\u001b[31m\u{9b}z\"}".into();
    step(&mut app, ID, Step::Polled { request: 0, report: hostile, at: NOW });
    press(&mut app, "4<tab>j<enter>G");
    let shown = screen(&app);
    for line in [
        "{ ",
        "  \"a\": {",
        "    \"b\": [",
        "      1,",
        "  \"c\": \"x\u{fffd}y\\u001b[31m\u{fffd}z\"",
        "} ",
    ] {
        assert!(shown.contains(&format!("┃ {line}")), "{line:?}\n{shown}");
    }
    press(&mut app, "g");
    assert!(screen(&app).contains("┃ state "));

    let mut other = report("RUNNING", None, None);
    other.raw = "<html>\nno job\u{1b}[2J</html>".into();
    step(&mut app, ID, Step::Polled { request: 0, report: other, at: NOW });
    press(&mut app, "G");
    let shown = screen(&app);
    assert!(shown.contains("┃ <html>") && shown.contains("┃ no job\u{fffd}[2J</html>"), "{shown}");
}

#[test]
fn the_pane_stays_until_it_is_put_away() {
    let mut app = running(120, 30);
    press(&mut app, "x");
    assert!(screen(&app).contains("7f3a0c11"), "something runs");
    step(&mut app, ID, Step::Finished { at: NOW });
    assert!(screen(&app).contains("7f3a0c11"));
    wait(&mut app, 60);
    press(&mut app, "x");
    assert!(!screen(&app).contains("7f3a0c11"));
}

#[test]
fn an_unknown_status_word_is_shown_as_it_is() {
    let mut app = running(120, 30);
    step(&mut app, ID, Step::Polled { request: 0, report: report("PAUSED", None, None), at: NOW });
    assert!(screen(&app).contains("PAUSED"));
}

#[test]
fn a_failed_question_about_a_job_is_told_and_is_no_failed_job() {
    let mut app = running(140, 40);
    step(&mut app, ID, Step::PollFailed { request: 0, error: "the cloud answered 503".into() });
    press(&mut app, "4<tab>j");
    let screen = screen(&app);
    assert!(screen.contains("RUNNING"));
    assert!(screen.contains("the last question about the job failed"), "{screen}");
}

#[test]
fn the_request_in_full_has_reason_code_ids_and_the_raw_answer() {
    let mut app = finished(120, 40);
    press(&mut app, "4<tab>j<enter>");
    let screen = screen(&app);
    for text in [
        "IMG.0113",
        "deleting the tenant failed",
        "req-send-1",
        "ff8080814dbd65d7014dbe0d84db0013",
        "DELETE /v1/cloudimages/members",
        "  \"status\": \"FAIL\",",
    ] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
}

#[test]
fn quitting_while_something_runs_asks_first() {
    for keys in ["q", "<ctrl-c>"] {
        let mut app = running(120, 30);
        assert!(press(&mut app, keys).is_empty());
        assert!(app.dialog::<Quit>().is_some());
        assert!(screen(&app).contains("1 request not sent yet will not be sent."));
        press(&mut app, "<esc>");
        assert!(app.overlay.is_none());
        press(&mut app, keys);
        assert!(matches!(press(&mut app, "y")[..], [Effect::Quit]));
    }
    let mut app = finished(120, 30);
    assert!(matches!(press(&mut app, "q")[..], [Effect::Quit]));
}

#[test]
fn sending_can_be_stopped_while_something_is_left_to_send() {
    let mut app = running(120, 30);
    let effects = press(&mut app, "4X");
    assert!(matches!(commands(&effects)[..], [Command::StopSending(id)] if id.0 == ID));
    let mut app = finished(120, 30);
    assert!(commands(&press(&mut app, "4X")).is_empty());
}

#[test]
fn an_operation_that_could_not_begin_is_told() {
    let mut app = loaded(120, 30);
    let session = app.workspace.session;
    let failure = Failure::new("revoke shares", "this session is read-only");
    engine(&mut app, Event::NotStarted { session, failure });
    assert!(screen(&app).contains("Cannot revoke shares: this session is read-only"));
}

#[test]
fn an_operation_of_a_scope_put_aside_settles_the_marks_there_and_none_here() {
    let mut app = running(120, 30);
    let (old, marked) = (app.workspace.session, app.workspace.marks.len());
    press(&mut app, "cj<enter>");
    let settled = Step::Settled {
        share: share("img-01", DATA),
        outcome: Outcome::Done,
        after: None,
        error: None,
    };
    step(&mut app, ID, settled);
    let effects = step(&mut app, ID, Step::Finished { at: NOW });
    assert!(matches!(commands(&effects)[..], [Command::Reread { session, .. }] if *session == old));
    assert_eq!(app.workspace.session, SessionId(old.0 + 1));
    assert_eq!(app.jobs.operations.len(), 1, "but it is still shown");
    assert_eq!(app.background[0].marks.len(), marked - 1);
}

#[test]
fn the_jobs_view_is_left_with_escape() {
    let mut app = finished(120, 30);
    press(&mut app, "4");
    assert_eq!(app.view, ViewId::Jobs);
    press(&mut app, "<esc>");
    assert_eq!(app.view, ViewId::Images);
}

#[test]
fn time_moves_the_screen_only_while_something_runs() {
    assert!(running(120, 30).next_tick().is_some());
    let mut app = finished(120, 30);
    assert!(app.next_tick().is_some(), "the toast has to go");
    wait(&mut app, 60);
    assert_eq!(app.next_tick(), None);
}

#[test]
fn what_an_earlier_run_left_unfinished_is_said_in_one_line_and_shown_among_the_jobs() {
    let left = running(120, 30).jobs.operations[0].clone();
    let mut app = loaded(120, 30);
    let failures = vec![Failure::new("read the journal", "it is damaged")];
    let session = app.workspace.session;

    engine(&mut app, Event::Resuming { session, operations: vec![left], failures });

    let screen = screen(&app);
    assert!(screen.contains("An earlier run left 1 operation"), "{screen}");
    assert!(screen.contains("7f3a0c11"), "{screen}");
    assert!(app.log.entries().any(|entry| entry.text.contains("it is damaged")));
}

/// The last line.
fn hints(app: &App) -> String {
    screen(app).lines().rfind(|line| line.contains("quit")).unwrap_or_default().to_owned()
}

#[test]
fn hints_offer_only_what_can_be_done_with_the_operation() {
    let mut app = loaded(140, 40);
    press(&mut app, "4");
    for key in ["Enter", "R plan", "X stop", "u undo"] {
        assert!(!hints(&app).contains(key), "nothing was done: {}", hints(&app));
    }
    let mut app = finished(140, 40);
    press(&mut app, "4");
    assert!(hints(&app).contains("Enter") && hints(&app).contains("u undo"), "{}", hints(&app));
    assert!(!hints(&app).contains("X stop"), "it is over: {}", hints(&app));
}

#[test]
fn escape_leads_back_through_the_panes_one_came_through() {
    let mut app = finished(120, 30);
    press(&mut app, "4<tab><enter>");
    assert_eq!(app.jobs.focus, JobFocus::Shares, "the row of all requests has no page");
    press(&mut app, "<esc>");
    assert_eq!((app.view, app.jobs.focus), (ViewId::Jobs, JobFocus::Requests));
    press(&mut app, "<esc><esc>");
    assert_eq!(app.view, ViewId::Images);
}

#[test]
fn undo_in_the_list_of_images_does_not_claim_to_undo_a_revoke() {
    let mut app = running(120, 30);
    for share in [share("img-01", WEB), share("img-02", WEB), share("img-01", DATA)] {
        let settled = Step::Settled { share, outcome: Outcome::Done, after: None, error: None };
        step(&mut app, ID, settled);
    }
    step(&mut app, ID, Step::Finished { at: NOW });
    press(&mut app, "u");
    assert_eq!(
        app.log.last().unwrap().1,
        "No change of marks to undo. u in view 4 undoes an operation."
    );
}

#[test]
fn new_errors_in_the_header_have_the_colour_of_errors_with_and_without_marks() {
    for marks in [false, true] {
        let mut app = loaded(140, 40);
        if marks {
            press(&mut app, "/ubuntu-22<enter><space>");
        }
        let now = app.now;
        app.log.fail(now, &Failure::new("list images", "no answer"));
        let drawn = buffer(&app);
        let cells = drawn.backend().buffer();
        let line: String = (0..140).map(|x| cells[(x, 1)].symbol()).collect();
        let column = |text: &str| {
            let at = line.find(text).unwrap_or_else(|| panic!("{text} in {line}"));
            u16::try_from(line[..at].chars().count()).unwrap()
        };
        assert_eq!(cells[(column("new error"), 1)].fg, app.theme.bad().fg.unwrap());
        if marks {
            assert_eq!(cells[(column("marked on"), 1)].fg, app.theme.mark().fg.unwrap());
        }
    }
}
