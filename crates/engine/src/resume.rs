//! Operations that one program left unfinished are finished by the next one.
//!
//! Nothing is ever sent here. What was not sent stays unsent, and the user decides again; what may have been carried out is
//! judged only by the members; a job is polled again.

use std::collections::VecDeque;

use super::journal_writer::JournalHandle;
use super::operate::{Context, Operator, Running};
use super::{Login, outcome};
use crate::journal::{Claim, JournalError, Unfinished};
use domain::operation::{RequestState, Stage};
use domain::{Failure, Operation, OperationId, Scope, Step, Text};

/// Lists who follows the unfinished operations.
pub(super) async fn followers(
    journal: Option<&JournalHandle>,
) -> Result<Vec<(OperationId, Option<u32>)>, Failure> {
    let Some(journal) = journal else { return Ok(Vec::new()) };
    journal.query("read the unfinished operations", |journal| journal.followers()).await
}

/// The one operation whose ID is, begins or ends with this.
pub(super) async fn find_operation(
    part: String,
    journal: Option<&JournalHandle>,
) -> Result<Operation, Failure> {
    let what = format!("find the operation `{}`", Text::from(part.as_str()));
    let none = || Failure::new(what.clone(), "there is none in the journal");
    let journal = journal.ok_or_else(none)?;
    let exact = OperationId(part.clone());
    if let Some(operation) = journal.query("read an operation", move |it| it.load(&exact)).await? {
        return Ok(operation);
    }
    let ids = journal
        .query("look into the journal", move |journal| journal.find_ids(&part, MAX_CANDIDATES))
        .await?;
    let id = match &ids[..] {
        [] => return Err(none()),
        [id] => id.clone(),
        several => {
            let ids: Vec<&str> = several.iter().map(|id| id.0.as_str()).collect();
            let why = format!("several IDs begin or end with it: {}", ids.join(", "));
            return Err(Failure::new(what, why).with_hint("type more of the ID"));
        }
    };
    let found = journal.query("read an operation", move |journal| journal.load(&id)).await?;
    found.ok_or_else(none)
}

/// How many operations an ambiguous ID lists, at most.
const MAX_CANDIDATES: usize = 5;

/// Resumes the unfinished operations of one login that no program follows; or only one of them. The failures say why some
/// or all could not be taken up.
pub(super) async fn resume(
    login: &Login,
    only: Option<&OperationId>,
    context: &Context,
) -> (Vec<Running>, Vec<Failure>) {
    let (operations, failures) = claim(&login.scope, only, context.journal.as_ref()).await;
    let resume = |operation| Operator::resume(login.clone(), operation, context.clone());
    (operations.into_iter().map(resume).collect(), failures)
}

/// The unfinished operations that can be read, oldest first, and why others cannot. None without a journal.
pub(super) async fn unfinished(
    journal: Option<&JournalHandle>,
) -> Result<(Vec<Unfinished>, Vec<Failure>), Failure> {
    let Some(journal) = journal else { return Ok(Default::default()) };
    let what = "read the unfinished operations";
    let (operations, unreadable) = journal.query(what, |journal| journal.unfinished()).await?;
    let failure = |(id, error): (OperationId, JournalError)| {
        error.failure(format!("read the unfinished operation {id}"))
    };
    Ok((operations, unreadable.into_iter().map(failure).collect()))
}

/// The operations that this program follows from now on, and what went wrong.
async fn claim(
    scope: &Scope,
    only: Option<&OperationId>,
    journal: Option<&JournalHandle>,
) -> (Vec<Operation>, Vec<Failure>) {
    let mut operations = Vec::new();
    let (found, mut failures) =
        unfinished(journal).await.unwrap_or_else(|failure| (Vec::new(), vec![failure]));
    let meant = |id: &OperationId| only.is_none_or(|only| only == id);
    let ours = |it: &Unfinished| {
        it.followed_by.is_none()
            && meant(&it.operation.id)
            && scope.is_same_scope(&it.operation.scope)
    };
    for id in found.into_iter().filter(ours).map(|it| it.operation.id) {
        let Some(journal) = journal else { break };
        match journal.query("take an operation up", move |journal| journal.claim(&id)).await {
            Ok(Claim::Granted(operation)) => operations.push(*operation),
            // Another program was faster.
            Ok(Claim::Followed(_) | Claim::Over) => {}
            Err(failure) => failures.push(failure),
        }
    }
    (operations, failures)
}

impl Operator {
    /// Continues where the last program ended.
    pub(super) async fn run_resumed(mut self) {
        if self.operation.is_finished() {
            // Recorded by an earlier version while a job still ran.
            self.record(Step::Verifying).await;
        }
        if self.operation.stage == Stage::Checking {
            self.report_unsent().await;
        } else {
            self.resume_requests().await;
        }
        self.send(VecDeque::new()).await;
        self.verify_and_finish().await;
        self.poll_overdue_jobs().await;
        self.release_claim();
    }

    /// Nothing was sent: the shares are read, so that the receipt is true now.
    async fn report_unsent(&mut self) {
        let Some(checked) = self.precheck().await else { return };
        for share in checked.to_do {
            let seen = self.operation.before(&share).cloned();
            self.settle(share, outcome::not_sent(), seen).await;
        }
    }

    async fn resume_requests(&mut self) {
        for request in 0..self.operation.requests.len() {
            let Some(record) = self.operation.requests.get(request) else { continue };
            match (record.state.clone(), record.job.clone()) {
                (RequestState::Planned, _) => {
                    self.end_request(request, RequestState::Stopped, None).await;
                }
                (RequestState::Sending, _) => {
                    self.end_request(request, response_lost(), None).await;
                }
                (RequestState::Following | RequestState::Watched, Some(job)) => {
                    self.poll(request, job);
                }
                _ => {}
            }
        }
    }
}

fn response_lost() -> RequestState {
    let error: Text = "the program ended before the answer came".into();
    RequestState::Lost { error }
}
