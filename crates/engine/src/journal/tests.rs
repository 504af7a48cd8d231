use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use domain::operation::{RequestState, Stage};
use domain::{
    Batch, CloudKind, ImageId, JobId, JobReport, JobStatus, Member, MemberKind, Moment,
    OperationKind, Outcome, ProjectId, Scope, Seen, Share, Text,
};

const NOW: Moment = Moment(1_763_800_000_123);

fn share(image: &str, member: &str) -> Share {
    Share { image: image.into(), member: Member::project(member) }
}

fn operation(id: &str, shares: impl IntoIterator<Item = Share>) -> Operation {
    let scope = Scope {
        cloud: "otc".into(),
        region: Some("eu-de".into()),
        kind: CloudKind::Ims,
        project_id: ProjectId("p".into()),
        project_name: Some("image\0factory".into()),
        user: None,
        endpoint: "https://ims".into(),
        protected: true,
        read_only: false,
        tls_verified: true,
        encrypted: true,
    };
    let marks = shares.into_iter().collect();
    Operation::new(OperationId(id.into()), OperationKind::Revoke, scope, &marks, NOW)
}

fn small(id: &str) -> Operation {
    operation(id, [share("a", "x"), share("a", "y"), share("b", "x")])
}

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data/sharelock.db");
    (dir, path)
}

fn opened() -> (TempDir, Journal) {
    let (dir, path) = place();
    (dir, Journal::open(&path).unwrap())
}

fn planned() -> Step {
    let members = vec![Member::project("x"), Member::project("y")];
    Step::Planned { batches: vec![Batch { images: vec!["a".into()], members, vault: None }] }
}

// ── what is written is what is read ──────────────────────────────────────────────────────────────

fn texts() -> impl Strategy<Value = Text> {
    prop_oneof![Just("x".to_string()), Just(String::new()), any::<String>()].prop_map(Text::from)
}

fn shares() -> impl Strategy<Value = Share> {
    let kinds = [MemberKind::Project, MemberKind::Domain, MemberKind::Organization];
    let images = prop_oneof![Just("a"), Just("b"), Just("c\0\u{1b}")];
    let members = prop_oneof![Just("x"), Just("y"), Just("X")];
    (images, members, prop::sample::select(kinds.to_vec())).prop_map(|(image, id, kind)| Share {
        image: image.into(),
        member: Member { kind, id: id.into() },
    })
}

fn moments() -> impl Strategy<Value = Moment> {
    (0_i64..4_000_000_000_000).prop_map(Moment)
}

fn states() -> impl Strategy<Value = RequestState> {
    prop_oneof![
        Just(RequestState::Planned),
        Just(RequestState::Following),
        Just(RequestState::Needless),
        Just(RequestState::Stopped),
        texts().prop_map(|error| RequestState::Refused { error }),
        texts().prop_map(|error| RequestState::Lost { error }),
    ]
}

fn reports() -> impl Strategy<Value = JobReport> {
    let words = prop_oneof![Just("RUNNING"), Just("SUCCESS"), Just("FAIL"), Just("pAUSED")];
    let times = (prop::option::of(moments()), prop::option::of(moments()));
    let said = (prop::option::of(texts()), prop::option::of(texts()), texts());
    (words, times, said, prop::option::of(0_f32..1.0)).prop_map(
        |(word, (begin_time, end_time), (error_code, fail_reason, raw), progress)| JobReport {
            status: JobStatus::from(Text::from(word)),
            error_code,
            fail_reason,
            begin_time,
            end_time,
            progress,
            raw: raw.clone(),
            request_id: Some(raw),
        },
    )
}

fn batches() -> impl Strategy<Value = Batch> {
    let vault = prop::option::of(texts());
    (prop::collection::vec(shares(), 1..3), vault).prop_map(|(shares, vault)| Batch {
        images: shares.iter().map(|share| share.image.clone()).collect(),
        members: shares.into_iter().map(|share| share.member).collect(),
        vault,
    })
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop::sample::select(Outcome::ALL.to_vec())
}

fn sights() -> impl Strategy<Value = Option<Seen>> {
    let listed = (texts(), prop::option::of(moments())).prop_map(|(status, created_at)| {
        Seen::Listed { status: status.into(), created_at, updated_at: created_at }
    });
    prop_oneof![Just(None), Just(Some(Seen::Absent)), listed.prop_map(Some)]
}

fn steps() -> impl Strategy<Value = Step> {
    let n = 0_usize..5;
    prop_oneof![
        (n.clone(), n.clone()).prop_map(|(done, of)| Step::Read { done, of }),
        prop::collection::vec(sights(), 0..8).prop_map(|before| Step::Found { before }),
        (shares(), outcomes(), sights(), prop::option::of(texts())).prop_map(
            |(share, outcome, after, error)| Step::Settled { share, outcome, after, error }
        ),
        prop::collection::vec(batches(), 0..4).prop_map(|batches| Step::Planned { batches }),
        (n.clone(), moments()).prop_map(|(request, at)| Step::Sending { request, at }),
        (n.clone(), prop::option::of(texts()), prop::option::of(texts()), moments()).prop_map(
            |(request, job, request_id, at)| {
                Step::Accepted { request, job: job.map(JobId), request_id, at }
            }
        ),
        (n.clone(), states(), prop::option::of(texts()), moments()).prop_map(
            |(request, state, request_id, at)| Step::Rejected { request, state, request_id, at }
        ),
        (n.clone(), reports(), moments()).prop_map(|(request, report, at)| Step::Polled {
            request,
            report,
            at
        }),
        (n.clone(), texts()).prop_map(|(request, error)| Step::PollFailed { request, error }),
        (n.clone(), states(), moments()).prop_map(|(request, state, at)| Step::Unsent {
            request,
            state,
            at
        }),
        n.prop_map(|request| Step::Overdue { request }),
        Just(Step::Verifying),
        Just(Step::Provisional),
        moments().prop_map(|at| Step::Finished { at }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_steps_written_in_any_pieces_by_any_series_of_programs_are_read_as_they_were_folded(
        marked in prop::collection::vec(shares(), 0..8),
        pieces in prop::collection::vec((prop::collection::vec(steps(), 0..6), any::<bool>()), 0..6),
    ) {
        let (_dir, path) = place();
        let mut journal = Journal::open(&path).unwrap();
        let mut folded = operation("1", marked);
        journal.begin(&folded).unwrap();

        for (steps, restart) in pieces {
            if restart && folded.is_open() {
                drop(journal);
                journal = Journal::open(&path).unwrap();
                let claim = journal.claim(&folded.id).unwrap();
                prop_assert_eq!(claim, Claim::Granted(Box::new(folded.clone())));
            }
            journal.record(&folded.id, &steps).unwrap();
            for step in steps {
                folded.apply(step);
            }
            prop_assert_eq!(journal.load(&folded.id).unwrap(), Some(folded.clone()));
        }

        let listed = journal.list(&Filter::default(), None, 10).unwrap().0.remove(0);
        prop_assert_eq!(listed.done, folded.count(Outcome::Done));
        prop_assert_eq!(listed.unknown, folded.count(Outcome::Unknown));
        prop_assert_eq!(listed.open, folded.is_open());
        prop_assert_eq!(journal.unfinished().unwrap().0.len(), usize::from(folded.is_open()));
    }
}

#[test]
fn an_operation_that_was_never_begun_is_not_there() {
    let (_dir, mut journal) = opened();
    let id = OperationId("none".into());

    assert_eq!(journal.load(&id).unwrap(), None);
    assert!(matches!(journal.claim(&id), Err(JournalError::NoSuchOperation { .. })));
    assert!(matches!(
        journal.record(&id, &[Step::Verifying]),
        Err(JournalError::NoSuchOperation { .. })
    ));
}

#[test]
fn the_newest_operations_are_listed_first_and_page_by_page() {
    let (_dir, mut journal) = opened();
    for id in ["1", "2", "3"] {
        journal.begin(&small(id)).unwrap();
    }

    let ids = |before: Option<&str>, limit| -> Vec<String> {
        let before = before.map(|id| OperationId(id.into()));
        listed(&journal, &Filter::default(), before.as_ref(), limit)
    };
    assert_eq!(ids(None, 2), ["3", "2"]);
    assert_eq!(ids(Some("2"), 2), ["1"]);
    assert!(ids(Some("nothing"), 2).is_empty());
}

fn listed(
    journal: &Journal,
    filter: &Filter,
    before: Option<&OperationId>,
    limit: usize,
) -> Vec<String> {
    let list = journal.list(filter, before, limit).unwrap().0;
    list.into_iter().map(|summary| summary.id.0).collect()
}

/// Twelve operations of every kind, on two clouds, whose shares ended in every way.
fn motley() -> Vec<Operation> {
    let make = |number: usize| {
        let shares = [share(["a", "b", "c"][number % 3], "x"), share("b", ["y", "z"][number % 2])];
        let mut operation = operation(&number.to_string(), shares.clone());
        operation.kind = OperationKind::ALL[number % 4];
        operation.scope.cloud = ["otc", "lab"][number / 2 % 2].into();
        operation.scope.region = (!number.is_multiple_of(3)).then(|| "eu-de".into());
        operation.started_at = Moment(NOW.0 + i64::try_from(number).unwrap());
        operation.undoes = (number > 9).then(|| OperationId("3".into()));
        for (at, share) in shares.into_iter().enumerate().skip(usize::from(number == 7)) {
            let outcome = Outcome::ALL[(number + at) % 4];
            operation.apply(Step::Settled { share, outcome, after: None, error: None });
        }
        operation
    };
    (0..12).map(make).collect()
}

/// Every filter that these words can make.
fn filters() -> Vec<Filter> {
    let images: [Vec<ImageId>; 3] = [vec![], vec!["b".into()], vec!["a".into(), "c".into()]];
    let members: [Vec<Text>; 3] = [vec![], vec!["y".into()], vec!["x".into(), "q".into()]];
    let undoes = [None, Some(OperationId("3".into()))];
    let mut filters = vec![];
    for (cloud, region) in [(None, None), (Some("otc"), None), (Some("lab"), Some("eu-de"))] {
        for outcome in [None, Some(Outcome::Done), Some(Outcome::Failed), Some(Outcome::Unknown)] {
            for kind in [None, Some(OperationKind::Revoke), Some(OperationKind::Reject)] {
                for (images, members) in
                    images.iter().flat_map(|i| members.iter().map(move |m| (i, m)))
                {
                    for (undoes, since) in
                        undoes.iter().flat_map(|u| [None, Some(5)].map(|s| (u, s)))
                    {
                        filters.push(Filter {
                            cloud: cloud.map(str::to_owned),
                            region: region.map(str::to_owned),
                            kind,
                            undoes: undoes.clone(),
                            since: since.map(|after| Moment(NOW.0 + after)),
                            images: images.clone(),
                            members: members.clone(),
                            outcome,
                        });
                    }
                }
            }
        }
    }
    filters
}

fn fits(filter: &Filter, operation: &Operation) -> bool {
    let is = |wanted: &Option<String>, found: Option<&String>| {
        wanted.is_none() || wanted.as_ref() == found
    };
    let share = |it: &domain::operation::ShareRecord| {
        (filter.images.is_empty() || filter.images.contains(&it.share.image))
            && (filter.members.is_empty() || filter.members.contains(&it.share.member.id))
            && (filter.outcome.is_none() || filter.outcome == it.outcome)
    };
    is(&filter.cloud, Some(&operation.scope.cloud))
        && is(&filter.region, operation.scope.region.as_ref())
        && filter.kind.is_none_or(|kind| kind == operation.kind)
        && (filter.undoes.is_none() || filter.undoes == operation.undoes)
        && filter.since.is_none_or(|since| operation.started_at >= since)
        && operation.shares.iter().any(share)
}

#[test]
fn every_filter_lists_exactly_what_fits_whatever_the_page() {
    let (_dir, mut journal) = opened();
    let operations = motley();
    for operation in &operations {
        journal.begin(operation).unwrap();
    }

    let mut hits = 0;
    for filter in filters() {
        let expected: Vec<String> = operations
            .iter()
            .rev()
            .filter(|it| fits(&filter, it))
            .map(|it| it.id.0.clone())
            .collect();
        assert_eq!(listed(&journal, &filter, None, 99), expected, "{filter:?}");
        hits += usize::from(!expected.is_empty());
        if let [first, .., last] = &expected[..] {
            let before = OperationId(first.clone());
            assert_eq!(listed(&journal, &filter, Some(&before), 99), expected[1..], "{filter:?}");
            let before = OperationId(last.clone());
            assert!(listed(&journal, &filter, Some(&before), 99).is_empty());
        }
    }
    assert!(hits > 100, "only {hits} filters say anything");
}

#[test]
fn a_list_tells_what_was_undone_and_by_what() {
    let (_dir, mut journal) = opened();
    for operation in motley() {
        journal.begin(&operation).unwrap();
    }

    let list = journal.list(&Filter::default(), None, 99).unwrap().0;
    let undone = list.iter().find(|summary| summary.id.0 == "3").unwrap();
    assert_eq!(undone.undone_by, [OperationId("10".into()), OperationId("11".into())]);
    assert_eq!(list[0].undoes, Some(undone.id.clone()));
    assert!(list[0].undone_by.is_empty());
}

/// With a hundred thousand operations a sort, or a way through all of them, would be felt.
#[test]
fn no_page_needs_a_sort_and_shares_are_found_by_an_index() {
    let (_dir, journal) = opened();
    let one = |images: &[&str], members: &[&str]| Filter {
        images: images.iter().map(|id| (*id).into()).collect(),
        members: members.iter().map(|id| (*id).into()).collect(),
        outcome: Some(Outcome::Failed),
        ..Filter::default()
    };
    for (filter, index) in [
        (Filter::default(), "SCAN operations"),
        (Filter { cloud: Some("otc".into()), ..Filter::default() }, "operations_by_cloud"),
        (one(&[], &[]), "failed_operations"),
        (one(&["a"], &[]), "shares_by_image"),
        (one(&[], &["x"]), "shares_by_member"),
    ] {
        let before = OperationId("1".into());
        let plan = list::plan(&journal.connection, &filter, Some(&before)).unwrap();
        assert!(plan.contains(index) || index == "SCAN operations", "{plan}");
        assert!(!plan.contains("FOR ORDER BY") && !plan.contains("FOR GROUP BY"), "{plan}");
        assert!(!plan.contains("SCAN shares"), "{plan}");
    }
}

#[test]
fn two_operations_cannot_have_one_id() {
    let (_dir, mut journal) = opened();
    journal.begin(&small("1")).unwrap();

    assert!(journal.begin(&small("1")).is_err());
}

// ── leases ───────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_living_program_keeps_its_operation_and_a_dead_one_loses_it() {
    let (_dir, mut first) = opened();
    let mut second = Journal::open(first.path()).unwrap();
    let operation = small("1");
    first.begin(&operation).unwrap();

    let followed = Claim::Followed(std::process::id());
    assert_eq!(second.claim(&operation.id).unwrap(), followed);
    assert_eq!(first.claim(&operation.id).unwrap(), followed);
    assert_eq!(second.unfinished().unwrap().0[0].followed_by, Some(std::process::id()));

    drop(first);
    assert_eq!(second.unfinished().unwrap().0[0].followed_by, None);
    assert_eq!(second.claim(&operation.id).unwrap(), Claim::Granted(Box::new(operation)));
}

#[test]
fn a_lease_file_that_a_killed_program_left_behind_is_nobodys() {
    let (_dir, mut first) = opened();
    let operation = small("1");
    first.begin(&operation).unwrap();
    let lease = first.lease.as_ref().unwrap().name().to_owned();
    let mut left_behind = first.path().as_os_str().to_owned();
    left_behind.push(format!("-lease-{lease}"));
    let mut second = Journal::open(first.path()).unwrap();
    drop(first);
    std::fs::write(&left_behind, "").unwrap();

    assert!(matches!(second.claim(&operation.id), Ok(Claim::Granted(_))));
    assert!(!Path::new(&left_behind).exists());
}

#[test]
fn steps_of_an_operation_that_is_not_held_are_refused() {
    let (_dir, mut first) = opened();
    let mut second = Journal::open(first.path()).unwrap();
    let operation = small("1");
    first.begin(&operation).unwrap();

    let refused = second.record(&operation.id, &[planned()]);
    assert!(matches!(refused, Err(JournalError::NotHeld { .. })));

    first.release(&operation.id).unwrap();
    assert!(matches!(second.claim(&operation.id), Ok(Claim::Granted(_))));
    let refused = first.record(&operation.id, &[planned()]);
    assert!(matches!(refused, Err(JournalError::NotHeld { .. })));
    assert_eq!(first.load(&operation.id).unwrap(), Some(operation));
}

#[test]
fn an_operation_that_is_over_cannot_be_claimed() {
    let (_dir, mut journal) = opened();
    let operation = small("1");
    journal.begin(&operation).unwrap();
    journal.record(&operation.id, &[Step::Finished { at: NOW }]).unwrap();
    journal.release(&operation.id).unwrap();

    assert_eq!(journal.claim(&operation.id).unwrap(), Claim::Over);
    assert!(journal.unfinished().unwrap().0.is_empty());
}

#[test]
fn programs_that_open_a_new_journal_at_the_same_moment_all_get_it() {
    for _ in 0..20 {
        let (_dir, path) = place();
        let start = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    start.wait();
                    Journal::open(&path).unwrap();
                });
            }
        });
    }
}

#[test]
fn many_programs_that_write_at_once_lose_nothing() {
    let (_dir, path) = place();
    std::thread::scope(|scope| {
        for program in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let mut journal = Journal::open(path).unwrap();
                for n in 0..10 {
                    let operation = small(&format!("{program}-{n}"));
                    journal.begin(&operation).unwrap();
                    journal.record(&operation.id, &[planned(), Step::Verifying]).unwrap();
                }
            });
        }
    });

    let journal = Journal::open(&path).unwrap();
    let (unfinished, _) = journal.unfinished().unwrap();
    assert_eq!(unfinished.len(), 40);
    assert!(unfinished.iter().all(|u| u.operation.stage == Stage::Verifying));
}

#[test]
fn of_many_programs_that_claim_one_operation_one_gets_it() {
    let (_dir, mut journal) = opened();
    let operation = small("1");
    journal.begin(&operation).unwrap();
    journal.release(&operation.id).unwrap();
    let mut others: Vec<_> = (0..4).map(|_| Journal::open(journal.path()).unwrap()).collect();

    let granted = std::thread::scope(|scope| {
        let claim = |journal| scope.spawn(|| Journal::claim(journal, &operation.id).unwrap());
        let claims: Vec<_> = others.iter_mut().map(claim).collect();
        let granted = |claim: &Claim| matches!(claim, Claim::Granted(_));
        claims.into_iter().map(|claim| claim.join().unwrap()).filter(granted).count()
    });
    assert_eq!(granted, 1);
}

#[test]
fn a_filter_is_kept_under_its_name_until_it_is_forgotten() {
    let (_dir, mut journal) = opened();
    journal.save_filter("web", Some("member:web")).unwrap();
    journal.save_filter("sql", Some("sql")).unwrap();
    journal.save_filter("web", Some("member:web status:pending")).unwrap();
    journal.save_filter("sql", None).unwrap();
    journal.save_filter("never there", None).unwrap();

    let again = Journal::open(journal.path()).unwrap();
    let words = "member:web status:pending".into();
    assert_eq!(again.filters().unwrap(), [SavedFilter { name: "web".into(), words }]);
}

// ── the file ─────────────────────────────────────────────────────────────────────────────────────

#[cfg(unix)]
#[test]
fn the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, mut journal) = opened();
    journal.begin(&small("1")).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;

    assert_eq!(mode(&dir.path().join("data")), 0o700);
    let files: Vec<_> = std::fs::read_dir(dir.path().join("data")).unwrap().collect();
    assert_eq!(files.len(), 4, "database, its two companions and a lease");
    for file in files {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }

    let path = journal.path().to_owned();
    drop(journal);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    Journal::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_file_of_every_older_version_is_brought_to_the_newest() {
    for version in 0..=schema::CHANGES.len() {
        let (_dir, path) = place();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let old = Connection::open(&path).unwrap();
        schema::CHANGES[..version].iter().for_each(|change| old.execute_batch(change).unwrap());
        old.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
        drop(old);

        let mut journal = Journal::open(&path).unwrap();
        journal.begin(&small("1")).unwrap();
        assert_eq!(journal.load(&small("1").id).unwrap(), Some(small("1")));
    }
}

#[test]
fn a_newer_file_is_refused_with_its_name_and_version_and_stays_as_it_is() {
    let (_dir, path) = place();
    drop(Journal::open(&path).unwrap());
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let before = std::fs::read(&path).unwrap();

    let error = Journal::open(&path).unwrap_err();

    assert!(matches!(error, JournalError::Newer { found: 99, .. }));
    let text = error.failure("revoke shares").to_string();
    assert!(text.contains("sharelock.db has version 99") && text.contains("newer"), "{text}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_of_another_program_is_refused_and_stays_as_it_is() {
    let (_dir, path) = place();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = std::fs::read(&path).unwrap();

    assert!(matches!(Journal::open(&path), Err(JournalError::Foreign { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let (_dir, path) = place();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "this is a diary, and no database at all".repeat(100)).unwrap();

    assert!(matches!(Journal::open(&path), Err(JournalError::Damaged { .. })));
}

#[test]
fn a_file_cut_off_anywhere_is_damaged() {
    let (_dir, mut journal) = opened();
    let path = journal.path().to_owned();
    let images: Vec<String> = (0..200).map(|n| format!("image-{n:03}")).collect();
    let large = operation("1", images.iter().map(|image| share(image, "x")));
    journal.begin(&large).unwrap();
    drop(journal);
    let whole = std::fs::read(&path).unwrap();

    for length in (1..whole.len()).step_by(997) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let begun = Journal::open(&path).and_then(|mut journal| {
            journal.begin(&small("2"))?;
            let (_, mut unreadable) = journal.unfinished()?;
            unreadable.pop().map_or(Ok(()), |(_, error)| Err(error))
        });
        let error = begun.expect_err("a part of the file is missing");
        assert!(matches!(error, JournalError::Damaged { .. }), "{length}: {error}");
    }
}

#[test]
fn an_empty_file_beside_a_log_is_damaged() {
    let (_dir, mut journal) = opened();
    journal.begin(&small("1")).unwrap();
    let (_other, copy) = place();
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    std::fs::write(&copy, "").unwrap();
    std::fs::copy(journal.path().with_extension("db-wal"), copy.with_extension("db-wal")).unwrap();

    assert!(matches!(Journal::open(&copy), Err(JournalError::Damaged { .. })));
}

#[test]
fn a_log_cut_off_anywhere_gives_the_operation_as_it_was_at_some_step() {
    let (_dir, mut journal) = opened();
    let path = journal.path().to_owned();
    let mut stages = vec![None];
    let mut folded = small("1");
    journal.begin(&folded).unwrap();
    stages.push(Some(folded.clone()));
    for step in [planned(), Step::Sending { request: 0, at: NOW }, Step::Verifying] {
        journal.record(&folded.id, std::slice::from_ref(&step)).unwrap();
        folded.apply(step);
        stages.push(Some(folded.clone()));
    }
    let log = std::fs::read(path.with_extension("db-wal")).unwrap();
    let database = std::fs::read(&path).unwrap();

    let mut seen = std::collections::BTreeSet::new();
    for length in (0..log.len()).step_by(499).chain([log.len()]) {
        let (_dir, copy) = place();
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::write(&copy, &database).unwrap();
        std::fs::write(copy.with_extension("db-wal"), &log[..length]).unwrap();
        let read = Journal::open(&copy).unwrap().load(&folded.id).unwrap();
        seen.insert(stages.iter().position(|stage| *stage == read).expect("a stage that was"));
    }
    assert_eq!(seen.len(), stages.len());
}

#[test]
fn a_full_disk_is_told_and_the_operation_stays_as_it_was() {
    let (_dir, mut journal) = opened();
    let operation = small("1");
    journal.begin(&operation).unwrap();
    journal.connection.pragma_update(None, "max_page_count", 1).unwrap();

    let images: Vec<String> = (0..2000).map(|n| format!("image-{n}")).collect();
    let large = self::operation("2", images.iter().map(|image| share(image, "x")));
    let error = journal.begin(&large).unwrap_err();
    assert!(matches!(error, JournalError::Full { .. }), "{error}");
    assert!(error.failure("revoke shares").to_string().contains("no room left"));

    journal.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(journal.load(&large.id).unwrap(), None);
    journal.record(&operation.id, &[planned()]).unwrap();
    assert_eq!(journal.load(&operation.id).unwrap().unwrap().requests.len(), 1);
}

#[test]
fn a_directory_that_cannot_be_made_is_told() {
    let (dir, _) = place();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();

    let error = Journal::open(&file.join("data/sharelock.db")).unwrap_err();
    assert!(matches!(error, JournalError::NotWritable { .. }), "{error}");
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let (_dir, mut journal) = opened();
    journal.connection.pragma_update(None, "query_only", true).unwrap();

    let error = journal.begin(&small("1")).unwrap_err();
    assert!(matches!(error, JournalError::NotWritable { .. }), "{error}");
}

#[test]
fn a_locked_file_is_told() {
    let (_dir, mut journal) = opened();
    let other = Connection::open(journal.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    journal.connection.busy_timeout(Duration::ZERO).unwrap();

    let error = journal.begin(&small("1")).unwrap_err();
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
}

#[test]
fn an_operation_of_the_first_version_is_read_with_its_outcomes_and_counts() {
    let (_dir, path) = place();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(schema::CHANGES[0]).unwrap();
    old.execute_batch(
        "INSERT INTO operations (id, kind, cloud, api, project_id, endpoint, protected, read_only,
             tls_verified, started_at, stage, images_read, images_to_read, open, shares, revoked, was_not_shared)
         VALUES ('1', 'revoke', 'otc', 'ims', 'p', 'https://ims', 0, 0, 1, 5, 'finished', 1, 1, 0, 2, 1, 1);
         INSERT INTO requests (operation, place, batch, state)
         VALUES (1, 0, '{\"images\":[\"a\"],\"members\":[{\"type\":\"project\",\"id\":\"y\"}]}', 'notamember');
         INSERT INTO shares (operation, place, image, kind, member, request, outcome)
         VALUES (1, 0, 'a', 'project', 'x', NULL, 'revoked'), (1, 1, 'a', 'project', 'y', 0, 'was-not-shared');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);

    let journal = Journal::open(&path).unwrap();

    let operation = journal.load(&OperationId("1".into())).unwrap().unwrap();
    let outcomes: Vec<_> = operation.shares.iter().map(|share| share.outcome.unwrap()).collect();
    assert_eq!(outcomes, [Outcome::Done, Outcome::Needless]);
    assert_eq!(operation.requests[0].state, RequestState::Needless);
    assert_eq!((operation.shares[0].before.as_ref(), operation.undoes), (None, None));
    let listed = journal.list(&Filter::default(), None, 1).unwrap().0.remove(0);
    assert_eq!((listed.done, listed.needless, listed.failed), (1, 1, 0));
}

#[cfg(unix)]
#[test]
fn the_mode_of_what_is_not_our_own_file_is_left_unchanged() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (dir, path) = place();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();

    let target = dir.path().join("elsewhere.db");
    drop(Journal::open(&target).unwrap());
    set(&target, 0o640);
    std::os::unix::fs::symlink(&target, &path).unwrap();
    drop(Journal::open(&path).unwrap());
    assert_eq!(mode(&target), 0o640, "the target of a symbolic link");

    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    set(&path, 0o644);
    assert!(matches!(Journal::open(&path), Err(JournalError::Foreign { .. })));
    assert_eq!(mode(&path), 0o644, "the database of another program");

    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    set(&path, 0o755);
    Journal::open(&path).unwrap_err();
    assert_eq!(mode(&path), 0o755, "a directory");
}

#[test]
fn operations_that_name_the_same_shares_at_the_same_time_know_of_each_other() {
    let (_dir, mut journal) = opened();
    let begin = |journal: &mut Journal, id: &str, shares: &[(&str, &str)], ended: Option<i64>| {
        let it = operation(id, shares.iter().map(|(image, member)| share(image, member)));
        journal.begin(&it).unwrap();
        let batches = it.shares.iter().map(|record| Batch {
            images: vec![record.share.image.clone()],
            members: vec![record.share.member.clone()],
            vault: None,
        });
        journal.record(&it.id, &[Step::Planned { batches: batches.collect() }]).unwrap();
        if let Some(at) = ended {
            let settle = |record: &domain::operation::ShareRecord| Step::Settled {
                share: record.share.clone(),
                outcome: Outcome::Done,
                after: None,
                error: None,
            };
            let settled: Vec<Step> = it.shares.iter().map(settle).collect();
            journal.record(&it.id, &settled).unwrap();
            journal.record(&it.id, &[Step::Finished { at: Moment(NOW.0 + at) }]).unwrap();
        }
    };
    begin(&mut journal, "long ago", &[("a", "x"), ("a", "y")], Some(-1000));
    begin(&mut journal, "just now", &[("a", "x"), ("b", "x")], Some(1000));
    begin(&mut journal, "other shares", &[("b", "y")], None);
    begin(&mut journal, "running", &[("a", "y"), ("a", "x")], None);
    begin(&mut journal, "ours", &[("a", "x"), ("a", "y"), ("c", "x")], None);

    let concurrent_operations = journal.concurrent_operations(&OperationId("ours".into())).unwrap();
    let expected = [("just now", 1), ("running", 2)];
    assert_eq!(
        concurrent_operations,
        expected.map(|(id, shares)| (OperationId(id.into()), shares))
    );
}

#[test]
fn who_follows_is_listed_without_the_shares() {
    let (_dir, mut journal) = opened();
    for id in ["1", "2", "3"] {
        journal.begin(&small(id)).unwrap();
    }
    journal.record(&OperationId("2".into()), &[Step::Finished { at: NOW }]).unwrap();
    journal.release(&OperationId("3".into())).unwrap();
    // No share is read: it would be an error.
    let spoil = "UPDATE shares SET kind = 'nobody'";
    journal.connection.execute_batch(spoil).unwrap();

    let followers = journal.followers().unwrap();
    let own = Some(std::process::id());
    assert_eq!(followers, [(OperationId("1".into()), own), (OperationId("3".into()), None)]);
}

#[test]
fn a_file_system_without_shared_memory_is_not_a_full_disk() {
    for code in [
        rusqlite::ffi::SQLITE_IOERR_SHMMAP,
        rusqlite::ffi::SQLITE_IOERR_SHMLOCK,
        rusqlite::ffi::SQLITE_IOERR_SHMOPEN,
    ] {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        let error = JournalError::sql(Path::new("/home/a/sharelock.db"), error);
        let text = error.failure("write the journal").to_string();
        assert!(text.contains("the file system there has no shared memory"), "{text}");
        assert!(text.contains("XDG_DATA_HOME"), "{text}");
    }
}
