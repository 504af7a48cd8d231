//! The engine against the embedded cloud over real HTTP: from `clouds.yaml` to the receipt.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cloud::config::Clouds;
use demo_cloud::{Action, Demo, Fault, JobScript, NonMember, Options, Paging, Route};
use domain::operation::RequestState;
use domain::{
    Confirmed, Failure, Image, Limits, Marks, Operation, OperationKind, Outcome, Plan, Scope, Share,
};
use engine::{
    self, Configured, Engine, OperationEvent, PollTimes, Preference, ReadEvent, Reading, Session,
    Target, Wanted,
};
use futures_util::StreamExt;

const KINDS: [&str; 2] = ["demo-ims", "demo-glance"];

/// The default times, scaled down.
const QUICK: PollTimes = PollTimes {
    first: Duration::from_millis(5),
    longest: Duration::from_millis(40),
    limit: Duration::from_millis(400),
    watching: Duration::from_millis(50),
    settling: Duration::from_millis(5),
};

fn start(yaml: &str, preference: Preference) -> Engine {
    let clouds = Clouds::from_yaml_text(yaml, "demo").map_err(Failure::from);
    let connector = Configured::new(async { clouds }, preference);
    Engine::new(Arc::new(connector), QUICK, None)
}

fn at(cloud: &str) -> Target {
    Target { cloud: Some(cloud.into()), ..Target::default() }
}

/// Dropping the engine ends the session's tasks.
async fn open(demo: &Demo, cloud: &str) -> (Engine, Session) {
    let engine = start(&demo.clouds_yaml(), Preference::default());
    let session = engine.open(at(cloud)).await.unwrap();
    (engine, session)
}

/// The results of one reading.
#[derive(Default)]
struct Read {
    images: Vec<Image>,
    shares: BTreeSet<Share>,
    failed: Vec<Failure>,
    complete: bool,
    progress: (usize, usize),
}

impl Read {
    fn apply(&mut self, event: ReadEvent) {
        match event {
            ReadEvent::Images(images) => self.images.extend(images),
            ReadEvent::Listed { present, failures } => {
                self.complete = present.is_some();
                self.failed.extend(failures);
            }
            ReadEvent::Members { image, reading: Reading::Members(members) } => {
                let share = |member| Share { image: image.clone(), member };
                self.shares.extend(members.into_iter().map(|row| share(row.member)));
            }
            ReadEvent::Members { reading: Reading::Failed(failure), .. } => {
                self.failed.push(failure);
            }
            ReadEvent::Progress { read, of } => self.progress = (read, of),
            _ => {}
        }
    }
}

async fn read_everything(session: &Session) -> Read {
    let mut reads = session.read(Wanted::All { received: false });
    let mut read = Read::default();
    loop {
        match reads.next().await.unwrap() {
            ReadEvent::Ended => return read,
            event => read.apply(event),
        }
    }
}

/// The truth about the project's own images that can be listed.
fn truth(demo: &Demo, scope: &Scope) -> BTreeSet<Share> {
    let world = demo.world();
    let own = world.images().filter(|stored| stored.image.is_owned_by(&scope.project_id));
    own.flat_map(|stored| {
        let image = stored.image.id.clone();
        let share = move |member| Share { image: image.clone(), member };
        stored.listed().iter().map(move |row| share(row.member.clone()))
    })
    .collect()
}

fn confirm(shares: impl IntoIterator<Item = Share>, limits: Limits) -> Confirmed {
    let plan = Plan::cover(OperationKind::Revoke, shares.into_iter().collect::<Marks>(), limits);
    let answer = plan.shares().to_string();
    plan.confirm(&answer).unwrap()
}

async fn revoke(session: &Session, shares: impl IntoIterator<Item = Share>) -> Operation {
    carry_out(session, confirm(shares, session.limits())).await
}

/// The operation with its first receipt.
async fn carry_out(session: &Session, plan: Confirmed) -> Operation {
    let mut running = session.carry_out(plan).await.unwrap();
    loop {
        if let OperationEvent::Step(step) = running.next().await.unwrap() {
            let end = step.makes_receipt();
            running.operation.apply(step);
            if end {
                return running.operation;
            }
        }
    }
}

/// Every `n`th share: marks that are scattered over images and members.
fn scattered(shares: &BTreeSet<Share>, n: usize) -> Vec<Share> {
    shares.iter().step_by(n).cloned().collect()
}

fn deletes(demo: &Demo) -> usize {
    demo.requests().iter().filter(|request| request.method == "DELETE").count()
}

#[tokio::test]
async fn a_reading_finds_every_share_of_every_own_image() {
    let demo = Demo::start(Options { images: 300, ..Options::quick() }).await.unwrap();
    for kind in KINDS {
        let (_engine, session) = open(&demo, kind).await;

        let read = read_everything(&session).await;

        assert!(read.complete && read.failed.is_empty(), "{kind}: {:?}", read.failed);
        assert_eq!(read.shares, truth(&demo, session.scope()), "{kind}");
        let ids: BTreeSet<_> = read.images.iter().map(|image| &image.id).collect();
        assert_eq!(ids.len(), read.images.len(), "{kind}: an image came twice");
        assert_eq!(read.progress, (read.images.len(), read.images.len()), "{kind}");
    }
}

#[tokio::test]
async fn every_way_of_paging_comes_to_the_same_images() {
    for paging in [Paging::PageInfo, Paging::LastId, Paging::Next] {
        let mut options = Options::plain(230, 5);
        (options.ims.paging, options.ims.page_max) = (paging, 100);
        let demo = Demo::start(options).await.unwrap();
        let (_engine, session) = open(&demo, "demo-ims").await;

        let read = read_everything(&session).await;

        assert!(read.complete, "{paging:?}: {:?}", read.failed);
        assert_eq!(read.images.len(), 230, "{paging:?}");
    }
}

#[tokio::test]
async fn exactly_the_marked_shares_are_revoked_and_verified() {
    for kind in KINDS {
        let demo = Demo::start(Options::plain(60, 40)).await.unwrap();
        let (_engine, session) = open(&demo, kind).await;
        let before = truth(&demo, session.scope());
        let marked = scattered(&before, 3);

        let operation = revoke(&session, marked.clone()).await;

        let mut expected = before;
        expected.retain(|share| !marked.contains(share));
        assert_eq!(truth(&demo, session.scope()), expected, "{kind}");
        assert_eq!(operation.count(Outcome::Done), marked.len(), "{kind}");
        assert_eq!(deletes(&demo), operation.requests.len(), "{kind}: each request is sent once");
    }
}

#[tokio::test]
async fn a_pair_that_is_no_share_fails_no_job_because_it_is_never_named() {
    let mut options = Options::plain(10, 10);
    options.ims.non_member = NonMember::FailsAll;
    let demo = Demo::start(options).await.unwrap();
    let (_engine, session) = open(&demo, "demo-ims").await;
    let shares = truth(&demo, session.scope());
    let gone = shares.first().unwrap().clone();
    let plan = confirm(shares.iter().cloned(), session.limits());
    demo.world().unshare(&gone.image, &gone.member);

    let operation = carry_out(&session, plan).await;

    assert_eq!(operation.count(Outcome::Needless), 1);
    assert_eq!(operation.count(Outcome::Done), shares.len() - 1);
    assert!(operation.requests.iter().all(|request| request.state == RequestState::Done));
}

#[tokio::test]
async fn a_job_that_says_success_while_a_share_stays_is_found_out() {
    let demo = Demo::start(Options::plain(10, 10)).await.unwrap();
    let (_engine, session) = open(&demo, "demo-ims").await;
    let shares = truth(&demo, session.scope());
    let stays = shares.last().unwrap().clone();
    demo.world().script_every_job(Some(JobScript::leaves([stays.clone()])));

    let operation = revoke(&session, shares).await;

    let records = operation.shares.iter();
    let still: Vec<&Share> = records
        .filter(|record| record.outcome == Some(Outcome::Failed))
        .map(|record| &record.share)
        .collect();
    assert_eq!(still, [&stays]);
}

#[tokio::test]
async fn a_failed_job_is_told_with_its_code_and_reason() {
    let demo = Demo::start(Options::plain(4, 4)).await.unwrap();
    let (_engine, session) = open(&demo, "demo-ims").await;
    let shares = truth(&demo, session.scope());
    demo.world().script_every_job(Some(JobScript::fails("IMG.0113", "tenant service is down")));

    let operation = revoke(&session, shares.clone()).await;

    assert_eq!(operation.count(Outcome::Failed), shares.len());
    let error = operation.shares[0].error.as_ref().unwrap().to_string();
    assert!(error.contains("IMG.0113") && error.contains("tenant service is down"), "{error}");
}

#[tokio::test]
async fn a_job_that_stays_running_is_judged_by_the_members_after_the_limit() {
    let demo = Demo::start(Options::plain(4, 4)).await.unwrap();
    let (_engine, session) = open(&demo, "demo-ims").await;
    let shares = truth(&demo, session.scope());
    demo.world().script_every_job(Some(JobScript::stuck_but_done()));

    let operation = revoke(&session, shares.clone()).await;

    assert!(operation.requests.iter().all(|request| request.state == RequestState::Watched));
    assert_eq!(operation.count(Outcome::Done), shares.len());
}

#[tokio::test]
async fn an_answer_lost_before_or_after_the_cloud_acted_is_never_asked_for_again() {
    for kind in KINDS {
        let cases = [(Action::DropBefore, Outcome::Failed), (Action::DropAfter, Outcome::Done)];
        for (action, outcome) in cases {
            let demo = Demo::start(Options::plain(5, 3)).await.unwrap();
            let (_engine, session) = open(&demo, kind).await;
            let share = truth(&demo, session.scope()).pop_first().unwrap();
            demo.faults().add(Fault::always(Route::delete("*"), action));

            let operation = revoke(&session, [share]).await;

            assert_eq!(operation.shares[0].outcome, Some(outcome), "{kind}");
            assert_eq!(deletes(&demo), 1, "{kind}");
        }
    }
}

#[tokio::test]
async fn members_that_cannot_be_read_are_unknown_and_nothing_is_sent_for_them() {
    for kind in KINDS {
        let demo = Demo::start(Options::plain(3, 6)).await.unwrap();
        let (_engine, session) = open(&demo, kind).await;
        let shares = truth(&demo, session.scope());
        let image = shares.first().unwrap().image.clone();
        let of_image = shares.iter().filter(|share| share.image == image).count();
        let members = format!("{image}/members");
        demo.faults().add(Fault::always(Route::get(&members), Action::json(403, &"no".into())));

        let operation = revoke(&session, shares.clone()).await;

        assert_eq!(operation.count(Outcome::Unknown), of_image, "{kind}");
        assert_eq!(operation.count(Outcome::Done), shares.len() - of_image, "{kind}");
        assert_eq!(truth(&demo, session.scope()).len(), of_image, "{kind}");
    }
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_renewed_once_for_all() {
    let demo = Demo::start(Options::plain(200, 20)).await.unwrap();
    let (_engine, session) = open(&demo, "demo-glance").await;
    assert_eq!(demo.logins(), 1);
    demo.expire_all_tokens();

    let read = read_everything(&session).await;

    assert_eq!(read.shares, truth(&demo, session.scope()));
    assert_eq!(demo.logins(), 2);
}

#[tokio::test]
async fn too_many_requests_slow_the_reading_down_and_lose_nothing() {
    let demo = Demo::start(Options::plain(40, 20)).await.unwrap();
    let (_engine, session) = open(&demo, "demo-glance").await;
    demo.faults().add(Fault::next(6, Route::members(), Action::retry_after(429, 1)));

    let read = read_everything(&session).await;

    assert!(read.failed.is_empty(), "{:?}", read.failed);
    assert_eq!(read.shares, truth(&demo, session.scope()));
}

#[tokio::test]
async fn images_looked_at_are_read_before_the_others() {
    let latency = Duration::from_millis(2)..Duration::from_millis(3);
    let demo = Demo::start(Options { latency, ..Options::plain(400, 20) }).await.unwrap();
    let (_engine, session) = open(&demo, "demo-glance").await;
    let mut reads = session.read(Wanted::All { received: false });

    let (mut looked_at, mut position, mut last) = (BTreeSet::new(), 0, 0);
    loop {
        match reads.next().await.unwrap() {
            ReadEvent::Images(images) => {
                let ids: Vec<_> = images.iter().rev().take(5).map(|i| i.id.clone()).collect();
                looked_at = ids.iter().cloned().collect();
                reads.control().prioritize(ids);
            }
            ReadEvent::Members { image, .. } => {
                position += 1;
                last = if looked_at.contains(&image) { position } else { last };
            }
            ReadEvent::Ended => break,
            _ => {}
        }
    }

    assert!(last > 0 && last < 200, "the last one looked at was read as number {last} of 400");
}

#[tokio::test]
async fn a_wrong_password_is_a_sentence_that_shows_no_secret() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let yaml = demo.clouds_yaml().replace("password: ", "password: wrong-s3cr3t-");
    let engine = start(&yaml, Preference::default());

    let line = engine.open(at("demo-ims")).await.unwrap_err().failure.to_string();

    assert!(line.starts_with("cannot log in to cloud demo-ims"), "{line}");
    assert!(!line.contains("s3cr3t"), "{line}");
}

#[tokio::test]
async fn a_read_only_session_sends_no_change() {
    let demo = Demo::start(Options::plain(2, 4)).await.unwrap();
    let preference = Preference { read_only: true, ..Preference::default() };
    let engine = start(&demo.clouds_yaml(), preference);
    let session = engine.open(at("demo-ims")).await.unwrap();
    let plan = confirm(truth(&demo, session.scope()), session.limits());

    assert!(session.carry_out(plan).await.is_err());
    assert_eq!(deletes(&demo), 0);
}
