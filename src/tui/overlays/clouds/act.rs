//! Choosing, opening, closing and reading a cloud.

use crate::tui::app;
use secrecy::SecretString;

use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::log::capital;
use crate::tui::app::update::ask;
use crate::tui::app::workspace::{Login, Workspace};
use crate::tui::app::{App, Phase, Progress};
use crate::tui::keys::Action;
use crate::tui::overlays::clouds::state::{Line, Picker, Target};
use crate::tui::overlays::passcode::state::CodeDialog;
use domain::{Failure, Limits, ProjectName, Scope, Source};
use engine;
use engine::{CloudChoice, Command, MissingCredential, SessionId, Wanted};

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
    app.clouds = choices.iter().flat_map(Line::of_cloud).collect();
    if let Some(default) = &default {
        app.every_workspace().for_each(|workspace| workspace.call_default(default));
    }
    if app.dialog::<Picker>().is_some() {
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
    pick(app);
    vec![]
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
pub(crate) fn pick(app: &mut App) {
    let picker = Picker::of_clouds(app);
    app.open(picker);
}

/// Shows a scope: as it was left where it is open already, with the reason where its login was refused, else by logging
/// in. The scope shown so far moves to the background.
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
    move_to_background(
        app,
        Workspace::new(session, target.clone(), Phase::Connecting(target.clone())),
    );
    log_in(session, target, None)
}

/// Why nothing is opened, and what to do about it.
pub(crate) fn refused_elsewhere(app: &App, target: &Target) -> String {
    let again = app.keys.spoken(Action::Refresh);
    let cloud = target.cloud.as_deref().unwrap_or("this cloud");
    format!("The login to {cloud} failed in another region: {again} tries it here.")
}

/// Logs in to a scope in place of one that could not be opened, else beside the one that is shown.
pub(crate) fn log_in_beside(app: &mut App, target: Target) -> Vec<Effect> {
    let session = app.next_session();
    let workspace = Workspace::new(session, target.clone(), Phase::Connecting(target.clone()));
    if app.workspace.is_alive() {
        app.background.push(workspace);
    } else {
        move_to_background(app, workspace);
    }
    log_in(session, target, None)
}

/// Logs in again with a new session where the login was refused or ended. An open scope keeps what was read and marked.
pub(crate) fn log_in_again(app: &mut App, old: SessionId) -> Vec<Effect> {
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

fn log_in(
    session: SessionId,
    target: Target,
    given: Option<(MissingCredential, SecretString)>,
) -> Vec<Effect> {
    let Target { cloud, region, project } = target;
    let mut target = engine::Target { cloud, region, project, ..engine::Target::default() };
    match given {
        Some((MissingCredential::Passcode, code)) => target.passcode = Some(code),
        Some((MissingCredential::Secret(_), secret)) => target.secret = Some(secret),
        None => {}
    }
    ask(Command::Open { session, target })
}

/// Logs in again to the scope that is shown, after a failed login; with a passcode where one is required.
pub(crate) fn again(app: &mut App) -> Vec<Effect> {
    let why = match (&app.workspace.phase, &app.workspace.login) {
        (Phase::Refused(_, failure), _) | (_, Login::Ended(failure)) => failure.why.to_string(),
        _ => return vec![],
    };
    if let Some(missing) = app.workspace.missing {
        let dialog = CodeDialog::new(missing, app.workspace.target.label(), why);
        app.open(dialog);
        return vec![];
    }
    log_in_again(app, app.workspace.session)
}

/// Logs in again to what is shown, with the code or secret that was typed.
pub(crate) fn answer(
    app: &mut App,
    missing: MissingCredential,
    given: SecretString,
) -> Vec<Effect> {
    let (session, target) = (app.next_session(), app.workspace.target.clone());
    let mut effects = renew(app, app.workspace.session, session);
    effects.extend(log_in(session, target, Some((missing, given))));
    effects
}

/// Shows the workspace of a place; false when there is none.
pub(crate) fn go_to(app: &mut App, place: &Scope) -> bool {
    let of_place =
        |workspace: &Workspace| workspace.scope().is_some_and(|scope| scope.is_same_scope(place));
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
pub(crate) fn show_session(app: &mut App, session: SessionId) {
    if let Some(at) = app.background.iter().position(|workspace| workspace.session == session) {
        show(app, at);
    }
}

/// Shows a workspace from the background.
fn show(app: &mut App, at: usize) {
    let workspace = app.background.remove(at);
    move_to_background(app, workspace);
}

/// Puts another workspace in the place of the one that is shown, which is kept if there is anything on it.
fn move_to_background(app: &mut App, workspace: Workspace) {
    app.all_scopes = None;
    let left = std::mem::replace(&mut app.workspace, workspace);
    // A refused login is kept, so that nothing repeats it by mistake.
    if left.is_alive() || left.is_refused() {
        app.background.push(left);
    }
}

/// Closes a session and forgets what was read and marked there. Its operations go on.
pub(crate) fn close(app: &mut App, session: SessionId) -> Vec<Effect> {
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
    if workspace.scope().is_some_and(|old| !old.is_same_scope(&scope)) {
        // The configuration was changed meanwhile: what was read and marked belongs to another scope.
        let target = workspace.target.clone();
        *workspace = Workspace::new(session, target.clone(), Phase::Connecting(target));
        let text = "This login is in another scope than the last one: the marks were removed.";
        log.say(now, Level::Warning, text);
    }
    workspace.login = Login::Valid;
    workspace.phase = Phase::Open(app::Place { scope, limits });
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
    missing: Option<MissingCredential>,
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
    workspace.missing = missing;
    if missing.is_some() && shown && app.overlay.is_none() {
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
