//! Reductions that need no search: twins are merged, and a vertex with a single neighbor decides that neighbor.
//!
//! Both keep the optimum if no limit applies. Twins: a partition for one of them fits the other. A row with a single column:
//! its rectangle has only that column, so it can grow to all the column's rows, and the rectangles that covered them only
//! get smaller. Such a star adds exactly 1 to the rank of the matrix, so the bound holds in every step.

use std::collections::{HashMap, VecDeque};

use super::grid::{Grid, Rect};

/// A grid after the reductions.
pub(super) struct Reduced {
    /// Rectangles of an optimal partition.
    pub(super) stars: Vec<Rect>,
    /// The remaining marks, without twins and single neighbors.
    pub(super) core: Core,
}

/// A grid whose rows and columns are classes of twins.
pub(super) struct Core {
    /// One row per class of rows and one column per class of columns.
    pub(super) grid: Grid,
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
}

impl Core {
    /// Expands a rectangle of classes.
    pub(super) fn expand(&self, rect: &Rect) -> Rect {
        let all = |classes: &[Vec<u32>], chosen: &[u32]| {
            let mut all: Vec<u32> =
                chosen.iter().flat_map(|&c| &classes[c as usize]).copied().collect();
            all.sort_unstable();
            all
        };
        Rect { rows: all(&self.rows, &rect.rows), columns: all(&self.columns, &rect.columns) }
    }
}

/// Merges and removes until no reduction applies. Linear in the number of marks.
pub(super) fn reduce(grid: &Grid) -> Reduced {
    let mut graph = Graph::of(grid);
    let mut stars = Vec::new();
    while let Some(vertex) = graph.queue.pop_front() {
        graph.queued[vertex as usize] = false;
        match graph.degree[vertex as usize] {
            _ if !graph.alive[vertex as usize] => {}
            0 => graph.alive[vertex as usize] = false,
            1 => stars.push(graph.take_star(vertex)),
            _ => graph.merge_twin(vertex),
        }
    }
    Reduced { stars, core: graph.core() }
}

/// The marks as a bipartite graph that loses vertices. Rows come first, then columns.
struct Graph {
    row_count: usize,
    neighbours: Vec<Vec<u32>>,
    alive: Vec<bool>,
    degree: Vec<usize>,
    /// Exclusive or of the neighbors' keys: equal for twins, and almost never otherwise.
    hash: Vec<u64>,
    members: Vec<Vec<u32>>,
    /// The vertex last seen with a hash.
    seen: HashMap<u64, u32>,
    queue: VecDeque<u32>,
    queued: Vec<bool>,
}

impl Graph {
    fn of(grid: &Grid) -> Self {
        let row_count = grid.rows.len();
        let shift = u32::try_from(row_count).unwrap_or(u32::MAX);
        let total = shift + u32::try_from(grid.columns).unwrap_or(u32::MAX);
        let to_columns = grid.rows.iter().map(|row| row.iter().map(|c| c + shift).collect());
        let neighbours: Vec<Vec<u32>> = to_columns.chain(grid.transposed().rows).collect();
        let hash = |list: &Vec<u32>| list.iter().fold(0, |hash, &vertex| hash ^ key(vertex));
        Self {
            row_count,
            alive: vec![true; neighbours.len()],
            degree: neighbours.iter().map(Vec::len).collect(),
            hash: neighbours.iter().map(hash).collect(),
            members: (0..shift).chain(0..total - shift).map(|index| vec![index]).collect(),
            seen: HashMap::with_capacity(neighbours.len()),
            queue: (0..total).collect(),
            queued: vec![true; neighbours.len()],
            neighbours,
        }
    }

    fn is_row(&self, vertex: u32) -> bool {
        (vertex as usize) < self.row_count
    }

    /// Drops removed neighbors: amortized constant time.
    fn refresh(&mut self, vertex: u32) {
        let alive = &self.alive;
        self.neighbours[vertex as usize].retain(|&other| alive[other as usize]);
    }

    fn remove(&mut self, vertex: u32) {
        self.refresh(vertex);
        self.alive[vertex as usize] = false;
        for other in std::mem::take(&mut self.neighbours[vertex as usize]) {
            let at = other as usize;
            self.degree[at] -= 1;
            self.hash[at] ^= key(vertex);
            if !std::mem::replace(&mut self.queued[at], true) {
                self.queue.push_back(other);
            }
        }
    }

    /// Takes all marks of the only neighbor of `leaf`.
    fn take_star(&mut self, leaf: u32) -> Rect {
        self.refresh(leaf);
        let centre = self.neighbours[leaf as usize][0];
        self.refresh(centre);
        let mut rays: Vec<u32> = self.neighbours[centre as usize]
            .iter()
            .flat_map(|&ray| &self.members[ray as usize])
            .copied()
            .collect();
        let mut centres = self.members[centre as usize].clone();
        rays.sort_unstable();
        centres.sort_unstable();
        let rect = Rect { rows: rays, columns: centres };
        let rect = if self.is_row(centre) { rect.transposed() } else { rect };
        self.remove(centre);
        rect
    }

    /// Merges `vertex` into an earlier vertex with the same neighbors.
    fn merge_twin(&mut self, vertex: u32) {
        let hash = self.hash[vertex as usize];
        match self.seen.insert(hash, vertex) {
            Some(other) if other != vertex && self.are_twins(vertex, other) => {
                let smaller = |a: &u32| self.members[*a as usize].len();
                let (gone, stays) = if smaller(&vertex) <= smaller(&other) {
                    (vertex, other)
                } else {
                    (other, vertex)
                };
                let mut moved = std::mem::take(&mut self.members[gone as usize]);
                self.members[stays as usize].append(&mut moved);
                self.remove(gone);
                self.seen.insert(hash, stays);
            }
            _ => {}
        }
    }

    fn are_twins(&mut self, a: u32, b: u32) -> bool {
        let (at, bt) = (a as usize, b as usize);
        if !self.alive[bt]
            || self.hash[at] != self.hash[bt]
            || self.degree[at] != self.degree[bt]
            || self.is_row(a) != self.is_row(b)
        {
            return false;
        }
        self.refresh(a);
        self.refresh(b);
        self.neighbours[at] == self.neighbours[bt]
    }

    /// The remaining marks.
    fn core(mut self) -> Core {
        let all = 0..u32::try_from(self.alive.len()).unwrap_or(u32::MAX);
        let alive: Vec<u32> = all.filter(|&vertex| self.alive[vertex as usize]).collect();
        let (rows, columns) = alive.split_at(alive.partition_point(|&vertex| self.is_row(vertex)));
        let mut number = vec![0; self.alive.len()];
        for (at, &column) in (0..).zip(columns) {
            number[column as usize] = at;
        }
        for &row in rows {
            self.refresh(row);
        }
        let ones = |&row: &u32| {
            let mut ones: Vec<u32> =
                self.neighbours[row as usize].iter().map(|&c| number[c as usize]).collect();
            ones.sort_unstable();
            ones
        };
        let grid = Grid { rows: rows.iter().map(ones).collect(), columns: columns.len() };
        let mut members = |vertices: &[u32]| {
            vertices.iter().map(|&v| std::mem::take(&mut self.members[v as usize])).collect()
        };
        Core { grid, rows: members(rows), columns: members(columns) }
    }
}

/// Hashes a number (splitmix64).
fn key(vertex: u32) -> u64 {
    let mut z = (u64::from(vertex) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
