//! Operations: followed in the pane and the view, honest at the end.

use super::super::Effect;
use super::super::fixture::{
    DATA, NOW, WEB, buffer, commands, engine, finished, loaded, marked, plan, press, report,
    running, screen, share, step, wait,
};
use super::super::model::jobs::JobFocus;
use super::super::model::{Model, Overlay, Phase, View};
use super::super::notify::Notify;
use crate::domain::{Failure, Outcome, Step};
use crate::engine::{Command, Event, SessionId};

const ID: &str = "7f3a0c11-4d2e";

#[test]
fn a_mark_goes_when_its_share_is_gone_and_stays_otherwise() {
    let model = finished(120, 30);
    assert_eq!(marked(&model), [format!("img-02 {WEB}")]);
}

#[test]
fn what_was_left_undone_is_planned_again_and_asked_about() {
    let mut model = finished(120, 30);
    press(&mut model, "A4");
    let effects = press(&mut model, "R");
    plan(&mut model, effects);
    assert!(screen(&model).contains("Type 1 to revoke 1 share"), "{}", screen(&model));
    let effects = press(&mut model, "1<enter>");
    let [Command::CarryOut { plan, .. }] = commands(&effects)[..] else { panic!("{effects:?}") };
    assert!(plan.plan().marks().iter().eq([share("img-02", WEB)]));

    let mut model = running(120, 30);
    assert!(press(&mut model, "4R").iter().all(|it| !matches!(it, Effect::Plan { .. })));
    press(&mut model, "1");
    assert!(screen(&model).contains("it is not at its end yet"), "{}", screen(&model));
}

#[test]
fn the_images_are_read_again_at_the_end() {
    let mut model = running(120, 30);
    let effects = step(&mut model, ID, Step::Finished { at: NOW });
    assert!(matches!(
        commands(&effects)[..],
        [Command::Reread { images, .. }] if images[..] == ["img-01".into(), "img-02".into()]
    ));
}

#[test]
fn the_end_of_an_operation_notifies_once_where_that_is_wanted() {
    let told = |how, away: bool| {
        let mut model = running(120, 30);
        model.notify = how;
        if away {
            model.workspace.phase = Phase::Choosing;
        }
        let mut effects = step(&mut model, ID, Step::Verifying);
        effects.extend(step(&mut model, ID, Step::Finished { at: NOW }));
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
    let mut model = finished(80, 40);
    press(&mut model, "4<tab>j<enter>");
    let shown = screen(&model);
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
    let mut model = running(80, 24);
    let mut hostile = report("RUNNING", None, None);
    hostile.raw = "{\"a\":{\"b\":[1,2]},\"c\":\"x\u{202e}y\\u001b[31m\u{9b}z\"}".into();
    step(&mut model, ID, Step::Polled { request: 0, report: hostile, at: NOW });
    press(&mut model, "4<tab>j<enter>G");
    let shown = screen(&model);
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
    press(&mut model, "g");
    assert!(screen(&model).contains("┃ state "));

    let mut other = report("RUNNING", None, None);
    other.raw = "<html>\nno job\u{1b}[2J</html>".into();
    step(&mut model, ID, Step::Polled { request: 0, report: other, at: NOW });
    press(&mut model, "G");
    let shown = screen(&model);
    assert!(shown.contains("┃ <html>") && shown.contains("┃ no job\u{fffd}[2J</html>"), "{shown}");
}

#[test]
fn the_pane_stays_until_it_is_put_away() {
    let mut model = running(120, 30);
    press(&mut model, "x");
    assert!(screen(&model).contains("7f3a0c11"), "something runs");
    step(&mut model, ID, Step::Finished { at: NOW });
    assert!(screen(&model).contains("7f3a0c11"));
    wait(&mut model, 60);
    press(&mut model, "x");
    assert!(!screen(&model).contains("7f3a0c11"));
}

#[test]
fn an_unknown_status_word_is_shown_as_it_is() {
    let mut model = running(120, 30);
    step(
        &mut model,
        ID,
        Step::Polled { request: 0, report: report("PAUSED", None, None), at: NOW },
    );
    assert!(screen(&model).contains("PAUSED"));
}

#[test]
fn a_failed_question_about_a_job_is_told_and_is_no_failed_job() {
    let mut model = running(140, 40);
    step(&mut model, ID, Step::PollFailed { request: 0, error: "the cloud answered 503".into() });
    press(&mut model, "4<tab>j");
    let screen = screen(&model);
    assert!(screen.contains("RUNNING"));
    assert!(screen.contains("the last question about the job failed"), "{screen}");
}

#[test]
fn the_request_in_full_has_reason_code_ids_and_the_raw_answer() {
    let mut model = finished(120, 40);
    press(&mut model, "4<tab>j<enter>");
    let screen = screen(&model);
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
        let mut model = running(120, 30);
        assert!(press(&mut model, keys).is_empty());
        assert!(matches!(model.overlay, Overlay::Quit));
        assert!(screen(&model).contains("1 request not sent yet will not be sent."));
        press(&mut model, "<esc>");
        assert!(matches!(model.overlay, Overlay::None));
        press(&mut model, keys);
        assert!(matches!(press(&mut model, "y")[..], [Effect::Quit]));
    }
    let mut model = finished(120, 30);
    assert!(matches!(press(&mut model, "q")[..], [Effect::Quit]));
}

#[test]
fn sending_can_be_stopped_while_something_is_left_to_send() {
    let mut model = running(120, 30);
    let effects = press(&mut model, "4X");
    assert!(matches!(commands(&effects)[..], [Command::StopSending(id)] if id.0 == ID));
    let mut model = finished(120, 30);
    assert!(commands(&press(&mut model, "4X")).is_empty());
}

#[test]
fn an_operation_that_could_not_begin_is_told() {
    let mut model = loaded(120, 30);
    let session = model.workspace.session;
    let failure = Failure::new("revoke shares", "this session is read-only");
    engine(&mut model, Event::NotStarted { session, failure });
    assert!(screen(&model).contains("Cannot revoke shares: this session is read-only"));
}

#[test]
fn an_operation_of_a_scope_put_aside_settles_the_marks_there_and_none_here() {
    let mut model = running(120, 30);
    let (old, marked) = (model.workspace.session, model.workspace.marks.len());
    press(&mut model, "cj<enter>");
    let settled = Step::Settled {
        share: share("img-01", DATA),
        outcome: Outcome::Done,
        after: None,
        error: None,
    };
    step(&mut model, ID, settled);
    let effects = step(&mut model, ID, Step::Finished { at: NOW });
    assert!(matches!(commands(&effects)[..], [Command::Reread { session, .. }] if *session == old));
    assert_eq!(model.workspace.session, SessionId(old.0 + 1));
    assert_eq!(model.jobs.operations.len(), 1, "but it is still shown");
    assert_eq!(model.background[0].marks.len(), marked - 1);
}

#[test]
fn the_jobs_view_is_left_with_escape() {
    let mut model = finished(120, 30);
    press(&mut model, "4");
    assert_eq!(model.view, View::Jobs);
    press(&mut model, "<esc>");
    assert_eq!(model.view, View::Images);
}

#[test]
fn time_moves_the_screen_only_while_something_runs() {
    assert!(running(120, 30).next_tick().is_some());
    let mut model = finished(120, 30);
    assert!(model.next_tick().is_some(), "the toast has to go");
    wait(&mut model, 60);
    assert_eq!(model.next_tick(), None);
}

#[test]
fn what_an_earlier_run_left_unfinished_is_said_in_one_line_and_shown_among_the_jobs() {
    let left = running(120, 30).jobs.operations[0].clone();
    let mut model = loaded(120, 30);
    let failures = vec![Failure::new("read the journal", "it is damaged")];
    let session = model.workspace.session;

    engine(&mut model, Event::Resuming { session, operations: vec![left], failures });

    let screen = screen(&model);
    assert!(screen.contains("An earlier run left 1 operation"), "{screen}");
    assert!(screen.contains("7f3a0c11"), "{screen}");
    assert!(model.log.entries().any(|entry| entry.text.contains("it is damaged")));
}

/// The last line.
fn hints(model: &Model) -> String {
    screen(model).lines().rfind(|line| line.contains("quit")).unwrap_or_default().to_owned()
}

#[test]
fn hints_offer_only_what_can_be_done_with_the_operation() {
    let mut model = loaded(140, 40);
    press(&mut model, "4");
    for key in ["Enter", "R plan", "X stop", "u undo"] {
        assert!(!hints(&model).contains(key), "nothing was done: {}", hints(&model));
    }
    let mut model = finished(140, 40);
    press(&mut model, "4");
    assert!(
        hints(&model).contains("Enter") && hints(&model).contains("u undo"),
        "{}",
        hints(&model)
    );
    assert!(!hints(&model).contains("X stop"), "it is over: {}", hints(&model));
}

#[test]
fn escape_leads_back_through_the_panes_one_came_through() {
    let mut model = finished(120, 30);
    press(&mut model, "4<tab><enter>");
    assert_eq!(model.jobs.focus, JobFocus::Shares, "the row of all requests has no page");
    press(&mut model, "<esc>");
    assert_eq!((model.view, model.jobs.focus), (View::Jobs, JobFocus::Requests));
    press(&mut model, "<esc><esc>");
    assert_eq!(model.view, View::Images);
}

#[test]
fn undo_in_the_list_of_images_does_not_claim_to_undo_a_revoke() {
    let mut model = running(120, 30);
    for share in [share("img-01", WEB), share("img-02", WEB), share("img-01", DATA)] {
        let settled = Step::Settled { share, outcome: Outcome::Done, after: None, error: None };
        step(&mut model, ID, settled);
    }
    step(&mut model, ID, Step::Finished { at: NOW });
    press(&mut model, "u");
    assert_eq!(
        model.log.last().unwrap().1,
        "There is no change of marks to undo. u in view 4 undoes an operation."
    );
}

#[test]
fn new_errors_in_the_header_have_the_colour_of_errors_with_and_without_marks() {
    for marks in [false, true] {
        let mut model = loaded(140, 40);
        if marks {
            press(&mut model, "/ubuntu-22<enter><space>");
        }
        let now = model.now;
        model.log.fail(now, &Failure::new("list images", "no answer"));
        let drawn = buffer(&model);
        let cells = drawn.backend().buffer();
        let line: String = (0..140).map(|x| cells[(x, 1)].symbol()).collect();
        let column = |text: &str| {
            let at = line.find(text).unwrap_or_else(|| panic!("{text} in {line}"));
            u16::try_from(line[..at].chars().count()).unwrap()
        };
        assert_eq!(cells[(column("new error"), 1)].fg, model.theme.bad().fg.unwrap());
        if marks {
            assert_eq!(cells[(column("marked on"), 1)].fg, model.theme.mark().fg.unwrap());
        }
    }
}
