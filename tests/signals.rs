//! Signals and closed terminals: how the program ends, and that the terminal is left as it was found.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use demo_cloud::{Action, Fault, JobScript, Options, Route, codes};
use domain::Share;
use std::time::Duration;
use support::cloud::{Cloud, ran};
use support::{BIN, Screen};

const SIZE: (u16, u16) = (120, 36);

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

fn kill(signal: &str, pid: u32) {
    let kill = std::process::Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(kill.unwrap().success());
}

// ── hidden prompts ───────────────────────────────────────────────────────────────────────────────────

const QUESTION: &str = "One-time code for code:";

/// An audit at its hidden prompt.
fn hidden_prompt(cloud: &Cloud) -> Screen {
    cloud.file("clouds.yaml", &format!("clouds:\n{}", cloud.demo.code_entry("code")));
    let screen = Screen::run(BIN, &["--cloud", "code", "audit"], SIZE, cloud.home.path());
    screen.until_text(QUESTION);
    assert!(!screen.is_restored(), "the prompt does not hide what is typed");
    screen
}

#[test]
fn a_signal_at_a_hidden_prompt_leaves_the_terminal_with_echo() {
    let cloud = small();
    for (signal, status) in [("-HUP", 129), ("-INT", 130), ("-TERM", 143)] {
        let mut screen = hidden_prompt(&cloud);
        screen.kill(signal);
        assert_eq!(screen.exit_code(), status, "{signal}: {}", screen.contents());
        assert!(screen.is_restored(), "{signal}");
    }
    for (signal, name) in [("-QUIT", "Quit"), ("-USR1", "User defined signal 1")] {
        let mut screen = hidden_prompt(&cloud);
        screen.kill(signal);
        assert_eq!(screen.exit_status().signal(), Some(name));
        assert!(screen.is_restored(), "{signal}");
    }
}

#[test]
fn a_key_that_ends_a_hidden_prompt_leaves_the_terminal_with_echo() {
    let cloud = small();
    let mut screen = hidden_prompt(&cloud);
    screen.type_keys("\u{3}");
    assert_eq!(screen.exit_code(), 130);
    assert!(screen.is_restored() && screen.contents().contains("error: interrupted"));

    let mut screen = hidden_prompt(&cloud);
    screen.type_keys("secret\u{1c}");
    assert_eq!(screen.exit_status().signal(), Some("Quit"));
    assert!(screen.is_restored() && !screen.contents().contains("secret"));

    let mut screen = hidden_prompt(&cloud);
    screen.type_keys("\u{4}");
    assert_eq!(screen.exit_code(), 1);
    assert!(screen.is_restored());
}

#[test]
fn a_stopped_hidden_prompt_shows_the_echo_and_hides_what_is_typed_when_it_goes_on() {
    let cloud = small();
    cloud.file("clouds.yaml", &format!("clouds:\n{}", cloud.demo.code_entry("code")));
    let script = format!("set -m; {BIN} --cloud code audit; echo stopped; read line; fg");
    let mut screen = Screen::run("sh", &["-c", &script], SIZE, cloud.home.path());
    screen.until_text(QUESTION);
    screen.until("the echo off", |screen| !screen.is_restored());
    screen.type_keys("\u{1a}");
    screen.until_text(" stopped");
    assert!(screen.is_restored());
    screen.type_keys("\r");
    screen.until("the question again", |screen| screen.contents().matches(QUESTION).count() == 2);
    assert!(!screen.is_restored());
    let code = codes::code_at(cloud.demo.world().now());
    screen.type_keys(&format!("{code}\r"));
    assert_eq!(screen.exit_code(), 0, "{}", screen.contents());
    assert!(screen.is_restored() && !screen.contents().contains(&code));
}

#[test]
fn where_no_shell_can_continue_it_a_hidden_prompt_is_not_stopped() {
    let cloud = small();
    let mut screen = hidden_prompt(&cloud);
    screen.type_keys("\u{1a}");
    screen.until("the question again", |screen| screen.contents().matches(QUESTION).count() == 2);
    assert!(!screen.is_restored());
    screen.type_keys("\u{3}");
    assert_eq!(screen.exit_code(), 130);
}

#[test]
fn closing_the_terminal_at_a_hidden_prompt_ends_with_129() {
    let cloud = small();
    let mut screen = hidden_prompt(&cloud);
    // It cannot be stopped here, so it prints the question again.
    screen.hang_up(|screen| screen.kill("-TSTP"));
    let status = screen.exit_status();
    assert_eq!((status.exit_code(), status.signal()), (129, None), "{}", screen.contents());
}

// ── the screen ───────────────────────────────────────────────────────────────────────────────────────

fn screen(cloud: &Cloud, args: &[&str]) -> Screen {
    let args: Vec<&str> = ["--cloud", "demo-ims"].iter().chain(args).copied().collect();
    let screen = Screen::run(BIN, &args, SIZE, cloud.home.path());
    screen.until_text("12 images");
    screen
}

#[test]
fn a_signal_at_the_screen_gives_the_terminal_back_and_ends_with_its_status() {
    let cloud = small();
    for (signal, status, words) in [
        ("-HUP", 129, "the terminal was closed (SIGHUP)"),
        ("-INT", 130, "interrupted"),
        ("-TERM", 143, "terminated (SIGTERM)"),
    ] {
        for keys in ["", "?", "3 R", ":"] {
            let mut screen = screen(&cloud, &[]);
            screen.type_keys(keys);
            screen.kill(signal);
            assert_eq!(screen.exit_code(), status, "{signal} after {keys:?}");
            assert!(screen.is_restored() && !screen.alternate(), "{signal} after {keys:?}");
            assert!(screen.contents().ends_with(words), "{}", screen.contents());
        }
        let mut screen = screen(&cloud, &["--plain"]);
        screen.kill(signal);
        assert_eq!(screen.exit_code(), status, "{signal} in plain mode");
        assert!(screen.is_restored(), "{signal} in plain mode");
    }
    for args in [&[][..], &["--plain"]] {
        for (signal, name) in [("-QUIT", "Quit"), ("-ABRT", "Aborted")] {
            let mut screen = screen(&cloud, args);
            screen.kill(signal);
            assert_eq!(screen.exit_status().signal(), Some(name));
            assert!(screen.is_restored() && !screen.alternate(), "{signal} {args:?}");
        }
    }
}

/// Makes the screen write something.
fn provoke(screen: &mut Screen) {
    screen.kill("-WINCH");
}

#[test]
fn closing_the_terminal_of_an_idle_screen_ends_with_129() {
    let cloud = small();
    let mut screen = screen(&cloud, &[]);
    screen.hang_up(provoke);
    assert_eq!(screen.exit_code(), 129);

    let mut screen = self::screen(&cloud, &["--plain"]);
    screen.hang_up(|screen| screen.type_keys("?"));
    assert_eq!(screen.exit_code(), 129);
}

/// Every delete is answered slowly, so that some are under way and others are not sent yet.
fn slow_deletes(cloud: &Cloud) {
    let slow = Action::Delay(Duration::from_secs(1));
    cloud.demo.faults().add(Fault::always(Route::delete("/members"), slow));
}

/// What every operation of the journal came to, by a program that looks after the end of the other.
fn resumed(cloud: &Cloud) -> serde_json::Value {
    let args = ["jobs", "--watch", "--format", "json"];
    ran(cloud.command(&args).spawn().unwrap()).json()
}

#[test]
fn closing_the_terminal_in_the_middle_of_a_revoke_sends_nothing_more_and_loses_no_answer() {
    for plain in [false, true] {
        let cloud = small();
        slow_deletes(&cloud);
        let mut args = vec!["--cloud", "demo-glance"];
        args.extend(plain.then_some("--plain"));
        let mut screen = Screen::run(BIN, &args, SIZE, cloud.home.path());
        screen.until_text("12 images");
        screen.until("the end of the reading", |screen| {
            ["read ", "Read: "].iter().any(|word| screen.contents().contains(word))
        });
        let shares = cloud.truth().len();
        screen.type_keys("aR");
        screen.until_text(&format!("Type {shares} "));
        screen.type_keys(&format!("{shares}\r"));
        screen.until("the first requests", |_| cloud.deletes() > 0);
        // In plain mode a key is answered by a line.
        screen.hang_up(|screen| if plain { screen.type_keys(".") } else { provoke(screen) });

        assert_eq!(screen.exit_code(), 129);
        let sent = cloud.deletes();
        assert!(sent < shares, "all were sent before the end");
        assert_eq!(cloud.truth().len(), shares - sent, "an answer was not awaited");
        resumed(&cloud);
        assert_eq!(cloud.deletes(), sent, "something was sent after the terminal was closed");
    }
}

// ── the command line ─────────────────────────────────────────────────────────────────────────────────

fn marks(cloud: &Cloud) -> Vec<Share> {
    let shares: Vec<Share> = cloud.truth().into_iter().collect();
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    cloud.file("marks.csv", &shares.iter().map(line).collect::<String>());
    shares
}

#[test]
fn closing_the_terminal_of_a_revoke_sends_nothing_more_and_loses_no_answer() {
    for hang_up in [true, false] {
        let cloud = small();
        slow_deletes(&cloud);
        let shares = marks(&cloud).len();
        let args = ["--cloud", "demo-glance", "revoke", "--from", "marks.csv", "--yes"];
        let mut screen = Screen::run(BIN, &args, SIZE, cloud.home.path());
        screen.until("the first requests", |_| cloud.deletes() > 0);
        if hang_up {
            // Cooked, so the terminal itself echoes.
            screen.hang_up(|screen| screen.type_keys("x"));
        } else {
            screen.kill("-HUP");
        }

        assert_eq!(screen.exit_code(), 129);
        let sent = cloud.deletes();
        assert!(sent < shares, "all were sent before the end");
        assert_eq!(cloud.truth().len(), shares - sent, "an answer was not awaited");
        assert!(
            hang_up || screen.contents().contains("run `sharelock jobs "),
            "{}",
            screen.contents()
        );
        resumed(&cloud);
        assert_eq!(cloud.deletes(), sent, "something was sent after the terminal was closed");
    }
}

#[test]
fn a_signal_at_the_confirmation_of_a_revoke_ends_with_its_status_and_nothing_is_sent() {
    let cloud = small();
    marks(&cloud);
    let args = ["--cloud", "demo-glance", "revoke", "--from", "marks.csv"];
    for (signal, status) in [("-HUP", 129), ("-INT", 130), ("-TERM", 143)] {
        let mut screen = Screen::run(BIN, &args, SIZE, cloud.home.path());
        screen.until_text("to revoke them");
        screen.kill(signal);
        assert_eq!(screen.exit_code(), status);
        assert!(screen.is_restored());
    }
    let mut screen = Screen::run(BIN, &args, SIZE, cloud.home.path());
    screen.until_text("to revoke them");
    // The keyboard's end types a line end, so the program is stopped until the terminal is closed, which continues it.
    screen.kill("-STOP");
    screen.hang_up(|screen| screen.type_keys("x"));
    let status = screen.exit_status();
    assert_eq!(status.exit_code(), 129, "{status:?} {}", screen.contents());
    assert_eq!(cloud.deletes(), 0);
}

#[test]
fn closing_the_terminal_of_an_audit_or_of_jobs_ends_with_129() {
    let cloud = small();
    let share = cloud.truth().pop_first().unwrap();
    cloud.file("marks.csv", &format!("{},{}\n", share.image.raw(), share.member.id.raw()));
    cloud.demo.world().script_every_job(Some(JobScript::stuck()));
    let revoke = ["revoke", "--from", "marks.csv", "--yes", "--no-wait"];
    cloud.run("demo-ims", &revoke).ended(3);
    let slow = Action::Delay(Duration::from_mins(1));
    for command in ["jobs", "audit"] {
        if command == "audit" {
            cloud.demo.faults().add(Fault::always(Route::images(), slow.clone()));
        }
        for signal in [None, Some(("-HUP", 129)), Some(("-TERM", 143)), Some(("-INT", 130))] {
            cloud.demo.forget_requests();
            let args = ["--cloud", "demo-ims", command];
            let mut screen = Screen::run(BIN, &args, SIZE, cloud.home.path());
            let awaited = if command == "jobs" { "/job" } else { "images" };
            screen.until("the request", |_| {
                cloud.demo.requests().iter().any(|request| request.path.contains(awaited))
            });
            match signal {
                Some((signal, _)) => screen.kill(signal),
                None => screen.hang_up(|screen| screen.type_keys("x")),
            }
            assert_eq!(screen.exit_code(), signal.map_or(129, |(_, status)| status), "{command}");
        }
    }
}

#[test]
fn a_program_under_nohup_outlives_its_terminal() {
    let cloud = small();
    slow_deletes(&cloud);
    let shares = marks(&cloud).len();
    let args = [BIN, "--cloud", "demo-glance", "revoke", "--from", "marks.csv", "--yes"];
    let mut screen = Screen::run("nohup", &args, SIZE, cloud.home.path());
    screen.until("the first requests", |_| cloud.deletes() > 0);
    screen.kill("-HUP");
    assert_eq!(screen.exit_code(), 0);
    assert_eq!(cloud.deletes(), shares);
}

#[test]
fn sigterm_stops_a_revoke_in_order_and_ends_with_143() {
    let cloud = small();
    slow_deletes(&cloud);
    let shares = marks(&cloud).len();
    let args = ["--cloud", "demo-glance", "revoke", "--from", "marks.csv", "--yes"];
    let child = cloud.command(&args).spawn().unwrap();
    while cloud.deletes() == 0 {
        std::thread::yield_now();
    }
    kill("-TERM", child.id());
    let ran = ran(child).ended(143);
    let sent = cloud.deletes();
    assert!(sent < shares && cloud.truth().len() == shares - sent);
    assert!(ran.err.contains("terminated (SIGTERM): "), "{}", ran.err);
}

// ── answers of the terminal ──────────────────────────────────────────────────────────────────────────

#[test]
fn a_late_split_answer_of_the_terminal_neither_acts_nor_lands_in_the_shell() {
    let cloud = small();
    for end in [&["\u{7}"][..], &["\u{1b}", "\\"]] {
        let mut screen = screen(&cloud, &[]);
        for piece in ["\u{1b}", "]11;rgb:ffff/", "ffff/ffff"].iter().chain(end) {
            screen.type_keys(piece);
            // The pause is the point of it.
            std::thread::sleep(Duration::from_millis(150));
        }
        screen.type_keys("?");
        screen.until_text("mark all shares in view");
        screen.type_keys("\u{3}");
        assert_eq!(screen.exit_code(), 0);
    }
    // The answer comes after a quick quit: whatever reads the terminal next gets none of it.
    let script = format!("{BIN} --cloud demo-ims; echo ready; read line; echo got \"<$line>\"");
    let mut screen = Screen::run("sh", &["-c", &script], SIZE, cloud.home.path());
    screen
        .until("the question", |screen| screen.raw().windows(5).any(|bytes| bytes == b"\x1b]11;"));
    screen.type_keys("q");
    std::thread::sleep(Duration::from_millis(300));
    screen.type_keys("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62;4c");
    screen.until_text("ready");
    screen.type_keys("mine\r");
    screen.until_text("got <mine>");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn ctrl_c_in_the_first_moment_quits() {
    let cloud = small();
    let mut screen = Screen::run(BIN, &["--cloud", "demo-ims"], SIZE, cloud.home.path());
    screen
        .until("the question", |screen| screen.raw().windows(5).any(|bytes| bytes == b"\x1b]11;"));
    screen.type_keys("\u{3}");
    assert_eq!(screen.exit_code(), 0);
}
