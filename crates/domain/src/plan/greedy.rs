//! The greedy method: takes large rectangles within the limits as long as they are cheaper than stars.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Limits;
use super::grid::{Grid, Rect};

/// The rectangles and the remaining marks, whose rows and columns may be empty.
pub(super) fn harvest(grid: &Grid, limits: Limits, mut steps: u64) -> (Vec<Rect>, Grid) {
    let mut field = Field::of(grid, limits);
    let mut rects = Vec::new();
    let height = limits.images.min(grid.rows.len());
    let most = |row: &Vec<u32>| row.len().min(limits.members) * height;
    // Upper bound on the area of each row, from the last visit. Areas only shrink.
    let mut heap: BinaryHeap<(usize, Reverse<u32>)> =
        (0..).zip(&grid.rows).map(|(at, row)| (most(row), Reverse(at))).collect();
    while let Some((_, Reverse(row))) = heap.pop() {
        let rect = field.largest_from(row, &mut steps);
        if steps == 0 {
            break;
        }
        let area = rect.area();
        if area == 0 {
            continue;
        }
        // Searching for the largest takes long and does not improve plans.
        if heap.peek().is_none_or(|next| area >= next.0 / 2) {
            field.take(&rect, &mut steps);
            rects.push(rect);
        }
        heap.push((area, Reverse(row)));
    }
    (rects, Grid { rows: field.rows, columns: grid.columns })
}

/// Marks that no rectangle covers yet.
struct Field {
    limits: Limits,
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
    /// Scratch: for each row, the number of current columns it has; 0 between uses.
    shared: Vec<u32>,
}

impl Field {
    fn of(grid: &Grid, limits: Limits) -> Self {
        Self {
            limits,
            rows: grid.rows.clone(),
            columns: grid.transposed().rows,
            shared: vec![0; grid.rows.len()],
        }
    }

    /// Starts with a row's columns and shrinks them step by step to those of the row that keeps most of them. Returns the
    /// largest rectangle on the way that is worth a request.
    fn largest_from(&mut self, start: u32, steps: &mut u64) -> Rect {
        let Limits { images, members } = self.limits;
        let mut columns = self.rows[start as usize].clone();
        let mut best = Rect { rows: Vec::new(), columns: Vec::new() };
        let mut cost = 50;
        let mut met = self.count_shared(&columns, &mut cost);
        while columns.len() > 1 && met.len() > 1 {
            cost += met.len();
            let (full, next) = self.full_and_next(&met, columns.len());
            if full > 1 && full.min(images) * columns.len().min(members) > best.area() {
                let rect = self.within_limits(start, &met, &columns);
                cost += rect.area() / 2;
                if self.is_worth_a_request(&rect) {
                    best = rect;
                }
            }
            let Some((shared, Reverse(next))) = next else { break };
            if met.len().min(images) * (shared as usize).min(members) <= best.area() {
                break;
            }
            let keeps = &self.rows[next as usize];
            let (kept, gone): (Vec<u32>, Vec<u32>) =
                columns.iter().partition(|column| keeps.binary_search(column).is_ok());
            for column in gone {
                cost += 5 + self.columns[column as usize].len();
                for &row in &self.columns[column as usize] {
                    self.shared[row as usize] -= 1;
                }
            }
            columns = kept;
            met.retain(|&row| self.shared[row as usize] > 1);
        }
        for &row in columns.iter().flat_map(|&column| &self.columns[column as usize]) {
            self.shared[row as usize] = 0;
        }
        *steps = steps.saturating_sub(cost as u64);
        best
    }

    /// For every row with any of the columns, counts how many it has.
    fn count_shared(&mut self, columns: &[u32], cost: &mut usize) -> Vec<u32> {
        let mut met = Vec::new();
        for &column in columns {
            let rows = &self.columns[column as usize];
            *cost += 5 + rows.len();
            for &row in rows {
                let shared = &mut self.shared[row as usize];
                if *shared == 0 {
                    met.push(row);
                }
                *shared += 1;
            }
        }
        met
    }

    /// The number of rows that have all current columns, and the other row that has most of them.
    fn full_and_next(&self, met: &[u32], columns: usize) -> (usize, Option<(u32, Reverse<u32>)>) {
        let (mut full, mut next) = (0, None);
        for &row in met {
            let shared = self.shared[row as usize];
            if shared as usize == columns {
                full += 1;
            } else {
                next = next.max(Some((shared, Reverse(row))));
            }
        }
        (full, next)
    }

    /// The current columns and the rows that have them all; if there are too many, those with the fewest other columns.
    fn within_limits(&self, start: u32, met: &[u32], columns: &[u32]) -> Rect {
        let has_all = |row: &&u32| self.shared[**row as usize] as usize == columns.len();
        let mut rows: Vec<u32> = met.iter().filter(has_all).copied().collect();
        let mut columns = columns.to_vec();
        rows.sort_unstable();
        if rows.len() > self.limits.images {
            rows.sort_by_key(|&row| (row != start, self.rows[row as usize].len()));
            rows.truncate(self.limits.images);
            rows.sort_unstable();
        }
        if columns.len() > self.limits.members {
            columns.sort_by_key(|&column| self.columns[column as usize].len());
            columns.truncate(self.limits.members);
            columns.sort_unstable();
        }
        Rect { rows, columns }
    }

    /// Whether its shares cost more than one request if rows and columns are covered separately.
    fn is_worth_a_request(&self, rect: &Rect) -> bool {
        let Limits { images, members } = self.limits;
        let price_in =
            |lines: &[Vec<u32>], line: u32, limit| price(lines[line as usize].len(), limit);
        let in_columns: Vec<usize> =
            rect.columns.iter().map(|&column| price_in(&self.columns, column, images)).collect();
        let of_row = |&row: &u32| {
            let in_row = price_in(&self.rows, row, members);
            in_columns.iter().map(|&in_column| in_column.min(in_row)).sum::<usize>()
        };
        rect.rows.iter().map(of_row).sum::<usize>() > REQUEST
    }

    fn take(&mut self, rect: &Rect, steps: &mut u64) {
        let mut cost = 0;
        for &row in &rect.rows {
            let ones = &mut self.rows[row as usize];
            cost += ones.len();
            ones.retain(|column| rect.columns.binary_search(column).is_err());
        }
        for &column in &rect.columns {
            let ones = &mut self.columns[column as usize];
            cost += ones.len();
            ones.retain(|row| rect.rows.binary_search(row).is_err());
        }
        *steps = steps.saturating_sub(5 * cost as u64);
    }
}

/// The price of one request.
const REQUEST: usize = 1 << 20;

/// A share's part of the price of a request if its row or column is covered separately.
fn price(length: usize, limit: usize) -> usize {
    length.div_ceil(limit) * REQUEST / length.max(1)
}
