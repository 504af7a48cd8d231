//! The members of the image under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Rect};

use super::cells;
use super::table::{self, Cell, Column, Table, Under};
use crate::domain::{ImageIx, MemberKind, MemberList, MemberStatus, Row};
use crate::tui::keymap::Action;
use crate::tui::model::names::signed;
use crate::tui::model::{Focus, Model};

/// Paints the window of the list.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    let focused = model.focus == Focus::Members;
    let inner = table::pane(buffer, area, &title(model, area.width), focused, model.theme);
    let Some(ix) = model.workspace.members.of else { return };
    let kinds = model
        .workspace
        .inventory
        .rows(ix)
        .iter()
        .any(|row| model.workspace.inventory.member(row.member).kind != MemberKind::Project);
    let columns = columns(kinds, inner.width);
    let table = Table::new(buffer, inner, &columns, model.theme);
    let (visible, cursor) = (&model.workspace.members.visible, &model.workspace.members.cursor);
    let window = cursor.window(visible.len());
    let rows = model.workspace.inventory.rows(ix);
    let range = model.range().filter(|_| focused);
    for (at, row) in visible[window.clone()].iter().filter_map(|at| rows.get(*at)).enumerate() {
        let here = focused && window.start + at == cursor.at;
        let under = match here {
            true => Under::Cursor,
            false if table::is_in(range.as_ref(), window.start + at) => Under::Range,
            false => Under::Not,
        };
        table.row(buffer, at, &cells_of(model, ix, row, kinds), under);
    }
    table::thumb(buffer, area, &window, visible.len());
    if visible.is_empty() {
        let (text, style) = nothing(model, ix);
        table.say(buffer, &text, style);
    }
    note(model, ix, area, buffer);
}

fn title(model: &Model, width: u16) -> String {
    match (model.workspace.members.of, titled(model, width)) {
        (Some(ix), Some((_, name))) => format!("{name} ─ {}", count(model, ix)),
        _ => "Members".into(),
    }
}

/// The image in the title, and its name as it stands there: it gives way, the count does not.
pub(super) fn titled(model: &Model, width: u16) -> Option<(ImageIx, String)> {
    let ix = model.workspace.members.of?;
    let room = usize::from(width).saturating_sub(cells::width(&count(model, ix)) + 9);
    Some((ix, model.workspace.label_within(ix, room)))
}

/// How many members the image under the cursor has.
pub(crate) fn count(model: &Model, ix: ImageIx) -> String {
    let listed = model.workspace.members.visible.len();
    match model.workspace.inventory.list(ix) {
        MemberList::Read(rows) if listed < rows.len() => {
            format!("{} of {} members", cells::count(listed), cells::count(rows.len()))
        }
        MemberList::Read(rows) => cells::counted(rows.len(), "member"),
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
    let (id, name) = cells::id_and_name(width.saturating_sub(STATUS + SINCE + kind + 8));
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

fn cells_of(model: &Model, ix: ImageIx, row: &Row, kinds: bool) -> Vec<Cell> {
    let theme = model.theme;
    let member = model.workspace.inventory.member(row.member);
    let marked = model.workspace.marks.contains(&model.workspace.inventory.image(ix).id, member);
    let name = model.names.of(member);
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
    cells.push(status(model, model.workspace.inventory.status(row)));
    let since = row.created_at().map(|created| created.age(model.now)).unwrap_or_default();
    cells.push((since, theme.dim()));
    cells
}

/// The word of a status, with a sign where it could be taken for no access.
pub(super) fn status(model: &Model, status: &MemberStatus) -> Cell {
    match status {
        MemberStatus::Accepted => ("accepted".into(), model.theme.text()),
        other => (format!("{other} ⚠"), model.theme.warn()),
    }
}

/// Promise 6: a status is not access.
fn note(model: &Model, ix: ImageIx, area: Rect, buffer: &mut Buffer) {
    let doubtful = |row: &Row| *model.workspace.inventory.status(row) != MemberStatus::Accepted;
    if area.width < 10 || !model.workspace.inventory.rows(ix).iter().any(doubtful) {
        return;
    }
    let line = Rect { x: area.x + 2, y: area.bottom() - 1, width: area.width - 4, height: 1 };
    let long = " ⚠ pending and rejected members have access too ";
    let short = " ⚠ pending, rejected: has access ";
    let text = if cells::width(long) <= usize::from(line.width) { long } else { short };
    cells::put(buffer, line, text, model.theme.warn(), Alignment::Left);
}

/// A sentence where the list would be.
pub(crate) fn nothing(model: &Model, ix: ImageIx) -> (String, ratatui::style::Style) {
    let theme = model.theme;
    match model.workspace.inventory.list(ix) {
        MemberList::Unread if model.workspace.reading.is_some() => {
            (format!("{} The members are being read.", model.spinner()), theme.dim())
        }
        MemberList::Unread => (
            format!(
                "The members have not been read: who has access is not known. {} reads them.",
                model.keys.spoken(Action::Refresh)
            ),
            theme.warn(),
        ),
        MemberList::Failed(why) => {
            let [pane, again, log] = [Action::NextPane, Action::Refresh, Action::Log]
                .map(|action| model.keys.spoken(action));
            (
                format!(
                    "Who has access is not known: {why}. {pane} and {again} try this image again, {log} has the whole message."
                ),
                theme.bad(),
            )
        }
        MemberList::DoNotApply => {
            let visibility = &model.workspace.inventory.image(ix).visibility;
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
