//! When an operation reached each stage, as seen by this run. The journal keeps when it began, was sent and ended.

use std::collections::BTreeMap;

use crate::tui::ui::text::counted;
use domain::operation::RequestRecord;
use domain::{Moment, Operation, Step};

/// The stages seen of one operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    planned: Option<Moment>,
    verifying: Option<Moment>,
    requests: BTreeMap<usize, Seen>,
}

/// The stages seen of one request.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    accepted: Option<Moment>,
    polled: Option<Moment>,
    polls: usize,
}

impl Timeline {
    /// Records that a step happened at this time.
    pub(crate) fn note(&mut self, step: &Step, now: Moment) {
        match step {
            Step::Planned { .. } => self.planned = Some(now),
            Step::Verifying => self.verifying = Some(now),
            Step::Accepted { request, at, .. } => {
                self.requests.entry(*request).or_default().accepted = Some(*at);
            }
            Step::Polled { request, at, .. } => {
                let seen = self.requests.entry(*request).or_default();
                (seen.polled, seen.polls) = (Some(*at), seen.polls + 1);
            }
            _ => {}
        }
    }

    /// The stages of a request, by time, each with its event.
    pub(crate) fn stages(
        &self,
        operation: &Operation,
        at: usize,
        request: &RequestRecord,
    ) -> Vec<(Moment, String)> {
        let seen = self.requests.get(&at).copied().unwrap_or_default();
        let job = if request.job.is_some() { "accepted, as a job" } else { "answered" };
        let polled =
            format!("asked about the job for the last time, of {}", counted(seen.polls, "time"));
        let stages = [
            (Some(operation.started_at), "confirmed; the members are read"),
            (self.planned, "planned anew, from what was read"),
            (request.sent_at, "sent"),
            (seen.accepted, job),
            (seen.polled, &polled),
            (request.ended_at, "ended"),
            (self.verifying, "the members are read again"),
            (operation.ended_at, "verified: the receipt is complete"),
        ];
        let known = stages.into_iter().filter_map(|(at, what)| Some((at?, what.to_owned())));
        let mut known: Vec<(Moment, String)> = known.collect();
        // A stable sort: simultaneous stages stay in the order in which they happen.
        known.sort_by_key(|(at, _)| *at);
        known
    }
}
