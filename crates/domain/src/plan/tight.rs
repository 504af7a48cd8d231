//! Parts of the marks that may hold rectangles too large for a request.
//!
//! The start is a partition that knows no limits, or a simple grouping; what is too large is cut. Then it is
//! improved by what is really paid.

use super::cover::Cover;
use super::exact::{Answer, Small};
use super::grid::{Grid, Rect};
use super::improve::improve;
use super::settle::{self, Settled};
use super::{Limits, grouping};

/// Takes the best start, and improves it with the limits in mind.
pub(super) fn within_limits(
    grid: &Grid,
    settled: Settled,
    limits: Limits,
    steps: &mut u64,
) -> Cover {
    let mut bound = settled.bound.max(limit_bound(grid, limits));
    let cost = |rects: &[Rect]| rects.iter().map(|rect| rect.cost(limits)).sum::<usize>();
    let simple = grouping::best(grid, limits);
    let mut rects = settled.rects;
    for other in [shed(rects.clone(), grid, limits), shed(simple.clone(), grid, limits), simple] {
        if cost(&other) < cost(&rects) {
            rects = other;
        }
    }
    if cost(&rects) > bound {
        search(grid, &mut rects, limits, &mut bound, steps);
    }
    if cost(&rects) > bound {
        rects = improve(rects, grid, limits, bound, steps);
    }
    Cover { pieces: rects.iter().flat_map(|rect| rect.cut(limits)).collect(), bound }
}

/// A request takes at most so many members of an image, and so many images: what each image needs, over the
/// images of a request; and the same for members.
fn limit_bound(grid: &Grid, limits: Limits) -> usize {
    let needs = |lines: &[Vec<u32>], width: usize, height: usize| {
        lines.iter().map(|line| line.len().div_ceil(width)).sum::<usize>().div_ceil(height)
    };
    needs(&grid.rows, limits.members, limits.images).max(needs(
        &grid.transposed().rows,
        limits.images,
        limits.members,
    ))
}

/// Searches a small grid for less until there is nothing less, or the nodes are used up.
fn search(grid: &Grid, rects: &mut Vec<Rect>, limits: Limits, bound: &mut usize, steps: &mut u64) {
    let Some(small) = Small::of(grid) else { return };
    let price = settle::node_price(grid);
    let mut nodes = *steps / 2 / price;
    *steps -= nodes * price;
    let mut cost = rects.iter().map(|rect| rect.cost(limits)).sum();
    while cost > *bound {
        match small.search(limits, cost - 1, &mut nodes) {
            Answer::Found(found) => {
                cost = found.iter().map(|rect| rect.cost(limits)).sum();
                *rects = found;
            }
            Answer::Impossible => *bound = cost,
            Answer::Unknown => break,
        }
    }
    *steps += nodes * price;
}

/// Where a rectangle is a little too large, lets others that lie alongside take over what is too much.
fn shed(rects: Vec<Rect>, grid: &Grid, limits: Limits) -> Vec<Rect> {
    let rects = shed_rows(rects, grid.rows.len(), limits);
    let flipped = Limits { images: limits.members, members: limits.images };
    let rects = rects.into_iter().map(Rect::transposed).collect();
    let rects = shed_rows(rects, grid.columns, flipped);
    rects.into_iter().map(Rect::transposed).collect()
}

fn shed_rows(mut rects: Vec<Rect>, height: usize, limits: Limits) -> Vec<Rect> {
    let mut at_first_row: Vec<Vec<usize>> = vec![Vec::new(); height];
    for (at, rect) in rects.iter().enumerate() {
        at_first_row[rect.rows[0] as usize].push(at);
    }
    let mut inside = vec![false; height];
    for at in 0..rects.len() {
        let excess = rects[at].rows.len() % limits.images;
        if excess == 0 || rects[at].rows.len() < limits.images {
            continue;
        }
        mark(&mut inside, &rects[at].rows, true);
        let takers = takers(&rects, at, &at_first_row, &mut inside, excess, limits);
        mark(&mut inside, &rects[at].rows, false);
        for taker in takers {
            let gone = rects[taker].rows.clone();
            let wider = rects[at].columns.clone();
            rects[at].rows.retain(|row| gone.binary_search(row).is_err());
            rects[taker].columns.extend(wider);
            rects[taker].columns.sort_unstable();
        }
    }
    rects.retain(|rect| !rect.rows.is_empty());
    rects
}

fn mark(inside: &mut [bool], rows: &[u32], value: bool) {
    for &row in rows {
        inside[row as usize] = value;
    }
}

/// Rectangles that can take all the columns of the one at `at` on their own rows, for the same price, and
/// that together have as many of its rows as are too much. None when there are not enough.
fn takers(
    rects: &[Rect],
    at: usize,
    at_first_row: &[Vec<usize>],
    inside: &mut [bool],
    excess: usize,
    limits: Limits,
) -> Vec<usize> {
    let large = &rects[at];
    let can = |&&other: &&usize| {
        let rect = &rects[other];
        let wider = rect.columns.len() + large.columns.len();
        other != at
            && !rect.rows.is_empty()
            && rect.rows.iter().all(|&row| inside[row as usize])
            && wider.div_ceil(limits.members) == rect.columns.len().div_ceil(limits.members)
    };
    let mut able: Vec<usize> = large
        .rows
        .iter()
        .flat_map(|&row| &at_first_row[row as usize])
        .filter(can)
        .copied()
        .collect();
    able.sort_by_key(|&other| std::cmp::Reverse(rects[other].rows.len()));
    let (mut takers, mut taken) = (Vec::new(), 0);
    for other in able {
        let rows = &rects[other].rows;
        if taken < excess && rows.iter().all(|&row| inside[row as usize]) {
            mark(inside, rows, false);
            taken += rows.len();
            takers.push(other);
        }
    }
    if taken < excess { Vec::new() } else { takers }
}
