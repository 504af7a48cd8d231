//! The rank of the matrix of marks: each rectangle has rank one, so no partition has fewer rectangles than
//! the rank.
//!
//! Rank over a finite field is never above the rank over the rationals, and neither is the rank of some of
//! the rows: whatever is found when the time is up is still a bound.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::dense;
use super::grid::Grid;

/// A number of a field of so many elements that it is not 0 by chance.
pub(super) const PRIME: u64 = 16_777_213;

/// A row of a sparse matrix: columns, ascending, and what is there.
pub(super) type Line = Vec<(u32, u32)>;

/// A lower bound for the rank, `enough` at most (more is of no use), with about `steps` operations; takes off
/// what it took. First over the field of two elements, which is fast and most often all there is.
pub(super) fn rank(grid: &Grid, enough: usize, steps: &mut u64) -> usize {
    let binary = Elimination::of(grid, 2).run(enough, steps);
    if binary >= enough {
        return binary;
    }
    let mut half = *steps / 2;
    *steps -= half;
    let rank = Elimination::of(grid, PRIME).run(enough, &mut half);
    *steps += half;
    rank.max(binary)
}

/// Gauss, shortest rows first, as long as the matrix stays sparse.
struct Elimination {
    modulus: u64,
    lines: Vec<Line>,
    /// Rows that had a column at some time.
    of_column: Vec<Vec<u32>>,
    /// How many rows have a column.
    count: Vec<u32>,
    ones: usize,
    shortest: BinaryHeap<Reverse<(usize, u32)>>,
}

impl Elimination {
    fn of(grid: &Grid, modulus: u64) -> Self {
        let lines: Vec<Line> =
            grid.rows.iter().map(|row| row.iter().map(|&c| (c, 1)).collect()).collect();
        let of_column = grid.transposed().rows;
        Self {
            modulus,
            count: of_column.iter().map(|rows| u32::try_from(rows.len()).unwrap_or(0)).collect(),
            of_column,
            ones: lines.iter().map(Vec::len).sum(),
            shortest: (0..).zip(&lines).map(|(row, line)| Reverse((line.len(), row))).collect(),
            lines,
        }
    }

    fn run(mut self, enough: usize, steps: &mut u64) -> usize {
        let mut rank = 0;
        let (mut rows, mut columns) = (self.lines.len(), self.count.len());
        while let Some(Reverse((length, row))) = self.shortest.pop() {
            if length == 0 || self.lines[row as usize].len() != length {
                continue;
            }
            if rank >= enough || *steps == 0 {
                return rank;
            }
            // The row was taken from the heap, but is part of what is left when that is dense.
            if self.ones * 8 > rows * columns {
                let left = self.lines.into_iter().filter(|line| !line.is_empty()).collect();
                return rank + dense::rank(left, self.modulus, enough - rank, steps);
            }
            *steps = steps.saturating_sub(self.eliminate(row));
            rank += 1;
            rows -= 1;
            columns -= 1;
        }
        rank
    }

    /// Makes the rarest column of the row a pivot, and clears it in all other rows. Tells what it cost.
    fn eliminate(&mut self, row: u32) -> u64 {
        let pivot = std::mem::take(&mut self.lines[row as usize]);
        self.ones -= pivot.len();
        for &(column, _) in &pivot {
            self.count[column as usize] -= 1;
        }
        let rarest = pivot.iter().min_by_key(|(column, _)| self.count[*column as usize]);
        let Some(&(column, value)) = rarest else { return 0 };
        let to_minus_one = (self.modulus - inverse(u64::from(value), self.modulus)) % self.modulus;
        let mut cost = 20;
        for other in std::mem::take(&mut self.of_column[column as usize]) {
            let line = &self.lines[other as usize];
            let Ok(at) = line.binary_search_by_key(&column, |entry| entry.0) else { continue };
            let factor = u64::from(line[at].1) * to_minus_one % self.modulus;
            cost += 10 + 2 * (line.len() + pivot.len()) as u64;
            self.add(other, &pivot, factor);
        }
        cost
    }

    /// Adds `factor` times the pivot's row to a row.
    fn add(&mut self, row: u32, pivot: &Line, factor: u64) {
        let old = std::mem::take(&mut self.lines[row as usize]);
        let mut new = Line::with_capacity(old.len() + pivot.len());
        let (mut left, mut right) = (old.iter().peekable(), pivot.iter().peekable());
        while let Some(column) = lesser(left.peek(), right.peek()) {
            let own = left.next_if(|entry| entry.0 == column).map(|entry| entry.1);
            let added = right.next_if(|entry| entry.0 == column).map_or(0, |entry| entry.1);
            let sum = u64::from(own.unwrap_or(0)) + factor * u64::from(added);
            let sum = u32::try_from(sum % self.modulus).unwrap_or(0);
            self.recount(row, column, own.is_some(), sum != 0);
            if sum != 0 {
                new.push((column, sum));
            }
        }
        self.ones = self.ones + new.len() - old.len();
        self.shortest.push(Reverse((new.len(), row)));
        self.lines[row as usize] = new;
    }

    fn recount(&mut self, row: u32, column: u32, was: bool, is: bool) {
        match (was, is) {
            (true, false) => self.count[column as usize] -= 1,
            (false, true) => {
                self.count[column as usize] += 1;
                self.of_column[column as usize].push(row);
            }
            _ => {}
        }
    }
}

/// The column that comes first.
fn lesser(left: Option<&&(u32, u32)>, right: Option<&&(u32, u32)>) -> Option<u32> {
    left.into_iter().chain(right).map(|entry| entry.0).min()
}

/// The inverse by Fermat's little theorem.
pub(super) fn inverse(value: u64, modulus: u64) -> u64 {
    let (mut base, mut exponent, mut product) = (value, modulus - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = product * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    product
}
