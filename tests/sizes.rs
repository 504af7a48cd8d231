//! The built program on terminals of every size: each view and each dialog, with the size changed while it is shown.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::process::Command;
use std::time::Duration;

use demo_cloud::{Action, Fault, Options, Route};
use domain::Share;
use support::cloud::Cloud;
use support::{BIN, Screen};

type Size = (u16, u16);

/// Each with the one it is changed to and back from.
const SIZES: [(Size, Size); 3] =
    [((80, 24), (100, 30)), ((100, 30), (200, 60)), ((200, 60), (80, 24))];

/// A place of the program.
struct Stop<'a> {
    /// What leads there.
    keys: &'a str,
    /// What has to be on the screen, whatever its size.
    shows: Vec<&'a str>,
    /// How the title of the dialog begins, if it is one; Esc closes it.
    dialog: Option<&'a str>,
    /// Nothing moves there: the same size is the same picture.
    steady: bool,
}

fn view<'a>(keys: &'a str, shows: &[&'a str]) -> Stop<'a> {
    Stop { keys, shows: shows.to_vec(), dialog: None, steady: true }
}

fn dialog<'a>(keys: &'a str, title: &'a str, shows: &[&'a str]) -> Stop<'a> {
    Stop { keys, shows: shows.to_vec(), dialog: Some(title), steady: true }
}

const LEFT: [&str; 7] = ["┌", "┏", "│", "┃", "└", "┗", "▌"];
const RIGHT: [&str; 7] = ["┐", "┓", "│", "┃", "┘", "┛", "█"];

/// What is wrong with the frame that is shown; nothing when it fills the screen, is closed everywhere and shows what it should.
fn wrong(screen: &Screen, stop: &Stop) -> Option<String> {
    let Some(cells) = screen.frame() else { return Some("half a frame".into()) };
    let contents = cells.iter().map(|row| row.concat()).collect::<Vec<_>>().join("\n");
    let line = |row: usize| cells[row].concat();
    let last = cells.len() - 1;
    if let Some(missing) = stop.shows.iter().find(|text| !contents.contains(**text)) {
        return Some(format!("no {missing:?}"));
    }
    if stop.steady && !line(0).contains(" read ") {
        return Some("it is reading".into());
    }
    if !line(0).starts_with(" sharelock") || !line(1).starts_with(" 1 Images") {
        return Some("no header".into());
    }
    let way_out = if stop.dialog.is_some() { "Esc " } else { "? help" };
    if !line(last).contains(way_out) {
        return Some(format!("no {way_out:?} in the last row"));
    }
    let open = |row: &usize| {
        let ends = (cells[*row].first(), cells[*row].last());
        !matches!(ends, (Some(a), Some(b)) if LEFT.contains(&&**a) && RIGHT.contains(&&**b))
    };
    if let Some(row) = (2..last).find(open) {
        return Some(format!("row {row} does not reach from side to side: {}", line(row)));
    }
    stop.dialog.and_then(|title| torn(&cells, title))
}

/// What is wrong with the frame of a dialog.
fn torn(cells: &[Vec<String>], title: &str) -> Option<String> {
    let begins = |row: &Vec<String>| {
        (0..row.len())
            .find(|at| row[*at] == "┏" && row[at + 1..].concat().starts_with(&format!(" {title}")))
    };
    let found = cells.iter().enumerate().find_map(|(row, it)| Some((row, begins(it)?)));
    let Some((top, left)) = found else { return Some(format!("no dialog {title:?}")) };
    let Some(width) = cells[top][left..].iter().position(|cell| cell == "┓") else {
        return Some("its upper border has no end".into());
    };
    let right = left + width;
    for row in &cells[top + 1..] {
        match (row[left].as_str(), row[right].as_str()) {
            ("┗", "┛") => {
                let whole = row[left + 1..right].iter().all(|cell| "━".contains(cell.as_str()));
                return (!whole).then(|| "its lower border is not whole".into());
            }
            ("┃", "┃" | "█") => {}
            ends => return Some(format!("its side is broken: {ends:?}")),
        }
    }
    Some("it has no lower border".into())
}

/// What it looks like, when it looks as it should.
#[track_caller]
fn look(screen: &Screen, size: Size, stop: &Stop) -> Vec<Vec<String>> {
    let what = format!("{:?} whole at {size:?}", stop.shows);
    screen.until_right(&what, |screen| wrong(screen, stop));
    screen.cells()
}

/// Goes there, changes the size and changes it back; a dialog is closed again.
#[track_caller]
fn visit(screen: &mut Screen, (size, other): (Size, Size), stop: &Stop) {
    screen.type_keys(stop.keys);
    let before = look(screen, size, stop);
    screen.resize(other.0, other.1);
    look(screen, other, stop);
    screen.resize(size.0, size.1);
    look(screen, size, stop);
    if stop.steady {
        let rows: Vec<String> = before.iter().map(|row| row.concat()).collect();
        let again = format!("again\n{}", rows.join("\n"));
        screen.until(&again, |screen| screen.frame().as_ref() == Some(&before));
    }
    if let Some(title) = stop.dialog {
        screen.type_keys("\u{1b}");
        screen.until_no_text(&format!("┏ {title}"));
    }
}

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

fn open(cloud: &Cloud, size: Size) -> Screen {
    let screen = Screen::run(BIN, &["--cloud", "demo-ims"], size, cloud.home.path());
    screen.until("the end of the reading", |screen| screen.contents().contains(" read "));
    screen
}

/// Two images with members: their names, and how many they have.
fn two_images(cloud: &Cloud) -> [(String, usize); 2] {
    let truth = cloud.truth();
    let named = |share: &Share| {
        let label = cloud.demo.world().image(&share.image).unwrap().image.label();
        (label, truth.iter().filter(|other| other.image == share.image).count())
    };
    let first = truth.first().unwrap();
    let other = truth.iter().find(|share| share.image != first.image).unwrap();
    [named(first), named(other)]
}

fn every_place(sizes: (Size, Size)) {
    let cloud = small();
    let [(name, shares), (running, more)] = two_images(&cloud);
    let mut screen = open(&cloud, sizes.0);
    let asks = format!("Type {shares} to revoke");
    let plan = format!("/{name}\r R");
    let stops = [
        view("2", &["Members ─ ", "images"]),
        view("3", &["Matrix ─ ", "● marked", "member "]),
        view("4", &["Operations ─ 0", "Requests", "Shares"]),
        view("5", &["History ─ 0", "No operations yet", "Receipt"]),
        view("1", &["┏ Images", "marked"]),
        Stop { steady: false, ..view("o", &["Received images"]) },
        view("o", &["┏ Images"]),
        dialog("?", "Keys", &["where you are"]),
        dialog(":", "Commands", &["mark-all"]),
        dialog("L", "Log ─ newest first", &["First time here?"]),
        dialog("c", "Clouds", &["demo-glance"]),
        dialog("+", "Share ", &["Ids or names of projects:"]),
        dialog(&plan, "Revoke on demo-ims", &[&asks, "Esc leaves everything as it is."]),
    ];
    for stop in &stops {
        visit(&mut screen, sizes, stop);
    }

    // The last rows of the plan that was closed may still be on their way out.
    screen.until_no_text(&asks);
    screen.type_keys("R");
    screen.until_text(&asks);
    screen.type_keys(&format!("{shares}\r"));
    screen.until_text(&format!("{shares} revoked"));
    let revoked = format!("{shares} revoked");
    let stops = [
        Stop { steady: false, ..view("4", &["Operations ─ 1", "SUCCESS", &revoked]) },
        Stop { steady: false, ..dialog("\tj\r", "Operation ", &["state", "Timeline"]) },
        Stop { steady: false, ..view("5", &["History ─ 1", "outcome", &revoked]) },
    ];
    for stop in &stops {
        visit(&mut screen, sizes, stop);
    }

    cloud.demo.faults().add(Fault::always(Route::jobs(), Action::Delay(Duration::from_mins(10))));
    screen.type_keys(&format!("1/\u{15}{running}\r R"));
    screen.until_text(&format!("Type {more} to revoke"));
    screen.type_keys(&format!("{more}\r"));
    screen.until("the job under way", |screen| {
        let contents = screen.contents();
        contents.contains(&format!("0 of {more}")) || contents.contains(&format!("0/{more}"))
    });
    let quit = dialog("q", "Quit?", &["1 operation is still running.", "y quits"]);
    visit(&mut screen, sizes, &Stop { steady: false, ..quit });
    screen.type_keys("q");
    screen.until_text("y quits");
    screen.type_keys("y");
    assert_eq!(screen.exit_code(), 3, "it is not at its end");
}

#[test]
fn every_view_and_dialog_fills_a_small_screen_and_follows_its_size() {
    every_place(SIZES[0]);
}

#[test]
fn every_view_and_dialog_fills_a_middling_screen_and_follows_its_size() {
    every_place(SIZES[1]);
}

#[test]
fn every_view_and_dialog_fills_a_large_screen_and_follows_its_size() {
    every_place(SIZES[2]);
}

#[test]
fn all_scopes_together_and_the_question_for_a_code_follow_the_size_too() {
    for sizes in SIZES {
        let cloud = small();
        let mut screen = open(&cloud, sizes.0);
        screen.type_keys("c");
        screen.until_text("demo-glance");
        screen.type_keys("jj ");
        screen.type_keys("\u{1b}");
        screen.until_no_text("┏ Clouds");
        let together = view("t", &["Images ─ 2 scopes", "scope"]);
        visit(&mut screen, sizes, &Stop { steady: false, ..together });
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);

        cloud.file("clouds.yaml", &format!("clouds:\n{}", cloud.demo.code_entry("code")));
        let mut screen = Screen::run(BIN, &["--cloud", "code"], sizes.0, cloud.home.path());
        screen.until_text("┏ Log in to");
        let code = dialog("", "Log in to code", &[]);
        visit(&mut screen, sizes, &Stop { steady: false, ..code });
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);
    }
}

#[test]
fn a_screen_that_somebody_wiped_is_painted_anew_by_a_resize_to_the_same_size() {
    let cloud = small();
    let mut screen = open(&cloud, (100, 30));
    let stop = view("2", &["Members ─ "]);
    screen.type_keys(stop.keys);
    look(&screen, (100, 30), &stop);
    screen.wipe();
    assert!(wrong(&screen, &stop).is_some());
    let winch = ["-WINCH", &screen.pid().to_string()];
    assert!(Command::new("kill").args(winch).status().unwrap().success());
    look(&screen, (100, 30), &stop);
    screen.type_keys("q");
    assert_eq!(screen.exit_code(), 0);
}
