//! Choosing, opening, closing and reading a cloud.

use crate::tui::ui::list::stepped;
use secrecy::SecretString;

use crate::domain::{Failure, Limits, Project, ProjectName, Scope, Source};
use crate::engine;
use crate::engine::{Asks, CloudChoice, Command, SessionId, Wanted};
use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::log::capital;
use crate::tui::app::update::ask;
use crate::tui::app::workspace::{Login, Workspace};
use crate::tui::app::{App, Overlay, Phase, Progress};
use crate::tui::keys::Action;
use crate::tui::overlays::clouds;
use crate::tui::overlays::clouds::state::{Picker, Target};
use crate::tui::overlays::passcode::state::CodeDialog;

/// After the first frame: which clouds are there; and open the one that was named.
pub(crate) fn start(app: &mut App, named: Target) -> Vec<Effect> {
    let mut effects = ask(Command::ListClouds);
    if named != Target::default() {
        effects.extend(open(app, named));
    }
    effects
}

/// The configured clouds are known.
pub(crate) fn on_clouds(
    app: &mut App,
    choices: &[CloudChoice],
    default: Option<String>,
) -> Vec<Effect> {
    app.clouds = Picker::new(choices);
    if let Some(default) = &default {
        app.every_workspace().for_each(|workspace| workspace.call_default(default));
    }
    if matches!(app.overlay, Overlay::Picker(_)) {
        pick(app);
    }
    if !matches!(app.workspace.phase, Phase::Starting) {
        return vec![];
    }
    let only = match choices {
        [only] => Some(only.name.clone()),
        _ => None,
    };
    if let Some(cloud) = default.or(only) {
        return open(app, Target { cloud: Some(cloud), ..Target::default() });
    }
    app.workspace.phase = Phase::Choosing;
    pick(app)
}

/// The configuration cannot be used.
pub(crate) fn on_no_clouds(app: &mut App, failure: Failure) {
    if matches!(app.workspace.phase, Phase::Starting | Phase::Choosing) {
        app.log.note(app.now, Level::Error, &capital(&failure.to_string()));
        app.workspace.phase = Phase::NoClouds(failure);
    } else {
        app.log.fail(app.now, &failure);
    }
}

/// Shows the picker.
pub(crate) fn pick(app: &mut App) -> Vec<Effect> {
    let picker = app.clouds.clone().with(app.workspaces());
    app.overlay = Overlay::Picker(picker);
    vec![]
}

/// What a key does in the picker.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let Overlay::Picker(picker) = &mut app.overlay else { return vec![] };
    let rows = picker.rows();
    match action {
        Action::Back if picker.of.is_some() => return pick(app),
        Action::Back => app.overlay = Overlay::None,
        Action::Projects => return projects(app),
        Action::Enter => {
            let Some(line) = picker.lines.get(picker.cursor.at) else {
                app.overlay = Overlay::None;
                return vec![];
            };
            let target = line.target.clone();
            if app.session_of(&target).is_none() && app.is_refused_elsewhere(&target) {
                note_in_picker(app, refused_elsewhere(app, &target));
                return vec![];
            }
            app.overlay = Overlay::None;
            return open(app, target);
        }
        Action::Mark => {
            let target = picker.lines.get(picker.cursor.at).map(|line| line.target.clone());
            return target.map(|target| open_beside(app, target)).unwrap_or_default();
        }
        Action::Refresh => return again_in_picker(app),
        Action::CloseScope => {
            let session = picker.lines.get(picker.cursor.at).and_then(|line| line.session);
            let Some(session) = session else {
                let text = "That scope is not open: there is nothing to close.";
                app.log.say(app.now, Level::Info, text);
                return vec![];
            };
            return ask_to_close(app, session);
        }
        action => {
            let at = stepped(&picker.cursor, action, rows.len());
            picker.note = None;
            picker.cursor.go(at, &rows);
        }
    }
    vec![]
}

/// Shows a scope: as it was left where it is open already, with the reason where its login was refused, else by logging
/// in. What was shown is put aside.
pub(crate) fn open(app: &mut App, target: Target) -> Vec<Effect> {
    if let Some(session) = app.session_of(&target) {
        show_session(app, session);
        return vec![];
    }
    if app.is_refused_elsewhere(&target) {
        let clouds = app.keys.spoken(Action::Clouds);
        let text = format!("{} In the list of clouds, {clouds}.", refused_elsewhere(app, &target));
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    }
    let session = app.next_session();
    put_aside(app, Workspace::new(session, target.clone(), Phase::Connecting(target.clone())));
    log_in(session, target, None)
}

/// Why nothing is opened, and what to do about it.
fn refused_elsewhere(app: &App, target: &Target) -> String {
    let again = app.keys.spoken(Action::Refresh);
    let cloud = target.cloud.as_deref().unwrap_or("this cloud");
    format!("The login to {cloud} failed in another region: {again} tries it here.")
}

/// Logs in to a scope that is not open, and goes on showing what is shown.
fn open_beside(app: &mut App, target: Target) -> Vec<Effect> {
    if let Some(workspace) = app.session_of(&target).and_then(|session| app.workspace_of(session)) {
        let again = app.keys.spoken(Action::Refresh);
        let note = match workspace.phase {
            Phase::Open(_) => "It is open already: Enter shows it.".into(),
            Phase::Refused(..) => format!("The login failed: {again} tries again."),
            _ => "It is connecting already.".into(),
        };
        note_in_picker(app, note);
        return vec![];
    }
    if app.is_refused_elsewhere(&target) {
        note_in_picker(app, refused_elsewhere(app, &target));
        return vec![];
    }
    log_in_beside(app, target)
}

/// Logs in to a scope in place of one that could not be opened, else beside the one that is shown.
fn log_in_beside(app: &mut App, target: Target) -> Vec<Effect> {
    let session = app.next_session();
    let workspace = Workspace::new(session, target.clone(), Phase::Connecting(target.clone()));
    if app.workspace.is_alive() {
        app.background.push(workspace);
    } else {
        put_aside(app, workspace);
    }
    if let Overlay::Picker(picker) = &app.overlay
        && picker.of.is_none()
    {
        let at = picker.cursor.at;
        pick(app);
        go_to_line(app, at + 1);
    }
    log_in(session, target, None)
}

/// Says in the picker why a key did nothing.
fn note_in_picker(app: &mut App, note: String) {
    if let Overlay::Picker(picker) = &mut app.overlay {
        picker.note = Some(note);
    }
}

/// Puts the cursor of the picker on a line.
fn go_to_line(app: &mut App, at: usize) {
    if let Overlay::Picker(picker) = &mut app.overlay {
        let rows = picker.rows();
        picker.cursor.go(at.min(rows.len().saturating_sub(1)), &rows);
    }
}

/// Tries a failed login again, from its line in the picker.
fn again_in_picker(app: &mut App) -> Vec<Effect> {
    let Overlay::Picker(picker) = &app.overlay else { return vec![] };
    let at = picker.cursor.at;
    let Some(clouds::state::Line { target, session, .. }) = picker.lines.get(at).cloned() else {
        return vec![];
    };
    let session = session.or_else(|| app.session_of(&target));
    let Some(workspace) = session.and_then(|session| app.workspace_of(session)) else {
        if app.is_refused_elsewhere(&target) {
            return log_in_beside(app, target);
        }
        note_in_picker(app, "It is not open: Enter opens it.".into());
        return vec![];
    };
    let (session, asks) = (workspace.session, workspace.asks);
    if !workspace.needs_login() {
        note_in_picker(app, "Its login did not fail: there is nothing to try again.".into());
        return vec![];
    }
    if asks.is_some() {
        app.overlay = Overlay::None;
        show_session(app, session);
        return again(app);
    }
    let effects = log_in_again(app, session);
    pick(app);
    go_to_line(app, at);
    effects
}

/// Logs in again with a new session where the login was refused or ended. An open scope keeps what was read and marked.
fn log_in_again(app: &mut App, old: SessionId) -> Vec<Effect> {
    let session = app.next_session();
    let mut effects = renew(app, old, session);
    let target = app.workspace_of(session).map(|workspace| workspace.target.clone());
    effects.extend(target.map(|target| log_in(session, target, None)).unwrap_or_default());
    effects
}

/// Gives a workspace to a new session, which is about to log in.
fn renew(app: &mut App, old: SessionId, session: SessionId) -> Vec<Effect> {
    let Some(workspace) = app.every_workspace().find(|workspace| workspace.session == old) else {
        return vec![];
    };
    (workspace.session, workspace.reading) = (session, None);
    if workspace.scope().is_none() {
        workspace.phase = Phase::Connecting(workspace.target.clone());
        return vec![];
    }
    workspace.login = Login::Renewing;
    let label = workspace.label();
    app.closed.insert(old, label);
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
pub(crate) fn again(app: &mut App) -> Vec<Effect> {
    let why = match (&app.workspace.phase, &app.workspace.login) {
        (Phase::Refused(_, failure), _) | (_, Login::Ended(failure)) => failure.why.to_string(),
        _ => return vec![],
    };
    if let Some(asks) = app.workspace.asks {
        let dialog = CodeDialog::new(asks, app.workspace.target.label(), why);
        app.overlay = Overlay::Code(Box::new(dialog));
        return vec![];
    }
    log_in_again(app, app.workspace.session)
}

/// What a key does in the dialog that asks for a one-time code. What is not put back is closed, and forgotten.
pub(crate) fn act_on_code(app: &mut App, action: Action) -> Vec<Effect> {
    let Overlay::Code(mut dialog) = std::mem::take(&mut app.overlay) else { return vec![] };
    match (action, dialog.code()) {
        (Action::Back, _) => vec![],
        (Action::Enter, Ok(code)) => {
            let (session, target) = (app.next_session(), app.workspace.target.clone());
            let mut effects = renew(app, app.workspace.session, session);
            effects.extend(log_in(session, target, Some((dialog.asks, code))));
            effects
        }
        (Action::Enter, Err(complaint)) => {
            dialog.complaint = complaint;
            app.overlay = Overlay::Code(dialog);
            vec![]
        }
        _ => {
            app.overlay = Overlay::Code(dialog);
            vec![]
        }
    }
}

/// Asks which projects there are to switch to in the scope under the cursor of the picker.
fn projects(app: &mut App) -> Vec<Effect> {
    let Overlay::Picker(picker) = &mut app.overlay else { return vec![] };
    let session = picker.lines.get(picker.cursor.at).and_then(|line| line.session);
    let open =
        |workspace: &&Workspace| Some(workspace.session) == session && workspace.scope().is_some();
    let Some(workspace) = std::iter::once(&app.workspace).chain(&app.background).find(open) else {
        let text = "Projects are asked for where one is logged in: Enter opens this cloud first.";
        picker.note = Some(text.into());
        return vec![];
    };
    let session = workspace.session;
    *picker = Picker::of_projects(workspace);
    ask(Command::ListProjects(session))
}

/// The projects came, for a picker that may be closed by now.
pub(crate) fn on_projects(
    app: &mut App,
    session: SessionId,
    projects: Result<Vec<Project>, Failure>,
) {
    let App { overlay: Overlay::Picker(picker), workspace, background, .. } = app else { return };
    let mut all = std::iter::once(&*workspace).chain(&*background);
    let Some(workspace) = all.find(|workspace| workspace.session == session) else { return };
    if picker.of.as_ref().is_some_and(|of| of.session == session) {
        picker.answered(workspace, projects);
    }
}

/// Shows the workspace of a place; false when there is none.
pub(crate) fn go_to(app: &mut App, place: &Scope) -> bool {
    let of_place =
        |workspace: &Workspace| workspace.scope().is_some_and(|scope| scope.is_same_place(place));
    if of_place(&app.workspace) {
        return true;
    }
    let at = app.background.iter().position(of_place);
    if let Some(at) = at {
        show(app, at);
    }
    at.is_some()
}

/// Shows the workspace of a session.
fn show_session(app: &mut App, session: SessionId) {
    if let Some(at) = app.background.iter().position(|workspace| workspace.session == session) {
        show(app, at);
    }
}

/// Shows a workspace that was put aside.
fn show(app: &mut App, at: usize) {
    let workspace = app.background.remove(at);
    put_aside(app, workspace);
}

/// Puts another workspace in the place of the one that is shown, which is kept if there is anything on it.
fn put_aside(app: &mut App, workspace: Workspace) {
    app.together = None;
    let left = std::mem::replace(&mut app.workspace, workspace);
    // A refused login is kept, so that nothing repeats it by mistake.
    if left.is_alive() || left.is_refused() {
        app.background.push(left);
    }
}

/// Closes a scope, or asks first where marks would be lost or operations run.
fn ask_to_close(app: &mut App, session: SessionId) -> Vec<Effect> {
    if let Some(workspace) = app.workspace_of(session).filter(|workspace| app.is_at_work(workspace))
    {
        app.overlay = Overlay::Close(workspace.session);
        return vec![];
    }
    let effects = close(app, session);
    pick(app);
    effects
}

/// What a key does in the question. Both answers lead back to the list of clouds.
pub(crate) fn act_on_close(app: &mut App, action: Action) -> Vec<Effect> {
    let Overlay::Close(session) = app.overlay else { return vec![] };
    let effects = if action == Action::Enter { close(app, session) } else { vec![] };
    pick(app);
    if let Overlay::Picker(picker) = &app.overlay {
        let at = picker.lines.iter().position(|line| line.session == Some(session));
        if let Some(at) = at {
            go_to_line(app, at);
        }
    }
    effects
}

/// Closes a session and forgets what was read and marked there. Its operations go on.
fn close(app: &mut App, session: SessionId) -> Vec<Effect> {
    if let Some(label) = app.workspace_of(session).map(Workspace::label) {
        app.closed.insert(session, label);
    }
    if app.workspace.session == session {
        let alive = app.background.iter().rposition(Workspace::is_alive);
        let next = alive.map(|at| app.background.remove(at)).or_else(|| app.background.pop());
        let next = next.unwrap_or_else(|| Workspace::without_session(Phase::Choosing));
        app.workspace = next;
    } else {
        app.background.retain(|workspace| workspace.session != session);
    }
    ask(Command::Close(session))
}

/// Logged in.
pub(crate) fn on_opened(
    app: &mut App,
    session: SessionId,
    scope: Scope,
    limits: Limits,
) -> Vec<Effect> {
    if let Some(name) = &scope.project_name {
        let (id, name) = (scope.project_id.clone(), name.clone());
        app.names.put(ProjectName { id, name, source: Source::Keystone });
    }
    let now = app.now;
    let App { workspace, background, log, saved, .. } = app;
    let mut all = std::iter::once(workspace).chain(background);
    let Some(workspace) = all.find(|workspace| workspace.session == session) else { return vec![] };
    if workspace.scope().is_some_and(|old| !old.is_same_place(&scope)) {
        // The configuration was changed meanwhile: what was read and marked belongs to another scope.
        let target = workspace.target.clone();
        *workspace = Workspace::new(session, target.clone(), Phase::Connecting(target));
        let text = "This login is in another scope than the last one: the marks were removed.";
        log.say(now, Level::Warning, text);
    }
    workspace.login = Login::Valid;
    workspace.phase = Phase::Open(crate::tui::app::Place { scope, limits });
    let mut effects = ask(Command::Resume(session));
    effects.extend(read_in(workspace));
    effects.extend(ask(Command::LookUpNames(session)));
    if !std::mem::replace(&mut saved.asked, true) {
        effects.extend(ask(Command::ListFilters));
    }
    effects
}

/// The login failed.
pub(crate) fn on_not_opened(
    app: &mut App,
    session: SessionId,
    failure: Failure,
    asks: Option<Asks>,
) {
    let (shown, now) = (session == app.workspace.session, app.now);
    let App { workspace, background, log, .. } = app;
    let mut all = std::iter::once(workspace).chain(background);
    let Some(workspace) = all.find(|workspace| workspace.session == session) else { return };
    let target = match &workspace.phase {
        Phase::Connecting(target) => target.clone(),
        _ => Target::default(),
    };
    if shown && workspace.scope().is_none() {
        // The screen itself says it.
        log.note(now, Level::Error, &capital(&failure.to_string()));
    } else {
        log.fail(now, &failure);
    }
    if workspace.scope().is_some() {
        workspace.login = Login::Ended(failure);
    } else {
        workspace.phase = Phase::Refused(target, failure);
    }
    workspace.asks = asks;
    if asks.is_some() && shown && matches!(app.overlay, Overlay::None) {
        again(app);
    }
}

/// Reads everything, again.
pub(crate) fn read(app: &mut App) -> Vec<Effect> {
    read_in(&mut app.workspace)
}

fn read_in(workspace: &mut Workspace) -> Vec<Effect> {
    workspace.reading = Some(Progress::default());
    workspace.reading_id.0 += 1;
    workspace.images.reading_began();
    ask(Command::Read {
        session: workspace.session,
        reading: workspace.reading_id,
        wanted: Wanted::All { received: workspace.received.read },
    })
}
