//! What is kept about each request and each share of an operation.

use serde::{Deserialize, Serialize};

use super::super::{Batch, JobId, JobReport, JobStatus, Moment, Seen, Share, Text};
use super::Outcome;

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
    /// The job runs for longer than the limit: the outcome is unknown, and the job is still polled.
    Watched,
    /// The cloud carried it out, or said so.
    Done,
    /// The job ended as failed.
    Failed,
    /// The cloud said no, or the request could not leave. What the cloud did is for the members to show.
    Refused {
        /// Why.
        error: Text,
    },
    /// The cloud said that there was nothing to do: the one share of this request was none, or was one already.
    #[serde(rename = "needless", alias = "notamember")]
    Needless,
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
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self, Self::Planned | Self::Sending)
    }

    /// Whether nothing more will be heard of the request.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Planned | Self::Sending | Self::Following | Self::Watched)
    }
}

/// One request of an operation, and the job it became.
#[derive(Clone, Debug, PartialEq)]
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
    /// When it was sent; `None` for a request that never left.
    pub sent_at: Option<Moment>,
    /// When it, or its job, ended.
    pub ended_at: Option<Moment>,
}

/// One share of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRecord {
    /// Which.
    pub share: Share,
    /// The request that names it: an index into [`Operation::requests`](super::Operation::requests).
    pub request: Option<usize>,
    /// What the first reading showed; `None` when it was not read.
    pub before: Option<Seen>,
    /// What the last reading showed.
    pub after: Option<Seen>,
    /// Its end, once known.
    pub outcome: Option<Outcome>,
    /// What went wrong with it.
    pub error: Option<Text>,
}

impl ShareRecord {
    /// A share of which nothing is known but that it was confirmed.
    pub fn confirmed(share: Share) -> Self {
        Self { share, request: None, before: None, after: None, outcome: None, error: None }
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

    /// Whether the cloud may have seen it. If so, a change that happened may be its doing, whatever was answered: a
    /// proxy may repeat a request that was carried out already, and pass on the error of the second one.
    pub fn may_have_left(&self) -> bool {
        match self.state {
            RequestState::Planned => false,
            RequestState::Stopped | RequestState::Refused { .. } => self.sent_at.is_some(),
            _ => true,
        }
    }

    pub(super) fn polled(&mut self, report: JobReport, at: Moment) {
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
