//! Operations for people: one row each.

use std::io;

use crate::report::table::{Column, Show, Table, column};
use crate::report::{tally, text};
use domain::{Moment, OperationId, Outcome, Text};
use engine::Summary;

/// A page, newest first.
pub(super) struct Operations(pub(super) Vec<Summary>);

impl Table for Operations {
    type Row = Summary;

    fn columns(&self) -> Vec<Column<Summary>> {
        use Show::{Always, Unless};
        vec![
            column("operation", "OPERATION", Always, |it| text(&*it.id.0)),
            column("started_at", "WHEN", Always, |it| Some(whole_seconds(it.started_at).into())),
            column("kind", "KIND", Always, |it| text(it.kind.word())),
            column("cloud", "CLOUD", Always, |it| text(&*it.scope.cloud)),
            column("region", "REGION", Unless(""), |it| text(it.scope.region.as_deref())),
            column("project", "PROJECT", Always, |Summary { scope, .. }| {
                Some(scope.project_name.as_ref().unwrap_or(&scope.project_id.0).clone())
            }),
            column("shares", "SHARES", Always, |it| Some(it.shares.to_string().into())),
            column("outcome", "OUTCOME", Always, |it| Some(outcome(it).into())),
            column("undo", "UNDO", Unless(""), |it| undo(it).map(Text::from)),
        ]
    }

    fn rows(&self, each: &mut dyn FnMut(&Summary) -> io::Result<()>) -> io::Result<()> {
        self.0.iter().try_for_each(each)
    }

    fn legend(&self) -> Vec<String> {
        self.0.is_empty().then(|| "no operations found".to_owned()).into_iter().collect()
    }
}

fn whole_seconds(moment: Moment) -> String {
    Moment(moment.0.div_euclid(1000) * 1000).to_string()
}

fn outcome(summary: &Summary) -> String {
    let count = |outcome: Outcome| (summary.count(outcome), outcome.word(summary.kind));
    let stage = summary.open.then(|| summary.stage.word().to_owned());
    let outcomes = Some(tally(Outcome::ALL.map(count))).filter(|it| !it.is_empty());
    stage.into_iter().chain(outcomes).collect::<Vec<_>>().join(", ")
}

fn undo(summary: &Summary) -> Option<String> {
    let ids = |ids: &[OperationId]| ids.iter().map(|id| &*id.0).collect::<Vec<_>>().join(" ");
    let undoes = summary.undoes.as_ref().map(|id| format!("undoes {id}"));
    let undone_by = &summary.undone_by;
    let undone = (!undone_by.is_empty()).then(|| format!("undone by {}", ids(undone_by)));
    let words: Vec<String> = undoes.into_iter().chain(undone).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
