//! What the keys do in the list of clouds and projects.

use crate::tui::app::App;
use crate::tui::app::Phase;
use crate::tui::app::log::Level;
use crate::tui::app::update::ask;
use crate::tui::app::workspace::Workspace;
use crate::tui::keys::Action;
use crate::tui::overlays::Acted;
use crate::tui::overlays::close::Close;
use crate::tui::overlays::clouds::act::{
    again, close, log_in_again, log_in_beside, open, refused_elsewhere, show_session,
};
use crate::tui::overlays::clouds::state::{Line, Picker, Target};
use crate::tui::ui::list::stepped;
use domain::{Failure, Project};
use engine::{Command, SessionId};

/// What a key does in it.
pub(crate) fn act(mut picker: Box<Picker>, app: &mut App, action: Action) -> Acted {
    match action {
        Action::Back if picker.of.is_some() => *picker = Picker::of_clouds(app),
        Action::Back => return (None, vec![]),
        Action::Projects => return projects(picker, app),
        Action::Enter => return enter(picker, app),
        Action::Mark => return open_beside(picker, app),
        Action::Refresh => return try_again(picker, app),
        Action::CloseScope => return close_scope(picker, app),
        action => {
            let at = stepped(&picker.cursor, action, picker.lines.len());
            picker.note = None;
            picker.go_to_line(at);
        }
    }
    (Some(picker), vec![])
}

/// It stays, and says why a key did nothing.
fn noted(mut picker: Box<Picker>, note: impl Into<String>) -> Acted {
    picker.note = Some(note.into());
    (Some(picker), vec![])
}

/// Opens what is under the cursor.
fn enter(picker: Box<Picker>, app: &mut App) -> Acted {
    let Some(line) = picker.current() else { return (None, vec![]) };
    let target = line.target.clone();
    if app.session_of(&target).is_none() && app.is_refused_elsewhere(&target) {
        return noted(picker, refused_elsewhere(app, &target));
    }
    (None, open(app, target))
}

/// Logs in to a scope that is not open, and goes on showing what is shown.
fn open_beside(picker: Box<Picker>, app: &mut App) -> Acted {
    let Some(target) = picker.current().map(|line| line.target.clone()) else {
        return (Some(picker), vec![]);
    };
    if let Some(workspace) = app.session_of(&target).and_then(|session| app.workspace_of(session)) {
        let again = app.keys.spoken(Action::Refresh);
        let note = match workspace.phase {
            Phase::Open(_) => "It is open already: Enter shows it.".into(),
            Phase::Refused(..) => format!("The login failed: {again} tries again."),
            _ => "Already connecting.".into(),
        };
        return noted(picker, note);
    }
    if app.is_refused_elsewhere(&target) {
        return noted(picker, refused_elsewhere(app, &target));
    }
    beside(picker, app, target)
}

/// Logs in, and goes on to the next line.
fn beside(mut picker: Box<Picker>, app: &mut App, target: Target) -> Acted {
    let effects = log_in_beside(app, target);
    if picker.of.is_none() {
        let at = picker.cursor.at;
        *picker = Picker::of_clouds(app);
        picker.go_to_line(at + 1);
    }
    (Some(picker), effects)
}

/// Tries a failed login again.
fn try_again(mut picker: Box<Picker>, app: &mut App) -> Acted {
    let Some(Line { target, session, .. }) = picker.current().cloned() else {
        return (Some(picker), vec![]);
    };
    let session = session.or_else(|| app.session_of(&target));
    let Some(workspace) = session.and_then(|session| app.workspace_of(session)) else {
        if app.is_refused_elsewhere(&target) {
            return beside(picker, app, target);
        }
        return noted(picker, "It is not open: Enter opens it.");
    };
    let (session, missing) = (workspace.session, workspace.missing);
    if !workspace.needs_login() {
        return noted(picker, "Its login did not fail: nothing to try again.");
    }
    if missing.is_some() {
        show_session(app, session);
        return (None, again(app));
    }
    let effects = log_in_again(app, session);
    let at = picker.cursor.at;
    *picker = Picker::of_clouds(app);
    picker.go_to_line(at);
    (Some(picker), effects)
}

/// Asks which projects there are to switch to in the scope under the cursor.
fn projects(mut picker: Box<Picker>, app: &App) -> Acted {
    let session = picker.current().and_then(|line| line.session);
    let open =
        |workspace: &&Workspace| Some(workspace.session) == session && workspace.scope().is_some();
    let Some(workspace) = app.workspaces().find(open) else {
        let text = "Projects can be listed only after logging in: Enter opens this cloud first.";
        return noted(picker, text);
    };
    *picker = Picker::of_projects(workspace);
    (Some(picker), ask(Command::ListProjects(workspace.session)))
}

/// The projects came, for a picker that may be closed by now.
pub(crate) fn on_projects(
    app: &mut App,
    session: SessionId,
    projects: Result<Vec<Project>, Failure>,
) {
    let Some(mut picker) = app.dialog::<Picker>().cloned() else { return };
    let Some(workspace) = app.workspace_of(session) else { return };
    if picker.of.as_ref().is_some_and(|of| of.session == session) {
        picker.answered(workspace, projects);
        app.open(picker);
    }
}

/// Closes the scope under the cursor, or asks first where marks would be lost or operations run.
fn close_scope(mut picker: Box<Picker>, app: &mut App) -> Acted {
    let Some(session) = picker.current().and_then(|line| line.session) else {
        let text = "That scope is not open.";
        app.log.say(app.now, Level::Info, text);
        return (Some(picker), vec![]);
    };
    if app.workspace_of(session).is_some_and(|workspace| app.is_at_work(workspace)) {
        return (Some(Box::new(Close(session))), vec![]);
    }
    let effects = close(app, session);
    *picker = Picker::of_clouds(app);
    (Some(picker), effects)
}
