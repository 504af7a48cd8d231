//! Plain mode: whole dialogues, keys in and lines out; and what must hold for every line.

use crate::tui::app::log;
use crate::tui::fixture;
use crate::tui::speech::speaker;
use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::fixture::{
    FIRST_READING, WEB, choosing, engine, finished, images, loaded, loaded_in, operation, plan,
    press, readings, remembered, report, running, scope, share, starting, step, wait,
};
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::speech::plain_mode::Plain;
use crate::tui::speech::speaker::Speaker;
use crate::tui::tests::screens::STATES;
use domain::operation::Comparison;
use domain::text::is_hostile;
use domain::{Limits, OperationKind, Outcome, Plan, Scope, Seen, Step};
use engine::Event;

/// Somebody who listens, and everything he heard, after the keys he pressed.
struct PlainMode {
    app: App,
    speaker: Speaker,
    heard: String,
}

impl PlainMode {
    fn of(mut app: App) -> Self {
        app.plain_mode.plain = Plain::Wanted;
        app.keys.write_in_words();
        app.settle();
        Self { app, speaker: Speaker::default(), heard: String::new() }
    }

    /// Who has heard what there is.
    fn at_ease(app: App) -> Self {
        let mut plain_mode = Self::of(app);
        plain_mode.hear();
        plain_mode.heard.clear();
        plain_mode
    }

    fn hear(&mut self) -> Vec<String> {
        self.app.settle();
        let lines = self.speaker.hear(&self.app);
        for line in &lines {
            writeln!(self.heard, "{line}").unwrap();
        }
        lines
    }

    /// Presses keys, each group at once, and listens after each.
    fn press(&mut self, groups: &[&str]) -> &mut Self {
        for keys in groups {
            writeln!(self.heard, "> {keys}").unwrap();
            let effects = press(&mut self.app, keys);
            plan(&mut self.app, effects);
            self.hear();
        }
        self
    }

    fn happens(&mut self, what: &str, happen: impl FnOnce(&mut App)) -> &mut Self {
        writeln!(self.heard, "({what})").unwrap();
        happen(&mut self.app);
        self.hear();
        self
    }

    fn heard(&self) -> &str {
        &self.heard
    }
}

#[test]
fn the_way_into_a_cloud() {
    let mut plain_mode = PlainMode::of(starting(240, 60));
    plain_mode.hear();
    plain_mode.happens("the clouds are known", |app| {
        let choices = vec![fixture::choice("otc-prod", &["eu-de"])];
        engine(app, Event::Clouds { choices, default: Some("otc-prod".into()) });
    });
    let session = plain_mode.app.workspace.session;
    plain_mode.happens("logged in", |app| {
        let scope = Scope { tls_verified: false, protected: true, ..scope() };
        engine(app, Event::Opened { session, scope, limits: Limits::BATCH });
    });
    plain_mode.happens("a page of images", |app| {
        engine(app, Event::Images { session, images: images() });
    });
    for (image, reading) in readings() {
        plain_mode.happens("members", |app| {
            engine(app, Event::Members { session, image, reading });
        });
    }
    plain_mode.happens("the end of the reading", |app| {
        engine(app, Event::ReadEnded { session, reading: FIRST_READING });
    });
    assert_snapshot!("plain-opening", plain_mode.heard());
}

#[test]
fn a_long_reading_is_told_in_quarters() {
    let mut plain_mode = PlainMode::at_ease(fixture::opened_in(scope(), 240, 60));
    let session = plain_mode.app.workspace.session;
    for read in 0..=4000 {
        engine(
            &mut plain_mode.app,
            Event::Progress { session, reading: FIRST_READING, read, of: 4000 },
        );
        plain_mode.hear();
    }
    assert_snapshot!(plain_mode.heard(), @r"
    The members of 1 000 of 4 000 images are read.
    The members of 2 000 of 4 000 images are read.
    The members of 3 000 of 4 000 images are read.
    ");
}

#[test]
fn the_main_job_from_the_filter_to_the_receipt() {
    let mut plain_mode = PlainMode::at_ease(loaded(240, 60));
    plain_mode.press(&["/", "ub", "untu-2", "<enter>", "j", "<space>", "<tab>", "<space>", "j"]);
    plain_mode.press(&["R", "<ctrl-o>", "<tab>", "<ctrl-o>", "7", "<enter>", "1"]);
    let started = operation(&plain_mode.app, "7f3a0c11-4d2e");
    plain_mode.press(&["<enter>"]);
    let id = "7f3a0c11-4d2e";
    plain_mode.happens("it begins", |app| {
        engine(app, Event::Started(Box::new(started)));
    });
    plain_mode.happens("the request leaves and is taken", |app| {
        let marks = app.workspace.marks.clone();
        let plan = Plan::cover(OperationKind::Revoke, marks, Limits::BATCH);
        let at = app.now;
        step(app, id, Step::Planned { batches: plan.batches().to_vec() });
        step(app, id, Step::Sending { request: 0, at });
        let job = Some(domain::JobId("ff8080814dbd65d7".into()));
        step(app, id, Step::Accepted { request: 0, job, request_id: None, at });
    });
    for _ in 0..3 {
        plain_mode.happens("the job is asked for", |app| {
            let (at, report) = (app.now, report("RUNNING", None, None));
            step(app, id, Step::Polled { request: 0, report, at });
        });
    }
    plain_mode.happens("the job ends, and the members are read", |app| {
        let (at, report) = (app.now, report("SUCCESS", None, None));
        step(app, id, Step::Polled { request: 0, report, at });
        step(app, id, Step::Verifying);
        let shares: Vec<_> = app.workspace.marks.iter().collect();
        for share in shares {
            let (outcome, after) = (Outcome::Done, Some(Seen::Absent));
            step(app, id, Step::Settled { share, outcome, after, error: None });
        }
        step(app, id, Step::Finished { at });
    });
    assert_snapshot!("plain-main-job", plain_mode.heard());
}

#[test]
fn the_views_and_their_lists() {
    let mut plain_mode = PlainMode::at_ease(loaded(240, 60));
    plain_mode.press(&["j", ",", "<tab>", "j", ".", "<esc>", "s", "S", "M"]);
    plain_mode.press(&["2", "j", "<space>", "<enter>", "j", "<space>", "<esc>", "M", "M"]);
    plain_mode.press(&["3", "j", "l", "<space>", "v", "j", "l", ",", "<esc>", ".", "4", "1"]);
    assert_snapshot!("plain-views", plain_mode.heard());
}

#[test]
fn jobs_and_history() {
    let mut plain_mode = PlainMode::at_ease(finished(240, 60));
    plain_mode.press(&["4", "<tab>", "j", ".", "<enter>", "<esc>", "<tab>", "j", "<esc>", "5"]);
    plain_mode.press(&["<enter>"]);
    plain_mode.happens("it was verified again", |app| {
        let operation = remembered("7f3a0c11-4d2e");
        let later = |record| Comparison::of(operation.kind, record, Ok(Seen::Absent));
        let shares = operation.shares.iter().map(later).collect();
        let (session, at) = (app.workspace.session, app.now);
        engine(app, Event::Verified { session, operation: operation.id.clone(), at, shares });
    });
    plain_mode.press(&["<esc>", "u", "<esc>"]);
    assert_snapshot!("plain-history", plain_mode.heard());
}

#[test]
fn the_dialogs() {
    let mut plain_mode = PlainMode::at_ease(running(240, 60));
    plain_mode.press(&["<esc>", "+", "te", "<tab>", "nobody", "<enter>", "<esc>"]);
    plain_mode
        .press(&[":", "fil", "<ctrl-o>", "<esc>", "c", "j", "p", "<esc>", "y", "%", "L", "<esc>"]);
    plain_mode.press(&["e", "<tab>", "x", "<esc>"]);
    plain_mode.press(&["q", ".", "<esc>"]);
    plain_mode.happens("a code is asked for", |app| {
        let dialog = CodeDialog::new(
            engine::MissingCredential::Passcode,
            "otc-prod".into(),
            "the login asks for it".into(),
        );
        app.open(dialog);
    });
    plain_mode.press(&["<enter>", "123", "<ctrl-t>"]);
    assert_snapshot!("plain-dialogs", plain_mode.heard());
    assert!(!plain_mode.heard().contains("Typed: 123"));
}

#[test]
fn the_help_begins_with_the_keys_of_where_one_is_and_reads_on() {
    let mut plain_mode = PlainMode::at_ease(loaded(240, 60));
    plain_mode.press(&["?"]);
    let first = plain_mode.heard().lines().count();
    assert!((20..70).contains(&first), "{first}");
    assert!(plain_mode.heard().contains("Images, where you are\nSpace: mark or unmark"));
    plain_mode.press(&["G"]);
    assert!(plain_mode.heard().ends_with("That is the end of it.\n"), "{}", plain_mode.heard());
    let rows = plain_mode.app.keys.len();
    assert!(plain_mode.heard().lines().count() > rows, "every key is told");
    plain_mode.press(&["/", "revoc", "<esc>", "<esc>"]);
    assert!(
        plain_mode.heard().contains("capital R: revoke the marked shares (shows the plan first)")
    );
    assert_eq!(plain_mode.heard().lines().rev().nth(1), Some("Back."), "{}", plain_mode.heard());
}

#[test]
fn received_images_and_what_cannot_be_done() {
    let scope = Scope { read_only: true, ..scope() };
    let mut plain_mode = PlainMode::at_ease(loaded_in(scope, 240, 60));
    plain_mode.press(&[
        "o",
        "<space>",
        "-",
        "<esc>",
        "o",
        "/",
        "status:pnding",
        "<esc>",
        "/",
        "zzz",
        "<enter>",
    ]);
    plain_mode.press(&["<esc>", "R", "a", "R", "5", "<enter>", "<esc>"]);
    assert_snapshot!("plain-received", plain_mode.heard());
}

// ── what must hold for every line ────────────────────────────────────────────────────────────────

#[test]
fn while_nothing_happens_nothing_is_said_however_long_it_takes() {
    for (name, make) in STATES {
        let mut plain_mode = PlainMode::at_ease(make(240, 60));
        for _ in 0..3 {
            wait(&mut plain_mode.app, 3600);
            assert_eq!(plain_mode.hear(), [""; 0], "{name}");
        }
    }
}

#[test]
fn no_line_has_a_frame_a_sign_or_a_character_that_commands_a_terminal() {
    let signs = "▌▸●◐⟳⚠✓✗›◌¿■▪…→↑↓▲▼×";
    let frames =
        |c: char| ('\u{2500}'..='\u{259f}').contains(&c) || ('\u{2800}'..='\u{28ff}').contains(&c);
    for (name, make) in STATES {
        let mut plain_mode = PlainMode::of(make(240, 60));
        plain_mode.hear();
        plain_mode.press(&[".", ",", "<ctrl-t>", "<ctrl-o>"]);
        for c in plain_mode.heard().chars().filter(|c| *c != '\n') {
            assert!(
                !is_hostile(c) && !frames(c) && !signs.contains(c),
                "{c:?} in {name}: {}",
                plain_mode.heard()
            );
        }
    }
}

#[test]
fn every_state_says_where_one_is_and_what_can_be_done() {
    for (name, make) in STATES {
        let mut plain_mode = PlainMode::at_ease(make(240, 60));
        plain_mode.press(&["<ctrl-t>"]);
        assert!(plain_mode.heard().lines().count() >= 3, "{name}: {}", plain_mode.heard());
        assert!(plain_mode.heard().contains("Keys here: "), "{name}: {}", plain_mode.heard());
    }
}

#[test]
fn a_burst_is_summed_up() {
    let mut plain_mode = PlainMode::at_ease(loaded(240, 60));
    for n in 0..5000 {
        let now = plain_mode.app.now;
        plain_mode.app.log.say(now, Level::Warning, format!("{n} of them"));
    }
    let lines = plain_mode.hear();
    assert_eq!(lines[0], "4 997 more messages are in the log, capital L.");
    assert_eq!(lines[3], "Warning: 4999 of them");
    assert_eq!(lines.len(), 4);

    press(&mut plain_mode.app, &"j".repeat(5));
    press(&mut plain_mode.app, &"k".repeat(2));
    assert_eq!(plain_mode.hear().len(), 1, "the row where one is in the end");
}

#[test]
fn rows_that_move_while_everything_is_read_are_not_said_but_those_one_goes_to_are() {
    let mut plain_mode = PlainMode::at_ease(fixture::opened_in(scope(), 240, 60));
    let session = plain_mode.app.workspace.session;
    for image in images() {
        engine(&mut plain_mode.app, Event::Images { session, images: vec![image] });
        assert_eq!(plain_mode.hear(), [""; 0]);
    }
    plain_mode.press(&["j"]);
    assert!(plain_mode.heard().contains("2 of 9: evil"), "{}", plain_mode.heard());
    let (image, reading) = readings().remove(6);
    engine(&mut plain_mode.app, Event::Members { session, image, reading });
    assert_eq!(plain_mode.hear().len(), 1, "what becomes known of the row one is on is said");
}

#[test]
fn outside_plain_mode_the_keys_for_listeners_help_too_or_say_what_they_are_for() {
    let mut app = loaded(100, 30);
    press(&mut app, "/22.04<enter><tab>j.");
    let said = app.log.last().unwrap().1;
    assert_eq!(
        said,
        format!(
            "Members of ubuntu-22.04-golden: 3 members. 2 of 3: team-web, accepted, for 1 year, id {WEB}."
        )
    );
    press(&mut app, ",");
    assert!(app.log.last().unwrap().1.contains("--plain"));
}

#[test]
fn a_code_is_never_said() {
    let mut app = choosing(240, 60);
    app.open(CodeDialog::new(
        engine::MissingCredential::Passcode,
        "lab".into(),
        "it is asked for".into(),
    ));
    let mut plain_mode = PlainMode::at_ease(app);
    plain_mode.press(&["<space>", "4711"]);
    let said = plain_mode.heard().replace("> 4711", "");
    assert!(said.contains("5 characters typed."), "{said}");
    assert!(!said.contains("4711"), "{said}");
}

#[test]
fn who_comes_back_from_the_shell_hears_where_he_is() {
    let mut plain_mode = PlainMode::at_ease(loaded(240, 60));
    plain_mode.app.workspace.marks.insert(share("img-01", WEB));
    plain_mode.app.workspace.marks_changed();
    plain_mode.hear();
    plain_mode.speaker.forget_place();
    let lines = plain_mode.hear();
    assert_eq!(lines[0], "View 1, images.");
    assert!(lines.last().unwrap().starts_with("1 of 9: "), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn every_error_of_a_burst_is_said_and_the_other_messages_are_counted() {
    let mut app = loaded(80, 24);
    app.plain_mode.plain = crate::tui::Plain::Wanted;
    let mut speaker = speaker::Speaker::default();
    speaker.hear(&app);
    let now = app.now;
    for n in 0..5 {
        let failure = domain::Failure::new(format!("read list {n}"), "no answer");
        app.log.fail(now, &failure);
        app.log.say(now, log::Level::Info, format!("message {n}"));
    }
    let lines = speaker.hear(&app);
    for n in 0..5 {
        let error = format!("Error: Cannot read list {n}: no answer");
        assert_eq!(lines.iter().filter(|line| **line == error).count(), 1, "{lines:#?}");
    }
    assert!(lines.contains(&"2 more messages are in the log, L.".to_owned()), "{lines:#?}");
    assert!(!lines.contains(&"message 1".to_owned()) && lines.contains(&"message 2".to_owned()));
    assert!(speaker.hear(&app).is_empty());
}
