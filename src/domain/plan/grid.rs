//! Marks as numbers: images become rows, members become columns, and names come back only for the batches.

use std::collections::HashMap;

use super::{Batch, Limits};
use crate::domain::{ImageId, Marks, Member};

/// For each row the columns where it has a one, ascending. No row is empty, and every column has a one.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) rows: Vec<Vec<u32>>,
    pub(super) columns: usize,
}

/// Rows × columns, both ascending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rect {
    pub(super) rows: Vec<u32>,
    pub(super) columns: Vec<u32>,
}

/// What the numbers of a grid stand for.
pub(super) struct Names<'a> {
    images: Vec<&'a ImageId>,
    members: Vec<&'a Member>,
}

impl<'a> Names<'a> {
    /// Numbers images and members in their order.
    pub(super) fn of(marks: &'a Marks) -> (Self, Grid) {
        let images: Vec<_> = marks.images().collect();
        let (members, number) = number_members(marks);
        let row = |image: &&ImageId| {
            let mut row: Vec<u32> = marks.of_image(image).map(|member| number[member]).collect();
            row.sort_unstable();
            row
        };
        let grid = Grid { rows: images.iter().map(row).collect(), columns: members.len() };
        (Self { images, members }, grid)
    }

    /// The request that a rectangle stands for.
    pub(super) fn batch(&self, rect: &Rect) -> Batch {
        Batch {
            images: rect.rows.iter().map(|&row| self.images[row as usize].clone()).collect(),
            members: rect.columns.iter().map(|&c| self.members[c as usize].clone()).collect(),
        }
    }
}

fn number_members(marks: &Marks) -> (Vec<&Member>, HashMap<&Member, u32>) {
    let mut number: HashMap<&Member, u32> =
        marks.images().flat_map(|image| marks.of_image(image)).map(|member| (member, 0)).collect();
    let mut members: Vec<&Member> = number.keys().copied().collect();
    members.sort_unstable();
    for (column, member) in (0..).zip(&members) {
        number.insert(member, column);
    }
    (members, number)
}

impl Grid {
    /// Rows and columns exchanged.
    pub(super) fn transposed(&self) -> Self {
        let mut rows = vec![Vec::new(); self.columns];
        for (row, columns) in (0..).zip(&self.rows) {
            for &column in columns {
                rows[column as usize].push(row);
            }
        }
        Self { rows, columns: self.rows.len() }
    }
}

impl Rect {
    /// Rows and columns exchanged.
    pub(super) fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows }
    }

    /// How many requests it takes.
    pub(super) fn cost(&self, limits: Limits) -> usize {
        self.rows.len().div_ceil(limits.images) * self.columns.len().div_ceil(limits.members)
    }

    /// The rectangle as pieces that a request can hold.
    pub(super) fn cut(&self, limits: Limits) -> impl Iterator<Item = Self> {
        self.rows.chunks(limits.images).flat_map(move |rows| {
            self.columns
                .chunks(limits.members)
                .map(move |columns| Self { rows: rows.to_vec(), columns: columns.to_vec() })
        })
    }
}
