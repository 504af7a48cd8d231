//! The time of planning. Goal: 10,000 marks in under 50 ms, 100,000 in under a second, for any shape.
//!
//! `cargo bench --bench plan -- requests` prints the number of requests, compared with two simpler methods.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use divan::Bencher;
use fastrand::Rng;
use sharelock_domain::{Limits, Marks, Member, OperationKind, Plan, Share};

const TEN_THOUSAND: usize = 10_000;
const HUNDRED_THOUSAND: usize = 100_000;
const SIZES: [usize; 2] = [TEN_THOUSAND, HUNDRED_THOUSAND];

type Pairs = Vec<(usize, usize)>;

fn main() -> io::Result<()> {
    if std::env::args().any(|argument| argument == "requests") {
        return requests();
    }
    divan::main();
    Ok(())
}

fn marks(pairs: &Pairs) -> Marks {
    let share = |&(image, member): &(usize, usize)| Share {
        image: format!("5f3c{image:08x}-7d1e-4c55-9a0b-0242ac120002").as_str().into(),
        member: Member::project(format!("9c61004714024f95{member:016x}")),
    };
    pairs.iter().map(share).collect()
}

fn plan(bencher: Bencher<'_, '_>, pairs: &Pairs, limits: Limits) {
    let marks = marks(pairs);
    bencher
        .with_inputs(|| marks.clone())
        .bench_values(|marks| Plan::cover(OperationKind::Revoke, marks, limits));
}

fn requests() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:32} {:>8} {:>8} {:>8} {:>8} {:>8} {:>12} {:>12}",
        "marks", "", "lines", "grouped", "plan", "bound", "plan/grouped", "plan/bound"
    )?;
    for (name, shape) in SHAPES {
        for size in [1_000, TEN_THOUSAND, HUNDRED_THOUSAND] {
            let pairs = shape(size);
            let plan = Plan::cover(OperationKind::Revoke, marks(&pairs), Limits::BATCH);
            let (requests, bound) = (plan.batches().len(), plan.lower_bound());
            let grouped = by_better_side(&pairs, true);
            writeln!(
                out,
                "{name:32} {:8} {:8} {grouped:8} {requests:8} {bound:8} {:12.2} {:12.2}",
                plan.shares(),
                by_better_side(&pairs, false),
                ratio(requests, grouped),
                ratio(requests, bound)
            )?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "to be printed")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// Requests by image or by member, whichever are fewer; `grouped` when those with the same others go together.
fn by_better_side(pairs: &Pairs, grouped: bool) -> usize {
    let Limits { images, members } = Limits::BATCH;
    let turned = pairs.iter().map(|&(image, member)| (member, image)).collect();
    one_side(pairs, grouped, images, members).min(one_side(&turned, grouped, members, images))
}

fn one_side(pairs: &Pairs, grouped: bool, height: usize, width: usize) -> usize {
    let mut lines: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for &(line, other) in pairs {
        lines.entry(line).or_default().insert(other);
    }
    let mut groups: BTreeMap<(BTreeSet<usize>, usize), usize> = BTreeMap::new();
    for (line, others) in lines {
        *groups.entry((others, if grouped { 0 } else { line })).or_default() += 1;
    }
    let requests = groups
        .iter()
        .map(|((others, _), lines)| others.len().div_ceil(width) * lines.div_ceil(height));
    requests.sum()
}

macro_rules! shapes {
    ($($name:ident)*) => {
        const SHAPES: &[(&str, fn(usize) -> Pairs)] = &[$((stringify!($name), shapes::$name)),*];
        $(
            #[divan::bench(args = SIZES, sample_count = 10)]
            fn $name(bencher: Bencher<'_, '_>, marks: usize) {
                plan(bencher, &shapes::$name(marks), Limits::BATCH);
            }
        )*
    };
}

shapes! {
    sparse
    sparse_and_wide
    critical
    skewed
    half_full
    full_rectangle
    full_but_the_diagonal
    few_twin_classes
    blocks_with_noise
    overlapping_rectangles
    unions_of_teams
    departments
    some_of_departments
    members_of_departments
    many_small_parts
    hubs
    staircase
    ring
    wrapped_band
    kronecker
    isolated
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn one_by_one(bencher: Bencher<'_, '_>, marks: usize) {
    plan(bencher, &shapes::sparse(marks), Limits::SINGLE);
}

mod shapes {
    use super::{BTreeSet, Pairs, Rng};

    fn random(marks: usize, mut pair: impl FnMut(&mut Rng) -> (usize, usize)) -> Pairs {
        let mut dice = Rng::with_seed(5);
        let mut pairs = BTreeSet::new();
        for _ in 0..20 * marks {
            if pairs.len() == marks {
                break;
            }
            pairs.insert(pair(&mut dice));
        }
        pairs.into_iter().collect()
    }

    fn side(marks: usize) -> usize {
        marks.isqrt()
    }

    pub(super) fn sparse(marks: usize) -> Pairs {
        random(marks, |dice| (dice.usize(..2_000), dice.usize(..500)))
    }

    pub(super) fn sparse_and_wide(marks: usize) -> Pairs {
        random(marks, |dice| (dice.usize(..marks / 5), dice.usize(..marks / 20)))
    }

    /// As many images and members as make the parts neither small nor one.
    pub(super) fn critical(marks: usize) -> Pairs {
        random(marks, |dice| (dice.usize(..marks / 2), dice.usize(..marks / 2)))
    }

    pub(super) fn skewed(marks: usize) -> Pairs {
        let few = |dice: &mut Rng, most: usize| loop {
            let at = dice.usize(..most);
            if dice.usize(..=at) < 3 {
                return at;
            }
        };
        random(marks, |dice| (few(dice, marks / 5), few(dice, marks / 20)))
    }

    pub(super) fn half_full(marks: usize) -> Pairs {
        let side = side(2 * marks);
        random(marks, |dice| (dice.usize(..side), dice.usize(..side)))
    }

    pub(super) fn full_rectangle(marks: usize) -> Pairs {
        let side = side(marks);
        (0..side * side).map(|at| (at / side, at % side)).collect()
    }

    pub(super) fn full_but_the_diagonal(marks: usize) -> Pairs {
        full_rectangle(marks).into_iter().filter(|(row, column)| row != column).collect()
    }

    pub(super) fn few_twin_classes(marks: usize) -> Pairs {
        let class = |at: usize| at / (marks / 10);
        (0..marks).map(|at| (class(at) * marks + at / 20, class(at) * 15 + at % 20)).collect()
    }

    pub(super) fn blocks_with_noise(marks: usize) -> Pairs {
        let blocks = marks / 500;
        let mut dice = Rng::with_seed(5);
        let cell = |at: usize| (at / 500 * 25 + at % 500 / 20, at / 500 * 20 + at % 20);
        let mut pairs: Pairs = (0..marks).map(cell).filter(|_| dice.u32(..50) > 0).collect();
        let noise = |_| (dice.usize(..25 * blocks), dice.usize(..20 * blocks));
        pairs.extend((0..marks / 50).map(noise));
        pairs
    }

    pub(super) fn overlapping_rectangles(marks: usize) -> Pairs {
        let mut dice = Rng::with_seed(5);
        let mut ten = || -> Vec<usize> { (0..10).map(|_| dice.usize(..marks / 60)).collect() };
        let mut pairs = Pairs::new();
        for _ in 0..marks / 100 {
            let (rows, columns) = (ten(), ten());
            pairs.extend(rows.iter().flat_map(|row| columns.iter().map(|column| (*row, *column))));
        }
        pairs
    }

    /// Each image is shared with up to three teams that have nobody in common.
    pub(super) fn unions_of_teams(marks: usize) -> Pairs {
        let mut dice = Rng::with_seed(5);
        let members = marks / 40;
        let teams: Vec<Vec<usize>> = (0..members / 2)
            .map(|_| (0..dice.usize(2..9)).map(|_| dice.usize(..members)).collect())
            .collect();
        let mut pairs = Pairs::new();
        for image in 0..marks / 12 {
            let mut with = BTreeSet::new();
            for _ in 0..3 {
                let team = &teams[dice.usize(..teams.len())];
                if team.iter().all(|member| !with.contains(member)) {
                    with.extend(team.iter().copied());
                }
            }
            pairs.extend(with.into_iter().map(|member| (image, member)));
        }
        pairs
    }

    /// Families of images, each shared with up to three departments, with exceptions and a few guests.
    pub(super) fn departments(marks: usize) -> Pairs {
        let mut dice = Rng::with_seed(5);
        let members = marks.isqrt().max(60);
        let mut some = |most: usize| -> Vec<usize> {
            (0..dice.usize(3..20)).map(|_| dice.usize(..most).min(dice.usize(..most))).collect()
        };
        let departments: Vec<Vec<usize>> = (0..members / 6).map(|_| some(members)).collect();
        let mut pairs = BTreeSet::new();
        let mut image = 0;
        while pairs.len() < marks {
            let with: Vec<usize> =
                (0..dice.usize(1..4)).map(|_| dice.usize(..departments.len())).collect();
            for _ in 0..dice.usize(3..40) {
                for &department in &with {
                    let all = dice.u8(..10) > 0;
                    for &member in departments[department].iter().filter(|_| all) {
                        if dice.u8(..50) > 0 {
                            pairs.insert((image, member));
                        }
                    }
                }
                pairs.extend((0..dice.usize(..3)).map(|_| (image, dice.usize(..members))));
                image += 1;
            }
        }
        pairs.into_iter().collect()
    }

    /// Marked one by one: one share in five.
    pub(super) fn some_of_departments(marks: usize) -> Pairs {
        let mut pairs = departments(5 * marks);
        Rng::with_seed(6).shuffle(&mut pairs);
        pairs.truncate(marks);
        pairs
    }

    /// All shares of some members: every fifth.
    pub(super) fn members_of_departments(marks: usize) -> Pairs {
        departments(5 * marks).into_iter().filter(|(_, member)| member % 5 == 0).collect()
    }

    pub(super) fn many_small_parts(marks: usize) -> Pairs {
        let mut dice = Rng::with_seed(5);
        let cell = |at: usize| (at / 36 * 6 + at % 36 / 6, at / 36 * 6 + at % 6);
        (0..marks * 3 / 2).map(cell).filter(|_| dice.u32(..3) > 0).collect()
    }

    /// A few members that nearly every image is shared with, far beyond the limit of a request.
    pub(super) fn hubs(marks: usize) -> Pairs {
        let mut dice = Rng::with_seed(5);
        let mut other = || 7 + dice.usize(..marks / 10);
        (0..marks / 2).flat_map(|image| [(image, image % 7), (image, other())]).collect()
    }

    pub(super) fn staircase(marks: usize) -> Pairs {
        (0..side(2 * marks)).flat_map(|row| (0..=row).map(move |column| (row, column))).collect()
    }

    pub(super) fn ring(marks: usize) -> Pairs {
        let length = marks / 2;
        (0..length).flat_map(|at| [(at, at), (at, (at + 1) % length)]).collect()
    }

    pub(super) fn wrapped_band(marks: usize) -> Pairs {
        let length = marks / 10;
        (0..marks).map(|at| (at / 10, (at / 10 + at % 10) % length)).collect()
    }

    /// Ones where the numbers of image and member have no bit in common.
    pub(super) fn kronecker(marks: usize) -> Pairs {
        let bits = if marks > 50_000 { 10 } else { 8 };
        let all = 0usize..1 << bits;
        all.clone()
            .flat_map(|a| all.clone().filter(move |b| a & b == 0).map(move |b| (a, b)))
            .collect()
    }

    pub(super) fn isolated(marks: usize) -> Pairs {
        (0..marks).map(|at| (at, at)).collect()
    }
}
