//! Operations, one row each, for people.

use std::io;

use crate::cli::sheet::{Cell, Column, InTable, Sheet};
use domain::{OperationId, Outcome, Text};
use engine::Summary;

/// A page, newest first.
pub(super) struct Operations(pub(super) Vec<Summary>);

const COLUMNS: &[Column] = &[
    Column { key: "operation", title: "OPERATION", table: InTable::Yes },
    Column { key: "started_at", title: "WHEN", table: InTable::Yes },
    Column { key: "kind", title: "KIND", table: InTable::Yes },
    Column { key: "cloud", title: "CLOUD", table: InTable::Yes },
    Column { key: "region", title: "REGION", table: InTable::Unless("") },
    Column { key: "project", title: "PROJECT", table: InTable::Yes },
    Column { key: "shares", title: "SHARES", table: InTable::Yes },
    Column { key: "outcome", title: "OUTCOME", table: InTable::Yes },
    Column { key: "undo", title: "UNDO", table: InTable::Unless("") },
];

impl Sheet for Operations {
    fn columns(&self) -> &[Column] {
        COLUMNS
    }

    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.0.iter().try_for_each(|summary| {
            let scope = &summary.scope;
            let project = scope.project_name.clone().unwrap_or_else(|| scope.project_id.0.clone());
            each(&[
                Some(summary.id.to_string().into()),
                Some(whole_seconds(summary.started_at).into()),
                Some(summary.kind.word().into()),
                Some(scope.cloud.as_str().into()),
                scope.region.as_deref().map(Text::from),
                Some(project),
                Some(summary.shares.to_string().into()),
                Some(outcome(summary).into()),
                undo(summary).map(Text::from),
            ])
        })
    }

    fn legend(&self) -> Vec<String> {
        let none = self.0.is_empty().then(|| "nothing was done that fits".to_owned());
        none.into_iter().collect()
    }
}

/// A second is exact enough for a table.
fn whole_seconds(moment: domain::Moment) -> String {
    domain::Moment(moment.0.div_euclid(1000) * 1000).to_string()
}

fn outcome(summary: &Summary) -> String {
    let told = Outcome::ALL.map(|outcome| (summary.count(outcome), outcome.word(summary.kind)));
    let mut told: Vec<String> = told
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if summary.open {
        told.insert(0, summary.stage.word().into());
    }
    told.join(", ")
}

fn undo(summary: &Summary) -> Option<String> {
    let named =
        |ids: &[OperationId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let undoes = summary.undoes.iter().map(|id| format!("undoes {id}"));
    let undone =
        (!summary.undone_by.is_empty()).then(|| format!("undone by {}", named(&summary.undone_by)));
    let told: Vec<String> = undoes.chain(undone).collect();
    (!told.is_empty()).then(|| told.join(", "))
}
