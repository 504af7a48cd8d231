//! Pictures of every state in three sizes, and what must hold for every picture.

use crate::tui::fixture;
use insta::assert_snapshot;

use crate::tui::app::App;
use crate::tui::fixture::{
    FIRST_READING, buffer, choosing, engine, finished, loaded, opened_in, press, press_revoke,
    running, scope, screen, starting,
};
use domain::operation::Comparison;
use domain::{Failure, Scope, Seen};
use engine::Event;

const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (140, 40)];

fn loading(width: u16, height: u16) -> App {
    let mut app = opened_in(scope(), width, height);
    let session = app.workspace.session;
    engine(&mut app, Event::Images { session, images: fixture::images() });
    engine(&mut app, Event::Progress { session, reading: FIRST_READING, read: 4, of: 10 });
    for (image, reading) in fixture::readings().into_iter().take(2) {
        engine(&mut app, Event::Members { session, image, reading });
    }
    app
}

fn pressed(width: u16, height: u16, keys: &str) -> App {
    let mut app = loaded(width, height);
    press(&mut app, keys);
    app
}

fn planned(width: u16, height: u16, keys: &str) -> App {
    let mut app = pressed(width, height, "/ubuntu<enter>a");
    press_revoke(&mut app);
    press(&mut app, keys);
    app
}

fn refused(width: u16, height: u16) -> App {
    let mut app = choosing(width, height);
    press(&mut app, "<enter>");
    let session = app.workspace.session;
    let failure = Failure {
        request_id: Some("req-41f0c2aa-5d1b".into()),
        ..Failure::new("log in to cloud otc-prod", "the credentials are not accepted").with_hint(
            "check `username` and `password` of otc-prod in ~/.config/openstack/clouds.yaml",
        )
    };
    engine(&mut app, Event::NotOpened { session, failure, missing: None });
    app
}

fn careful(width: u16, height: u16) -> App {
    let scope = Scope { protected: true, read_only: true, tls_verified: false, ..scope() };
    let mut app = fixture::loaded_in(scope, width, height);
    press(&mut app, "/ubuntu-22<enter><space>");
    press_revoke(&mut app);
    app
}

fn logged(width: u16, height: u16) -> App {
    let mut app = finished(width, height);
    press(&mut app, "L");
    app
}

fn detailed(width: u16, height: u16) -> App {
    let mut app = finished(width, height);
    press(&mut app, "4<tab>j<enter>");
    app
}

fn jobs_view(width: u16, height: u16) -> App {
    let mut app = finished(width, height);
    press(&mut app, "4<tab>j");
    app
}

fn history(width: u16, height: u16) -> App {
    let mut app = finished(width, height);
    press(&mut app, "5");
    let session = app.workspace.session;
    let operation = app.jobs.operations[0].clone();
    let shares = operation.shares.iter().map(|record| {
        let now = Ok(Seen::Absent);
        Comparison::of(operation.kind, record, now)
    });
    let shares = shares.collect();
    let at = app.now;
    engine(&mut app, Event::Verified { session, operation: operation.id, at, shares });
    app
}

pub(crate) type Make = fn(u16, u16) -> App;

/// Every state there is a picture of.
pub(crate) const STATES: [(&str, Make); 24] = [
    ("starting", starting),
    ("picker", choosing),
    ("refused", refused),
    ("loading", loading),
    ("loaded", |w, h| pressed(w, h, "/22.04<enter>j<esc><esc>")),
    ("filtered", |w, h| pressed(w, h, "/status:pending")),
    ("marked", |w, h| pressed(w, h, "/ubuntu-22<enter><tab><space><esc><esc>")),
    ("unknown-members", |w, h| pressed(w, h, "/unreadable<enter>")),
    ("plan-shares", |w, h| planned(w, h, "")),
    ("plan-requests", |w, h| planned(w, h, "<tab>")),
    ("plan-curl", |w, h| planned(w, h, "<tab><tab>")),
    ("plan-wrong", |w, h| planned(w, h, "7<enter>")),
    ("plan-read-only", careful),
    ("share", |w, h| pressed(w, h, "/windows<enter>+team")),
    ("received", |w, h| pressed(w, h, "o<space>")),
    ("running", running),
    ("finished", finished),
    ("jobs-view", jobs_view),
    ("request", detailed),
    ("history", history),
    ("history-receipt", |w, h| {
        let mut app = history(w, h);
        press(&mut app, "<tab>G");
        app
    }),
    ("quit", |w, h| {
        let mut app = running(w, h);
        press(&mut app, "q");
        app
    }),
    ("help", |w, h| pressed(w, h, "?")),
    ("log", logged),
];

#[test]
fn every_state_looks_as_it_did() {
    for (name, make) in STATES {
        for (width, height) in SIZES {
            assert_snapshot!(format!("{name}-{width}x{height}"), screen(&make(width, height)));
        }
    }
}

#[test]
fn a_small_terminal_gets_a_sentence() {
    let app = loaded(60, 15);
    assert_snapshot!("too-small", screen(&app));
    screen(&loaded(1, 1));
}

#[test]
fn no_character_that_commands_a_terminal_reaches_a_cell() {
    for (name, make) in STATES {
        for (width, height) in SIZES {
            let terminal = buffer(&make(width, height));
            for cell in &terminal.backend().buffer().content {
                let hostile = cell.symbol().chars().any(domain::text::is_hostile);
                assert!(!hostile, "{:?} in {name}", cell.symbol());
            }
        }
    }
}

#[test]
fn every_size_from_tiny_to_huge_can_be_painted_in_every_state() {
    for (_, make) in STATES {
        for (width, height) in [(80, 24), (81, 25), (99, 24), (250, 24), (80, 100), (300, 90)] {
            screen(&make(width, height));
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_the_cursor_still_shows() {
    use crate::tui::theme::names::Name;
    let mut app = loaded(100, 30);
    app.themes.name = Name::Plain;
    app.settle();
    let terminal = buffer(&app);
    let cells = &terminal.backend().buffer().content;
    let reset = ratatui::style::Color::Reset;
    assert!(cells.iter().all(|cell| cell.fg == reset && cell.bg == reset));
    assert!(screen(&app).contains('▌'));
}
