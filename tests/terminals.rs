//! Terminals that can do little: dumb ones, narrow ones, those without UTF-8, and closed stdout.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::process::Command;
use std::time::Duration;

use demo_cloud::{Action, Fault, Options, Route};
use support::cloud::{Cloud, ran};
use support::{BIN, Screen};

const AUDIT: [&str; 3] = ["--cloud", "demo-glance", "audit"];

/// A cloud that takes its time for every list of members, so that there is progress to show.
fn slow() -> Cloud {
    let cloud = Cloud::start(Options::plain(30, 9));
    let slow = Action::Delay(Duration::from_millis(150));
    cloud.demo.faults().add(Fault::always(Route::members(), slow));
    cloud
}

fn written(screen: &Screen) -> String {
    String::from_utf8(screen.raw()).unwrap()
}

#[test]
fn a_dumb_terminal_gets_no_line_that_changes() {
    let cloud = slow();
    for term in ["dumb", ""] {
        let home = cloud.home.path();
        let mut screen = Screen::run_with(BIN, &AUDIT, (80, 24), home, &[("TERM", term)]);
        assert_eq!(screen.exit_code(), 0);
        let written = written(&screen);
        assert!(!written.contains('\u{1b}') && !written.contains("reading members"), "{written}");
    }
}

#[test]
fn the_line_that_changes_fits_the_terminal() {
    let cloud = slow();
    for columns in [80, 24, 10] {
        let mut screen = Screen::run(BIN, &AUDIT, (columns, 24), cloud.home.path());
        assert_eq!(screen.exit_code(), 0);
        let written = written(&screen);
        let lines = written.split("\u{1b}[K").filter_map(|line| line.rsplit_once('\r'));
        let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
        let room = usize::from(columns) - 1;
        assert!(lines.iter().all(|line| line.chars().count() <= room), "{columns}: {lines:?}");
        let seen: String = "reading members".chars().take(room.saturating_sub(1)).collect();
        assert!(lines.iter().any(|line| line.contains(&seen)), "{columns}: {lines:?}");
    }
}

#[test]
fn without_utf_8_everything_on_the_terminal_is_ascii() {
    let cloud = Cloud::start(Options::plain(12, 9));
    let home = cloud.home.path();
    let locales: [&[(&str, &str)]; 3] =
        [&[("LC_ALL", "C")], &[("LANG", "en_US.ISO-8859-1")], &[("LC_CTYPE", "POSIX")]];
    for locale in locales {
        let args = ["--cloud", "demo-ims"];
        let mut screen = Screen::run_with(BIN, &args, (120, 36), home, locale);
        screen.until_text("12 images");
        screen.type_keys("3");
        screen.until_text("+ Matrix -");
        screen.type_keys("1 R");
        screen.until_text(" to revoke");
        screen.type_keys("\u{1b}");
        screen.until_no_text(" to revoke");
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
        let raw = screen.raw();
        assert!(raw.is_ascii(), "{locale:?}");

        let mut screen = Screen::run_with(BIN, &AUDIT, (30, 24), home, locale);
        assert_eq!(screen.exit_code(), 0);
        let written = written(&screen);
        assert!(written.is_ascii() && written.contains('~'), "{written}");
    }
}

#[test]
fn without_utf_8_a_file_and_a_pipe_keep_the_names_as_they_are() {
    let cloud = Cloud::start(Options { images: 60, ..Options::default() });
    let mut command = cloud.command(&["--cloud", "demo-ims", "audit"]);
    let out = ran(command.env("LC_ALL", "C").spawn().unwrap()).out;
    assert!(out.chars().any(|c| c.is_alphabetic() && !c.is_ascii()), "{out}");
}

#[test]
fn a_closed_stdout_is_an_error_before_anything_is_done() {
    let cloud = Cloud::start(Options::plain(12, 9));
    for args in ["--cloud demo-ims audit", "completions bash", "--cloud demo-ims history"] {
        let mut command = cloud.command(&[]);
        let program = command.get_program().to_owned();
        let vars: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        let script = format!("exec {} {args} >&-", program.to_str().unwrap());
        command = Command::new("sh");
        command.args(["-c", &script]).env_clear().envs(vars).current_dir(cloud.home.path());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args}: {said}");
        assert!(said.contains("cannot write the result: stdout is closed"), "{args}: {said}");
    }
    assert!(cloud.demo.requests().is_empty());
    // What is thrown away on purpose is written.
    let mut command = cloud.command(&["--cloud", "demo-ims", "audit"]);
    assert!(command.stdout(std::process::Stdio::null()).status().unwrap().success());
}
