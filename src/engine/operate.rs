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

use super::check::Checked;
use super::offer::offer;
use super::writing::Writing;
use super::{Event, Following, Login, SessionId, now, verify};
use crate::cloud::{Accepted, CloudError};
use crate::domain::operation::RequestState;
use crate::domain::{
    Batch, CloudKind, Confirmed, Failure, ImageId, JobId, JobReport, Operation, OperationId,
    OperationKind, Share, Step, Text,
};

/// Batches under way at once on a cloud with jobs; no two of them name the same image.
const JOBS_AT_ONCE: usize = 4;
/// A cloud that says "no such job" this often in a row has forgotten it; a new job may be unknown at first.
const FORGOTTEN: u32 = 4;

pub(super) struct Operator {
    pub(super) login: Login,
    pub(super) circumstances: Circumstances,
    /// Nothing more is sent. Following and verifying go on.
    stop: CancellationToken,
    pub(super) operation: Operation,
    /// The journal, until it fails.
    writing: Option<Writing>,
    /// Why the journal could not be written: then nothing more is sent.
    unwritten: Option<Failure>,
    pub(super) flights: FuturesUnordered<BoxFuture<'static, Landed>>,
    pub(super) chases: HashMap<usize, Chase>,
    busy: HashSet<ImageId>,
}

/// What all operations of one engine share.
#[derive(Clone)]
pub(super) struct Circumstances {
    pub(super) events: mpsc::Sender<Event>,
    /// The program ends: only answers to requests that have left are awaited.
    pub(super) quit: CancellationToken,
    pub(super) following: Following,
    pub(super) writing: Option<Writing>,
}

/// Something under way came back.
pub(super) enum Landed {
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
pub(super) struct Chase {
    job: JobId,
    began: Instant,
    asked: u32,
    unknown: u32,
}

impl Chase {
    pub(super) fn new(job: JobId) -> Self {
        Self { job, began: Instant::now(), asked: 0, unknown: 0 }
    }
}

impl Operator {
    /// A new operation.
    pub(super) fn new(login: Login, plan: &Confirmed, circumstances: Circumstances) -> Self {
        let started = now();
        let id = OperationId(format!("{:08x}-{:04x}", started.0 / 1000, fastrand::u16(..)));
        let marks = plan.plan().marks();
        let operation =
            Operation::new(id, OperationKind::Revoke, login.scope.clone(), marks, started);
        Self::at(login, operation, circumstances)
    }

    /// An operation as far as it has come.
    pub(super) fn at(login: Login, operation: Operation, circumstances: Circumstances) -> Self {
        Self {
            login,
            stop: circumstances.quit.child_token(),
            operation,
            writing: circumstances.writing.clone(),
            unwritten: None,
            flights: FuturesUnordered::new(),
            chases: HashMap::new(),
            busy: HashSet::new(),
            circumstances,
        }
    }

    pub(super) fn id(&self) -> &OperationId {
        &self.operation.id
    }

    /// Cancelling it sends nothing more.
    pub(super) fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Carries a new operation out. `session` is told when it cannot begin.
    pub(super) async fn run(mut self, session: SessionId, plan: Confirmed) {
        if let Err(failure) = self.begin().await {
            return self.say(Event::NotStarted { session, failure }).await;
        }
        self.say(Event::Started(Box::new(self.operation.clone()))).await;
        if let Some(checked) = self.check().await {
            self.plan(plan, &checked).await;
            let waiting = (0..self.operation.requests.len()).collect();
            self.send(waiting).await;
            self.verify_and_finish().await;
            self.watch().await;
        }
        self.leave();
    }

    /// What was agreed to is on the disk before anything else happens.
    async fn begin(&mut self) -> Result<(), Failure> {
        match &self.writing {
            Some(writing) => writing.begin(self.operation.clone()).await,
            None => Ok(()),
        }
    }

    /// Plans again without what is not there.
    async fn plan(&mut self, plan: Confirmed, checked: &Checked) {
        let plan = if checked.settled.is_empty() { plan } else { plan.without(&checked.settled) };
        let batches = plan.plan().batches().to_vec();
        self.take(Step::Planned { batches }).await;
    }

    /// Nobody works on the operation any more; if it is not at its end, the next program may.
    pub(super) fn leave(&self) {
        if let Some(writing) = &self.circumstances.writing {
            writing.release(self.id());
        }
    }

    pub(super) fn quits(&self) -> bool {
        self.circumstances.quit.is_cancelled()
    }

    pub(super) async fn say(&mut self, event: Event) {
        // Fails only when nobody listens any more; the operation goes on to its end all the same.
        let _ = self.circumstances.events.send(event).await;
    }

    // ── written down ─────────────────────────────────────────────────────────────────────────────

    /// Writes a step down, folds it in and tells it. What cannot be written is still true, so it is folded in and
    /// told all the same; but nothing more is sent.
    pub(super) async fn take(&mut self, step: Step) {
        self.write(std::slice::from_ref(&step)).await;
        self.fold(step).await;
    }

    async fn fold(&mut self, step: Step) {
        self.operation.apply(step.clone());
        self.say(Event::Step { operation: self.operation.id.clone(), step }).await;
    }

    /// Whether the steps are on the disk, or will be soon where nothing depends on them. Without a journal nobody
    /// asks for that.
    async fn write(&mut self, steps: &[Step]) -> bool {
        let Some(writing) = &self.writing else { return self.unwritten.is_none() };
        if let [step] = steps
            && !is_built_on(step)
        {
            if is_worth_writing(step) {
                writing.note(self.id(), step.clone());
            }
            return true;
        }
        match writing.record(self.id(), steps.to_vec()).await {
            Ok(()) => true,
            Err(failure) => {
                self.not_written(failure).await;
                false
            }
        }
    }

    async fn not_written(&mut self, failure: Failure) {
        self.stop.cancel();
        self.writing = None;
        self.unwritten = Some(failure.clone());
        self.say(Event::NotWritten { operation: self.operation.id.clone(), failure }).await;
    }

    pub(super) async fn settle(&mut self, share: Share, (outcome, error): verify::End) {
        self.take(Step::Settled { share, outcome, error }).await;
    }

    // ── send and follow ──────────────────────────────────────────────────────────────────────────

    /// Sends every waiting request once and follows each job to its end or its limit.
    pub(super) async fn send(&mut self, mut waiting: VecDeque<usize>) {
        let stop = self.stop.clone();
        loop {
            if stop.is_cancelled() {
                self.give_up(&mut waiting).await;
            }
            self.launch_all(&mut waiting).await;
            if self.flights.is_empty() {
                if waiting.is_empty() {
                    return;
                }
                // Nothing could leave: it is stopped, and the rest is given up.
                continue;
            }
            tokio::select! {
                Some(landed) = self.flights.next() => self.landed(landed).await,
                () = stop.cancelled(), if !waiting.is_empty() => {}
            }
            // What came back in the meantime, so that the next requests leave together.
            while let Some(Some(landed)) = self.flights.next().now_or_never() {
                self.landed(landed).await;
            }
        }
    }

    /// Sends what may leave now: all of it is on the disk first, in one write.
    async fn launch_all(&mut self, waiting: &mut VecDeque<usize>) {
        let mut leaving = Vec::new();
        while let Some(request) = self.next(waiting, leaving.len()) {
            leaving.push(request);
        }
        if leaving.is_empty() {
            return;
        }
        let at = now();
        let sending = |&request: &usize| Step::Sending { request, at };
        let steps: Vec<Step> = leaving.iter().map(sending).collect();
        if !self.write(&steps).await || self.stop.is_cancelled() {
            leaving.into_iter().rev().for_each(|request| waiting.push_front(request));
            return;
        }
        for (request, step) in leaving.into_iter().zip(steps) {
            self.fold(step).await;
            self.launch(request);
        }
    }

    async fn give_up(&mut self, waiting: &mut VecDeque<usize>) {
        for request in waiting.drain(..) {
            let at = now();
            let state = RequestState::Stopped;
            self.take(Step::Rejected { request, state, request_id: None, at }).await;
        }
    }

    /// The next request that may leave now, together with so many others.
    fn next(&mut self, waiting: &mut VecDeque<usize>, leaving: usize) -> Option<usize> {
        let by_jobs = self.login.scope.kind == CloudKind::Ims;
        let room = if by_jobs { JOBS_AT_ONCE } else { self.login.pace.limit() };
        if self.flights.len() + leaving >= room {
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

    pub(super) fn batch(&self, request: usize) -> &Batch {
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

    pub(super) async fn landed(&mut self, landed: Landed) {
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
                self.chase(request, job);
            }
        }
    }

    /// Follows a job.
    pub(super) fn chase(&mut self, request: usize, job: JobId) {
        self.chases.insert(request, Chase::new(job));
        self.poll_after(request, self.circumstances.following.wait(0, fastrand::f64()));
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

    pub(super) async fn end(
        &mut self,
        request: usize,
        state: RequestState,
        request_id: Option<Text>,
    ) {
        self.take(Step::Rejected { request, state, request_id, at: now() }).await;
        self.release(request);
    }

    async fn polled(&mut self, request: usize, result: Result<JobReport, CloudError>) {
        let unknown = matches!(result, Err(CloudError::NotFound(_)));
        let forgotten = unknown
            && self.chases.get(&request).is_some_and(|chase| chase.unknown + 1 >= FORGOTTEN);
        let over = matches!(&result, Ok(report) if report.status.is_final());
        if over || forgotten {
            self.reopen().await;
        }
        self.take(match result {
            Ok(report) => Step::Polled { request, report, at: now() },
            Err(error) => Step::PollFailed { request, error: error.to_string().into() },
        })
        .await;
        let limit = self.circumstances.following.limit;
        let Some(chase) = self.chases.get_mut(&request) else { return };
        chase.asked += 1;
        chase.unknown = if unknown { chase.unknown + 1 } else { 0 };
        if over {
            self.release(request);
        } else if forgotten {
            let error = format!("the cloud does not know job {} any more", chase.job).into();
            self.end(request, RequestState::Lost { error }, None).await;
        } else if chase.began.elapsed() >= limit {
            self.overdue(request).await;
        } else {
            let left = limit.saturating_sub(chase.began.elapsed());
            let wait = self.circumstances.following.wait(chase.asked, fastrand::f64());
            self.poll_after(request, wait.min(left));
        }
    }

    /// A job that was watched has ended after the receipt: it is looked at again, by the next program if this one
    /// does not come to it.
    async fn reopen(&mut self) {
        if self.operation.is_finished() {
            self.take(Step::Verifying).await;
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

    pub(super) fn poll_after(&mut self, request: usize, wait: Duration) {
        let Some(chase) = self.chases.get(&request) else { return };
        let (login, job) = (self.login.clone(), chase.job.clone());
        let quit = self.circumstances.quit.clone();
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
}

/// Whether something happens next that must not happen unless this step is on the disk: a request is sent, a job
/// is followed, a receipt is shown.
fn is_built_on(step: &Step) -> bool {
    matches!(
        step,
        Step::Planned { .. }
            | Step::Sending { .. }
            | Step::Accepted { job: Some(_), .. }
            | Step::Finished { .. }
    )
}

/// How far a reading is, is not worth a write: the next program reads again from the start.
fn is_worth_writing(step: &Step) -> bool {
    !matches!(step, Step::Read { .. })
}
