//! The built program and the mouse: rows dragged over, and links to the console of a cloud.

mod support;

use demo_cloud::Options;
use support::cloud::Cloud;
use support::{BIN, Screen};

const WIDE: (u16, u16) = (140, 40);

fn small() -> Cloud {
    Cloud::start(Options::plain(12, 9))
}

/// A report of the mouse (SGR): button with modifiers, place from 1 on, and whether it is let go.
fn mouse(button: u8, (column, row): (u16, u16), end: char) -> String {
    format!("\u{1b}[<{button};{column};{row}{end}")
}

#[test]
fn rows_that_are_dragged_over_are_marked_when_the_button_is_let_go() {
    let cloud = small();
    let mut screen = Screen::run(BIN, &["--cloud", "demo-ims"], WIDE, cloud.home.path());
    screen.until("the end of the reading", |screen| screen.contents().contains(" read "));
    let (from, to) = ((10, 5), (12, 16));
    screen.type_keys(&mouse(0, from, 'M'));
    screen.type_keys(&mouse(32, (11, 9), 'M'));
    screen.until("the range", |screen| {
        screen.cells()[5..8].iter().all(|row| row[1] == "│") && screen.cells()[8][1] == "▌"
    });
    assert!(!screen.contents().contains("marked on"), "{}", screen.contents());
    screen.type_keys(&(mouse(32, to, 'M') + &mouse(0, to, 'm')));
    let all = format!("{} marked on", cloud.truth().len());
    screen.until_text(&all);
    screen.type_keys("u");
    screen.until_no_text("marked on");
    screen.type_keys("q");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn images_are_links_to_the_console_where_the_terminal_has_links_and_the_address_is_copied_anywhere()
{
    let cloud = small();
    let image = cloud.truth().first().unwrap().image.clone();
    let name = "AAA\u{1b}]8;;https://evil.example\u{1b}\\ x";
    cloud.demo.world().edit_image(&image, |stored| stored.image.name = Some(name.into()));
    let console = "console = \"https://console.example.com/{region}/{image}\"";
    cloud.file("config.toml", &format!("[clouds.demo-ims]\n{console}\n"));
    let file = cloud.home.path().join("config.toml").to_string_lossy().into_owned();
    let address = format!("https://console.example.com/eu-de/{}", image.raw());
    for links in ["1", "0"] {
        let force = format!("FORCE_HYPERLINK={links}");
        let args = [&force, BIN, "--cloud", "demo-ims", "--config", &file];
        let mut screen = Screen::run("env", &args, WIDE, cloud.home.path());
        screen.until("the end of the reading", |screen| screen.contents().contains(" read "));
        screen.type_keys("/image:AAA\r");
        screen.until_text("1 of 12");
        screen.until_text("┌ AAA");
        screen.type_keys("W");
        screen.until_text("Copied https://console");
        screen.type_keys("q");
        assert_eq!(screen.exit_code(), 0);

        let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
        let begin = format!("\u{1b}]8;;{address}\u{1b}\\");
        assert_eq!(raw.contains(&begin), links == "1");
        assert!(raw.contains("\u{1b}]52;c;"), "the address is copied");
        let ends = raw.matches("\u{1b}]8;;\u{1b}\\").count();
        assert_eq!(raw.matches("\u{1b}]8;;").count(), 2 * ends, "each link has its end");
        assert!(!raw.contains("\u{1b}]8;;https://evil"), "what the cloud says is none");
    }
}
