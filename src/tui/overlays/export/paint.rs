//! The export dialog.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::overlays::export::state::ExportDialog;
use crate::tui::ui;
use crate::tui::ui::dialog::field;
use crate::tui::ui::layout;
use crate::tui::ui::table;
use domain::text::clean;

/// Paints it and returns the position of the text cursor.
pub(crate) fn paint(app: &App, dialog: &ExportDialog, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    table::dialog(buffer, area, "Export", theme);
    let inner = layout::inner(area);
    let line = |at: u16| Rect {
        x: inner.x + 1,
        y: (inner.y + at).min(inner.bottom().saturating_sub(1)),
        width: inner.width.saturating_sub(2),
        height: 1,
    };
    let mut at = 0;
    for (number, choice) in dialog.choices.iter().enumerate() {
        let chosen = number == dialog.choice;
        let (sign, style) = if chosen { ("▌ ", theme.title()) } else { ("  ", theme.dim()) };
        let text = clean(&choice.text).into_owned();
        let keys = if number == 0 && dialog.choices.len() > 1 { "  ↑ ↓" } else { "" };
        let pieces = [(sign, theme.accent()), (text.as_str(), style), (keys, theme.key())];
        table::pieces(buffer, line(at), &pieces);
        at += 1;
    }
    table::pieces(buffer, line(at + 1), &borrowed(&formats(app, dialog)));
    let typed = field(app, line(at + 3), "File:  ", &dialog.input, buffer);
    let below = Rect {
        y: line(at + 5).y,
        height: inner.bottom().saturating_sub(line(at + 5).y),
        ..line(0)
    };
    let (text, style) = said(app, dialog);
    table::lines(buffer, below, &ui::text::wrap(&clean(&text), usize::from(below.width)), style);
    typed
}

fn formats(app: &App, dialog: &ExportDialog) -> Vec<(String, Style)> {
    let theme = app.theme;
    let mut pieces = vec![("Format: ".to_owned(), theme.title())];
    for format in dialog.what().formats() {
        let word = format.word();
        pieces.push(if *format == dialog.format {
            (format!("[{word}] "), theme.accent())
        } else {
            (format!(" {word}  "), theme.dim())
        });
    }
    pieces
}

fn borrowed(pieces: &[(String, Style)]) -> Vec<(&str, Style)> {
    pieces.iter().map(|(text, style)| (text.as_str(), *style)).collect()
}

/// Why nothing was written, else what the file will not know, else the keys.
fn said(app: &App, dialog: &ExportDialog) -> (String, Style) {
    let theme = app.theme;
    match &dialog.complaint {
        _ if dialog.writing.is_some() => ("Writing…".into(), theme.dim()),
        Some(complaint) => (complaint.clone(), theme.bad()),
        None if !dialog.gaps.is_empty() => (format!("⚠ {}", dialog.gaps.join(" ")), theme.warn()),
        None => {
            let text = "Enter writes the file; one that is there is never written over unasked. ~ is your home.";
            (text.into(), theme.dim())
        }
    }
}
