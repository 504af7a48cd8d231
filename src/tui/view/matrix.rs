//! The Matrix view: a cell for each share. Its three columns are the mark, the status, and one sign more.

use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use super::{cells, table};
use crate::domain::{ImageIx, MemberIx, MemberKind, MemberStatus, Row};
use crate::tui::layout::{self, CELL, MatrixAreas};
use crate::tui::model::Model;
use crate::tui::model::matrix::{Cell, Order};
use crate::tui::model::names::signed;
use crate::tui::theme::Theme;

/// Paints the window of the matrix.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    let matrix = &model.workspace.matrix;
    table::pane(buffer, area, &title(model), true, model.theme);
    if matrix.rows.is_empty() {
        return say(model, layout::inner(area), buffer);
    }
    let areas = layout::matrix(area, matrix.facts.widest);
    let (rows, columns) = windows(model);
    corner(model, areas.corner, buffer);
    for (at, member) in matrix.columns[columns.clone()].iter().enumerate() {
        let here = columns.start + at == matrix.column.at;
        head(model, column_of(areas.heads, at), *member, here, buffer);
    }
    for (at, ix) in matrix.rows[rows.clone()].iter().enumerate() {
        let line = Rect { y: areas.names.y + cells_u16(at), height: 1, ..areas.names };
        name(model, line, *ix, rows.start + at == matrix.row.at, buffer);
    }
    grid(model, &areas, buffer);
    detail(model, areas.detail, buffer);
    legend(model, area, buffer);
    table::thumb(buffer, area, &rows, matrix.rows.len());
}

/// Rows and columns on the screen.
fn windows(model: &Model) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let matrix = &model.workspace.matrix;
    (matrix.row.window(matrix.rows.len()), matrix.column.window(matrix.columns.len()))
}

fn cells_u16(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

fn column_of(area: Rect, at: usize) -> Rect {
    Rect { x: area.x + cells_u16(at) * CELL, width: CELL, ..area }
}

fn title(model: &Model) -> String {
    let matrix = &model.workspace.matrix;
    let facts = &matrix.facts;
    let listed = cells::count(matrix.rows.len());
    let filtered = matrix.is_filtered().then(|| format!("{listed} of "));
    let all = if filtered.is_some() { facts.images } else { matrix.rows.len() };
    let images = format!("{}{}", filtered.unwrap_or_default(), cells::counted(all, "image"));
    let members = cells::counted(matrix.columns.len(), "member");
    let parts = [
        Some(format!("Matrix ─ {images} × {members}")),
        model.workspace.incomplete.then(|| "⚠ list incomplete".to_owned()),
        (facts.unknown > 0)
            .then(|| format!("? members of {} unknown", cells::count(facts.unknown))),
        (facts.undecided > 0)
            .then(|| format!("{} with members unknown left out", cells::count(facts.undecided))),
        (facts.empty > 0)
            .then(|| format!("{} without members left out", cells::count(facts.empty))),
        matrix.only_marked.then(|| "only marked".to_owned()),
        matrix.filter.label(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ─ ")
}

/// A sentence where the matrix would be.
fn say(model: &Model, inner: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = cells::wrap(&nothing(model), usize::from(inner.width));
    table::lines(buffer, inner, &lines, model.theme.text());
}

/// The sentence.
pub(crate) fn nothing(model: &Model) -> String {
    let facts = &model.workspace.matrix.facts;
    match model.workspace.reading {
        _ if model.workspace.matrix.is_filtered() && facts.images > 0 => {
            "No share passes the filter. Esc takes it away.".to_owned()
        }
        Some(_) => format!("{} Reading the images…", model.spinner()),
        None if facts.empty > 0 => {
            "No image is shared with anybody. z lists the images all the same.".to_owned()
        }
        None => "There are no images here that this project owns. r reads again.".to_owned(),
    }
}

/// How both sides are sorted and which part is on the screen.
fn corner(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (matrix, theme) = (&model.workspace.matrix, model.theme);
    let (rows, columns) = windows(model);
    let part = |window: std::ops::Range<usize>, len: usize| match len {
        0 => "none".to_owned(),
        len if window.len() == len => format!("all {}", cells::count(len)),
        len => format!(
            "{}–{} of {}",
            cells::count(window.start + 1),
            cells::count(window.end),
            cells::count(len)
        ),
    };
    let by = |order: Order| format!("by {}", order.word());
    let line = |up: u16| Rect { y: area.bottom() - up, height: 1, width: area.width - 2, ..area };
    let top = |down: u16| Rect { y: area.y + down, height: 1, width: area.width - 2, ..area };
    let right = |buffer: &mut Buffer, at: Rect, text: &str| {
        cells::put(buffer, at, text, theme.dim(), Alignment::Right);
    };
    right(buffer, top(0), &format!("members {} ▸", by(matrix.columns_by)));
    right(buffer, top(1), &part(columns, matrix.columns.len()));
    let left = |at: Rect| Rect { x: at.x + 3, width: at.width.saturating_sub(3), ..at };
    let text = format!("images {}", by(matrix.rows_by));
    cells::put(buffer, left(line(2)), &text, theme.dim(), Alignment::Left);
    cells::put(buffer, left(line(1)), &part(rows, matrix.rows.len()), theme.dim(), Alignment::Left);
    right(buffer, line(1), "shares");
}

/// A member's name, written downwards to its column.
fn head(model: &Model, area: Rect, member: MemberIx, here: bool, buffer: &mut Buffer) {
    let label = model.member_label(member);
    let height = usize::from(area.height);
    let letters: Vec<char> = label.chars().filter(|c| c.width().unwrap_or(0) > 0).collect();
    let shown = shortened(&letters, height);
    let style = if here { model.theme.accent() } else { model.theme.text() };
    let top = area.bottom() - cells_u16(shown.len());
    for (letter, y) in shown.into_iter().zip(top..) {
        let mut bytes = [0; 4];
        buffer.set_stringn(area.x + 1, y, letter.encode_utf8(&mut bytes), 2, style);
    }
}

/// As many letters as fit. Names of one kind often differ only at their end, so that stays.
fn shortened(letters: &[char], most: usize) -> Vec<char> {
    if letters.len() <= most {
        return letters.to_vec();
    }
    let tail = (most / 3).max(1);
    let head = most.saturating_sub(tail + 1);
    let tail = &letters[letters.len() - tail..];
    [&letters[..head], &['…'], tail].concat()
}

/// An image's name, whether it is marked, and how many shares it has.
fn name(model: &Model, line: Rect, ix: ImageIx, here: bool, buffer: &mut Buffer) {
    let (theme, inventory) = (model.theme, &model.workspace.inventory);
    let image = inventory.image(ix);
    let (marked, all) = (model.workspace.marks.count_of(&image.id), inventory.rows(ix).len());
    let sign = match marked {
        0 => " ",
        some if some >= all => "●",
        _ => "◐",
    };
    let style = if here { theme.accent() } else { theme.text() };
    if here {
        buffer.set_stringn(line.x, line.y, "▌", 1, theme.accent());
    }
    buffer.set_stringn(line.x + 1, line.y, sign, 1, theme.mark());
    let text = Rect { x: line.x + 3, width: line.width.saturating_sub(10), ..line };
    let label = model.workspace.label_within(ix, usize::from(text.width));
    cells::put(buffer, text, &label, style, Alignment::Left);
    let count = Rect { x: text.right() + 1, width: 4, ..line };
    let (shares, style) = match inventory.list(ix) {
        crate::domain::MemberList::Read(rows) => (short(rows.len()), theme.dim()),
        crate::domain::MemberList::DoNotApply => ("–".into(), theme.dim()),
        crate::domain::MemberList::Unread => ("?".into(), theme.warn()),
        crate::domain::MemberList::Failed(_) => ("!".into(), theme.bad()),
    };
    cells::put(buffer, count, &shares, style, Alignment::Right);
}

/// A count in at most four columns.
fn short(n: usize) -> String {
    if n < 10_000 { n.to_string() } else { format!("{}k", n / 1000) }
}

/// The cells in the window, with the cross of the cursor where nothing is shared.
fn grid(model: &Model, areas: &MatrixAreas, buffer: &mut Buffer) {
    let matrix = &model.workspace.matrix;
    let (rows, columns) = windows(model);
    let rectangle = matrix.rectangle();
    let inside = |row: usize, column: usize| {
        rectangle
            .as_ref()
            .is_some_and(|(rows, columns)| rows.contains(&row) && columns.contains(&column))
    };
    for (down, row) in rows.enumerate() {
        for (across, column) in columns.clone().enumerate() {
            let area = column_of(areas.cells, across);
            let area = Rect { y: areas.cells.y + cells_u16(down), height: 1, ..area };
            let cross = (row == matrix.row.at, column == matrix.column.at);
            let (ix, member) = (matrix.rows[row], matrix.columns[column]);
            cell(model, area, (ix, member), cross, buffer);
            if cross == (true, true) || inside(row, column) {
                buffer.set_style(area, model.theme.cursor());
            }
        }
    }
}

fn cell(
    model: &Model,
    area: Rect,
    at: (ImageIx, MemberIx),
    cross: (bool, bool),
    buffer: &mut Buffer,
) {
    let (theme, (ix, member)) = (model.theme, at);
    let cell = model.cell(ix, member);
    let inventory = &model.workspace.inventory;
    let is_marked =
        || model.workspace.marks.contains(&inventory.image(ix).id, inventory.member(member));
    if !matches!(cell, Cell::Nothing) && is_marked() {
        buffer.set_stringn(area.x, area.y, "●", 1, theme.mark());
    }
    let (sign, style) = match cell {
        Cell::Share(row, passes) => status(model, row, passes),
        Cell::Unread => ("?", theme.warn()),
        Cell::Failed => ("!", theme.bad()),
        Cell::DoesNotApply => ("–", theme.dim()),
        Cell::Nothing => return lines_to_the_cursor(area, cross, theme, buffer),
    };
    buffer.set_stringn(area.x + 1, area.y, sign, 1, style);
}

/// What the member did with it; small where the filter leaves the share out.
fn status(model: &Model, row: &Row, passes: bool) -> (&'static str, Style) {
    let theme = model.theme;
    let (sign, small, style) = match model.workspace.inventory.status(row) {
        MemberStatus::Accepted => ("■", "▪", theme.text()),
        MemberStatus::Pending => ("P", "p", theme.warn()),
        MemberStatus::Rejected => ("R", "r", theme.warn()),
        MemberStatus::Other(_) => ("O", "o", theme.warn()),
    };
    if passes { (sign, style) } else { (small, theme.dim()) }
}

/// Nothing, or the lines that lead to the cursor.
fn lines_to_the_cursor(area: Rect, cross: (bool, bool), theme: Theme, buffer: &mut Buffer) {
    match cross {
        (true, false) => {
            buffer.set_stringn(area.x, area.y, "───", usize::from(CELL), theme.dim());
        }
        (false, true) => {
            buffer.set_stringn(area.x + 1, area.y, "│", 1, theme.dim());
        }
        _ => {}
    }
}

/// What the signs mean, in the lower border.
fn legend(model: &Model, area: Rect, buffer: &mut Buffer) {
    let line = Rect { x: area.x + 2, y: area.bottom() - 1, width: area.width - 4, height: 1 };
    let long = " ■ accepted  P pending  R rejected  O other: all have access  ● marked  ? unknown  ! unreadable ";
    let short = " ■ accepted  P pending⚠  R rejected⚠  O other⚠  ● marked  ? unknown  ! failed ";
    let text = if cells::width(long) <= usize::from(line.width) { long } else { short };
    cells::put(buffer, line, text, model.theme.dim(), Alignment::Left);
}

/// Image and member under the cursor in full, and what is between them.
fn detail(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let line = |at: u16| Rect { x: area.x + 1, y: area.y + at, height: 1, width: area.width - 2 };
    let rule = "─".repeat(usize::from(area.width));
    buffer.set_stringn(area.x, area.y, rule, usize::from(area.width), theme.border());
    let matrix = &model.workspace.matrix;
    let (between, style) = match matrix.rectangle() {
        Some((rows, columns)) => (rectangle(model, &rows, &columns), theme.mark()),
        None => between(model),
    };
    let image = matrix.row.current(&matrix.rows).map(|ix| image(model, ix)).unwrap_or_default();
    let member = matrix.column.current(&matrix.columns).map(|ix| member(model, ix));
    let room = line(1).width.saturating_sub(cells_u16(cells::width(&between)) + 2);
    table::pieces(
        buffer,
        Rect { width: room, ..line(1) },
        &[("image   ", theme.dim()), (&image, theme.text())],
    );
    cells::put(buffer, line(1), &between, style, Alignment::Right);
    let nobody = "none of these images has a known member".to_owned();
    let member = member.unwrap_or(nobody);
    table::pieces(buffer, line(2), &[("member  ", theme.dim()), (&member, theme.text())]);
}

fn image(model: &Model, ix: ImageIx) -> String {
    let image = model.workspace.inventory.image(ix);
    let id = if image.label() == image.id.to_string() {
        String::new()
    } else {
        format!(" · {}", image.id)
    };
    format!("{}{id}", image.label())
}

fn member(model: &Model, ix: MemberIx) -> String {
    let member = model.workspace.inventory.member(ix);
    let name = model.names.of(member).map(|name| format!("{} · ", signed(name)));
    let kind = match member.kind {
        MemberKind::Project => String::new(),
        kind => format!(" · {}", kind.word()),
    };
    let images = cells::counted(model.workspace.matrix.count_of(ix), "image");
    format!("{}{}{kind} · {images}", name.unwrap_or_default(), member.id)
}

/// What the share under the cursor is.
fn between(model: &Model) -> (String, Style) {
    let theme = model.theme;
    let Some((ix, member)) = model.workspace.matrix.under() else {
        return (String::new(), theme.text());
    };
    let inventory = &model.workspace.inventory;
    match model.cell(ix, member) {
        Cell::Share(row, passes) => {
            let status = inventory.status(row);
            let sure = *status == MemberStatus::Accepted;
            let since = row.created_at().map(|at| format!(" · since {}", at.age(model.now)));
            let marked =
                model.workspace.marks.contains(&inventory.image(ix).id, inventory.member(member));
            let text = format!(
                "{status}{}{}{}{}",
                if sure { "" } else { " ⚠ has access" },
                since.unwrap_or_default(),
                if marked { " · ● marked" } else { "" },
                if passes { "" } else { " · left out by the filter" }
            );
            (text, if sure { theme.title() } else { theme.warn() })
        }
        Cell::Nothing => ("not shared".into(), theme.dim()),
        Cell::Unread => ("members not known yet".into(), theme.warn()),
        Cell::Failed => ("members could not be read".into(), theme.bad()),
        Cell::DoesNotApply => ("has no members to list".into(), theme.dim()),
    }
}

/// How large the rectangle is and how much is shared in it.
pub(crate) fn rectangle(
    model: &Model,
    rows: &RangeInclusive<usize>,
    columns: &RangeInclusive<usize>,
) -> String {
    let size = |range: &RangeInclusive<usize>| cells::count(range.end() + 1 - range.start());
    let shares = cells::counted(model.workspace.matrix.inside, "share");
    format!("rectangle {} × {}: {shares} in view", size(rows), size(columns))
}
