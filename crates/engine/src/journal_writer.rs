//! The journal, off the threads that wait for the network. Orders are carried out in the order they are given,
//! and those that wait together are one write to the disk.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::journal::{Journal, JournalError};
use domain::{Failure, Operation, OperationId, Step};

/// How many orders are carried out in one write, at most.
const BATCH: usize = 4096;
/// How long a step that nothing waits for may stay unwritten.
const DELAY: Duration = Duration::from_millis(250);

/// Sends orders to the journal's writer. Cheap to clone; the writer ends when the last one is dropped.
#[derive(Clone, Debug)]
pub(super) struct JournalHandle(mpsc::UnboundedSender<Order>);

type Answer<T> = oneshot::Sender<Result<T, Failure>>;

enum Order {
    Begin(Box<Operation>, Answer<()>),
    Record { id: OperationId, steps: Vec<Step>, answer: Option<Answer<()>> },
    Release(OperationId),
    Query(Box<dyn FnOnce(&mut LazyJournal) + Send>),
    Close(oneshot::Sender<()>),
}

impl JournalHandle {
    /// A handle, and the writer, which the caller must run.
    pub(super) fn new(journal: LazyJournal) -> (Self, JournalWriter) {
        let (orders, inbox) = mpsc::unbounded_channel();
        (Self(orders), JournalWriter { worker: Worker { journal, failed: HashMap::new() }, inbox })
    }

    /// Records an operation and claims it; returns when it is on the disk.
    pub(super) async fn begin(&self, operation: Operation) -> Result<(), Failure> {
        self.order(|answer| Order::Begin(Box::new(operation), answer)).await
    }

    /// Records steps; returns when they and all before them are on the disk. After a failure every later call for the
    /// operation fails: the record has no gaps.
    pub(super) async fn record(&self, id: &OperationId, steps: Vec<Step>) -> Result<(), Failure> {
        let id = id.clone();
        self.order(|answer| Order::Record { id, steps, answer: Some(answer) }).await
    }

    /// Records a step soon.
    pub(super) fn note(&self, id: &OperationId, step: Step) {
        let order = Order::Record { id: id.clone(), steps: vec![step], answer: None };
        // The writer outlives its handles; if it panicked, the next `record` reports it.
        let _ = self.0.send(order);
    }

    /// Releases an operation when everything noted before is written.
    pub(super) fn release(&self, id: &OperationId) {
        let _ = self.0.send(Order::Release(id.clone()));
    }

    /// Queries the journal.
    pub(super) async fn query<T: Send + 'static>(
        &self,
        what: &'static str,
        question: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.order(|answer| {
            Order::Query(Box::new(move |journal| {
                let answered = journal.with(question).map_err(|error| error.failure(what));
                let _ = answer.send(answered);
            }))
        })
        .await
    }

    /// Writes everything that was noted, and closes the journal. Later orders fail.
    pub(super) async fn close(&self) {
        let (closed, closing) = oneshot::channel();
        let _ = self.0.send(Order::Close(closed));
        // An error says that it is closed already.
        let _ = closing.await;
    }

    async fn order<T>(&self, order: impl FnOnce(Answer<T>) -> Order) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let _ = self.0.send(order(answer));
        let ended = |_| Err(Failure::new(WRITE, "its writer has ended"));
        answered.await.unwrap_or_else(ended)
    }
}

const WRITE: &str = "write the journal";

/// Carries the orders out.
pub(super) struct JournalWriter {
    worker: Worker,
    inbox: mpsc::UnboundedReceiver<Order>,
}

impl JournalWriter {
    /// Runs until the last handle is dropped.
    pub(super) async fn run(self) {
        let Self { mut worker, mut inbox } = self;
        loop {
            let orders = gather(&mut inbox).await;
            if orders.is_empty() {
                return;
            }
            let work = tokio::task::spawn_blocking(move || match worker.carry_out(orders) {
                None => Some(worker),
                Some(closed) => {
                    drop(worker);
                    let _ = closed.send(());
                    None
                }
            });
            match work.await {
                Ok(Some(back)) => worker = back,
                // Closed; or it panicked, or the runtime is shutting down: the closed channel tells those who wait.
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// All waiting orders. If nothing waits for their answers, also those of the next moment. Empty when the last handle was
/// dropped.
async fn gather(inbox: &mut mpsc::UnboundedReceiver<Order>) -> Vec<Order> {
    let mut orders = Vec::new();
    inbox.recv_many(&mut orders, BATCH).await;
    let latest = Instant::now() + DELAY;
    while !orders.is_empty() && orders.len() < BATCH && !orders.iter().any(is_awaited) {
        match timeout_at(latest, inbox.recv_many(&mut orders, BATCH)).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => break,
        }
    }
    orders
}

fn is_awaited(order: &Order) -> bool {
    !matches!(order, Order::Record { answer: None, .. } | Order::Release(_))
}

/// The journal, opened when it is first used.
#[derive(Debug)]
pub(super) enum LazyJournal {
    /// Its path.
    Closed(PathBuf),
    Open(Box<Journal>),
}

impl LazyJournal {
    /// Uses the journal. Opening it is retried the next time if it fails.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Journal) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        match self {
            Self::Open(journal) => work(journal),
            Self::Closed(path) => {
                let mut journal = Journal::open(path)?;
                let result = work(&mut journal);
                *self = Self::Open(Box::new(journal));
                result
            }
        }
    }
}

/// The journal, and which operations have a gap in it.
struct Worker {
    journal: LazyJournal,
    failed: HashMap<OperationId, Failure>,
}

/// Steps of one operation that are written together, and the answers that wait for them.
#[derive(Default)]
struct Batch {
    id: Option<OperationId>,
    steps: Vec<Step>,
    answers: Vec<Answer<()>>,
}

impl Worker {
    /// What to answer once the journal is closed, if one of the orders was to close it.
    fn carry_out(&mut self, orders: Vec<Order>) -> Option<oneshot::Sender<()>> {
        let mut batch = Batch::default();
        for order in orders {
            match order {
                Order::Record { id, steps, answer } => {
                    if batch.id.as_ref() != Some(&id) {
                        self.write(std::mem::take(&mut batch));
                    }
                    batch.id = Some(id);
                    batch.steps.extend(steps);
                    batch.answers.extend(answer);
                }
                Order::Close(closed) => {
                    self.write(batch);
                    return Some(closed);
                }
                other => {
                    self.write(std::mem::take(&mut batch));
                    self.carry_out_one(other);
                }
            }
        }
        self.write(batch);
        None
    }

    fn carry_out_one(&mut self, order: Order) {
        match order {
            Order::Begin(operation, answer) => {
                let begun = self.journal.with(|journal| journal.begin(&operation));
                let _ = answer.send(begun.map_err(|error| error.failure_to_begin(WRITE)));
            }
            Order::Release(id) => {
                self.failed.remove(&id);
                // What is not released now is released when the program ends.
                let _ = self.journal.with(|journal| journal.release(&id));
            }
            Order::Query(question) => question(&mut self.journal),
            Order::Record { .. } | Order::Close(_) => {}
        }
    }

    fn write(&mut self, batch: Batch) {
        let Some(id) = batch.id else { return };
        let written = match self.failed.get(&id) {
            Some(failure) => Err(failure.clone()),
            None => self
                .journal
                .with(|journal| journal.record(&id, &batch.steps))
                .map_err(|error| error.failure(WRITE)),
        };
        if let Err(failure) = &written {
            self.failed.insert(id, failure.clone());
        }
        for answer in batch.answers {
            let _ = answer.send(written.clone());
        }
    }
}
