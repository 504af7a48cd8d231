//! Pictures of styles: which columns of each row have which colour, in the dark theme and in the light one. Text alone does not show
//! a colour that is gone.

use insta::assert_snapshot;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::fixture::{buffer, finished, loaded, press, press_revoke};
use crate::tui::theme::names::Name;

/// How a style is written: `cyan bold`, `on red`; empty for plain text.
fn written(style: Style) -> String {
    let color = |color: Option<Color>| match color {
        None | Some(Color::Reset) => String::new(),
        Some(color) => format!("{color:?}").to_lowercase(),
    };
    let ground = match color(style.bg) {
        none if none.is_empty() => none,
        ground => format!("on {ground}"),
    };
    let modifiers = style.add_modifier.iter_names().map(|(name, _)| name.to_lowercase());
    let parts = [color(style.fg), ground].into_iter().chain(modifiers);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The runs of one style in each row, frames without their titles left out: first column, style, text.
fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut runs: Vec<(u16, String, String)> = Vec::new();
        for x in buffer.area.left()..buffer.area.right() {
            let cell = &buffer[(x, y)];
            let style = written(cell.style());
            match runs.last_mut() {
                Some((_, text, same)) if *same == style => text.push_str(cell.symbol()),
                _ => runs.push((x, cell.symbol().to_owned(), style)),
            }
        }
        let told = |(x, text, style): &(u16, String, String)| {
            let frame = text.trim().chars().all(|c| ('\u{2500}'..='\u{257f}').contains(&c));
            (!style.is_empty() && !frame).then(|| format!("  {x:>2} {style:<24} {}", short(text)))
        };
        let told: Vec<String> = runs.iter().filter_map(told).collect();
        if !told.is_empty() {
            out.push_str(&["row ", &y.to_string(), "\n", &told.join("\n"), "\n"].concat());
        }
    }
    out
}

/// Enough of a run to know it again.
fn short(text: &str) -> String {
    let text = text.trim_end();
    let head: String = text.chars().take(24).collect();
    if head.len() < text.len() { format!("{head}…") } else { head }
}

/// A state of the screen, and what its pictures are called.
type State = (&'static str, fn() -> App);

fn marked() -> App {
    let mut app = loaded(80, 24);
    press(&mut app, "jjj<tab><space>");
    app
}

fn planned() -> App {
    let mut app = marked();
    press_revoke(&mut app);
    press(&mut app, "7<enter>");
    app
}

fn jobs() -> App {
    let mut app = finished(80, 24);
    press(&mut app, "4<tab>j");
    app
}

fn matrix() -> App {
    let mut app = loaded(80, 24);
    press(&mut app, "3jjvj<space>");
    app
}

fn told() -> App {
    let mut app = loaded(100, 30);
    app.log.dismiss();
    for (level, text) in [(Level::Info, "one"), (Level::Done, "two"), (Level::Warning, "three")] {
        app.log.say(app.now, level, text);
    }
    app
}

#[test]
fn every_theme_colours_what_it_did() {
    let states: [State; 5] = [
        ("marked", marked),
        ("plan", planned),
        ("jobs", jobs),
        ("matrix", matrix),
        ("toasts", told),
    ];
    for (name, make) in states {
        for (theme, word) in [(Name::Dark, "dark"), (Name::Light, "light")] {
            let mut app = make();
            app.themes.name = theme;
            app.settle();
            let terminal = buffer(&app);
            assert_snapshot!(format!("{name}-{word}"), styles(terminal.backend().buffer()));
        }
    }
}
