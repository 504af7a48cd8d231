//! Addresses in the console of a cloud: copied anywhere, and links where the image is told in full.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::console::Consoles;
use crate::tui::fixture::{buffer, finished, loaded, press, running, scope, screen};
use crate::tui::ui::links;
use crate::tui::views::history::tests::history;
use cloud::config::Setting;

const TEMPLATE: &str = "https://console.example.com/{region}/{image}";

fn with_console(mut app: App) -> App {
    let section = format!("clouds.{}", scope().cloud);
    let (name, values) = ("console".into(), vec![TEMPLATE.to_owned()]);
    app.consoles = Consoles::with(&[Setting { section, name, values, line: 1 }]).unwrap();
    app
}

fn copied(app: &mut App, keys: &str) -> Option<String> {
    press(app, keys).into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    })
}

fn said(app: &App) -> String {
    app.log.last().unwrap().1.to_owned()
}

/// What leads where.
fn linked(app: &App) -> Vec<(String, String)> {
    let terminal = buffer(app);
    let links = links::links(app, terminal.backend().buffer());
    let text =
        |link: &links::Link| link.cells.iter().map(|(_, cell)| cell.symbol().to_owned()).collect();
    links.iter().map(|link| (text(link), link.to.clone())).collect()
}

fn to(image: &str) -> String {
    format!("https://console.example.com/eu-de/{image}")
}

#[test]
fn the_address_of_the_image_one_looks_at_is_copied_in_every_place() {
    let console = || with_console(loaded(120, 40));
    assert_eq!(copied(&mut console(), "jjjW"), Some(to("img-01")));
    assert_eq!(copied(&mut console(), "jjj<tab>W"), Some(to("img-01")));
    assert_eq!(copied(&mut console(), "jjj:link<enter>"), Some(to("img-01")));
    assert_eq!(copied(&mut console(), "oW"), Some(to("img-05")));
    assert_eq!(copied(&mut console(), "2/team-web image:22.04<enter><tab>W"), Some(to("img-01")));
    assert_eq!(copied(&mut console(), "3/22.04<enter>W"), Some(to("img-01")));
    assert_eq!(copied(&mut with_console(finished(120, 40)), "4<tab><tab>W"), Some(to("img-01")));
}

#[test]
fn without_an_address_the_key_says_why() {
    let mut app = loaded(120, 40);
    assert_eq!(copied(&mut app, "W"), None);
    assert!(said(&app).starts_with("The console of otc-prod is not known: write `console ="));
    let mut app = with_console(running(120, 40));
    press(&mut app, "4W");
    assert_eq!(said(&app), "A share has to be under the cursor, in the pane of the shares.");
    let mut app = with_console(loaded(120, 40));
    press(&mut app, "/zzzz<enter>W");
    assert_eq!(said(&app), "There is no image here.");
}

#[test]
fn names_and_ids_of_images_are_links_where_they_are_told_in_full() {
    let mut app = with_console(loaded(120, 40));
    press(&mut app, "jjj");
    let image = || ("ubuntu-22.04-golden".to_owned(), to("img-01"));
    assert_eq!(linked(&app), [image()]);
    press(&mut app, "3/22.04<enter>");
    assert_eq!(linked(&app), [image()]);
    press(&mut app, "?");
    assert_eq!(linked(&app), [], "under a dialog");

    let app = with_console(history(120, 40));
    let ids = ["img-01", "img-01", "img-02"].map(|id| (id.to_owned(), to(id)));
    assert_eq!(linked(&app), ids, "{}", screen(&app));
}

#[test]
fn a_hostile_name_is_a_link_as_it_is_shown_and_its_id_is_encoded() {
    let mut app = with_console(loaded(120, 40));
    press(&mut app, "j");
    let [(text, address)] = &linked(&app)[..] else { panic!("{:?}", linked(&app)) };
    assert_eq!((text.as_str(), address), ("evil\u{fffd}[31m\u{fffd}gpj\u{fffd}", &to("img-07")));
    let plain = loaded(120, 40);
    assert_eq!(linked(&plain), [], "no template, no link");
}
