//! An operation: one confirmed plan on its way, told as steps.
//!
//! The engine takes a [`Step`] at a time; the journal writes it down, the screen and the command line fold it
//! into the same [`Operation`] with [`Operation::apply`]. So what is shown, printed and stored cannot differ.

use serde::{Deserialize, Serialize};

use super::{Batch, JobId, JobReport, JobStatus, Marks, Moment, Outcome, Scope, Share, Text};

/// The id of an operation: short, unique on this machine, in order of time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub String);

impl std::fmt::Display for OperationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// Takes shares away.
    Revoke,
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Confirmed; the members are being read again, nothing has been sent.
    Checking,
    /// Requests are leaving or about to.
    Sending,
    /// Every request that will be sent was sent; jobs are followed.
    Following,
    /// The members are being read a second time.
    Verifying,
    /// There is a receipt.
    Finished,
}

/// Where one request stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum RequestState {
    /// Not sent.
    Planned,
    /// Sent, and no answer yet. After a crash the cloud must be asked what it did.
    Sending,
    /// Taken by the cloud as a job.
    Following,
    /// Followed for longer than the limit: the outcome is unknown, and it is still watched.
    Watched,
    /// The cloud carried it out, or said so.
    Done,
    /// The job ended as failed.
    Failed,
    /// The cloud said no: it carried nothing out.
    Refused {
        /// Its words.
        error: Text,
    },
    /// The cloud said that the one share of this request was none.
    NotAMember,
    /// The answer was lost: it may have been carried out or not. Never sent again.
    Lost {
        /// What happened on the way.
        error: Text,
    },
    /// Given up before it was sent, because the user said stop.
    Stopped,
}

impl RequestState {
    /// Whether the cloud has not said anything about the request.
    fn is_unanswered(&self) -> bool {
        matches!(self, Self::Planned | Self::Sending)
    }

    /// Whether nothing more will be heard of the request.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Planned | Self::Sending | Self::Following | Self::Watched)
    }
}

/// One request of an operation, and the job it became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// What it names.
    pub batch: Batch,
    /// Where it stands.
    pub state: RequestState,
    /// The cloud's job, where it made one.
    pub job: Option<JobId>,
    /// The last answer about the job.
    pub report: Option<JobReport>,
    /// Why the last poll failed, if it did. A failed poll is not a failed job.
    pub poll_error: Option<Text>,
    /// The cloud's id of the request that was sent.
    pub request_id: Option<Text>,
    /// When it was sent.
    pub sent_at: Option<Moment>,
    /// When it, or its job, ended.
    pub ended_at: Option<Moment>,
}

/// One share of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareRecord {
    /// Which.
    pub share: Share,
    /// The request that names it: an index into [`Operation::requests`].
    pub request: Option<usize>,
    /// Its end, once known.
    pub outcome: Option<Outcome>,
    /// What went wrong with it.
    pub error: Option<Text>,
}

/// Everything about one confirmed plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// Where.
    pub scope: Scope,
    /// When it was confirmed.
    pub started_at: Moment,
    /// When its receipt was complete.
    pub ended_at: Option<Moment>,
    /// Where it stands.
    pub stage: Stage,
    /// The requests, in the order they are sent. Empty until the first reading is done.
    pub requests: Vec<RequestRecord>,
    /// Every share that was confirmed, in order.
    pub shares: Vec<ShareRecord>,
    /// Images read in the reading that is going on, and how many there are to read.
    pub reading: (usize, usize),
    /// Requests the cloud has not answered yet; at none, everything was sent.
    unanswered: usize,
}

/// One thing that happened to an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A reading of members has come this far, in images.
    Read {
        /// Images read.
        done: usize,
        /// Images to read.
        of: usize,
    },
    /// The end of a share is known.
    Settled {
        /// Which.
        share: Share,
        /// How it ended.
        outcome: Outcome,
        /// What went wrong.
        error: Option<Text>,
    },
    /// The first reading is done: these requests will be sent, and no others.
    Planned {
        /// What each names.
        batches: Vec<Batch>,
    },
    /// A request is about to leave.
    Sending {
        /// Which: an index into the planned batches.
        request: usize,
        /// When.
        at: Moment,
    },
    /// The cloud took a request.
    Accepted {
        /// Which.
        request: usize,
        /// The job it became; none where the cloud did it at once.
        job: Option<JobId>,
        /// The cloud's id of the request.
        request_id: Option<Text>,
        /// When.
        at: Moment,
    },
    /// A request ended without being taken.
    Rejected {
        /// Which.
        request: usize,
        /// Refused, not a member, lost or stopped.
        state: RequestState,
        /// The cloud's id of the request.
        request_id: Option<Text>,
        /// When.
        at: Moment,
    },
    /// The cloud answered about a job.
    Polled {
        /// Which request.
        request: usize,
        /// What it said.
        report: JobReport,
        /// When.
        at: Moment,
    },
    /// The cloud could not be asked about a job. It will be asked again.
    PollFailed {
        /// Which request.
        request: usize,
        /// Why.
        error: Text,
    },
    /// A job took longer than the limit. It is still watched.
    Overdue {
        /// Which request.
        request: usize,
    },
    /// The members are read a second time.
    Verifying,
    /// There is a receipt for every share.
    Finished {
        /// When.
        at: Moment,
    },
}

impl Operation {
    /// A confirmed operation of which nothing has happened yet.
    pub fn new(
        id: OperationId,
        kind: OperationKind,
        scope: Scope,
        shares: &Marks,
        started_at: Moment,
    ) -> Self {
        let record = |share| ShareRecord { share, request: None, outcome: None, error: None };
        Self {
            id,
            kind,
            scope,
            started_at,
            ended_at: None,
            stage: Stage::Checking,
            requests: Vec::new(),
            shares: shares.iter().map(record).collect(),
            reading: (0, shares.images().len()),
            unanswered: 0,
        }
    }

    /// The same operation with the requests and shares it had when it was written down. Shares are in order.
    #[must_use]
    pub fn with_records(mut self, requests: Vec<RequestRecord>, shares: Vec<ShareRecord>) -> Self {
        self.unanswered = requests.iter().filter(|r| r.state.is_unanswered()).count();
        (self.requests, self.shares) = (requests, shares);
        self
    }

    /// Folds a step in. Steps about requests that do not exist change nothing.
    pub fn apply(&mut self, step: Step) {
        match step {
            Step::Read { done, of } => self.reading = (done, of),
            Step::Settled { share, outcome, error } => self.settle(&share, outcome, error),
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
            Step::Polled { request, report, at } => self.change(request, |r| r.polled(report, at)),
            Step::PollFailed { request, error } => {
                self.change(request, |r| r.poll_error = Some(error));
            }
            Step::Overdue { request } => self.change(request, |r| r.state = RequestState::Watched),
            Step::Verifying => self.stage = Stage::Verifying,
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

    fn settle(&mut self, share: &Share, outcome: Outcome, error: Option<Text>) {
        if let Some(record) = self.record(share) {
            (record.outcome, record.error) = (Some(outcome), error);
        }
    }

    fn record(&mut self, share: &Share) -> Option<&mut ShareRecord> {
        let found = self.shares.binary_search_by(|record| record.share.cmp(share));
        found.ok().map(|at| &mut self.shares[at])
    }

    /// How many shares ended so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.shares.iter().filter(|share| share.outcome == Some(outcome)).count()
    }

    /// Whether every share is known to be gone.
    pub fn is_complete(&self) -> bool {
        self.shares.iter().all(|share| share.outcome.is_some_and(Outcome::is_gone))
    }

    /// Whether something may still be found out: there is no receipt, or a job is still watched.
    pub fn is_open(&self) -> bool {
        !self.is_finished() || self.requests.iter().any(|request| !request.state.is_final())
    }

    /// Whether a receipt exists.
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Finished
    }

    /// Shares named by requests that have ended, one way or the other.
    pub fn shares_behind(&self) -> usize {
        let ended = |r: &&RequestRecord| r.state.is_final();
        self.requests.iter().filter(ended).map(|r| r.batch.share_count()).sum()
    }
}

impl RequestRecord {
    /// A request that has not been sent.
    pub fn planned(batch: Batch) -> Self {
        Self {
            batch,
            state: RequestState::Planned,
            job: None,
            report: None,
            poll_error: None,
            request_id: None,
            sent_at: None,
            ended_at: None,
        }
    }

    fn polled(&mut self, report: JobReport, at: Moment) {
        match report.status {
            JobStatus::Success => self.state = RequestState::Done,
            JobStatus::Fail => self.state = RequestState::Failed,
            _ => {}
        }
        self.ended_at = report.status.is_final().then_some(at);
        self.poll_error = None;
        self.report = Some(report);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CloudKind, Member, ProjectId};
    use super::*;

    const NOW: Moment = Moment(1_000);

    fn share(image: &str, member: &str) -> Share {
        Share { image: image.into(), member: Member::project(member) }
    }

    fn batch(image: &str, members: &[&str]) -> Batch {
        Batch {
            images: vec![image.into()],
            members: members.iter().map(|id| Member::project(*id)).collect(),
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
            error: None,
        };
        operation.apply(settle("a", "x", Outcome::Revoked));
        operation.apply(settle("a", "y", Outcome::WasNotShared));
        assert!(!operation.is_complete());

        operation.apply(settle("b", "x", Outcome::Unknown));
        assert!(!operation.is_complete());

        operation.apply(settle("b", "x", Outcome::Revoked));
        assert!(operation.is_complete());
        assert_eq!(operation.count(Outcome::Revoked), 2);
    }
}
