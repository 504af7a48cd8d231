//! The clouds one can open.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Rect};

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::overlays::clouds::state::Line;
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::ui;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use domain::text::clean;

/// Paints them, or the projects of one of them, as a dialog.
pub(crate) fn paint(app: &App, picker: &Picker, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let (title, columns) = match &picker.of {
        Some(of) => (format!("Projects ─ {}", of.place), PROJECTS.map(column).to_vec()),
        None => ("Clouds".to_owned(), CLOUDS.map(column).to_vec()),
    };
    let inner = table::dialog(buffer, area, &clean(&title), theme);
    let table = Table::new(buffer, inner, &columns, theme);
    let window = picker.cursor.window(picker.lines.len());
    for (at, line) in picker.lines[window.clone()].iter().enumerate() {
        let under = if window.start + at == picker.cursor.at { Under::Cursor } else { Under::Not };
        let cells = if picker.of.is_some() { of_project(app, line) } else { of_cloud(app, line) };
        table.row(buffer, at, &cells, under);
    }
    table::thumb(buffer, area, &window, picker.lines.len());
    if let Some(instead) = nothing(picker) {
        table.say(buffer, instead, theme.text());
    }
    if let Some(note) = &picker.note {
        let line =
            Rect { x: inner.x + 1, y: inner.bottom() - 1, width: inner.width - 2, height: 1 };
        ui::text::put(buffer, line, note, theme.warn(), Alignment::Left);
    }
}

const CLOUDS: [(&str, Constraint); 5] = [
    ("", Constraint::Length(1)),
    ("cloud", Constraint::Fill(2)),
    ("region", Constraint::Fill(1)),
    ("project", Constraint::Fill(1)),
    ("login, or state", Constraint::Fill(3)),
];

const PROJECTS: [(&str, Constraint); 3] =
    [("", Constraint::Length(1)), ("name", Constraint::Fill(1)), ("id", Constraint::Length(36))];

fn column((title, width): (&str, Constraint)) -> Column {
    Column::left(title, width)
}

/// The text shown instead of an empty list.
pub(crate) fn nothing(picker: &Picker) -> Option<&str> {
    match &picker.of {
        Some(of) => of.instead.as_deref(),
        None => picker.lines.is_empty().then_some("No clouds are configured."),
    }
}

fn of_cloud(app: &App, line: &Line) -> Vec<Cell> {
    let theme = app.theme;
    let workspace = line.session.and_then(|session| app.workspace_of(session));
    let refused = workspace.is_some_and(Workspace::is_refused);
    let sign = match line.session {
        Some(session) if session == app.workspace.session => "▸",
        Some(_) if !refused => "●",
        _ => "",
    };
    let about = if refused { theme.bad() } else { theme.dim() };
    let text =
        |text: Option<&String>| text.map(|text| clean(text).into_owned()).unwrap_or_default();
    vec![
        (sign.to_owned(), theme.accent()),
        (text(line.target.cloud.as_ref()), theme.title()),
        (text(line.target.region.as_ref()), theme.text()),
        (project(app, line), theme.text()),
        (clean(&line.about).into_owned(), about),
    ]
}

fn of_project(app: &App, line: &Line) -> Vec<Cell> {
    let theme = app.theme;
    let id = line.target.project.as_deref().unwrap_or_default();
    let shown = app.workspace.scope().is_some_and(|scope| scope.project_id.0.raw() == id);
    vec![
        (if shown { "▸" } else { "" }.to_owned(), theme.accent()),
        (clean(&line.about).into_owned(), theme.title()),
        (clean(id).into_owned(), theme.text()),
    ]
}

/// The project of a line: that of the login where it is open, the one asked for otherwise.
pub(crate) fn project(app: &App, line: &Line) -> String {
    let workspace = app.workspaces().find(|workspace| Some(workspace.session) == line.session);
    let open = workspace.and_then(Workspace::scope).map(|scope| {
        let name = scope.project_name.as_ref().unwrap_or(&scope.project_id.0);
        name.to_string()
    });
    open.or_else(|| line.target.project.as_deref().map(|id| clean(id).into_owned()))
        .unwrap_or_default()
}
