//! The Matrix view: a cell for each share. Its three columns are the mark, the status, and one more sign.

use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use crate::tui::app::App;
use crate::tui::app::names::signed;
use crate::tui::theme::Theme;
use crate::tui::ui::layout;
use crate::tui::ui::{table, text};
use crate::tui::views::matrix::content::Cell;
use crate::tui::views::matrix::layout::{CELL, MatrixAreas};
use crate::tui::views::matrix::state::Order;
use domain::{ImageIx, MemberIx, MemberKind, MemberStatus, Row};

/// Paints the visible part of the matrix.
pub(crate) fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let matrix = &app.workspace.matrix;
    table::pane(buffer, area, &title(app), true, app.theme);
    if matrix.rows.is_empty() {
        return say(app, layout::inner(area), buffer);
    }
    let areas = crate::tui::views::matrix::layout::matrix(area, matrix.facts.widest);
    let (rows, columns) = windows(app);
    corner(app, areas.corner, buffer);
    for (at, member) in matrix.columns[columns.clone()].iter().enumerate() {
        let here = columns.start + at == matrix.column.at;
        head(app, column_of(areas.heads, at), *member, here, buffer);
    }
    for (at, ix) in matrix.rows[rows.clone()].iter().enumerate() {
        let line = Rect { y: areas.names.y + cells_u16(at), height: 1, ..areas.names };
        name(app, line, *ix, rows.start + at == matrix.row.at, buffer);
    }
    grid(app, &areas, buffer);
    detail(app, areas.detail, buffer);
    legend(app, area, buffer);
    table::thumb(buffer, area, &rows, matrix.rows.len());
}

/// The visible rows and columns.
fn windows(app: &App) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let matrix = &app.workspace.matrix;
    (matrix.row.window(matrix.rows.len()), matrix.column.window(matrix.columns.len()))
}

fn cells_u16(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

fn column_of(area: Rect, at: usize) -> Rect {
    Rect { x: area.x + cells_u16(at) * CELL, width: CELL, ..area }
}

fn title(app: &App) -> String {
    let matrix = &app.workspace.matrix;
    let facts = &matrix.facts;
    let listed = text::count(matrix.rows.len());
    let filtered = matrix.is_filtered().then(|| format!("{listed} of "));
    let all = if filtered.is_some() { facts.images } else { matrix.rows.len() };
    let images = format!("{}{}", filtered.unwrap_or_default(), text::counted(all, "image"));
    let members = text::counted(matrix.columns.len(), "member");
    let parts = [
        Some(format!("Matrix ─ {images} × {members}")),
        app.workspace.incomplete.then(|| "⚠ list incomplete".to_owned()),
        (facts.unknown > 0).then(|| format!("? members of {} unknown", text::count(facts.unknown))),
        (facts.undecided > 0)
            .then(|| format!("{} with members unknown left out", text::count(facts.undecided))),
        (facts.empty > 0).then(|| format!("{} without members left out", text::count(facts.empty))),
        matrix.only_marked.then(|| "only marked".to_owned()),
        matrix.filter.label(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ─ ")
}

/// Paints a sentence in place of the matrix.
fn say(app: &App, inner: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = text::wrap(&nothing(app), usize::from(inner.width));
    table::lines(buffer, inner, &lines, app.theme.text());
}

/// The sentence shown in place of the matrix.
pub(crate) fn nothing(app: &App) -> String {
    let facts = &app.workspace.matrix.facts;
    match app.workspace.reading {
        _ if app.workspace.matrix.is_filtered() && facts.images > 0 => {
            "No share passes the filter. Esc clears it.".to_owned()
        }
        Some(_) => format!("{} Reading the images…", app.spinner()),
        None if facts.empty > 0 => {
            "No image is shared with anybody. z lists the images all the same.".to_owned()
        }
        None => "This project owns no images here. r reads again.".to_owned(),
    }
}

/// How both sides are sorted, and which part is on the screen.
fn corner(app: &App, area: Rect, buffer: &mut Buffer) {
    let (matrix, theme) = (&app.workspace.matrix, app.theme);
    let (rows, columns) = windows(app);
    let part = |window: std::ops::Range<usize>, len: usize| match len {
        0 => "none".to_owned(),
        len if window.len() == len => format!("all {}", text::count(len)),
        len => format!(
            "{}–{} of {}",
            text::count(window.start + 1),
            text::count(window.end),
            text::count(len)
        ),
    };
    let by = |order: Order| format!("by {}", order.word());
    let line = |up: u16| Rect { y: area.bottom() - up, height: 1, width: area.width - 2, ..area };
    let top = |down: u16| Rect { y: area.y + down, height: 1, width: area.width - 2, ..area };
    let right = |buffer: &mut Buffer, at: Rect, text: &str| {
        text::put(buffer, at, text, theme.dim(), Alignment::Right);
    };
    right(buffer, top(0), &format!("members {} ▸", by(matrix.columns_by)));
    right(buffer, top(1), &part(columns, matrix.columns.len()));
    let left = |at: Rect| Rect { x: at.x + 3, width: at.width.saturating_sub(3), ..at };
    let text = format!("images {}", by(matrix.rows_by));
    text::put(buffer, left(line(2)), &text, theme.dim(), Alignment::Left);
    text::put(buffer, left(line(1)), &part(rows, matrix.rows.len()), theme.dim(), Alignment::Left);
    right(buffer, line(1), "shares");
}

/// A member's name, written vertically above its column.
fn head(app: &App, area: Rect, member: MemberIx, here: bool, buffer: &mut Buffer) {
    let label = app.member_label(member);
    let height = usize::from(area.height);
    let letters: Vec<char> = label.chars().filter(|c| c.width().unwrap_or(0) > 0).collect();
    let shown = shortened(&letters, height);
    let style = if here { app.theme.accent() } else { app.theme.text() };
    let top = area.bottom() - cells_u16(shown.len());
    for (letter, y) in shown.into_iter().zip(top..) {
        let mut bytes = [0; 4];
        buffer.set_stringn(area.x + 1, y, letter.encode_utf8(&mut bytes), 2, style);
    }
}

/// Shortens a name in the middle: similar names often differ only at their end, which stays.
fn shortened(letters: &[char], most: usize) -> Vec<char> {
    if letters.len() <= most {
        return letters.to_vec();
    }
    let tail = (most / 3).max(1);
    let head = most.saturating_sub(tail + 1);
    let tail = &letters[letters.len() - tail..];
    [&letters[..head], &['…'], tail].concat()
}

/// An image's name, its mark, and its number of shares.
fn name(app: &App, line: Rect, ix: ImageIx, here: bool, buffer: &mut Buffer) {
    let (theme, inventory) = (app.theme, &app.workspace.inventory);
    let image = inventory.image(ix);
    let (marked, all) = (app.workspace.marks.count_of(&image.id), inventory.rows(ix).len());
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
    let label = app.workspace.label_within(ix, usize::from(text.width));
    text::put(buffer, text, &label, style, Alignment::Left);
    let count = Rect { x: text.right() + 1, width: 4, ..line };
    let (shares, style) = match inventory.list(ix) {
        domain::MemberList::Read(rows) => (short(rows.len()), theme.dim()),
        domain::MemberList::DoNotApply => ("–".into(), theme.dim()),
        domain::MemberList::Unread => ("?".into(), theme.warn()),
        domain::MemberList::Failed(_) => ("!".into(), theme.bad()),
    };
    text::put(buffer, count, &shares, style, Alignment::Right);
}

/// A count in at most four columns.
fn short(n: usize) -> String {
    if n < 10_000 { n.to_string() } else { format!("{}k", n / 1000) }
}

/// The visible cells, with the cursor's crosshair where nothing is shared.
fn grid(app: &App, areas: &MatrixAreas, buffer: &mut Buffer) {
    let matrix = &app.workspace.matrix;
    let (rows, columns) = windows(app);
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
            cell(app, area, (ix, member), cross, buffer);
            if cross == (true, true) || inside(row, column) {
                buffer.set_style(area, app.theme.cursor());
            }
        }
    }
}

fn cell(app: &App, area: Rect, at: (ImageIx, MemberIx), cross: (bool, bool), buffer: &mut Buffer) {
    let (theme, (ix, member)) = (app.theme, at);
    let cell = app.cell(ix, member);
    let inventory = &app.workspace.inventory;
    let is_marked =
        || app.workspace.marks.contains(&inventory.image(ix).id, inventory.member(member));
    if !matches!(cell, Cell::Nothing) && is_marked() {
        buffer.set_stringn(area.x, area.y, "●", 1, theme.mark());
    }
    let (sign, style) = match cell {
        Cell::Share(row, passes) => status(app, row, passes),
        Cell::Unread => ("?", theme.warn()),
        Cell::Failed => ("!", theme.bad()),
        Cell::DoesNotApply => ("–", theme.dim()),
        Cell::Nothing => return lines_to_the_cursor(area, cross, theme, buffer),
    };
    buffer.set_stringn(area.x + 1, area.y, sign, 1, style);
}

/// The sign for the member's status; small and dim if the filter excludes the share.
fn status(app: &App, row: &Row, passes: bool) -> (&'static str, Style) {
    let theme = app.theme;
    let (sign, small, style) = match app.workspace.inventory.status(row) {
        MemberStatus::Accepted => ("■", "▪", theme.text()),
        MemberStatus::Pending => ("P", "p", theme.warn()),
        MemberStatus::Rejected => ("R", "r", theme.warn()),
        MemberStatus::Other(_) => ("O", "o", theme.warn()),
    };
    if passes { (sign, style) } else { (small, theme.dim()) }
}

/// Nothing, or the crosshair of the cursor.
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

/// The legend of the signs, in the lower border.
fn legend(app: &App, area: Rect, buffer: &mut Buffer) {
    let line = Rect { x: area.x + 2, y: area.bottom() - 1, width: area.width - 4, height: 1 };
    let long = " ■ accepted  P pending  R rejected  O other: all have access  ● marked  ? unknown  ! unreadable ";
    let short = " ■ accepted  P pending⚠  R rejected⚠  O other⚠  ● marked  ? unknown  ! failed ";
    let text = if text::width(long) <= usize::from(line.width) { long } else { short };
    text::put(buffer, line, text, app.theme.dim(), Alignment::Left);
}

/// Image and member under the cursor in full, and the share between them.
fn detail(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let line = |at: u16| Rect { x: area.x + 1, y: area.y + at, height: 1, width: area.width - 2 };
    let rule = "─".repeat(usize::from(area.width));
    buffer.set_stringn(area.x, area.y, rule, usize::from(area.width), theme.border());
    let matrix = &app.workspace.matrix;
    let (between, style) = match matrix.rectangle() {
        Some((rows, columns)) => (rectangle(app, &rows, &columns), theme.mark()),
        None => between(app),
    };
    let image = matrix.row.current(&matrix.rows).map(|ix| image(app, ix)).unwrap_or_default();
    let member = matrix.column.current(&matrix.columns).map(|ix| member(app, ix));
    let room = line(1).width.saturating_sub(cells_u16(text::width(&between)) + 2);
    table::pieces(
        buffer,
        Rect { width: room, ..line(1) },
        &[("image   ", theme.dim()), (&image, theme.text())],
    );
    text::put(buffer, line(1), &between, style, Alignment::Right);
    let nobody = "none of these images has a known member".to_owned();
    let member = member.unwrap_or(nobody);
    table::pieces(buffer, line(2), &[("member  ", theme.dim()), (&member, theme.text())]);
}

fn image(app: &App, ix: ImageIx) -> String {
    let image = app.workspace.inventory.image(ix);
    let id = if image.label() == image.id.to_string() {
        String::new()
    } else {
        format!(" · {}", image.id)
    };
    format!("{}{id}", image.label())
}

fn member(app: &App, ix: MemberIx) -> String {
    let member = app.workspace.inventory.member(ix);
    let name = app.names.of(member).map(|name| format!("{} · ", signed(name)));
    let kind = match member.kind {
        MemberKind::Project => String::new(),
        kind => format!(" · {}", kind.word()),
    };
    let images = text::counted(app.workspace.matrix.count_of(ix), "image");
    format!("{}{}{kind} · {images}", name.unwrap_or_default(), member.id)
}

/// The content of the cell under the cursor, in words.
fn between(app: &App) -> (String, Style) {
    let theme = app.theme;
    let Some((ix, member)) = app.workspace.matrix.under() else {
        return (String::new(), theme.text());
    };
    let inventory = &app.workspace.inventory;
    match app.cell(ix, member) {
        Cell::Share(row, passes) => {
            let status = inventory.status(row);
            let sure = *status == MemberStatus::Accepted;
            let since = row.created_at().map(|at| format!(" · since {}", at.age(app.now)));
            let marked =
                app.workspace.marks.contains(&inventory.image(ix).id, inventory.member(member));
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

/// The size of the rectangle, and the number of shares in it.
pub(crate) fn rectangle(
    app: &App,
    rows: &RangeInclusive<usize>,
    columns: &RangeInclusive<usize>,
) -> String {
    let size = |range: &RangeInclusive<usize>| text::count(range.end() + 1 - range.start());
    let shares = text::counted(app.workspace.matrix.inside, "share");
    format!("rectangle {} × {}: {shares} in view", size(rows), size(columns))
}
