//! Compares receipts with a later reading of the members. Outcomes are not judged again.

use serde::Serialize;

use super::super::{MemberStatus, Moment, Seen, Text};
use super::{OperationKind, Outcome, ShareRecord};

/// The comparison of one share with its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What changed.
    pub change: Change,
    /// The state in the new reading; `None` if the members could not be read.
    pub now: Option<Seen>,
    /// Why the members could not be read.
    pub remark: Option<Text>,
}

/// What changed since the receipt. The words are part of `sharelock/history/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// No change.
    #[serde(rename = "as-it-was")]
    Unchanged,
    /// Not shared in the receipt, shared now.
    SharedSince,
    /// Shared in the receipt, not shared now.
    GoneSince,
    /// Shared both times, but revoked and shared again in between: the creation time is later.
    #[serde(rename = "shared-anew")]
    SharedAgain,
    /// Shared both times, with another member status.
    StatusChanged,
    /// The receipt does not say whether it was shared.
    #[serde(rename = "not-known-then")]
    UnknownBefore,
    /// The members could not be read.
    Unknown,
}

impl Change {
    /// All changes, in the order of a summary.
    pub const ALL: [Self; 7] = [
        Self::Unchanged,
        Self::SharedSince,
        Self::SharedAgain,
        Self::GoneSince,
        Self::StatusChanged,
        Self::UnknownBefore,
        Self::Unknown,
    ];

    /// The word in JSON reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unchanged => "as-it-was",
            Self::SharedSince => "shared-since",
            Self::GoneSince => "gone-since",
            Self::SharedAgain => "shared-anew",
            Self::StatusChanged => "status-changed",
            Self::UnknownBefore => "not-known-then",
            Self::Unknown => "unknown",
        }
    }
}

/// The state of a share in its receipt.
enum Then {
    Absent,
    /// Receipts written by the first version have no status and no time.
    Listed(Option<MemberStatus>, Option<Moment>),
}

impl Comparison {
    /// Compares a new reading with the record of a share. `now` is an error if the members could not be read.
    pub fn of(kind: OperationKind, then: &ShareRecord, now: Result<Seen, Text>) -> Self {
        match now {
            Err(why) => Self { change: Change::Unknown, now: None, remark: Some(why) },
            Ok(now) => {
                let change =
                    then_of(kind, then).map_or(Change::UnknownBefore, |it| it.change(&now));
                Self { change, now: Some(now), remark: None }
            }
        }
    }

    /// Whether the share is known to be unchanged.
    pub fn is_unchanged(&self) -> bool {
        self.change == Change::Unchanged
    }

    /// One line for people: the outcome in the receipt and the state at `now`, when the members were read.
    pub fn describe(&self, kind: OperationKind, then: &ShareRecord, now: Moment) -> String {
        let was = then.outcome.map_or("not settled", |outcome| outcome.word(kind));
        let told = match self.change {
            Change::Unchanged => "unchanged".to_owned(),
            Change::SharedSince if then.before.as_ref().is_some_and(is_listed) => {
                format!("{was} then, shared again{}", self.since(now))
            }
            Change::SharedSince => format!("{was} then, shared{}", self.since(now)),
            Change::GoneSince => format!("{was} then, gone now"),
            Change::SharedAgain => {
                format!("{was} then, revoked and shared again{}", self.since(now))
            }
            Change::StatusChanged => format!("{was} then, {} now", self.status()),
            Change::UnknownBefore => match &self.now {
                Some(Seen::Listed { .. }) => format!("{was} then, shared now{}", self.since(now)),
                _ => format!("{was} then, not shared now"),
            },
            Change::Unknown => format!("{was} then, unknown now"),
        };
        match &self.remark {
            Some(remark) => format!("{told}: {remark}"),
            None => told,
        }
    }

    fn status(&self) -> String {
        let status = self.now.as_ref().and_then(Seen::status);
        status.map_or_else(|| "absent".into(), ToString::to_string)
    }

    fn since(&self, now: Moment) -> String {
        match &self.now {
            Some(Seen::Listed { status, created_at: Some(since), .. }) => {
                format!(" since {} ({status})", since.age(now))
            }
            Some(Seen::Listed { status, .. }) => format!(" ({status})"),
            _ => String::new(),
        }
    }
}

fn is_listed(seen: &Seen) -> bool {
    matches!(seen, Seen::Listed { .. })
}

fn then_of(kind: OperationKind, then: &ShareRecord) -> Option<Then> {
    match &then.after {
        Some(Seen::Absent) => Some(Then::Absent),
        Some(Seen::Listed { status, created_at, .. }) => {
            Some(Then::Listed(Some(status.clone()), *created_at))
        }
        None => by_outcome(kind, then.outcome?),
    }
}

fn by_outcome(kind: OperationKind, outcome: Outcome) -> Option<Then> {
    match (outcome, kind) {
        (Outcome::Unknown, _)
        | (Outcome::Failed, OperationKind::Accept | OperationKind::Reject) => None,
        (_, OperationKind::Revoke) if outcome.is_success() => Some(Then::Absent),
        (Outcome::Failed, OperationKind::Share) => Some(Then::Absent),
        _ => Some(Then::Listed(kind.status(), None)),
    }
}

impl Then {
    fn change(self, now: &Seen) -> Change {
        match (self, now) {
            (Self::Absent, Seen::Absent) => Change::Unchanged,
            (Self::Absent, Seen::Listed { .. }) => Change::SharedSince,
            (Self::Listed(..), Seen::Absent) => Change::GoneSince,
            (Self::Listed(status, began), Seen::Listed { status: is, created_at, .. }) => {
                if began.zip(*created_at).is_some_and(|(then, now)| now > then) {
                    Change::SharedAgain
                } else if status.is_some_and(|was| was != *is) {
                    Change::StatusChanged
                } else {
                    Change::Unchanged
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Member, Share};
    use super::*;

    const HOUR: i64 = 3_600_000;
    const NOW: Moment = Moment(100 * HOUR);

    fn listed(status: MemberStatus, hours_ago: i64) -> Seen {
        let created_at = Some(Moment(NOW.0 - hours_ago * HOUR));
        Seen::Listed { status, created_at, updated_at: created_at }
    }

    fn record(outcome: Option<Outcome>, before: Option<Seen>, after: Option<Seen>) -> ShareRecord {
        let share = Share { image: "a".into(), member: Member::project("x") };
        ShareRecord { before, after, outcome, ..ShareRecord::confirmed(share) }
    }

    fn told(kind: OperationKind, then: &ShareRecord, now: Result<Seen, Text>) -> (Change, String) {
        let later = Comparison::of(kind, then, now);
        (later.change, later.describe(kind, then, NOW))
    }

    use MemberStatus::{Accepted, Pending};
    use OperationKind::{Accept, Revoke, Share as Sharing};

    #[test]
    fn a_revoked_share_that_is_gone_is_as_it_was_and_one_that_came_back_is_told_with_its_age() {
        let then = record(Some(Outcome::Done), Some(listed(Accepted, 90)), Some(Seen::Absent));
        assert_eq!(told(Revoke, &then, Ok(Seen::Absent)), (Change::Unchanged, "unchanged".into()));
        assert_eq!(
            told(Revoke, &then, Ok(listed(Pending, 3))),
            (Change::SharedSince, "revoked then, shared again since 3h (pending)".into())
        );
    }

    #[test]
    fn a_share_that_lingered_and_is_gone_now_is_told() {
        let seen = listed(Accepted, 90);
        let then = record(Some(Outcome::Failed), Some(seen.clone()), Some(seen.clone()));
        assert_eq!(
            told(Revoke, &then, Ok(Seen::Absent)),
            (Change::GoneSince, "still-shared then, gone now".into())
        );
        assert_eq!(told(Revoke, &then, Ok(seen)).0, Change::Unchanged);
    }

    #[test]
    fn a_share_that_went_and_came_back_is_not_as_it_was_though_it_is_there() {
        let then = record(Some(Outcome::Failed), None, Some(listed(Accepted, 90)));
        let (change, told) = told(Revoke, &then, Ok(listed(Accepted, 5)));
        assert_eq!(change, Change::SharedAgain);
        assert_eq!(told, "still-shared then, revoked and shared again since 5h (accepted)");
    }

    #[test]
    fn an_answer_since_then_is_told() {
        let then = record(Some(Outcome::Done), Some(Seen::Absent), Some(listed(Pending, 9)));
        assert_eq!(
            told(Sharing, &then, Ok(listed(Accepted, 9))),
            (Change::StatusChanged, "shared then, accepted now".into())
        );
    }

    #[test]
    fn what_cannot_be_read_is_never_as_it_was() {
        let then = record(Some(Outcome::Done), None, Some(Seen::Absent));
        let later = Comparison::of(Revoke, &then, Err("503".into()));
        assert!(!later.is_unchanged());
        assert_eq!(later.describe(Revoke, &then, NOW), "revoked then, unknown now: 503");
    }

    #[test]
    fn what_the_receipt_does_not_know_is_learned_and_not_as_it_was() {
        for outcome in [None, Some(Outcome::Unknown)] {
            let then = record(outcome, Some(listed(Accepted, 90)), None);
            assert_eq!(told(Revoke, &then, Ok(Seen::Absent)).0, Change::UnknownBefore);
        }
        let then = record(Some(Outcome::Unknown), None, None);
        assert_eq!(
            told(Revoke, &then, Ok(listed(Pending, 3))).1,
            "unknown then, shared now since 3h (pending)"
        );
    }

    #[test]
    fn receipts_of_the_first_version_are_read_by_their_outcomes() {
        let now = [Seen::Absent, listed(Accepted, 1)];
        let changes = |kind, outcome| {
            let then = record(Some(outcome), None, None);
            now.clone().map(|now| Comparison::of(kind, &then, Ok(now)).change)
        };
        let gone = [Change::Unchanged, Change::SharedSince];
        let there = [Change::GoneSince, Change::Unchanged];
        assert_eq!(changes(Revoke, Outcome::Done), gone);
        assert_eq!(changes(Revoke, Outcome::Needless), gone);
        assert_eq!(changes(Revoke, Outcome::Failed), there);
        assert_eq!(changes(Sharing, Outcome::Done), there);
        assert_eq!(changes(Sharing, Outcome::Failed), gone);
        assert_eq!(changes(Accept, Outcome::Done), there);
        assert_eq!(changes(Accept, Outcome::Failed), [Change::UnknownBefore; 2]);
    }
}
