use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::grid::{Grid, Rect};
use super::*;
use crate::MemberKind;

fn marks(pairs: &[(&str, &str)]) -> Marks {
    let share = |&(image, member): &(&str, &str)| Share {
        image: image.into(),
        member: Member::project(member),
    };
    pairs.iter().map(share).collect()
}

fn share(image: u8, member: u8) -> Share {
    let kind = [MemberKind::Project, MemberKind::Domain, MemberKind::Organization]
        [usize::from(member) % 3];
    let id = format!("member-{}", member / 3);
    Share { image: (&*format!("image-{image}")).into(), member: Member { kind, id: id.into() } }
}

fn grid(rows: &[u32]) -> Grid {
    let width = 32 - rows.iter().fold(0, |all, row| all | row).leading_zeros();
    let used: Vec<u32> = (0..width).filter(|c| rows.iter().any(|row| row >> c & 1 == 1)).collect();
    let ones = |row: u32| {
        (0..).zip(&used).filter(move |(_, c)| row >> **c & 1 == 1).map(|(at, _)| at).collect()
    };
    let rows = rows.iter().filter(|row| **row != 0).map(|&row| ones(row)).collect();
    Grid { rows, columns: used.len() }
}

/// The fewest requests, by trying everything: the first cell that is left is in some rectangle.
fn fewest(grid: &Grid, limits: Limits) -> usize {
    let cell = |row: usize, column: u32| 1u64 << (row * grid.columns + column as usize);
    let all = grid.rows.iter().enumerate();
    let all: u64 = all.flat_map(|(row, ones)| ones.iter().map(move |&c| cell(row, c))).sum();
    let mut rects: HashMap<u32, Vec<u64>> = HashMap::new();
    for rows in 1u32..1 << grid.rows.len() {
        for columns in 1u32..1 << grid.columns {
            let cells = (0..grid.rows.len())
                .filter(|row| rows >> row & 1 == 1)
                .flat_map(|row| {
                    (0..)
                        .take(grid.columns)
                        .filter(|c| columns >> c & 1 == 1)
                        .map(move |c| cell(row, c))
                })
                .sum::<u64>();
            let small = rows.count_ones() as usize <= limits.images
                && columns.count_ones() as usize <= limits.members;
            if small && cells & !all == 0 {
                rects.entry(cells.trailing_zeros()).or_default().push(cells);
            }
        }
    }
    rest(all, &rects, &mut HashMap::from([(0, 0)]))
}

fn rest(left: u64, rects: &HashMap<u32, Vec<u64>>, known: &mut HashMap<u64, usize>) -> usize {
    if let Some(&fewest) = known.get(&left) {
        return fewest;
    }
    let fits = rects[&left.trailing_zeros()].iter().filter(|rect| **rect & !left == 0);
    let fewest = fits.map(|rect| 1 + rest(left & !rect, rects, known)).min().unwrap_or(usize::MAX);
    known.insert(left, fewest);
    fewest
}

/// Checks that the pieces are the grid, each one once, within the limits; gives their number and the bound.
fn checked(grid: &Grid, limits: Limits) -> (usize, usize) {
    let cover = cover::cover(grid, limits);
    let mut seen = BTreeSet::new();
    for Rect { rows, columns } in &cover.pieces {
        assert!(rows.len() <= limits.images && columns.len() <= limits.members);
        assert!(rows.is_sorted() && columns.is_sorted());
        for row in rows {
            for column in columns {
                assert!(seen.insert((*row, *column)), "twice: {row} {column}");
            }
        }
    }
    let rows = (0u32..).zip(&grid.rows);
    let wanted: BTreeSet<_> =
        rows.flat_map(|(r, ones)| ones.iter().map(move |c| (r, *c))).collect();
    assert_eq!(seen, wanted);
    assert!(cover.bound <= cover.pieces.len());
    (cover.pieces.len(), cover.bound)
}

/// Checks a plan against the fewest requests there can be: not below the bound, and at most `more` than needed.
fn near_the_fewest(grid: &Grid, limits: Limits, more: usize) {
    let (requests, bound) = checked(grid, limits);
    let best = fewest(grid, limits);
    assert!(bound <= best, "{grid:?} {limits:?}: {bound} is no bound for {best}");
    assert!(requests <= best + more, "{grid:?} {limits:?}: {requests} instead of {best}");
}

const SMALL_LIMITS: [Limits; 5] = [
    Limits { images: 1, members: 2 },
    Limits { images: 2, members: 1 },
    Limits { images: 2, members: 2 },
    Limits { images: 2, members: 3 },
    Limits { images: 3, members: 2 },
];

#[test]
fn two_marks_on_a_diagonal_need_two_requests() {
    let plan = Plan::cover(OperationKind::Revoke, marks(&[("a", "x"), ("b", "y")]), Limits::BATCH);
    assert_eq!(plan.batches().len(), 2);
    assert!(plan.is_minimal());
}

#[test]
fn every_matrix_of_four_by_four_takes_at_most_one_request_more_than_the_fewest() {
    for a in 0..16 {
        for b in a..16 {
            for c in b..16 {
                for d in c..16 {
                    let grid = grid(&[a, b, c, d]);
                    near_the_fewest(&grid, Limits::BATCH, 1);
                }
            }
        }
    }
}

#[test]
fn every_matrix_of_three_by_four_takes_at_most_one_more_than_the_fewest_within_small_limits() {
    for limits in SMALL_LIMITS {
        for a in 0..16 {
            for b in a..16 {
                for c in b..16 {
                    let grid = grid(&[a, b, c]);
                    near_the_fewest(&grid, limits, 1);
                }
            }
        }
    }
}

fn some_limits() -> impl Strategy<Value = Limits> {
    (0usize..6, 0usize..6).prop_map(|(images, members)| Limits { images, members })
}

fn some_shares() -> impl Strategy<Value = Vec<Share>> {
    let sides = (1u8..14, 1u8..14);
    sides.prop_flat_map(|(images, members)| {
        prop::collection::vec((0..images, 0..members).prop_map(|(i, m)| share(i, m)), 0..120)
    })
}

proptest! {
    #[test]
    fn five_by_five_takes_at_most_two_requests_more_than_the_fewest(rows in prop::array::uniform5(0u32..32)) {
        let grid = grid(&rows);
        near_the_fewest(&grid, Limits::BATCH, 2);
    }

    #[test]
    fn four_by_five_takes_at_most_two_more_than_the_fewest_within_small_limits(
        rows in prop::array::uniform4(0u32..32),
        limits in prop::sample::select(&SMALL_LIMITS[..]),
    ) {
        let grid = grid(&rows);
        near_the_fewest(&grid, limits, 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Promise 1.
    #[test]
    fn no_request_names_a_pair_that_is_not_marked_and_every_mark_is_in_exactly_one(
        shares in some_shares(),
        limits in some_limits(),
    ) {
        let marks: Marks = shares.into_iter().collect();
        let plan = Plan::cover(OperationKind::Revoke, marks.clone(), limits);

        let mut named: Vec<Share> = plan.batches().iter().flat_map(Batch::shares).collect();
        named.sort_unstable();
        prop_assert_eq!(named, marks.iter().collect::<Vec<_>>());
        for batch in plan.batches() {
            prop_assert!(!batch.images.is_empty() && batch.images.len() <= limits.images.max(1));
            prop_assert!(!batch.members.is_empty() && batch.members.len() <= limits.members.max(1));
            prop_assert!(batch.images.is_sorted() && batch.members.is_sorted());
        }
    }

    /// Promise 2.
    #[test]
    fn a_plan_is_never_longer_than_either_simple_grouping_nor_shorter_than_its_bound(
        shares in some_shares(),
        limits in some_limits(),
    ) {
        let plan = Plan::cover(OperationKind::Revoke, shares.iter().cloned().collect(), limits);

        let limits = limits.at_least_one();
        let (height, width) = (limits.images, limits.members);
        let by_image = grouped(shares.iter().map(|s| (&s.image, &s.member)), height, width);
        let by_member = grouped(shares.iter().map(|s| (&s.member, &s.image)), width, height);
        prop_assert!(plan.batches().len() <= by_image.min(by_member));
        prop_assert!(plan.lower_bound() <= plan.batches().len());
    }

    #[test]
    fn the_order_of_marking_does_not_change_the_plan(
        shares in some_shares().prop_shuffle(),
        limits in some_limits(),
    ) {
        let forward = Plan::cover(OperationKind::Revoke, shares.iter().cloned().collect(), limits);
        let backward = Plan::cover(OperationKind::Revoke, shares.into_iter().rev().collect(), limits);
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn single_deletes_are_one_request_for_each_mark(shares in some_shares()) {
        let plan = Plan::cover(OperationKind::Revoke, shares.into_iter().collect(), Limits::SINGLE);
        prop_assert_eq!(plan.batches().len(), plan.shares());
        prop_assert!(plan.is_minimal());
    }

    #[test]
    fn what_was_confirmed_never_grows(
        shares in some_shares(),
        gone in some_shares(),
        limits in some_limits(),
    ) {
        let before: Marks = shares.into_iter().collect();
        prop_assume!(!before.is_empty());
        let plan = Plan::cover(OperationKind::Revoke, before.clone(), limits);
        let confirmed = plan.confirm(&before.len().to_string()).unwrap();

        let after = confirmed.without(&gone);

        let after = after.plan().batches().iter().flat_map(Batch::shares).collect::<BTreeSet<_>>();
        let gone: BTreeSet<_> = gone.into_iter().collect();
        let rest: BTreeSet<_> = before.iter().filter(|share| !gone.contains(share)).collect();
        prop_assert_eq!(after, rest);
    }
}

/// Requests when equal lines go together.
fn grouped<'a, A: Ord + 'a, B: Ord + 'a>(
    pairs: impl Iterator<Item = (&'a A, &'a B)>,
    height: usize,
    width: usize,
) -> usize {
    let mut lines: BTreeMap<&A, BTreeSet<&B>> = BTreeMap::new();
    for (line, other) in pairs {
        lines.entry(line).or_default().insert(other);
    }
    let mut groups: BTreeMap<BTreeSet<&B>, usize> = BTreeMap::new();
    for others in lines.into_values() {
        *groups.entry(others).or_default() += 1;
    }
    groups.iter().map(|(others, lines)| others.len().div_ceil(width) * lines.div_ceil(height)).sum()
}

#[test]
fn only_the_exact_number_of_shares_confirms() {
    let mut plan =
        Plan::cover(OperationKind::Revoke, marks(&[("a", "x"), ("b", "y")]), Limits::BATCH);
    for wrong in ["", "3", "02", "2.0", "+2", "y", "2 2"] {
        plan = plan.confirm(wrong).unwrap_err();
    }
    assert!(plan.confirm(" 2\n").is_ok());
}

#[test]
fn an_empty_plan_cannot_be_confirmed() {
    assert!(
        Plan::cover(OperationKind::Revoke, Marks::default(), Limits::BATCH).confirm("0").is_err()
    );
}

#[test]
fn a_ring_is_known_to_be_minimal_although_its_rank_is_one_less() {
    let length = 400;
    let ring = Grid {
        rows: (0..length)
            .map(|at| vec![at.min((at + 1) % length), at.max((at + 1) % length)])
            .collect(),
        columns: length as usize,
    };
    assert_eq!(checked(&ring, Limits::BATCH), (400, 400));
}

#[test]
fn images_shared_with_several_teams_take_about_one_request_for_each_team() {
    let teams = [0b0000_0111u32, 0b0011_1000, 0b1100_0000, 0b0001_0010, 0b0100_0101];
    let unions = (1u32..32).filter_map(|chosen| {
        let chosen: Vec<u32> =
            (0..5).filter(|at| chosen >> at & 1 == 1).map(|at| teams[at]).collect();
        let all = chosen.iter().fold(0, |all, team| all | team);
        (chosen.iter().map(|team| team.count_ones()).sum::<u32>() == all.count_ones())
            .then_some(all)
    });
    let grid = grid(&unions.collect::<Vec<_>>());
    assert_eq!(checked(&grid, Limits::BATCH), (6, 5));
}

#[test]
fn a_member_of_a_few_images_too_many_is_relieved_by_the_members_beside_it() {
    // One member on 60 images; 10 of these have a second member.
    let rows = (0..60).map(|at| if at < 10 { vec![0, 1] } else { vec![0] }).collect();
    assert_eq!(checked(&Grid { rows, columns: 2 }, Limits::BATCH), (2, 2));
}

#[test]
fn the_bound_knows_that_a_request_cannot_name_all_images_of_a_member() {
    // Ten members, and eight images for every two of them: 72 images a member, 50 in a request.
    let pairs = (0..10).flat_map(|a| (a + 1..10).map(move |b| vec![a, b]));
    let rows = pairs.flat_map(|pair| std::iter::repeat_n(pair, 8)).collect();
    assert_eq!(checked(&Grid { rows, columns: 10 }, Limits::BATCH), (20, 15));
}

#[test]
fn a_full_rectangle_beyond_the_limits_but_for_its_diagonal_takes_fewer_requests_than_its_rows() {
    let side = 200;
    let row = |row: u32| (0..side).filter(|&column| column != row).collect();
    let grid = Grid { rows: (0..side).map(row).collect(), columns: side as usize };
    let (requests, bound) = checked(&grid, Limits::BATCH);
    assert!(requests <= 300, "{requests}, and two for each row are 400");
    assert_eq!(bound, 200);
}

/// Smaller marks than these show no difference. Their plan is longer without the comparison with groups of equal
/// columns, and in the second without the greedy way.
#[test]
fn plans_that_only_one_of_the_ways_finds_are_found() {
    let two_by_two = Limits { images: 2, members: 2 };
    assert_eq!(checked(&grid(&[0b11001, 0b10110]), two_by_two), (3, 3));
    assert_eq!(checked(&grid(&[0b1001, 0b1001, 0b0110, 0b1010, 0b1111]), Limits::BATCH), (3, 3));
}
