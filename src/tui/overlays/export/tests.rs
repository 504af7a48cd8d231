//! Writing to a file, or copying, what a view shows.

use crate::tui::app::App;
use crate::tui::app::update::update;
use crate::tui::export::write::Refusal;
use crate::tui::export::{Export, Format};
use crate::tui::fixture;
use crate::tui::fixture::{
    DATA, WEB, buffer, engine, finished, loaded, opened_in, press, remembered, scope, screen, share,
};
use crate::tui::overlays::export::state::ExportDialog;
use crate::tui::overlays::export::state::What as Chosen;
use crate::tui::views::history;
use crate::tui::{Effect, Msg, What};
use domain::Image;
use engine::{Command, Event};

fn dialog(app: &App) -> &ExportDialog {
    match app.dialog::<ExportDialog>() {
        Some(dialog) => dialog,
        other => panic!("{other:?}"),
    }
}

/// The ticket, what is written as text, the file, and whether one that is there may be written over.
fn written(effects: &[Effect]) -> (u32, String, String, bool) {
    match effects {
        [Effect::Export { ticket, export, format, file, overwrite }] => {
            (*ticket, export.text(*format), file.clone(), *overwrite)
        }
        other => panic!("{other:?}"),
    }
}

fn text(app: &App, what: Chosen, format: Format) -> String {
    app.export(what).as_ref().map(|export| Export::text(export, format)).unwrap()
}

fn answer(app: &mut App, ticket: u32, outcome: Result<String, Refusal>) {
    update(app, Msg { now: app.now, what: What::Exported { ticket, outcome } });
}

/// Image and member of every row, and why it was not checked.
fn rows(csv: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = |name: &str, headers: &csv::StringRecord| headers.iter().position(|it| it == name);
    let headers = reader.headers().unwrap().clone();
    let columns = ["image_id", "member_id", "error"].map(|name| at(name, &headers).unwrap());
    let row = |record: csv::StringRecord| columns.map(|at| record[at].to_owned()).join(" ");
    reader.records().map(|record| row(record.unwrap()).trim().to_owned()).collect()
}

#[test]
fn what_is_written_is_what_is_in_view_and_what_was_not_checked() {
    let mut app = loaded(120, 40);
    press(&mut app, "/status:pending<enter>");
    let effects = press(&mut app, "e<enter>");
    let (_, text, file, overwrite) = written(&effects);

    assert_eq!((file.as_str(), overwrite), ("sharelock-otc-prod-eu-de-2026-11-22.csv", false));
    let failure = "cannot read the members of image img-09";
    let found = rows(&text);
    assert_eq!(found[..2], [format!("img-06-0f2e4d6c8b {WEB}"), format!("img-01 {DATA}")]);
    assert!(
        found[2].starts_with("img-09") && found[2].contains("the cloud answered 500"),
        "{failure} {found:?}"
    );
    assert_eq!(found[3..], ["img-10  its members were not read yet"]);
}

#[test]
fn every_view_writes_its_own_order() {
    let mut app = loaded(120, 40);
    press(&mut app, "/ubuntu<enter>S");
    let of_images = rows(&text(&app, Chosen::View, Format::Csv));
    assert_eq!(of_images.len(), 5, "{of_images:?}");
    assert!(of_images[0].starts_with("img-02") && of_images[4].starts_with("img-01"));

    press(&mut app, "2/team-data<enter>");
    let csv = text(&app, Chosen::View, Format::Csv);
    assert!(csv.starts_with("cloud,region,project_id,member_id,"), "by member: {csv}");
    assert_eq!(rows(&csv)[..2], [format!("img-01 {DATA}"), format!("img-02 {DATA}")]);

    press(&mut app, "3/image:img-02<enter>");
    assert_eq!(rows(&text(&app, Chosen::View, Format::Csv)).len(), 2);
}

#[test]
fn csv_has_no_formula_and_no_escape_in_it() {
    let mut app = loaded(120, 40);
    let session = app.workspace.session;
    let formula =
        Image { name: Some("=cmd|'/c calc'!A1".into()), ..fixture::image("img-02", "", 1) };
    engine(&mut app, Event::Images { session, images: vec![formula] });
    let csv = text(&app, Chosen::View, Format::Csv);
    assert!(csv.contains(",'=cmd|"), "{csv}");
    let lines = text(&app, Chosen::View, Format::JsonLines);
    let table = text(&app, Chosen::View, Format::Markdown);
    for text in [csv, lines, table] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
}

#[test]
fn marked_shares_are_written_as_revoke_reads_them() {
    let mut app = loaded(120, 40);
    app.workspace.marks.insert(share("img-01", WEB));
    app.workspace.marks.insert(share("img-02", DATA));
    let effects = press(&mut app, "e<down><enter>");
    let (_, text, file, _) = written(&effects);
    assert_eq!(file, "sharelock-otc-prod-eu-de-2026-11-22-marked.csv");
    assert_eq!(
        text,
        format!(
            "cloud,region,project_id,image_id,member_id,member_type\n\
             otc-prod,eu-de,0a1b2c3d4e5f60718293a4b5c6d7e8f9,img-01,{WEB},project\n\
             otc-prod,eu-de,0a1b2c3d4e5f60718293a4b5c6d7e8f9,img-02,{DATA},project\n"
        )
    );
}

#[test]
fn the_name_follows_the_format_and_a_name_that_was_typed_stays() {
    let mut app = loaded(120, 40);
    press(&mut app, "e<tab>");
    assert_eq!(dialog(&app).input.value(), "sharelock-otc-prod-eu-de-2026-11-22.jsonl");
    press(&mut app, "<ctrl-u>mine.jsonl<tab>");
    assert_eq!(dialog(&app).input.value(), "mine.md");
    press(&mut app, "<ctrl-u>notes<tab>");
    assert_eq!((dialog(&app).input.value(), dialog(&app).format), ("notes", Format::Csv));
    assert!(press(&mut app, "<ctrl-u><enter>").is_empty());
    assert!(screen(&app).contains("Type the name of a file."));
}

#[test]
fn a_file_that_is_there_is_written_over_only_after_a_second_enter_on_the_same_name() {
    let mut app = loaded(120, 40);
    let (ticket, ..) = written(&press(&mut app, "e<ctrl-u>a.csv<enter>"));
    assert!(press(&mut app, "<enter>").is_empty(), "it is being written");
    answer(&mut app, ticket, Err(Refusal::Exists("/home/me/a.csv".into())));
    assert!(screen(&app).contains("/home/me/a.csv is there already: Enter again writes over it."));

    press(&mut app, "x<back>");
    let (ticket, _, _, overwrite) = written(&press(&mut app, "<enter>"));
    assert!(!overwrite, "another name was meant in between");
    answer(&mut app, ticket, Err(Refusal::Exists("/home/me/a.csv".into())));
    let (ticket, _, _, overwrite) = written(&press(&mut app, "<enter>"));
    assert!(overwrite);
    answer(&mut app, ticket, Ok("/home/me/a.csv".into()));
    assert!(app.overlay.is_none());
    assert!(screen(&app).contains("Written: /home/me/a.csv"));
}

#[test]
fn a_failure_is_a_sentence_in_the_dialog_or_in_the_log_when_it_was_left() {
    let mut app = loaded(120, 40);
    let failed = || Err(Refusal::Failed("cannot write /no/a.csv: no such directory".into()));
    let (ticket, ..) = written(&press(&mut app, "e<enter>"));
    answer(&mut app, ticket, failed());
    assert!(screen(&app).contains("Cannot write /no/a.csv: no such directory."));

    let (ticket, ..) = written(&press(&mut app, "<enter>"));
    press(&mut app, "<esc>");
    answer(&mut app, ticket, failed());
    assert!(screen(&app).contains("Cannot write /no/a.csv"));
}

#[test]
fn a_receipt_is_written_and_copied_as_history_prints_it() {
    let mut app = finished(120, 40);
    let effects = press(&mut app, "4e<enter>");
    let (_, text, file, _) = written(&effects);
    assert_eq!(file, "sharelock-receipt-7f3a0c11-4d2e.md");
    assert!(text.starts_with("## Operation 7f3a0c11-4d2e: revoke\n"), "{text}");
    assert!(text.contains("still-shared") && text.contains("image-factory"), "{text}");

    press(&mut app, "<esc>");
    let effects = press(&mut app, "Y");
    assert!(matches!(&effects[..], [Effect::Copy(copied)] if *copied == text));
    let effects = press(&mut app, "e<tab><tab><tab><ctrl-y>");
    let [Effect::Copy(json)] = &effects[..] else { panic!("{effects:?}") };
    assert!(json.starts_with("{\"schema\":\"sharelock/history/1\""), "{json}");
}

#[test]
fn the_receipt_of_the_history_waits_until_it_is_read() {
    let mut app = loaded(120, 40);
    let effects = press(&mut app, "5");
    let ticket = effects.iter().find_map(|effect| match effect {
        Effect::Ask(Command::ListHistory { ticket, .. }) => Some(*ticket),
        _ => None,
    });
    press(&mut app, "e");
    assert!(screen(&app).contains("There is no operation in this list."));
    let operation = remembered("00000001-0000");
    let summary = history::tests::summary(1);
    engine(&mut app, Event::History { ticket: ticket.unwrap(), page: Ok(vec![summary]) });
    press(&mut app, "e");
    assert!(screen(&app).contains("still being read from the journal"));
    engine(&mut app, Event::OperationFound(Ok(Box::new(operation))));
    press(&mut app, "e");
    assert_eq!(dialog(&app).what(), Chosen::Receipt);
}

#[test]
fn nothing_in_view_is_said_and_too_much_is_not_copied() {
    let mut app = opened_in(scope(), 120, 40);
    press(&mut app, "e");
    assert!(screen(&app).contains("There is nothing in view that could be exported."));

    let mut app = loaded(120, 40);
    press(&mut app, "e");
    let Some(dialog) = app.dialog_mut::<ExportDialog>() else { panic!() };
    dialog.choices[0].rows = 100_000;
    assert!(press(&mut app, "<ctrl-y>").is_empty());
    assert!(screen(&app).contains("That is too much for a clipboard"));
}

#[test]
fn the_dialog_in_three_sizes() {
    for (width, height) in [(140, 40), (100, 30), (80, 24)] {
        let mut app = loaded(width, height);
        app.workspace.marks.insert(share("img-01", WEB));
        press(&mut app, "e");
        insta::assert_snapshot!(format!("export-{width}x{height}"), buffer(&app).backend());
    }
}
