//! The keys of the History view, answers from the journal, and undo.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::input;
use crate::tui::app::log::Level;
use crate::tui::app::log::capital;
use crate::tui::app::update::{ask, show};
use crate::tui::keys::Action;
use crate::tui::overlays::{clouds, plan};
use crate::tui::speech::act::say_copied;
use crate::tui::views::ViewId;
use crate::tui::views::history::state::{Again, HistoryFocus, Verifying};
use crate::tui::views::jobs;
use domain::operation::{Comparison, ShareRecord};
use domain::{Failure, Moment, Operation, OperationId, Outcome};
use engine::{Command, Summary};

/// Receives a page of the journal.
pub(crate) fn on_page(app: &mut App, ticket: u32, page: Result<Vec<Summary>, Failure>) {
    app.history.page(ticket, page.map_err(|failure| capital(&failure.to_string())));
}

/// An operation was loaded, or loading it failed.
pub(crate) fn on_recalled(app: &mut App, recalled: Result<Box<Operation>, Failure>) {
    app.history.recalled(recalled.map_err(|failure| capital(&failure.to_string())));
}

/// The members of an operation's images are being read.
pub(crate) fn on_verifying(app: &mut App, operation: OperationId, read: usize, of: usize) {
    app.history.verifying = Some(Verifying { operation, read, of });
}

/// An operation has been verified again.
pub(crate) fn on_verified(app: &mut App, id: &OperationId, at: Moment, shares: Vec<Comparison>) {
    let other = shares.iter().filter(|later| !later.is_unchanged()).count();
    let (level, text) = match other {
        0 => (Level::Done, format!("Operation {id}: everything is as its receipt says.")),
        1 => (Level::Warning, format!("Operation {id}: 1 share is not as its receipt says.")),
        n => (Level::Warning, format!("Operation {id}: {n} shares are not as its receipt says.")),
    };
    let seen = app.view == ViewId::History
        && app.history.current().is_some_and(|entry| entry.summary.id == *id);
    if seen {
        // The receipt shows it, and a toast would cover it.
        app.log.note(app.now, level, &text);
    } else {
        app.log.say(app.now, level, text);
    }
    app.history.again.insert(id.clone(), Again { at, shares });
    app.history.verifying.take_if(|verifying| verifying.operation == *id);
    app.history.receipt_changed();
}

/// Handles a key in the view.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => {
            app.history.focus = HistoryFocus::Operations;
            app.history.filter.open();
        }
        Action::NextPane | Action::PreviousPane => {
            let operations = app.history.focus == HistoryFocus::Operations;
            app.history.focus =
                if operations { HistoryFocus::Receipt } else { HistoryFocus::Operations };
        }
        Action::Enter | Action::Right => app.history.focus = HistoryFocus::Receipt,
        Action::Left => app.history.focus = HistoryFocus::Operations,
        Action::Back => back(app),
        Action::Refresh => app.history.forget(),
        Action::Verify => return verify(app),
        Action::PlanRemaining => {
            return match app.remembered().cloned() {
                Some(operation) => jobs::act::plan_remaining(app, &operation),
                None => vec![],
            };
        }
        Action::Undo => {
            return match app.remembered().cloned() {
                Some(operation) => undo(app, &operation),
                None => vec![],
            };
        }
        Action::Copy => return copy(app),
        action => step(app, action),
    }
    vec![]
}

/// Moves the cursor, or scrolls the receipt.
pub(crate) fn step(app: &mut App, action: Action) {
    app.settle();
    match app.history.focus {
        HistoryFocus::Operations => {
            let history = &mut app.history;
            history.list.step(action);
        }
        HistoryFocus::Receipt => {
            let page = usize::from(app.size.height / 3);
            app.history.scroll = input::scrolled(app.history.scroll, action, page);
        }
    }
}

/// Goes back: leaves the receipt, clears the filter, or shows the images.
fn back(app: &mut App) {
    if app.history.focus == HistoryFocus::Receipt {
        app.history.focus = HistoryFocus::Operations;
    } else if !app.history.filter.line().is_empty() {
        app.history.filter.set("");
    } else {
        show(app, ViewId::Images);
    }
}

fn copy(app: &mut App) -> Vec<Effect> {
    let Some(id) = app.history.current().map(|entry| entry.summary.id.clone()) else {
        return vec![];
    };
    say_copied(app, &id.to_string());
    vec![Effect::Copy(id.0)]
}

/// Why nothing can be requested for an operation whose scope is not open.
pub(crate) const ELSEWHERE: &str =
    "it belongs to another scope: open its cloud, region and project first";

fn verify(app: &mut App) -> Vec<Effect> {
    let Some(operation) = app.remembered().cloned() else { return vec![] };
    let id = operation.id.clone();
    let refusal = match () {
        () if app.history.verifying.is_some() => "another one is being verified",
        () if !operation.is_finished() => "it has no receipt yet that could be verified",
        () if !clouds::act::go_to(app, &operation.scope) => ELSEWHERE,
        () => {
            app.history.verifying = Some(Verifying { operation: id, read: 0, of: 0 });
            let (session, operation) = (app.workspace.session, Box::new(operation));
            return ask(Command::Verify { session, operation });
        }
    };
    app.log.say(app.now, Level::Warning, format!("Operation {id}: {refusal}."));
    vec![]
}

/// Plans the undo of everything an operation really did, as a new operation.
pub(crate) fn undo(app: &mut App, operation: &Operation) -> Vec<Effect> {
    let id = operation.id.clone();
    let refusal = match (not_to_undo(operation), operation.inverse()) {
        (Some(refusal), _) => refusal,
        (None, Some((kind, marks))) if clouds::act::go_to(app, &operation.scope) => {
            return plan::act::ask_for(app, kind, Some(id), marks);
        }
        _ => format!("Operation {id}: {ELSEWHERE}."),
    };
    app.log.say(app.now, Level::Warning, refusal);
    vec![]
}

/// Why an operation cannot be undone, in any view.
pub(crate) fn not_to_undo(operation: &Operation) -> Option<String> {
    let done = |share: &ShareRecord| share.outcome == Some(Outcome::Done);
    let why = match operation.kind.inverse() {
        _ if operation.is_open() => "it is unfinished",
        None => "an answer cannot be undone; answer again in the received images of view 1",
        Some(_) if !operation.shares.iter().any(done) => {
            "there is nothing to undo: it changed nothing, as far as is known"
        }
        Some(_) => return None,
    };
    Some(format!("Operation {}: {why}.", operation.id))
}
