//! The rank of a matrix with few zeros.

use super::rank::{Line, PRIME, inverse};

/// So many products of two residues below 2²⁴ add up in 64 bits before one has to reduce.
const MOST_PIVOTS: usize = 60_000;

/// The rank, or what of it is found with about so many steps; takes off what it took.
pub(super) fn rank(mut lines: Vec<Line>, modulus: u64, enough: usize, steps: &mut u64) -> usize {
    let columns = renumber(&mut lines);
    lines.sort_by_key(Vec::len);
    if modulus == 2 {
        over_two(&lines, columns, enough, steps)
    } else {
        over_prime(&lines, columns, enough, steps)
    }
}

/// Leaves out the columns that are zero. Gives the number of the others.
fn renumber(lines: &mut [Line]) -> usize {
    let highest = lines.iter().flatten().map(|entry| entry.0).max().unwrap_or(0);
    let mut number = vec![u32::MAX; highest as usize + 1];
    let mut columns = 0;
    for (column, _) in lines.iter_mut().flatten() {
        let number = &mut number[*column as usize];
        if *number == u32::MAX {
            *number = columns;
            columns += 1;
        }
        *column = *number;
    }
    columns as usize
}

fn over_two(lines: &[Line], columns: usize, enough: usize, steps: &mut u64) -> usize {
    let words = columns.div_ceil(64);
    let mut pivots: Vec<(usize, u64, Vec<u64>)> = Vec::new();
    for line in lines {
        if pivots.len() >= enough.min(columns) || *steps == 0 {
            break;
        }
        let mut bits = vec![0u64; words];
        for (column, _) in line {
            bits[*column as usize / 64] |= 1 << (column % 64);
        }
        let mut cost = pivots.len() + words;
        for (word, bit, pivot) in &pivots {
            if bits[*word] & bit != 0 {
                // What is before the pivot is zero in its row.
                bits[*word..].iter_mut().zip(&pivot[*word..]).for_each(|(a, b)| *a ^= b);
                cost += (words - word) / 2;
            }
        }
        *steps = steps.saturating_sub(cost as u64);
        if let Some(word) = bits.iter().position(|&word| word != 0) {
            pivots.push((word, bits[word] & bits[word].wrapping_neg(), bits));
        }
    }
    pivots.len()
}

fn over_prime(lines: &[Line], columns: usize, enough: usize, steps: &mut u64) -> usize {
    let mut pivots: Vec<(usize, Vec<u32>)> = Vec::new();
    let mut sums = vec![0u64; columns];
    for line in lines {
        if pivots.len() >= enough.min(columns).min(MOST_PIVOTS) || *steps == 0 {
            break;
        }
        sums.fill(0);
        for &(column, value) in line {
            sums[column as usize] = u64::from(value);
        }
        let mut cost = pivots.len() + columns;
        for (at, pivot) in &pivots {
            let value = sums[*at] % PRIME;
            if value != 0 {
                let factor = PRIME - value;
                sums.iter_mut().zip(pivot).for_each(|(a, &b)| *a += factor * u64::from(b));
                cost += columns / 3;
            }
        }
        *steps = steps.saturating_sub(cost as u64);
        for sum in &mut sums {
            *sum %= PRIME;
        }
        if let Some(at) = sums.iter().position(|&sum| sum != 0) {
            let factor = inverse(sums[at], PRIME);
            let scaled = |&sum: &u64| u32::try_from(sum * factor % PRIME).unwrap_or(0);
            pivots.push((at, sums.iter().map(scaled).collect()));
        }
    }
    pivots.len()
}
