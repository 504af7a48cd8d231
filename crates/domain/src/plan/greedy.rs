//! Takes the rectangle that saves most, again and again, until only stars are left.

use std::collections::BinaryHeap;

use super::grid::{Grid, Rect};

/// Rectangles that are worth more than stars, and what they leave.
pub(super) struct Harvest {
    pub(super) rects: Vec<Rect>,
    /// The rest, with rows and columns that may be empty.
    pub(super) rest: Grid,
}

/// Harvests with about so many steps, and takes off what it took.
pub(super) fn harvest(grid: &Grid, steps: &mut u64) -> Harvest {
    let mut field = Field::of(grid);
    let mut rects = Vec::new();
    let rows = 0..u32::try_from(grid.rows.len()).unwrap_or(0);
    // What a row was worth when it was last looked at. It can only have become less.
    let mut heap: BinaryHeap<(usize, std::cmp::Reverse<u32>)> =
        rows.map(|row| (usize::MAX, std::cmp::Reverse(row))).collect();
    while let Some((_, std::cmp::Reverse(row))) = heap.pop() {
        let (worth, rect) = field.best_from(row, steps);
        if *steps == 0 {
            break;
        }
        if worth == 0 {
            continue;
        }
        if heap.peek().is_none_or(|next| worth >= next.0) {
            field.take(&rect, steps);
            rects.push(rect);
        }
        heap.push((worth, std::cmp::Reverse(row)));
    }
    Harvest { rects, rest: Grid { rows: field.rows, columns: grid.columns } }
}

/// What no rectangle has yet.
struct Field {
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
    /// Scratch: how many of the columns at hand a row has; zero between uses.
    shared: Vec<u32>,
}

impl Field {
    fn of(grid: &Grid) -> Self {
        Self {
            rows: grid.rows.clone(),
            columns: grid.transposed().rows,
            shared: vec![0; grid.rows.len()],
        }
    }

    /// From a row's columns down to ever fewer, each time those that most rows keep most of: the one of the
    /// rectangles on the way that saves most over stars.
    fn best_from(&mut self, row: u32, steps: &mut u64) -> (usize, Rect) {
        let mut columns = self.rows[row as usize].clone();
        let mut best = (0, Rect { rows: Vec::new(), columns: Vec::new() });
        while columns.len() > 1 {
            let met = self.count_shared(&columns, steps);
            let all = u32::try_from(columns.len()).unwrap_or(u32::MAX);
            let rows: Vec<u32> =
                met.iter().copied().filter(|&row| self.shared[row as usize] == all).collect();
            let partial = met.iter().copied().filter(|&row| self.shared[row as usize] < all);
            let next =
                partial.max_by_key(|&row| (self.shared[row as usize], std::cmp::Reverse(row)));
            for &row in &met {
                self.shared[row as usize] = 0;
            }
            let worth = (rows.len() - 1) * (columns.len() - 1);
            if worth > best.0 {
                best = (worth, Rect { rows, columns: columns.clone() });
            }
            let Some(next) = next else { break };
            let keeps = &self.rows[next as usize];
            columns.retain(|column| keeps.binary_search(column).is_ok());
        }
        best.1.rows.sort_unstable();
        best
    }

    /// Counts for every row that has one of the columns how many of them it has.
    fn count_shared(&mut self, columns: &[u32], steps: &mut u64) -> Vec<u32> {
        let mut met = Vec::new();
        let mut cost = 50;
        for &column in columns {
            let rows = &self.columns[column as usize];
            cost += 5 + rows.len() as u64;
            for &row in rows {
                let count = &mut self.shared[row as usize];
                if *count == 0 {
                    met.push(row);
                }
                *count += 1;
            }
        }
        *steps = steps.saturating_sub(cost);
        met
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
