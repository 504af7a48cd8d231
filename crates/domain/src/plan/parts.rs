//! The connected parts of the marks: no rectangle spans two of them.

use super::grid::{Grid, Rect};

/// A connected part with numbers of its own.
pub(super) struct Part {
    pub(super) grid: Grid,
    rows: Vec<u32>,
    columns: Vec<u32>,
}

impl Part {
    /// Converts a rectangle of the part to the numbers of the whole grid.
    pub(super) fn named(&self, rect: Rect) -> Rect {
        let name = |mut numbers: Vec<u32>, names: &[u32]| {
            for number in &mut numbers {
                *number = names[*number as usize];
            }
            numbers
        };
        Rect { rows: name(rect.rows, &self.rows), columns: name(rect.columns, &self.columns) }
    }
}

/// The parts, ordered by their first rows.
pub(super) fn of(grid: &Grid) -> Vec<Part> {
    let mut walk = Walk {
        grid,
        columns: grid.transposed().rows,
        row_seen: vec![false; grid.rows.len()],
        number: vec![u32::MAX; grid.columns],
    };
    let starts = 0..u32::try_from(grid.rows.len()).unwrap_or(u32::MAX);
    starts.filter_map(|start| walk.part(start)).collect()
}

struct Walk<'a> {
    grid: &'a Grid,
    columns: Vec<Vec<u32>>,
    row_seen: Vec<bool>,
    /// The number of a column within its part.
    number: Vec<u32>,
}

impl Walk<'_> {
    fn part(&mut self, start: u32) -> Option<Part> {
        if std::mem::replace(&mut self.row_seen[start as usize], true) {
            return None;
        }
        let (mut rows, mut columns) = (vec![start], Vec::new());
        let mut at = 0;
        while at < rows.len() {
            for &column in &self.grid.rows[rows[at] as usize] {
                if self.number[column as usize] == u32::MAX {
                    self.number[column as usize] = 0;
                    columns.push(column);
                    let seen = &mut self.row_seen;
                    let new = |row: &&u32| !std::mem::replace(&mut seen[**row as usize], true);
                    rows.extend(self.columns[column as usize].iter().filter(new));
                }
            }
            at += 1;
        }
        rows.sort_unstable();
        columns.sort_unstable();
        for (number, &column) in (0..).zip(&columns) {
            self.number[column as usize] = number;
        }
        let number =
            |columns: &Vec<u32>| columns.iter().map(|&c| self.number[c as usize]).collect();
        let own = rows.iter().map(|&row| number(&self.grid.rows[row as usize])).collect();
        let grid = Grid { rows: own, columns: columns.len() };
        Some(Part { grid, rows, columns })
    }
}
