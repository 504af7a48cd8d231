//! What a reading of members says about a share, before anything is sent and after.

use std::borrow::Cow;

use super::Reading;
use cloud::clients::ImageCloud;
use domain::operation::{RequestRecord, RequestState};
use domain::{Failure, Member, Membership, OperationKind, Outcome, Seen, Text};

/// The outcome of a share, and what went wrong.
pub(super) type Verdict = (Outcome, Option<Text>);

const DORMANT: &str = "the image is not shared now, so its members cannot be listed; memberships of a private \
                       image are dormant and return when it is shared again";
const NO_IMAGE: &str = "the image is not found: it was deleted, or belongs to another project now; the cloud does not say which";

/// A reading, or a failure where the cloud's lists cannot show members of this kind.
pub(super) fn conclusive<'a>(
    cloud: &dyn ImageCloud,
    reading: &'a Reading,
    member: &Member,
) -> Cow<'a, Reading> {
    match reading {
        Reading::Members(_) if !cloud.shows(member.kind) => {
            let what = format!("determine whether {} {} has access", member.kind.word(), member.id);
            let why = "the cloud lists only projects as members of an image";
            Cow::Owned(Reading::Failed(Failure::new(what, why)))
        }
        reading => Cow::Borrowed(reading),
    }
}

/// What a reading shows of a member; `None` when it is inconclusive.
pub(super) fn seen(reading: &Reading, member: &Member) -> Option<Seen> {
    match reading {
        Reading::Members(members) => Some(Seen::row(row(members, member))),
        Reading::NotFound | Reading::DoNotApply | Reading::Failed(_) => None,
    }
}

/// The same long after the receipt, or why it is inconclusive.
pub(super) fn state_now(reading: &Reading, member: &Member) -> Result<Seen, Text> {
    seen(reading, member).ok_or_else(|| match reading {
        Reading::Failed(failure) => failure.to_string().into(),
        Reading::NotFound => NO_IMAGE.into(),
        _ => DORMANT.into(),
    })
}

fn row<'a>(members: &'a [Membership], member: &Member) -> Option<&'a Membership> {
    members.iter().find(|row| row.member == *member)
}

/// Before sending: `None` for a share to change, otherwise its outcome.
pub(super) fn before(kind: OperationKind, reading: &Reading, member: &Member) -> Option<Verdict> {
    match reading {
        Reading::Members(members) if kind.is_satisfied_by(row(members, member)) => {
            Some((Outcome::Needless, None))
        }
        Reading::Members(members) if kind.is_answer() && row(members, member).is_none() => {
            Some((Outcome::Failed, Some("the image is not shared with this project".into())))
        }
        Reading::Members(_) => None,
        Reading::NotFound => Some((without_image(kind), Some(NO_IMAGE.into()))),
        Reading::DoNotApply => Some((Outcome::Unknown, Some(DORMANT.into()))),
        Reading::Failed(failure) => {
            Some((Outcome::Unknown, Some(format!("{failure}; nothing was sent").into())))
        }
    }
}

/// An image that is not found may still be shared by another project, so a revoke is unknown. A share or an answer has failed
/// in any case.
fn without_image(kind: OperationKind) -> Outcome {
    if kind.is_satisfied_by(None) { Outcome::Unknown } else { Outcome::Failed }
}

/// After the request has ended, or was given up.
pub(super) fn after(
    kind: OperationKind,
    reading: &Reading,
    member: &Member,
    request: &RequestRecord,
) -> Verdict {
    let error = error_of(request);
    match reading {
        Reading::Members(members) if !kind.is_satisfied_by(row(members, member)) => {
            if request.state == RequestState::Watched {
                return (Outcome::Unknown, error);
            }
            (Outcome::Failed, Some(error.unwrap_or_else(|| unchanged_despite_success(kind))))
        }
        // Requests name only shares that were not so before.
        Reading::Members(_) if request.may_have_left() => {
            (Outcome::Done, note_on_error_response(kind, request).or(error))
        }
        Reading::Members(_) => (Outcome::Needless, error),
        Reading::NotFound => (without_image(kind), Some(NO_IMAGE.into())),
        Reading::Failed(failure) => (Outcome::Unknown, Some(failure.to_string().into())),
        Reading::DoNotApply => (Outcome::Unknown, Some(DORMANT.into())),
    }
}

/// A share to change, of an operation for which nothing was sent before the program ended.
pub(super) fn not_sent() -> Verdict {
    (Outcome::Failed, Some("not sent: the program ended before anything was".into()))
}

/// How often to read again for a share that is not as it should be yet. A request whose answer was lost may have become a
/// job with an unknown ID, and a job takes its time.
pub(super) fn max_rereads(state: &RequestState, by_jobs: bool) -> u32 {
    match state {
        RequestState::Done => 3,
        RequestState::Lost { .. } => {
            if by_jobs {
                6
            } else {
                3
            }
        }
        _ => 0,
    }
}

/// The note of a share that is as it should be although the answer was an error.
fn note_on_error_response(kind: OperationKind, request: &RequestRecord) -> Option<Text> {
    let message = match &request.state {
        RequestState::Refused { error } => error.to_string(),
        RequestState::Needless => "nothing to do".into(),
        RequestState::Stopped => {
            "the cloud asked for a pause, and the operation was stopped".into()
        }
        _ => return None,
    };
    let is = match kind {
        OperationKind::Revoke => "the share was there before and is gone now",
        OperationKind::Share => "the share was not there before and is there now",
        OperationKind::Accept | OperationKind::Reject => "the status changed",
    };
    let who = "by this request or by another program at the same time";
    Some(format!("the answer was an error, yet {is}, {who}: {message}").into())
}

fn unchanged_despite_success(kind: OperationKind) -> Text {
    let is = match kind {
        OperationKind::Revoke => "the share is still there",
        OperationKind::Share => "the share is not there",
        OperationKind::Accept | OperationKind::Reject => "the status is another",
    };
    format!("the cloud says it was done, and {is}").into()
}

/// What went wrong with a request, in words.
fn error_of(request: &RequestRecord) -> Option<Text> {
    match &request.state {
        RequestState::Refused { error } => Some(error.clone()),
        RequestState::Lost { error } => {
            Some(format!("the answer was lost, and the request was not sent again: {error}").into())
        }
        RequestState::Stopped => Some("not sent: it was stopped before its turn".into()),
        RequestState::Failed => Some(job_failure(request)),
        RequestState::Watched => Some(still_running(request)),
        RequestState::Needless => Some("the cloud says there was nothing to do".into()),
        _ => None,
    }
}

fn still_running(request: &RequestRecord) -> Text {
    let job = request.job.as_ref().map(|job| format!(" {job}")).unwrap_or_default();
    match (&request.poll_error, &request.report) {
        (Some(error), _) => format!("the status of job{job} is unknown: {error}").into(),
        (None, Some(report)) => format!("job{job} is still {}", report.status).into(),
        (None, None) => format!("job{job} is still running").into(),
    }
}

fn job_failure(request: &RequestRecord) -> Text {
    let report = request.report.as_ref();
    let or_empty = |text: Option<&Text>| text.map(|text| format!(" {text}")).unwrap_or_default();
    let code = or_empty(report.and_then(|report| report.error_code.as_ref()));
    let reason = or_empty(report.and_then(|report| report.fail_reason.as_ref()));
    format!("the job failed:{code}{reason}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Batch, MemberStatus};

    const REVOKE: OperationKind = OperationKind::Revoke;

    fn listed(ids: &[&str]) -> Reading {
        let row = |id: &&str| Membership {
            member: Member::project(*id),
            status: MemberStatus::Rejected,
            created_at: None,
            updated_at: None,
        };
        Reading::Members(ids.iter().map(row).collect())
    }

    fn request(state: RequestState) -> RequestRecord {
        RequestRecord {
            state,
            ..RequestRecord::planned(Batch { images: vec![], members: vec![], vault: None })
        }
    }

    fn outcome(reading: &Reading, state: RequestState) -> Outcome {
        after(REVOKE, reading, &Member::project("x"), &request(state)).0
    }

    fn unreadable() -> Reading {
        Reading::Failed(Failure::new("read", "503"))
    }

    #[test]
    fn success_of_a_job_proves_nothing() {
        assert_eq!(outcome(&listed(&["x"]), RequestState::Done), Outcome::Failed);
        assert_eq!(outcome(&listed(&["y"]), RequestState::Done), Outcome::Done);
    }

    #[test]
    fn failure_of_a_job_proves_nothing_either() {
        assert_eq!(outcome(&listed(&[]), RequestState::Failed), Outcome::Done);
        assert_eq!(outcome(&listed(&["x"]), RequestState::Failed), Outcome::Failed);
    }

    #[test]
    fn what_could_not_be_read_is_unknown_whatever_the_job_said() {
        for state in [RequestState::Done, RequestState::Failed, RequestState::Stopped] {
            assert_eq!(outcome(&unreadable(), state.clone()), Outcome::Unknown);
            assert_eq!(outcome(&Reading::DoNotApply, state), Outcome::Unknown);
        }
        let before = before(REVOKE, &unreadable(), &Member::project("x")).unwrap();
        assert_eq!(before.0, Outcome::Unknown);
    }

    /// Every end of a request, whether it left, and whether an error was answered.
    fn ends() -> Vec<(RequestRecord, bool, bool)> {
        let at = Some(domain::Moment(1));
        let left = |state, error| (RequestRecord { sent_at: at, ..request(state) }, true, error);
        let refused = || RequestState::Refused { error: "403 Forbidden".into() };
        vec![
            left(RequestState::Sending, false),
            left(RequestState::Following, false),
            left(RequestState::Watched, false),
            left(RequestState::Done, false),
            left(RequestState::Failed, true),
            left(RequestState::Lost { error: "reset".into() }, true),
            left(refused(), true),
            left(RequestState::Needless, true),
            left(RequestState::Stopped, true),
            (request(refused()), false, true),
            (request(RequestState::Stopped), false, true),
            (request(RequestState::Planned), false, false),
        ]
    }

    #[test]
    fn what_changed_after_a_request_left_is_its_doing_whatever_was_answered() {
        let row = |status| {
            Reading::Members(vec![Membership {
                member: Member::project("x"),
                status,
                created_at: None,
                updated_at: None,
            }])
        };
        let cases = [
            (OperationKind::Revoke, row(MemberStatus::Accepted), listed(&[])),
            (OperationKind::Share, listed(&[]), row(MemberStatus::Pending)),
            (OperationKind::Accept, row(MemberStatus::Pending), row(MemberStatus::Accepted)),
            (OperationKind::Reject, row(MemberStatus::Accepted), row(MemberStatus::Rejected)),
        ];
        let x = Member::project("x");
        for (kind, unchanged, changed) in cases {
            assert_eq!(before(kind, &unchanged, &x), None, "{kind}: there is something to do");
            assert_eq!(before(kind, &changed, &x), Some((Outcome::Needless, None)), "{kind}");
            for (request, left, error) in ends() {
                let state = &request.state;
                let (outcome, note) = after(kind, &changed, &x, &request);
                let expected = if left { Outcome::Done } else { Outcome::Needless };
                assert_eq!(outcome, expected, "{kind} {state:?}");
                assert!(note.is_some() || !error, "{kind} {state:?}: the error is reported");

                let runs = request.state == RequestState::Watched;
                let unchanged = after(kind, &unchanged, &x, &request).0;
                let expected = if runs { Outcome::Unknown } else { Outcome::Failed };
                assert_eq!(unchanged, expected, "{kind} {state:?}");
                assert_eq!(after(kind, &unreadable(), &x, &request).0, Outcome::Unknown);
                assert_eq!(after(kind, &Reading::DoNotApply, &x, &request).0, Outcome::Unknown);
            }
        }
    }

    #[test]
    fn the_note_of_a_share_that_went_despite_an_error_names_both() {
        let (refused, ..) = ends().swap_remove(6);
        let (_, note) = after(REVOKE, &listed(&[]), &Member::project("x"), &refused);
        assert_eq!(
            note.unwrap().to_string(),
            "the answer was an error, yet the share was there before and is gone now, by this request or by another \
             program at the same time: 403 Forbidden"
        );
    }

    #[test]
    fn a_lost_answer_is_judged_by_the_reading_alone() {
        let lost = || RequestState::Lost { error: "reset".into() };
        assert_eq!(outcome(&listed(&[]), lost()), Outcome::Done);
        assert_eq!(outcome(&listed(&["x"]), lost()), Outcome::Failed);
    }

    #[test]
    fn an_image_that_is_not_found_tells_nothing_about_who_has_access() {
        for state in [RequestState::Done, RequestState::Failed, RequestState::Needless] {
            assert_eq!(outcome(&Reading::NotFound, state), Outcome::Unknown);
        }
        let x = Member::project("x");
        assert_eq!(before(REVOKE, &Reading::NotFound, &x).unwrap().0, Outcome::Unknown);
        assert_eq!(seen(&Reading::NotFound, &x), None);
        assert_eq!(state_now(&Reading::NotFound, &x), Err(NO_IMAGE.into()));
    }

    #[test]
    fn a_rejected_member_is_still_a_member() {
        assert_eq!(before(REVOKE, &listed(&["x"]), &Member::project("x")), None);
    }

    #[test]
    fn a_share_that_is_there_need_not_be_made_and_one_without_an_image_cannot_be() {
        let share = OperationKind::Share;
        let end = |reading: &Reading| before(share, reading, &Member::project("x"));
        assert_eq!(end(&listed(&["x"])), Some((Outcome::Needless, None)));
        assert_eq!(end(&listed(&["y"])), None);
        assert_eq!(end(&Reading::NotFound), Some((Outcome::Failed, Some(NO_IMAGE.into()))));

        let done =
            |reading| after(share, &reading, &Member::project("x"), &request(RequestState::Done)).0;
        assert_eq!(done(listed(&["x"])), Outcome::Done);
        assert_eq!(done(listed(&[])), Outcome::Failed);
        assert_eq!(done(Reading::NotFound), Outcome::Failed);
        assert_eq!(done(unreadable()), Outcome::Unknown);
    }

    #[test]
    fn only_what_was_received_can_be_answered() {
        let end = |reading: &Reading, kind| before(kind, reading, &Member::project("x"));
        assert_eq!(end(&listed(&["x"]), OperationKind::Accept), None);
        assert_eq!(end(&listed(&["x"]), OperationKind::Reject), Some((Outcome::Needless, None)));
        assert_eq!(end(&listed(&[]), OperationKind::Accept).unwrap().0, Outcome::Failed);
    }

    #[test]
    fn only_the_very_id_counts_as_listed() {
        assert_eq!(seen(&listed(&["X"]), &Member::project("x")), Some(Seen::Absent));
    }

    #[test]
    fn a_failed_job_tells_code_and_reason() {
        let mut failed = request(RequestState::Failed);
        failed.report = Some(domain::JobReport {
            status: domain::JobStatus::Fail,
            error_code: Some("IMG.0113".into()),
            fail_reason: Some("no luck".into()),
            begin_time: None,
            end_time: None,
            progress: None,
            raw: "".into(),
            request_id: None,
        });
        assert_eq!(job_failure(&failed).to_string(), "the job failed: IMG.0113 no luck");
    }
}
