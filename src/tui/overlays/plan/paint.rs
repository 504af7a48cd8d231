//! The plan dialog.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::app::names::signed;
use crate::tui::overlays::plan::state;
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::overlays::plan::state::Tab;
use crate::tui::ui::dialog::field;
use crate::tui::ui::header;
use crate::tui::ui::table;
use crate::tui::ui::table::{Column, Table, Under};
use crate::tui::ui::text;
use crate::tui::ui::text::counted;
use domain::{MemberList, Plan, Share};

/// Paints it and returns the position of the text cursor.
pub(crate) fn paint(app: &App, dialog: &PlanDialog, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    let scope = &dialog.scope;
    let title = format!("{} on {}", title(&dialog.plan), header::name(scope));
    table::dialog(buffer, area, &title, theme);
    let warnings = dialog.warning_lines(area.width);
    let [summary, tabs, list, answer] = state::parts(area, &warnings);
    let summary = Rect { x: summary.x + 1, width: summary.width - 2, ..summary };
    table::lines(buffer, summary, &[facts(dialog)], theme.title());
    let below = Rect { y: summary.y + 1, height: summary.height - 1, ..summary };
    table::lines(buffer, below, &warnings, theme.warn());
    paint_tabs(app, dialog, tabs, buffer);
    paint_list(app, dialog, list, buffer);
    paint_answer(app, dialog, answer, buffer)
}

/// The action, and the operation it undoes.
pub(crate) fn title(plan: &Plan) -> String {
    let undone = plan.undoes().map(|id| format!(" (undo of {id})"));
    format!("{}{}", plan.kind().title(), undone.unwrap_or_default())
}

/// The numbers of shares, images and requests.
pub(crate) fn facts(dialog: &PlanDialog) -> String {
    let plan = &dialog.plan;
    let requests = plan.batches().len();
    let bound = if plan.is_minimal() {
        "known to be minimal".into()
    } else {
        format!("at least {} needed", text::count(plan.lower_bound()))
    };
    format!(
        "{} · {} · {} · {} ({bound})",
        counted(plan.shares(), "share"),
        counted(plan.marks().images().len(), "image"),
        counted(dialog.members, "member"),
        counted(requests, "request"),
    )
}

fn paint_tabs(app: &App, dialog: &PlanDialog, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let mut pieces = vec![(" ", theme.text())];
    for tab in Tab::ALL {
        let style = if tab == dialog.tab { theme.accent() } else { theme.dim() };
        pieces.push((if tab == dialog.tab { "▸" } else { " " }, style));
        pieces.extend([(tab.word(), style), ("  ", theme.text())]);
    }
    table::pieces(buffer, area, &pieces);
    let right = Rect { width: area.width.saturating_sub(2), ..area };
    let next = match dialog.tab {
        Tab::Shares => "Tab: the requests themselves",
        Tab::Requests => "Tab: the same for curl",
        Tab::Curl => "Tab: the shares",
    };
    text::put(buffer, right, next, theme.dim(), Alignment::Right);
}

fn paint_list(app: &App, dialog: &PlanDialog, area: Rect, buffer: &mut Buffer) {
    if dialog.tab == Tab::Shares {
        return paint_shares(app, dialog, area, buffer);
    }
    let Some((_, _, lines)) = &dialog.lines else { return };
    let end = (dialog.scroll + usize::from(area.height)).min(lines.len());
    let window = dialog.scroll.min(end)..end;
    let text = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    table::lines(buffer, text, &lines[window.clone()], app.theme.text());
    thumb(buffer, area, &window, lines.len());
}

/// Minimum width in columns at which every image has its ID in a column of its own.
const WITH_IDS: u16 = 110;

/// Columns of the ID prefix that distinguishes images of the same name.
fn id_width(dialog: &PlanDialog) -> u16 {
    // The `…` takes one column.
    u16::try_from(dialog.short_id + 1).unwrap_or(u16::MAX).clamp(9, 37)
}

fn paint_shares(app: &App, dialog: &PlanDialog, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let mut columns = vec![
        Column::left("image", Constraint::Fill(2)),
        Column::left("member", Constraint::Fill(2)),
        Column::left("name", Constraint::Fill(1)),
        Column::left("status", Constraint::Length(10)),
    ];
    let ids = area.width >= WITH_IDS;
    if ids {
        columns.insert(1, Column::left("image id", Constraint::Length(id_width(dialog))));
    }
    let table = Table::new(buffer, area, &columns, app.theme);
    let rows = usize::from(area.height.saturating_sub(1));
    let end = (dialog.scroll + rows).min(dialog.shares.len());
    let window = dialog.scroll.min(end)..end;
    for (at, share) in dialog.shares[window.clone()].iter().enumerate() {
        let [image, member, name, status] = row(app, share);
        let ix = app.workspace.inventory.find(&share.image);
        let row = match ix {
            _ if ids => {
                let label = ix.map(|ix| app.workspace.inventory.image(ix).label());
                let image = (label.unwrap_or(image.0), theme.text());
                let id = (share.image.to_string(), theme.dim());
                vec![image, id, member, name, status]
            }
            Some(ix) => {
                let image = (app.workspace.label_within(ix, table.width(0)), theme.text());
                vec![image, member, name, status]
            }
            None => vec![image, member, name, status],
        };
        table.row(buffer, at, &row, Under::Not);
    }
    thumb(buffer, area, &window, dialog.shares.len());
}

/// The thumb belongs on the frame of the dialog.
fn thumb(buffer: &mut Buffer, list: Rect, window: &std::ops::Range<usize>, len: usize) {
    let beside = Rect {
        x: list.x,
        y: list.y.saturating_sub(1),
        width: list.width + 1,
        height: list.height + 2,
    };
    table::thumb(buffer, beside, window, len);
}

/// Image, member, name and status of a share.
pub(crate) fn row(app: &App, share: &Share) -> [table::Cell; 4] {
    let theme = app.theme;
    let ix = app.workspace.inventory.find(&share.image);
    let label = ix.map_or_else(|| share.image.to_string(), |ix| app.workspace.label_of(ix));
    let known = ix.and_then(|ix| {
        let rows = app.workspace.inventory.rows(ix);
        rows.iter().find(|row| *app.workspace.inventory.member(row.member) == share.member)
    });
    let read = ix.is_some_and(|ix| matches!(app.workspace.inventory.list(ix), MemberList::Read(_)));
    let status = match known {
        Some(row) => app.workspace.inventory.status(row).to_string(),
        None if read => "not shared".into(),
        None => "?".into(),
    };
    let name = app.names.of(&share.member).map_or_else(|| "?".into(), signed);
    [
        (label, theme.text()),
        (share.member.id.to_string(), theme.text()),
        (name, theme.text()),
        (status, theme.dim()),
    ]
}

fn paint_answer(app: &App, dialog: &PlanDialog, area: Rect, buffer: &mut Buffer) -> Position {
    let theme = app.theme;
    let line = |at: u16| Rect {
        x: area.x + 1,
        y: area.y + at,
        width: area.width.saturating_sub(2),
        height: 1,
    };
    let rule = "─".repeat(usize::from(area.width));
    buffer.set_stringn(area.x, area.y, &rule, usize::from(area.width), theme.border());
    let scope = &dialog.scope;
    let (text, style) = match &dialog.complaint {
        Some(complaint) => (complaint.clone(), theme.bad()),
        None if scope.read_only => {
            (format!("{} is read-only: this plan cannot be carried out.", scope.cloud), theme.bad())
        }
        None => ("Esc leaves everything as it is.".into(), theme.dim()),
    };
    text::put(buffer, line(2), &text, style, Alignment::Left);
    if scope.read_only {
        return Position::new(area.x + 1, area.y + 1);
    }
    let (prompt, input) = prompt(dialog);
    field(app, line(1), &prompt, input, buffer)
}

/// The question and the text input.
pub(crate) fn prompt(dialog: &PlanDialog) -> (String, &Input) {
    let (kind, shares) = (dialog.plan.kind(), dialog.plan.shares());
    if dialog.naming {
        return (
            format!("{0} is protected. Type {0} to {kind}:", dialog.scope.cloud),
            &dialog.cloud,
        );
    }
    (format!("Type {shares} to {kind} {}:", counted(shares, "share")), &dialog.count)
}
