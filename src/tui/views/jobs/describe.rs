//! The Jobs view: operations, the requests of one, and the outcome of every share.

use crate::tui::app::App;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::counted;
use crate::tui::views::jobs::paint::NOT_OPEN;
use crate::tui::views::jobs::paint::{stage, told};
use crate::tui::views::jobs::state::{JobFocus, Summary, word};
use domain::Operation;
use domain::operation::ShareRecord;

/// The list with the focus.
pub(crate) fn describe(app: &App) -> Description<'_> {
    let of = app.jobs.current().map(|operation| operation.id.to_string());
    let nothing = if app.scope().is_none() { NOT_OPEN } else { "No operations in this session." };
    Description {
        key: format!("{:?} {of:?}", app.jobs.focus),
        short: if app.jobs.focus == JobFocus::Operations { "Operations." } else { "" },
        nothing: nothing.into(),
        ..Description::of_list(place(app), list(app))
    }
}

/// The pane with the focus.
pub(crate) fn place(app: &App) -> String {
    let jobs = &app.jobs;
    let of = jobs.current().map(|operation| format!(" of operation {}", operation.id));
    let of = of.unwrap_or_default();
    match jobs.focus {
        JobFocus::Operations => {
            format!(
                "View 4, jobs: {} in this session.",
                counted(jobs.operations.len(), "operation")
            )
        }
        JobFocus::Requests => format!("Requests{of}."),
        JobFocus::Shares => {
            let whose = jobs.current_request().map(|at| format!(" of request {}", at + 1));
            format!("Shares{}{of}.", whose.unwrap_or_default())
        }
    }
}

/// The list with the focus.
pub(crate) fn list(app: &App) -> List<'_> {
    let jobs = &app.jobs;
    match jobs.focus {
        JobFocus::Operations => List::new(jobs.listed.len(), jobs.cursor.at, |at| {
            Some(operation(app, jobs.operations.get(*jobs.listed.get(at)?)?))
        }),
        JobFocus::Requests => {
            List::new(jobs.requests.len(), jobs.request.at, |at| request(app, at))
        }
        JobFocus::Shares => List::new(jobs.shares.len(), jobs.share.at, |at| {
            let operation = jobs.current()?;
            let record = operation.shares.get(*jobs.shares.get(at)?)?;
            Some(share(app, operation, record))
        }),
    }
}

/// The row of an operation.
fn operation(app: &App, operation: &Operation) -> Row {
    let summary = Summary::of(operation);
    let what = format!("{} {}", operation.kind, counted(operation.shares.len(), "share"));
    Row::new(operation.id.to_string(), format!("{what}, operation {}", operation.id))
        .fact(format!("at {}", app.clock(operation.started_at)))
        // Their changes are announced in every view.
        .quiet(counted(operation.requests.len(), "request"))
        .quiet(summary.words)
        .quiet(summary.counts)
        .details([format!("on {}", words::place(&operation.scope))])
}

/// Row 0 is all requests.
fn request(app: &App, at: usize) -> Option<Row> {
    let operation = app.jobs.current()?;
    let Some(number) = at.checked_sub(1) else {
        let all = Row::new("all", "all requests").fact(stage(operation));
        return Some(all.fact(counted(operation.shares.len(), "share")));
    };
    let request = operation.requests.get(number)?;
    let id = request.job.as_ref().map(|job| format!("job {job}"));
    let id = id.or_else(|| request.request_id.as_ref().map(|id| format!("request id {id}")));
    let row = Row::new(at.to_string(), format!("request {at}")).fact(word(request));
    let row = row.fact(counted(request.batch.share_count(), "share"));
    let trouble = told(app).filter(|_| app.jobs.request.at == at).map(|(text, _)| text);
    Some(row.details(id).details(trouble.map(|text| words::unsigned(app, &text))))
}

fn share(app: &App, operation: &Operation, record: &ShareRecord) -> Row {
    let share = &record.share;
    let ix = app.workspace.inventory.find(&share.image);
    let image = ix.map_or_else(|| share.image.to_string(), |ix| app.workspace.label_of(ix));
    let outcome = record.outcome.map_or("open", |outcome| outcome.word(operation.kind));
    let name = format!("{image}, {}", words::member(app, &share.member));
    let row = Row::new(format!("{share:?}"), name).fact(outcome);
    let row = record.error.as_ref().map_or(row.clone(), |error| row.fact(error.to_string()));
    row.details([format!("image {}", share.image), format!("member {}", share.member.id)])
}
