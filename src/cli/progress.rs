//! The steps of an operation as lines on stderr.

use crate::cli::output::Narrator;
use domain::operation::{RequestState, Stage};
use domain::text::counted;
use domain::{JobId, Moment, Operation, Step, Text};

/// Shows each thing once.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The last status of each request's job.
    shown: Vec<Text>,
    /// What each line begins with where there are several operations.
    about: String,
    has_waited: bool,
}

impl Progress {
    /// Of an operation that is under way already, perhaps one of several.
    pub(super) fn of(operation: &Operation) -> Self {
        Self {
            shown: vec!["".into(); operation.requests.len()],
            about: format!("operation {}: ", operation.id),
            has_waited: false,
        }
    }

    /// Shows a step that was just applied to the operation.
    pub(super) fn show(&mut self, narrator: &mut Narrator, operation: &Operation, step: &Step) {
        match step {
            Step::Read { done, of } => {
                let when = if operation.stage == Stage::Checking { "before" } else { "after" };
                let about = &self.about;
                narrator.progress(|| {
                    format!("{about}reading the members {when}: {done} of {of} images")
                });
            }
            Step::Settled { .. } => {
                narrator.progress(|| format!("{}{}", self.about, settled(operation)));
            }
            Step::Waiting { shares, until } => self.waiting(narrator, *shares, *until),
            Step::Sending { .. } => narrator.progress(|| sent(operation)),
            _ => {
                if let Some(line) = self.line(operation, step) {
                    narrator.say(format_args!("{}{line}", self.about));
                }
            }
        }
    }

    /// The first wait is a line that stays.
    fn waiting(&mut self, narrator: &mut Narrator, shares: usize, until: Moment) {
        let now = Moment(jiff::Timestamp::now().as_millisecond());
        let (left, about) = (until.seconds_since(now).max(0), &self.about);
        let line = format!(
            "{about}{} unchanged so far; checking for {left} s more whether the cloud carried the request out \
             (Ctrl-C ends the wait)",
            counted(shares, "share")
        );
        if self.has_waited {
            narrator.progress(|| line);
        } else {
            narrator.say(line);
        }
        self.has_waited = true;
    }

    /// The line that stays, for a step that is worth one.
    fn line(&mut self, operation: &Operation, step: &Step) -> Option<String> {
        let of = operation.requests.len();
        match step {
            Step::Planned { batches } => {
                self.shown = vec!["".into(); of];
                Some(planned(operation, batches.len()))
            }
            Step::Accepted { request, job: Some(job), .. } => {
                Some(format!("request {} of {of}: {}", request + 1, name(job)))
            }
            Step::Rejected { request, state, .. } | Step::Unsent { request, state, .. } => {
                let why = refused(state)?;
                Some(format!("request {} of {of}: {why}", request + 1))
            }
            Step::Polled { request, report, .. } => {
                let status = Text::from(report.status.to_string());
                self.once(operation, *request, status)
            }
            Step::PollFailed { request, error } => {
                let error = format!("cannot be polled now, retrying: {error}");
                self.once(operation, *request, error.into())
            }
            Step::Overdue { request } => {
                self.once(operation, *request, "is still running after --timeout".into())
            }
            Step::Verifying => Some("verifying: reading the members again".into()),
            _ => None,
        }
    }

    fn once(&mut self, operation: &Operation, request: usize, status: Text) -> Option<String> {
        let shown = self.shown.get_mut(request)?;
        if *shown == status {
            return None;
        }
        let job = operation.requests.get(request)?.job.as_ref()?;
        let line = format!("{}: {status}", name(job));
        *shown = status;
        Some(line)
    }
}

fn name(job: &JobId) -> String {
    format!("job {job}")
}

fn planned(operation: &Operation, requests: usize) -> String {
    let (id, shares) = (&operation.id, operation.shares.len());
    let left_out = operation.shares.iter().filter(|share| share.outcome.is_some()).count();
    let (go, requests) = (counted(shares - left_out, "share"), counted(requests, "request"));
    match left_out {
        0 => format!("operation {id}: {go} in {requests}"),
        _ => format!("operation {id}: {go} in {requests}, {left_out} left out"),
    }
}

fn sent(operation: &Operation) -> String {
    let sent = operation.requests.iter().filter(|r| r.state != RequestState::Planned).count();
    format!("{sent} of {} sent", counted(operation.requests.len(), "request"))
}

fn settled(operation: &Operation) -> String {
    let settled = operation.shares.iter().filter(|share| share.outcome.is_some()).count();
    format!("{settled} of {} settled", counted(operation.shares.len(), "share"))
}

fn refused(state: &RequestState) -> Option<String> {
    match state {
        RequestState::Refused { error } => Some(format!("refused: {error}")),
        RequestState::Lost { error } => Some(format!("answer lost, not sent again: {error}")),
        _ => None,
    }
}
