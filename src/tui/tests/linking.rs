//! Addresses in the console of a cloud: copied anywhere, and links where the image is told in full.

use super::super::Effect;
use super::super::console::Consoles;
use super::super::fixture::{buffer, finished, loaded, press, running, scope, screen};
use super::super::model::Model;
use super::super::view::links;
use super::history::history;
use crate::config::ConsoleSetting;

const TEMPLATE: &str = "https://console.example.com/{region}/{image}";

fn with_console(mut model: Model) -> Model {
    let (cloud, value) = (scope().cloud, TEMPLATE.to_owned());
    model.consoles = Consoles::with(&[ConsoleSetting { cloud, value, line: 1 }]).unwrap();
    model
}

fn copied(model: &mut Model, keys: &str) -> Option<String> {
    press(model, keys).into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    })
}

fn said(model: &Model) -> String {
    model.log.last().unwrap().1.to_owned()
}

/// What leads where.
fn linked(model: &Model) -> Vec<(String, String)> {
    let terminal = buffer(model);
    let links = links(model, terminal.backend().buffer());
    let text = |link: &super::super::view::Link| {
        link.cells.iter().map(|(_, cell)| cell.symbol().to_owned()).collect()
    };
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
    let mut model = loaded(120, 40);
    assert_eq!(copied(&mut model, "W"), None);
    assert!(said(&model).starts_with("The console of otc-prod is not known: write `console ="));
    let mut model = with_console(running(120, 40));
    press(&mut model, "4W");
    assert_eq!(said(&model), "A share has to be under the cursor, in the pane of the shares.");
    let mut model = with_console(loaded(120, 40));
    press(&mut model, "/zzzz<enter>W");
    assert_eq!(said(&model), "There is no image here.");
}

#[test]
fn names_and_ids_of_images_are_links_where_they_are_told_in_full() {
    let mut model = with_console(loaded(120, 40));
    press(&mut model, "jjj");
    let image = || ("ubuntu-22.04-golden".to_owned(), to("img-01"));
    assert_eq!(linked(&model), [image()]);
    press(&mut model, "3/22.04<enter>");
    assert_eq!(linked(&model), [image()]);
    press(&mut model, "?");
    assert_eq!(linked(&model), [], "under a dialog");

    let model = with_console(history(120, 40));
    let ids = ["img-01", "img-01", "img-02"].map(|id| (id.to_owned(), to(id)));
    assert_eq!(linked(&model), ids, "{}", screen(&model));
}

#[test]
fn a_hostile_name_is_a_link_as_it_is_shown_and_its_id_is_encoded() {
    let mut model = with_console(loaded(120, 40));
    press(&mut model, "j");
    let [(text, address)] = &linked(&model)[..] else { panic!("{:?}", linked(&model)) };
    assert_eq!((text.as_str(), address), ("evil\u{fffd}[31m\u{fffd}gpj\u{fffd}", &to("img-07")));
    let plain = loaded(120, 40);
    assert_eq!(linked(&plain), [], "no template, no link");
}
