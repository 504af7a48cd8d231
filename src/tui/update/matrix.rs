//! The keys of the Matrix view: moving in both directions, marking by cell, row, column and rectangle.

use std::ops::RangeInclusive;

use super::listening::say_copied;
use super::{browse, by_member, keys, marks, show};
use crate::domain::{ImageIx, MemberIx, MemberList, Share};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::by_member::Detour;
use crate::tui::model::matrix::{Cell, Order};
use crate::tui::model::{Focus, Level, Model, View};
use crate::tui::view::cells::counted;

/// What a key does in the view.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    model.settle();
    let matrix = &mut model.workspace.matrix;
    match action {
        Action::Filter => matrix.filter.open(),
        Action::Sort => {
            matrix.rows_by = matrix.rows_by.next();
            say_order(model, "images", model.workspace.matrix.rows_by);
        }
        Action::SortColumns => {
            matrix.columns_by = matrix.columns_by.next();
            say_order(model, "members", model.workspace.matrix.columns_by);
        }
        Action::ShowEmpty => show_empty(model),
        Action::OnlyMarked => only_marked(model),
        Action::Rectangle => {
            matrix.corner = if matrix.corner.is_some() { None } else { matrix.under() };
        }
        Action::Back => back(model),
        Action::Enter => open(model),
        Action::Copy => return copy(model),
        Action::ClearMarks => {
            marks::clear(model);
            model.marks_changed();
        }
        Action::Mark | Action::MarkRow | Action::MarkColumn | Action::MarkAll | Action::Invert => {
            let effects = mark(model, action);
            model.marks_changed();
            return effects;
        }
        action => step(model, action),
    }
    vec![]
}

/// Moves the cursor.
pub(super) fn step(model: &mut Model, action: Action) {
    model.settle();
    let matrix = &mut model.workspace.matrix;
    let across = match action {
        Action::Left => Action::Up,
        Action::Right => Action::Down,
        Action::PageLeft => Action::PageUp,
        Action::PageRight => Action::PageDown,
        Action::FirstColumn => Action::Top,
        Action::LastColumn => Action::Bottom,
        action => {
            let at = browse::stepped(&matrix.row, action, matrix.rows.len());
            return matrix.row.go(at, &matrix.rows);
        }
    };
    let at = browse::stepped(&matrix.column, across, matrix.columns.len());
    matrix.column.go(at, &matrix.columns);
}

/// A click: on a cell, or on a name at one of the sides. It ends the rectangle.
pub(super) fn choose(model: &mut Model, row: Option<usize>, column: Option<usize>) {
    let matrix = &mut model.workspace.matrix;
    matrix.corner = None;
    if let Some(at) = row.map(|row| matrix.row.top + row).filter(|at| *at < matrix.rows.len()) {
        matrix.row.go(at, &matrix.rows);
    }
    let column = column.map(|column| matrix.column.top + column);
    if let Some(at) = column.filter(|at| *at < matrix.columns.len()) {
        matrix.column.go(at, &matrix.columns);
    }
}

/// Drags the rectangle to a cell, or to the last one there is; begins one at the cursor where there is none.
pub(super) fn stretch(model: &mut Model, row: usize, column: usize) {
    let matrix = &mut model.workspace.matrix;
    let before = matrix.under();
    matrix.row.go(row, &matrix.rows);
    matrix.column.go(column, &matrix.columns);
    matrix.corner = matrix.corner.or(before.filter(|_| matrix.under() != before));
}

fn say_order(model: &mut Model, side: &str, order: Order) {
    model.workspace.matrix.changed();
    let how = match order {
        Order::Likeness => "alike ones stand beside each other",
        Order::Name => "by name",
        Order::Shares => "those with the most shares in view first",
    };
    let side = if side == "images" { "Images" } else { "Members" };
    model.log.say(model.now, Level::Info, format!("{side} are sorted: {how}."));
}

fn show_empty(model: &mut Model) {
    let matrix = &mut model.workspace.matrix;
    matrix.with_empty = !matrix.with_empty;
    matrix.changed();
    let how = if matrix.with_empty { "listed too" } else { "left out" };
    let text = format!("Images that are shared with no one are {how}.");
    model.log.say(model.now, Level::Info, text);
}

fn only_marked(model: &mut Model) {
    if !model.workspace.matrix.only_marked && model.workspace.marks.is_empty() {
        let text = "Nothing is marked: Space marks a share, - a row, | a column.";
        return model.log.say(model.now, Level::Warning, text);
    }
    model.workspace.matrix.only_marked = !model.workspace.matrix.only_marked;
    model.workspace.matrix.changed();
}

/// One step back: out of the rectangle, out of the filter, out of only-marked.
fn back(model: &mut Model) {
    let matrix = &mut model.workspace.matrix;
    if matrix.corner.take().is_some() {
    } else if !matrix.filter.line().is_empty() {
        matrix.filter.set("");
    } else if matrix.only_marked {
        only_marked(model);
    } else if !model.log.put_away() {
        keys::nothing_to_go_back_from(model);
    }
}

/// View 1 on this image and this member; Esc comes back. Without a share it is about the image.
fn open(model: &mut Model) {
    let matrix = &model.workspace.matrix;
    let Some(ix) = matrix.row.current(&matrix.rows) else { return };
    match matrix.column.current(&matrix.columns) {
        Some(member) if model.workspace.inventory.row_of(ix, member).is_some() => {
            by_member::show_share(model, View::Matrix, ix, member);
        }
        _ => open_image(model, ix),
    }
}

fn open_image(model: &mut Model, ix: ImageIx) {
    model.together = None;
    show(model, View::Images);
    model.workspace.detour = Some(Detour { from: View::Matrix, image: ix, member: None });
    model.focus = Focus::Images;
    if std::mem::take(&mut model.workspace.received.shown) {
        model.workspace.images.changed();
    }
    model.settle();
    let images = &mut model.workspace.images;
    if !images.visible.contains(&ix) && images.is_filtered() {
        images.filter.set("");
        images.only_marked = false;
        model.settle();
        let text = "The filter of this view was taken away: it hid the image.";
        model.log.say(model.now, Level::Info, text);
    }
    let images = &mut model.workspace.images;
    if let Some(at) = images.visible.iter().position(|listed| *listed == ix) {
        images.cursor.go(at, &images.visible);
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some((ix, member)) = model.workspace.matrix.under() else { return vec![] };
    let (image, member) =
        (&model.workspace.inventory.image(ix).id, &model.workspace.inventory.member(member).id);
    let what = format!("the ids of image {image} and member {member}");
    let copied = format!("{},{}", image.raw(), member.raw());
    say_copied(model, &what);
    vec![Effect::Copy(copied)]
}

// ── marks ────────────────────────────────────────────────────────────────────────────────────────

fn mark(model: &mut Model, action: Action) -> Vec<Effect> {
    let matrix = &model.workspace.matrix;
    let (row, column) = (matrix.row.at, matrix.column.at);
    let last = |len: usize| len.saturating_sub(1);
    let (rows, columns) = (0..=last(matrix.rows.len()), 0..=last(matrix.columns.len()));
    match (action, matrix.rectangle()) {
        (Action::MarkRow, _) => toggle(model, row..=row, &columns),
        (Action::MarkColumn, _) => toggle(model, rows, &(column..=column)),
        (Action::Mark, Some((rows, columns))) => {
            model.workspace.matrix.corner = None;
            toggle(model, rows, &columns)
        }
        (Action::Mark, None) => toggle_cell(model),
        (action, Some((rows, columns))) => change(model, action, rows, &columns),
        (action, None) => change(model, action, rows, &columns),
    }
}

fn toggle_cell(model: &mut Model) -> Vec<Effect> {
    let Some((ix, member)) = model.workspace.matrix.under() else {
        model.log.say(model.now, Level::Warning, "There is no share to mark here.");
        return vec![];
    };
    match model.cell(ix, member) {
        Cell::Share(_, true) => {
            let share = share(model, ix, member);
            model.workspace.toggle_mark(share);
            vec![]
        }
        Cell::Share(_, false) => {
            let text =
                "Nothing was marked: the filter leaves this share out. Esc takes the filter away.";
            model.log.say(model.now, Level::Warning, text);
            vec![]
        }
        Cell::Nothing => {
            let text = format!(
                "{} is not shared with {}: there is nothing to mark.",
                model.workspace.inventory.image(ix).label(),
                model.member_label(member)
            );
            model.log.say(model.now, Level::Warning, text);
            vec![]
        }
        Cell::Unread | Cell::Failed | Cell::DoesNotApply => {
            let list: MemberList = model.workspace.inventory.list(ix).clone();
            marks::cannot_mark(model, ix, &list)
        }
    }
}

fn share(model: &Model, ix: ImageIx, member: MemberIx) -> Share {
    let inventory = &model.workspace.inventory;
    Share { image: inventory.image(ix).id.clone(), member: inventory.member(member).clone() }
}

/// Marks every share of the part, or takes the marks away where all have one.
fn toggle(
    model: &mut Model,
    rows: RangeInclusive<usize>,
    columns: &RangeInclusive<usize>,
) -> Vec<Effect> {
    let part = model.part(rows.clone(), columns);
    let marks = &model.workspace.marks;
    let all = part.shares.iter().all(|share| marks.contains(&share.image, &share.member));
    if part.shares.is_empty() && part.unknown.is_empty() && part.hidden == 0 {
        model.log.say(
            model.now,
            Level::Warning,
            "Nothing is shared there: there is nothing to mark.",
        );
        return vec![];
    }
    // Inverting shares that all have a mark takes them away.
    let action = if all { Action::Invert } else { Action::MarkAll };
    change(model, action, rows, columns)
}

/// Marks, or turns around, every share of the part.
fn change(
    model: &mut Model,
    action: Action,
    rows: RangeInclusive<usize>,
    columns: &RangeInclusive<usize>,
) -> Vec<Effect> {
    let part = model.part(rows, columns);
    let before = model.workspace.marks.len();
    for share in part.shares {
        if action == Action::Invert {
            model.workspace.toggle_mark(share);
        } else {
            model.workspace.mark(share);
        }
    }
    marks::say_marked(model, before, part.unknown.len());
    if part.hidden > 0 && !model.workspace.matrix.only_marked {
        let text = format!(
            "{} there stay as they were: the filter hides them.",
            counted(part.hidden, "share")
        );
        model.log.say(model.now, Level::Warning, text);
    }
    marks::look_at(model, &part.unknown)
}
