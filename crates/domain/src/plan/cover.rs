//! Covers each connected part of the marks with the best method for it.
//!
//! No rectangle spans two parts, so their bounds and costs add up.

use super::grid::{Grid, Rect};
use super::{Limits, bound, greedy, grouping, parts, reduce, stars};

/// Rectangles within the limits, and a lower bound on their number.
pub(super) struct Cover {
    pub(super) pieces: Vec<Rect>,
    pub(super) bound: usize,
}

/// Limit of steps for each mark. Steps are counted, not timed: the same marks always give the same plan.
const STEPS: u64 = 250;
/// Minimum limit of steps, for few and irregular marks.
const STEPS_OF_FEW: u64 = 2_000_000;
const UNLIMITED: Limits = Limits { images: usize::MAX, members: usize::MAX };

/// Covers every mark of the grid once.
pub(super) fn cover(grid: &Grid, limits: Limits) -> Cover {
    let pieces = if limits.images == 1 {
        strips(grid, limits.members)
    } else if limits.members == 1 {
        strips(&grid.transposed(), limits.images).into_iter().map(Rect::transposed).collect()
    } else {
        return by_parts(grid, limits);
    };
    Cover { bound: pieces.len(), pieces }
}

/// Each row separately: optimal if a request can name one row only.
fn strips(grid: &Grid, width: usize) -> Vec<Rect> {
    let rows = (0..).zip(&grid.rows);
    let strip = |row, columns: &[u32]| Rect { rows: vec![row], columns: columns.to_vec() };
    rows.flat_map(|(row, ones)| ones.chunks(width).map(move |columns| strip(row, columns)))
        .collect()
}

fn by_parts(grid: &Grid, limits: Limits) -> Cover {
    let steps = STEPS.max(STEPS_OF_FEW / grid.marks().max(1));
    let mut cover = Cover { pieces: Vec::new(), bound: 0 };
    for part in parts::of(grid) {
        let own = cover_part(&part.grid, limits, steps * part.grid.marks());
        cover.bound += own.bound;
        cover.pieces.extend(own.pieces.into_iter().map(|piece| part.named(piece)));
    }
    cover
}

fn cover_part(grid: &Grid, limits: Limits, steps: u64) -> Cover {
    let Cover { pieces: mut rects, mut bound } = without_limits(grid, steps);
    let fits_one_request = grid.rows.len() <= limits.images && grid.columns <= limits.members;
    if !fits_one_request {
        bound = bound.max(bound::of_lines(grid, limits)).max(bound::of_areas(grid, limits, steps));
        keep_better(&mut rects, grouping::best(grid, limits), limits);
        if cost(&rects, limits) > bound {
            try_greedy(&mut rects, grid, limits, steps);
        }
    }
    Cover { pieces: rects.iter().flat_map(|rect| rect.cut(limits)).collect(), bound }
}

/// Covers without limits.
fn without_limits(grid: &Grid, steps: u64) -> Cover {
    let reduced = reduce::reduce(grid);
    let mut cover = Cover { bound: reduced.stars.len(), pieces: reduced.stars };
    for part in parts::of(&reduced.core.grid) {
        let share = steps / grid.marks() * part.grid.marks();
        let mut rects = stars::fewest(&part.grid);
        let bound = bound::without_limits(&part.grid, rects.len(), share);
        if rects.len() > bound {
            try_greedy(&mut rects, &part.grid, UNLIMITED, share);
        }
        cover.bound += bound;
        cover.pieces.extend(rects.into_iter().map(|rect| reduced.core.expand(&part.named(rect))));
    }
    cover
}

/// Tries the greedy method from the rows and from the columns, and keeps the result if it is better.
fn try_greedy(rects: &mut Vec<Rect>, grid: &Grid, limits: Limits, steps: u64) {
    keep_better(rects, greedily(grid, limits, steps), limits);
    let turned = Limits { images: limits.members, members: limits.images };
    let found = greedily(&grid.transposed(), turned, steps);
    keep_better(rects, found.into_iter().map(Rect::transposed).collect(), limits);
}

fn greedily(grid: &Grid, limits: Limits, steps: u64) -> Vec<Rect> {
    let (mut rects, rest) = greedy::harvest(grid, limits, steps);
    let reduced = reduce::reduce(&rest);
    rects.extend(reduced.stars);
    rects.extend(stars::fewest(&reduced.core.grid).iter().map(|rect| reduced.core.expand(rect)));
    rects
}

fn keep_better(rects: &mut Vec<Rect>, other: Vec<Rect>, limits: Limits) {
    if cost(&other, limits) < cost(rects, limits) {
        *rects = other;
    }
}

fn cost(rects: &[Rect], limits: Limits) -> usize {
    rects.iter().map(|rect| rect.cost(limits)).sum()
}
