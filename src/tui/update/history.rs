//! The keys of the History view, what comes from the journal, and undo.

use super::listening::say_copied;
use super::{ask, browse, clouds, jobs, keys, plan, show};
use crate::domain::operation::{Later, ShareRecord};
use crate::domain::{Failure, Moment, Operation, OperationId, Outcome};
use crate::engine::{Command, Summary};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::history::{Again, HistoryFocus, Verifying};
use crate::tui::model::log::capital;
use crate::tui::model::{Level, Model, View};

/// A page of the journal came.
pub(super) fn on_page(model: &mut Model, ticket: u32, page: Result<Vec<Summary>, Failure>) {
    model.history.page(ticket, page.map_err(|failure| capital(&failure.to_string())));
}

/// An operation was loaded, or could not be.
pub(super) fn on_recalled(model: &mut Model, recalled: Result<Box<Operation>, Failure>) {
    model.history.recalled(recalled.map_err(|failure| capital(&failure.to_string())));
}

/// The members of an operation's images are being read.
pub(super) fn on_verifying(model: &mut Model, operation: OperationId, read: usize, of: usize) {
    model.history.verifying = Some(Verifying { operation, read, of });
}

/// An operation was verified again.
pub(super) fn on_verified(model: &mut Model, id: &OperationId, at: Moment, shares: Vec<Later>) {
    let other = shares.iter().filter(|later| !later.is_as_it_was()).count();
    let (level, text) = match other {
        0 => (Level::Done, format!("Operation {id}: everything is as its receipt says.")),
        1 => (Level::Warning, format!("Operation {id}: 1 share is not as its receipt says.")),
        n => (Level::Warning, format!("Operation {id}: {n} shares are not as its receipt says.")),
    };
    let seen = model.view == View::History
        && model.history.current().is_some_and(|entry| entry.summary.id == *id);
    if seen {
        // The receipt says it, and a toast would lie over it.
        model.log.note(model.now, level, &text);
    } else {
        model.log.say(model.now, level, text);
    }
    model.history.again.insert(id.clone(), Again { at, shares });
    model.history.verifying.take_if(|verifying| verifying.operation == *id);
    model.history.receipt_changed();
}

/// What a key does in the view.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => {
            model.history.focus = HistoryFocus::Operations;
            model.history.filter.open();
        }
        Action::NextPane | Action::PreviousPane => {
            let operations = model.history.focus == HistoryFocus::Operations;
            model.history.focus =
                if operations { HistoryFocus::Receipt } else { HistoryFocus::Operations };
        }
        Action::Enter | Action::Right => model.history.focus = HistoryFocus::Receipt,
        Action::Left => model.history.focus = HistoryFocus::Operations,
        Action::Back => back(model),
        Action::Refresh => model.history.forget(),
        Action::Verify => return verify(model),
        Action::PlanRemaining => {
            return match model.remembered().cloned() {
                Some(operation) => jobs::plan_remaining(model, &operation),
                None => vec![],
            };
        }
        Action::Undo => {
            return match model.remembered().cloned() {
                Some(operation) => undo(model, &operation),
                None => vec![],
            };
        }
        Action::Copy => return copy(model),
        action => step(model, action),
    }
    vec![]
}

/// Moves the cursor, or the window of the receipt.
pub(super) fn step(model: &mut Model, action: Action) {
    model.settle();
    match model.history.focus {
        HistoryFocus::Operations => {
            let history = &mut model.history;
            let at = browse::stepped(&history.cursor, action, history.visible.len());
            history.cursor.go(at, &history.visible);
        }
        HistoryFocus::Receipt => {
            let page = usize::from(model.size.height / 3);
            model.history.scroll = keys::scrolled(model.history.scroll, action, page);
        }
    }
}

/// One step back: out of the receipt, out of the filter, to the images.
fn back(model: &mut Model) {
    if model.history.focus == HistoryFocus::Receipt {
        model.history.focus = HistoryFocus::Operations;
    } else if !model.history.filter.line().is_empty() {
        model.history.filter.set("");
    } else {
        show(model, View::Images);
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.history.current().map(|entry| entry.summary.id.clone()) else {
        return vec![];
    };
    say_copied(model, &id.to_string());
    vec![Effect::Copy(id.0)]
}

/// Why nothing can be asked of the cloud about an operation whose place is not open.
pub(super) const ELSEWHERE: &str =
    "it was done elsewhere: open its cloud, region and project first";

fn verify(model: &mut Model) -> Vec<Effect> {
    let Some(operation) = model.remembered().cloned() else { return vec![] };
    let id = operation.id.clone();
    let refusal = match () {
        () if model.history.verifying.is_some() => "another one is being verified",
        () if !operation.is_finished() => "it has no receipt yet that could be verified",
        () if !clouds::go_to(model, &operation.scope) => ELSEWHERE,
        () => {
            model.history.verifying = Some(Verifying { operation: id, read: 0, of: 0 });
            let (session, operation) = (model.workspace.session, Box::new(operation));
            return ask(Command::Verify { session, operation });
        }
    };
    model.log.say(model.now, Level::Warning, format!("Operation {id}: {refusal}."));
    vec![]
}

/// Plans to take back what an operation really did, as a new operation.
pub(super) fn undo(model: &mut Model, operation: &Operation) -> Vec<Effect> {
    let id = operation.id.clone();
    let refusal = match (not_to_undo(operation), operation.inverse()) {
        (Some(refusal), _) => refusal,
        (None, Some((kind, marks))) if clouds::go_to(model, &operation.scope) => {
            return plan::ask_for(model, kind, Some(id), marks);
        }
        _ => format!("Operation {id}: {ELSEWHERE}."),
    };
    model.log.say(model.now, Level::Warning, refusal);
    vec![]
}

/// Why an operation cannot be undone, wherever one is.
pub(super) fn not_to_undo(operation: &Operation) -> Option<String> {
    let done = |share: &ShareRecord| share.outcome == Some(Outcome::Done);
    let why = match operation.kind.inverse() {
        _ if operation.is_open() => "it is not at its end yet",
        None => {
            "an answer cannot be taken back, only given anew, in the list of received images of view 1"
        }
        Some(_) if !operation.shares.iter().any(done) => {
            "there is nothing to undo: it changed nothing, as far as is known"
        }
        Some(_) => return None,
    };
    Some(format!("Operation {}: {why}.", operation.id))
}
