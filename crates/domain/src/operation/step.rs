//! What can happen to an operation.

use super::super::{Batch, JobId, JobReport, Moment, Seen, Share, Text};
use super::{Outcome, RequestState};

/// One thing that happened to an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A reading of members has come this far, in images.
    Read {
        /// Images read.
        done: usize,
        /// Images to read.
        of: usize,
    },
    /// The first reading is done. This is what it showed.
    Found {
        /// For every share in order; `None` where it was not read.
        before: Vec<Option<Seen>>,
    },
    /// The end of a share is known.
    Settled {
        /// Which.
        share: Share,
        /// How it ended.
        outcome: Outcome,
        /// What the reading showed by which it is known; `None` where it could not be read.
        after: Option<Seen>,
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
    /// A request ended without being accepted.
    Rejected {
        /// Which.
        request: usize,
        /// Refused, needless, lost or stopped.
        state: RequestState,
        /// The cloud's id of the request.
        request_id: Option<Text>,
        /// When.
        at: Moment,
    },
    /// A request ended and never left this machine.
    Unsent {
        /// Which.
        request: usize,
        /// Refused by this side, or stopped.
        state: RequestState,
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
    /// A job took longer than the limit. It is still polled.
    Overdue {
        /// Which request.
        request: usize,
    },
    /// The members are read a second time.
    Verifying,
    /// Some shares are not as they should be yet, and are read again for a while: the cloud may still carry the request
    /// out. Not recorded.
    Waiting {
        /// How many shares.
        shares: usize,
        /// When the wait ends.
        until: Moment,
    },
    /// Every share was read again while a job still runs: the receipt is provisional and the operation goes on.
    Provisional,
    /// There is a receipt for every share.
    Finished {
        /// When.
        at: Moment,
    },
}

impl Step {
    /// Whether every share has an outcome after it, final or provisional.
    pub fn makes_receipt(&self) -> bool {
        matches!(self, Self::Provisional | Self::Finished { .. })
    }
}
