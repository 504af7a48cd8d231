//! What it costs to write everything down: on the disk of the temporary directory, durable as in life.

use std::path::Path;
use std::sync::OnceLock;

use divan::Bencher;
use domain::{
    Batch, CloudKind, Marks, Member, Moment, Operation, OperationId, OperationKind, Outcome,
    ProjectId, Scope, Share, Step,
};
use engine::journal::{Filter, Journal};
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
        encrypted: true,
    }
}

fn batch(images: usize) -> Batch {
    Batch {
        images: (0..images).map(|n| format!("{n:036}").as_str().into()).collect(),
        members: (0..100).map(|n| Member::project(format!("{n:032}"))).collect(),
        vault: None,
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

// ── a journal of years: 100 000 operations of a few shares each ─────────────────────────────────

const MANY: usize = 100_000;

/// Made once: by hand of the tables, in one transaction, because a hundred thousand durable writes take minutes.
/// One operation is written by the journal; the others are that one, under other ids and with other shares.
fn years() -> &'static Path {
    static YEARS: OnceLock<TempDir> = OnceLock::new();
    let dir = YEARS.get_or_init(|| {
        let (dir, mut journal) = open();
        let shares: Marks = (0..4).map(|n| share(0, n)).collect();
        let mut first =
            Operation::new(OperationId(id(0)), OperationKind::Revoke, scope(), &shares, NOW);
        first.apply(Step::Planned { batches: vec![batch(1)] });
        first.apply(Step::Accepted { request: 0, job: None, request_id: None, at: NOW });
        for share in shares.iter() {
            first.apply(Step::Settled { share, outcome: Outcome::Done, after: None, error: None });
        }
        first.apply(Step::Finished { at: NOW });
        journal.begin(&first).expect("a disk with room");
        drop(journal);
        let sql = rusqlite::Connection::open(dir.path().join("sharelock.db")).expect("the journal");
        sql.execute_batch(&multiplied()).expect("the tables of the journal");
        dir
    });
    dir.path()
}

/// Every tenth operation is on another cloud, every hundredth has a share that is still there; each image is in
/// about two hundred operations, each member in about eight hundred.
fn multiplied() -> String {
    let copy = |table: &str, changed: &str, by: &str| {
        format!(
            "CREATE TEMP TABLE copies AS SELECT {table}.*, n.value AS n FROM {table},
                 generate_series(1, {MANY} - 1) AS n ORDER BY n.value;
             UPDATE copies SET {changed};
             ALTER TABLE copies DROP COLUMN n;
             INSERT INTO {table} SELECT * FROM copies ORDER BY {by};
             DROP TABLE copies;"
        )
    };
    let series = format!(
        "CREATE TEMP TABLE generate_series AS
             WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {MANY} - 1)
             SELECT value FROM n;"
    );
    let operations = copy(
        "operations",
        "number = number + n, id = printf('%08x-%04x', n, n % 65536), started_at = started_at + n * 60000,
         cloud = iif(n % 10 = 0, 'other', cloud), failed = n % 100 = 0, done = 4 - (n % 100 = 0)",
        "number",
    );
    let requests = copy("requests", "operation = operation + n", "operation, place");
    let shares = copy(
        "shares",
        "operation = operation + n, image = printf('%036d', (n * 7 + place) % 2000),
         member = printf('%032d', (n * 13 + place) % 500),
         outcome = iif(n % 100 = 0 AND place = 0, 'still-shared', outcome)",
        "operation, place",
    );
    let sql = format!("BEGIN; {series} {operations} {requests} {shares} COMMIT;");
    sql.replace(&format!("generate_series(1, {MANY} - 1)"), "generate_series")
}

fn id(number: usize) -> String {
    format!("{number:08x}-{:04x}", number % 65_536)
}

fn share(image: usize, member: usize) -> Share {
    let member = Member::project(format!("{member:032}"));
    Share { image: format!("{image:036}").as_str().into(), member }
}

fn remembered() -> Journal {
    Journal::open(&years().join("sharelock.db")).expect("a journal that can be read")
}

#[divan::bench(sample_count = 20)]
fn years_open(bencher: Bencher) {
    years();
    bencher.bench_local(remembered);
}

#[divan::bench(sample_count = 20)]
fn years_unfinished(bencher: Bencher) {
    let journal = remembered();
    bencher.bench_local(|| journal.unfinished().expect("a journal that can be read"));
}

fn first_page(bencher: Bencher, filter: &Filter, before: Option<&OperationId>) {
    let journal = remembered();
    let page = || journal.list(filter, before, 100).expect("a journal that can be read");
    assert!(!page().0.is_empty(), "{filter:?}");
    bencher.bench_local(page);
}

#[divan::bench(sample_count = 20)]
fn years_first_page(bencher: Bencher) {
    first_page(bencher, &Filter::default(), None);
}

#[divan::bench(sample_count = 20)]
fn years_page_in_the_middle(bencher: Bencher) {
    first_page(bencher, &Filter::default(), Some(&OperationId(id(MANY / 2))));
}

#[divan::bench(sample_count = 20)]
fn years_page_of_one_cloud(bencher: Bencher) {
    first_page(bencher, &Filter { cloud: Some("other".into()), ..Filter::default() }, None);
}

#[divan::bench(sample_count = 20)]
fn years_page_of_one_outcome(bencher: Bencher) {
    first_page(bencher, &Filter { outcome: Some(Outcome::Failed), ..Filter::default() }, None);
}

#[divan::bench(sample_count = 20)]
fn years_page_of_one_image(bencher: Bencher) {
    let images = vec![share(1234, 0).image];
    first_page(bencher, &Filter { images, ..Filter::default() }, None);
}

#[divan::bench(sample_count = 20)]
fn years_page_of_one_member_on_one_cloud(bencher: Bencher) {
    let members = vec![share(0, 123).member.id];
    let cloud = Some("other".into());
    first_page(bencher, &Filter { cloud, members, ..Filter::default() }, None);
}

#[divan::bench(sample_count = 20)]
fn years_load_one(bencher: Bencher) {
    let journal = remembered();
    let id = OperationId(id(MANY / 3));
    bencher.bench_local(|| journal.load(&id).expect("a journal that can be read").expect("it"));
}

#[divan::bench(sample_count = 20)]
fn years_find_by_a_part_of_an_id(bencher: Bencher) {
    let journal = remembered();
    bencher.bench_local(|| {
        journal.find_ids(&id(MANY / 3)[..8], 5).expect("a journal that can be read")
    });
}
