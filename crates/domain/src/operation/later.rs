//! What became of a share after its receipt. Nothing is judged anew: what is seen now is held against what was seen
//! then.

use serde::Serialize;

use super::super::{MemberStatus, Moment, Seen, Text};
use super::{OperationKind, Outcome, ShareRecord};

/// One share, read again some time after its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// What is different.
    pub change: Change,
    /// What the new reading shows; `None` when it could not be read.
    pub now: Option<Seen>,
    /// Why it could not be read.
    pub remark: Option<Text>,
}

/// What is different from the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Nothing.
    AsItWas,
    /// It was no share then, and is one now.
    SharedSince,
    /// It was a share then, and is none now.
    GoneSince,
    /// It was taken away and came back in between: it began after the one of the receipt.
    SharedAnew,
    /// It is a share as it was, and the member has answered, or taken the answer back.
    StatusChanged,
    /// The receipt does not know how it was.
    NotKnownThen,
    /// It could not be read now.
    Unknown,
}

impl Change {
    /// In the order of a summary.
    pub const ALL: [Self; 7] = [
        Self::AsItWas,
        Self::SharedSince,
        Self::SharedAnew,
        Self::GoneSince,
        Self::StatusChanged,
        Self::NotKnownThen,
        Self::Unknown,
    ];

    /// The word of the command line and of our JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::AsItWas => "as-it-was",
            Self::SharedSince => "shared-since",
            Self::GoneSince => "gone-since",
            Self::SharedAnew => "shared-anew",
            Self::StatusChanged => "status-changed",
            Self::NotKnownThen => "not-known-then",
            Self::Unknown => "unknown",
        }
    }
}

/// A share as its receipt knows it.
enum Then {
    Absent,
    /// Listed. Receipts of the first version do not tell how.
    Listed(Option<MemberStatus>, Option<Moment>),
}

impl Later {
    /// Holds a new reading against the record of a share. `Err` tells why it could not be read.
    pub fn of(kind: OperationKind, then: &ShareRecord, now: Result<Seen, Text>) -> Self {
        match now {
            Err(why) => Self { change: Change::Unknown, now: None, remark: Some(why) },
            Ok(now) => {
                let change = then_of(kind, then).map_or(Change::NotKnownThen, |it| it.change(&now));
                Self { change, now: Some(now), remark: None }
            }
        }
    }

    /// Whether it is known to be as the receipt says.
    pub fn is_as_it_was(&self) -> bool {
        self.change == Change::AsItWas
    }

    /// What became of it, as one who reads the receipt wants to hear it. `now` is when it was read.
    pub fn told(&self, kind: OperationKind, then: &ShareRecord, now: Moment) -> String {
        let was = then.outcome.map_or("not settled", |outcome| outcome.word(kind));
        let told = match self.change {
            Change::AsItWas => "as it was".to_owned(),
            Change::SharedSince if then.before.as_ref().is_some_and(is_listed) => {
                format!("{was} then, shared again{}", self.since(now))
            }
            Change::SharedSince => format!("{was} then, shared{}", self.since(now)),
            Change::GoneSince => format!("{was} then, gone now"),
            Change::SharedAnew => {
                format!("{was} then, taken away and shared anew{}", self.since(now))
            }
            Change::StatusChanged => format!("{was} then, {} now", self.status()),
            Change::NotKnownThen => match &self.now {
                Some(Seen::Listed { .. }) => format!("{was} then, shared now{}", self.since(now)),
                _ => format!("{was} then, not shared now"),
            },
            Change::Unknown => format!("{was} then, not known now"),
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
        (_, OperationKind::Revoke) if outcome.is_reached() => Some(Then::Absent),
        (Outcome::Failed, OperationKind::Share) => Some(Then::Absent),
        _ => Some(Then::Listed(kind.status(), None)),
    }
}

impl Then {
    fn change(self, now: &Seen) -> Change {
        match (self, now) {
            (Self::Absent, Seen::Absent) => Change::AsItWas,
            (Self::Absent, Seen::Listed { .. }) => Change::SharedSince,
            (Self::Listed(..), Seen::Absent) => Change::GoneSince,
            (Self::Listed(status, began), Seen::Listed { status: is, created_at, .. }) => {
                if began.zip(*created_at).is_some_and(|(then, now)| now > then) {
                    Change::SharedAnew
                } else if status.is_some_and(|was| was != *is) {
                    Change::StatusChanged
                } else {
                    Change::AsItWas
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
        let later = Later::of(kind, then, now);
        (later.change, later.told(kind, then, NOW))
    }

    use MemberStatus::{Accepted, Pending};
    use OperationKind::{Accept, Revoke, Share as Sharing};

    #[test]
    fn a_revoked_share_that_is_gone_is_as_it_was_and_one_that_came_back_is_told_with_its_age() {
        let then = record(Some(Outcome::Done), Some(listed(Accepted, 90)), Some(Seen::Absent));
        assert_eq!(told(Revoke, &then, Ok(Seen::Absent)), (Change::AsItWas, "as it was".into()));
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
        assert_eq!(told(Revoke, &then, Ok(seen)).0, Change::AsItWas);
    }

    #[test]
    fn a_share_that_went_and_came_back_is_not_as_it_was_though_it_is_there() {
        let then = record(Some(Outcome::Failed), None, Some(listed(Accepted, 90)));
        let (change, told) = told(Revoke, &then, Ok(listed(Accepted, 5)));
        assert_eq!(change, Change::SharedAnew);
        assert_eq!(told, "still-shared then, taken away and shared anew since 5h (accepted)");
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
        let later = Later::of(Revoke, &then, Err("503".into()));
        assert!(!later.is_as_it_was());
        assert_eq!(later.told(Revoke, &then, NOW), "revoked then, not known now: 503");
    }

    #[test]
    fn what_the_receipt_does_not_know_is_learned_and_not_as_it_was() {
        for outcome in [None, Some(Outcome::Unknown)] {
            let then = record(outcome, Some(listed(Accepted, 90)), None);
            assert_eq!(told(Revoke, &then, Ok(Seen::Absent)).0, Change::NotKnownThen);
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
            now.clone().map(|now| Later::of(kind, &then, Ok(now)).change)
        };
        let gone = [Change::AsItWas, Change::SharedSince];
        let there = [Change::GoneSince, Change::AsItWas];
        assert_eq!(changes(Revoke, Outcome::Done), gone);
        assert_eq!(changes(Revoke, Outcome::Needless), gone);
        assert_eq!(changes(Revoke, Outcome::Failed), there);
        assert_eq!(changes(Sharing, Outcome::Done), there);
        assert_eq!(changes(Sharing, Outcome::Failed), gone);
        assert_eq!(changes(Accept, Outcome::Done), there);
        assert_eq!(changes(Accept, Outcome::Failed), [Change::NotKnownThen; 2]);
    }
}
