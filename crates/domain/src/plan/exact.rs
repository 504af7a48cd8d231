//! The search that leaves nothing out: is there a partition of a small matrix that costs at most so much?
//!
//! Cells are given to rectangles one by one. A rectangle that takes a cell takes whatever makes it full again
//! at once, so a rectangle is never anything but a rectangle, and each partition is met on one path only.

use super::Limits;
use super::grid::{Grid, Rect};

/// The widest and highest matrix that can be searched.
pub(super) const SIDE: usize = 64;

/// A matrix whose rows and columns may stand for several alike.
pub(super) struct Small {
    /// For each row its ones.
    pub(super) rows: Vec<u64>,
    /// For each column its ones.
    pub(super) columns: Vec<u64>,
    /// How many rows a row stands for.
    pub(super) row_weights: Vec<usize>,
    /// How many columns a column stands for.
    pub(super) column_weights: Vec<usize>,
}

/// What a search found.
pub(super) enum Answer {
    /// A partition that costs no more than was asked for.
    Found(Vec<Rect>),
    /// There is none.
    Impossible,
    /// The nodes were used up before.
    Unknown,
}

impl Small {
    /// The grid with every row and column standing for itself; `None` when it is too large.
    pub(super) fn of(grid: &Grid) -> Option<Self> {
        if grid.rows.len() > SIDE || grid.columns > SIDE {
            return None;
        }
        let bits = |list: &Vec<u32>| list.iter().fold(0, |bits, &at| bits | 1 << at);
        Some(Self {
            rows: grid.rows.iter().map(bits).collect(),
            columns: grid.transposed().rows.iter().map(bits).collect(),
            row_weights: vec![1; grid.rows.len()],
            column_weights: vec![1; grid.columns],
        })
    }

    /// Looks for a partition that takes at most `target` requests. Each step of the search costs one node.
    pub(super) fn search(&self, limits: Limits, target: usize, nodes: &mut u64) -> Answer {
        if target > SIDE {
            return Answer::Unknown;
        }
        let mut search = Search {
            small: self,
            limits,
            target,
            nodes,
            row_free: self.rows.clone(),
            column_free: self.columns.clone(),
            open: Vec::with_capacity(target),
            cost: 0,
        };
        match search.run() {
            Some(true) => Answer::Found(search.open.iter().map(Open::rect).collect()),
            Some(false) => Answer::Impossible,
            None => Answer::Unknown,
        }
    }
}

/// A rectangle that may still grow.
#[derive(Clone, Copy)]
struct Open {
    rows: u64,
    columns: u64,
    height: usize,
    width: usize,
    cost: usize,
}

impl Open {
    fn rect(&self) -> Rect {
        Rect { rows: ones(self.rows).collect(), columns: ones(self.columns).collect() }
    }
}

struct Search<'a> {
    small: &'a Small,
    limits: Limits,
    target: usize,
    nodes: &'a mut u64,
    /// The cells no rectangle has, by row and by column.
    row_free: Vec<u64>,
    column_free: Vec<u64>,
    open: Vec<Open>,
    cost: usize,
}

/// Where to go on.
enum Choice {
    /// Every cell is in a rectangle.
    Done,
    /// The open cells cannot be had for what is left.
    Hopeless,
    /// This cell is to be given away.
    Cell(usize, usize),
}

impl Search<'_> {
    /// Whether there is a way to the end from here; `None` when the nodes are used up.
    fn run(&mut self) -> Option<bool> {
        *self.nodes = self.nodes.checked_sub(1)?;
        match self.choose() {
            Choice::Done => Some(true),
            Choice::Hopeless => Some(false),
            Choice::Cell(row, column) => self.give(row, column),
        }
    }

    /// Tries every rectangle that can take the cell, and a new one.
    fn give(&mut self, row: usize, column: usize) -> Option<bool> {
        for at in 0..self.open.len() {
            if self.fits(self.open[at], row, column) {
                let old = self.open[at];
                let grown = self.grown(old, row, column);
                if self.cost - old.cost + grown.cost <= self.target {
                    self.swap(at, old, grown);
                    if self.run()? {
                        return Some(true);
                    }
                    self.swap_back(at, old, grown);
                }
            }
        }
        let nothing = Open { rows: 0, columns: 0, height: 0, width: 0, cost: 0 };
        let single = self.grown(nothing, row, column);
        if self.cost + single.cost > self.target {
            return Some(false);
        }
        self.open.push(nothing);
        let at = self.open.len() - 1;
        self.swap(at, nothing, single);
        if self.run()? {
            return Some(true);
        }
        self.swap_back(at, nothing, single);
        self.open.pop();
        Some(false)
    }

    fn fits(&self, open: Open, row: usize, column: usize) -> bool {
        let (in_rows, in_columns) = (open.rows >> row & 1 == 1, open.columns >> column & 1 == 1);
        (in_rows || open.columns & !self.row_free[row] == 0)
            && (in_columns || open.rows & !self.column_free[column] == 0)
    }

    fn grown(&self, open: Open, row: usize, column: usize) -> Open {
        let higher = if open.rows >> row & 1 == 1 { 0 } else { self.small.row_weights[row] };
        let wider =
            if open.columns >> column & 1 == 1 { 0 } else { self.small.column_weights[column] };
        let (height, width) = (open.height + higher, open.width + wider);
        Open {
            rows: open.rows | 1 << row,
            columns: open.columns | 1 << column,
            height,
            width,
            cost: height.div_ceil(self.limits.images) * width.div_ceil(self.limits.members),
        }
    }

    fn swap(&mut self, at: usize, old: Open, new: Open) {
        for row in ones(new.rows) {
            self.row_free[row as usize] &= !new.columns;
        }
        for column in ones(new.columns) {
            self.column_free[column as usize] &= !new.rows;
        }
        self.cost = self.cost - old.cost + new.cost;
        self.open[at] = new;
    }

    fn swap_back(&mut self, at: usize, old: Open, new: Open) {
        for row in ones(new.rows) {
            let had = if old.rows >> row & 1 == 1 { old.columns } else { 0 };
            self.row_free[row as usize] |= new.columns & !had;
        }
        for column in ones(new.columns) {
            let had = if old.columns >> column & 1 == 1 { old.rows } else { 0 };
            self.column_free[column as usize] |= new.rows & !had;
        }
        self.cost = self.cost - new.cost + old.cost;
        self.open[at] = old;
    }

    /// Finds the cell with the fewest ways to go, unless it is plain that there is no way for all.
    fn choose(&self) -> Choice {
        let reach: Vec<(u64, u64)> = self.open.iter().map(|&open| self.reach(open)).collect();
        let mut orphans = [0u64; SIDE];
        let (mut single, mut double, mut any) = (None, None, None);
        let mut orphaned = false;
        for (row, &free) in self.row_free.iter().enumerate() {
            let (mut once, mut twice, mut thrice) = (0u64, 0u64, 0u64);
            for &(rows, columns) in &reach {
                let takes = if rows >> row & 1 == 1 { columns & free } else { 0 };
                thrice |= twice & takes;
                twice |= once & takes;
                once |= takes;
            }
            orphans[row] = free & !once;
            orphaned |= orphans[row] != 0;
            first(&mut single, row, once & !twice);
            first(&mut double, row, twice & !thrice);
            first(&mut any, row, free);
        }
        if orphaned {
            return self.orphan(orphans);
        }
        match single.or(double).or(any) {
            Some((row, column)) => Choice::Cell(row, column),
            None => Choice::Done,
        }
    }

    /// The rows and columns an open rectangle could grow to.
    fn reach(&self, open: Open) -> (u64, u64) {
        let grow = |free: &[u64], own: u64, other: u64| {
            let fits = free.iter().enumerate().filter(|(_, f)| other & !**f == 0);
            fits.fold(own, |all, (at, _)| all | 1 << at)
        };
        (
            grow(&self.row_free, open.rows, open.columns),
            grow(&self.column_free, open.columns, open.rows),
        )
    }

    /// Of the cells that need a new rectangle, the one with the least room. Hopeless when so many of them
    /// cannot share one that they would cost too much: a fooling set.
    fn orphan(&self, mut orphans: [u64; SIDE]) -> Choice {
        let mut spare = self.target - self.cost;
        let mut pick = None;
        while let Some((row, column)) = self.tightest(&orphans) {
            pick.get_or_insert((row, column));
            if spare == 0 {
                return Choice::Hopeless;
            }
            spare -= 1;
            for other in ones(self.column_free[column]) {
                orphans[other as usize] &= !self.row_free[row];
            }
        }
        match pick {
            Some((row, column)) => Choice::Cell(row, column),
            None => Choice::Done,
        }
    }

    fn tightest(&self, cells: &[u64; SIDE]) -> Option<(usize, usize)> {
        let rows = (0..self.row_free.len()).filter(|&row| cells[row] != 0);
        let row = rows.min_by_key(|&row| self.row_free[row].count_ones())?;
        let column = ones(cells[row]).min_by_key(|&c| self.column_free[c as usize].count_ones())?;
        Some((row, column as usize))
    }
}

fn first(best: &mut Option<(usize, usize)>, row: usize, cells: u64) {
    if best.is_none() && cells != 0 {
        *best = Some((row, cells.trailing_zeros() as usize));
    }
}

/// The positions of the ones of a word, ascending.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let at = word.trailing_zeros();
            word &= word - 1;
            at
        })
    })
}
