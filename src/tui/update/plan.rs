//! From marks to a confirmed plan. Closing the dialog at any point leaves everything as it was.

use super::keys::scrolled;
use super::listening::say_copied;
use super::{ask, availability};
use crate::domain::{Marks, OperationId, OperationKind, Plan};
use crate::engine::Command;
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::{Level, Model, Overlay, PlanDialog};
use crate::tui::view::cells::counted;
use crate::tui::{layout, view};

/// Asks for a plan that revokes everything marked.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    show_marked(model);
    if model.workspace.marks.is_empty() {
        let text = availability::nothing_marked(model);
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    }
    ask_for(model, OperationKind::Revoke, None, model.workspace.marks.clone())
}

/// With all scopes listed and nothing marked in the one under the cursor: the first that has marks.
fn show_marked(model: &mut Model) {
    if !model.lists_together() || !model.workspace.marks.is_empty() {
        return;
    }
    let marked = model.open_desks().into_iter().find(|workspace| !workspace.marks.is_empty());
    if let Some(session) = marked.map(|workspace| workspace.session) {
        model.swap_desk(session);
        model.together_at_desk();
    }
}

/// A plan belongs to one scope. What is marked in others is not forgotten, and not in it.
fn say_others(model: &mut Model) {
    let session = model.workspace.session;
    let others = model.open_desks().into_iter().filter(|workspace| workspace.session != session);
    let marked: Vec<(String, usize)> = others
        .filter(|workspace| !workspace.marks.is_empty())
        .map(|workspace| (workspace.label(), workspace.marks.len()))
        .collect();
    for (place, count) in marked {
        let text = format!("{} in {place} have a plan of their own.", counted(count, "mark"));
        model.log.say(model.now, Level::Info, text);
    }
}

/// Asks for a plan that does this to these shares.
pub(super) fn ask_for(
    model: &mut Model,
    kind: OperationKind,
    undoes: Option<OperationId>,
    marks: Marks,
) -> Vec<Effect> {
    let Some(limits) = model.workspace.limits() else {
        model.log.say(
            model.now,
            Level::Warning,
            "There is no login yet, so nothing can be planned.",
        );
        return vec![];
    };
    let (ticket, shares) = (model.ticket + 1, marks.len());
    model.ticket = ticket;
    model.overlay = Overlay::Planning { session: model.workspace.session, ticket, kind, shares };
    vec![Effect::Plan { ticket, kind, undoes, marks, limits }]
}

/// The plan is made. One that nobody waits for any more is dropped.
pub(super) fn on_planned(model: &mut Model, ticket: u32, plan: Plan) -> Vec<Effect> {
    let session = match model.overlay {
        Overlay::Planning { session, ticket: awaited, .. } if awaited == ticket => session,
        _ => return vec![],
    };
    let dialog = model.at_workspace(
        |workspace| workspace.session == session,
        |model| PlanDialog::new(model, plan),
    );
    model.overlay = dialog.flatten().map(Box::new).map_or(Overlay::None, Overlay::Plan);
    vec![]
}

/// What a key does in the dialog. What is not put back is closed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let dialog = match std::mem::take(&mut model.overlay) {
        Overlay::Plan(dialog) => dialog,
        planning if action == Action::Back => {
            drop(planning);
            return vec![];
        }
        planning => {
            model.log.say(model.now, Level::Info, "The plan is still being made.");
            model.overlay = planning;
            return vec![];
        }
    };
    match action {
        Action::Back => vec![],
        Action::Enter => confirm(model, dialog),
        Action::Copy => {
            let commands = dialog.curl();
            say_copied(model, &counted(commands.len(), "request"));
            model.overlay = Overlay::Plan(dialog);
            vec![Effect::Copy(commands.join("\n"))]
        }
        action => {
            turn(model, dialog, action);
            vec![]
        }
    }
}

fn turn(model: &mut Model, mut dialog: Box<PlanDialog>, action: Action) {
    match action {
        Action::NextPane | Action::PreviousPane => {
            dialog.tab = dialog.tab.step(action == Action::NextPane);
            dialog.scroll = 0;
            model.overlay = Overlay::Plan(dialog);
        }
        action => {
            model.overlay = Overlay::Plan(dialog);
            let area = layout::overlay(model);
            let Overlay::Plan(dialog) = &mut model.overlay else { return };
            let (page, _) = view::plan_list_size(dialog, area);
            dialog.scroll = scrolled(dialog.scroll, action, page);
            model.settle_overlay();
        }
    }
}

fn confirm(model: &mut Model, mut dialog: Box<PlanDialog>) -> Vec<Effect> {
    let counted_right = dialog.count.value().trim() == dialog.plan.shares().to_string();
    if dialog.scope.protected && !dialog.naming && counted_right && !dialog.scope.read_only {
        dialog.naming = true;
        model.overlay = Overlay::Plan(dialog);
        return vec![];
    }
    if let Err(complaint) = dialog.check() {
        dialog.complaint = Some(complaint);
        let wrong = if dialog.naming { &mut dialog.cloud } else { &mut dialog.count };
        wrong.reset();
        model.overlay = Overlay::Plan(dialog);
        return vec![];
    }
    let PlanDialog { plan, count, session, scope, .. } = *dialog;
    let same = model.desk_of(session).is_some_and(|workspace| workspace.scope() == Some(&scope));
    let (kind, shares) = (plan.kind(), plan.shares());
    match plan.confirm(count.value()) {
        Ok(plan) if same => {
            let text = format!(
                "{} {}. The members are read once more first.",
                kind.doing(),
                counted(shares, "share")
            );
            model.log.say(model.now, Level::Info, text);
            if model.lists_together() {
                say_others(model);
            }
            ask(Command::CarryOut { session, plan })
        }
        _ => {
            model.log.say(
                model.now,
                Level::Error,
                "Nothing was sent: this plan belongs to another login.",
            );
            vec![]
        }
    }
}
