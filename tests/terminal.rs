//! The built program in a terminal: played by keys, looked at as a picture.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use demo_cloud::{Action, Fault, Options, Route};
use domain::{ImageId, Share};
use support::cloud::Cloud;
use support::{BIN, Screen};

const SIZES: [(u16, u16); 2] = [(140, 40), (80, 24)];
const WIDE: (u16, u16) = (140, 40);
/// Stands in the help and nowhere else.
const HELP: &str = "mark all shares in view";

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

/// The program on a cloud of the test's own, where everything has been read.
fn open(cloud: &Cloud, size: (u16, u16)) -> Screen {
    let screen = Screen::run(BIN, &["--cloud", "demo-ims"], size, cloud.home.path());
    screen.until_text("12 images");
    screen.until("the end of the reading", |screen| screen.contents().contains(" read "));
    screen
}

/// An image with members, its name, and its shares.
fn an_image(cloud: &Cloud) -> (ImageId, String, Vec<Share>) {
    let truth = cloud.truth();
    let image = truth.first().unwrap().image.clone();
    let name = cloud.demo.world().image(&image).unwrap().image.label();
    let shares = truth.into_iter().filter(|share| share.image == image).collect();
    (image, name, shares)
}

fn kill(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

#[test]
fn marks_revokes_verifies_and_gives_the_terminal_back() {
    for size in SIZES {
        let cloud = small();
        let (before, (_, name, shares)) = (cloud.truth(), an_image(&cloud));
        let mut screen = open(&cloud, size);

        screen.type_keys(&format!("/{name}\r"));
        screen.type_keys(" ");
        screen.until_text(&format!("{} marked on 1 image", shares.len()));
        screen.type_keys("R");
        screen.until_text(&format!("Type {} to revoke", shares.len()));
        assert_eq!(cloud.deletes(), 0);
        screen.type_keys(&format!("{}\r", shares.len()));
        screen.until_text(&format!("{} revoked", shares.len()));
        screen.until_no_text("marked on");

        let marked: BTreeSet<Share> = shares.into_iter().collect();
        assert_eq!(cloud.truth(), &before - &marked, "at {size:?}");
        assert_eq!(cloud.deletes(), 1);
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
        assert!(!screen.alternate());
    }
}

#[test]
fn everything_a_member_reaches_is_marked_and_revoked_but_one_share_in_view_two() {
    for size in SIZES {
        let cloud = small();
        let (before, (_, _, shares)) = (cloud.truth(), an_image(&cloud));
        let member = shares.first().unwrap().member.clone();
        let mut reached: BTreeSet<Share> =
            before.iter().filter(|share| share.member == member).cloned().collect();
        let mut screen = open(&cloud, size);

        screen.type_keys("2");
        screen.until_text("Members ─");
        screen.type_keys(&format!("/{}\r ", member.id));
        screen.until_text(&format!("● {} marked on", reached.len()));
        screen.type_keys("\tG ");
        screen.until_text(&format!("● {} marked on", reached.len() - 1));
        screen.type_keys("\r");
        screen.until_text("Images ─");
        screen.type_keys("2R");
        screen.until_text(&format!("Type {} to revoke", reached.len() - 1));
        screen.type_keys(&format!("{}\r", reached.len() - 1));
        screen.until_text(&format!("{} revoked", reached.len() - 1));
        screen.until_no_text("marked on");

        let after = cloud.truth();
        reached.retain(|share| !after.contains(share));
        assert_eq!(after, &before - &reached, "at {size:?}");
        let left = after.iter().filter(|share| share.member == member).count();
        assert_eq!(left, 1, "at {size:?}");
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
    }
}

#[test]
fn a_wrong_number_and_escape_leave_everything_as_it_was() {
    let cloud = small();
    let (before, (_, name, shares)) = (cloud.truth(), an_image(&cloud));
    let mut screen = open(&cloud, WIDE);
    screen.type_keys(&format!("/{name}\r R"));
    screen.until_text(&format!("Type {} to revoke", shares.len()));

    screen.type_keys("99999\r");
    screen.until_text(&format!("Type {} to revoke", shares.len()));
    screen.type_keys("\u{1b}");
    screen.until_no_text("to revoke");
    screen.until_text(&format!("{} marked on 1 image", shares.len()));
    screen.type_keys("q");

    screen.exit_code();
    assert_eq!((cloud.truth(), cloud.deletes()), (before, 0));
}

#[test]
fn the_demo_opens_without_anything_configured() {
    for size in SIZES {
        let home = tempfile::tempdir().unwrap();
        let mut screen = Screen::run(BIN, &["--demo", "--images", "20"], size, home.path());
        screen.until_text("20 images");
        screen.type_keys("q");

        assert_eq!(screen.exit_code(), 0);
        assert!(!screen.alternate());
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "it left something behind");
    }
}

#[test]
fn the_window_is_called_where_one_is_and_gets_its_own_title_back() {
    let cloud = small();
    let mut screen = open(&cloud, WIDE);
    screen.type_keys("jj451q");
    assert_eq!(screen.exit_code(), 0);

    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    let at = |what: &str| {
        let found: Vec<usize> = raw.match_indices(what).map(|(at, _)| at).collect();
        assert_eq!(found.len(), 1, "{what:?} in {raw:?}");
        found[0]
    };
    let (aside, title, back) =
        (at("\u{1b}[22;0t"), at("\u{1b}]2;sharelock · demo-ims · eu-de · "), at("\u{1b}[23;0t"));
    assert!(aside < title && title < back, "{aside} {title} {back}");
    assert!(at("\u{1b}[?1049l") < back, "the title of the shell's screen");
}

#[test]
fn the_end_of_an_operation_is_told_as_the_settings_say() {
    for (how, told) in [("bell", "\u{7}"), ("desktop", "\u{1b}]9;sharelock: Operation ")] {
        let cloud = small();
        let (_, name, shares) = an_image(&cloud);
        cloud.file("config.toml", &format!("[screen]\nnotify = \"{how}\"\n"));
        let file = cloud.home.path().join("config.toml").to_string_lossy().into_owned();
        let args = ["--cloud", "demo-ims", "--config", &file];
        let mut screen = Screen::run(BIN, &args, WIDE, cloud.home.path());
        screen.until_text("12 images");
        screen.until("the end of the reading", |screen| screen.contents().contains(" read "));
        let raw = |screen: &Screen| String::from_utf8_lossy(&screen.raw()).into_owned();
        assert!(!raw(&screen).contains(told));

        screen.type_keys(&format!("/{name}\r R"));
        screen.until_text(&format!("Type {} to revoke", shares.len()));
        screen.type_keys(&format!("{}\r", shares.len()));
        screen.until_text(&format!("{} revoked", shares.len()));
        screen.until("the notification", |screen| raw(screen).contains(told));
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
        assert_eq!(raw(&screen).matches(told).count(), 1, "{how}");
    }
}

#[test]
fn pasted_text_triggers_no_key() {
    let cloud = small();
    let mut screen = open(&cloud, WIDE);
    screen.type_keys("\u{1b}[200~q aR12\r\u{1b}[201~");
    screen.type_keys("?");
    screen.until_text(HELP);

    assert!(!screen.contents().contains("to revoke"), "{}", screen.contents());
    screen.type_keys("\u{1b}");
    screen.until_no_text(HELP);
    assert!(!screen.contents().contains("marked on"), "{}", screen.contents());
    screen.type_keys("q");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn an_answer_of_the_terminal_is_never_a_key_in_time_or_late() {
    const ANSWER: &str = "\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\";
    let asked = |screen: &Screen| String::from_utf8_lossy(&screen.raw()).contains("\u{1b}]11;?");
    for late in [false, true] {
        let cloud = small();
        let mut screen = Screen::run(BIN, &["--cloud", "demo-ims"], WIDE, cloud.home.path());
        screen.until("the question", asked);
        if !late {
            screen.type_keys(&format!("{ANSWER}\u{1b}[?62;4c"));
        }
        screen.until_text("12 images");
        if late {
            screen.type_keys(ANSWER);
        }
        screen.type_keys("?");
        screen.until_text("where you are");
        screen.type_keys("\u{1b}");
        screen.until_no_text("where you are");

        assert!(!screen.contents().contains("no key"), "{}", screen.contents());
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
    }
}

#[test]
fn settings_are_read_again_when_the_terminal_has_the_focus_and_mistakes_change_nothing() {
    let cloud = small();
    let settings = |text: &str| cloud.file("config.toml", text);
    settings("[keys]\nhelp = \"f1\"\n");
    let file = cloud.home.path().join("config.toml").to_string_lossy().into_owned();
    let args = ["--cloud", "demo-ims", "--config", &file];
    let mut screen = Screen::run(BIN, &args, WIDE, cloud.home.path());
    screen.until_text("First time here? Space marks");
    screen.until_text("12 images");
    screen.until_text("F1 help");

    settings("[keys]\nhelp = \"f2\"\n");
    screen.type_keys("\u{1b}[I");
    screen.until_text("F2 help");
    settings("[keys]\nhelp = \"hyper\"\n");
    screen.type_keys("\u{1b}[I");
    screen.until_text("`hyper` is not a key");
    screen.type_keys("\u{1b}OQ");
    screen.until_text("where you are");
    screen.type_keys("\u{1b}");
    screen.until_no_text("where you are");
    screen.type_keys(":quit\r");
    assert_eq!(screen.exit_code(), 0);

    let mut again = open(&cloud, WIDE);
    assert!(!again.contents().contains("First time here?"));
    again.type_keys("q");
    assert_eq!(again.exit_code(), 0);
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let cloud = small();
    let mut screen = open(&cloud, WIDE);
    let fills = |rows: usize| {
        move |screen: &Screen| {
            let contents = screen.contents();
            contents.contains("12 images") && contents.trim_end().lines().count() == rows
        }
    };
    screen.resize(80, 24);
    screen.until("the smaller screen", fills(24));
    screen.resize(40, 10);
    screen.until("a sentence about the size", |screen| screen.contents().contains("80"));
    screen.resize(200, 60);
    screen.until("the larger screen", fills(60));
    screen.type_keys("q");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn stops_and_comes_back_as_a_job_of_the_shell() {
    let cloud = small();
    let shell = ["--norc", "--noprofile", "-i"];
    let mut screen = Screen::run("bash", &shell, WIDE, cloud.home.path());
    screen.type_keys(&format!("{BIN} --cloud demo-ims\n"));
    screen.until("the program", |screen| {
        screen.alternate() && screen.contents().contains("12 images")
    });

    screen.type_keys("\u{1a}");
    screen.until_text("Stopped");
    assert!(!screen.alternate());
    screen.type_keys("fg\n");
    screen.until("the program again", |screen| {
        screen.alternate() && screen.contents().contains("12 images")
    });
    screen.type_keys("q");
    screen.until("the shell", |screen| !screen.alternate());
    screen.type_keys("exit\n");
    assert_eq!(screen.exit_code(), 0);
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    let count = |what: &str| raw.matches(what).count();
    let title = count("\u{1b}]2;sharelock · demo-ims · eu-de · ");
    assert!(title >= 2, "the window was called so {title} times");
    assert_eq!(
        [count("\u{1b}[22;0t"), count("\u{1b}[23;0t")],
        [title; 2],
        "laid aside, given back"
    );
}

#[test]
fn a_signal_to_end_gives_the_terminal_back() {
    let cloud = small();
    let mut screen = open(&cloud, WIDE);
    kill("-TERM", screen.pid());

    screen.exit_code();
    assert!(!screen.alternate());
    assert!(String::from_utf8_lossy(&screen.raw()).contains("\u{1b}[?25h"), "no cursor");
}

#[test]
fn no_key_waits_for_a_cloud_that_does_not_answer() {
    let cloud = small();
    cloud.demo.faults().add(Fault::always(Route::login(), Action::Delay(Duration::from_mins(10))));
    let mut screen = Screen::run(BIN, &["--cloud", "demo-ims"], WIDE, cloud.home.path());
    screen.until_text("demo-ims");
    screen.type_keys("?");
    screen.until_text(HELP);
    // Esc and q in one go would be Alt-q.
    screen.type_keys("\u{1b}");
    screen.until_no_text(HELP);
    screen.type_keys("q");

    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn nothing_of_a_hostile_name_reaches_the_terminal() {
    let cloud = small();
    let (image, ..) = an_image(&cloud);
    let name = "AAA\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\u{7f}end";
    cloud.demo.world().edit_image(&image, |stored| stored.image.name = Some(name.into()));
    let mut screen = open(&cloud, WIDE);
    screen.until_text("AAA");
    screen.type_keys(" R");
    screen.until_text("to revoke");
    screen.type_keys("\u{1b}");
    screen.until_no_text("to revoke");
    screen.type_keys("q");
    screen.exit_code();

    let raw = String::from_utf8(screen.raw()).unwrap();
    for part in ["\u{1b}]0;owned", "\u{9b}", "\u{202e}", "\u{200b}", "\u{7f}"] {
        assert!(!raw.contains(part), "{part:?} reached the terminal");
    }
}

#[test]
fn a_row_of_the_matrix_is_marked_and_revoked() {
    for size in [(80, 24), (100, 30), (200, 60)] {
        let cloud = small();
        let (before, (_, name, shares)) = (cloud.truth(), an_image(&cloud));
        let mut screen = open(&cloud, size);
        screen.type_keys("3");
        screen.until_text("Matrix ─");
        screen.resize(140, 40);
        screen.resize(size.0, size.1);
        screen.type_keys(&format!("/image:{name}\r"));
        screen.until_text(&format!("/image:{name}"));
        screen.type_keys("-");
        screen.until_text(&format!("{} marked on 1 image", shares.len()));
        screen.type_keys("R");
        screen.until_text(&format!("Type {} to revoke", shares.len()));
        screen.type_keys(&format!("{}\r", shares.len()));
        screen.until_text(&format!("{} revoked", shares.len()));

        let marked: BTreeSet<Share> = shares.into_iter().collect();
        assert_eq!(cloud.truth(), &before - &marked, "at {size:?}");
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
    }
}

// ── the command line at a terminal ───────────────────────────────────────────────────────────────

fn marks(cloud: &Cloud) -> Vec<Share> {
    let (_, _, shares) = an_image(cloud);
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    cloud.file("marks.csv", &shares.iter().map(line).collect::<String>());
    shares
}

#[test]
fn revoke_asks_for_the_number_of_shares() {
    let cloud = small();
    let shares = marks(&cloud);
    let args = ["--cloud", "demo-ims", "revoke", "--from", "marks.csv"];
    let mut screen = Screen::run(BIN, &args, WIDE, cloud.home.path());
    screen.until_text(&format!("Type {} to revoke", shares.len()));
    screen.until_text("in 1 request;");
    assert_eq!(cloud.deletes(), 0);
    screen.type_keys(&format!("{}\n", shares.len()));
    screen.until_text("verifying");

    assert_eq!(screen.exit_code(), 0);
    assert!(cloud.truth().is_disjoint(&shares.into_iter().collect()));
}

#[test]
fn revoke_sends_nothing_after_another_answer() {
    let cloud = small();
    marks(&cloud);
    for answer in ["y\n", "\n", "\u{4}", "\u{3}"] {
        let args = ["--cloud", "demo-ims", "revoke", "--from", "marks.csv"];
        let mut screen = Screen::run(BIN, &args, WIDE, cloud.home.path());
        screen.until_text("to revoke them in");
        screen.type_keys(answer);

        let expected = if answer == "\u{3}" { 130 } else { 1 };
        assert_eq!(screen.exit_code(), expected, "{answer:?}");
    }
    assert_eq!(cloud.deletes(), 0);
}

#[test]
fn a_protected_cloud_wants_its_name_too() {
    let cloud = small();
    let shares = marks(&cloud);
    cloud.file("config.toml", "[clouds.demo-ims]\nprotected = true\n");
    let run = |name: &str| {
        let args =
            ["--config", "config.toml", "--cloud", "demo-ims", "revoke", "--from", "marks.csv"];
        let mut screen = Screen::run(BIN, &args, WIDE, cloud.home.path());
        screen.until_text("to revoke them in");
        screen.type_keys(&format!("{}\n", shares.len()));
        screen.until_text("Type the cloud's name, demo-ims, too:");
        screen.type_keys(&format!("{name}\n"));
        screen.exit_code()
    };
    assert_eq!(run("demo-glance"), 1);
    assert_eq!(cloud.deletes(), 0);
    assert_eq!(run("demo-ims"), 0);
    assert_eq!(cloud.deletes(), 1);
}

#[test]
fn a_table_fits_the_terminal() {
    let cloud = small();
    let mut screen =
        Screen::run(BIN, &["--cloud", "demo-ims", "audit"], (80, 24), cloud.home.path());
    assert_eq!(screen.exit_code(), 0);

    let raw = String::from_utf8(screen.raw()).unwrap();
    let rows: Vec<&str> = raw.lines().filter(|line| line.contains("accepted")).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.chars().count() <= 80), "{rows:#?}");
    assert!(rows.iter().any(|row| row.contains('…')), "{rows:#?}");
}

// ── what was done ────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_operation_is_remembered_verified_again_and_undone_from_the_history() {
    let cloud = small();
    let (before, shares) = (cloud.truth(), marks(&cloud));
    cloud.run("demo-ims", &["revoke", "--from", "marks.csv", "--yes"]).ended(0);
    let count = shares.len();

    for (step, size) in SIZES.into_iter().enumerate() {
        let mut screen = open(&cloud, size);
        screen.type_keys("5");
        screen.until_text("confirmed");
        if step == 0 {
            screen.until_text(&format!("outcome   {count} revoked"));
            screen.type_keys("v");
            screen.until_text(&format!("{count} as-it-was"));
            screen.type_keys("u");
            screen.until_text(&format!("Type {count} to share"));
            screen.type_keys(&format!("{count}\r"));
            screen.until_text(&format!("{count} shared"));
            screen.until("the undo at its end", |_| cloud.truth() == before);
        } else {
            // What the other run did is there, and the revocation is not as it was any more.
            screen.until_text("History ─ 2");
            screen.type_keys("j");
            screen.until_text("undone by");
            screen.type_keys("v");
            screen.until_text(&format!("{count} shared-since"));
            screen.type_keys("\tG");
            screen.until_text("request id");
        }
        screen.type_keys("q");
        screen.until("its end or a question", |screen| {
            !screen.alternate() || screen.contents().contains("y quits")
        });
        if screen.alternate() {
            screen.type_keys("y");
        }
        assert_eq!(screen.exit_code(), 0, "at {size:?}");
    }
}
