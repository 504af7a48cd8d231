//! What a reading of members says about a share: before anything is sent, and after.

use super::Reading;
use crate::domain::operation::{RequestRecord, RequestState};
use crate::domain::{Member, Outcome, Text};

/// The end of a share: how, and what went wrong.
pub(super) type End = (Outcome, Option<Text>);

const DORMANT: &str = "the image is not shared now, so its members cannot be listed; memberships of a private \
                       image are dormant and return when it is shared again";

/// Whether a member is in a reading; `None` when the reading does not tell.
pub(super) fn is_listed(reading: &Reading, member: &Member) -> Option<bool> {
    match reading {
        Reading::Members(members) => Some(members.iter().any(|m| m.member == *member)),
        Reading::Gone => Some(false),
        Reading::DoNotApply | Reading::Failed(_) => None,
    }
}

/// Before sending: `None` for a share that is there and will be revoked, else its end.
pub(super) fn before(reading: &Reading, member: &Member) -> Option<End> {
    match reading {
        Reading::Members(_) if is_listed(reading, member) == Some(true) => None,
        Reading::Members(_) => Some((Outcome::WasNotShared, None)),
        Reading::Gone => Some((Outcome::WasNotShared, Some("the image does not exist".into()))),
        Reading::DoNotApply => Some((Outcome::Unknown, Some(DORMANT.into()))),
        Reading::Failed(failure) => {
            Some((Outcome::Unknown, Some(format!("{failure}; nothing was sent").into())))
        }
    }
}

/// After the request has ended, or was given up.
pub(super) fn after(reading: &Reading, member: &Member, request: &RequestRecord) -> End {
    let trouble = trouble(request);
    match (is_listed(reading, member), reading) {
        (Some(true), _) => (Outcome::StillShared, Some(trouble.unwrap_or_else(lingering))),
        (Some(false), Reading::Gone) => {
            (Outcome::Revoked, Some("the image itself does not exist any more".into()))
        }
        (Some(false), _) if was_ours(&request.state) => (Outcome::Revoked, trouble),
        (Some(false), _) => (Outcome::WasNotShared, trouble),
        (None, Reading::Failed(failure)) => (Outcome::Unknown, Some(failure.to_string().into())),
        (None, _) => (Outcome::Unknown, Some(DORMANT.into())),
    }
}

/// A share that is there, of an operation for which nothing was sent before the program ended.
pub(super) fn unsent() -> End {
    (Outcome::StillShared, Some("not sent: the program ended before anything was".into()))
}

/// How often to look again for a share that is still listed, because it may be gone after all. A request whose
/// answer was lost may have become a job that nobody knows the id of, and a job takes its time.
pub(super) fn looks(state: &RequestState, by_jobs: bool) -> u32 {
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

/// Whether the request may have taken its shares away. If it cannot have, a share that is gone was taken away
/// by somebody else.
fn was_ours(state: &RequestState) -> bool {
    !matches!(
        state,
        RequestState::NotAMember
            | RequestState::Refused { .. }
            | RequestState::Stopped
            | RequestState::Planned
    )
}

fn lingering() -> Text {
    "the cloud says it was done, and the share is still there".into()
}

/// What went wrong with a request, in words.
fn trouble(request: &RequestRecord) -> Option<Text> {
    match &request.state {
        RequestState::Refused { error } => Some(error.clone()),
        RequestState::Lost { error } => {
            Some(format!("the answer was lost, and the request was not sent again: {error}").into())
        }
        RequestState::Stopped => Some("not sent: it was stopped before its turn".into()),
        RequestState::Failed => Some(job_failure(request)),
        RequestState::Watched => Some(
            format!(
                "the job is {} for longer than the limit; it is still watched",
                status(request)
            )
            .into(),
        ),
        RequestState::NotAMember => Some("the cloud says it was no member".into()),
        _ => None,
    }
}

fn status(request: &RequestRecord) -> String {
    request.report.as_ref().map_or_else(|| "unknown".into(), |report| report.status.to_string())
}

fn job_failure(request: &RequestRecord) -> Text {
    let report = request.report.as_ref();
    let said = |text: Option<&Text>| text.map(|text| format!(" {text}")).unwrap_or_default();
    let code = said(report.and_then(|report| report.error_code.as_ref()));
    let reason = said(report.and_then(|report| report.fail_reason.as_ref()));
    format!("the job failed:{code}{reason}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Batch, Failure, MemberStatus, Membership};

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
        RequestRecord { state, ..RequestRecord::planned(Batch { images: vec![], members: vec![] }) }
    }

    fn outcome(reading: &Reading, state: RequestState) -> Outcome {
        after(reading, &Member::project("x"), &request(state)).0
    }

    fn unreadable() -> Reading {
        Reading::Failed(Failure::new("read", "503"))
    }

    #[test]
    fn success_of_a_job_proves_nothing() {
        assert_eq!(outcome(&listed(&["x"]), RequestState::Done), Outcome::StillShared);
        assert_eq!(outcome(&listed(&["y"]), RequestState::Done), Outcome::Revoked);
    }

    #[test]
    fn failure_of_a_job_proves_nothing_either() {
        assert_eq!(outcome(&listed(&[]), RequestState::Failed), Outcome::Revoked);
        assert_eq!(outcome(&listed(&["x"]), RequestState::Failed), Outcome::StillShared);
    }

    #[test]
    fn what_could_not_be_read_is_unknown_whatever_the_job_said() {
        for state in [RequestState::Done, RequestState::Failed, RequestState::Stopped] {
            assert_eq!(outcome(&unreadable(), state.clone()), Outcome::Unknown);
            assert_eq!(outcome(&Reading::DoNotApply, state), Outcome::Unknown);
        }
        let before = before(&unreadable(), &Member::project("x")).unwrap();
        assert_eq!(before.0, Outcome::Unknown);
    }

    #[test]
    fn a_share_that_went_although_we_were_refused_was_not_revoked_by_us() {
        let refused = RequestState::Refused { error: "403".into() };
        assert_eq!(outcome(&listed(&[]), refused), Outcome::WasNotShared);
        assert_eq!(outcome(&listed(&[]), RequestState::NotAMember), Outcome::WasNotShared);
    }

    #[test]
    fn a_lost_answer_is_judged_by_the_reading_alone() {
        let lost = || RequestState::Lost { error: "reset".into() };
        assert_eq!(outcome(&listed(&[]), lost()), Outcome::Revoked);
        assert_eq!(outcome(&listed(&["x"]), lost()), Outcome::StillShared);
    }

    #[test]
    fn a_rejected_member_is_still_a_member() {
        assert_eq!(before(&listed(&["x"]), &Member::project("x")), None);
    }

    #[test]
    fn only_the_very_id_counts_as_listed() {
        assert_eq!(is_listed(&listed(&["X"]), &Member::project("x")), Some(false));
    }

    #[test]
    fn a_failed_job_tells_code_and_reason() {
        let mut failed = request(RequestState::Failed);
        failed.report = Some(crate::domain::JobReport {
            status: crate::domain::JobStatus::Fail,
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
