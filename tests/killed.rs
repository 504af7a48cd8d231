//! The built program is killed in the middle of revoking, and the next one finds out what became of each share.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cloud::config::Clouds;
use demo_cloud::Options;
use domain::operation::{RequestRecord, RequestState};
use domain::{Batch, Failure, Operation, Outcome, Share, Step};
use engine::journal::{Filter, Journal};
use engine::{self, Command, Configured, Event, Handle, PollTimes, Preference, SessionId, Target};
use support::cloud::Cloud;

const SESSION: SessionId = SessionId(1);
const SHARES: usize = 30;

/// As in life, only faster.
const QUICK: PollTimes = PollTimes {
    first: Duration::from_millis(5),
    longest: Duration::from_millis(40),
    limit: Duration::from_secs(20),
    watching: Duration::from_millis(50),
    settling: Duration::from_millis(50),
};

fn journal(cloud: &Cloud) -> PathBuf {
    cloud.home.path().join(".local/share/sharelock/sharelock.db")
}

/// Starts to revoke, and kills the program when so many requests have arrived.
fn revoke_and_kill(cloud: &Cloud, name: &str, shares: &[Share], requests: usize) -> bool {
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    cloud.file("shares.csv", &shares.iter().map(line).collect::<String>());
    cloud.demo.forget_requests();
    let args = ["--cloud", name, "revoke", "--from", "shares.csv", "--yes"];
    let mut child = cloud.command(&args).spawn().unwrap();
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if cloud.demo.requests().len() >= requests {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::yield_now();
    }
}

async fn opened(cloud: &Cloud, name: &str) -> Handle {
    let clouds = Clouds::from_yaml_text(&cloud.demo.clouds_yaml(), "demo").map_err(Failure::from);
    let connector = Configured::new(async { clouds }, Preference::default());
    let mut engine = engine::start(Arc::new(connector), QUICK, Some(journal(cloud)));
    engine.send(Command::Open {
        session: SESSION,
        target: Target { cloud: Some(name.into()), ..Target::default() },
    });
    while !matches!(engine.events.recv().await, Some(Event::Opened { .. })) {}
    engine
}

/// Brings to its end what was left behind.
async fn resume(cloud: &Cloud, name: &str) -> Option<Operation> {
    let mut engine = opened(cloud, name).await;
    engine.send(Command::Resume(SESSION));
    let mut operation = None;
    loop {
        match engine.events.recv().await.unwrap() {
            Event::Resuming { mut operations, failures, .. } => {
                assert!(failures.is_empty(), "{failures:?}");
                operation = Some(operations.pop()?);
            }
            Event::Step { step, .. } => {
                let over = matches!(step, Step::Finished { .. });
                operation.as_mut()?.apply(step);
                if over {
                    engine.shut_down(Duration::from_secs(9)).await;
                    return operation;
                }
            }
            _ => {}
        }
    }
}

/// What each request that deletes named.
fn deletes(cloud: &Cloud) -> Vec<String> {
    let requests = cloud.demo.requests().into_iter().filter(|r| r.method == "DELETE");
    requests.map(|r| format!("{} {:?}", r.path, r.body)).collect()
}

fn killed(name: &str, requests: impl IntoIterator<Item = usize>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut resumed = 0;
    for requests in requests {
        let cloud = Cloud::start(Options { odd: false, ..Options::quick() });
        let before = cloud.truth();
        let shares: Vec<Share> = before.iter().step_by(before.len() / SHARES).cloned().collect();
        let marked: BTreeSet<Share> = shares.iter().cloned().collect();
        let was_killed = revoke_and_kill(&cloud, name, &shares, requests);

        let operation = runtime.block_on(resume(&cloud, name));

        // What the killed program had sent may have been read from its connection only after its death, so the
        // requests are not counted before and after: each is one that it had written down as sent, and comes once.
        let deletes = deletes(&cloud);
        let once: BTreeSet<&String> = deletes.iter().collect();
        assert_eq!(once.len(), deletes.len(), "something was sent twice");
        if let Some(operation) = &operation {
            let may_have_left = |r: &&RequestRecord| r.state != RequestState::Stopped;
            let left = operation.requests.iter().filter(may_have_left).count();
            assert!(deletes.len() <= left, "something was sent after the restart");
        }
        assert!(was_killed || operation.is_none(), "it was over");
        let left = cloud.truth();
        assert!(
            before.difference(&left).all(|gone| marked.contains(gone)),
            "an unmarked share went"
        );
        let journal = Journal::open(&journal(&cloud)).unwrap();
        assert!(journal.unfinished().unwrap().0.is_empty());
        for summary in journal.list(&Filter::default(), None, 9).unwrap().0 {
            let operation = journal.load(&summary.id).unwrap().unwrap();
            let named: Vec<Share> =
                operation.requests.iter().map(|r| &r.batch).flat_map(Batch::shares).collect();
            assert_eq!(named.len(), named.iter().collect::<BTreeSet<_>>().len());
            for record in &operation.shares {
                let expected =
                    if left.contains(&record.share) { Outcome::Failed } else { Outcome::Done };
                assert_eq!(record.outcome, Some(expected), "after {requests} requests: {record:?}");
            }
        }
        resumed += usize::from(operation.is_some());
    }
    assert!(resumed > 3, "only {resumed} operations were resumed");
}

#[test]
fn a_program_killed_while_it_revokes_by_jobs_leaves_nothing_untold() {
    killed("demo-ims", (1..80).step_by(8));
}

#[test]
fn a_program_killed_while_it_revokes_one_by_one_leaves_nothing_untold() {
    killed("demo-glance", (1..120).step_by(10));
}

// ── at any moment ────────────────────────────────────────────────────────────────────────────────

/// How many programs are killed; `SHARELOCK_KILLS` asks for more (300 take some minutes).
fn kills() -> usize {
    std::env::var("SHARELOCK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8)
}

/// Revokes shares, and kills the program after so long. Whether it was still running.
fn revoke_for(cloud: &Cloud, name: &str, shares: &[Share], lasting: Duration) -> bool {
    let line = |share: &Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
    cloud.file("shares.csv", &shares.iter().map(line).collect::<String>());
    let args = ["--cloud", name, "revoke", "--from", "shares.csv", "--yes"];
    let mut child = cloud.command(&args).spawn().unwrap();
    // Not a wait for something: the random end of a life.
    std::thread::sleep(lasting);
    let alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    alive
}

/// Every share of every operation in the journal has an end that is true by the cloud's own records.
fn assert_true_to_the_cloud(cloud: &Cloud, before: &BTreeSet<Share>, marked: &BTreeSet<Share>) {
    let left = cloud.truth();
    let unmarked = before.difference(&left).filter(|gone| !marked.contains(gone)).count();
    assert_eq!(unmarked, 0, "an unmarked share went");
    let path = journal(cloud);
    if !path.exists() {
        assert_eq!(&left, before, "something was done and nothing was written down");
        return;
    }
    let journal = Journal::open(&path).unwrap();
    assert!(journal.unfinished().unwrap().0.is_empty());
    for summary in journal.list(&Filter::default(), None, 9).unwrap().0 {
        for record in journal.load(&summary.id).unwrap().unwrap().shares {
            let there = left.contains(&record.share);
            let expected: &[Outcome] =
                if there { &[Outcome::Failed] } else { &[Outcome::Done, Outcome::Needless] };
            assert!(expected.contains(&record.outcome.unwrap()), "{record:?}");
        }
    }
}

#[test]
fn killed_at_any_moment_every_share_has_a_true_end_after_jobs_and_nothing_was_sent_twice() {
    let (programs, mut in_their_work) = (kills(), 0);
    for number in 0..programs {
        let name = if number % 2 == 0 { "demo-ims" } else { "demo-glance" };
        let cloud = Cloud::start(Options { odd: false, ..Options::quick() });
        let before = cloud.truth();
        let shares: Vec<Share> = before.iter().step_by(before.len() / SHARES).cloned().collect();
        let marked: BTreeSet<Share> = shares.iter().cloned().collect();
        let lasting = Duration::from_micros(fastrand::u64(0..500_000));

        in_their_work += usize::from(revoke_for(&cloud, name, &shares, lasting));
        let args = ["jobs", "--watch", "--format", "json"];
        let ran = support::cloud::ran(cloud.command(&args).spawn().unwrap());

        assert!(matches!(ran.status, Some(0 | 3)), "{ran:?}");
        let deletes = deletes(&cloud);
        let once: BTreeSet<&String> = deletes.iter().collect();
        assert_eq!(once.len(), deletes.len(), "something was sent twice");
        assert_true_to_the_cloud(&cloud, &before, &marked);
    }
    assert!(in_their_work * 4 > programs, "only {in_their_work} of {programs} were at work");
}
