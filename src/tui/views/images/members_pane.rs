//! The members of the image under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Rect};

use crate::tui::app::names::signed;
use crate::tui::app::{App, Focus};
use crate::tui::keys::Action;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::ui::text;
use domain::{ImageIx, MemberKind, MemberList, MemberStatus, Row};

/// Paints the visible rows.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let focused = app.focus == Focus::Members;
    let inner = table::pane(buffer, area, &title(app, area.width), focused, app.theme);
    let Some(ix) = app.workspace.members_pane.of else { return };
    let kinds = app
        .workspace
        .inventory
        .rows(ix)
        .iter()
        .any(|row| app.workspace.inventory.member(row.member).kind != MemberKind::Project);
    let columns = columns(kinds, inner.width);
    let table = Table::new(buffer, inner, &columns, app.theme);
    let (visible, cursor) =
        (&app.workspace.members_pane.list.rows, &app.workspace.members_pane.list.cursor);
    let window = cursor.window(visible.len());
    let rows = app.workspace.inventory.rows(ix);
    let range = app.range().filter(|_| focused);
    for (at, row) in visible[window.clone()].iter().filter_map(|at| rows.get(*at)).enumerate() {
        let here = focused && window.start + at == cursor.at;
        let under = match here {
            true => Under::Cursor,
            false if table::is_in(range.as_ref(), window.start + at) => Under::Range,
            false => Under::Not,
        };
        table.row(buffer, at, &cells_of(app, ix, row, kinds), under);
    }
    table::thumb(buffer, area, &window, visible.len());
    if visible.is_empty() {
        let (text, style) = nothing(app, ix);
        table.say(buffer, &text, style);
    }
    note(app, ix, area, buffer);
}

fn title(app: &App, width: u16) -> String {
    match (app.workspace.members_pane.of, titled(app, width)) {
        (Some(ix), Some((_, name))) => format!("{name} ─ {}", count(app, ix)),
        _ => "Members".into(),
    }
}

/// The image in the title, and its name as shown there: the name is truncated before the count.
pub(crate) fn titled(app: &App, width: u16) -> Option<(ImageIx, String)> {
    let ix = app.workspace.members_pane.of?;
    let room = usize::from(width).saturating_sub(text::width(&count(app, ix)) + 9);
    Some((ix, app.workspace.label_within(ix, room)))
}

/// The number of members of the image under the cursor.
pub(crate) fn count(app: &App, ix: ImageIx) -> String {
    let listed = app.workspace.members_pane.list.rows.len();
    match app.workspace.inventory.list(ix) {
        MemberList::Read(rows) if listed < rows.len() => {
            format!("{} of {} members", text::count(listed), text::count(rows.len()))
        }
        MemberList::Read(rows) => text::counted(rows.len(), "member"),
        MemberList::DoNotApply => "no members".into(),
        MemberList::Unread | MemberList::Failed(_) => "members unknown".into(),
    }
}

fn columns(kinds: bool, width: u16) -> Vec<Column> {
    const KIND: u16 = 12;
    const STATUS: u16 = 10;
    const SINCE: u16 = 5;
    let kind = if kinds { KIND + 1 } else { 0 };
    // Cursor, mark and thumb, and a blank after each column but the last.
    let (id, name) = text::id_and_name(width.saturating_sub(STATUS + SINCE + kind + 8));
    let mut columns = vec![
        Column::left("", Constraint::Length(1)),
        Column::left("member", Constraint::Length(id)),
        Column::left("name", Constraint::Length(name)),
    ];
    if kinds {
        columns.push(Column::left("type", Constraint::Length(KIND)));
    }
    columns.push(Column::left("status", Constraint::Length(STATUS)));
    columns.push(Column::right("since", SINCE));
    columns
}

fn cells_of(app: &App, ix: ImageIx, row: &Row, kinds: bool) -> Vec<Cell> {
    let theme = app.theme;
    let member = app.workspace.inventory.member(row.member);
    let marked = app.workspace.marks.contains(&app.workspace.inventory.image(ix).id, member);
    let name = app.names.of(member);
    let shown = name.map_or_else(|| "?".into(), signed);
    let mut cells = vec![
        (if marked { "●" } else { " " }.to_owned(), theme.mark()),
        (member.id.to_string(), theme.text()),
        (shown, if name.is_some() { theme.text() } else { theme.dim() }),
    ];
    if kinds {
        let word = if member.kind == MemberKind::Project { "" } else { member.kind.word() };
        cells.push((word.into(), theme.warn()));
    }
    cells.push(status(app, app.workspace.inventory.status(row)));
    let since = row.created_at().map(|created| created.age(app.now)).unwrap_or_default();
    cells.push((since, theme.dim()));
    cells
}

/// The word for a status, with a sign if it could be taken for no access.
pub(crate) fn status(app: &App, status: &MemberStatus) -> Cell {
    match status {
        MemberStatus::Accepted => ("accepted".into(), app.theme.text()),
        other => (format!("{other} ⚠"), app.theme.warn()),
    }
}

/// Promise 6: a status is not access.
fn note(app: &App, ix: ImageIx, area: Rect, buffer: &mut Buffer) {
    let doubtful = |row: &Row| *app.workspace.inventory.status(row) != MemberStatus::Accepted;
    if area.width < 10 || !app.workspace.inventory.rows(ix).iter().any(doubtful) {
        return;
    }
    let line = Rect { x: area.x + 2, y: area.bottom() - 1, width: area.width - 4, height: 1 };
    let long = " ⚠ pending and rejected members have access too ";
    let short = " ⚠ pending, rejected: has access ";
    let text = if text::width(long) <= usize::from(line.width) { long } else { short };
    text::put(buffer, line, text, app.theme.warn(), Alignment::Left);
}

/// The text shown instead of an empty list.
pub(crate) fn nothing(app: &App, ix: ImageIx) -> (String, ratatui::style::Style) {
    let theme = app.theme;
    match app.workspace.inventory.list(ix) {
        MemberList::Unread if app.workspace.reading.is_some() => {
            (format!("{} The members are being read.", app.spinner()), theme.dim())
        }
        MemberList::Unread => (
            format!(
                "The members have not been read: who has access is not known. {} reads them.",
                app.keys.spoken(Action::Refresh)
            ),
            theme.warn(),
        ),
        MemberList::Failed(why) => {
            let [pane, again, log] = [Action::NextPane, Action::Refresh, Action::Log]
                .map(|action| app.keys.spoken(action));
            (
                format!(
                    "Who has access is not known: {why}. {pane} and {again} try this image again, {log} has the whole message."
                ),
                theme.bad(),
            )
        }
        MemberList::DoNotApply => {
            let visibility = &app.workspace.inventory.image(ix).visibility;
            (
                format!("This image is {visibility}: it has no members that the cloud would list."),
                theme.dim(),
            )
        }
        MemberList::Read(rows) if rows.is_empty() => {
            ("Nobody: this image is shared with no one.".into(), theme.dim())
        }
        MemberList::Read(_) => ("The filter lets none of the members through.".into(), theme.dim()),
    }
}
