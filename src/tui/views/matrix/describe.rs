//! The Matrix view in plain mode: announces row and column when they change, then the content of the cell.

use crate::tui::app::App;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::images::describe::filter;
use crate::tui::views::matrix::content::Cell;
use crate::tui::views::matrix::paint::rectangle;
use domain::{ImageIx, MemberIx};

/// The name of the view, as announced.
pub(crate) const PLACE: &str = "View 3, a matrix: a row for each image, a column for each member.";

/// Filter and sort order: the listing is announced when they change.
pub(crate) fn choice(app: &App) -> String {
    let it = &app.workspace.matrix;
    format!("{:?}", (it.filter.line(), it.only_marked, it.rows_by, it.columns_by, it.with_empty))
}

/// Size, filter, order, and missing data.
pub(crate) fn listing(app: &App) -> String {
    let (matrix, facts) = (&app.workspace.matrix, &app.workspace.matrix.facts);
    let some = |number: usize, what: &str| match number {
        0 => String::new(),
        number => format!("{} {what}", counted(number, "image")),
    };
    words::listed([
        how_many(app),
        filter(matrix.filter.line()),
        if matrix.only_marked { "only marked".into() } else { String::new() },
        format!("rows by {}, columns by {}", matrix.rows_by.word(), matrix.columns_by.word()),
        if app.workspace.incomplete {
            "the list of images is incomplete".into()
        } else {
            String::new()
        },
        some(facts.unknown, "with members not known"),
        some(facts.undecided, "with members not known left out"),
        some(facts.empty, "without members left out"),
    ]) + "."
}

/// Number of rows and columns.
pub(crate) fn how_many(app: &App) -> String {
    let matrix = &app.workspace.matrix;
    let (rows, columns) = (matrix.rows.len(), counted(matrix.columns.len(), "member"));
    if matrix.is_filtered() {
        format!("{} of {}, {columns}", count(rows), counted(matrix.facts.images, "image"))
    } else {
        format!("{}, {columns}", counted(rows, "image"))
    }
}

/// The row, column and cell under the cursor.
pub(crate) fn under(app: &App) -> Option<Row> {
    let (matrix, inventory) = (&app.workspace.matrix, &app.workspace.inventory);
    let ix = matrix.row.current(&matrix.rows)?;
    let member = matrix.column.current(&matrix.columns);
    let image = inventory.image(ix);
    let down = format!("row {} of {}: {}", matrix.row.at + 1, matrix.rows.len(), image.label());
    let across = member.map(|member| {
        let name = words::member(app, inventory.member(member));
        format!("column {} of {}: {name}", matrix.column.at + 1, matrix.columns.len())
    });
    let mut row = match member {
        Some(member) => cell(app, ix, member, Row::new(format!("{ix:?} {member:?}"), "")),
        None => Row::new(format!("{ix:?}"), "").fact("none of these images has a known member"),
    };
    row.heads = std::iter::once(down).chain(across).collect();
    if let Some((rows, columns)) = matrix.rectangle() {
        row = row.fact(rectangle(app, &rows, &columns).replace('×', "by"));
    }
    let member = member.map(|member| format!("member id {}", inventory.member(member).id));
    Some(row.details(words::image(image)).details(member))
}

/// The content of a cell, in words.
fn cell(app: &App, ix: ImageIx, member: MemberIx, row: Row) -> Row {
    let inventory = &app.workspace.inventory;
    let marked = app.workspace.marks.contains(&inventory.image(ix).id, inventory.member(member));
    let row = match app.cell(ix, member) {
        Cell::Nothing => return row.fact("not shared"),
        Cell::Unread => row.fact("members not known yet"),
        Cell::Failed => row.fact("members could not be read"),
        Cell::DoesNotApply => row.fact("has no members to list"),
        Cell::Share(share, passes) => {
            let row = row.fact(words::status(inventory.status(share)));
            let row = match share.created_at() {
                Some(since) => row.quiet(format!("for {}", words::age(since, app.now))),
                None => row,
            };
            if passes { row } else { row.fact("left out by the filter") }
        }
    };
    row.marked(if marked { "marked" } else { "" })
}

/// Who the image of this row is shared with, in the order of the columns.
pub(crate) fn list(app: &App) -> List<'_> {
    let matrix = &app.workspace.matrix;
    let ix = matrix.row.current(&matrix.rows);
    let shared =
        |member: &MemberIx| ix.is_some_and(|ix| !matches!(app.cell(ix, *member), Cell::Nothing));
    let members: Vec<MemberIx> = matrix.columns.iter().copied().filter(shared).collect();
    List::looked_at(members.len(), move |at| {
        let member = *members.get(at)?;
        let name = words::member(app, app.workspace.inventory.member(member));
        Some(cell(app, ix?, member, Row::new(format!("{member:?}"), name)))
    })
}
