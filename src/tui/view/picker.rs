//! The clouds one can open.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};

use super::table::{self, Column, Table, Under};
use crate::tui::model::picker::Line;
use crate::tui::model::{Desk, Model, Picker};

/// Paints them as a dialog.
pub(crate) fn paint(model: &Model, picker: &Picker, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let inner = table::dialog(buffer, area, "Clouds", theme);
    let columns = [
        Column::left("", Constraint::Length(1)),
        Column::left("cloud", Constraint::Fill(2)),
        Column::left("region", Constraint::Fill(1)),
        Column::left("project", Constraint::Fill(1)),
        Column::left("login, or how it stands", Constraint::Fill(3)),
    ];
    let table = Table::new(buffer, inner, &columns, theme);
    let window = picker.cursor.window(picker.lines.len());
    for (at, line) in picker.lines[window.clone()].iter().enumerate() {
        let under = if window.start + at == picker.cursor.at { Under::Cursor } else { Under::Not };
        let sign = match line.session {
            Some(session) if session == model.desk.session => "▸",
            Some(_) => "●",
            None => "",
        };
        let cells = [
            (sign.to_owned(), theme.accent()),
            (line.target.cloud.clone().unwrap_or_default(), theme.title()),
            (line.target.region.clone().unwrap_or_default(), theme.text()),
            (project(model, line), theme.text()),
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

/// The project of a line: that of the login where it is open, the one asked for otherwise.
fn project(model: &Model, line: &Line) -> String {
    let desk = model.desks().find(|desk| Some(desk.session) == line.session);
    let open = desk.and_then(Desk::scope).map(|scope| {
        let name = scope.project_name.as_ref().unwrap_or(&scope.project_id.0);
        name.to_string()
    });
    open.or_else(|| line.target.project.clone()).unwrap_or_default()
}
