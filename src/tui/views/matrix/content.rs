//! The contents of the matrix: a cell, and the shares of a part of it. Looked up in the inventory on demand.

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::views::matrix::state::Span;
use domain::{ImageIx, Marks, MemberIx, MemberList, Row, Share};

/// What is where an image and a member meet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// Shared; with whether the filter lets it through.
    Share(&'a Row, bool),
    /// Known not to be shared.
    Nothing,
    /// Nobody knows yet.
    Unread,
    /// Could not be read.
    Failed,
    /// The image has no members the cloud would list.
    DoesNotApply,
}

/// Shares of a part of the matrix, and what is missing among them.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) shares: Vec<Share>,
    /// Shares that the filter leaves out.
    pub(crate) hidden: usize,
    /// Images whose members are unknown.
    pub(crate) unknown: Vec<ImageIx>,
}

impl App {
    /// Counts what is inside the rectangle, once for each rectangle.
    pub(crate) fn count_rectangle(&mut self) {
        let rectangle = self.workspace.matrix.rectangle();
        let revision = self.workspace.inventory.revision();
        let of = rectangle.map(|(rows, columns)| (rows, columns, revision));
        if self.workspace.matrix.inside_of == of {
            return;
        }
        let count = of.clone().map_or(0, |(rows, columns, _)| self.shares_inside(rows, &columns));
        self.workspace.matrix.inside = count;
        self.workspace.matrix.inside_of = of;
    }

    fn shares_inside(&self, rows: Span, columns: &Span) -> usize {
        let Workspace { inventory, marks, matrix, .. } = &self.workspace;
        let inside = |ix: ImageIx, row: &Row| {
            matrix.place(row.member).is_some_and(|place| columns.contains(&place))
                && matrix.passes(inventory, marks, inventory.image(ix), row)
        };
        let count = |ix: ImageIx| inventory.rows(ix).iter().filter(|row| inside(ix, row)).count();
        let rows = matrix.rows.get(rows).unwrap_or_default();
        rows.iter().map(|ix| count(*ix)).sum()
    }

    /// What is where an image and a member meet.
    pub(crate) fn cell(&self, ix: ImageIx, member: MemberIx) -> Cell<'_> {
        let Workspace { inventory, marks, matrix, .. } = &self.workspace;
        match inventory.list(ix) {
            MemberList::Unread => Cell::Unread,
            MemberList::Failed(_) => Cell::Failed,
            MemberList::DoNotApply => Cell::DoesNotApply,
            MemberList::Read(_) => inventory.row_of(ix, member).map_or(Cell::Nothing, |row| {
                Cell::Share(row, matrix.passes(inventory, marks, inventory.image(ix), row))
            }),
        }
    }

    /// The shares of these rows and columns.
    pub(crate) fn part(&self, rows: Span, columns: &Span) -> Part {
        let Workspace { inventory, marks, matrix, .. } = &self.workspace;
        let mut part = Part::default();
        let inside =
            |row: &&Row| matrix.place(row.member).is_some_and(|place| columns.contains(&place));
        for ix in matrix.rows.get(rows).unwrap_or_default().iter().copied() {
            let image = inventory.image(ix);
            if matches!(inventory.list(ix), MemberList::Unread | MemberList::Failed(_)) {
                part.unknown.push(ix);
            }
            for row in inventory.rows(ix).iter().filter(inside) {
                if matrix.passes(inventory, marks, image, row) {
                    part.shares.push(inventory.share(ix, row));
                } else {
                    part.hidden += 1;
                }
            }
        }
        part
    }

    /// Where nothing is shared in a part of the matrix, as far as that is known: what could be shared there.
    pub(crate) fn empty_cells(&self, rows: Span, columns: &Span) -> Marks {
        let Workspace { inventory, matrix, .. } = &self.workspace;
        let mut marks = Marks::default();
        for ix in matrix.rows.get(rows).unwrap_or_default().iter().copied() {
            for member in matrix.columns.get(columns.clone()).unwrap_or_default() {
                let known = matches!(inventory.list(ix), MemberList::Read(_));
                if known && inventory.row_of(ix, *member).is_none() {
                    marks.insert(self.share_of(ix, *member));
                }
            }
        }
        marks
    }
}
