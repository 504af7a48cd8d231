//! The dialog that shares an image with members, or images with a member.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Position, Rect};

use crate::tui::app::App;
use crate::tui::overlays::share::describe::nothing_fits;
use crate::tui::overlays::share::state::{About, ShareDialog, parts};
use crate::tui::ui;
use crate::tui::ui::dialog::field;
use crate::tui::ui::table;
use crate::tui::ui::table::{Column, Table, Under};
use domain::text::clean;

/// Paints it and returns the position of the text cursor.
pub(crate) fn paint(app: &App, dialog: &ShareDialog, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    let (title, prompt) = match dialog.about {
        About::Image(_) => (format!("Share {}", dialog.label), "Ids or names of projects:"),
        About::Member(_) => {
            (format!("Share images with {}", dialog.label), "Ids or names of images:")
        }
    };
    table::dialog(buffer, area, &title, theme);
    let [typed, offers, said] = parts(area);
    let line = |part: Rect, at: u16| Rect {
        x: part.x + 1,
        y: part.y + at,
        width: part.width.saturating_sub(2),
        height: 1,
    };
    paint_offers(app, dialog, offers, buffer);
    let (text, style) = match &dialog.complaint {
        Some(complaint) => (complaint.as_str(), theme.bad()),
        None => (
            "Tab takes the one under the cursor, Enter shows the plan; nothing is sent before it is confirmed.",
            theme.dim(),
        ),
    };
    let lines = ui::text::wrap(text, usize::from(said.width.saturating_sub(2)));
    for (at, text) in (0..said.height).zip(&lines) {
        ui::text::put(buffer, line(said, at), text, style, Alignment::Left);
    }
    field(app, line(typed, 0), prompt, &dialog.input, buffer)
}

fn paint_offers(app: &App, dialog: &ShareDialog, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let what = match dialog.about {
        About::Image(_) => "project",
        About::Member(_) => "image",
    };
    let columns =
        [Column::left(what, Constraint::Fill(2)), Column::left("name", Constraint::Fill(1))];
    let table = Table::new(buffer, area, &columns, theme);
    let window = dialog.cursor.window(dialog.offers.len());
    for (at, (id, name)) in dialog.offers[window.clone()].iter().enumerate() {
        let under = if window.start + at == dialog.cursor.at { Under::Cursor } else { Under::Not };
        let name = name.as_deref().unwrap_or("?");
        let cells =
            [(clean(id).into_owned(), theme.text()), (clean(name).into_owned(), theme.text())];
        table.row(buffer, at, &cells, under);
    }
    if dialog.offers.is_empty() {
        table.say(buffer, nothing_fits(dialog), theme.dim());
    }
}
