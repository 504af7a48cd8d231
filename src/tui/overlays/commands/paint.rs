//! The list of commands: what is typed, what fits it, and what the one under the cursor needs.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::overlays::commands::state::{Entry, Palette, parts};
use crate::tui::ui;
use crate::tui::ui::table;

/// Columns of the keys.
const KEYS: u16 = 12;
/// Columns of the names.
const NAMES: u16 = 18;

/// Paints it; the answer is where text is typed.
pub(crate) fn paint(app: &App, palette: &Palette, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    table::dialog(buffer, area, &title(palette), theme);
    let [line, list, note] = parts(area);
    let typed = palette.input.value();
    table::pieces(buffer, line, &[(" : ", theme.accent()), (typed, theme.text())]);
    let window = palette.cursor.window(palette.fitting.len());
    for (at, entry) in palette.fitting[window.clone()].iter().enumerate() {
        let y = list.y + u16::try_from(at).unwrap_or(u16::MAX - list.y);
        let row = Rect { y, height: 1, ..list };
        paint_entry(app, entry, row, buffer);
        if window.start + at == palette.cursor.at {
            buffer.set_style(row, theme.cursor());
            buffer.set_stringn(row.x, y, "▌", 1, Style::new());
        }
    }
    table::thumb(buffer, area, &window, palette.fitting.len());
    paint_note(app, palette, note, buffer);
    let at = 3 + u16::try_from(palette.input.visual_cursor()).unwrap_or(u16::MAX - 3);
    Position::new(line.x.saturating_add(at).min(line.right().saturating_sub(1)), line.y)
}

fn title(palette: &Palette) -> String {
    let fits = palette.fitting.iter().filter(|entry| entry.why_not.is_none()).count();
    format!("Commands ─ {} here", ui::text::count(fits))
}

/// Keys, name, sentence; dim where it does nothing now.
fn paint_entry(app: &App, entry: &Entry, row: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let works = entry.why_not.is_none();
    let style = |style: Style| if works { style } else { theme.dim() };
    let takes = entry.action.takes().filter(|_| entry.argument.is_none());
    // What the command is, the line above says already.
    let chosen = entry.argument.clone().filter(|_| !entry.action.takes_anything());
    let name = match (chosen, takes) {
        (Some(argument), _) => argument,
        (None, Some(takes)) => format!("{} {takes}", entry.line()),
        (None, None) => entry.line(),
    };
    let help = if works { entry.help.clone() } else { format!("– {}", entry.help) };
    let cells = [
        (2, KEYS, entry.keys.as_str(), style(theme.key())),
        (2 + KEYS, NAMES, name.as_str(), style(theme.title())),
        (
            2 + KEYS + NAMES,
            row.width.saturating_sub(KEYS + NAMES + 3),
            help.as_str(),
            style(theme.text()),
        ),
    ];
    for (x, width, text, style) in cells {
        let text = ui::text::cut(&domain::text::clean(text), usize::from(width.saturating_sub(1)))
            .into_owned();
        buffer.set_stringn(row.x + x, row.y, text, usize::from(width), style);
    }
}

/// Why the command under the cursor does nothing, else all of its sentence.
fn paint_note(app: &App, palette: &Palette, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let current = palette.current();
    let (text, style) = match (&palette.complaint, current) {
        (Some(complaint), _) => (complaint.clone(), theme.warn()),
        (None, Some(Entry { why_not: Some(why), .. })) => (why.clone(), theme.dim()),
        (None, Some(entry)) => (entry.help.clone(), theme.dim()),
        (None, None) => ("No command fits that.".into(), theme.dim()),
    };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let lines = ui::text::wrap(&domain::text::clean(&text), usize::from(area.width));
    table::lines(buffer, area, &lines, style);
}
