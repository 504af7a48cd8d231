//! Puts similar rows and columns beside each other: rank order clustering (King, 1980). Rows are read as numbers whose
//! leading digits are the leading columns, and sorted; then the columns likewise. Costs about shares × log(images)
//! steps, never images × images.

use std::cmp::{Ordering, Reverse};

/// How often rows and columns are sorted by each other. The result hardly changes after the second time.
const ROUNDS: usize = 2;

/// The columns of each row: one flat list, and the end of each row in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incidence {
    ends: Vec<u32>,
    columns: Vec<u32>,
}

impl Incidence {
    /// Adds a cell to the current row.
    pub(crate) fn cell(&mut self, column: u32) {
        self.columns.push(column);
    }

    /// Ends the current row and begins the next.
    pub(crate) fn end_row(&mut self) {
        self.ends.push(small(self.columns.len()));
    }

    /// Number of cells in the current row.
    pub(crate) fn filled(&self) -> usize {
        self.columns.len() - self.ends.last().map_or(0, |end| *end as usize)
    }

    /// The columns of a row.
    pub(crate) fn row(&self, row: usize) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.columns[start as usize..self.ends[row] as usize]
    }

    /// Replaces each column by its new number.
    pub(crate) fn renumber(&mut self, numbers: &[u32]) {
        self.columns.iter_mut().for_each(|column| *column = numbers[*column as usize]);
    }

    /// Number of finished rows.
    pub(crate) fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Number of cells.
    pub(crate) fn cells(&self) -> usize {
        self.columns.len()
    }

    /// Number of rows that have each column.
    pub(crate) fn counts(&self, columns: usize) -> Vec<u32> {
        let mut counts = vec![0; columns];
        self.columns.iter().for_each(|column| counts[*column as usize] += 1);
        counts
    }

    /// The transpose, with rows numbered by their position in `order`; ascending in each column.
    fn turned(&self, order: &[u32], columns: usize) -> Self {
        let mut next = self.counts(columns);
        let mut total = 0;
        for slot in &mut next {
            total += std::mem::replace(slot, total);
        }
        let mut cells = vec![0; self.columns.len()];
        for (rank, row) in order.iter().enumerate() {
            for column in self.row(*row as usize) {
                let slot = &mut next[*column as usize];
                cells[*slot as usize] = small(rank);
                *slot += 1;
            }
        }
        // Each slot has advanced to the end of its column.
        Self { ends: next, columns: cells }
    }

    /// The rows, sorted so that those with the same leading columns are together; empty rows come last.
    fn sorted(&self) -> Vec<u32> {
        let mut keyed: Vec<(u64, u32)> =
            (0..self.rows()).map(|row| (leading(self.row(row)), small(row))).collect();
        keyed.sort_unstable_by(|(x, a), (y, b)| {
            let rest = || greater_first(self.row(*a as usize), self.row(*b as usize));
            x.cmp(y).then_with(rest).then(a.cmp(b))
        });
        keyed.into_iter().map(|(_, row)| row).collect()
    }
}

/// Compares two rows as numbers with a digit for each column, the greater one first.
fn greater_first(a: &[u32], b: &[u32]) -> Ordering {
    let common = a.len().min(b.len());
    a[..common].cmp(&b[..common]).then(b.len().cmp(&a.len()))
}

/// The first two columns of a row as one number, which decides most comparisons of rows.
fn leading(row: &[u32]) -> u64 {
    let digit = |at: usize| u64::from(row.get(at).copied().unwrap_or(u32::MAX));
    (digit(0) << 32) | digit(1)
}

/// The order of rows and the order of columns.
pub(crate) fn cluster(incidence: &Incidence, columns: usize) -> (Vec<u32>, Vec<u32>) {
    let counts = incidence.counts(columns);
    let mut across: Vec<u32> = (0..small(columns)).collect();
    across.sort_by_key(|column| Reverse(counts[*column as usize]));
    let identity: Vec<u32> = (0..small(incidence.rows())).collect();
    let by_column = incidence.turned(&identity, columns);
    let mut down = identity;
    for _ in 0..ROUNDS {
        down = by_column.turned(&across, incidence.rows()).sorted();
        across = incidence.turned(&down, columns).sorted();
    }
    (down, across)
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incidence(rows: &[&[u32]]) -> Incidence {
        let mut out = Incidence::default();
        for row in rows {
            row.iter().for_each(|column| out.cell(*column));
            out.end_row();
        }
        out
    }

    #[test]
    fn two_mixed_blocks_are_told_apart() {
        let mixed = incidence(&[&[0, 2], &[1, 3], &[0, 2], &[1, 3, 4], &[0, 2], &[3, 4]]);
        let (down, across) = cluster(&mixed, 5);
        assert_eq!(down[..3], [0, 2, 4], "all of one block, then all of the other");
        assert_eq!(across[..2], [0, 2]);
    }

    #[test]
    fn rows_with_the_same_columns_stand_together_and_empty_ones_last() {
        let rows: Vec<Vec<u32>> = (0..60).map(|n| vec![n % 5, 5 + n % 5, 10]).collect();
        let mut rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        rows.insert(0, &[]);
        let (down, across) = cluster(&incidence(&rows), 11);

        let kinds: Vec<&[u32]> = down.iter().map(|row| rows[*row as usize]).collect();
        let mut once = kinds.clone();
        once.dedup();
        assert_eq!(once.len(), 6, "each kind is in one piece");
        assert!(kinds.last().unwrap().is_empty());
        assert_eq!(across[0], 10, "the column that all have leads");
    }

    #[test]
    fn every_row_and_column_is_there_once() {
        let some = incidence(&[&[3], &[], &[0, 3], &[1]]);
        let (mut down, mut across) = cluster(&some, 5);
        down.sort_unstable();
        across.sort_unstable();
        assert_eq!((down, across), ((0..4).collect(), (0..5).collect()));
    }
}
