//! Choosing, opening, closing and reading a cloud.

use secrecy::SecretString;

use super::{ask, browse};
use crate::domain::{Failure, Limits, Project, ProjectName, Scope, Source};
use crate::engine::{self, Asks, CloudChoice, Command, SessionId, Wanted};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::log::capital;
use crate::tui::model::{
    CodeDialog, Level, Login, Model, Overlay, Phase, Picker, Progress, Target, Workspace, picker,
};

/// After the first frame: which clouds are there; and open the one that was named.
pub(crate) fn start(model: &mut Model, named: Target) -> Vec<Effect> {
    let mut effects = ask(Command::ListClouds);
    if named != Target::default() {
        effects.extend(open(model, named));
    }
    effects
}

/// The configured clouds are known.
pub(super) fn on_clouds(
    model: &mut Model,
    choices: &[CloudChoice],
    default: Option<String>,
) -> Vec<Effect> {
    model.clouds = Picker::new(choices);
    if let Some(default) = &default {
        model.every_desk().for_each(|workspace| workspace.call_default(default));
    }
    if matches!(model.overlay, Overlay::Picker(_)) {
        pick(model);
    }
    if !matches!(model.workspace.phase, Phase::Starting) {
        return vec![];
    }
    let only = match choices {
        [only] => Some(only.name.clone()),
        _ => None,
    };
    if let Some(cloud) = default.or(only) {
        return open(model, Target { cloud: Some(cloud), ..Target::default() });
    }
    model.workspace.phase = Phase::Choosing;
    pick(model)
}

/// The configuration cannot be used.
pub(super) fn on_no_clouds(model: &mut Model, failure: Failure) {
    if matches!(model.workspace.phase, Phase::Starting | Phase::Choosing) {
        model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
        model.workspace.phase = Phase::NoClouds(failure);
    } else {
        model.log.fail(model.now, &failure);
    }
}

/// Shows the picker.
pub(super) fn pick(model: &mut Model) -> Vec<Effect> {
    let picker = model.clouds.clone().with(model.workspaces());
    model.overlay = Overlay::Picker(picker);
    vec![]
}

/// What a key does in the picker.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Picker(picker) = &mut model.overlay else { return vec![] };
    let rows = picker.rows();
    match action {
        Action::Back if picker.of.is_some() => return pick(model),
        Action::Back => model.overlay = Overlay::None,
        Action::Projects => return projects(model),
        Action::Enter => {
            let Some(line) = picker.lines.get(picker.cursor.at) else {
                model.overlay = Overlay::None;
                return vec![];
            };
            let target = line.target.clone();
            if model.session_of(&target).is_none() && model.is_refused_elsewhere(&target) {
                note_in_picker(model, refused_elsewhere(model, &target));
                return vec![];
            }
            model.overlay = Overlay::None;
            return open(model, target);
        }
        Action::Mark => {
            let target = picker.lines.get(picker.cursor.at).map(|line| line.target.clone());
            return target.map(|target| open_beside(model, target)).unwrap_or_default();
        }
        Action::Refresh => return again_in_picker(model),
        Action::CloseScope => {
            let session = picker.lines.get(picker.cursor.at).and_then(|line| line.session);
            let Some(session) = session else {
                let text = "That scope is not open: there is nothing to close.";
                model.log.say(model.now, Level::Info, text);
                return vec![];
            };
            return ask_to_close(model, session);
        }
        action => {
            let at = browse::stepped(&picker.cursor, action, rows.len());
            picker.note = None;
            picker.cursor.go(at, &rows);
        }
    }
    vec![]
}

/// Shows a scope: as it was left where it is open already, with the reason where its login was refused, else by logging
/// in. What was shown is put aside.
pub(super) fn open(model: &mut Model, target: Target) -> Vec<Effect> {
    if let Some(session) = model.session_of(&target) {
        show_session(model, session);
        return vec![];
    }
    if model.is_refused_elsewhere(&target) {
        let clouds = model.keys.spoken(Action::Clouds);
        let text =
            format!("{} In the list of clouds, {clouds}.", refused_elsewhere(model, &target));
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    }
    let session = model.next_session();
    put_aside(model, Workspace::new(session, target.clone(), Phase::Connecting(target.clone())));
    log_in(session, target, None)
}

/// Why nothing is opened, and what to do about it.
fn refused_elsewhere(model: &Model, target: &Target) -> String {
    let again = model.keys.spoken(Action::Refresh);
    let cloud = target.cloud.as_deref().unwrap_or("this cloud");
    format!("The login to {cloud} failed in another region: {again} tries it here.")
}

/// Logs in to a scope that is not open, and goes on showing what is shown.
fn open_beside(model: &mut Model, target: Target) -> Vec<Effect> {
    if let Some(workspace) = model.session_of(&target).and_then(|session| model.desk_of(session)) {
        let again = model.keys.spoken(Action::Refresh);
        let note = match workspace.phase {
            Phase::Open(_) => "It is open already: Enter shows it.".into(),
            Phase::Refused(..) => format!("The login failed: {again} tries again."),
            _ => "It is connecting already.".into(),
        };
        note_in_picker(model, note);
        return vec![];
    }
    if model.is_refused_elsewhere(&target) {
        note_in_picker(model, refused_elsewhere(model, &target));
        return vec![];
    }
    log_in_beside(model, target)
}

/// Logs in to a scope in place of one that could not be opened, else beside the one that is shown.
fn log_in_beside(model: &mut Model, target: Target) -> Vec<Effect> {
    let session = model.next_session();
    let workspace = Workspace::new(session, target.clone(), Phase::Connecting(target.clone()));
    if model.workspace.is_alive() {
        model.background.push(workspace);
    } else {
        put_aside(model, workspace);
    }
    if let Overlay::Picker(picker) = &model.overlay
        && picker.of.is_none()
    {
        let at = picker.cursor.at;
        pick(model);
        go_to_line(model, at + 1);
    }
    log_in(session, target, None)
}

/// Says in the picker why a key did nothing.
fn note_in_picker(model: &mut Model, note: String) {
    if let Overlay::Picker(picker) = &mut model.overlay {
        picker.note = Some(note);
    }
}

/// Puts the cursor of the picker on a line.
fn go_to_line(model: &mut Model, at: usize) {
    if let Overlay::Picker(picker) = &mut model.overlay {
        let rows = picker.rows();
        picker.cursor.go(at.min(rows.len().saturating_sub(1)), &rows);
    }
}

/// Tries a failed login again, from its line in the picker.
fn again_in_picker(model: &mut Model) -> Vec<Effect> {
    let Overlay::Picker(picker) = &model.overlay else { return vec![] };
    let at = picker.cursor.at;
    let Some(picker::Line { target, session, .. }) = picker.lines.get(at).cloned() else {
        return vec![];
    };
    let session = session.or_else(|| model.session_of(&target));
    let Some(workspace) = session.and_then(|session| model.desk_of(session)) else {
        if model.is_refused_elsewhere(&target) {
            return log_in_beside(model, target);
        }
        note_in_picker(model, "It is not open: Enter opens it.".into());
        return vec![];
    };
    let (session, asks) = (workspace.session, workspace.asks);
    if !workspace.needs_login() {
        note_in_picker(model, "Its login did not fail: there is nothing to try again.".into());
        return vec![];
    }
    if asks.is_some() {
        model.overlay = Overlay::None;
        show_session(model, session);
        return again(model);
    }
    let effects = log_in_again(model, session);
    pick(model);
    go_to_line(model, at);
    effects
}

/// Logs in again with a new session where the login was refused or ended. An open scope keeps what was read and marked.
fn log_in_again(model: &mut Model, old: SessionId) -> Vec<Effect> {
    let session = model.next_session();
    let mut effects = renew(model, old, session);
    let target = model.desk_of(session).map(|workspace| workspace.target.clone());
    effects.extend(target.map(|target| log_in(session, target, None)).unwrap_or_default());
    effects
}

/// Gives a workspace to a new session, which is about to log in.
fn renew(model: &mut Model, old: SessionId, session: SessionId) -> Vec<Effect> {
    let Some(workspace) = model.every_desk().find(|workspace| workspace.session == old) else {
        return vec![];
    };
    (workspace.session, workspace.reading) = (session, None);
    if workspace.scope().is_none() {
        workspace.phase = Phase::Connecting(workspace.target.clone());
        return vec![];
    }
    workspace.login = Login::Renewing;
    let label = workspace.label();
    model.closed.insert(old, label);
    ask(Command::Close(old))
}

fn log_in(session: SessionId, target: Target, given: Option<(Asks, SecretString)>) -> Vec<Effect> {
    let Target { cloud, region, project } = target;
    let mut target = engine::Target { cloud, region, project, ..engine::Target::default() };
    match given {
        Some((Asks::Code, code)) => target.one_time_code = Some(code),
        Some((Asks::Secret(_), secret)) => target.secret = Some(secret),
        None => {}
    }
    ask(Command::Open { session, target })
}

/// Logs in again to what is shown, after a refusal; with a one-time code where one is wanted.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let why = match (&model.workspace.phase, &model.workspace.login) {
        (Phase::Refused(_, failure), _) | (_, Login::Ended(failure)) => failure.why.to_string(),
        _ => return vec![],
    };
    if let Some(asks) = model.workspace.asks {
        let dialog = CodeDialog::new(asks, model.workspace.target.label(), why);
        model.overlay = Overlay::Code(Box::new(dialog));
        return vec![];
    }
    log_in_again(model, model.workspace.session)
}

/// What a key does in the dialog that asks for a one-time code. What is not put back is closed, and forgotten.
pub(super) fn act_on_code(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Code(mut dialog) = std::mem::take(&mut model.overlay) else { return vec![] };
    match (action, dialog.code()) {
        (Action::Back, _) => vec![],
        (Action::Enter, Ok(code)) => {
            let (session, target) = (model.next_session(), model.workspace.target.clone());
            let mut effects = renew(model, model.workspace.session, session);
            effects.extend(log_in(session, target, Some((dialog.asks, code))));
            effects
        }
        (Action::Enter, Err(complaint)) => {
            dialog.complaint = complaint;
            model.overlay = Overlay::Code(dialog);
            vec![]
        }
        _ => {
            model.overlay = Overlay::Code(dialog);
            vec![]
        }
    }
}

/// Asks which projects there are to switch to in the scope under the cursor of the picker.
fn projects(model: &mut Model) -> Vec<Effect> {
    let Overlay::Picker(picker) = &mut model.overlay else { return vec![] };
    let session = picker.lines.get(picker.cursor.at).and_then(|line| line.session);
    let open =
        |workspace: &&Workspace| Some(workspace.session) == session && workspace.scope().is_some();
    let Some(workspace) = std::iter::once(&model.workspace).chain(&model.background).find(open)
    else {
        let text = "Projects are asked for where one is logged in: Enter opens this cloud first.";
        picker.note = Some(text.into());
        return vec![];
    };
    let session = workspace.session;
    *picker = Picker::of_projects(workspace);
    ask(Command::ListProjects(session))
}

/// The projects came, for a picker that may be closed by now.
pub(super) fn on_projects(model: &mut Model, projects: Result<Vec<Project>, Failure>) {
    let Overlay::Picker(picker) = &mut model.overlay else { return };
    if picker.of.as_ref().is_some_and(|of| of.session == model.workspace.session) {
        picker.answered(&model.workspace, projects);
    }
}

/// Shows the workspace of a place; false when there is none.
pub(super) fn go_to(model: &mut Model, place: &Scope) -> bool {
    let of_place =
        |workspace: &Workspace| workspace.scope().is_some_and(|scope| scope.is_same_place(place));
    if of_place(&model.workspace) {
        return true;
    }
    let at = model.background.iter().position(of_place);
    if let Some(at) = at {
        show(model, at);
    }
    at.is_some()
}

/// Shows the workspace of a session.
fn show_session(model: &mut Model, session: SessionId) {
    if let Some(at) = model.background.iter().position(|workspace| workspace.session == session) {
        show(model, at);
    }
}

/// Shows a workspace that was put aside.
fn show(model: &mut Model, at: usize) {
    let workspace = model.background.remove(at);
    put_aside(model, workspace);
}

/// Puts another workspace in the place of the one that is shown, which is kept if there is anything on it.
fn put_aside(model: &mut Model, workspace: Workspace) {
    model.together = None;
    let left = std::mem::replace(&mut model.workspace, workspace);
    // A refused login is kept, so that nothing repeats it by mistake.
    if left.is_alive() || left.is_refused() {
        model.background.push(left);
    }
}

/// Closes a scope, or asks first where marks would be lost or operations run.
fn ask_to_close(model: &mut Model, session: SessionId) -> Vec<Effect> {
    if let Some(workspace) = model.desk_of(session).filter(|workspace| model.is_at_work(workspace))
    {
        model.overlay = Overlay::Close(workspace.session);
        return vec![];
    }
    let effects = close(model, session);
    pick(model);
    effects
}

/// What a key does in the question. Both answers lead back to the list of clouds.
pub(super) fn act_on_close(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Close(session) = model.overlay else { return vec![] };
    let effects = if action == Action::Enter { close(model, session) } else { vec![] };
    pick(model);
    if let Overlay::Picker(picker) = &model.overlay {
        let at = picker.lines.iter().position(|line| line.session == Some(session));
        if let Some(at) = at {
            go_to_line(model, at);
        }
    }
    effects
}

/// Closes a session and forgets what was read and marked there. Its operations go on.
fn close(model: &mut Model, session: SessionId) -> Vec<Effect> {
    if let Some(label) = model.desk_of(session).map(Workspace::label) {
        model.closed.insert(session, label);
    }
    if model.workspace.session == session {
        let alive = model.background.iter().rposition(Workspace::is_alive);
        let next = alive.map(|at| model.background.remove(at)).or_else(|| model.background.pop());
        let next = next.unwrap_or_else(|| Workspace::without_session(Phase::Choosing));
        model.workspace = next;
    } else {
        model.background.retain(|workspace| workspace.session != session);
    }
    ask(Command::Close(session))
}

/// Logged in.
pub(super) fn on_opened(model: &mut Model, scope: Scope, limits: Limits) -> Vec<Effect> {
    if let Some(name) = &scope.project_name {
        let (id, name) = (scope.project_id.clone(), name.clone());
        model.names.put(ProjectName { id, name, source: Source::Keystone });
    }
    if model.scope().is_some_and(|old| !old.is_same_place(&scope)) {
        // The configuration was changed meanwhile: what was read and marked belongs to another scope.
        let (session, target) = (model.workspace.session, model.workspace.target.clone());
        let phase = Phase::Connecting(target.clone());
        model.workspace = Workspace::new(session, target, phase);
        let text = "This login is in another scope than the last one: the marks were removed.";
        model.log.say(model.now, Level::Warning, text);
    }
    model.workspace.login = Login::Valid;
    model.workspace.phase = Phase::Open(crate::tui::model::Place { scope, limits });
    let mut effects = ask(Command::Resume(model.workspace.session));
    effects.extend(read(model));
    effects.extend(ask(Command::LookUpNames(model.workspace.session)));
    if !std::mem::replace(&mut model.saved.asked, true) {
        effects.extend(ask(Command::ListFilters));
    }
    effects
}

/// The login failed.
pub(super) fn on_not_opened(model: &mut Model, failure: Failure, asks: Option<Asks>, shown: bool) {
    let target = match &model.workspace.phase {
        Phase::Connecting(target) => target.clone(),
        _ => Target::default(),
    };
    if shown && model.workspace.scope().is_none() {
        // The screen itself says it.
        model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
    } else {
        model.log.fail(model.now, &failure);
    }
    if model.workspace.scope().is_some() {
        model.workspace.login = Login::Ended(failure);
    } else {
        model.workspace.phase = Phase::Refused(target, failure);
    }
    model.workspace.asks = asks;
    if asks.is_some() && shown && matches!(model.overlay, Overlay::None) {
        again(model);
    }
}

/// Reads everything, again.
pub(super) fn read(model: &mut Model) -> Vec<Effect> {
    model.workspace.reading = Some(Progress::default());
    model.workspace.reading_id.0 += 1;
    model.workspace.images.reading_began();
    ask(Command::Read {
        session: model.workspace.session,
        reading: model.workspace.reading_id,
        wanted: Wanted::All { received: model.workspace.received.read },
    })
}
