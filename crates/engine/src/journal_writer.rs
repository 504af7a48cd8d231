//! The journal, off the threads that wait for the network. Orders are carried out in the order they are given,
//! and those that wait together are one write to the disk.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::domain::{Failure, Operation, OperationId, Step};
use crate::journal::{Journal, JournalError};

/// Orders that are carried out together, at most.
const TOGETHER: usize = 4096;
/// How long a step that nothing waits for may stay unwritten.
const LATEST: Duration = Duration::from_millis(250);

/// The way to the journal's writer. Cheap to clone; the writer ends when nobody has one any more.
#[derive(Clone, Debug)]
pub(super) struct JournalHandle(mpsc::UnboundedSender<Order>);

type Answer<T> = oneshot::Sender<Result<T, Failure>>;

enum Order {
    Begin(Box<Operation>, Answer<()>),
    Record { id: OperationId, steps: Vec<Step>, answer: Option<Answer<()>> },
    Release(OperationId),
    Ask(Box<dyn FnOnce(&mut Kept) + Send>),
    Close(oneshot::Sender<()>),
}

impl JournalHandle {
    /// A way to the journal, and its writer, which somebody must run.
    pub(super) fn new(journal: Kept) -> (Self, JournalWriter) {
        let (orders, inbox) = mpsc::unbounded_channel();
        (Self(orders), JournalWriter { desk: Desk { journal, failed: HashMap::new() }, inbox })
    }

    /// Writes an operation down and claims it; returns when it is on the disk.
    pub(super) async fn begin(&self, operation: Operation) -> Result<(), Failure> {
        self.order(|answer| Order::Begin(Box::new(operation), answer)).await
    }

    /// Writes steps down; returns when they and all before them are on the disk. After a failure every later
    /// call for the operation fails: what is written has no gaps.
    pub(super) async fn record(&self, id: &OperationId, steps: Vec<Step>) -> Result<(), Failure> {
        let id = id.clone();
        self.order(|answer| Order::Record { id, steps, answer: Some(answer) }).await
    }

    /// Writes a step down soon.
    pub(super) fn note(&self, id: &OperationId, step: Step) {
        let order = Order::Record { id: id.clone(), steps: vec![step], answer: None };
        // The writer outlives everybody who has a way to it; if it panicked, the next `record` tells.
        let _ = self.0.send(order);
    }

    /// Gives an operation back when everything noted before is written.
    pub(super) fn release(&self, id: &OperationId) {
        let _ = self.0.send(Order::Release(id.clone()));
    }

    /// Asks the journal something.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        what: &'static str,
        question: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.order(|answer| {
            Order::Ask(Box::new(move |journal| {
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
    desk: Desk,
    inbox: mpsc::UnboundedReceiver<Order>,
}

impl JournalWriter {
    /// Until nobody can give orders any more.
    pub(super) async fn run(self) {
        let Self { mut desk, mut inbox } = self;
        loop {
            let orders = gather(&mut inbox).await;
            if orders.is_empty() {
                return;
            }
            let work = tokio::task::spawn_blocking(move || match desk.carry_out(orders) {
                None => Some(desk),
                Some(closed) => {
                    drop(desk);
                    let _ = closed.send(());
                    None
                }
            });
            match work.await {
                Ok(Some(back)) => desk = back,
                Ok(None) => return,
                // It panicked, or the runtime is shutting down: whoever waits is told by the closed channel.
                Err(_) => return,
            }
        }
    }
}

/// Everything that waits to be carried out; with steps alone that nobody waits for, what comes in the next moment
/// too. Nothing when nobody is left to give orders.
async fn gather(inbox: &mut mpsc::UnboundedReceiver<Order>) -> Vec<Order> {
    let mut orders = Vec::new();
    inbox.recv_many(&mut orders, TOGETHER).await;
    let latest = Instant::now() + LATEST;
    while !orders.is_empty() && orders.len() < TOGETHER && !orders.iter().any(is_awaited) {
        match timeout_at(latest, inbox.recv_many(&mut orders, TOGETHER)).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => break,
        }
    }
    orders
}

fn is_awaited(order: &Order) -> bool {
    !matches!(order, Order::Record { answer: None, .. } | Order::Release(_))
}

/// The journal, opened when something is first to be written or read: whoever changes nothing needs none.
#[derive(Debug)]
pub(super) enum Kept {
    /// Where it lies.
    At(PathBuf),
    Open(Box<Journal>),
}

impl Kept {
    /// Does something with the journal. One that cannot be opened is tried again the next time.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Journal) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        match self {
            Self::Open(journal) => work(journal),
            Self::At(path) => {
                let mut journal = Journal::open(path)?;
                let result = work(&mut journal);
                *self = Self::Open(Box::new(journal));
                result
            }
        }
    }
}

/// The journal, and which operations have a gap in it.
struct Desk {
    journal: Kept,
    failed: HashMap<OperationId, Failure>,
}

/// Steps of one operation that are written together, and who waits for them.
#[derive(Default)]
struct Pile {
    id: Option<OperationId>,
    steps: Vec<Step>,
    answers: Vec<Answer<()>>,
}

impl Desk {
    /// What to answer once the journal is closed, if one of the orders was to close it.
    fn carry_out(&mut self, orders: Vec<Order>) -> Option<oneshot::Sender<()>> {
        let mut pile = Pile::default();
        for order in orders {
            match order {
                Order::Record { id, steps, answer } => {
                    if pile.id.as_ref() != Some(&id) {
                        self.write(std::mem::take(&mut pile));
                    }
                    pile.id = Some(id);
                    pile.steps.extend(steps);
                    pile.answers.extend(answer);
                }
                Order::Close(closed) => {
                    self.write(pile);
                    return Some(closed);
                }
                other => {
                    self.write(std::mem::take(&mut pile));
                    self.carry_out_one(other);
                }
            }
        }
        self.write(pile);
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
                // What is not given back now is given back when the program ends.
                let _ = self.journal.with(|journal| journal.release(&id));
            }
            Order::Ask(question) => question(&mut self.journal),
            Order::Record { .. } | Order::Close(_) => {}
        }
    }

    fn write(&mut self, pile: Pile) {
        let Some(id) = pile.id else { return };
        let written = match self.failed.get(&id) {
            Some(failure) => Err(failure.clone()),
            None => self
                .journal
                .with(|journal| journal.record(&id, &pile.steps))
                .map_err(|error| error.failure(WRITE)),
        };
        if let Err(failure) = &written {
            self.failed.insert(id, failure.clone());
        }
        for answer in pile.answers {
            let _ = answer.send(written.clone());
        }
    }
}
