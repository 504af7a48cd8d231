//! One operation from its confirmation to its receipt: read before, send once, follow, verify.
//!
//! One task owns the [`Operation`] and everything under way. Whatever happens becomes a [`Step`] and passes
//! through [`Operator::take`], the one place where a step is made durable before the next begins.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::journal_writer::JournalHandle;
use super::poll::JobPoller;
use super::precheck::Prechecked;
use super::{Event, Following, Login, SessionId, now, verify};
use crate::cloud::{Accepted, CloudError};
use crate::domain::{
    Batch, Confirmed, Failure, ImageId, JobReport, Operation, OperationId, Seen, Share, Step,
};

pub(super) struct Operator {
    pub(super) login: Login,
    pub(super) context: Context,
    /// Nothing more is sent. Following and verifying go on.
    pub(super) stop: CancellationToken,
    /// A stop during the wait for a late effect ends the wait.
    pub(super) end_wait: Arc<Notify>,
    pub(super) operation: Operation,
    /// The journal, until it fails.
    writing: Option<JournalHandle>,
    /// Why the journal could not be written: then nothing more is sent.
    pub(super) unrecorded: Option<Failure>,
    pub(super) flights: FuturesUnordered<BoxFuture<'static, Completion>>,
    pub(super) pollers: HashMap<usize, JobPoller>,
    pub(super) busy: HashSet<ImageId>,
}

/// What all operations of one engine share.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) events: mpsc::Sender<Event>,
    /// The program ends: only answers to requests that have left are awaited.
    pub(super) quit: CancellationToken,
    pub(super) following: Following,
    pub(super) writing: Option<JournalHandle>,
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
    /// A new operation.
    pub(super) fn new(login: Login, plan: &Confirmed, context: Context) -> Self {
        let started = now();
        let id = OperationId(format!("{:08x}-{:04x}", started.0 / 1000, fastrand::u16(..)));
        let plan = plan.plan();
        let operation = Operation::new(id, plan.kind(), login.scope.clone(), plan.marks(), started)
            .undoing(plan.undoes().cloned());
        Self::at(login, operation, context)
    }

    /// An operation as far as it has come.
    pub(super) fn at(login: Login, operation: Operation, context: Context) -> Self {
        Self {
            login,
            stop: context.quit.child_token(),
            end_wait: Arc::default(),
            operation,
            writing: context.writing.clone(),
            unrecorded: None,
            flights: FuturesUnordered::new(),
            pollers: HashMap::new(),
            busy: HashSet::new(),
            context,
        }
    }

    pub(super) fn id(&self) -> &OperationId {
        &self.operation.id
    }

    /// Cancelling it sends nothing more.
    pub(super) fn stop_token(&self) -> (CancellationToken, Arc<Notify>) {
        (self.stop.clone(), self.end_wait.clone())
    }

    /// Carries a new operation out. `session` is told when it cannot begin.
    pub(super) async fn run(mut self, session: SessionId, plan: Confirmed) {
        if let Err(failure) = self.begin().await {
            return self.say(Event::NotStarted { session, failure }).await;
        }
        self.say(Event::Started(Box::new(self.operation.clone()))).await;
        if let Some(checked) = self.check().await {
            self.plan(plan, checked).await;
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
        self.take(Step::Planned { batches }).await;
    }

    /// Nobody works on the operation any more; if it is not at its end, the next program may.
    pub(super) fn leave(&self) {
        if let Some(writing) = &self.context.writing {
            writing.release(self.id());
        }
    }

    pub(super) fn quits(&self) -> bool {
        self.context.quit.is_cancelled()
    }

    pub(super) async fn say(&mut self, event: Event) {
        // Fails only when nobody listens any more; the operation goes on to its end all the same.
        let _ = self.context.events.send(event).await;
    }

    // ── written down ─────────────────────────────────────────────────────────────────────────────

    /// Writes a step down, folds it in and tells it. What cannot be written is still true, so it is folded in and
    /// told all the same; but nothing more is sent.
    pub(super) async fn take(&mut self, step: Step) {
        self.write(std::slice::from_ref(&step)).await;
        self.fold(step).await;
    }

    pub(super) async fn fold(&mut self, step: Step) {
        self.operation.apply(step.clone());
        self.say(Event::Step { operation: self.operation.id.clone(), step }).await;
    }

    /// Whether the steps are on the disk, or will be soon where nothing depends on them. Without a journal nobody
    /// asks for that.
    pub(super) async fn write(&mut self, steps: &[Step]) -> bool {
        let Some(writing) = &self.writing else { return self.unrecorded.is_none() };
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
        self.unrecorded = Some(failure.clone());
        self.say(Event::NotWritten { operation: self.operation.id.clone(), failure }).await;
    }

    pub(super) async fn settle(
        &mut self,
        share: Share,
        (outcome, error): verify::End,
        after: Option<Seen>,
    ) {
        self.take(Step::Settled { share, outcome, after, error }).await;
    }

    /// `None` for a request that the plan does not have.
    pub(super) fn batch(&self, request: usize) -> Option<&Batch> {
        self.operation.requests.get(request).map(|record| &record.batch)
    }

    pub(super) async fn completed(&mut self, completed: Completion) {
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
            self.busy.remove(image);
        }
    }
}

/// Whether something happens next that must not happen unless this step is on the disk: a request is sent, a job
/// is followed, a receipt is shown.
fn is_built_on(step: &Step) -> bool {
    matches!(
        step,
        Step::Planned { .. } | Step::Sending { .. } | Step::Accepted { job: Some(_), .. }
    ) || step.makes_receipt()
}

/// How far a reading is, is not worth a write: the next program reads again from the start.
fn is_worth_writing(step: &Step) -> bool {
    !matches!(step, Step::Read { .. } | Step::Waiting { .. })
}
