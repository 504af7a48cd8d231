//! The end of every task is watched: one that panics says so, so that nothing waits for its answer for ever.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::sync::mpsc;

use super::operate::Context;
use super::{Event, SessionId};
use crate::domain::{Failure, OperationId};

const WHY: &str = "a task of the program failed, which is a bug in sharelock";

/// Work for a session, or for none.
pub(super) async fn watched(
    events: mpsc::Sender<Event>,
    session: Option<SessionId>,
    work: impl Future<Output = ()>,
) {
    if panics(work).await {
        let failure = Failure::new("finish what was asked for", WHY)
            .with_hint("try again; --log-file keeps the details for a bug report");
        let _ = events.send(Event::TaskFailed { session, operation: None, failure }).await;
    }
}

/// Work for an operation. When it panics the operation is unfinished, and free to be resumed.
pub(super) async fn operation(context: Context, id: OperationId, work: impl Future<Output = ()>) {
    if !panics(work).await {
        return;
    }
    let failure = Failure::new(format!("finish operation {id}"), WHY);
    let failure = match &context.writing {
        Some(writing) => {
            writing.release(&id);
            let hint = format!("run `sharelock jobs {id}` to resume it (sends no changes)");
            failure.with_hint(hint)
        }
        None => failure.with_hint("run `sharelock audit` to see which shares are left"),
    };
    let event = Event::TaskFailed { session: None, operation: Some(id), failure };
    let _ = context.events.send(event).await;
}

/// Whether the work panicked. It is not polled again then, and what it had in hand is dropped.
async fn panics(work: impl Future<Output = ()>) -> bool {
    AssertUnwindSafe(work).catch_unwind().await.is_err()
}
