//! The fewest stars, which are rectangles of one row or one column: by König's theorem, as many as a maximum matching has
//! edges. Without any 2×2 rectangle every rectangle is a star, and this is optimal.

use super::grid::{Grid, Rect};

const NONE: u32 = u32::MAX;

/// The fewest stars that cover every mark once.
pub(super) fn fewest(grid: &Grid) -> Vec<Rect> {
    let mut matching = Matching::greedy(grid);
    while matching.grow() {}
    matching.cover()
}

/// Whether no two rows share two columns, so every rectangle is a star. False if that takes more than about `steps` steps.
pub(super) fn are_all(grid: &Grid, mut steps: u64) -> bool {
    let columns = grid.transposed().rows;
    let mut met_by = vec![NONE; grid.rows.len()];
    for (row, ones) in (0..).zip(&grid.rows) {
        for &column in ones {
            let others = &columns[column as usize];
            steps = steps.saturating_sub(2 * others.len() as u64);
            for &other in others.iter().filter(|&&other| other > row) {
                if std::mem::replace(&mut met_by[other as usize], row) == row {
                    return false;
                }
            }
        }
        if steps == 0 {
            return false;
        }
    }
    true
}

/// A matching that grows along shortest augmenting paths (Hopcroft–Karp).
struct Matching<'a> {
    grid: &'a Grid,
    of_row: Vec<u32>,
    of_column: Vec<u32>,
    level: Vec<u32>,
    next: Vec<usize>,
}

impl<'a> Matching<'a> {
    fn greedy(grid: &'a Grid) -> Self {
        let rows = grid.rows.len();
        let mut matching = Self {
            grid,
            of_row: vec![NONE; rows],
            of_column: vec![NONE; grid.columns],
            level: vec![NONE; rows],
            next: vec![0; rows],
        };
        for (row, columns) in (0..).zip(&grid.rows) {
            let free = columns.iter().find(|&&c| matching.of_column[c as usize] == NONE);
            if let Some(&column) = free {
                matching.pair(row, column);
            }
        }
        matching
    }

    fn pair(&mut self, row: u32, column: u32) {
        self.of_row[row as usize] = column;
        self.of_column[column as usize] = row;
    }

    /// Adds a maximal set of disjoint shortest augmenting paths; false if there was none.
    fn grow(&mut self) -> bool {
        self.layer();
        self.next.fill(0);
        let mut grew = false;
        for row in 0..self.of_row.len() {
            if self.of_row[row] == NONE {
                grew |= self.augment(row);
            }
        }
        grew
    }

    /// Distance of every row from the unmatched ones, along alternating paths.
    fn layer(&mut self) {
        self.level.fill(NONE);
        let mut reached: Vec<usize> =
            (0..self.of_row.len()).filter(|&row| self.of_row[row] == NONE).collect();
        for &row in &reached {
            self.level[row] = 0;
        }
        let mut at = 0;
        while at < reached.len() {
            let row = reached[at];
            at += 1;
            for &column in &self.grid.rows[row] {
                let through = self.of_column[column as usize];
                if through != NONE && self.level[through as usize] == NONE {
                    self.level[through as usize] = self.level[row] + 1;
                    reached.push(through as usize);
                }
            }
        }
    }

    /// Follows layers from a row to an unmatched column, without recursion because paths can be long.
    fn augment(&mut self, start: usize) -> bool {
        let mut path: Vec<(usize, u32)> = Vec::new();
        let mut row = start;
        loop {
            let Some(&column) = self.grid.rows[row].get(self.next[row]) else {
                let Some((back, _)) = path.pop() else { return false };
                row = back;
                continue;
            };
            self.next[row] += 1;
            let through = self.of_column[column as usize];
            if through == NONE {
                path.push((row, column));
                for (row, column) in path {
                    self.pair(u32::try_from(row).unwrap_or(NONE), column);
                }
                return true;
            }
            if self.level[through as usize] == self.level[row] + 1 {
                path.push((row, column));
                row = through as usize;
            }
        }
    }

    /// König: the columns that alternating paths from unmatched rows reach, and the rows that they do not reach.
    fn cover(mut self) -> Vec<Rect> {
        self.layer();
        let mut of_column: Vec<Vec<u32>> = vec![Vec::new(); self.grid.columns];
        let mut stars = Vec::new();
        let mut reached = vec![false; self.grid.columns];
        for (row, columns) in self.grid.rows.iter().enumerate() {
            if self.level[row] != NONE {
                for &column in columns {
                    reached[column as usize] = true;
                }
            }
        }
        for (row, columns) in (0..).zip(&self.grid.rows) {
            let mut rest = Vec::new();
            for &column in columns {
                if reached[column as usize] {
                    of_column[column as usize].push(row);
                } else {
                    rest.push(column);
                }
            }
            if !rest.is_empty() {
                stars.push(Rect { rows: vec![row], columns: rest });
            }
        }
        for (column, rows) in (0..).zip(of_column) {
            if !rows.is_empty() {
                stars.push(Rect { rows, columns: vec![column] });
            }
        }
        stars
    }
}
