//! The engine against a scripted cloud without a network, in time that passes only when everybody waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use tokio::time::Instant;

use super::*;
use crate::journal::{Filter, Journal, SavedFilter};
use cloud::auth::{AuthError, Blame};
use cloud::clients::error::ApiError;
use cloud::clients::{Accepted, CloudError, Listing, Page, PageMark};
use domain::operation::{RequestRecord, RequestState};
use domain::{
    Batch, CloudKind, Image, JobId, JobReport, JobStatus, Limits, Marks, Member, MemberStatus,
    Membership, Operation, OperationKind, Outcome, Plan, ProjectId, Seen, Share, Step, Text,
    Visibility,
};

mod adapter;
mod crash;

/// What the scripted cloud does with a batch delete.
#[derive(Clone)]
enum Script {
    /// Does it at once, without a job.
    AtOnce,
    /// Makes a job that says these words, the last one for ever; a final word carries the batch out.
    Job(&'static [&'static str]),
    /// The same, but these members stay whatever the job says.
    JobLeaving(&'static [&'static str], &'static str),
    /// Carries it out and loses the answer.
    LostAfter,
    /// Loses the answer, and carries it out so much later.
    LostLate(Duration),
    /// Loses the request.
    LostBefore,
    /// Says no with this status.
    Refuse(u16),
    /// Carries it out and says no with this status.
    RefuseAfter(u16),
    /// No connection can be made, and another program carries it out.
    Unreachable,
    /// Says "too many" this many times, then does it at once.
    TooMany(usize),
    /// Says "too many, come back in so long", for ever.
    ComeBack(Duration),
    /// Does the first change at once and answers every later one with 429 and this `Retry-After`.
    OneThenComeBack(Duration),
    /// Panics.
    Bug,
}

type Truth = BTreeMap<ImageId, BTreeMap<Member, MemberStatus>>;
/// A change as it was sent.
type Change = (OperationKind, Batch);

struct Cloud {
    kind: CloudKind,
    limits: Limits,
    truth: Mutex<Truth>,
    script: Script,
    sent: Mutex<Vec<Batch>>,
    /// Changes that arrived, refused ones too.
    attempts: Mutex<usize>,
    jobs: Mutex<HashMap<JobId, (usize, Change)>>,
    unreadable: Mutex<BTreeSet<ImageId>>,
    foreign: BTreeSet<ImageId>,
    reads: Mutex<Vec<ImageId>>,
    wire: Wire,
    late: Mutex<Vec<(Instant, Change)>>,
    /// The login is refused where there is none.
    pages: Vec<(Vec<&'static str>, Option<&'static str>)>,
}

/// What every question and every answer passes. It can be cut in any place: what comes there never arrives.
struct Wire {
    passed: Mutex<usize>,
    cut_at: Mutex<usize>,
    was_cut: tokio::sync::Notify,
    /// How long everything takes to pass.
    lag: Duration,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            passed: Mutex::default(),
            cut_at: Mutex::new(usize::MAX),
            was_cut: tokio::sync::Notify::new(),
            lag: Duration::ZERO,
        }
    }
}

impl Wire {
    async fn pass(&self) {
        let place = {
            let mut passed = self.passed.lock().unwrap();
            *passed += 1;
            *passed - 1
        };
        if !self.lag.is_zero() {
            tokio::time::sleep(self.lag).await;
        }
        let cut_at = *self.cut_at.lock().unwrap();
        if place >= cut_at {
            self.was_cut.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Cuts it after so many more questions and answers; mends it with `usize::MAX`.
    fn cut_after(&self, more: usize) {
        let passed = *self.passed.lock().unwrap();
        *self.cut_at.lock().unwrap() = passed.saturating_add(more);
    }
}

fn refusal(status: u16) -> ApiError {
    ApiError { status, code: None, message: "no".into(), request_id: Some("req-9".into()) }
}

impl Cloud {
    fn new(script: Script, truth: &[(&str, &str)]) -> Self {
        let mut members = Truth::new();
        for (image, ids) in truth {
            let ids =
                ids.chars().map(|id| (Member::project(id.to_string()), MemberStatus::Accepted));
            members.insert((*image).into(), ids.collect());
        }
        Self {
            kind: CloudKind::Ims,
            limits: Limits::BATCH,
            truth: Mutex::new(members),
            script,
            sent: Mutex::default(),
            attempts: Mutex::default(),
            jobs: Mutex::default(),
            unreadable: Mutex::default(),
            foreign: BTreeSet::new(),
            reads: Mutex::default(),
            wire: Wire::default(),
            late: Mutex::default(),
            pages: Vec::new(),
        }
    }

    fn singles(mut self) -> Self {
        (self.kind, self.limits) = (CloudKind::Glance, Limits::SINGLE);
        self
    }

    fn carry_out(&self, (kind, batch): &Change, except: &str) {
        let mut truth = self.truth.lock().unwrap();
        for share in batch.shares().filter(|share| share.member.id.raw() != except) {
            let members = truth.get_mut(&share.image).unwrap();
            match kind {
                OperationKind::Revoke => drop(members.remove(&share.member)),
                OperationKind::Share => {
                    drop(members.insert(share.member, MemberStatus::Pending));
                }
                answer => *members.get_mut(&share.member).unwrap() = answer.status().unwrap(),
            }
        }
    }

    fn job_for(&self, change: Change) -> Accepted {
        let mut jobs = self.jobs.lock().unwrap();
        let id = JobId(format!("job-{}", jobs.len()).into());
        jobs.insert(id.clone(), (0, change));
        Accepted { job: Some(id), request_id: Some("req-1".into()) }
    }

    fn left(&self) -> Vec<String> {
        let truth = self.truth.lock().unwrap();
        let pairs = |(image, members): (&ImageId, &BTreeMap<Member, MemberStatus>)| {
            members.keys().map(|m| format!("{image}{}", m.id)).collect::<Vec<_>>()
        };
        truth.iter().flat_map(pairs).collect()
    }
}

fn image(id: &str, owner: &str) -> Image {
    Image {
        owner: Some(ProjectId(owner.into())),
        visibility: Visibility::Shared,
        ..Image::bare(id.into())
    }
}

#[async_trait]
impl ImageCloud for Cloud {
    fn kind(&self) -> CloudKind {
        self.kind
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn works_by_jobs(&self) -> bool {
        self.kind == CloudKind::Ims
    }

    fn listings(&self, _received: bool) -> Vec<Listing> {
        vec![Listing::Owned]
    }

    async fn images(
        &self,
        _listing: Listing,
        page: Option<&PageMark>,
    ) -> Result<Page<Image>, CloudError> {
        assert!(!matches!(self.script, Script::Bug), "a bug for a test");
        let at = page.map_or(0, |mark| mark.0.parse().unwrap());
        let Some((ids, next)) = self.pages.get(at).cloned() else {
            return Err(AuthError::new(Blame::Secret, "wrong password", "check it").into());
        };
        let items = ids.into_iter().map(|id| image(id, "me")).collect();
        Ok(Page { items, unreadable: None, next: next.map(|mark| PageMark(mark.into())) })
    }

    async fn image(&self, id: &ImageId) -> Result<Image, CloudError> {
        let owner = if self.foreign.contains(id) { "somebody" } else { "me" };
        let there = self.truth.lock().unwrap().contains_key(id) || self.foreign.contains(id);
        if there { Ok(image(id.raw(), owner)) } else { Err(CloudError::NotFound(refusal(404))) }
    }

    fn members_apply(&self, _image: &Image) -> bool {
        true
    }

    async fn members(
        &self,
        image: &ImageId,
        _page: Option<&PageMark>,
    ) -> Result<Page<Membership>, CloudError> {
        self.wire.pass().await;
        let answer = self.members_now(image);
        self.wire.pass().await;
        answer
    }

    async fn change(
        &self,
        kind: OperationKind,
        batch: &Batch,
        _stop: &CancellationToken,
    ) -> Result<Accepted, CloudError> {
        self.wire.pass().await;
        let answer = self.change_now((kind, batch.clone()));
        self.wire.pass().await;
        answer
    }

    async fn job(&self, id: &JobId) -> Result<JobReport, CloudError> {
        self.wire.pass().await;
        let answer = self.job_now(id);
        self.wire.pass().await;
        answer
    }
}

impl Cloud {
    fn members_now(&self, image: &ImageId) -> Result<Page<Membership>, CloudError> {
        self.reads.lock().unwrap().push(image.clone());
        let late = self.late.lock().unwrap();
        late.iter()
            .filter(|(at, _)| *at <= Instant::now())
            .for_each(|(_, change)| self.carry_out(change, ""));
        if self.unreadable.lock().unwrap().contains(image) {
            return Err(CloudError::Forbidden(refusal(403)));
        }
        let truth = self.truth.lock().unwrap();
        let Some(members) = truth.get(image) else {
            return Err(CloudError::NotFound(refusal(404)));
        };
        let row = |(member, status): (&Member, &MemberStatus)| Membership {
            member: member.clone(),
            status: status.clone(),
            created_at: None,
            updated_at: None,
        };
        Ok(Page { items: members.iter().map(row).collect(), unreadable: None, next: None })
    }

    fn change_now(&self, change: Change) -> Result<Accepted, CloudError> {
        let done = Accepted { job: None, request_id: None };
        let too_many =
            |pause| Err(CloudError::Throttled { refusal: refusal(429), retry_after: Some(pause) });
        let attempts = {
            let mut attempts = self.attempts.lock().unwrap();
            *attempts += 1;
            *attempts
        };
        match self.script {
            Script::TooMany(times) if attempts <= times => return too_many(Duration::from_secs(3)),
            Script::OneThenComeBack(pause) if attempts > 1 => return too_many(pause),
            Script::Bug => panic!("a bug for a test"),
            _ => {}
        }
        self.sent.lock().unwrap().push(change.1.clone());
        match self.script {
            Script::Job(_) | Script::JobLeaving(..) => Ok(self.job_for(change)),
            Script::ComeBack(pause) => too_many(pause),
            Script::LostBefore => Err(CloudError::Lost("reset".into())),
            Script::RefuseAfter(status) => {
                self.carry_out(&change, "");
                Err(match status {
                    401 => CloudError::Unauthorized(refusal(401)),
                    403 => CloudError::Forbidden(refusal(403)),
                    404 => CloudError::Needless(refusal(404)),
                    429 => {
                        let retry_after = Some(Duration::from_hours(9));
                        CloudError::Throttled { refusal: refusal(429), retry_after }
                    }
                    _ => CloudError::Answered(refusal(status)),
                })
            }
            Script::Unreachable => {
                self.carry_out(&change, "");
                Err(CloudError::Unreachable("connection refused".into()))
            }
            Script::Refuse(403) => Err(CloudError::Forbidden(refusal(403))),
            Script::Refuse(404) => Err(CloudError::Needless(refusal(404))),
            Script::Refuse(status) => Err(CloudError::Answered(refusal(status))),
            Script::LostAfter => {
                self.carry_out(&change, "");
                Err(CloudError::Lost("reset".into()))
            }
            Script::LostLate(delay) => {
                self.late.lock().unwrap().push((Instant::now() + delay, change));
                Err(CloudError::Lost("reset".into()))
            }
            Script::AtOnce | Script::TooMany(_) | Script::OneThenComeBack(_) | Script::Bug => {
                self.carry_out(&change, "");
                Ok(done)
            }
        }
    }

    fn job_now(&self, id: &JobId) -> Result<JobReport, CloudError> {
        let (words, ready) = match &self.script {
            Script::Job(words) => (*words, ""),
            Script::JobLeaving(words, ready) => (*words, *ready),
            _ => return Err(CloudError::NotFound(refusal(404))),
        };
        let mut jobs = self.jobs.lock().unwrap();
        let (asked, change) = jobs.get_mut(id).unwrap();
        let word = words[(*asked).min(words.len() - 1)];
        *asked += 1;
        match word {
            "503" => return Err(CloudError::Answered(refusal(503))),
            "429" => {
                let retry_after = Some(Duration::from_mins(1));
                return Err(CloudError::Throttled { refusal: refusal(429), retry_after });
            }
            "404" => return Err(CloudError::NotFound(refusal(404))),
            "SUCCESS" => self.carry_out(change, ready),
            _ => {}
        }
        let failed = word == "FAIL";
        Ok(JobReport {
            status: JobStatus::from(Text::from(word)),
            error_code: failed.then(|| "IMG.0113".into()),
            fail_reason: failed.then(|| "quota service down".into()),
            begin_time: None,
            end_time: None,
            progress: None,
            raw: "{}".into(),
            request_id: None,
        })
    }
}

struct Fixed(Arc<Cloud>);

#[async_trait]
impl Connector for Fixed {
    async fn choices(&self) -> Result<(Vec<CloudChoice>, Option<String>), Failure> {
        Ok((Vec::new(), None))
    }

    async fn open(&self, _: &Target) -> Result<Connected, Refused> {
        let scope = scope(&self.0);
        let directory = Directory::none("this cloud is a test");
        let cloud = self.0.clone();
        Ok(Connected {
            scope,
            cloud,
            directory,
            concurrency: 16,
            regions: Vec::new(),
            remarks: Vec::new(),
        })
    }
}

fn scope(cloud: &Cloud) -> Scope {
    Scope {
        cloud: "fake".into(),
        region: None,
        kind: cloud.kind,
        project_id: ProjectId("me".into()),
        project_name: None,
        user: None,
        endpoint: "http://fake".into(),
        protected: false,
        read_only: false,
        tls_verified: true,
        encrypted: true,
    }
}

/// A login to the scripted cloud. Dropping the engine ends its tasks.
async fn open(cloud: &Arc<Cloud>) -> (Engine, Session) {
    open_with(cloud, None).await
}

async fn open_with(cloud: &Arc<Cloud>, journal: Option<Journal>) -> (Engine, Session) {
    let journal = journal.map(|journal| LazyJournal::Open(Box::new(journal)));
    let engine = Engine::with(Arc::new(Fixed(cloud.clone())), PollTimes::default(), journal);
    let session = engine.open(Target::default()).await.unwrap();
    (engine, session)
}

fn marks(pairs: &[&str]) -> Marks {
    let share =
        |pair: &&str| Share { image: pair[..1].into(), member: Member::project(&pair[1..]) };
    pairs.iter().map(share).collect()
}

fn confirmed(cloud: &Cloud, pairs: &[&str]) -> Confirmed {
    confirmed_to(OperationKind::Revoke, cloud, pairs)
}

fn confirmed_to(kind: OperationKind, cloud: &Cloud, pairs: &[&str]) -> Confirmed {
    let plan = Plan::cover(kind, marks(pairs), cloud.limits);
    let answer = plan.shares().to_string();
    plan.confirm(&answer).unwrap()
}

/// Revokes the pairs and returns the operation with its first receipt.
async fn revoke(cloud: &Arc<Cloud>, pairs: &[&str]) -> Operation {
    carry_out(OperationKind::Revoke, cloud, pairs).await
}

async fn carry_out(kind: OperationKind, cloud: &Arc<Cloud>, pairs: &[&str]) -> Operation {
    let (_engine, session) = open(cloud).await;
    let mut running = session.carry_out(confirmed_to(kind, cloud, pairs)).await.unwrap();
    receipt(&mut running).await;
    running.operation
}

/// The next step, already applied.
async fn step(running: &mut Running) -> Step {
    loop {
        if let OperationEvent::Step(step) = running.next().await.unwrap() {
            running.operation.apply(step.clone());
            return step;
        }
    }
}

/// Returns when the operation has a receipt, final or provisional.
async fn receipt(running: &mut Running) {
    while !step(running).await.makes_receipt() {}
}

fn outcomes(operation: &Operation) -> Vec<(String, Outcome)> {
    let of = |s: &domain::operation::ShareRecord| {
        (format!("{}{}", s.share.image, s.share.member.id), s.outcome.unwrap())
    };
    operation.shares.iter().map(of).collect()
}

fn all(outcome: Outcome, pairs: &[&str]) -> Vec<(String, Outcome)> {
    pairs.iter().map(|pair| ((*pair).to_string(), outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn exactly_the_marked_shares_go_and_the_receipt_says_so() {
    let cloud = Arc::new(Cloud::new(
        Script::Job(&["INIT", "RUNNING", "SUCCESS"]),
        &[("a", "xyz"), ("b", "xyz"), ("c", "x")],
    ));

    let operation = revoke(&cloud, &["ax", "by"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax", "by"]));
    assert_eq!(cloud.left(), ["ay", "az", "bx", "bz", "cx"]);
    assert_eq!(operation.requests[0].request_id, Some("req-1".into()));
    assert!(operation.is_complete());
}

#[tokio::test(start_paused = true)]
async fn no_request_names_a_pair_that_is_not_marked() {
    let cloud = Arc::new(Cloud::new(
        Script::Job(&["SUCCESS"]),
        &[("a", "xyz"), ("b", "xyz"), ("c", "xyz")],
    ));
    let pairs = ["ax", "ay", "by", "cx", "cz"];

    revoke(&cloud, &pairs).await;

    let named: Vec<Share> =
        cloud.sent.lock().unwrap().iter().flat_map(|b| b.shares().collect::<Vec<_>>()).collect();
    assert_eq!(named.len(), pairs.len());
    assert_eq!(named.into_iter().collect::<Marks>(), marks(&pairs));
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_is_gone_is_left_out_of_every_request_and_reported() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["SUCCESS"]), &[("a", "y"), ("b", "xy")]));

    let operation = revoke(&cloud, &["ax", "ay", "bx", "by"]).await;

    let mut expected = all(Outcome::Done, &["ax", "ay", "bx", "by"]);
    expected[0].1 = Outcome::Needless;
    assert_eq!(outcomes(&operation), expected);
    let sent = cloud.sent.lock().unwrap();
    assert!(
        !sent.iter().flat_map(Batch::shares).any(|s| marks(&["ax"]).contains(&s.image, &s.member))
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_every_mark_is_gone() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["SUCCESS"]), &[("a", "y")]));

    let operation = revoke(&cloud, &["ax", "az"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Needless, &["ax", "az"]));
    assert!(cloud.sent.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_for_an_image_that_is_not_found_and_nobody_knows_who_has_access_to_it() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["SUCCESS"]), &[("a", "y")]));

    let operation = revoke(&cloud, &["zx"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Unknown, &["zx"]));
    assert!(cloud.sent.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_for_an_image_whose_members_cannot_be_read() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["SUCCESS"]), &[("a", "x"), ("b", "x")]));
    cloud.unreadable.lock().unwrap().insert("a".into());

    let operation = revoke(&cloud, &["ax", "bx"]).await;

    assert_eq!(operation.count(Outcome::Unknown), 1);
    assert_eq!(operation.count(Outcome::Done), 1);
    assert_eq!(cloud.left(), ["ax"]);
}

#[tokio::test(start_paused = true)]
async fn success_with_a_share_that_stays_is_not_a_success() {
    let cloud =
        Arc::new(Cloud::new(Script::JobLeaving(&["RUNNING", "SUCCESS"], "y"), &[("a", "xy")]));

    let operation = revoke(&cloud, &["ax", "ay"]).await;

    assert_eq!(outcomes(&operation)[0].1, Outcome::Done);
    assert_eq!(outcomes(&operation)[1].1, Outcome::Failed);
    assert!(!operation.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_tells_why_and_its_shares_are_read_again() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["RUNNING", "FAIL"]), &[("a", "x")]));

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Failed, &["ax"]));
    let error = operation.shares[0].error.as_ref().unwrap().to_string();
    assert!(error.contains("IMG.0113") && error.contains("quota service down"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_poll_is_not_a_failed_job() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["503", "404", "503", "SUCCESS"]), &[("a", "x")]));

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax"]));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_status_word_is_followed_on() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["PAUSED", "Success"]), &[("a", "x")]));
    // "Success" in another case is success, but this script carries out only the upper-case word.
    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(operation.requests[0].state, RequestState::Done);
    assert_eq!(outcomes(&operation), all(Outcome::Failed, &["ax"]));
}

#[tokio::test(start_paused = true)]
async fn a_job_the_cloud_forgot_is_judged_by_the_members() {
    let cloud = Arc::new(Cloud::new(Script::Job(&["404"]), &[("a", "x")]));

    let operation = revoke(&cloud, &["ax"]).await;

    assert!(matches!(operation.requests[0].state, RequestState::Lost { .. }));
    assert_eq!(outcomes(&operation), all(Outcome::Failed, &["ax"]));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_stays_running_is_reported_after_the_limit_and_watched_until_it_ends() {
    let mut words = vec!["RUNNING"; 60];
    words.push("SUCCESS");
    let cloud = Arc::new(Cloud::new(Script::Job(words.leak()), &[("a", "x")]));
    let (_engine, session) = open(&cloud).await;
    let began = Instant::now();
    let mut running = session.carry_out(confirmed(&cloud, &["ax"])).await.unwrap();

    receipt(&mut running).await;
    let overdue = &running.operation;
    assert_eq!(overdue.requests[0].state, RequestState::Watched);
    assert_eq!(outcomes(overdue), all(Outcome::Unknown, &["ax"]));
    let why = overdue.shares[0].error.as_ref().unwrap().to_string();
    assert_eq!(why, "job job-0 is still RUNNING");
    assert!(overdue.is_open() && overdue.ended_at.is_none());
    assert!(began.elapsed() >= Duration::from_mins(5));
    assert!(began.elapsed() < Duration::from_mins(6));

    receipt(&mut running).await;
    let ended = &running.operation;
    assert_eq!(outcomes(ended), all(Outcome::Done, &["ax"]));
    assert!(!ended.is_open() && ended.ended_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_never_followed_by_a_second_request() {
    for (script, outcome) in
        [(Script::LostAfter, Outcome::Done), (Script::LostBefore, Outcome::Failed)]
    {
        let cloud = Arc::new(Cloud::new(script, &[("a", "x")]));

        let operation = revoke(&cloud, &["ax"]).await;

        assert_eq!(outcomes(&operation), all(outcome, &["ax"]));
        assert_eq!(cloud.sent.lock().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_id_was_lost_is_given_a_minute_before_its_shares_count_as_still_there() {
    let late = Duration::from_secs(50);
    let cloud = Arc::new(Cloud::new(Script::LostLate(late), &[("a", "x")]));

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax"]));
    assert_eq!(cloud.sent.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_late_effect_is_announced_and_ends_when_the_user_says_stop() {
    let mut cloud = Cloud::new(Script::LostBefore, &[("a", "xy")]);
    // A stop that is said at the answer is heard before the members are read again.
    cloud.wire.lag = Duration::from_millis(100);
    let cloud = Arc::new(cloud);
    for stopped_before in [false, true] {
        let pair = if stopped_before { "ay" } else { "ax" };
        let (_engine, session) = open(&cloud).await;
        let mut running = session.carry_out(confirmed(&cloud, &[pair])).await.unwrap();
        let (mut waits, began) = (Vec::new(), Instant::now());
        while running.operation.is_open() {
            match step(&mut running).await {
                Step::Rejected { .. } if stopped_before => running.stop_handle().stop_sending(),
                Step::Waiting { shares, until } => {
                    assert_eq!(shares, 1);
                    waits.push(until.seconds_since(now()));
                    if waits.len() == 3 {
                        running.stop_handle().stop_sending();
                    }
                }
                _ => {}
            }
        }
        assert!((62..=63).contains(&waits[0]) && (58..=60).contains(&waits[2]), "{waits:?}");
        assert_eq!(waits.len(), 3, "the stop ends the wait, an earlier one does not");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        assert_eq!(outcomes(&running.operation), all(Outcome::Failed, &[pair]));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_server_is_a_lost_answer_and_not_a_refusal() {
    let cloud = Arc::new(Cloud::new(Script::Refuse(502), &[("a", "x")]));

    let operation = revoke(&cloud, &["ax"]).await;

    assert!(matches!(operation.requests[0].state, RequestState::Lost { .. }));
    assert_eq!(cloud.sent.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_with_the_cloud_s_words_and_request_id() {
    let cloud = Arc::new(Cloud::new(Script::Refuse(403), &[("a", "x")]));

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Failed, &["ax"]));
    let error = operation.shares[0].error.as_ref().unwrap().to_string();
    assert!(error.contains("not allowed") && error.contains("req-9"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_an_error_answer_did_all_the_same_is_ours_and_can_be_undone() {
    use OperationKind::{Accept, Reject, Revoke, Share as Sharing};
    for status in [400, 401, 403, 404, 409, 429] {
        for (kind, pair) in [(Revoke, "ax"), (Sharing, "ay"), (Reject, "ax")] {
            let cloud = Cloud::new(Script::RefuseAfter(status), &[("a", "x")]).singles();
            let operation = carry_out(kind, &Arc::new(cloud), &[pair]).await;
            assert_eq!(outcomes(&operation), all(Outcome::Done, &[pair]), "{kind} {status}");
            let note = operation.shares[0].error.as_ref().unwrap().to_string();
            assert!(note.contains("the answer was an error"), "{note}");
            assert_eq!(operation.inverse().is_some(), kind != Reject, "{kind} {status}");
        }
    }
    let cloud = Cloud::new(Script::RefuseAfter(404), &[("a", "x")]).singles();
    let status = MemberStatus::Pending;
    cloud.truth.lock().unwrap().get_mut(&"a".into()).unwrap().insert(Member::project("x"), status);
    let operation = carry_out(Accept, &Arc::new(cloud), &["ax"]).await;
    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax"]));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_left_did_nothing() {
    let cloud = Arc::new(Cloud::new(Script::Unreachable, &[("a", "x")]).singles());

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Needless, &["ax"]));
    assert_eq!(operation.requests[0].sent_at, None);
    assert_eq!(operation.inverse(), None);
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_is_answered_with_patience() {
    let cloud = Arc::new(Cloud::new(Script::TooMany(2), &[("a", "x")]).singles());
    let began = Instant::now();

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax"]));
    assert_eq!(cloud.sent.lock().unwrap().len(), 1);
    assert!(began.elapsed() >= Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_a_year_is_not_waited_for_and_the_receipt_tells_it() {
    for pause in [Duration::from_hours(365 * 24), Duration::from_secs(u64::MAX)] {
        let cloud = Arc::new(Cloud::new(Script::ComeBack(pause), &[("a", "x")]));
        let began = Instant::now();

        let operation = revoke(&cloud, &["ax"]).await;

        assert_eq!(outcomes(&operation), all(Outcome::Failed, &["ax"]));
        assert_eq!(cloud.sent.lock().unwrap().len(), 1);
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_cloud_without_batches_gets_one_request_a_share() {
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[("a", "xy"), ("b", "xy")]).singles());

    let operation = revoke(&cloud, &["ax", "ay", "bx"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax", "ay", "bx"]));
    assert_eq!(cloud.sent.lock().unwrap().len(), 3);
    assert_eq!(cloud.left(), ["by"]);
}

#[tokio::test(start_paused = true)]
async fn an_absent_member_of_somebody_elses_image_is_unknown() {
    let mut cloud = Cloud::new(Script::Job(&["SUCCESS"]), &[("a", "y")]);
    cloud.foreign.insert("a".into());

    let operation = revoke(&Arc::new(cloud), &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Unknown, &["ax"]));
}

#[tokio::test(start_paused = true)]
async fn two_batches_that_name_one_image_are_never_under_way_together() {
    let mut cloud = Cloud::new(Script::Job(&["RUNNING", "SUCCESS"]), &[("a", "wxyz")]);
    cloud.limits = Limits { images: 1, members: 2 };
    let cloud = Arc::new(cloud);
    let (_engine, session) = open(&cloud).await;
    let mut running =
        session.carry_out(confirmed(&cloud, &["aw", "ax", "ay", "az"])).await.unwrap();

    let (mut under_way, mut most) = (0_i32, 0);
    loop {
        match step(&mut running).await {
            Step::Sending { .. } => under_way += 1,
            Step::Polled { report, .. } if report.status.is_final() => under_way -= 1,
            Step::Finished { .. } => break,
            _ => {}
        }
        most = most.max(under_way);
    }
    assert_eq!((most, cloud.sent.lock().unwrap().len()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn stopping_before_anything_was_sent_sends_nothing_and_gives_a_receipt() {
    let mut cloud = Cloud::new(Script::Job(&["SUCCESS"]), &[("a", "xy")]);
    cloud.wire.lag = Duration::from_secs(1);
    let cloud = Arc::new(cloud);
    let (_engine, session) = open(&cloud).await;
    let mut running = session.carry_out(confirmed(&cloud, &["ax", "ay"])).await.unwrap();

    running.stop_handle().stop_sending();
    receipt(&mut running).await;
    let operation = running.operation;

    assert_eq!(outcomes(&operation), all(Outcome::Failed, &["ax", "ay"]));
    assert!(cloud.sent.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn stopping_sends_nothing_more_and_still_gives_a_receipt() {
    let mut cloud = Cloud::new(Script::Job(&["RUNNING", "RUNNING", "SUCCESS"]), &[("a", "wxyz")]);
    cloud.limits = Limits { images: 1, members: 2 };
    let cloud = Arc::new(cloud);
    let (_engine, session) = open(&cloud).await;
    let mut running =
        session.carry_out(confirmed(&cloud, &["aw", "ax", "ay", "az"])).await.unwrap();

    while running.operation.requests.iter().all(|r| r.state != RequestState::Following) {
        step(&mut running).await;
    }
    running.stop_handle().stop_sending();
    receipt(&mut running).await;
    let operation = running.operation;

    assert_eq!(operation.count(Outcome::Done), 2);
    assert_eq!(operation.count(Outcome::Failed), 2);
    assert_eq!(cloud.sent.lock().unwrap().len(), 1);
}

/// Forty images that are each shared with `x`, on a cloud that takes one change and then asks for half a minute's pause.
fn forty_shares() -> (Cloud, Vec<String>) {
    let images: Vec<char> = ('A'..='Z').chain('a'..='n').collect();
    let names: Vec<String> = images.iter().map(char::to_string).collect();
    let truth: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let cloud = Cloud::new(Script::OneThenComeBack(Duration::from_secs(30)), &truth);
    (cloud, names.iter().map(|name| format!("{name}x")).collect())
}

/// Clouds that take one share with a request, and such as take a few.
fn forty_shares_on_both_kinds() -> [(Cloud, Vec<String>); 2] {
    let ((singles, pairs), (mut by_jobs, marked)) = (forty_shares(), forty_shares());
    by_jobs.limits = Limits { images: 2, members: 1 };
    [(singles.singles(), pairs), (by_jobs, marked)]
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_no_request_leaves_that_waited_for_a_pause_of_the_cloud() {
    for (cloud, pairs) in forty_shares_on_both_kinds() {
        let kind = cloud.kind;
        let cloud = Arc::new(cloud);
        let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
        let (_engine, session) = open(&cloud).await;
        let mut running = session.carry_out(confirmed(&cloud, &pairs)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let attempts = *cloud.attempts.lock().unwrap();
        assert!(
            attempts > 1 && attempts < pairs.len(),
            "{kind:?}: {attempts} arrived before the stop"
        );

        running.stop_handle().stop_sending();
        receipt(&mut running).await;
        let operation = running.operation;

        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(*cloud.attempts.lock().unwrap(), attempts, "{kind:?}: sent after the stop");
        let done = operation.count(Outcome::Done);
        assert_eq!(pairs.len() - done, cloud.left().len(), "{kind:?}");
        let stopped = |request: &&RequestRecord| request.state == RequestState::Stopped;
        let stopped = operation.requests.iter().filter(stopped);
        let unsent: usize = stopped.map(|request| request.batch.share_count()).sum();
        assert_eq!(done + unsent, pairs.len(), "{kind:?}: all others count as not sent");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_quit_no_request_leaves_that_waited_for_a_pause_of_the_cloud() {
    for (cloud, pairs) in forty_shares_on_both_kinds() {
        let kind = cloud.kind;
        let cloud = Arc::new(cloud);
        let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
        let (engine, session) = open(&cloud).await;
        session.carry_out(confirmed(&cloud, &pairs)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let attempts = *cloud.attempts.lock().unwrap();
        assert!(attempts > 1, "{kind:?}: {attempts} arrived before the quit");

        engine.shut_down(Duration::from_mins(1)).await;

        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(*cloud.attempts.lock().unwrap(), attempts, "{kind:?}: sent after the quit");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_any_more_once_the_program_has_let_go_of_the_engine() {
    let (cloud, pairs) = forty_shares();
    let cloud = Arc::new(cloud.singles());
    let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
    let (engine, session) = open(&cloud).await;
    session.carry_out(confirmed(&cloud, &pairs)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let attempts = *cloud.attempts.lock().unwrap();

    drop(engine);

    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(*cloud.attempts.lock().unwrap(), attempts);
}

async fn read_all(cloud: Cloud) -> (Vec<String>, Option<usize>, Vec<Failure>) {
    let cloud = Arc::new(cloud);
    let (_engine, session) = open(&cloud).await;
    let mut reads = session.read(Wanted::All { received: false });
    let (mut images, mut listed, mut trouble) = (Vec::new(), None, Vec::new());
    loop {
        match reads.next().await.unwrap() {
            ReadEvent::Images(page) => images.extend(page.iter().map(|i| i.id.to_string())),
            ReadEvent::Listed { present, failures } => {
                (listed, trouble) = (present.map(|ids| ids.len()), failures);
            }
            ReadEvent::Ended => return (images, listed, trouble),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_page_of_a_list_is_read_and_an_image_on_two_pages_counts_once() {
    let mut cloud = Cloud::new(Script::AtOnce, &[("a", "x"), ("b", ""), ("c", "")]);
    cloud.pages = vec![(vec!["a", "b"], Some("1")), (vec!["b", "c"], Some("2")), (vec![], None)];

    let (images, listed, failures) = read_all(cloud).await;

    assert_eq!(images, ["a", "b", "c"]);
    assert_eq!((listed, failures.len()), (Some(3), 0));
}

#[tokio::test(start_paused = true)]
async fn pages_that_hold_nothing_of_a_list_do_not_end_it() {
    let mut cloud = Cloud::new(Script::AtOnce, &[("a", ""), ("b", "")]);
    let nothing = |next| (vec![], Some(next));
    cloud.pages = vec![nothing("1"), (vec!["a"], Some("2")), nothing("3"), nothing("4")];
    cloud.pages.push((vec!["b"], None));

    let (images, listed, failures) = read_all(cloud).await;

    assert_eq!((images, listed), (vec!["a".to_owned(), "b".into()], Some(2)));
    assert_eq!(failures, []);
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_pages_repeat_ends_and_is_known_to_be_incomplete() {
    let mut cloud = Cloud::new(Script::AtOnce, &[("a", ""), ("b", "")]);
    cloud.pages = vec![(vec!["a"], Some("1")), (vec!["b"], Some("0"))];

    let (images, listed, failures) = read_all(cloud).await;

    assert_eq!(images, ["a", "b"]);
    assert_eq!(listed, None);
    assert!(failures[0].to_string().contains("do not end"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_because_the_login_is_refused_ends_the_session() {
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[]));
    let (_engine, session) = open(&cloud).await;
    let mut reads = session.read(Wanted::All { received: false });
    let mut ended = Vec::new();
    loop {
        match reads.next().await.unwrap() {
            ReadEvent::SessionEnded(failure) => ended.push(failure.what),
            ReadEvent::Ended => break,
            _ => {}
        }
    }
    assert_eq!(ended, ["list the project's images"]);
}

fn states_before_and_after(operation: &Operation) -> Vec<(String, String)> {
    let word = |seen: &Option<Seen>| seen.as_ref().map_or("?".into(), ToString::to_string);
    operation.shares.iter().map(|share| (word(&share.before), word(&share.after))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_revoked_is_shared_again_and_comes_back_as_pending() {
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[("a", "xy")]).singles());
    let revoked = revoke(&cloud, &["ax", "ay", "az"]).await;
    assert_eq!(
        states_before_and_after(&revoked)[0],
        ("accepted".to_string(), "absent".to_string())
    );
    let (kind, marks) = revoked.inverse().unwrap();
    assert_eq!(marks.len(), 2);
    // Somebody shares one of them again before the undo.
    cloud
        .truth
        .lock()
        .unwrap()
        .get_mut(&"a".into())
        .unwrap()
        .insert(Member::project("y"), MemberStatus::Accepted);

    let undone = carry_out(kind, &cloud, &["ax", "ay"]).await;

    let expected = [("ax".to_string(), Outcome::Done), ("ay".to_string(), Outcome::Needless)];
    assert_eq!(outcomes(&undone), expected);
    assert_eq!(
        states_before_and_after(&undone),
        [("absent".into(), "pending".into()), ("accepted".into(), "accepted".into())]
    );
    assert_eq!(cloud.left(), ["ax", "ay"]);

    let (kind, marks) = undone.inverse().unwrap();
    assert_eq!((kind, marks.len()), (OperationKind::Revoke, 1));
    carry_out(kind, &cloud, &["ax"]).await;
    assert_eq!(cloud.left(), ["ay"]);
}

#[tokio::test(start_paused = true)]
async fn sharing_by_a_job_is_verified_like_revoking() {
    const WEB: &str = "9c61004714024f9589fa21bdbc96ad13";
    for (words, outcome) in
        [(&["RUNNING", "SUCCESS"][..], Outcome::Done), (&["RUNNING", "FAIL"][..], Outcome::Failed)]
    {
        let cloud = Arc::new(Cloud::new(Script::Job(words), &[("a", "x"), ("b", "x")]));
        let pairs = [format!("a{WEB}"), format!("b{WEB}")];
        let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
        let operation = carry_out(OperationKind::Share, &cloud, &pairs).await;
        assert_eq!(outcomes(&operation), all(outcome, &pairs));
        assert_eq!(cloud.sent.lock().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_with_an_image_that_is_gone_or_not_ours_or_with_oneself_is_not_sent() {
    let mut cloud = Cloud::new(Script::AtOnce, &[("a", "x"), ("b", "x")]).singles();
    cloud.foreign.insert("b".into());
    let cloud = Arc::new(cloud);

    let operation = carry_out(OperationKind::Share, &cloud, &["ame", "ay", "by", "qy"]).await;

    let failed: Vec<_> = operation
        .shares
        .iter()
        .filter_map(|it| it.error.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(operation.count(Outcome::Failed), 3, "{failed:?}");
    assert_eq!(operation.count(Outcome::Done), 1);
    assert_eq!(cloud.sent.lock().unwrap().len(), 1);
    assert!(failed[0].contains("own project"), "{failed:?}");
    assert!(failed[1].contains("only its owner"), "{failed:?}");
    assert!(failed[2].contains("is not found"), "{failed:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_true_only_when_the_list_says_so() {
    for (script, outcome) in
        [(Script::AtOnce, Outcome::Done), (Script::LostBefore, Outcome::Failed)]
    {
        let cloud = Arc::new(Cloud::new(script, &[("a", "m")]).singles());
        let operation = carry_out(OperationKind::Reject, &cloud, &["am"]).await;
        assert_eq!(outcomes(&operation), all(outcome, &["am"]));
    }
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[("a", "m")]).singles());
    let operation = carry_out(OperationKind::Accept, &cloud, &["am", "bm"]).await;
    assert_eq!(operation.count(Outcome::Needless), 1);
    assert_eq!(operation.count(Outcome::Failed), 1);
    assert!(cloud.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn saved_filters_are_in_the_journal_and_without_one_none_is_saved() {
    let place = tempfile::tempdir().unwrap();
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[]));
    let engine =
        |journal| Engine::new(Arc::new(Fixed(cloud.clone())), PollTimes::default(), journal);
    let journal = || Some(place.path().join("sharelock.db"));
    let save =
        async |engine: Engine| engine.save_filter("web".into(), Some("member:web".into())).await;
    let saved = [SavedFilter { name: "web".into(), words: "member:web".into() }];

    assert_eq!(save(engine(journal())).await.unwrap(), saved);
    assert_eq!(engine(journal()).filters().await.unwrap(), saved);
    assert!(save(engine(None)).await.unwrap_err().to_string().contains("--no-journal"));
    assert_eq!(engine(None).filters().await.unwrap(), []);
}

/// Logins with another `concurrency`.
struct AtMost(usize, Configured);

#[async_trait]
impl Connector for AtMost {
    async fn choices(&self) -> Result<(Vec<CloudChoice>, Option<String>), Failure> {
        self.1.choices().await
    }

    async fn open(&self, target: &Target) -> Result<Connected, Refused> {
        Ok(Connected { concurrency: self.0, ..self.1.open(target).await? })
    }
}

#[tokio::test]
async fn a_scope_has_no_more_requests_under_way_than_configured_whatever_it_does() {
    use cloud::config::Clouds;
    use demo_cloud::{Demo, Options};
    const MOST: usize = 2;
    for (name, singles) in [("demo-ims", false), ("demo-glance", true)] {
        let latency = Duration::from_millis(2)..Duration::from_millis(6);
        let demo = Demo::start(Options { latency, ..Options::plain(40, 9) }).await.unwrap();
        let clouds = Clouds::from_yaml_text(&demo.clouds_yaml(), "demo").unwrap();
        let connector = Configured::new(async { Ok(clouds) }, Preference::default());
        let poll_times = PollTimes { first: Duration::from_millis(5), ..PollTimes::default() };
        let engine = Engine::new(Arc::new(AtMost(MOST, connector)), poll_times, None);
        let target = Target { cloud: Some(name.into()), ..Target::default() };
        // A second login to the same scope shares the limit of the first.
        let session = engine.open(target.clone()).await.unwrap();
        let second = engine.open(target).await.unwrap();
        let limits = session.limits();
        demo.forget_requests();
        let shares: Vec<Share> = demo.world().shares().into_iter().collect();
        let (one, other) = shares.split_at(shares.len() / 2);
        let plan = |shares: &[Share], step: usize| {
            let marks: Marks = shares.iter().step_by(step).cloned().collect();
            let plan = Plan::cover(OperationKind::Revoke, marks, limits);
            let answer = plan.shares().to_string();
            plan.confirm(&answer).unwrap()
        };
        assert_eq!(limits == Limits::SINGLE, singles);

        let read = async {
            let mut reads = session.read(Wanted::All { received: true });
            while !matches!(reads.next().await.unwrap(), ReadEvent::Ended) {}
        };
        let carry_out = async |session: &Session, shares| {
            receipt(&mut session.carry_out(plan(shares, 3)).await.unwrap()).await;
        };
        tokio::join!(
            carry_out(&session, one),
            carry_out(&second, other),
            read,
            session.names().collect::<Vec<_>>(),
            session.projects(),
        )
        .4
        .unwrap();

        assert!(demo.requests().len() > 50);
        assert_eq!(demo.most_at_once(), MOST, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_poll_heeds_retry_after_and_slows_the_scope() {
    let words = &["429", "SUCCESS"];
    let cloud = Arc::new(Cloud::new(Script::Job(words), &[("a", "x")]));
    let began = Instant::now();

    let operation = revoke(&cloud, &["ax"]).await;

    assert_eq!(outcomes(&operation), all(Outcome::Done, &["ax"]));
    assert!(began.elapsed() >= Duration::from_secs(1 + 60), "{:?}", began.elapsed());
}

/// The program's own mistakes are not shown in the middle of the tests.
fn panic_quietly() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.to_string().contains("a bug for a test") {
            report(panic);
        }
    }));
}

#[tokio::test]
async fn an_operation_whose_task_panics_is_unfinished_and_said_so() {
    panic_quietly();
    let place = tempfile::tempdir().unwrap();
    let journal = Journal::open(&place.path().join("sharelock.db")).unwrap();
    let cloud = Arc::new(Cloud::new(Script::Bug, &[("a", "x")]));
    let (engine, session) = open_with(&cloud, Some(journal)).await;
    let mut running = session.carry_out(confirmed(&cloud, &["ax"])).await.unwrap();
    let failure = loop {
        if let OperationEvent::Failed(failure) = running.next().await.unwrap() {
            break failure.to_string();
        }
    };
    let id = running.operation.id;
    assert!(failure.contains(&format!("sharelock jobs {id}")), "{failure}");

    let (unfinished, _) = engine.unfinished().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(unfinished[0].operation.id, id);
    assert_eq!(unfinished[0].followed_by, None, "free to be resumed");
}

#[tokio::test]
async fn a_reading_whose_task_panics_says_so() {
    panic_quietly();
    // There are no pages in this script.
    let cloud = Arc::new(Cloud::new(Script::Bug, &[("a", "x")]));
    let (_engine, session) = open(&cloud).await;
    let event = session.read(Wanted::All { received: false }).next().await;
    assert!(matches!(event, Some(ReadEvent::Failed(_))), "{event:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_for_a_request_that_does_not_exist_ends_no_task() {
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[("a", "x")]));
    let operation = revoke(&cloud, &["ax"]).await;
    let login =
        Login { scope: scope(&cloud), cloud: cloud.clone(), limiter: Arc::new(Limiter::new(4)) };
    let tasks = Tasks { tracker: TaskTracker::new(), quit: CancellationToken::new() };
    let context = Context { tasks, poll_times: PollTimes::default(), journal: None };
    let (mut operator, mut events) = Operator::from_operation(login, operation, context);
    let nowhere = 7;
    operator
        .on_completion(operate::Completion::Sent {
            request: nowhere,
            result: Ok(Accepted { job: None, request_id: None }),
        })
        .await;
    let gone = Err(CloudError::NotFound(refusal(404)));
    operator.on_completion(operate::Completion::Polled { request: nowhere, result: gone }).await;
    operator.send([nowhere].into()).await;
    assert!(events.recv().await.is_some());
}
