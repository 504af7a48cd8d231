//! The rank of the matrix of marks: each rectangle has rank one, so no partition has fewer rectangles than
//! the rank.
//!
//! Rank over a finite field is never above the rank over the rationals, and so is the rank of some of the
//! rows: whatever is found when the time is up is still a bound.

use super::grid::Grid;

/// A prime below 2²⁴: 65 000 products of two residues add up in 64 bits before one has to reduce.
const PRIME: u64 = 16_777_213;
const MOST_PIVOTS: usize = 60_000;

/// A lower bound for the rank, `enough` at most (more is of no use), with about `steps` operations; takes off what it took.
pub(super) fn rank(grid: &Grid, enough: usize, steps: &mut u64) -> usize {
    let flipped;
    let grid = if grid.columns > grid.rows.len() {
        flipped = grid.transposed();
        &flipped
    } else {
        grid
    };
    let sparse_first = {
        let mut order: Vec<&[u32]> = grid.rows.iter().map(Vec::as_slice).collect();
        order.sort_by_key(|row| row.len());
        order
    };
    let binary = over_two(&sparse_first, grid.columns, enough, steps);
    if binary >= enough {
        return binary;
    }
    over_prime(&sparse_first, grid.columns, enough, steps).max(binary)
}

/// Rank over the field of two elements: fast, and most often all there is.
fn over_two(rows: &[&[u32]], columns: usize, enough: usize, steps: &mut u64) -> usize {
    let words = columns.div_ceil(64);
    let mut pivots: Vec<(usize, u64, Vec<u64>)> = Vec::new();
    for row in rows {
        let cost = (words * pivots.len() / 2 + pivots.len()) as u64;
        if pivots.len() >= enough || *steps < cost {
            break;
        }
        *steps -= cost;
        let mut bits = vec![0u64; words];
        for &column in *row {
            bits[column as usize / 64] |= 1 << (column % 64);
        }
        for (word, bit, pivot) in &pivots {
            if bits[*word] & bit != 0 {
                bits.iter_mut().zip(pivot).for_each(|(a, b)| *a ^= b);
            }
        }
        if let Some(word) = bits.iter().position(|&word| word != 0) {
            pivots.push((word, bits[word] & bits[word].wrapping_neg(), bits));
        }
    }
    pivots.len()
}

/// A row whose pivot is 1, kept in whichever way is shorter.
enum Line {
    Sparse(Vec<(usize, u64)>),
    Dense(Vec<u32>),
}

fn over_prime(rows: &[&[u32]], columns: usize, enough: usize, steps: &mut u64) -> usize {
    let mut count = vec![0u32; columns];
    for &column in rows.iter().copied().flatten() {
        count[column as usize] += 1;
    }
    let mut pivots: Vec<(usize, Line)> = Vec::new();
    let mut line = vec![0u64; columns];
    for row in rows {
        let cost = (columns + pivots.len()) as u64;
        if pivots.len() >= enough.min(MOST_PIVOTS) || *steps < cost {
            break;
        }
        *steps -= cost;
        line.fill(0);
        for &column in *row {
            line[column as usize] = 1;
        }
        for (at, pivot) in &pivots {
            let value = line[*at] % PRIME;
            if value != 0 {
                *steps = steps.saturating_sub(subtract(&mut line, pivot, PRIME - value));
            }
        }
        for value in &mut line {
            *value %= PRIME;
        }
        let rarest = (0..columns).filter(|&c| line[c] != 0).min_by_key(|&c| count[c]);
        if let Some(at) = rarest {
            pivots.push((at, scaled(&line, inverse(line[at]))));
        }
    }
    pivots.len()
}

/// Adds `factor` times the pivot's row. Tells what it cost.
fn subtract(line: &mut [u64], pivot: &Line, factor: u64) -> u64 {
    match pivot {
        Line::Sparse(ones) => {
            for &(column, value) in ones {
                line[column] += factor * value;
            }
            2 * ones.len() as u64
        }
        Line::Dense(values) => {
            line.iter_mut().zip(values).for_each(|(a, &b)| *a += factor * u64::from(b));
            values.len() as u64 / 2
        }
    }
}

fn scaled(line: &[u64], factor: u64) -> Line {
    let value = |v: u64| v * factor % PRIME;
    let weight = line.iter().filter(|&&v| v != 0).count();
    if weight * 6 < line.len() {
        let ones = line.iter().enumerate().filter(|(_, v)| **v != 0);
        Line::Sparse(ones.map(|(column, &v)| (column, value(v))).collect())
    } else {
        Line::Dense(line.iter().map(|&v| u32::try_from(value(v)).unwrap_or(0)).collect())
    }
}

/// The inverse by Fermat's little theorem.
fn inverse(value: u64) -> u64 {
    let (mut base, mut exponent, mut product) = (value, PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = product * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    product
}
