//! The built program in plain mode: lines that follow one another, and nothing else.

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use demo_cloud::Options;
use domain::Share;
use support::cloud::Cloud;
use support::{BIN, Screen};

/// Dumb terminals may say that they have no size at all.
const SIZE: (u16, u16) = (40, 5);

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

fn raw(screen: &Screen) -> String {
    String::from_utf8_lossy(&screen.raw()).into_owned()
}

#[track_caller]
fn until(screen: &Screen, text: &str) {
    screen.until(text, |screen| raw(screen).contains(text));
}

/// The program in a terminal of this kind, after it has read everything.
fn open(cloud: &Cloud, term: &str, args: &[&str]) -> Screen {
    let term = format!("TERM={term}");
    let args: Vec<&str> =
        [&*term, BIN, "--cloud", "demo-ims"].iter().chain(args).copied().collect();
    let screen = Screen::run("env", &args, SIZE, cloud.home.path());
    until(&screen, "Read: 12 images, ");
    until(&screen, "1 of 12: ");
    screen
}

fn says_nothing_but_text(raw: &str) {
    let drawn =
        |c: char| ('\u{2500}'..='\u{259f}').contains(&c) || ('\u{2800}'..='\u{28ff}').contains(&c);
    assert!(!raw.contains('\u{1b}') && !raw.contains(drawn), "{raw:?}");
    let breaks = raw.matches('\n').count();
    assert_eq!(
        (raw.matches("\r\n").count(), raw.matches('\r').count()),
        (breaks, breaks),
        "{raw:?}"
    );
}

#[test]
fn a_dumb_terminal_does_the_main_job_in_lines_and_is_given_back() {
    let cloud = small();
    let before = cloud.truth();
    let image = before.first().unwrap().image.clone();
    let name = cloud.demo.world().image(&image).unwrap().image.label();
    let marked: BTreeSet<Share> =
        before.iter().filter(|share| share.image == image).cloned().collect();
    let number = marked.len();
    let mut screen = open(&cloud, "dumb", &[]);
    assert!(raw(&screen).contains("This terminal is dumb"), "{}", raw(&screen));

    screen.type_keys(&format!("/{name}\r"));
    until(&screen, &format!("1 of 1: {name}, "));
    screen.type_keys(" ");
    until(&screen, &format!("In all {number} marked on 1 image."));
    screen.type_keys("R");
    until(&screen, &format!("Type {number} and Enter to revoke"));
    assert_eq!(cloud.deletes(), 0);
    screen.type_keys(&format!("{number}\r"));
    until(&screen, &format!("{number} revoked, verified."));
    until(&screen, "Nothing is marked now.");
    screen.type_keys("y");
    until(&screen, "This terminal has no clipboard");
    screen.type_keys("\u{3}");

    assert_eq!(screen.exit_code(), 0);
    assert_eq!(cloud.truth(), &before - &marked);
    assert!(raw(&screen).contains(&format!("{}\r\n", image.raw())), "{}", raw(&screen));
    says_nothing_but_text(&raw(&screen));
}

#[test]
fn a_terminal_that_knows_more_marks_what_is_pasted_and_nothing_else() {
    let cloud = small();
    let mut screen = open(&cloud, "xterm-256color", &["--plain"]);
    assert!(!raw(&screen).contains("dumb"));
    screen.type_keys("\u{1b}[200~q aR12\r\u{1b}[201~");
    until(&screen, "Pasted text was ignored");
    screen.resize(80, 24);
    screen.type_keys("j");
    until(&screen, "2 of 12: ");
    assert!(!screen.alternate());
    screen.type_keys("q");
    assert_eq!(screen.exit_code(), 0);

    let all = raw(&screen);
    assert!(all.starts_with("\u{1b}[?2004h") && all.ends_with("\u{1b}[?2004l"), "{all:?}");
    says_nothing_but_text(&all.replace("\u{1b}[?2004h", "").replace("\u{1b}[?2004l", ""));
}

#[test]
fn the_settings_can_want_it_and_a_signal_ends_it() {
    let cloud = small();
    cloud.file("config.toml", "[screen]\nplain = true\n");
    let file = cloud.home.path().join("config.toml").to_string_lossy().into_owned();
    let mut screen = open(&cloud, "xterm", &["--config", &file]);
    let pid = screen.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(screen.exit_code(), 143);
    assert!(raw(&screen).contains("\u{1b}[?2004l"));
}

#[test]
fn stops_and_comes_back_as_a_job_of_the_shell() {
    let cloud = small();
    let shell = ["TERM=dumb", "bash", "--norc", "--noprofile", "-i"];
    let mut screen = Screen::run("env", &shell, (140, 40), cloud.home.path());
    screen.type_keys(&format!("{BIN} --cloud demo-ims\n"));
    until(&screen, "1 of 12: ");
    screen.type_keys("j\u{1a}");
    until(&screen, "Stopped");
    screen.type_keys("fg\n");
    screen.until("where one is", |screen| raw(screen).matches("View 1, images.").count() == 2);
    screen.type_keys("q");
    // Until the shell asks, what is typed is the program's.
    screen.until("the shell", |screen| raw(screen).ends_with("# ") || raw(screen).ends_with("$ "));
    screen.type_keys("exit\n");
    assert_eq!(screen.exit_code(), 0);
}
