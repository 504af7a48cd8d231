//! Puts the ways to cover marks together: each connected part of the marks by the best that is found for it.
//!
//! A rectangle never reaches from one part into another, so bounds and costs of the parts add up.

use super::grid::{Grid, Rect};
use super::{Limits, bound, greedy, grouping, parts, reduce, stars};

/// Pieces that a request can hold, and a number no partition into such pieces can be below.
pub(super) struct Cover {
    pub(super) pieces: Vec<Rect>,
    pub(super) bound: usize,
}

/// The most steps of one work on a mark. Counted, not timed: the same marks always give the same plan.
const STEPS: u64 = 250;
/// Steps for a few marks, however irregular.
const STEPS_OF_FEW: u64 = 2_000_000;
const UNLIMITED: Limits = Limits { images: usize::MAX, members: usize::MAX };

/// Covers every one of the grid once.
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

/// Each row by itself, in as few pieces as it takes: the optimum when a piece has one row.
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

/// As if a request could hold anything.
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

/// Takes what the greedy way finds from the rows or from the columns, if that is better.
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
