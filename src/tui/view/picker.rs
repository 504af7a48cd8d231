//! The clouds one can open.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};

use super::table::{self, Column, Table, Under};
use crate::tui::model::{Model, Picker};

/// Paints them as a dialog.
pub(crate) fn paint(model: &Model, picker: &Picker, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let inner = table::dialog(buffer, area, "Open a cloud", theme);
    let columns = [
        Column::left("cloud", Constraint::Fill(2)),
        Column::left("region", Constraint::Fill(1)),
        Column::left("login", Constraint::Fill(3)),
    ];
    let table = Table::new(buffer, inner, &columns, theme);
    let window = picker.cursor.window(picker.lines.len());
    for (at, line) in picker.lines[window.clone()].iter().enumerate() {
        let under = if window.start + at == picker.cursor.at { Under::Cursor } else { Under::Not };
        let cells = [
            (line.target.cloud.clone().unwrap_or_default(), theme.title()),
            (line.target.region.clone().unwrap_or_default(), theme.text()),
            (line.about.clone(), theme.dim()),
        ];
        let cells =
            cells.map(|(text, style)| (crate::domain::text::clean(&text).into_owned(), style));
        table.row(buffer, at, &cells, under);
    }
    table::thumb(buffer, area, &window, picker.lines.len());
    if picker.lines.is_empty() {
        table.say(buffer, "No clouds are configured.", theme.text());
    }
}
