//! Lower bounds on the number of requests.

use super::Limits;
use super::grid::Grid;
use super::stars;

/// The lower bound without limits: the fewest stars if every rectangle is a star, otherwise the rank of the marks, at most
/// `stars`.
pub(super) fn without_limits(grid: &Grid, stars: usize, steps: u64) -> usize {
    if stars::are_all(grid, steps) { stars } else { rank(grid, stars, steps) }
}

/// The rank over the field of two elements. Each rectangle has rank 1. The rank of a subset of the rows is a
/// bound too, so the search may end when the steps are used up.
fn rank(grid: &Grid, enough: usize, mut steps: u64) -> usize {
    let words = grid.columns.div_ceil(64);
    // By the first column that is not zero.
    let mut pivots: Vec<Option<Vec<u64>>> = vec![None; grid.columns];
    let mut rank = 0;
    let mut rows: Vec<&Vec<u32>> = grid.rows.iter().collect();
    rows.sort_by_key(|row| row.len());
    for row in rows {
        if rank == enough || steps == 0 {
            break;
        }
        let mut bits = vec![0u64; words];
        for &column in row {
            bits[column as usize / 64] |= 1 << (column % 64);
        }
        let mut word = 0;
        while let Some(at) = (word..words).find(|&at| bits[at] != 0) {
            word = at;
            let first = &mut pivots[word * 64 + bits[word].trailing_zeros() as usize];
            let Some(pivot) = first else {
                *first = Some(bits);
                rank += 1;
                break;
            };
            bits[word..].iter_mut().zip(&pivot[word..]).for_each(|(bit, other)| *bit ^= other);
            steps = steps.saturating_sub((words - word) as u64 / 2 + 2);
        }
    }
    rank
}

/// The requests that each image needs for its members, divided by the images that a request can name; and the same for
/// members.
pub(super) fn of_lines(grid: &Grid, limits: Limits) -> usize {
    let needs = |lines: &[Vec<u32>], width: usize, height: usize| {
        lines.iter().map(|line| line.len().div_ceil(width)).sum::<usize>().div_ceil(height)
    };
    needs(&grid.rows, limits.members, limits.images).max(needs(
        &grid.transposed().rows,
        limits.images,
        limits.members,
    ))
}

/// The total weight of one request.
const REQUEST: u64 = 1 << 40;

/// The weight of a share is 1 / the largest area of a request that contains it. No request weighs more than 1, so the weight
/// of all shares is a bound.
pub(super) fn of_areas(grid: &Grid, limits: Limits, mut steps: u64) -> usize {
    let columns = grid.transposed().rows;
    let by_row = areas(&grid.rows, &columns, limits, &mut steps);
    let turned = Limits { images: limits.members, members: limits.images };
    let by_column = areas(&columns, &grid.rows, turned, &mut steps);
    let mut by_column: Vec<_> = by_column.iter().map(|areas| areas.iter()).collect();
    let mut weight = 0;
    for (row, areas) in grid.rows.iter().zip(&by_row) {
        for (&column, &area) in row.iter().zip(areas) {
            let other = by_column[column as usize].next().map_or(area, |&other| other);
            weight += REQUEST / area.min(other).max(1) as u64;
        }
    }
    usize::try_from(weight.div_ceil(REQUEST)).unwrap_or(0)
}

/// For each share of each row, an upper bound on the area of a request that contains it. Rows of one request have no more
/// columns in common than each of them has with the share's row.
fn areas(
    rows: &[Vec<u32>],
    columns: &[Vec<u32>],
    limits: Limits,
    steps: &mut u64,
) -> Vec<Vec<usize>> {
    let mut common = vec![0usize; rows.len()];
    let area = |row: &Vec<u32>| {
        let met = || row.iter().flat_map(|&column| &columns[column as usize]);
        let price = row.iter().map(|&column| columns[column as usize].len() as u64).sum::<u64>();
        let Some(left) = steps.checked_sub(2 * price) else {
            let height = |&column: &u32| columns[column as usize].len().min(limits.images);
            return row
                .iter()
                .map(|column| height(column) * row.len().min(limits.members))
                .collect();
        };
        *steps = left;
        met().for_each(|&other| common[other as usize] += 1);
        let largest = |&column: &u32| {
            let mut rows_with = vec![0; row.len().min(limits.members) + 1];
            for &other in &columns[column as usize] {
                rows_with[common[other as usize].min(limits.members)] += 1;
            }
            let mut height = 0;
            let from_widest = rows_with.iter().enumerate().rev().map(|(width, rows)| {
                height += rows;
                width * height.min(limits.images)
            });
            from_widest.max().unwrap_or(0)
        };
        let areas = row.iter().map(largest).collect();
        met().for_each(|&other| common[other as usize] = 0);
        areas
    };
    rows.iter().map(area).collect()
}
