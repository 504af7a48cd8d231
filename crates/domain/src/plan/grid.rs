//! Marks as a matrix: images become row numbers, members become column numbers, and batches get the IDs back.

use std::collections::HashMap;

use super::{Batch, Limits};
use crate::{ImageId, Marks, Member};

/// For each row its marked columns, ascending. No row and no column is empty.
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

/// The images and members of a grid, by number.
pub(super) struct Names<'a> {
    images: Vec<&'a ImageId>,
    members: Vec<&'a Member>,
}

impl<'a> Names<'a> {
    /// Numbers images and members in order.
    pub(super) fn of(marks: &'a Marks) -> (Self, Grid) {
        let images: Vec<_> = marks.images().collect();
        let mut met = Met::default();
        let mut rows: Vec<Vec<u32>> = images
            .iter()
            .map(|image| marks.of_image(image).map(|member| met.number(member)).collect())
            .collect();
        let (members, place) = met.ordered();
        for row in &mut rows {
            for column in row.iter_mut() {
                *column = place[*column as usize];
            }
            row.sort_unstable();
        }
        let columns = members.len();
        (Self { images, members }, Grid { rows, columns })
    }

    /// The request for a rectangle.
    pub(super) fn batch(&self, rect: &Rect) -> Batch {
        Batch {
            images: rect.rows.iter().map(|&row| self.images[row as usize].clone()).collect(),
            members: rect.columns.iter().map(|&c| self.members[c as usize].clone()).collect(),
            vault: None,
        }
    }
}

/// Numbers members in the order they occur.
#[derive(Default)]
struct Met<'a> {
    members: Vec<&'a Member>,
    numbers: HashMap<&'a Member, u32>,
}

impl<'a> Met<'a> {
    fn number(&mut self, member: &'a Member) -> u32 {
        *self.numbers.entry(member).or_insert_with(|| {
            self.members.push(member);
            u32::try_from(self.members.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The members sorted, and for each number its index there.
    fn ordered(self) -> (Vec<&'a Member>, Vec<u32>) {
        let mut order: Vec<(&Member, u32)> = self.members.into_iter().zip(0..).collect();
        order.sort_unstable();
        let mut place = vec![0; order.len()];
        for (to, (_, from)) in (0..).zip(&order) {
            place[*from as usize] = to;
        }
        (order.into_iter().map(|(member, _)| member).collect(), place)
    }
}

impl Grid {
    /// The number of marks.
    pub(super) fn marks(&self) -> u64 {
        self.rows.iter().map(|row| row.len() as u64).sum()
    }

    /// Transposed.
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
    pub(super) fn area(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// Transposed.
    pub(super) fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows }
    }

    /// The number of requests it needs within the limits.
    pub(super) fn cost(&self, limits: Limits) -> usize {
        self.rows.len().div_ceil(limits.images) * self.columns.len().div_ceil(limits.members)
    }

    /// Splits it into rectangles within the limits.
    pub(super) fn cut(&self, limits: Limits) -> impl Iterator<Item = Self> {
        self.rows.chunks(limits.images).flat_map(move |rows| {
            self.columns
                .chunks(limits.members)
                .map(move |columns| Self { rows: rows.to_vec(), columns: columns.to_vec() })
        })
    }
}
