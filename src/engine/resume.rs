//! Operations that a program left behind are brought to their end by the next one.
//!
//! Nothing is ever sent here. What was not sent stays unsent, and the user decides again; what may have been
//! carried out is judged by the members alone; a job is followed on.

use std::collections::VecDeque;

use tokio_util::task::TaskTracker;

use super::operate::{Circumstances, Operator};
use super::writing::Writing;
use super::{Event, Login, SessionId, verify};
use crate::domain::operation::{RequestState, Stage};
use crate::domain::{Failure, JobId, Operation, Scope, Text};
use crate::journal::{Claim, Unfinished};

/// Tells every unfinished operation. Without a journal there are none.
pub(super) async fn list(circumstances: Circumstances) {
    let event = match unfinished(circumstances.writing.as_ref()).await {
        Ok(unfinished) => Event::Unfinished(unfinished),
        Err(failure) => Event::Notice(failure),
    };
    let _ = circumstances.events.send(event).await;
}

/// Takes up the unfinished operations of one login that nobody follows.
pub(super) async fn resume(
    session: SessionId,
    login: Login,
    circumstances: Circumstances,
    tasks: TaskTracker,
) {
    let (operations, failures) = claim(&login.scope, circumstances.writing.as_ref()).await;
    let taken = operations.clone();
    let event = Event::Resuming { session, operations: taken, failures };
    let _ = circumstances.events.send(event).await;
    for operation in operations {
        let operator = Operator::at(login.clone(), operation, circumstances.clone());
        tasks.spawn(operator.take_up());
    }
}

async fn unfinished(writing: Option<&Writing>) -> Result<Vec<Unfinished>, Failure> {
    match writing {
        Some(writing) => {
            writing.ask("read the unfinished operations", |journal| journal.unfinished()).await
        }
        None => Ok(Vec::new()),
    }
}

/// The operations that are this program's now, and what went wrong.
async fn claim(scope: &Scope, writing: Option<&Writing>) -> (Vec<Operation>, Vec<Failure>) {
    let (mut operations, mut failures) = (Vec::new(), Vec::new());
    let found = unfinished(writing).await.unwrap_or_else(|failure| {
        failures.push(failure);
        Vec::new()
    });
    let ours = |it: &Unfinished| it.followed_by.is_none() && is_here(scope, &it.operation.scope);
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

/// Whether a login sees what an operation saw. The name of a cloud may change in the configuration and its
/// endpoint in the catalog, but hardly both, and the project must be the same.
fn is_here(here: &Scope, there: &Scope) -> bool {
    here.kind == there.kind
        && here.project_id.is(&there.project_id)
        && here.region == there.region
        && (here.cloud == there.cloud || here.endpoint == there.endpoint)
}

impl Operator {
    /// Goes on where the last program ended.
    async fn take_up(mut self) {
        if self.operation.stage == Stage::Checking {
            self.report_unsent().await;
        } else {
            self.pick_up_requests().await;
        }
        if !self.operation.is_finished() {
            self.send(VecDeque::new()).await;
            self.verify_and_finish().await;
        }
        self.watch().await;
        self.leave();
    }

    /// Nothing was sent: the shares are read, so that what is reported is what is true now.
    async fn report_unsent(&mut self) {
        let Some(checked) = self.check().await else { return };
        for share in checked.there {
            self.settle(share, verify::unsent()).await;
        }
    }

    async fn pick_up_requests(&mut self) {
        for request in 0..self.operation.requests.len() {
            let record = &self.operation.requests[request];
            match (record.state.clone(), record.job.clone()) {
                (RequestState::Planned, _) => self.end(request, RequestState::Stopped, None).await,
                (RequestState::Sending, _) => self.end(request, unheard(), None).await,
                (RequestState::Following, Some(job)) => self.chase(request, job),
                (RequestState::Watched, Some(job)) => self.watch_on(request, job),
                _ => {}
            }
        }
    }

    /// It is asked about after the receipt, as it was before.
    fn watch_on(&mut self, request: usize, job: JobId) {
        self.chases.insert(request, super::operate::Chase::new(job));
    }
}

fn unheard() -> RequestState {
    let error: Text = "the program ended before the answer came".into();
    RequestState::Lost { error }
}
