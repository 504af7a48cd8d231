//! The events of an operation.

use super::super::{Batch, JobId, JobReport, Moment, Seen, Share, Text};
use super::{Outcome, RequestState};

/// One event of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Progress of a reading of members, in images.
    Read {
        /// Images read.
        done: usize,
        /// Images to read.
        of: usize,
    },
    /// The first reading is complete.
    Found {
        /// The state of every share in order; `None` where it could not be read.
        before: Vec<Option<Seen>>,
    },
    /// The outcome of a share is known.
    Settled {
        /// The share.
        share: Share,
        /// Its outcome.
        outcome: Outcome,
        /// Its state in the reading that decided it; `None` where it could not be read.
        after: Option<Seen>,
        /// What went wrong.
        error: Option<Text>,
    },
    /// The precheck is done: only these requests will be sent.
    Planned {
        /// The shares that each names.
        batches: Vec<Batch>,
    },
    /// A request is about to be sent.
    Sending {
        /// Index into the planned batches.
        request: usize,
        /// The time.
        at: Moment,
    },
    /// The cloud accepted a request.
    Accepted {
        /// Index of the request.
        request: usize,
        /// The job; `None` if the change was made immediately.
        job: Option<JobId>,
        /// The cloud's ID of the request.
        request_id: Option<Text>,
        /// The time.
        at: Moment,
    },
    /// A request ended without being accepted.
    Rejected {
        /// Index of the request.
        request: usize,
        /// Refused, needless, lost or stopped.
        state: RequestState,
        /// The cloud's ID of the request.
        request_id: Option<Text>,
        /// The time.
        at: Moment,
    },
    /// A request ended without being sent.
    Unsent {
        /// Index of the request.
        request: usize,
        /// Refused locally, or stopped.
        state: RequestState,
        /// The time.
        at: Moment,
    },
    /// The cloud responded to a poll of a job.
    Polled {
        /// Index of the request.
        request: usize,
        /// The response.
        report: JobReport,
        /// The time.
        at: Moment,
    },
    /// A poll of a job failed and will be retried.
    PollFailed {
        /// Index of the request.
        request: usize,
        /// The error.
        error: Text,
    },
    /// A job exceeded the time limit. It is polled further.
    Overdue {
        /// Index of the request.
        request: usize,
    },
    /// The second reading of the members begins.
    Verifying,
    /// Some shares are unchanged and are read again for a while, because the change may take effect late. Not recorded.
    Waiting {
        /// Number of unchanged shares.
        shares: usize,
        /// When the wait ends.
        until: Moment,
    },
    /// Every share has an outcome, but a job is still running: the receipt is provisional.
    Provisional,
    /// The receipt is final.
    Finished {
        /// The time.
        at: Moment,
    },
}

impl Step {
    /// Whether it completes a receipt, final or provisional.
    pub fn makes_receipt(&self) -> bool {
        matches!(self, Self::Provisional | Self::Finished { .. })
    }
}
