//! What became of every share: `sharelock/receipt/1`, and one row for each.

use std::io;

use serde::Serialize;

use super::sheet::{Cell, Column, InTable, Sheet};
use domain::operation::{RequestRecord, RequestState, ShareRecord};
use domain::{JobStatus, MemberKind, Operation, OperationKind, Outcome, Text};

const NOT_WAITED_FOR: &str = "not waited for, so not known";

/// The receipt of an operation. A share whose end is not known yet is `unknown`.
#[derive(Serialize)]
pub struct Receipt {
    schema: &'static str,
    operation: Option<String>,
    kind: OperationKind,
    complete: bool,
    jobs: Vec<JobJson>,
    shares: Vec<ShareJson>,
}

/// A job of an operation: one of the cloud, or the series of requests that made none.
#[derive(Serialize)]
pub struct JobJson {
    /// The cloud's id, or one of our own.
    pub id: Text,
    /// The cloud's word, once it was asked.
    pub status: Option<Text>,
    /// Its code of what went wrong.
    pub error_code: Option<Text>,
    /// Its words about it.
    pub fail_reason: Option<Text>,
    /// How many shares it is about.
    #[serde(skip)]
    pub shares: usize,
}

/// The jobs of an operation; none before its requests are planned.
pub fn jobs(operation: &Operation) -> Vec<JobJson> {
    let cloud_jobs = operation.requests.iter().filter_map(cloud_job);
    cloud_jobs.chain(local_job(operation)).collect()
}

#[derive(Serialize)]
struct ShareJson {
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
            schema: "sharelock/receipt/1",
            operation: Some(operation.id.to_string()),
            kind: operation.kind,
            complete: operation.is_complete(),
            jobs: jobs(operation),
            shares: operation.shares.iter().map(|it| share_json(it, operation.kind)).collect(),
        }
    }

    /// Of a selection that turned out to name no share: there was no operation. Not complete when something
    /// could not be looked at.
    pub fn of_nothing(kind: OperationKind, complete: bool) -> Self {
        Self {
            schema: "sharelock/receipt/1",
            operation: None,
            kind,
            complete,
            jobs: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// The summary of an operation in which a share without an end yet is open, not unknown.
    pub fn so_far(operation: &Operation) -> String {
        let open = operation.shares.iter().filter(|share| share.outcome.is_none()).count();
        let count = |outcome: Outcome| (operation.count(outcome), outcome.word(operation.kind));
        let told = Outcome::ALL.map(count).into_iter().chain([(open, "open")]);
        let told: Vec<String> = told
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        told.join(", ")
    }

    /// Whether every share is as it should be.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// One line: how many shares ended how.
    pub fn summary(&self) -> String {
        let count = |outcome| self.shares.iter().filter(|share| share.outcome == outcome).count();
        let told = Outcome::ALL.map(|outcome| (outcome, count(outcome))).into_iter();
        let told: Vec<String> = told
            .filter(|(_, count)| *count > 0)
            .map(|(outcome, count)| format!("{count} {}", outcome.word(self.kind)))
            .collect();
        if told.is_empty() { format!("nothing to {}", self.kind) } else { told.join(", ") }
    }
}

fn share_json(record: &ShareRecord, kind: OperationKind) -> ShareJson {
    let outcome = record.outcome.unwrap_or(Outcome::Unknown);
    let untold = record.outcome.is_none().then(|| NOT_WAITED_FOR.into());
    ShareJson {
        image: record.share.image.0.clone(),
        member: record.share.member.id.clone(),
        kind: record.share.member.kind,
        word: outcome.word(kind),
        outcome,
        error: record.error.clone().or(untold),
    }
}

fn cloud_job(request: &RequestRecord) -> Option<JobJson> {
    let report = request.report.as_ref();
    Some(JobJson {
        id: request.job.as_ref()?.0.clone(),
        status: report.map(|report| report.status.clone().into()),
        error_code: report.and_then(|report| report.error_code.clone()),
        fail_reason: report.and_then(|report| report.fail_reason.clone()),
        shares: request.batch.share_count(),
    })
}

/// Requests that the cloud carries out at once are a job of this program: one series of them.
fn local_job(operation: &Operation) -> Option<JobJson> {
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
    Some(JobJson {
        id: format!("local-{}", operation.id).into(),
        status: Some(status.into()),
        error_code: None,
        fail_reason: reason,
        shares: without_job().map(|request| request.batch.share_count()).sum(),
    })
}

const COLUMNS: &[Column] = &[
    Column { key: "image_id", title: "IMAGE ID", table: InTable::Yes },
    Column { key: "member_id", title: "MEMBER", table: InTable::Yes },
    Column { key: "member_type", title: "TYPE", table: InTable::Unless("project") },
    Column { key: "outcome", title: "OUTCOME", table: InTable::Yes },
    Column { key: "error", title: "WHY", table: InTable::Unless("") },
];

impl Sheet for Receipt {
    fn columns(&self) -> &[Column] {
        COLUMNS
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.shares.iter().try_for_each(|share| {
            each(&[
                Some(share.image.clone()),
                Some(share.member.clone()),
                Some(share.kind.word().into()),
                Some(share.word.into()),
                share.error.clone(),
            ])
        })
    }

    fn legend(&self) -> Vec<String> {
        let job = |job: &JobJson| {
            let said = [&job.status, &job.error_code, &job.fail_reason].into_iter().flatten();
            let said: Vec<String> = said.map(ToString::to_string).collect();
            format!("job {}: {}", job.id, said.join(" "))
        };
        let operation =
            self.operation.iter().map(|id| format!("operation {id}: {}", self.summary()));
        self.jobs.iter().map(job).chain(operation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, sheet};
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
        sheet::write_csv(&mut out, &receipt).unwrap();
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
