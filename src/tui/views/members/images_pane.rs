//! The images of the member under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;

use crate::tui::app::App;
use crate::tui::ui::table;
use crate::tui::ui::table::{Cell, Column, Table, Under};
use crate::tui::ui::text;
use crate::tui::views::images::members_pane;
use crate::tui::views::members;
use crate::tui::views::members::state::MembersFocus;
use domain::{ImageIx, MemberIx, Row};

/// Paints the visible rows.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let focused = app.workspace.member_table.focus == MembersFocus::Images;
    let reached = &app.workspace.member_table.reached;
    let inner = table::pane(buffer, area, &title(app, area.width), focused, app.theme);
    let Some(member) = reached.of else { return };
    let columns = columns(area.width);
    let table = Table::new(buffer, inner, &columns, app.theme);
    let window = reached.list.window();
    let range = app.range().filter(|_| focused);
    for (at, ix) in reached.list.rows[window.clone()].iter().enumerate() {
        let here = focused && window.start + at == reached.list.cursor.at;
        let under = match here {
            true => Under::Cursor,
            false if table::is_in(range.as_ref(), window.start + at) => Under::Range,
            false => Under::Not,
        };
        table.row(buffer, at, &row(app, *ix, member, &table), under);
    }
    table::thumb(buffer, area, &window, reached.list.rows.len());
    if reached.list.rows.is_empty() {
        let (text, style) = nothing(app, member);
        table.say(buffer, &text, style);
    }
}

/// The name is truncated, the counts are not: images with unknown members may be shared too.
fn title(app: &App, width: u16) -> String {
    let member_table = &app.workspace.member_table;
    let Some(member) = member_table.reached.of else { return "Images".into() };
    let (listed, all) =
        (member_table.reached.list.rows.len(), member_table.reach.held(member).len());
    let count = match text::counted(all, "image") {
        images if listed == all => images,
        images => format!("{} of {images}", text::count(listed)),
    };
    let more = match member_table.reach.unknown() {
        0 => String::new(),
        unknown => format!(" + {} unknown", text::count(unknown)),
    };
    let room = usize::from(width).saturating_sub(text::width(&count) + text::width(&more) + 9);
    format!("{} ─ {count}{more}", text::cut(&members::paint::label(app, member), room))
}

fn columns(width: u16) -> Vec<Column> {
    let mut columns = vec![
        Column::left("", Constraint::Length(1)),
        Column::left("image", Constraint::Fill(1)),
        Column::left("status", Constraint::Length(10)),
        Column::right("since", 5),
    ];
    let more = [("visibility", 10, 56), ("id", 9, 68)];
    columns.extend(
        more.iter()
            .filter(|(_, _, from)| width >= *from)
            .map(|(title, own, _)| Column::left(title, Constraint::Length(*own))),
    );
    columns
}

fn row(app: &App, ix: ImageIx, member: MemberIx, table: &Table<'_>) -> Vec<Cell> {
    let (theme, inventory) = (app.theme, &app.workspace.inventory);
    let image = inventory.image(ix);
    let marked = app.workspace.marks.contains(&image.id, inventory.member(member));
    let row = inventory.row_of(ix, member);
    let status = row.map(|row| members_pane::status(app, inventory.status(row)));
    let since = row.and_then(Row::created_at).map(|created| created.age(app.now));
    vec![
        (if marked { "●" } else { " " }.to_owned(), theme.mark()),
        (app.workspace.label_within(ix, table.width(1)), theme.text()),
        status.unwrap_or_default(),
        (since.unwrap_or_default(), theme.dim()),
        (image.visibility.to_string(), theme.dim()),
        (image.id.to_string(), theme.dim()),
    ]
}

/// The text shown instead of an empty list.
pub(crate) fn nothing(app: &App, member: MemberIx) -> (String, Style) {
    let (member_table, theme) = (&app.workspace.member_table, app.theme);
    if !member_table.reach.held(member).is_empty() {
        return ("The filter lets none of its images through.".into(), theme.dim());
    }
    let marks = text::counted(member_table.marked(member), "mark");
    let text = format!("{marks} on images whose members are not known now.");
    (text, theme.warn())
}
