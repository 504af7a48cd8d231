//! One operation from its confirmation to its receipt: read before, send once, poll, verify.
//!
//! One task owns the [`Operation`] and everything under way. Whatever happens becomes a [`Step`] and passes
//! through [`Operator::record`], the one place where a step is made durable before the next begins.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::task;

use futures_util::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::journal_writer::JournalHandle;
use super::poll::JobPoller;
use super::precheck::Prechecked;
use super::tasks::{self, Tasks};
use super::{EVENTS, Login, PollTimes, now, outcome};
use cloud::clients::{Accepted, CloudError};
use domain::{
    Batch, Confirmed, Failure, ImageId, JobReport, Operation, OperationId, Seen, Share, Step,
};

/// What an operation reports on its way.
#[derive(Clone, Debug)]
pub enum OperationEvent {
    /// Something happened to it.
    Step(Step),
    /// Something the user should know about it.
    Notice(Failure),
    /// The journal cannot be written any more. Nothing more is sent; what was sent is followed and verified, and the
    /// receipt will not be found in the journal.
    NotRecorded(Failure),
    /// Its task panicked, which is a bug: it is unfinished, and nothing more is sent for it. The last event.
    Failed(Failure),
}

/// An operation under way: a stream of [`OperationEvent`], which ends when nothing more happens to it. The operation goes on
/// when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// As it was when it began, or was resumed. Apply the steps to it.
    pub operation: Operation,
    events: mpsc::Receiver<OperationEvent>,
    stop: StopHandle,
}

impl Running {
    /// A way to stop it.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }
}

impl Stream for Running {
    type Item = OperationEvent;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> task::Poll<Option<OperationEvent>> {
        self.events.poll_recv(cx)
    }
}

/// Stops an operation.
#[derive(Clone, Debug)]
pub struct StopHandle {
    /// Nothing more is sent. Polling and verifying go on.
    stop: CancellationToken,
    /// A stop during the wait for a late effect ends the wait.
    end_wait: Arc<Notify>,
}

impl StopHandle {
    /// Sends nothing more. What was sent is followed and verified; a wait for a late effect ends.
    pub fn stop_sending(&self) {
        self.stop.cancel();
        self.end_wait.notify_waiters();
    }
}

pub(super) struct Operator {
    pub(super) login: Login,
    pub(super) context: Context,
    events: mpsc::Sender<OperationEvent>,
    /// Nothing more is sent. Polling and verifying go on.
    pub(super) stop: CancellationToken,
    /// A stop during the wait for a late effect ends the wait.
    pub(super) end_wait: Arc<Notify>,
    pub(super) operation: Operation,
    /// The journal, until it fails.
    journal: Option<JournalHandle>,
    /// Why the journal could not be written: then nothing more is sent.
    pub(super) unrecorded: Option<Failure>,
    pub(super) in_flight: FuturesUnordered<BoxFuture<'static, Completion>>,
    pub(super) pollers: HashMap<usize, JobPoller>,
    pub(super) busy_images: HashSet<ImageId>,
}

/// What all operations of one engine share.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) tasks: Tasks,
    pub(super) poll_times: PollTimes,
    pub(super) journal: Option<JournalHandle>,
}

/// Something under way came back.
pub(super) enum Completion {
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

impl Operator {
    /// A new operation, and its events.
    pub(super) fn new(
        login: Login,
        plan: &Confirmed,
        context: Context,
    ) -> (Self, mpsc::Receiver<OperationEvent>) {
        let started = now();
        let id = OperationId(format!("{:08x}-{:04x}", started.0 / 1000, fastrand::u16(..)));
        let plan = plan.plan();
        let operation = Operation::new(id, plan.kind(), login.scope.clone(), plan.marks(), started)
            .undoing(plan.undoes().cloned());
        Self::from_operation(login, operation, context)
    }

    /// An operation as far as it has come.
    pub(super) fn from_operation(
        login: Login,
        operation: Operation,
        context: Context,
    ) -> (Self, mpsc::Receiver<OperationEvent>) {
        let (events, inbox) = mpsc::channel(EVENTS);
        let operator = Self {
            login,
            events,
            stop: context.tasks.quit.child_token(),
            end_wait: Arc::default(),
            operation,
            journal: context.journal.clone(),
            unrecorded: None,
            in_flight: FuturesUnordered::new(),
            pollers: HashMap::new(),
            busy_images: HashSet::new(),
            context,
        };
        (operator, inbox)
    }

    pub(super) fn id(&self) -> &OperationId {
        &self.operation.id
    }

    fn stop_handle(&self) -> StopHandle {
        StopHandle { stop: self.stop.clone(), end_wait: self.end_wait.clone() }
    }

    /// Carries a new operation out on a task of its own, once it is recorded. Nothing is sent when it cannot be.
    pub(super) async fn start(
        login: Login,
        plan: Confirmed,
        context: Context,
    ) -> Result<Running, Failure> {
        let (operator, events) = Self::new(login, &plan, context);
        let (operation, stop) = (operator.operation.clone(), operator.stop_handle());
        let (begun, answer) = oneshot::channel();
        operator.spawn(|operator| operator.run(plan, begun));
        // The task panicked before it could answer.
        let failed = |_| Err(tasks::bug(format!("begin operation {}", operation.id)));
        answer.await.unwrap_or_else(failed)?;
        Ok(Running { operation, events, stop })
    }

    /// Goes on with an operation where the last program ended, on a task of its own.
    pub(super) fn resume(login: Login, operation: Operation, context: Context) -> Running {
        let (operator, events) = Self::from_operation(login, operation.clone(), context);
        let stop = operator.stop_handle();
        operator.spawn(Self::run_resumed);
        Running { operation, events, stop }
    }

    /// A task that panics leaves the operation unfinished, and free to be resumed.
    fn spawn<F: Future<Output = ()> + Send + 'static>(self, work: impl FnOnce(Self) -> F) {
        let (context, events, id) = (self.context.clone(), self.events.clone(), self.id().clone());
        let work = work(self);
        context.tasks.tracker.clone().spawn(async move {
            if !tasks::panics(work).await {
                return;
            }
            let failure = tasks::bug(format!("finish operation {id}"));
            let failure = match &context.journal {
                Some(journal) => {
                    journal.release(&id);
                    failure.with_hint(format!(
                        "run `sharelock jobs {id}` to resume it (sends no changes)"
                    ))
                }
                None => failure.with_hint("run `sharelock audit` to see which shares are left"),
            };
            let _ = events.send(OperationEvent::Failed(failure)).await;
        });
    }

    async fn run(mut self, plan: Confirmed, begun: oneshot::Sender<Result<(), Failure>>) {
        let recorded = self.begin().await;
        let fails = recorded.is_err();
        // Nobody waits for the answer when the caller was cancelled; the operation goes on all the same.
        let _ = begun.send(recorded);
        if fails {
            return;
        }
        if let Some(checked) = self.precheck().await {
            self.plan(plan, checked).await;
            let waiting = (0..self.operation.requests.len()).collect();
            self.send(waiting).await;
            self.verify_and_finish().await;
            self.poll_overdue_jobs().await;
        }
        self.release_claim();
    }

    /// What was agreed to is on the disk before anything else happens.
    async fn begin(&mut self) -> Result<(), Failure> {
        match &self.journal {
            Some(journal) => journal.begin(self.operation.clone()).await,
            None => Ok(()),
        }
    }

    /// Plans again without what is not there. That may take seconds, so no task waits on the same thread meanwhile.
    async fn plan(&mut self, plan: Confirmed, checked: Prechecked) {
        let work = move || match &checked.settled[..] {
            [] => plan,
            settled => plan.without(settled),
        };
        let batches = match tokio::task::spawn_blocking(work).await {
            Ok(plan) => plan.plan().batches().to_vec(),
            Err(ended) => match ended.try_into_panic() {
                // Then the operation's own task fails as it would have without the other thread.
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down: this task is not resumed either.
                Err(_) => std::future::pending().await,
            },
        };
        self.record(Step::Planned { batches }).await;
    }

    /// Releases the operation; if it is unfinished, the next program may resume it.
    pub(super) fn release_claim(&self) {
        if let Some(journal) = &self.context.journal {
            journal.release(self.id());
        }
    }

    pub(super) fn quits(&self) -> bool {
        self.context.tasks.quit.is_cancelled()
    }

    pub(super) async fn emit(&mut self, event: OperationEvent) {
        // Fails only when the stream was dropped; the operation goes on all the same.
        let _ = self.events.send(event).await;
    }

    // ── recording ────────────────────────────────────────────────────────────────────────────────

    /// Records a step, applies and reports it. A step that cannot be recorded is still true, so it is applied and
    /// reported all the same; but nothing more is sent.
    pub(super) async fn record(&mut self, step: Step) {
        self.persist(std::slice::from_ref(&step)).await;
        self.apply(step).await;
    }

    pub(super) async fn apply(&mut self, step: Step) {
        self.operation.apply(step.clone());
        self.emit(OperationEvent::Step(step)).await;
    }

    /// Whether the steps are on the disk, or will be soon where nothing depends on them. True without a journal.
    pub(super) async fn persist(&mut self, steps: &[Step]) -> bool {
        let Some(journal) = &self.journal else { return self.unrecorded.is_none() };
        if let [step] = steps
            && !must_be_durable(step)
        {
            if is_recorded(step) {
                journal.note(self.id(), step.clone());
            }
            return true;
        }
        match journal.record(self.id(), steps.to_vec()).await {
            Ok(()) => true,
            Err(failure) => {
                self.not_recorded(failure).await;
                false
            }
        }
    }

    async fn not_recorded(&mut self, failure: Failure) {
        self.stop.cancel();
        self.journal = None;
        self.unrecorded = Some(failure.clone());
        self.emit(OperationEvent::NotRecorded(failure)).await;
    }

    pub(super) async fn settle(
        &mut self,
        share: Share,
        (outcome, error): outcome::Verdict,
        after: Option<Seen>,
    ) {
        self.record(Step::Settled { share, outcome, after, error }).await;
    }

    /// `None` for a request that the plan does not have.
    pub(super) fn batch(&self, request: usize) -> Option<&Batch> {
        self.operation.requests.get(request).map(|record| &record.batch)
    }

    pub(super) async fn on_completion(&mut self, completed: Completion) {
        match completed {
            Completion::Sent { request, result: Ok(accepted) } => {
                self.accepted(request, accepted).await;
            }
            Completion::Sent { request, result: Err(error) } => {
                self.rejected(request, &error).await;
            }
            Completion::Polled { request, result } => self.polled(request, result).await,
            Completion::Abandoned => {}
        }
    }

    pub(super) fn release(&mut self, request: usize) {
        self.pollers.remove(&request);
        self.free_images(request);
    }

    pub(super) fn free_images(&mut self, request: usize) {
        let record = self.operation.requests.get(request);
        for image in record.into_iter().flat_map(|record| &record.batch.images) {
            self.busy_images.remove(image);
        }
    }
}

/// Whether something happens next that must not happen unless this step is on the disk: a request is sent, a job
/// is followed, a receipt is shown.
fn must_be_durable(step: &Step) -> bool {
    matches!(
        step,
        Step::Planned { .. } | Step::Sending { .. } | Step::Accepted { job: Some(_), .. }
    ) || step.makes_receipt()
}

/// How far a reading is, is not worth a write: the next program reads again from the start.
fn is_recorded(step: &Step) -> bool {
    !matches!(step, Step::Read { .. } | Step::Waiting { .. })
}
