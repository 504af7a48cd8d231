//! Puts the ways to cover marks together: each connected part of the marks by the best that is known for it.
//!
//! A rectangle never reaches from one part into another, so bounds and costs of the parts add up.

use super::Limits;
use super::grid::{Grid, Rect};
use super::parts::{self, Part};
use super::settle::{self, Settled};
use super::tight::within_limits;

/// Pieces that a request can hold, and a number no partition into such pieces can be below.
pub(super) struct Cover {
    pub(super) pieces: Vec<Rect>,
    pub(super) bound: usize,
}

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
    let mut parts = parts::of(grid);
    // The small ones first: what they leave of their share goes to the large ones.
    parts.sort_by_key(|part| part.grid.rows.len() + part.grid.columns);
    let mut purse = Purse::of(grid, &parts);
    let mut cover = Cover { pieces: Vec::new(), bound: 0 };
    for part in &parts {
        let own = purse.spend(|steps| cover_part(&part.grid, limits, steps));
        cover.bound += own.bound;
        cover.pieces.extend(own.pieces.into_iter().map(|piece| part.named(piece)));
    }
    cover
}

/// How much work may still be done. Counted, not timed: the same marks always give the same plan.
struct Purse {
    steps: u64,
    claims: u64,
}

impl Purse {
    fn of(grid: &Grid, parts: &[Part]) -> Self {
        let marks: u64 = grid.rows.iter().map(|row| row.len() as u64).sum();
        Self { steps: (marks * 1000).max(8_000_000), claims: parts.len() as u64 }
    }

    /// Does one of the works with a fair share of what is left. What it leaves stays in the purse.
    fn spend<T>(&mut self, work: impl FnOnce(&mut u64) -> T) -> T {
        let mut share = self.steps / self.claims.max(1);
        self.claims = self.claims.saturating_sub(1);
        self.steps -= share;
        let done = work(&mut share);
        self.steps += share;
        done
    }
}

fn cover_part(grid: &Grid, limits: Limits, steps: &mut u64) -> Cover {
    let free = grid.rows.len() <= limits.images && grid.columns <= limits.members;
    if free {
        let Settled { rects, bound } = settle::grid(grid, steps);
        return Cover { pieces: rects, bound };
    }
    let mut half = *steps / 2;
    *steps -= half;
    let settled = settle::grid(grid, &mut half);
    *steps += half;
    within_limits(grid, settled, limits, steps)
}
