//! The simple plans: group images with the same members, or members with the same images. No plan is worse than the better
//! of the two.

use std::collections::BTreeMap;

use super::Limits;
use super::grid::{Grid, Rect};

/// The better of the two groupings, split to the limits.
pub(super) fn best(grid: &Grid, limits: Limits) -> Vec<Rect> {
    let by_row = equal_rows(grid);
    let by_column: Vec<Rect> =
        equal_rows(&grid.transposed()).into_iter().map(Rect::transposed).collect();
    let cost = |rects: &[Rect]| rects.iter().map(|rect| rect.cost(limits)).sum::<usize>();
    let rects = if cost(&by_row) <= cost(&by_column) { by_row } else { by_column };
    rects.iter().flat_map(|rect| rect.cut(limits)).collect()
}

fn equal_rows(grid: &Grid) -> Vec<Rect> {
    let mut groups: BTreeMap<&[u32], Vec<u32>> = BTreeMap::new();
    for (row, columns) in (0..).zip(&grid.rows) {
        groups.entry(columns).or_default().push(row);
    }
    groups.into_iter().map(|(columns, rows)| Rect { rows, columns: columns.to_vec() }).collect()
}
