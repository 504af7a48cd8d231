//! An operation: one confirmed plan, event-sourced as [`Step`]s.
//!
//! The engine produces the steps. The journal records each, and the journal, the screen and the command line apply it with
//! [`Operation::apply`], so what is stored, shown and printed cannot differ.

use serde::{Deserialize, Serialize};

use super::{Batch, Marks, Moment, Scope, Seen, Share, Text};

mod comparison;
mod kind;
mod record;
mod step;

pub use comparison::{Change, Comparison};
pub use kind::{OperationKind, Outcome};
pub use record::{RequestRecord, RequestState, ShareRecord};
pub use step::Step;

/// The ID of an operation: short, unique on this machine, ordered by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub String);

impl std::fmt::Display for OperationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// The stage of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Confirmed; the members are being read (precheck), and nothing was sent.
    Checking,
    /// Requests are being sent.
    Sending,
    /// All requests were sent; jobs are being polled. Shares may have a provisional outcome.
    Following,
    /// The members are being read a second time.
    Verifying,
    /// The receipt is final.
    Finished,
}

/// One confirmed plan with its requests, jobs and outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its ID.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// The operation that it undoes, if it is an undo.
    pub undoes: Option<OperationId>,
    /// Its scope.
    pub scope: Scope,
    /// When it was confirmed.
    pub started_at: Moment,
    /// When its receipt became final.
    pub ended_at: Option<Moment>,
    /// Its stage.
    pub stage: Stage,
    /// The requests, in the order they are sent. Empty until the precheck is done.
    pub requests: Vec<RequestRecord>,
    /// Every confirmed share, sorted.
    pub shares: Vec<ShareRecord>,
    /// Progress of the current reading: images read, and images to read.
    pub reading: (usize, usize),
    /// Number of unchanged shares that are being read again, and when that ends.
    pub waiting: Option<(usize, Moment)>,
    /// Number of requests without a response; at 0, all were sent.
    unanswered: usize,
}

impl Operation {
    /// A confirmed operation without any steps.
    pub fn new(
        id: OperationId,
        kind: OperationKind,
        scope: Scope,
        shares: &Marks,
        started_at: Moment,
    ) -> Self {
        Self {
            id,
            kind,
            undoes: None,
            scope,
            started_at,
            ended_at: None,
            stage: Stage::Checking,
            requests: Vec::new(),
            shares: shares.iter().map(ShareRecord::confirmed).collect(),
            reading: (0, shares.images().len()),
            waiting: None,
            unanswered: 0,
        }
    }

    /// Sets the recorded requests and shares. `shares` must be sorted.
    #[must_use]
    pub fn with_records(mut self, requests: Vec<RequestRecord>, shares: Vec<ShareRecord>) -> Self {
        self.unanswered = requests.iter().filter(|r| r.state.is_unanswered()).count();
        (self.requests, self.shares) = (requests, shares);
        self
    }

    /// Marks it as the undo of another operation.
    #[must_use]
    pub fn undoing(mut self, undone: Option<OperationId>) -> Self {
        self.undoes = undone;
        self
    }

    /// Applies a step. Steps about requests that do not exist change nothing.
    pub fn apply(&mut self, step: Step) {
        if step.makes_receipt() {
            self.waiting = None;
        }
        match step {
            Step::Read { done, of } => self.reading = (done, of),
            Step::Found { before } => self.found(before),
            Step::Settled { share, outcome, after, error } => {
                self.settle(&share, outcome, after, error);
            }
            Step::Planned { batches } => self.plan(batches),
            Step::Sending { request, at } => self.change(request, |r| {
                r.state = RequestState::Sending;
                r.sent_at = Some(at);
            }),
            Step::Accepted { request, job, request_id, at } => self.change(request, |r| {
                r.state = if job.is_some() { RequestState::Following } else { RequestState::Done };
                r.ended_at = job.is_none().then_some(at);
                (r.job, r.request_id) = (job, request_id);
            }),
            Step::Rejected { request, state, request_id, at } => self.change(request, |r| {
                r.request_id = request_id.or(r.request_id.take());
                (r.state, r.ended_at) = (state, Some(at));
            }),
            Step::Unsent { request, state, at } => self.change(request, |r| {
                (r.state, r.sent_at, r.ended_at) = (state, None, Some(at));
            }),
            Step::Polled { request, report, at } => self.change(request, |r| r.polled(report, at)),
            Step::PollFailed { request, error } => {
                self.change(request, |r| r.poll_error = Some(error));
            }
            Step::Overdue { request } => self.change(request, |r| r.state = RequestState::Watched),
            Step::Verifying => self.stage = Stage::Verifying,
            Step::Waiting { shares, until } => self.waiting = Some((shares, until)),
            Step::Provisional => (self.stage, self.ended_at) = (Stage::Following, None),
            Step::Finished { at } => (self.stage, self.ended_at) = (Stage::Finished, Some(at)),
        }
    }

    fn plan(&mut self, batches: Vec<Batch>) {
        for (number, batch) in batches.iter().enumerate() {
            for share in batch.shares() {
                if let Some(record) = self.record(&share) {
                    record.request = Some(number);
                }
            }
        }
        self.unanswered = batches.len();
        self.requests = batches.into_iter().map(RequestRecord::planned).collect();
        self.stage = Stage::Sending;
    }

    fn change(&mut self, request: usize, change: impl FnOnce(&mut RequestRecord)) {
        let Some(record) = self.requests.get_mut(request) else { return };
        let waited = record.state.is_unanswered();
        change(record);
        let waits = record.state.is_unanswered();
        self.unanswered = self.unanswered + usize::from(waits) - usize::from(waited);
        if self.stage == Stage::Sending && waited && self.unanswered == 0 {
            self.stage = Stage::Following;
        }
    }

    fn found(&mut self, before: Vec<Option<Seen>>) {
        for (record, seen) in self.shares.iter_mut().zip(before) {
            record.before = seen;
        }
    }

    fn settle(
        &mut self,
        share: &Share,
        outcome: Outcome,
        after: Option<Seen>,
        error: Option<Text>,
    ) {
        if let Some(record) = self.record(share) {
            (record.outcome, record.after, record.error) = (Some(outcome), after, error);
        }
    }

    fn record(&mut self, share: &Share) -> Option<&mut ShareRecord> {
        let found = self.shares.binary_search_by(|record| record.share.cmp(share));
        found.ok().map(|at| &mut self.shares[at])
    }

    /// The state of a share in the first reading.
    pub fn before(&self, share: &Share) -> Option<&Seen> {
        let found = self.shares.binary_search_by(|record| record.share.cmp(share)).ok()?;
        self.shares[found].before.as_ref()
    }

    /// The number of shares with this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.shares.iter().filter(|share| share.outcome == Some(outcome)).count()
    }

    /// Whether every share was changed, or needed no change.
    pub fn is_complete(&self) -> bool {
        self.shares.iter().all(|share| share.outcome.is_some_and(Outcome::is_success))
    }

    /// The kind and the shares of an operation that undoes what this one did. `None` for answers, and if nothing was
    /// changed.
    pub fn inverse(&self) -> Option<(OperationKind, Marks)> {
        let done = |record: &&ShareRecord| record.outcome == Some(Outcome::Done);
        let marks: Marks = self.shares.iter().filter(done).map(|it| it.share.clone()).collect();
        self.kind.inverse().filter(|_| !marks.is_empty()).map(|kind| (kind, marks))
    }

    /// The shares that are not known to be changed.
    pub fn remaining(&self) -> Marks {
        let left = |record: &&ShareRecord| !record.outcome.is_some_and(Outcome::is_success);
        self.shares.iter().filter(left).map(|record| record.share.clone()).collect()
    }

    /// Whether it is unfinished: the receipt is missing or provisional.
    pub fn is_open(&self) -> bool {
        // Earlier versions recorded an operation as finished while a job still ran.
        !self.is_finished() || self.awaits_jobs()
    }

    /// Whether a share waits for a running job.
    pub fn awaits_jobs(&self) -> bool {
        let runs = |request: usize| {
            self.requests.get(request).is_some_and(|request| !request.state.is_final())
        };
        let waits = |share: &ShareRecord| !share.outcome.is_some_and(Outcome::is_success);
        self.shares.iter().any(|share| waits(share) && share.request.is_some_and(runs))
    }

    /// Whether the final receipt exists.
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Finished
    }

    /// Number of shares in requests that have ended.
    pub fn completed_shares(&self) -> usize {
        let ended = |r: &&RequestRecord| r.state.is_final();
        self.requests.iter().filter(ended).map(|r| r.batch.share_count()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CloudKind, JobId, JobReport, JobStatus, Member, ProjectId};
    use super::*;

    const NOW: Moment = Moment(1_000);

    fn share(image: &str, member: &str) -> Share {
        Share { image: image.into(), member: Member::project(member) }
    }

    fn batch(image: &str, members: &[&str]) -> Batch {
        Batch {
            images: vec![image.into()],
            members: members.iter().map(|id| Member::project(*id)).collect(),
            vault: None,
        }
    }

    fn operation(shares: &[Share]) -> Operation {
        let scope = Scope {
            cloud: "demo".into(),
            region: None,
            kind: CloudKind::Ims,
            project_id: ProjectId("p".into()),
            project_name: None,
            user: None,
            endpoint: "http://ims".into(),
            protected: false,
            read_only: false,
            tls_verified: true,
            encrypted: true,
        };
        let marks = shares.iter().cloned().collect();
        Operation::new(OperationId("1".into()), OperationKind::Revoke, scope, &marks, NOW)
    }

    fn planned() -> Operation {
        let mut operation = operation(&[share("a", "x"), share("a", "y"), share("b", "x")]);
        operation
            .apply(Step::Planned { batches: vec![batch("a", &["x", "y"]), batch("b", &["x"])] });
        operation
    }

    fn report(status: JobStatus) -> JobReport {
        JobReport {
            status,
            error_code: None,
            fail_reason: None,
            begin_time: None,
            end_time: None,
            progress: None,
            raw: "{}".into(),
            request_id: None,
        }
    }

    #[test]
    fn planning_ties_every_share_to_its_request() {
        let requests: Vec<_> = planned().shares.iter().map(|s| s.request).collect();
        assert_eq!(requests, [Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn everything_is_sent_when_the_last_request_is_answered() {
        let mut operation = planned();
        operation.apply(Step::Sending { request: 0, at: NOW });
        let job = Some(JobId("j".into()));
        operation.apply(Step::Accepted { request: 0, job, request_id: None, at: NOW });
        assert_eq!(operation.stage, Stage::Sending);

        let state = RequestState::Refused { error: "403".into() };
        operation.apply(Step::Rejected { request: 1, state, request_id: None, at: NOW });
        assert_eq!(operation.stage, Stage::Following);
    }

    #[test]
    fn steps_in_an_odd_order_do_not_confuse_the_count_of_unanswered_requests() {
        let mut operation = planned();
        let accepted = || Step::Accepted { request: 0, job: None, request_id: None, at: NOW };
        operation.apply(accepted());
        operation.apply(Step::Sending { request: 0, at: NOW });
        operation.apply(accepted());
        operation.apply(Step::Overdue { request: 1 });

        assert_eq!((operation.unanswered, operation.stage), (0, Stage::Following));
    }

    #[test]
    fn an_unknown_status_word_keeps_the_job_open() {
        let mut operation = planned();
        let job = Some(JobId("j".into()));
        operation.apply(Step::Accepted { request: 0, job, request_id: None, at: NOW });
        let odd = report(JobStatus::from(Text::from("PAUSED")));
        operation.apply(Step::Polled { request: 0, report: odd, at: NOW });

        assert_eq!(operation.requests[0].state, RequestState::Following);
        assert_eq!(operation.requests[0].report.as_ref().unwrap().status.to_string(), "PAUSED");
    }

    #[test]
    fn a_failed_poll_is_not_a_failed_job() {
        let mut operation = planned();
        let job = Some(JobId("j".into()));
        operation.apply(Step::Accepted { request: 0, job, request_id: None, at: NOW });
        operation.apply(Step::PollFailed { request: 0, error: "503".into() });
        assert_eq!(operation.requests[0].state, RequestState::Following);

        operation.apply(Step::Polled { request: 0, report: report(JobStatus::Fail), at: NOW });
        assert_eq!(operation.requests[0].state, RequestState::Failed);
        assert_eq!(operation.requests[0].poll_error, None);
    }

    #[test]
    fn an_operation_is_complete_only_when_every_share_is_gone() {
        let mut operation = planned();
        let settle = |image, member, outcome| Step::Settled {
            share: share(image, member),
            outcome,
            after: None,
            error: None,
        };
        operation.apply(settle("a", "x", Outcome::Done));
        operation.apply(settle("a", "y", Outcome::Needless));
        assert!(!operation.is_complete());

        operation.apply(settle("b", "x", Outcome::Unknown));
        assert!(!operation.is_complete());

        operation.apply(settle("b", "x", Outcome::Done));
        assert!(operation.is_complete());
        assert_eq!(operation.count(Outcome::Done), 2);
    }

    #[test]
    fn an_undo_is_about_the_shares_that_were_really_revoked_and_no_others() {
        let mut operation = planned();
        assert_eq!(operation.inverse(), None);
        for (member, outcome) in [("x", Outcome::Done), ("y", Outcome::Needless)] {
            let share = share("a", member);
            operation.apply(Step::Settled { share, outcome, after: None, error: None });
        }

        let (kind, marks) = operation.inverse().unwrap();
        assert_eq!(kind, OperationKind::Share);
        assert_eq!(marks.iter().collect::<Vec<_>>(), [share("a", "x")]);
        assert_eq!(operation.remaining().iter().collect::<Vec<_>>(), [share("b", "x")]);

        operation.kind = OperationKind::Accept;
        assert_eq!(operation.inverse(), None);
    }

    #[test]
    fn the_state_before_is_kept_with_its_share() {
        let mut operation = planned();
        let listed = Seen::Listed {
            status: crate::MemberStatus::Accepted,
            created_at: Some(NOW),
            updated_at: None,
        };
        let before = vec![Some(Seen::Absent), None, Some(listed.clone())];
        operation.apply(Step::Found { before });
        assert_eq!(operation.shares[2].before, Some(listed));
        assert_eq!(operation.shares[1].before, None);
    }
}
