//! Makes a partition smaller bit by bit: takes a few rectangles that touch, and partitions what they cover
//! anew, exactly.

use std::collections::HashMap;

use super::Limits;
use super::exact::{Answer, Small};
use super::grid::{Grid, Rect};
use super::settle;

/// The most rectangles partitioned anew at once.
const MOST: usize = 10;
/// The most nodes of one such search.
const NODES: u64 = 600;

/// Tries until the cost is down to `bound` or the steps are used up.
pub(super) fn improve(
    rects: Vec<Rect>,
    grid: &Grid,
    limits: Limits,
    bound: usize,
    steps: &mut u64,
) -> Vec<Rect> {
    let mut neighbourhood = Neighbourhood::of(rects, grid, limits);
    while neighbourhood.cost > bound && neighbourhood.rects.len() > 1 && *steps > 0 {
        *steps = steps.saturating_sub(neighbourhood.attempt());
    }
    neighbourhood.rects
}

struct Neighbourhood {
    limits: Limits,
    rects: Vec<Rect>,
    cost: usize,
    /// Which rectangles have a row, and which have a column.
    at_row: Vec<Vec<u32>>,
    at_column: Vec<Vec<u32>>,
    dice: fastrand::Rng,
}

/// Rows or columns with the same chosen rectangles.
type Classes = Vec<(u32, Vec<u32>)>;

impl Neighbourhood {
    fn of(rects: Vec<Rect>, grid: &Grid, limits: Limits) -> Self {
        let mut new = Self {
            limits,
            cost: rects.iter().map(|rect| rect.cost(limits)).sum(),
            rects: Vec::new(),
            at_row: vec![Vec::new(); grid.rows.len()],
            at_column: vec![Vec::new(); grid.columns],
            dice: fastrand::Rng::with_seed(1),
        };
        for rect in rects {
            new.add(rect);
        }
        new
    }

    fn add(&mut self, rect: Rect) {
        let at = u32::try_from(self.rects.len()).unwrap_or(u32::MAX);
        for &row in &rect.rows {
            self.at_row[row as usize].push(at);
        }
        for &column in &rect.columns {
            self.at_column[column as usize].push(at);
        }
        self.rects.push(rect);
    }

    fn take(&mut self, at: u32) -> Rect {
        let last = u32::try_from(self.rects.len() - 1).unwrap_or(u32::MAX);
        self.rename(at, None);
        let rect = self.rects.swap_remove(at as usize);
        if at != last {
            self.rename(at, Some(last));
        }
        rect
    }

    /// In the lists of the rows and columns of the rectangle at `at`: forgets it, or calls it so from now on.
    fn rename(&mut self, at: u32, was: Option<u32>) {
        let rect = &self.rects[at as usize];
        let of_rows = rect.rows.iter().map(|&row| (true, row));
        for (is_row, line) in of_rows.chain(rect.columns.iter().map(|&column| (false, column))) {
            let list = if is_row { &mut self.at_row } else { &mut self.at_column };
            let list = &mut list[line as usize];
            let place = list.iter().position(|&other| other == was.unwrap_or(at));
            match (place, was) {
                (Some(place), None) => drop(list.swap_remove(place)),
                (Some(place), Some(_)) => list[place] = at,
                (None, _) => {}
            }
        }
    }

    /// Chooses some rectangles and tries to do with fewer. Tells about how many steps it took.
    fn attempt(&mut self) -> u64 {
        let chosen = self.choose();
        let size: usize = chosen
            .iter()
            .map(|&at| &self.rects[at as usize])
            .map(|rect| rect.rows.len() + rect.columns.len())
            .sum();
        let mut steps = 600 + 60 * size as u64;
        let rows = self.classes(&chosen, |rect| &rect.rows);
        let columns = self.classes(&chosen, |rect| &rect.columns);
        let cost: usize = chosen.iter().map(|&at| self.rects[at as usize].cost(self.limits)).sum();
        if cost == chosen.len() && independent(&rows) && independent(&columns) {
            return steps;
        }
        let block = Block::of(rows, columns);
        let mut nodes = NODES;
        let found = block.cheaper(cost, self.limits, &mut nodes);
        steps += 8000 + (NODES - nodes) * 600;
        if let Some(found) = found {
            self.replace(chosen, found.iter().map(|rect| block.expand(rect)).collect());
        }
        steps
    }

    fn replace(&mut self, mut chosen: Vec<u32>, new: Vec<Rect>) {
        // From the last, for taking one moves the last into its place.
        chosen.sort_unstable_by(|a, b| b.cmp(a));
        for at in chosen {
            let old = self.take(at);
            self.cost -= old.cost(self.limits);
        }
        for rect in new {
            self.cost += rect.cost(self.limits);
            self.add(rect);
        }
    }

    /// A rectangle and others that share rows or columns with those chosen before.
    fn choose(&mut self) -> Vec<u32> {
        let most = self.dice.usize(2..=MOST).min(self.rects.len());
        let mut chosen = vec![self.dice.u32(..u32::try_from(self.rects.len()).unwrap_or(1))];
        for _ in 0..3 * most {
            if chosen.len() == most {
                break;
            }
            let from = chosen[self.dice.usize(..chosen.len())];
            let rect = &self.rects[from as usize];
            let list = if self.dice.bool() {
                &self.at_row[rect.rows[self.dice.usize(..rect.rows.len())] as usize]
            } else {
                &self.at_column[rect.columns[self.dice.usize(..rect.columns.len())] as usize]
            };
            let next = list[self.dice.usize(..list.len())];
            if !chosen.contains(&next) {
                chosen.push(next);
            }
        }
        chosen
    }

    fn classes(&self, chosen: &[u32], side: impl Fn(&Rect) -> &Vec<u32>) -> Classes {
        let mut masks: HashMap<u32, u32> = HashMap::new();
        for (bit, &at) in chosen.iter().enumerate() {
            for &line in side(&self.rects[at as usize]) {
                *masks.entry(line).or_default() |= 1 << bit;
            }
        }
        let mut lines: Vec<(u32, u32)> =
            masks.into_iter().map(|(line, mask)| (mask, line)).collect();
        lines.sort_unstable();
        let same = lines.chunk_by(|a, b| a.0 == b.0);
        same.map(|class| (class[0].0, class.iter().map(|&(_, line)| line).collect())).collect()
    }
}

/// Whether the chosen rectangles are independent on this side, which they are when they are so over the
/// field of two elements. Independent on both sides, they have full rank, and cannot be fewer.
fn independent(classes: &Classes) -> bool {
    let chosen = classes.iter().fold(0, |all, (mask, _)| all | mask).count_ones();
    let mut basis: Vec<u32> = Vec::new();
    for &(mask, _) in classes {
        let rest = basis.iter().fold(mask, |rest, &b| rest.min(rest ^ b));
        if rest != 0 {
            basis.push(rest);
        }
    }
    basis.len() == chosen as usize
}

/// What some rectangles cover, as a grid of classes.
struct Block {
    grid: Grid,
    rows: Classes,
    columns: Classes,
}

impl Block {
    fn of(rows: Classes, columns: Classes) -> Self {
        let ones = |mask: u32| {
            (0..).zip(&columns).filter(move |(_, (other, _))| mask & other != 0).map(|(at, _)| at)
        };
        let grid = Grid {
            rows: rows.iter().map(|&(mask, _)| ones(mask).collect()).collect(),
            columns: columns.len(),
        };
        Self { grid, rows, columns }
    }

    /// A partition that costs less, if the nodes are enough to find one.
    fn cheaper(&self, cost: usize, limits: Limits, nodes: &mut u64) -> Option<Vec<Rect>> {
        let weights = |classes: &Classes| classes.iter().map(|(_, lines)| lines.len()).collect();
        let (row_weights, column_weights): (Vec<usize>, Vec<usize>) =
            (weights(&self.rows), weights(&self.columns));
        let free = row_weights.iter().sum::<usize>() <= limits.images
            && column_weights.iter().sum::<usize>() <= limits.members;
        if free {
            return settle::fewer(&self.grid, cost, nodes);
        }
        let small = Small::of(&self.grid)?;
        match (Small { row_weights, column_weights, ..small }).search(limits, cost - 1, nodes) {
            Answer::Found(rects) => Some(rects),
            Answer::Impossible | Answer::Unknown => None,
        }
    }

    fn expand(&self, rect: &Rect) -> Rect {
        let all = |classes: &Classes, chosen: &[u32]| {
            let mut all: Vec<u32> =
                chosen.iter().flat_map(|&c| &classes[c as usize].1).copied().collect();
            all.sort_unstable();
            all
        };
        Rect { rows: all(&self.rows, &rect.rows), columns: all(&self.columns, &rect.columns) }
    }
}
