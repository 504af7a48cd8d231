//! The operations of this run, and the cursors of the Jobs view.

use std::collections::HashMap;

use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::layout;
use crate::tui::views::jobs::JobAreas;
use crate::tui::views::jobs::timeline::Timeline;
use domain::operation::{RequestRecord, RequestState, Stage};
use domain::{JobStatus, Operation, OperationId, Outcome, Text};

/// The pane of the Jobs view with the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum JobFocus {
    #[default]
    Operations,
    Requests,
    Shares,
}

/// The operations, oldest first, and the cursors of the Jobs view, which shows the newest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    pub(crate) operations: Vec<Operation>,
    pub(crate) focus: JobFocus,
    /// Position in `operations`.
    pub(crate) cursor: Cursor<usize>,
    /// Row of the requests pane: 0 is all requests, n is request n - 1.
    pub(crate) request: Cursor<usize>,
    /// Row of the shares pane.
    pub(crate) share: Cursor<usize>,
    /// Positions of the operations as listed: newest first.
    pub(crate) listed: Vec<usize>,
    /// Rows of the requests pane.
    pub(crate) requests: Vec<usize>,
    /// Positions of the shares in the current operation that belong to the selected request.
    pub(crate) shares: Vec<usize>,
    /// When the operations reached their stages.
    pub(crate) timelines: HashMap<OperationId, Timeline>,
    /// Whether the user has hidden the jobs pane.
    pub(crate) hidden: bool,
    stale: bool,
}

impl Jobs {
    /// Adds an operation, and shows the jobs pane again.
    pub(crate) fn add(&mut self, operation: Operation) {
        self.operations.retain(|known| known.id != operation.id);
        self.operations.push(operation);
        (self.hidden, self.stale) = (false, true);
    }

    /// The operation with this ID.
    pub(crate) fn find(&mut self, id: &OperationId) -> Option<&mut Operation> {
        self.stale = true;
        self.operations.iter_mut().rev().find(|operation| operation.id == *id)
    }

    /// Operations without a receipt.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| !operation.is_finished())
    }

    /// The operation under the cursor.
    pub(crate) fn current(&self) -> Option<&Operation> {
        self.operations.get(self.cursor.current(&self.listed)?)
    }

    /// The request under the cursor; `None` on the row for all requests.
    pub(crate) fn current_request(&self) -> Option<usize> {
        self.request.at.checked_sub(1)
    }

    /// Marks the list as out of date.
    pub(crate) fn changed(&mut self) {
        self.stale = true;
    }

    pub(crate) fn settle(&mut self, areas: &JobAreas) {
        if std::mem::take(&mut self.stale) {
            self.listed = (0..self.operations.len()).rev().collect();
            self.cursor.find(&self.listed);
            let requests = self.current().map_or(0, |operation| operation.requests.len());
            self.requests = (0..=requests).collect();
            self.request.find(&self.requests);
            self.shares = self.shares_of(self.current_request());
            self.share.at = self.share.at.min(self.shares.len().saturating_sub(1));
        }
        let rows = |area| usize::from(layout::rows(area));
        self.cursor.fit(self.listed.len(), rows(areas.operations));
        self.request.fit(self.requests.len(), rows(areas.requests));
        self.share.fit(self.shares.len(), rows(areas.shares));
    }

    fn shares_of(&self, request: Option<usize>) -> Vec<usize> {
        let Some(operation) = self.current() else { return Vec::new() };
        let shares = operation.shares.iter().enumerate();
        let belongs = |own: Option<usize>| request.is_none() || own == request;
        shares.filter(|(_, share)| belongs(share.request)).map(|(at, _)| at).collect()
    }
}

/// The contents of an operation's line, shared by the pane, the view and the tests.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) health: Health,
    /// The cloud's own status words for the jobs, or the current activity.
    pub(crate) words: String,
    /// Fraction done, 0 to 1, while the operation runs.
    pub(crate) part: Option<f64>,
    /// Its state or result, in shares.
    pub(crate) counts: String,
}

/// The health of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Running,
    /// Every share is gone, verified.
    Good,
    /// Some shares are unknown, or something failed on the way.
    Doubtful,
    /// Some shares are still there.
    Bad,
}

impl Summary {
    /// Derives it from an operation.
    pub(crate) fn of(operation: &Operation) -> Self {
        Self {
            health: health(operation),
            words: words(operation),
            part: part(operation),
            counts: counts(operation),
        }
    }
}

fn health(operation: &Operation) -> Health {
    if !operation.is_finished() {
        return Health::Running;
    }
    if operation.count(Outcome::Failed) > 0 {
        return Health::Bad;
    }
    if operation.is_complete() { Health::Good } else { Health::Doubtful }
}

/// The raw status words, each once with its count; before there are any, the current activity.
fn words(operation: &Operation) -> String {
    match operation.stage {
        Stage::Checking => return "checking".into(),
        Stage::Verifying => return "verifying".into(),
        _ => {}
    }
    let mut seen: Vec<(String, usize)> = Vec::new();
    for request in &operation.requests {
        let word = word(request);
        match seen.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => seen.push((word, 1)),
        }
    }
    match &*seen {
        [] => "nothing sent".into(),
        [(word, _)] => word.clone(),
        many => {
            let part = |(word, count): &(String, usize)| format!("{count} {word}");
            many.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The state of a request: the cloud's own word about its job, where there is one.
pub(crate) fn word(request: &RequestRecord) -> String {
    match (&request.state, &request.report) {
        (RequestState::Watched, Some(report)) => format!("{}, overdue", report.status),
        (_, Some(report)) => report.status.to_string(),
        (RequestState::Planned, _) => "waiting".into(),
        (RequestState::Sending, _) => "sending".into(),
        (RequestState::Following, _) => "following".into(),
        (RequestState::Watched, _) => "overdue".into(),
        (RequestState::Done, _) => "done".into(),
        (RequestState::Failed, _) => Text::from(JobStatus::Fail).to_string(),
        (RequestState::Refused { .. }, _) => "refused".into(),
        (RequestState::Needless, _) => "nothing to do".into(),
        (RequestState::Lost { .. }, _) => "answer lost".into(),
        (RequestState::Stopped, _) => "stopped".into(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a progress bar has a dozen steps")]
fn part(operation: &Operation) -> Option<f64> {
    let of = |done: usize, all: usize| if all == 0 { 0.0 } else { done as f64 / all as f64 };
    match operation.stage {
        Stage::Finished => None,
        Stage::Checking | Stage::Verifying => Some(of(operation.reading.0, operation.reading.1)),
        Stage::Sending | Stage::Following => {
            let all: usize = operation.requests.iter().map(|r| r.batch.share_count()).sum();
            let done: f64 = operation.requests.iter().map(request_part).sum();
            Some(if all == 0 { 0.0 } else { done / all as f64 })
        }
    }
}

/// Shares of a request that count as processed: all when it is finished, before that the cloud's own fraction.
#[expect(clippy::cast_precision_loss, reason = "a progress bar has a dozen steps")]
fn request_part(request: &RequestRecord) -> f64 {
    let shares = request.batch.share_count() as f64;
    let told = request.report.as_ref().and_then(|report| report.progress);
    match told {
        _ if request.state.is_final() => shares,
        Some(told) => shares * f64::from(told).clamp(0.0, 1.0),
        None => 0.0,
    }
}

fn counts(operation: &Operation) -> String {
    let all = operation.shares.len();
    match operation.stage {
        Stage::Checking | Stage::Verifying => {
            let (done, of) = operation.reading;
            format!("{done} of {of} images read again")
        }
        Stage::Sending | Stage::Following => {
            format!(
                "{} of {all} done",
                operation.completed_shares() + operation.count(Outcome::Needless)
            )
        }
        Stage::Finished => receipt(operation),
    }
}

/// The receipt in one line.
pub(crate) fn receipt(operation: &Operation) -> String {
    let some = |outcome: Outcome| {
        let count = operation.count(outcome);
        (count > 0).then(|| format!("{count} {}", outcome.word(operation.kind)))
    };
    let open = operation.shares.iter().filter(|share| share.outcome.is_none()).count();
    let open = (open > 0).then(|| format!("{open} open"));
    let parts: Vec<String> = Outcome::ALL.into_iter().map(some).chain([open]).flatten().collect();
    let verified = if operation.is_complete() { ", verified" } else { "" };
    parts.join(", ") + verified
}
