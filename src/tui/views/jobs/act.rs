//! Operations: their steps, their completion, and the keys of the Jobs view.

use crate::tui::ui::list::stepped;
use std::collections::BTreeSet;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::engine_events;
use crate::tui::app::log::Level;
use crate::tui::app::update::{ask, show};
use crate::tui::app::workspace::Workspace;
use crate::tui::keys::Action;
use crate::tui::notify::Notify;
use crate::tui::overlays::pages::Reader;
use crate::tui::overlays::request::RequestPage;
use crate::tui::overlays::{clouds, plan};
use crate::tui::speech::act::say_copied;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::header::name as scope_name;
use crate::tui::ui::text::counted;
use crate::tui::views::ViewId;
use crate::tui::views::history;
use crate::tui::views::jobs::state::{Health, JobFocus, Summary, receipt};
use domain::operation::{RequestState, Stage};
use domain::{
    Failure, ImageId, Operation, OperationId, OperationKind, Outcome, Scope, Share, Step,
};
use engine::{Command, SessionId};

/// Unfinished operations of an earlier run are being resumed: logs one line about it.
pub(crate) fn on_resuming(app: &mut App, operations: Vec<Operation>, failures: &[Failure]) {
    for failure in failures {
        app.log.fail(app.now, failure);
    }
    if operations.is_empty() {
        return;
    }
    let shares = operations.iter().map(|operation| operation.shares.len()).sum();
    let text = format!(
        "An earlier run left {} of {} unfinished. Nothing is sent again: sharelock polls the jobs and reads the members. \
         View 4 says more.",
        counted(operations.len(), "operation"),
        counted(shares, "share")
    );
    app.log.say(app.now, Level::Warning, text);
    for operation in operations {
        app.jobs.add(operation);
    }
}

/// Applies a step of an operation.
pub(crate) fn on_step(app: &mut App, id: &OperationId, step: Step) -> Vec<Effect> {
    let Some(operation) = app.jobs.find(id) else { return vec![] };
    let ended = matches!(step, Step::Finished { .. });
    let provisional = matches!(step, Step::Provisional);
    if let (Step::Waiting { shares, until }, None) = (&step, operation.waiting) {
        let (left, shares) = (until.seconds_since(app.now).max(0), counted(*shares, "share"));
        let text = format!(
            "Operation {id}: {shares} unchanged so far. Checking for {left} s more whether the cloud carried the \
             request out; stopping the operation ends the wait."
        );
        app.log.say(app.now, Level::Warning, text);
    }
    let Some(operation) = app.jobs.find(id) else { return vec![] };
    let settled = match &step {
        Step::Settled { share, outcome, .. } => Some((share.clone(), *outcome)),
        _ => None,
    };
    let kind = operation.kind;
    let scope = (ended || provisional || settled.is_some()).then(|| operation.scope.clone());
    app.jobs.timelines.entry(id.clone()).or_default().note(&step, app.now);
    if let Some(operation) = app.jobs.find(id) {
        operation.apply(step);
    }
    let Some(scope) = scope else { return vec![] };
    let sessions = app.sessions_at(&scope);
    if let Some((share, outcome)) = settled {
        for session in &sessions {
            if let Some(workspace) = app.workspace_mut(*session) {
                settled_share(workspace, kind, &share, outcome);
            }
        }
    }
    if provisional {
        let text = format!("Operation {id}: a job is still running; sharelock keeps polling it.");
        say_of(app, &scope, Level::Warning, text);
    }
    if !ended {
        return vec![];
    }
    announce_end(app, id, &sessions);
    let mut effects = reread(app, id, &sessions);
    effects.extend(notification(app, id));
    effects
}

/// A desktop notification, if the settings ask for one.
fn notification(app: &mut App, id: &OperationId) -> Option<Effect> {
    let how = Some(app.notify).filter(|how| *how != Notify::Off)?;
    let operation = app.jobs.find(id)?;
    let place = scope_name(&operation.scope);
    let text = format!("Operation {id} on {place}: {}.", receipt(operation));
    Some(Effect::Notify { how, text })
}

/// A mark is removed once its share is known to be gone, else kept; a selection is removed once it is answered.
fn settled_share(workspace: &mut Workspace, kind: OperationKind, share: &Share, outcome: Outcome) {
    if !outcome.is_success() {
        return;
    }
    if kind.is_answer() {
        workspace.received.chosen.remove(&share.image);
    } else if kind == OperationKind::Revoke && workspace.marks.remove(share) {
        workspace.marks_changed();
    }
}

/// Logs the receipt of a finished operation, whichever scopes are open. Where its scope is not the one shown, the
/// message names it.
fn announce_end(app: &mut App, id: &OperationId, sessions: &[SessionId]) {
    let Some(operation) = app.jobs.find(id) else { return };
    let level = match Summary::of(operation).health {
        Health::Good | Health::Running => Level::Done,
        Health::Doubtful => Level::Warning,
        Health::Bad => Level::Error,
    };
    let (receipt, scope) = (receipt(operation), operation.scope.clone());
    let key = app.keys.spoken(Action::PlanRemaining);
    let retry = match app.view {
        _ if level == Level::Done => String::new(),
        _ if sessions.is_empty() => {
            format!(" Open {} again to plan the rest.", scope_name(&scope))
        }
        ViewId::Jobs => format!(" {key} plans the rest."),
        _ => format!(" {key} in view 4 plans the rest."),
    };
    say_of(app, &scope, level, format!("Operation {id}: {receipt}.{retry}"));
}

/// Logs a message about an operation, with the name of its scope where another one is shown.
fn say_of(app: &mut App, scope: &Scope, level: Level, text: String) {
    let shown = app.scope().is_some_and(|own| own.is_same_scope(scope));
    app.log.elsewhere = (!shown).then(|| scope_name(scope));
    app.log.say(app.now, level, text);
    app.log.elsewhere = None;
}

/// Reads the members of an operation's images again, in every open session of its scope.
fn reread(app: &mut App, id: &OperationId, sessions: &[SessionId]) -> Vec<Effect> {
    let Some(operation) = app.jobs.find(id) else { return vec![] };
    let images: BTreeSet<&ImageId> =
        operation.shares.iter().map(|record| &record.share.image).collect();
    let images: Vec<ImageId> = images.into_iter().cloned().collect();
    sessions.iter().flat_map(|session| engine_events::reread(*session, images.clone())).collect()
}

/// Handles a key in the Jobs view.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    app.settle();
    match action {
        Action::Back => match app.jobs.focus {
            JobFocus::Operations => show(app, ViewId::Images),
            focus => app.jobs.focus = next(focus, false),
        },
        Action::NextPane | Action::Right => app.jobs.focus = next(app.jobs.focus, true),
        Action::PreviousPane | Action::Left => app.jobs.focus = next(app.jobs.focus, false),
        Action::Enter => enter(app),
        Action::StopSending => return stop(app),
        Action::PlanRemaining => {
            return match app.jobs.current().cloned() {
                Some(operation) => plan_remaining(app, &operation),
                None => vec![],
            };
        }
        Action::Undo => {
            return match app.jobs.current().cloned() {
                Some(operation) => history::act::undo(app, &operation),
                None => vec![],
            };
        }
        Action::Copy => return copy(app),
        action => step(app, action),
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

fn step(app: &mut App, action: Action) {
    let jobs = &mut app.jobs;
    match jobs.focus {
        JobFocus::Operations => {
            let at = stepped(&jobs.cursor, action, jobs.listed.len());
            jobs.cursor.go(at, &jobs.listed);
            jobs.request = Cursor::default();
        }
        JobFocus::Requests => {
            let at = stepped(&jobs.request, action, jobs.requests.len());
            jobs.request.go(at, &jobs.requests);
        }
        JobFocus::Shares => {
            let at = stepped(&jobs.share, action, jobs.shares.len());
            jobs.share.at = at;
        }
    }
    jobs.changed();
}

/// Moves the focus from an operation to its requests, or opens the details of a request.
fn enter(app: &mut App) {
    if app.jobs.focus == JobFocus::Operations {
        app.jobs.focus = JobFocus::Requests;
        return;
    }
    let operation = app.jobs.cursor.current(&app.jobs.listed);
    let share = app.jobs.share.at;
    let of_share = || {
        let record = *app.jobs.shares.get(share)?;
        app.jobs.current()?.shares.get(record)?.request
    };
    let request = match app.jobs.focus {
        JobFocus::Shares => of_share(),
        _ => app.jobs.current_request(),
    };
    match (operation, request) {
        (Some(operation), Some(request)) => {
            app.open(Reader::new(RequestPage { operation, request }));
        }
        _ if app.jobs.focus == JobFocus::Shares => {
            let text = "No request was sent for this share.";
            app.log.say(app.now, Level::Info, text);
        }
        _ => app.jobs.focus = JobFocus::Shares,
    }
}

fn stop(app: &mut App) -> Vec<Effect> {
    let Some(operation) = app.jobs.current() else { return vec![] };
    if let Some(refusal) = not_to_stop(operation) {
        app.log.say(app.now, Level::Warning, refusal);
        return vec![];
    }
    let id = operation.id.clone();
    let text = format!(
        "Operation {id}: stopping: nothing more is sent; requests already sent are polled and verified."
    );
    app.log.say(app.now, Level::Info, text);
    ask(Command::StopSending(id))
}

/// Plans the shares that an operation did not change: not sent, refused, or unchanged.
pub(crate) fn plan_remaining(app: &mut App, operation: &Operation) -> Vec<Effect> {
    let (id, kind, marks) = (operation.id.clone(), operation.kind, operation.remaining());
    let (refusal, place) = (not_to_plan(operation), operation.scope.clone());
    let refusal = match refusal {
        Some(refusal) => refusal,
        None if !clouds::act::go_to(app, &place) => {
            format!("Operation {id}: {}.", history::act::ELSEWHERE)
        }
        None => return plan::act::ask_for(app, kind, None, marks),
    };
    app.log.say(app.now, Level::Warning, refusal);
    vec![]
}

/// Why sending cannot be stopped; `None` if it can.
pub(crate) fn not_to_stop(operation: &Operation) -> Option<String> {
    let text = "Everything in this operation was already sent: nothing to stop.";
    (!has_unsent(operation) && operation.waiting.is_none()).then(|| text.into())
}

/// Why nothing remains to plan; `None` if something does.
pub(crate) fn not_to_plan(operation: &Operation) -> Option<String> {
    let reached = |outcome: Option<Outcome>| outcome.is_some_and(Outcome::is_success);
    let why = match operation {
        _ if operation.is_open() => "it is unfinished",
        _ if operation.shares.iter().all(|share| reached(share.outcome)) => "nothing is left to do",
        _ => return None,
    };
    Some(format!("Operation {}: {why}.", operation.id))
}

fn has_unsent(operation: &Operation) -> bool {
    operation.stage == Stage::Checking
        || operation.requests.iter().any(|request| request.state == RequestState::Planned)
}

/// Copies the ID to give to support: of the share's member, of the job or the request, or of the operation.
fn copy(app: &mut App) -> Vec<Effect> {
    let jobs = &app.jobs;
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
        let text = "This request has no ID yet: nothing to copy.";
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    }
    say_copied(app, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}

/// Handles a click on a row in the window of a pane.
pub(crate) fn choose(app: &mut App, pane: JobFocus, row: Option<usize>) {
    let jobs = &mut app.jobs;
    jobs.focus = pane;
    let Some(row) = row else { return };
    match jobs.focus {
        JobFocus::Operations => {
            jobs.cursor.go(jobs.cursor.top + row, &jobs.listed);
            jobs.request = Cursor::default();
        }
        JobFocus::Requests => jobs.request.go(jobs.request.top + row, &jobs.requests),
        JobFocus::Shares => jobs.share.at = jobs.share.top + row,
    }
    jobs.changed();
}
