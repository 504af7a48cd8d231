//! The contents of the matrix: a cell, and the shares of a part of it. Looked up in the inventory on demand.

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::views::matrix::state::Span;
use domain::{ImageIx, Marks, MemberIx, MemberList, Row, Share};

/// The content of a cell, for an image and a member.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// A share, and whether the filter lets it through.
    Share(&'a Row, bool),
    /// Known not to be shared.
    Nothing,
    /// Not loaded yet.
    Unread,
    /// Loading failed.
    Failed,
    /// The cloud lists no members for this image.
    DoesNotApply,
}

/// Shares of a part of the matrix, and those missing from it.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) shares: Vec<Share>,
    /// Number of shares that the filter excludes.
    pub(crate) hidden: usize,
    /// Images whose members are unknown.
    pub(crate) unknown: Vec<ImageIx>,
}

impl App {
    /// Counts the shares inside the rectangle, once for each rectangle.
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

    /// The content of a cell, for an image and a member.
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

    /// The cells of a part of the matrix that are known to be empty, as shares that could be made.
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
