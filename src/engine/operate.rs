//! One operation from its confirmation to its receipt: read before, send once, follow, verify.
//!
//! One task owns the [`Operation`] and everything under way. Whatever happens becomes a [`Step`] and passes
//! through [`Operator::take`], the one place where a step is made durable before the next begins.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Event, Following, Ids, Login, Reading, members, now, patience, verify};
use crate::cloud::{Accepted, CloudError};
use crate::domain::operation::RequestState;
use crate::domain::{
    Batch, CloudKind, Confirmed, ImageId, JobId, JobReport, Operation, OperationId, OperationKind,
    Outcome, Share, Step, Text,
};

/// Batches under way at once on a cloud with jobs; no two of them name the same image.
const JOBS_AT_ONCE: usize = 4;
/// A request that the cloud refuses with "too many" was not carried out and is offered again this often.
const OFFERS: u32 = 5;
/// A cloud that says "no such job" this often in a row has forgotten it; a new job may be unknown at first.
const FORGOTTEN: u32 = 4;
/// Looks at a share that should be gone and is not.
const LOOKS: u32 = 3;

pub(super) struct Operator {
    login: Login,
    events: mpsc::Sender<Event>,
    /// Nothing more is sent. Following and verifying go on.
    stop: CancellationToken,
    /// The program ends: only answers to requests that have left are awaited.
    quit: CancellationToken,
    following: Following,
    operation: Operation,
    plan: Option<Confirmed>,
    flights: FuturesUnordered<BoxFuture<'static, Landed>>,
    chases: HashMap<usize, Chase>,
    busy: HashSet<ImageId>,
}

/// Something under way came back.
enum Landed {
    Sent {
        request: usize,
        result: Result<Accepted, CloudError>,
    },
    Polled {
        request: usize,
        result: Result<JobReport, CloudError>,
    },
    /// The program ends, and a job is left to itself.
    Abandoned,
}

/// The following of one job.
struct Chase {
    job: JobId,
    began: Instant,
    asked: u32,
    unknown: u32,
}

impl Operator {
    pub(super) fn new(
        login: Login,
        plan: Confirmed,
        events: mpsc::Sender<Event>,
        quit: CancellationToken,
        following: Following,
    ) -> Self {
        let started = now();
        let id = OperationId(format!("{:08x}-{:04x}", started.0 / 1000, fastrand::u16(..)));
        let marks = plan.plan().marks();
        let operation =
            Operation::new(id, OperationKind::Revoke, login.scope.clone(), marks, started);
        Self {
            login,
            events,
            stop: quit.child_token(),
            quit,
            following,
            operation,
            plan: Some(plan),
            flights: FuturesUnordered::new(),
            chases: HashMap::new(),
            busy: HashSet::new(),
        }
    }

    pub(super) fn id(&self) -> &OperationId {
        &self.operation.id
    }

    /// Cancelling it sends nothing more.
    pub(super) fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub(super) async fn run(mut self) {
        let started = Event::Started(Box::new(self.operation.clone()));
        let _ = self.events.send(started).await;
        let Some(plan) = self.plan.take() else { return };
        let Some(plan) = self.check(plan).await else { return };
        self.send(plan).await;
        if self.quit.is_cancelled() {
            return;
        }
        self.verify_and_finish().await;
        self.watch().await;
    }

    /// Folds a step into the operation and tells it. A journal writes the step down here, before anything
    /// that builds on it begins.
    async fn take(&mut self, step: Step) {
        self.operation.apply(step.clone());
        let event = Event::Step { operation: self.operation.id.clone(), step };
        // Fails only when nobody listens any more; the operation goes on to its end all the same.
        let _ = self.events.send(event).await;
    }

    async fn settle(&mut self, share: Share, (outcome, error): verify::End) {
        self.take(Step::Settled { share, outcome, error }).await;
    }

    // ── read before ──────────────────────────────────────────────────────────────────────────────

    /// Reads the members again and leaves out what cannot or need not be revoked. `None` when the program ends.
    async fn check(&mut self, plan: Confirmed) -> Option<Confirmed> {
        let shares: Vec<Share> = self.operation.shares.iter().map(|s| s.share.clone()).collect();
        let readings = self.read(images_of(&shares)).await?;
        let foreign = foreign(self.login.clone(), &shares, &readings).await;
        let mut left_out = Vec::new();
        for share in shares {
            let end = match (readings.get(&share.image), foreign.get(&share.image)) {
                (None, _) => Some((Outcome::Unknown, Some("it was not read".into()))),
                (Some(_), Some(why)) => Some((Outcome::Unknown, Some(why.clone()))),
                (Some(reading), None) => verify::before(reading, &share.member),
            };
            if let Some(end) = end {
                self.settle(share.clone(), end).await;
                left_out.push(share);
            }
        }
        let plan = if left_out.is_empty() { plan } else { plan.without(&left_out) };
        let batches = plan.plan().batches().to_vec();
        self.take(Step::Planned { batches }).await;
        Some(plan)
    }

    /// Reads the members of images, telling how far it is. `None` when the program ends.
    async fn read(&mut self, images: Ids) -> Option<HashMap<ImageId, Reading>> {
        let (of, login, quit) = (images.len(), self.login.clone(), self.quit.clone());
        let read = |image: ImageId| {
            let login = &login;
            async move {
                let reading = members::read(login, &image).await;
                (image, reading)
            }
        };
        let stream = futures_util::stream::iter(images).map(read);
        let mut answers = stream.buffer_unordered(login.pace.limit());
        let mut readings = HashMap::with_capacity(of);
        while let Some((image, reading)) = quit.run_until_cancelled(answers.next()).await? {
            readings.insert(image, reading);
            let done = readings.len();
            if done == of || done.is_multiple_of(8) {
                self.take(Step::Read { done, of }).await;
            }
        }
        Some(readings)
    }

    // ── send and follow ──────────────────────────────────────────────────────────────────────────

    /// Sends every batch once and follows each job to its end or its limit.
    async fn send(&mut self, plan: Confirmed) {
        let mut waiting: VecDeque<usize> = (0..plan.plan().batches().len()).collect();
        let stop = self.stop.clone();
        while !(waiting.is_empty() && self.flights.is_empty()) {
            if stop.is_cancelled() {
                self.give_up(&mut waiting).await;
            }
            while let Some(request) = self.next(&mut waiting) {
                self.take(Step::Sending { request, at: now() }).await;
                self.launch(request);
            }
            tokio::select! {
                Some(landed) = self.flights.next() => self.landed(landed).await,
                () = stop.cancelled(), if !waiting.is_empty() => {}
            }
        }
    }

    async fn give_up(&mut self, waiting: &mut VecDeque<usize>) {
        for request in waiting.drain(..) {
            let at = now();
            let state = RequestState::Stopped;
            self.take(Step::Rejected { request, state, request_id: None, at }).await;
        }
    }

    /// The next request that may leave now.
    fn next(&mut self, waiting: &mut VecDeque<usize>) -> Option<usize> {
        let by_jobs = self.login.scope.kind == CloudKind::Ims;
        let room = if by_jobs { JOBS_AT_ONCE } else { self.login.pace.limit() };
        if self.flights.len() >= room {
            return None;
        }
        if !by_jobs {
            return waiting.pop_front();
        }
        let free = |request: &usize| {
            self.batch(*request).images.iter().all(|image| !self.busy.contains(image))
        };
        let request = waiting.remove(waiting.iter().position(free)?)?;
        let images = self.batch(request).images.clone();
        self.busy.extend(images);
        Some(request)
    }

    fn batch(&self, request: usize) -> &Batch {
        &self.operation.requests[request].batch
    }

    fn launch(&mut self, request: usize) {
        let (login, stop) = (self.login.clone(), self.stop.clone());
        let batch = self.batch(request).clone();
        let flight = async move {
            let result = offer(&login, &batch, &stop).await;
            Landed::Sent { request, result }
        };
        self.flights.push(flight.boxed());
    }

    async fn landed(&mut self, landed: Landed) {
        match landed {
            Landed::Sent { request, result: Ok(accepted) } => {
                self.accepted(request, accepted).await;
            }
            Landed::Sent { request, result: Err(error) } => self.rejected(request, &error).await,
            Landed::Polled { request, result } => self.polled(request, result).await,
            Landed::Abandoned => {}
        }
    }

    async fn accepted(&mut self, request: usize, Accepted { job, request_id }: Accepted) {
        let step = Step::Accepted { request, job: job.clone(), request_id, at: now() };
        self.take(step).await;
        match job {
            None => self.release(request),
            Some(job) => {
                let chase = Chase { job, began: Instant::now(), asked: 0, unknown: 0 };
                self.chases.insert(request, chase);
                self.poll_after(request, self.following.wait(0, fastrand::f64()));
            }
        }
    }

    async fn rejected(&mut self, request: usize, error: &CloudError) {
        let words: Text = error.failure("revoke").to_string().into();
        let state = match error {
            CloudError::NotAMember(_) => RequestState::NotAMember,
            error if error.is_refusal() => RequestState::Refused { error: words },
            _ => RequestState::Lost { error: words },
        };
        self.end(request, state, error.request_id()).await;
    }

    async fn end(&mut self, request: usize, state: RequestState, request_id: Option<Text>) {
        self.take(Step::Rejected { request, state, request_id, at: now() }).await;
        self.release(request);
    }

    async fn polled(&mut self, request: usize, result: Result<JobReport, CloudError>) {
        let unknown = matches!(result, Err(CloudError::NotFound(_)));
        let over = matches!(&result, Ok(report) if report.status.is_final());
        self.take(match result {
            Ok(report) => Step::Polled { request, report, at: now() },
            Err(error) => Step::PollFailed { request, error: error.to_string().into() },
        })
        .await;
        let limit = self.following.limit;
        let Some(chase) = self.chases.get_mut(&request) else { return };
        chase.asked += 1;
        chase.unknown = if unknown { chase.unknown + 1 } else { 0 };
        if over {
            self.release(request);
        } else if chase.unknown >= FORGOTTEN {
            let error = format!("the cloud does not know job {} any more", chase.job).into();
            self.end(request, RequestState::Lost { error }, None).await;
        } else if chase.began.elapsed() >= limit {
            self.overdue(request).await;
        } else {
            let left = limit.saturating_sub(chase.began.elapsed());
            let wait = self.following.wait(chase.asked, fastrand::f64());
            self.poll_after(request, wait.min(left));
        }
    }

    /// The job stays among the chases: it is watched after the receipt.
    async fn overdue(&mut self, request: usize) {
        if self.operation.requests[request].state == RequestState::Following {
            self.take(Step::Overdue { request }).await;
            self.free_images(request);
        }
    }

    fn release(&mut self, request: usize) {
        self.chases.remove(&request);
        self.free_images(request);
    }

    fn free_images(&mut self, request: usize) {
        for image in &self.operation.requests[request].batch.images {
            self.busy.remove(image);
        }
    }

    fn poll_after(&mut self, request: usize, wait: Duration) {
        let Some(chase) = self.chases.get(&request) else { return };
        let (login, quit, job) = (self.login.clone(), self.quit.clone(), chase.job.clone());
        let flight = async move {
            let ask = async {
                sleep(wait).await;
                login.pace.ready().await;
                login.cloud.job(&job).await
            };
            match quit.run_until_cancelled(ask).await {
                Some(result) => Landed::Polled { request, result },
                None => Landed::Abandoned,
            }
        };
        self.flights.push(flight.boxed());
    }

    // ── verified after ───────────────────────────────────────────────────────────────────────────

    async fn verify_and_finish(&mut self) {
        self.take(Step::Verifying).await;
        let open = |record: &&crate::domain::operation::ShareRecord| record.outcome.is_none();
        let shares = self.operation.shares.iter().filter(open).map(|s| s.share.clone()).collect();
        if self.verify(shares).await.is_some() {
            self.take(Step::Finished { at: now() }).await;
        }
    }

    /// Reads the members a second time and settles every share. What should be gone and is not is looked for
    /// again a few times: a cloud may need a moment. `None` when the program ends.
    async fn verify(&mut self, mut shares: Vec<Share>) -> Option<()> {
        let mut wait = self.following.settling;
        for look in 0..=LOOKS {
            let readings = self.read(images_of(&shares)).await?;
            let mut lingering = Vec::new();
            for share in shares {
                let Some((end, may_go)) = self.judge(&share, &readings) else { continue };
                if end.0 == Outcome::StillShared && may_go && look < LOOKS {
                    lingering.push(share);
                } else {
                    self.settle(share, end).await;
                }
            }
            shares = lingering;
            if shares.is_empty() {
                break;
            }
            self.quit.run_until_cancelled(sleep(wait)).await?;
            wait *= 2;
        }
        Some(())
    }

    fn judge(
        &self,
        share: &Share,
        readings: &HashMap<ImageId, Reading>,
    ) -> Option<(verify::End, bool)> {
        let found =
            self.operation.shares.binary_search_by(|record| record.share.cmp(share)).ok()?;
        let request = &self.operation.requests[self.operation.shares[found].request?];
        let end = verify::after(readings.get(&share.image)?, &share.member, request);
        Some((end, verify::may_still_go(&request.state)))
    }

    /// Goes on asking about jobs that were over the limit, and corrects the receipt when they end.
    async fn watch(&mut self) {
        while !self.chases.is_empty() {
            let watched: Vec<usize> = self.chases.keys().copied().collect();
            for &request in &watched {
                self.poll_after(request, self.following.watching);
            }
            while let Some(landed) = self.flights.next().await {
                self.landed(landed).await;
            }
            if self.quit.is_cancelled() {
                return;
            }
            let ended = |request: &&usize| !self.chases.contains_key(request);
            let ended: Vec<usize> = watched.iter().filter(ended).copied().collect();
            if !ended.is_empty() {
                self.verify_again(&ended).await;
            }
        }
    }

    async fn verify_again(&mut self, requests: &[usize]) {
        let of = |request: &usize| self.batch(*request).shares().collect::<Vec<_>>();
        let shares = requests.iter().flat_map(of).collect();
        self.take(Step::Verifying).await;
        if self.verify(shares).await.is_some() {
            self.take(Step::Finished { at: now() }).await;
        }
    }
}

fn images_of(shares: &[Share]) -> Ids {
    let mut images: Ids = shares.iter().map(|share| share.image.clone()).collect();
    images.dedup();
    images
}

/// Images of which a reading proves nothing, with the reason: whoever does not own an image is shown his own
/// membership alone, so an absent member is no proof of absence.
async fn foreign(
    login: Login,
    shares: &[Share],
    readings: &HashMap<ImageId, Reading>,
) -> HashMap<ImageId, Text> {
    let absent = |share: &&Share| {
        matches!(readings.get(&share.image), Some(reading @ Reading::Members(_))
            if verify::is_listed(reading, &share.member) == Some(false))
    };
    let doubtful: HashSet<ImageId> =
        shares.iter().filter(absent).map(|share| share.image.clone()).collect();
    let login = &login;
    let ask = |id: ImageId| async move {
        let doubt = doubt(login, &id).await?;
        Some((id, doubt))
    };
    let asked = futures_util::stream::iter(doubtful).map(ask);
    asked.buffer_unordered(login.pace.limit()).filter_map(std::future::ready).collect().await
}

/// Why a member that is not listed may be one all the same; `None` when the list is the whole truth.
async fn doubt(login: &Login, id: &ImageId) -> Option<Text> {
    match patience::read(&login.pace, || login.cloud.image(id)).await {
        Ok(image) => match &image.owner {
            Some(owner) if !owner.is(&login.scope.project_id) => Some(
                format!(
                    "the image belongs to project {owner}, and only its owner sees all members"
                )
                .into(),
            ),
            _ => None,
        },
        Err(CloudError::NotFound(_)) => None,
        Err(error) => {
            Some(error.failure(format!("find the owner of image {id}")).to_string().into())
        }
    }
}

/// Sends a batch. Only a refusal for "too many" is followed by another offer: nothing was carried out then.
/// Everything else is the answer, a lost one too.
async fn offer(
    login: &Login,
    batch: &Batch,
    stop: &CancellationToken,
) -> Result<Accepted, CloudError> {
    let mut wait = Duration::from_secs(1);
    for _ in 1..OFFERS {
        login.pace.ready().await;
        match login.cloud.revoke(batch).await {
            Err(CloudError::Throttled { refusal, retry_after }) if refusal.status < 500 => {
                login.pace.throttled(retry_after);
                let pause = retry_after.unwrap_or(wait);
                let rested = stop.run_until_cancelled(sleep(pause)).await;
                if rested.is_none() {
                    return Err(CloudError::Throttled { refusal, retry_after });
                }
                wait *= 2;
            }
            answer => {
                login.pace.succeeded();
                return answer;
            }
        }
    }
    login.cloud.revoke(batch).await
}
