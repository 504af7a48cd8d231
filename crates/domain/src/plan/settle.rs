//! Partitions of a grid that no limit touches: what can be decided is decided, the rest is searched.

use super::Limits;
use super::exact::{Answer, Small};
use super::greedy::{self, Harvest};
use super::grid::{Grid, Rect};
use super::improve::improve;
use super::{rank, reduce, stars};

/// A partition, and a number no partition can be below.
pub(super) struct Settled {
    pub(super) rects: Vec<Rect>,
    pub(super) bound: usize,
}

/// More than the rank of a few rectangles takes.
const RANK_STEPS: u64 = 10_000_000;
const UNLIMITED: Limits = Limits { images: usize::MAX, members: usize::MAX };

/// A partition with fewer than `count` rectangles, if there is one that the nodes are enough to find.
pub(super) fn fewer(grid: &Grid, count: usize, nodes: &mut u64) -> Option<Vec<Rect>> {
    let reduced = reduce::reduce(grid);
    let mut rects = reduced.stars;
    for core in reduced.cores {
        let mut settled = by_stars(&core.grid, &mut { RANK_STEPS });
        if rects.len() + settled.bound >= count {
            return None;
        }
        search(&core.grid, &mut settled, nodes);
        rects.extend(settled.rects.iter().map(|rect| core.expand(rect)));
    }
    (rects.len() < count).then_some(rects)
}

/// A partition with about so many steps of work. Takes off what it took.
pub(super) fn grid(grid: &Grid, steps: &mut u64) -> Settled {
    if let Some(rect) = star(grid) {
        return Settled { rects: vec![rect], bound: 1 };
    }
    let reduced = reduce::reduce(grid);
    let mut settled = Settled { bound: reduced.stars.len(), rects: reduced.stars };
    let mut claims = reduced.cores.len() as u64;
    for core in &reduced.cores {
        let mut share = *steps / claims;
        claims -= 1;
        *steps -= share;
        let own = settle_core(&core.grid, &mut share);
        *steps += share;
        settled.bound += own.bound;
        settled.rects.extend(own.rects.iter().map(|rect| core.expand(rect)));
    }
    settled
}

/// The only rectangle of a grid with one row or one column.
fn star(grid: &Grid) -> Option<Rect> {
    let all = |count: usize| (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
    (grid.rows.len() == 1 || grid.columns == 1)
        .then(|| Rect { rows: all(grid.rows.len()), columns: all(grid.columns) })
}

fn settle_core(grid: &Grid, steps: &mut u64) -> Settled {
    let mut settled = by_stars(grid, steps);
    search_for(grid, &mut settled, steps, 8);
    if settled.rects.len() > settled.bound {
        start_greedily(grid, &mut settled, steps);
    }
    if settled.rects.len() > settled.bound {
        let mut half = *steps / 2;
        *steps -= half;
        settled.rects = improve(settled.rects, grid, UNLIMITED, settled.bound, &mut half);
        *steps += half;
    }
    search_for(grid, &mut settled, steps, 1);
    settled
}

/// Takes what the greedy way finds from the rows or from the columns, if that is better.
fn start_greedily(grid: &Grid, settled: &mut Settled, steps: &mut u64) {
    let mut keep = |rects: Vec<Rect>| {
        if rects.len() < settled.rects.len() {
            settled.rects = rects;
        }
    };
    keep(greedily(grid, steps));
    keep(greedily(&grid.transposed(), steps).into_iter().map(Rect::transposed).collect());
}

fn greedily(grid: &Grid, steps: &mut u64) -> Vec<Rect> {
    let mut share = *steps / 2;
    *steps -= share;
    let Harvest { mut rects, rest } = greedy::harvest(grid, &mut share);
    *steps += share;
    let reduced = reduce::reduce(&rest);
    rects.extend(reduced.stars);
    for core in reduced.cores {
        rects.extend(stars::fewest(&core.grid).iter().map(|rect| core.expand(rect)));
    }
    rects
}

fn by_stars(grid: &Grid, steps: &mut u64) -> Settled {
    let rects = stars::fewest(grid);
    let bound = if stars::are_all(grid, steps) {
        rects.len()
    } else {
        rank::rank(grid, rects.len(), steps)
    };
    Settled { rects, bound }
}

/// About what a node of the exact search costs.
pub(super) fn node_price(grid: &Grid) -> u64 {
    let lines = (grid.rows.len() + grid.columns) as u64;
    lines * lines + 50
}

/// Searches with one part in so many of the steps.
fn search_for(grid: &Grid, settled: &mut Settled, steps: &mut u64, part: u64) {
    let price = node_price(grid);
    let mut nodes = *steps / part / price;
    *steps -= nodes * price;
    search(grid, settled, &mut nodes);
    *steps += nodes * price;
}

/// Looks for a partition with one rectangle less as long as there is one.
fn search(grid: &Grid, settled: &mut Settled, nodes: &mut u64) {
    if settled.rects.len() <= settled.bound {
        return;
    }
    let Some(small) = Small::of(grid) else { return };
    while settled.rects.len() > settled.bound {
        match small.search(UNLIMITED, settled.rects.len() - 1, nodes) {
            Answer::Found(rects) => settled.rects = rects,
            Answer::Impossible => settled.bound = settled.rects.len(),
            Answer::Unknown => return,
        }
    }
}
