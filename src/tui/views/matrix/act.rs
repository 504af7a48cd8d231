//! The keys of the Matrix view: moving in both directions, marking by cell, row, column and rectangle.

use crate::tui::ui::list::stepped;
use std::ops::RangeInclusive;

use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::update::show;
use crate::tui::app::{App, Focus};
use crate::tui::app::{input, marks};
use crate::tui::keys::Action;
use crate::tui::speech::act::say_copied;
use crate::tui::ui::text::counted;
use crate::tui::views::ViewId;
use crate::tui::views::matrix::content::Cell;
use crate::tui::views::matrix::state::Order;
use crate::tui::views::members;
use crate::tui::views::members::state::Jump;
use domain::{ImageIx, MemberIx, MemberList, Share};

/// Handles a key in the view.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    app.settle();
    let matrix = &mut app.workspace.matrix;
    match action {
        Action::Filter => matrix.filter.open(),
        Action::Sort => {
            matrix.rows_by = matrix.rows_by.next();
            say_order(app, "images", app.workspace.matrix.rows_by);
        }
        Action::SortColumns => {
            matrix.columns_by = matrix.columns_by.next();
            say_order(app, "members", app.workspace.matrix.columns_by);
        }
        Action::ShowEmpty => show_empty(app),
        Action::OnlyMarked => only_marked(app),
        Action::Rectangle => {
            matrix.corner = if matrix.corner.is_some() { None } else { matrix.under() };
        }
        Action::Back => back(app),
        Action::Enter => open(app),
        Action::Copy => return copy(app),
        Action::ClearMarks => {
            marks::clear(app);
            app.workspace.marks_changed();
        }
        Action::Mark | Action::MarkRow | Action::MarkColumn | Action::MarkAll | Action::Invert => {
            let effects = mark(app, action);
            app.workspace.marks_changed();
            return effects;
        }
        action => step(app, action),
    }
    vec![]
}

/// Moves the cursor by a motion.
pub(crate) fn step(app: &mut App, action: Action) {
    app.settle();
    let matrix = &mut app.workspace.matrix;
    let across = match action {
        Action::Left => Action::Up,
        Action::Right => Action::Down,
        Action::PageLeft => Action::PageUp,
        Action::PageRight => Action::PageDown,
        Action::FirstColumn => Action::Top,
        Action::LastColumn => Action::Bottom,
        action => {
            let at = stepped(&matrix.row, action, matrix.rows.len());
            return matrix.row.go(at, &matrix.rows);
        }
    };
    let at = stepped(&matrix.column, across, matrix.columns.len());
    matrix.column.go(at, &matrix.columns);
}

/// Handles a click on a cell, or on a name at either side. Ends the rectangle.
pub(crate) fn choose(app: &mut App, row: Option<usize>, column: Option<usize>) {
    let matrix = &mut app.workspace.matrix;
    matrix.corner = None;
    if let Some(at) = row.map(|row| matrix.row.top + row).filter(|at| *at < matrix.rows.len()) {
        matrix.row.go(at, &matrix.rows);
    }
    let column = column.map(|column| matrix.column.top + column);
    if let Some(at) = column.filter(|at| *at < matrix.columns.len()) {
        matrix.column.go(at, &matrix.columns);
    }
}

/// Stretches the rectangle to a cell, or to the last one; without a rectangle, begins one at the cursor.
pub(crate) fn stretch(app: &mut App, row: usize, column: usize) {
    let matrix = &mut app.workspace.matrix;
    let before = matrix.under();
    matrix.row.go(row, &matrix.rows);
    matrix.column.go(column, &matrix.columns);
    matrix.corner = matrix.corner.or(before.filter(|_| matrix.under() != before));
}

fn say_order(app: &mut App, side: &str, order: Order) {
    app.workspace.matrix.changed();
    let how = match order {
        Order::Likeness => "similar ones side by side",
        Order::Name => "by name",
        Order::Shares => "those with the most shares in view first",
    };
    let side = if side == "images" { "Images" } else { "Members" };
    app.log.say(app.now, Level::Info, format!("{side} are sorted: {how}."));
}

fn show_empty(app: &mut App) {
    let matrix = &mut app.workspace.matrix;
    matrix.with_empty = !matrix.with_empty;
    matrix.changed();
    let how = if matrix.with_empty { "listed too" } else { "left out" };
    let text = format!("Images that are shared with no one are {how}.");
    app.log.say(app.now, Level::Info, text);
}

fn only_marked(app: &mut App) {
    if !app.workspace.matrix.only_marked && app.workspace.marks.is_empty() {
        let text = "Nothing is marked: Space marks a share, - a row, | a column.";
        return app.log.say(app.now, Level::Warning, text);
    }
    app.workspace.matrix.only_marked = !app.workspace.matrix.only_marked;
    app.workspace.matrix.changed();
}

/// Goes back: ends the rectangle, clears the filter, or leaves only-marked.
fn back(app: &mut App) {
    let matrix = &mut app.workspace.matrix;
    if matrix.corner.take().is_some() {
    } else if !matrix.filter.line().is_empty() {
        matrix.filter.set("");
    } else if matrix.only_marked {
        only_marked(app);
    } else if !app.log.dismiss() {
        input::nothing_to_go_back_from(app);
    }
}

/// Shows this image and member in view 1; Esc returns. Without a share, shows the image.
fn open(app: &mut App) {
    let matrix = &app.workspace.matrix;
    let Some(ix) = matrix.row.current(&matrix.rows) else { return };
    match matrix.column.current(&matrix.columns) {
        Some(member) if app.workspace.inventory.row_of(ix, member).is_some() => {
            members::act::show_share(app, ViewId::Matrix, ix, member);
        }
        _ => open_image(app, ix),
    }
}

fn open_image(app: &mut App, ix: ImageIx) {
    app.all_scopes = None;
    show(app, ViewId::Images);
    app.workspace.jump = Some(Jump { from: ViewId::Matrix, image: ix, member: None });
    app.focus = Focus::Images;
    if std::mem::take(&mut app.workspace.received.shown) {
        app.workspace.images.changed();
    }
    app.settle();
    let images = &mut app.workspace.images;
    if !images.list.rows.contains(&ix) && images.is_filtered() {
        images.filter.set("");
        images.only_marked = false;
        app.settle();
        let text = "The filter of this view was cleared: it hid the image.";
        app.log.say(app.now, Level::Info, text);
    }
    app.workspace.images.list.go_to(ix);
}

fn copy(app: &mut App) -> Vec<Effect> {
    let Some((ix, member)) = app.workspace.matrix.under() else { return vec![] };
    let (image, member) =
        (&app.workspace.inventory.image(ix).id, &app.workspace.inventory.member(member).id);
    let what = format!("the ids of image {image} and member {member}");
    let copied = format!("{},{}", image.raw(), member.raw());
    say_copied(app, &what);
    vec![Effect::Copy(copied)]
}

// ── marks ────────────────────────────────────────────────────────────────────────────────────────

fn mark(app: &mut App, action: Action) -> Vec<Effect> {
    let matrix = &app.workspace.matrix;
    let (row, column) = (matrix.row.at, matrix.column.at);
    let last = |len: usize| len.saturating_sub(1);
    let (rows, columns) = (0..=last(matrix.rows.len()), 0..=last(matrix.columns.len()));
    match (action, matrix.rectangle()) {
        (Action::MarkRow, _) => toggle(app, row..=row, &columns),
        (Action::MarkColumn, _) => toggle(app, rows, &(column..=column)),
        (Action::Mark, Some((rows, columns))) => {
            app.workspace.matrix.corner = None;
            toggle(app, rows, &columns)
        }
        (Action::Mark, None) => toggle_cell(app),
        (action, Some((rows, columns))) => change(app, action, rows, &columns),
        (action, None) => change(app, action, rows, &columns),
    }
}

fn toggle_cell(app: &mut App) -> Vec<Effect> {
    let Some((ix, member)) = app.workspace.matrix.under() else {
        app.log.say(app.now, Level::Warning, "There is no share to mark here.");
        return vec![];
    };
    match app.cell(ix, member) {
        Cell::Share(_, true) => {
            let share = share(app, ix, member);
            app.workspace.toggle_mark(share);
            vec![]
        }
        Cell::Share(_, false) => {
            let text =
                "Nothing was marked: the filter leaves this share out. Esc takes the filter away.";
            app.log.say(app.now, Level::Warning, text);
            vec![]
        }
        Cell::Nothing => {
            let text = format!(
                "{} is not shared with {}: there is nothing to mark.",
                app.workspace.inventory.image(ix).label(),
                app.member_label(member)
            );
            app.log.say(app.now, Level::Warning, text);
            vec![]
        }
        Cell::Unread | Cell::Failed | Cell::DoesNotApply => {
            let list: MemberList = app.workspace.inventory.list(ix).clone();
            marks::cannot_mark(app, ix, &list)
        }
    }
}

fn share(app: &App, ix: ImageIx, member: MemberIx) -> Share {
    let inventory = &app.workspace.inventory;
    Share { image: inventory.image(ix).id.clone(), member: inventory.member(member).clone() }
}

/// Marks every share of the part, or unmarks them if all are marked.
fn toggle(
    app: &mut App,
    rows: RangeInclusive<usize>,
    columns: &RangeInclusive<usize>,
) -> Vec<Effect> {
    let part = app.part(rows.clone(), columns);
    let marks = &app.workspace.marks;
    let all = part.shares.iter().all(|share| marks.contains(&share.image, &share.member));
    if part.shares.is_empty() && part.unknown.is_empty() && part.hidden == 0 {
        app.log.say(app.now, Level::Warning, "Nothing is shared there: there is nothing to mark.");
        return vec![];
    }
    // Inverting shares that are all marked unmarks them.
    let action = if all { Action::Invert } else { Action::MarkAll };
    change(app, action, rows, columns)
}

/// Marks every share of the part, or inverts the marks.
fn change(
    app: &mut App,
    action: Action,
    rows: RangeInclusive<usize>,
    columns: &RangeInclusive<usize>,
) -> Vec<Effect> {
    let part = app.part(rows, columns);
    let before = app.workspace.marks.len();
    for share in part.shares {
        if action == Action::Invert {
            app.workspace.toggle_mark(share);
        } else {
            app.workspace.mark(share);
        }
    }
    marks::say_marked(app, before, app.workspace.marks.len(), part.unknown.len());
    if part.hidden > 0 && !app.workspace.matrix.only_marked {
        let text = format!(
            "{} there are unchanged: the filter hides them.",
            counted(part.hidden, "share")
        );
        app.log.say(app.now, Level::Warning, text);
    }
    marks::prioritize_visible(&app.workspace, &part.unknown)
}
