//! The records of each request and each share of an operation.

use serde::{Deserialize, Serialize};

use super::super::{Batch, JobId, JobReport, JobStatus, Moment, Seen, Share, Text};
use super::Outcome;

/// The state of one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum RequestState {
    /// Not sent.
    Planned,
    /// Sent, without a response. After a crash its effect is unknown until the members are read.
    Sending,
    /// Accepted as a job, which is being polled.
    Following,
    /// The job exceeded the time limit: the outcome is unknown, and the job is polled further.
    Watched,
    /// The cloud reported success.
    Done,
    /// The job failed.
    Failed,
    /// The cloud refused it, or it could not be sent. Only the members show whether it had an effect.
    Refused {
        /// The error.
        error: Text,
    },
    /// The cloud reported that there was nothing to do: the only share of this request did not exist, or existed already.
    #[serde(rename = "needless", alias = "notamember")]
    Needless,
    /// The response was lost: it may or may not have had an effect. Never sent again.
    Lost {
        /// The error that lost the response.
        error: Text,
    },
    /// Not sent because the user stopped the operation.
    Stopped,
}

impl RequestState {
    /// Whether the cloud has not responded to the request.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self, Self::Planned | Self::Sending)
    }

    /// Whether the request and its job have ended.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Planned | Self::Sending | Self::Following | Self::Watched)
    }
}

/// One request of an operation, and the job it became.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRecord {
    /// The shares it names.
    pub batch: Batch,
    /// Its state.
    pub state: RequestState,
    /// The job, if the cloud created one.
    pub job: Option<JobId>,
    /// The last response to a poll of the job.
    pub report: Option<JobReport>,
    /// Why the last poll failed, if it did. A failed poll is not a failed job.
    pub poll_error: Option<Text>,
    /// The cloud's ID of the request.
    pub request_id: Option<Text>,
    /// When it was sent; `None` if it was not sent.
    pub sent_at: Option<Moment>,
    /// When it, or its job, ended.
    pub ended_at: Option<Moment>,
}

/// One share of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRecord {
    /// The share.
    pub share: Share,
    /// The request that names it: an index into [`Operation::requests`](super::Operation::requests).
    pub request: Option<usize>,
    /// The state in the first reading; `None` if it could not be read.
    pub before: Option<Seen>,
    /// The state in the last reading.
    pub after: Option<Seen>,
    /// Its outcome, once known.
    pub outcome: Option<Outcome>,
    /// What went wrong with it.
    pub error: Option<Text>,
}

impl ShareRecord {
    /// A confirmed share without a reading.
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

    /// Whether the cloud may have received it. If so, the request may have caused a change whatever the response says: a
    /// proxy may resend a request that already took effect, and return the error of the second one.
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
