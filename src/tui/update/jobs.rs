//! Operations: their steps, their end, and the keys of the Jobs view.

use std::collections::BTreeSet;

use super::listening::say_copied;
use super::{ask, browse, clouds, engine, history, plan, sharing, show};
use crate::domain::operation::{RequestState, Stage};
use crate::domain::{
    Failure, ImageId, Operation, OperationId, OperationKind, Outcome, Scope, Share, Step,
};
use crate::engine::{Command, SessionId};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::jobs::{Health, JobFocus, Summary, receipt};
use crate::tui::model::{Level, Model, Overlay, View};
use crate::tui::notify::Notify;
use crate::tui::view::cells::counted;
use crate::tui::view::scope_name;

/// An earlier run left operations behind, and they are brought to their end: one line says so.
pub(super) fn on_resuming(model: &mut Model, operations: Vec<Operation>, failures: &[Failure]) {
    for failure in failures {
        model.log.fail(model.now, failure);
    }
    if operations.is_empty() {
        return;
    }
    let shares = operations.iter().map(|operation| operation.shares.len()).sum();
    let text = format!(
        "An earlier run left {} of {} unfinished. Nothing is sent again: jobs are followed, members are read. \
         View 4 says more.",
        counted(operations.len(), "operation"),
        counted(shares, "share")
    );
    model.log.say(model.now, Level::Warning, text);
    for operation in operations {
        model.jobs.add(operation);
    }
}

/// Something happened to an operation.
pub(super) fn on_step(model: &mut Model, id: &OperationId, step: Step) -> Vec<Effect> {
    let Some(operation) = model.jobs.find(id) else { return vec![] };
    let ended = matches!(step, Step::Finished { .. });
    let provisional = matches!(step, Step::Provisional);
    if let (Step::Waiting { shares, until }, None) = (&step, operation.waiting) {
        let (left, shares) = (until.seconds_since(model.now).max(0), counted(*shares, "share"));
        let text = format!(
            "Operation {id}: {shares} unchanged so far. Checking for {left} s more whether the cloud carried the \
             request out; stopping the operation ends the wait."
        );
        model.log.say(model.now, Level::Warning, text);
    }
    let Some(operation) = model.jobs.find(id) else { return vec![] };
    let settled = match &step {
        Step::Settled { share, outcome, .. } => Some((share.clone(), *outcome)),
        _ => None,
    };
    let kind = operation.kind;
    let scope = (ended || provisional || settled.is_some()).then(|| operation.scope.clone());
    model.jobs.timelines.entry(id.clone()).or_default().note(&step, model.now);
    if let Some(operation) = model.jobs.find(id) {
        operation.apply(step);
    }
    let Some(scope) = scope else { return vec![] };
    let sessions = model.sessions_at(&scope);
    if let Some((share, outcome)) = settled {
        for session in &sessions {
            let settle = |model: &mut Model| settled_share(model, kind, &share, outcome);
            model.at_workspace(|workspace| workspace.session == *session, settle);
        }
    }
    if provisional {
        let text = format!("Operation {id}: a job is still running; sharelock keeps polling it.");
        say_of(model, &scope, Level::Warning, text);
    }
    if !ended {
        return vec![];
    }
    announce_end(model, id, &sessions);
    let mut effects = reread(model, id, &sessions);
    effects.extend(notification(model, id));
    effects
}

/// For somebody who looks elsewhere, if that is wanted.
fn notification(model: &mut Model, id: &OperationId) -> Option<Effect> {
    let how = Some(model.notify).filter(|how| *how != Notify::Off)?;
    let operation = model.jobs.find(id)?;
    let place = scope_name(&operation.scope);
    let text = format!("Operation {id} on {place}: {}.", receipt(operation));
    Some(Effect::Notify { how, text })
}

/// A mark goes when its share is known to be gone, and stays otherwise; a choice goes when it is answered.
fn settled_share(model: &mut Model, kind: OperationKind, share: &Share, outcome: Outcome) {
    if !outcome.is_reached() {
        return;
    }
    if kind.is_answer() {
        sharing::answered(model, &share.image);
    } else if kind == OperationKind::Revoke && model.workspace.marks.remove(share) {
        model.marks_changed();
    }
}

/// Logs the receipt of a finished operation, whichever scopes are open. Where its scope is not the one shown, the
/// message names it.
fn announce_end(model: &mut Model, id: &OperationId, sessions: &[SessionId]) {
    let Some(operation) = model.jobs.find(id) else { return };
    let level = match Summary::of(operation).health {
        Health::Good | Health::Running => Level::Done,
        Health::Doubtful => Level::Warning,
        Health::Bad => Level::Error,
    };
    let (receipt, scope) = (receipt(operation), operation.scope.clone());
    let key = model.keys.spoken(Action::PlanRemaining);
    let retry = match model.view {
        _ if level == Level::Done => String::new(),
        _ if sessions.is_empty() => {
            format!(" Open {} again to plan the rest.", scope_name(&scope))
        }
        View::Jobs => format!(" {key} plans the rest."),
        _ => format!(" {key} in view 4 plans the rest."),
    };
    say_of(model, &scope, level, format!("Operation {id}: {receipt}.{retry}"));
}

/// Says something about an operation, with the name of its scope where another one is shown.
fn say_of(model: &mut Model, scope: &Scope, level: Level, text: String) {
    let shown = model.scope().is_some_and(|own| own.is_same_place(scope));
    model.log.elsewhere = (!shown).then(|| scope_name(scope));
    model.log.say(model.now, level, text);
    model.log.elsewhere = None;
}

/// Reads the members of an operation's images again, in every open session of its scope.
fn reread(model: &mut Model, id: &OperationId, sessions: &[SessionId]) -> Vec<Effect> {
    let Some(operation) = model.jobs.find(id) else { return vec![] };
    let images: BTreeSet<&ImageId> =
        operation.shares.iter().map(|record| &record.share.image).collect();
    let images: Vec<ImageId> = images.into_iter().cloned().collect();
    sessions.iter().flat_map(|session| engine::reread(*session, images.clone())).collect()
}

/// What a key does in the Jobs view.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    model.settle();
    match action {
        Action::Back => match model.jobs.focus {
            JobFocus::Operations => show(model, View::Images),
            focus => model.jobs.focus = next(focus, false),
        },
        Action::NextPane | Action::Right => model.jobs.focus = next(model.jobs.focus, true),
        Action::PreviousPane | Action::Left => model.jobs.focus = next(model.jobs.focus, false),
        Action::Enter => enter(model),
        Action::StopSending => return stop(model),
        Action::PlanRemaining => {
            return match model.jobs.current().cloned() {
                Some(operation) => plan_remaining(model, &operation),
                None => vec![],
            };
        }
        Action::Undo => {
            return match model.jobs.current().cloned() {
                Some(operation) => history::undo(model, &operation),
                None => vec![],
            };
        }
        Action::Copy => return copy(model),
        action => step(model, action),
    }
    vec![]
}

fn next(focus: JobFocus, forward: bool) -> JobFocus {
    match (focus, forward) {
        (JobFocus::Operations, true) | (JobFocus::Shares, false) => JobFocus::Requests,
        (JobFocus::Requests, true) | (JobFocus::Operations, false) => JobFocus::Shares,
        (JobFocus::Shares, true) | (JobFocus::Requests, false) => JobFocus::Operations,
    }
}

fn step(model: &mut Model, action: Action) {
    let jobs = &mut model.jobs;
    match jobs.focus {
        JobFocus::Operations => {
            let at = browse::stepped(&jobs.cursor, action, jobs.listed.len());
            jobs.cursor.go(at, &jobs.listed);
            jobs.request = crate::tui::model::cursor::Cursor::default();
        }
        JobFocus::Requests => {
            let at = browse::stepped(&jobs.request, action, jobs.requests.len());
            jobs.request.go(at, &jobs.requests);
        }
        JobFocus::Shares => {
            let at = browse::stepped(&jobs.share, action, jobs.shares.len());
            jobs.share.at = at;
        }
    }
    jobs.changed();
}

/// From an operation to its requests, from a request to everything about it.
fn enter(model: &mut Model) {
    if model.jobs.focus == JobFocus::Operations {
        model.jobs.focus = JobFocus::Requests;
        return;
    }
    let operation = model.jobs.cursor.current(&model.jobs.listed);
    let share = model.jobs.share.at;
    let of_share = || {
        let record = *model.jobs.shares.get(share)?;
        model.jobs.current()?.shares.get(record)?.request
    };
    let request = match model.jobs.focus {
        JobFocus::Shares => of_share(),
        _ => model.jobs.current_request(),
    };
    match (operation, request) {
        (Some(operation), Some(request)) => {
            model.overlay = Overlay::Request { operation, request, scroll: 0 };
        }
        _ if model.jobs.focus == JobFocus::Shares => {
            let text = "No request was sent for this share.";
            model.log.say(model.now, Level::Info, text);
        }
        _ => model.jobs.focus = JobFocus::Shares,
    }
}

fn stop(model: &mut Model) -> Vec<Effect> {
    let Some(operation) = model.jobs.current() else { return vec![] };
    if let Some(refusal) = not_to_stop(operation) {
        model.log.say(model.now, Level::Warning, refusal);
        return vec![];
    }
    let id = operation.id.clone();
    let text =
        format!("Operation {id}: nothing more is sent; what was sent is followed and verified.");
    model.log.say(model.now, Level::Info, text);
    ask(Command::StopSending(id))
}

/// A new plan for what an operation did not bring about: not sent, refused, or still as it was.
pub(super) fn plan_remaining(model: &mut Model, operation: &Operation) -> Vec<Effect> {
    let (id, kind, marks) = (operation.id.clone(), operation.kind, operation.remaining());
    let (refusal, place) = (not_to_plan(operation), operation.scope.clone());
    let refusal = match refusal {
        Some(refusal) => refusal,
        None if !clouds::go_to(model, &place) => {
            format!("Operation {id}: {}.", history::ELSEWHERE)
        }
        None => return plan::ask_for(model, kind, None, marks),
    };
    model.log.say(model.now, Level::Warning, refusal);
    vec![]
}

/// Why sending cannot be stopped.
pub(super) fn not_to_stop(operation: &Operation) -> Option<String> {
    let text = "Everything of this operation was sent already: nothing is left to stop.";
    (!has_unsent(operation) && operation.waiting.is_none()).then(|| text.into())
}

/// Why there is no rest to plan.
pub(super) fn not_to_plan(operation: &Operation) -> Option<String> {
    let reached = |outcome: Option<Outcome>| outcome.is_some_and(Outcome::is_reached);
    let why = match operation {
        _ if operation.is_open() => "it is not at its end yet",
        _ if operation.shares.iter().all(|share| reached(share.outcome)) => {
            "it left nothing undone"
        }
        _ => return None,
    };
    Some(format!("Operation {}: {why}.", operation.id))
}

fn has_unsent(operation: &Operation) -> bool {
    operation.stage == Stage::Checking
        || operation.requests.iter().any(|request| request.state == RequestState::Planned)
}

/// The id a person gives to support: of the share's member, of the job or the request, of the operation.
fn copy(model: &mut Model) -> Vec<Effect> {
    let jobs = &model.jobs;
    let Some(operation) = jobs.current() else { return vec![] };
    let request = jobs.current_request().and_then(|at| operation.requests.get(at));
    let share = jobs.shares.get(jobs.share.at).and_then(|at| operation.shares.get(*at));
    let id = match (jobs.focus, request, share) {
        (JobFocus::Shares, _, Some(share)) => share.share.member.id.clone(),
        (JobFocus::Requests, Some(request), _) => {
            let job = request.job.as_ref().map(|job| job.0.clone());
            job.or_else(|| request.request_id.clone()).unwrap_or_else(|| "".into())
        }
        _ => operation.id.0.as_str().into(),
    };
    if id.raw().is_empty() {
        let text = "This request has no id yet: nothing to copy.";
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    }
    say_copied(model, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}
