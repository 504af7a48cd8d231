//! How the jobs stand: `sharelock/jobs/1`, and one row for each.

use std::io;

use serde::Serialize;

use super::resume::Resumed;
use crate::cli::receipt::{self, JobJson, Receipt};
use crate::cli::sheet::{Cell, Column, InTable, Sheet};
use domain::operation::Stage;
use domain::{OperationId, Text};

/// The jobs of some operations, oldest first.
#[derive(Serialize)]
pub(super) struct List {
    schema: &'static str,
    jobs: Vec<Row>,
    #[serde(skip)]
    legend: Vec<String>,
}

/// A job, or an operation that has none: then without an id and a status.
#[derive(Serialize)]
struct Row {
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

impl List {
    /// What is known now.
    pub(super) fn of(resumed: &[Resumed]) -> Self {
        let legend = resumed.iter().map(|it| {
            let operation = &it.operation;
            let place = operation.scope.label();
            format!("operation {} on {place}: {}", operation.id, Receipt::of(operation).summary())
        });
        Self {
            schema: "sharelock/jobs/1",
            jobs: resumed.iter().flat_map(rows).collect(),
            legend: legend.collect(),
        }
    }
}

fn rows(resumed: &Resumed) -> Vec<Row> {
    let operation = &resumed.operation;
    let note: Option<Text> = resumed.note().map(Text::from);
    let bare = || Row {
        operation: operation.id.clone(),
        id: None,
        stage: operation.stage,
        status: None,
        error_code: None,
        fail_reason: None,
        shares: operation.shares.len(),
        note: note.clone(),
    };
    let row = |JobJson { id, status, error_code, fail_reason, shares }| Row {
        id: Some(id),
        status,
        error_code,
        fail_reason,
        shares,
        ..bare()
    };
    let rows: Vec<Row> = receipt::jobs(operation).into_iter().map(row).collect();
    if rows.is_empty() { vec![bare()] } else { rows }
}

const COLUMNS: &[Column] = &[
    Column { key: "operation", title: "OPERATION", table: InTable::Yes },
    Column { key: "id", title: "JOB", table: InTable::Yes },
    Column { key: "stage", title: "STAGE", table: InTable::Yes },
    Column { key: "status", title: "STATUS", table: InTable::Yes },
    Column { key: "error_code", title: "CODE", table: InTable::Unless("") },
    Column { key: "fail_reason", title: "WHY", table: InTable::Unless("") },
    Column { key: "shares", title: "SHARES", table: InTable::Yes },
    Column { key: "note", title: "NOTE", table: InTable::Unless("") },
];

impl Sheet for List {
    fn columns(&self) -> &[Column] {
        COLUMNS
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.jobs.iter().try_for_each(|job| {
            each(&[
                Some(job.operation.to_string().into()),
                job.id.clone(),
                Some(job.stage.word().into()),
                job.status.clone(),
                job.error_code.clone(),
                job.fail_reason.clone(),
                Some(job.shares.to_string().into()),
                job.note.clone(),
            ])
        })
    }

    fn legend(&self) -> Vec<String> {
        self.legend.clone()
    }
}
