//! The jobs of operations: `sharelock/jobs/1`.

use std::io;

use serde::Serialize;

use super::receipt::{self, Receipt};
use super::table::{Column, Show, Table, column};
use super::text;
use domain::operation::Stage;
use domain::{Operation, OperationId, Text};

/// The jobs of some operations, oldest first.
#[derive(Serialize)]
pub struct JobList {
    schema: &'static str,
    jobs: Vec<Job>,
    #[serde(skip)]
    legend: Vec<String>,
}

/// A job, or an operation without one: then `id` and `status` are `None`.
#[derive(Serialize)]
pub struct Job {
    operation: OperationId,
    id: Option<Text>,
    stage: Stage,
    status: Option<Text>,
    error_code: Option<Text>,
    fail_reason: Option<Text>,
    shares: usize,
    #[serde(skip)]
    note: Option<Text>,
}

impl JobList {
    /// The jobs of operations, each with a note on who follows it.
    pub fn of<'a>(
        operations: impl Iterator<Item = (&'a Operation, Option<String>)> + Clone,
    ) -> Self {
        let legend = operations.clone().map(|(operation, _)| {
            let (id, place) = (&operation.id, operation.scope.label());
            format!("operation {id} on {place}: {}", Receipt::of(operation).summary())
        });
        let legend = legend.collect();
        Self { schema: "sharelock/jobs/1", jobs: operations.flat_map(jobs_of).collect(), legend }
    }
}

fn jobs_of((operation, note): (&Operation, Option<String>)) -> Vec<Job> {
    let bare = || Job {
        operation: operation.id.clone(),
        id: None,
        stage: operation.stage,
        status: None,
        error_code: None,
        fail_reason: None,
        shares: operation.shares.len(),
        note: note.as_deref().map(Text::from),
    };
    let job = |receipt::Job { id, status, error_code, fail_reason, shares }| Job {
        id: Some(id),
        status,
        error_code,
        fail_reason,
        shares,
        ..bare()
    };
    let jobs: Vec<Job> = receipt::jobs(operation).into_iter().map(job).collect();
    if jobs.is_empty() { vec![bare()] } else { jobs }
}

impl Table for JobList {
    type Row = Job;

    fn columns(&self) -> Vec<Column<Job>> {
        use Show::{Always, Unless};
        vec![
            column("operation", "OPERATION", Always, |job| text(&*job.operation.0)),
            column("id", "JOB", Always, |job| job.id.clone()),
            column("stage", "STAGE", Always, |job| text(job.stage.word())),
            column("status", "STATUS", Always, |job| job.status.clone()),
            column("error_code", "CODE", Unless(""), |job| job.error_code.clone()),
            column("fail_reason", "WHY", Unless(""), |job| job.fail_reason.clone()),
            column("shares", "SHARES", Always, |job| Some(job.shares.to_string().into())),
            column("note", "NOTE", Unless(""), |job| job.note.clone()),
        ]
    }

    fn rows(&self, each: &mut dyn FnMut(&Job) -> io::Result<()>) -> io::Result<()> {
        self.jobs.iter().try_for_each(each)
    }

    fn legend(&self) -> Vec<String> {
        self.legend.clone()
    }
}
