//! Tasks of the engine: cancelled when nothing waits for them any more, and a panic becomes a failure.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{FutureExt, Stream};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::EVENTS;
use domain::Failure;

/// The events of a task. Dropping them cancels it.
#[derive(Debug)]
pub struct TaskEvents<T> {
    inbox: mpsc::Receiver<T>,
    _cancel: DropGuard,
}

impl<T> Stream for TaskEvents<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.inbox.poll_recv(cx)
    }
}

/// What tasks are spawned on.
#[derive(Clone, Debug)]
pub(super) struct Tasks {
    pub(super) tracker: TaskTracker,
    /// Ends them all.
    pub(super) quit: CancellationToken,
}

impl Tasks {
    /// Runs work that sends events. `failed` makes an event of a panic.
    pub(super) fn events<T: Send + 'static, F: Future<Output = ()> + Send + 'static>(
        &self,
        failed: fn(Failure) -> T,
        work: impl FnOnce(mpsc::Sender<T>) -> F,
    ) -> TaskEvents<T> {
        let (events, inbox) = mpsc::channel(EVENTS);
        let cancel = self.quit.child_token();
        let (cancelled, work) = (cancel.clone(), work(events.clone()));
        self.tracker.spawn(async move {
            if panics(cancelled.run_until_cancelled(work)).await {
                let _ = events.send(failed(bug("finish what was asked for"))).await;
            }
        });
        TaskEvents { inbox, _cancel: cancel.drop_guard() }
    }

    /// Runs work beside the caller's own task, until it is done or the caller drops this.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Failure> {
        let quit = self.quit.clone();
        let task = self.tracker.spawn(async move { quit.run_until_cancelled(work).await });
        match AbortOnDropHandle::new(task).await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => Err(Failure::new(what, "the program is shutting down")),
            Err(_) => Err(bug(what)),
        }
    }
}

/// Why something was not done: its task panicked.
pub(super) fn bug(what: impl Into<String>) -> Failure {
    Failure::new(what, "a task of the program failed, which is a bug in sharelock")
        .with_hint("try again; --log-file keeps the details for a bug report")
}

/// Whether the work panicked. It is not polled again then, and what it had in hand is dropped.
pub(super) async fn panics<T>(work: impl Future<Output = T>) -> bool {
    AssertUnwindSafe(work).catch_unwind().await.is_err()
}
