//! From marks to a confirmed plan. Closing the dialog changes nothing.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::input::scrolled;
use crate::tui::app::log::Level;
use crate::tui::app::update::ask;
use crate::tui::keys::Action;
use crate::tui::overlays::plan::planning::Planning;
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::act::say_copied;
use crate::tui::ui::text::counted;
use domain::{Marks, OperationId, OperationKind, Plan};
use engine::Command;

/// Requests a plan that revokes all marked shares.
pub(crate) fn open(app: &mut App) -> Vec<Effect> {
    show_marked(app);
    if app.workspace.marks.is_empty() {
        let text = app.nothing_marked();
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    }
    ask_for(app, OperationKind::Revoke, None, app.workspace.marks.clone())
}

/// While all scopes are listed and the one under the cursor has no marks: shows the first scope that has some.
fn show_marked(app: &mut App) {
    if !app.lists_all_scopes() || !app.workspace.marks.is_empty() {
        return;
    }
    let marked = app.open_workspaces().into_iter().find(|workspace| !workspace.marks.is_empty());
    if let Some(session) = marked.map(|workspace| workspace.session) {
        app.show_in_place(session);
        app.all_scopes_at_workspace();
    }
}

/// A plan belongs to one scope: reports the marks in other scopes, which stay but are not part of the plan.
fn say_others(app: &mut App) {
    let session = app.workspace.session;
    let others = app.open_workspaces().into_iter().filter(|workspace| workspace.session != session);
    let marked: Vec<(String, usize)> = others
        .filter(|workspace| !workspace.marks.is_empty())
        .map(|workspace| (workspace.label(), workspace.marks.len()))
        .collect();
    for (place, count) in marked {
        let text = format!("{} in {place} need a plan of their own.", counted(count, "mark"));
        app.log.say(app.now, Level::Info, text);
    }
}

/// Requests a plan of this kind for these shares.
pub(crate) fn ask_for(
    app: &mut App,
    kind: OperationKind,
    undoes: Option<OperationId>,
    marks: Marks,
) -> Vec<Effect> {
    let Some(limits) = app.workspace.limits() else {
        app.log.say(app.now, Level::Warning, "Not logged in yet: nothing can be planned.");
        return vec![];
    };
    let (ticket, shares) = (app.ticket + 1, marks.len());
    app.ticket = ticket;
    app.open(Planning { session: app.workspace.session, kind, ticket, shares });
    vec![Effect::Plan { ticket, kind, undoes, marks, limits }]
}

/// The plan has been computed. It is dropped if the dialog was closed meanwhile.
pub(crate) fn on_planned(app: &mut App, ticket: u32, plan: Plan) -> Vec<Effect> {
    let awaited = app.dialog::<Planning>().filter(|planning| planning.ticket == ticket);
    let Some(session) = awaited.map(|planning| planning.session) else { return vec![] };
    // The dialog covers the scope it was requested for, and that scope stays the one shown.
    let shown = app.workspace.session == session;
    let dialog = shown.then(|| PlanDialog::new(app, plan));
    app.overlay = None;
    if let Some(dialog) = dialog.flatten() {
        app.open(dialog);
    }
    vec![]
}

/// Handles a key in the dialog.
pub(crate) fn act(mut dialog: Box<PlanDialog>, app: &mut App, action: Action) -> Acted {
    match action {
        Action::Back => return (None, vec![]),
        Action::Enter => return confirm(dialog, app),
        Action::Copy => {
            let commands = dialog.curl();
            say_copied(app, &counted(commands.len(), "request"));
            return (Some(dialog), vec![Effect::Copy(commands.join("\n"))]);
        }
        Action::NextPane | Action::PreviousPane => {
            dialog.tab = dialog.tab.step(action == Action::NextPane);
            dialog.scroll = 0;
        }
        action => {
            let (page, _) = dialog.list_size(dialog.area(app.screen()));
            dialog.scroll = scrolled(dialog.scroll, action, page);
        }
    }
    (Some(dialog), vec![])
}

fn confirm(mut dialog: Box<PlanDialog>, app: &mut App) -> Acted {
    let counted_right = dialog.count.value().trim() == dialog.plan.shares().to_string();
    if dialog.scope.protected && !dialog.naming && counted_right && !dialog.scope.read_only {
        dialog.naming = true;
        return (Some(dialog), vec![]);
    }
    if let Err(complaint) = dialog.check() {
        dialog.complaint = Some(complaint);
        let wrong = if dialog.naming { &mut dialog.cloud } else { &mut dialog.count };
        wrong.reset();
        return (Some(dialog), vec![]);
    }
    (None, carry_out(*dialog, app))
}

/// Sends a confirmed plan, if the login is still the same.
fn carry_out(dialog: PlanDialog, app: &mut App) -> Vec<Effect> {
    let PlanDialog { plan, count, session, scope, .. } = dialog;
    let same = app.workspace_of(session).is_some_and(|workspace| workspace.scope() == Some(&scope));
    let (kind, shares) = (plan.kind(), plan.shares());
    match plan.confirm(count.value()) {
        Ok(plan) if same => {
            let text = format!(
                "{} {}. Reading the members again first.",
                kind.doing(),
                counted(shares, "share")
            );
            app.log.say(app.now, Level::Info, text);
            if app.lists_all_scopes() {
                say_others(app);
            }
            ask(Command::CarryOut { session, plan })
        }
        _ => {
            app.log.say(
                app.now,
                Level::Error,
                "Nothing was sent: this plan belongs to another login.",
            );
            vec![]
        }
    }
}
