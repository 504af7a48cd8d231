//! Operations that a program left behind are brought to their end by the next one.
//!
//! Nothing is ever sent here. What was not sent stays unsent, and the user decides again; what may have been
//! carried out is judged by the members alone; a job is followed on.

use std::collections::VecDeque;

use tokio_util::task::TaskTracker;

use super::journal_writer::JournalHandle;
use super::operate::{Context, Operator};
use super::{Event, Login, SessionId, tasks, verify};
use crate::domain::operation::{RequestState, Stage};
use crate::domain::{Failure, Operation, OperationId, Scope, Step, Text};
use crate::journal::{Claim, JournalError, Unfinished};

/// Tells every unfinished operation. Without a journal there are none.
pub(super) async fn list(context: Context) {
    let event = match unfinished(context.writing.as_ref()).await {
        Ok((operations, failures)) => Event::Unfinished { operations, failures },
        Err(failure) => Event::Notice(failure),
    };
    let _ = context.events.send(event).await;
}

/// Lists who follows the unfinished operations.
pub(super) async fn followers(context: Context) {
    let followers = match &context.writing {
        Some(writing) => {
            writing.ask("read the unfinished operations", |journal| journal.followers()).await
        }
        None => Ok(Vec::new()),
    };
    let event = followers.map_or_else(Event::Notice, Event::Followers);
    let _ = context.events.send(event).await;
}

/// Tells what is written about the one operation whose id is, begins or ends so.
pub(super) async fn recall(part: String, context: Context) {
    let recalled = recalled(part, context.writing.as_ref()).await;
    let _ = context.events.send(Event::Recalled(recalled.map(Box::new))).await;
}

async fn recalled(part: String, writing: Option<&JournalHandle>) -> Result<Operation, Failure> {
    let what = format!("find the operation `{}`", Text::from(part.as_str()));
    let none = || Failure::new(what.clone(), "there is none in the journal");
    let writing = writing.ok_or_else(none)?;
    let exact = OperationId(part.clone());
    if let Some(operation) = writing.ask("read an operation", move |it| it.load(&exact)).await? {
        return Ok(operation);
    }
    let sought = part;
    let ids = writing
        .ask("look into the journal", move |journal| journal.like(&sought, AMBIGUOUS))
        .await?;
    let id = match &ids[..] {
        [] => return Err(none()),
        [id] => id.clone(),
        several => {
            let ids: Vec<&str> = several.iter().map(|id| id.0.as_str()).collect();
            let why = format!("several begin or end so: {}", ids.join(", "));
            return Err(Failure::new(what, why).with_hint("type more of its id"));
        }
    };
    let found = writing.ask("read an operation", move |journal| journal.load(&id)).await?;
    found.ok_or_else(none)
}

/// So many operations are named when one was meant.
const AMBIGUOUS: usize = 5;

/// Takes up the unfinished operations of one login that nobody follows; only one of them where one is meant.
pub(super) async fn resume(
    session: SessionId,
    login: Login,
    only: Option<OperationId>,
    context: Context,
    tracker: TaskTracker,
) {
    let (operations, failures) = claim(&login.scope, only.as_ref(), context.writing.as_ref()).await;
    let taken = operations.clone();
    let event = Event::Resuming { session, operations: taken, failures };
    let _ = context.events.send(event).await;
    for operation in operations {
        let id = operation.id.clone();
        let operator = Operator::at(login.clone(), operation, context.clone());
        tracker.spawn(tasks::operation(context.clone(), id, operator.take_up()));
    }
}

/// The unfinished operations that can be read, and why others cannot.
async fn unfinished(
    writing: Option<&JournalHandle>,
) -> Result<(Vec<Unfinished>, Vec<Failure>), Failure> {
    let Some(writing) = writing else { return Ok(Default::default()) };
    let what = "read the unfinished operations";
    let (operations, unreadable) = writing.ask(what, |journal| journal.unfinished()).await?;
    let failure = |(id, error): (OperationId, JournalError)| {
        error.failure(format!("read the unfinished operation {id}"))
    };
    Ok((operations, unreadable.into_iter().map(failure).collect()))
}

/// The operations that are this program's now, and what went wrong.
async fn claim(
    scope: &Scope,
    only: Option<&OperationId>,
    writing: Option<&JournalHandle>,
) -> (Vec<Operation>, Vec<Failure>) {
    let mut operations = Vec::new();
    let (found, mut failures) =
        unfinished(writing).await.unwrap_or_else(|failure| (Vec::new(), vec![failure]));
    let meant = |id: &OperationId| only.is_none_or(|only| only == id);
    let ours = |it: &Unfinished| {
        it.followed_by.is_none()
            && meant(&it.operation.id)
            && scope.is_same_place(&it.operation.scope)
    };
    for id in found.into_iter().filter(ours).map(|it| it.operation.id) {
        let Some(writing) = writing else { break };
        match writing.ask("take an operation up", move |journal| journal.claim(&id)).await {
            Ok(Claim::Granted(operation)) => operations.push(*operation),
            // Another program was faster.
            Ok(Claim::Followed(_) | Claim::Over) => {}
            Err(failure) => failures.push(failure),
        }
    }
    (operations, failures)
}

impl Operator {
    /// Goes on where the last program ended.
    async fn take_up(mut self) {
        if self.operation.is_finished() {
            // Recorded by an earlier version while a job still ran.
            self.take(Step::Verifying).await;
        }
        if self.operation.stage == Stage::Checking {
            self.report_unsent().await;
        } else {
            self.pick_up_requests().await;
        }
        self.send(VecDeque::new()).await;
        self.verify_and_finish().await;
        self.watch().await;
        self.leave();
    }

    /// Nothing was sent: the shares are read, so that what is reported is what is true now.
    async fn report_unsent(&mut self) {
        let Some(checked) = self.check().await else { return };
        for share in checked.to_do {
            let seen = self.operation.before(&share).cloned();
            self.settle(share, verify::unsent(), seen).await;
        }
    }

    async fn pick_up_requests(&mut self) {
        for request in 0..self.operation.requests.len() {
            let Some(record) = self.operation.requests.get(request) else { continue };
            match (record.state.clone(), record.job.clone()) {
                (RequestState::Planned, _) => self.end(request, RequestState::Stopped, None).await,
                (RequestState::Sending, _) => self.end(request, unheard(), None).await,
                (RequestState::Following | RequestState::Watched, Some(job)) => {
                    self.poller(request, job);
                }
                _ => {}
            }
        }
    }
}

fn unheard() -> RequestState {
    let error: Text = "the program ended before the answer came".into();
    RequestState::Lost { error }
}
