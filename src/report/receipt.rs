//! The outcome of every share: `sharelock/receipt/1`.

use std::io;

use serde::Serialize;

use super::table::{Column, Show, Table, column};
use super::{tally, text};
use domain::operation::{RequestRecord, RequestState, ShareRecord};
use domain::{JobStatus, MemberKind, Operation, OperationKind, Outcome, Text};

/// The receipt of an operation. A share whose outcome is not known yet is `unknown`.
#[derive(Serialize)]
pub struct Receipt {
    schema: &'static str,
    operation: Option<String>,
    kind: OperationKind,
    complete: bool,
    jobs: Vec<Job>,
    shares: Vec<Share>,
}

/// A job of the cloud, or the series of requests that made none.
#[derive(Serialize)]
pub struct Job {
    /// The cloud's ID, or `local-` and the operation.
    pub id: Text,
    /// `None` before the first poll.
    pub status: Option<Text>,
    /// The cloud's code for a failure.
    pub error_code: Option<Text>,
    /// The cloud's words for a failure.
    pub fail_reason: Option<Text>,
    /// How many shares it is about.
    #[serde(skip)]
    pub shares: usize,
}

/// The outcome of a share.
#[derive(Serialize)]
pub struct Share {
    image: Text,
    member: Text,
    #[serde(rename = "type")]
    kind: MemberKind,
    #[serde(rename = "outcome")]
    word: &'static str,
    #[serde(skip)]
    outcome: Outcome,
    error: Option<Text>,
}

impl Receipt {
    /// As far as the operation has come.
    pub fn of(operation: &Operation) -> Self {
        Self {
            operation: Some(operation.id.to_string()),
            jobs: jobs(operation),
            shares: operation.shares.iter().map(|it| Share::of(it, operation.kind)).collect(),
            ..Self::of_nothing(operation.kind, operation.is_complete())
        }
    }

    /// Of a selection without any share: there was no operation. Not complete when something could not be read.
    pub fn of_nothing(kind: OperationKind, complete: bool) -> Self {
        let (jobs, shares) = (Vec::new(), Vec::new());
        Self { schema: "sharelock/receipt/1", operation: None, kind, complete, jobs, shares }
    }

    /// Whether every share is as it should be.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// One line: how many shares have which outcome.
    pub fn summary(&self) -> String {
        let count = |outcome| self.shares.iter().filter(|share| share.outcome == outcome).count();
        match tally(Outcome::ALL.map(|outcome| (count(outcome), outcome.word(self.kind)))) {
            none if none.is_empty() => format!("nothing to {}", self.kind),
            tally => tally,
        }
    }
}

impl Share {
    fn of(record: &ShareRecord, kind: OperationKind) -> Self {
        let outcome = record.outcome.unwrap_or(Outcome::Unknown);
        let unsettled = record.outcome.is_none().then(|| "not waited for, so not known".into());
        Self {
            image: record.share.image.0.clone(),
            member: record.share.member.id.clone(),
            kind: record.share.member.kind,
            word: outcome.word(kind),
            outcome,
            error: record.error.clone().or(unsettled),
        }
    }
}

/// The jobs of an operation; none before its requests are planned.
pub fn jobs(operation: &Operation) -> Vec<Job> {
    operation.requests.iter().filter_map(cloud_job).chain(local_job(operation)).collect()
}

fn cloud_job(request: &RequestRecord) -> Option<Job> {
    let report = request.report.as_ref();
    Some(Job {
        id: request.job.as_ref()?.0.clone(),
        status: report.map(|report| report.status.clone().into()),
        error_code: report.and_then(|report| report.error_code.clone()),
        fail_reason: report.and_then(|report| report.fail_reason.clone()),
        shares: request.batch.share_count(),
    })
}

/// The requests without a job of the cloud count as one job of this program.
fn local_job(operation: &Operation) -> Option<Job> {
    let without_job = || operation.requests.iter().filter(|request| request.job.is_none());
    without_job().next()?;
    let ends: Vec<&RequestState> = without_job().map(|request| &request.state).collect();
    let reason = ends.iter().find_map(|state| match state {
        RequestState::Refused { error } | RequestState::Lost { error } => Some(error.clone()),
        RequestState::Stopped => Some("stopped before everything was sent".into()),
        _ => None,
    });
    let status = match &reason {
        Some(_) => JobStatus::Fail,
        None if ends.iter().all(|state| state.is_final()) => JobStatus::Success,
        None => JobStatus::Running,
    };
    Some(Job {
        id: format!("local-{}", operation.id).into(),
        status: Some(status.into()),
        error_code: None,
        fail_reason: reason,
        shares: without_job().map(|request| request.batch.share_count()).sum(),
    })
}

impl Table for Receipt {
    type Row = Share;

    fn columns(&self) -> Vec<Column<Share>> {
        vec![
            column("image_id", "IMAGE ID", Show::Always, |share| Some(share.image.clone())),
            column("member_id", "MEMBER", Show::Always, |share| Some(share.member.clone())),
            column("member_type", "TYPE", Show::Unless("project"), |it| text(it.kind.word())),
            column("outcome", "OUTCOME", Show::Always, |share| text(share.word)),
            column("error", "WHY", Show::Unless(""), |share| share.error.clone()),
        ]
    }

    fn rows(&self, each: &mut dyn FnMut(&Share) -> io::Result<()>) -> io::Result<()> {
        self.shares.iter().try_for_each(each)
    }

    fn legend(&self) -> Vec<String> {
        let job = |job: &Job| {
            let words = [&job.status, &job.error_code, &job.fail_reason].into_iter().flatten();
            let words: Vec<String> = words.map(ToString::to_string).collect();
            format!("job {}: {}", job.id, words.join(" "))
        };
        let operation = |id| format!("operation {id}: {}", self.summary());
        self.jobs.iter().map(job).chain(self.operation.as_ref().map(operation)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, table};
    use domain::{
        Batch, CloudKind, JobId, JobReport, Member, Moment, OperationId, ProjectId, Scope, Share,
        Step,
    };

    const NOW: Moment = Moment(0);

    fn share(member: &str) -> Share {
        Share { image: "a".into(), member: Member::project(member) }
    }

    fn batch(member: &str) -> Batch {
        Batch { images: vec!["a".into()], members: vec![Member::project(member)], vault: None }
    }

    fn operation(members: &[&str]) -> Operation {
        let scope = Scope {
            cloud: "demo".into(),
            region: None,
            kind: CloudKind::Ims,
            project_id: ProjectId("p".into()),
            project_name: None,
            user: None,
            endpoint: "http://ims".into(),
            protected: false,
            read_only: false,
            tls_verified: true,
            encrypted: true,
        };
        let marks = members.iter().map(|member| share(member)).collect();
        let id = OperationId("op-1".into());
        let mut operation = Operation::new(id, OperationKind::Revoke, scope, &marks, NOW);
        let batches = members.iter().map(|member| batch(member)).collect();
        operation.apply(Step::Planned { batches });
        operation
    }

    fn accepted(request: usize, job: Option<&str>) -> Step {
        let job = job.map(|id| JobId(id.into()));
        Step::Accepted { request, job, request_id: None, at: NOW }
    }

    fn written(operation: &Operation) -> String {
        let mut out = Vec::new();
        json::write(&mut out, &Receipt::of(operation)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_job_that_failed_tells_why_and_its_share_is_still_there() {
        let mut operation = operation(&["x"]);
        operation.apply(accepted(0, Some("job-1")));
        let report = JobReport {
            status: JobStatus::Fail,
            error_code: Some("IMG.0027".into()),
            fail_reason: Some("no\u{1b}luck".into()),
            begin_time: None,
            end_time: None,
            progress: None,
            raw: "{}".into(),
            request_id: None,
        };
        operation.apply(Step::Polled { request: 0, report, at: NOW });
        let settled = Step::Settled {
            share: share("x"),
            outcome: Outcome::Failed,
            after: None,
            error: Some("the job failed".into()),
        };
        operation.apply(settled);
        operation.apply(Step::Finished { at: NOW });

        assert_eq!(
            written(&operation),
            "{\"schema\":\"sharelock/receipt/1\",\"operation\":\"op-1\",\"kind\":\"revoke\",\
             \"complete\":false,\"jobs\":[{\"id\":\"job-1\",\"status\":\"FAIL\",\
             \"error_code\":\"IMG.0027\",\"fail_reason\":\"no\\u001bluck\"}],\
             \"shares\":[{\"image\":\"a\",\"member\":\"x\",\"type\":\"project\",\
             \"outcome\":\"still-shared\",\"error\":\"the job failed\"}]}\n"
        );
    }

    #[test]
    fn single_deletes_are_one_local_job() {
        let mut operation = operation(&["x", "y"]);
        operation.apply(accepted(0, None));
        assert!(written(&operation).contains("\"id\":\"local-op-1\",\"status\":\"RUNNING\""));

        let state = RequestState::Refused { error: "403".into() };
        operation.apply(Step::Rejected { request: 1, state, request_id: None, at: NOW });
        assert!(
            written(&operation)
                .contains("\"status\":\"FAIL\",\"error_code\":null,\"fail_reason\":\"403\"")
        );
    }

    #[test]
    fn what_was_not_waited_for_is_unknown_and_the_receipt_not_complete() {
        let receipt = Receipt::of(&operation(&["x"]));

        assert!(!receipt.is_complete());
        assert_eq!(receipt.summary(), "1 unknown");
        let mut out = Vec::new();
        table::write_csv(&mut out, &receipt).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "image_id,member_id,member_type,outcome,error\n\
             a,x,project,unknown,\"not waited for, so not known\"\n"
        );
    }

    #[test]
    fn a_receipt_of_nothing_is_complete() {
        assert!(Receipt::of_nothing(OperationKind::Revoke, true).is_complete());
        assert_eq!(Receipt::of_nothing(OperationKind::Revoke, true).summary(), "nothing to revoke");
    }
}
