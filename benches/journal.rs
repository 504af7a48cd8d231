//! What it costs to write everything down: on the disk of the temporary directory, durable as in life.

use divan::Bencher;
use sharelock::domain::{
    Batch, CloudKind, Marks, Member, Moment, Operation, OperationId, OperationKind, Outcome,
    ProjectId, Scope, Share, Step,
};
use sharelock::journal::Journal;
use tempfile::TempDir;

const NOW: Moment = Moment(1_795_000_000_000);

fn main() {
    divan::main();
}

fn scope() -> Scope {
    Scope {
        cloud: "bench".into(),
        region: None,
        kind: CloudKind::Ims,
        project_id: ProjectId("p".into()),
        project_name: None,
        user: None,
        endpoint: "http://bench".into(),
        protected: false,
        read_only: false,
        tls_verified: true,
    }
}

fn batch(images: usize) -> Batch {
    Batch {
        images: (0..images).map(|n| format!("{n:036}").as_str().into()).collect(),
        members: (0..100).map(|n| Member::project(format!("{n:032}"))).collect(),
    }
}

/// Every image shared with a hundred members.
fn operation(id: &str, images: usize) -> Operation {
    let marks: Marks = batch(images).shares().collect();
    Operation::new(OperationId(id.into()), OperationKind::Revoke, scope(), &marks, NOW)
}

fn open() -> (TempDir, Journal) {
    let dir = TempDir::new().expect("a temporary directory");
    let journal = Journal::open(&dir.path().join("sharelock.db")).expect("a new journal");
    (dir, journal)
}

fn begun(operation: &Operation) -> (TempDir, Journal) {
    let (dir, mut journal) = open();
    journal.begin(operation).expect("a disk with room");
    (dir, journal)
}

#[divan::bench(args = [10, 1_000], sample_count = 10)]
fn begin_with_a_hundred_shares_an_image(bencher: Bencher, images: usize) {
    let operation = operation("1", images);
    bencher.with_inputs(open).bench_values(|(dir, mut journal)| {
        journal.begin(&operation).expect("a disk with room");
        (dir, journal)
    });
}

#[divan::bench(args = [10, 1_000], sample_count = 10)]
fn settle_a_hundred_shares_an_image(bencher: Bencher, images: usize) {
    let operation = operation("1", images);
    let settled =
        |share: Share| Step::Settled { share, outcome: Outcome::Done, after: None, error: None };
    let steps: Vec<Step> = batch(images).shares().map(settled).collect();
    bencher.with_inputs(|| begun(&operation)).bench_values(|(dir, mut journal)| {
        for steps in steps.chunks(4096) {
            journal.record(&operation.id, steps).expect("a disk with room");
        }
        (dir, journal)
    });
}

#[divan::bench]
fn one_durable_step(bencher: Bencher) {
    let operation = operation("1", 1);
    let (_dir, mut journal) = begun(&operation);
    let planned = Step::Planned { batches: vec![batch(1)] };
    journal.record(&operation.id, &[planned]).expect("a disk with room");
    let step = [Step::Sending { request: 0, at: NOW }];
    bencher.bench_local(|| journal.record(&operation.id, &step).expect("a disk with room"));
}

#[divan::bench(sample_count = 20)]
fn list_the_last_hundred_of_two_thousand(bencher: Bencher) {
    let (_dir, mut journal) = open();
    for n in 0..2_000 {
        journal.begin(&operation(&n.to_string(), 1)).expect("a disk with room");
    }
    bencher.bench_local(|| journal.list(None, None, 100).expect("a journal that can be read"));
}
