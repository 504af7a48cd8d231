//! Why an action does nothing here and now. The keys and the list of commands say the same.

use crossterm::event::KeyCode;

use super::{by_member, history as past, jobs as running, link};
use crate::tui::keymap::{self, Action, Context};
use crate::tui::model::history::HistoryFocus;
use crate::tui::model::{FilterLine, Login, Model, Overlay, Phase, View};

/// Why an action of this place does nothing now; `None` when it does something, or says itself why not.
pub(crate) fn obstacle(model: &Model, here: Context, action: Action) -> Option<String> {
    let keys = &model.keys;
    let why = match (here, action) {
        (_, Action::CopyLink) => return link::obstacle(model),
        (_, Action::Show(view)) if view == model.view && matches!(model.overlay, Overlay::None) => {
            "That view is shown already."
        }
        (_, Action::Show(View::Members | View::Matrix))
            if !matches!(model.workspace.phase, Phase::Open(_)) =>
        {
            "No cloud is open, so there are no images to show. Views 4 and 5 need none."
        }
        (_, Action::HideJobs) if model.jobs.operations.is_empty() => {
            "There is no jobs pane to put away: nothing was done yet."
        }
        (_, Action::SavedFilter) if model.saved.all().next().is_none() => {
            "No filter is saved: `:save-filter NAME` saves the one that is set, and [filters] in config.toml names more."
        }
        (_, Action::SaveFilter) if !model.filter_line().is_some_and(FilterLine::is_set) => {
            return Some(format!("No filter is set: {} sets one.", keys.spoken(Action::Filter)));
        }
        (_, Action::ForgetFilter) if model.saved.kept().is_empty() => "No filter was saved here.",
        (Context::Waiting, Action::Refresh) => waiting(model)?,
        (_, Action::Refresh)
            if model.workspace.login == Login::Renewing
                && !matches!(here, Context::History | Context::Picker) =>
        {
            "It is logging in already."
        }
        (Context::Images | Context::Members, action) => return images(model, here, action),
        (Context::ByMember | Context::Reached | Context::Matrix, Action::Revoke)
            if model.workspace.marks.is_empty() =>
        {
            return Some(nothing_marked(model));
        }
        (Context::ByMember, Action::Range | Action::Share)
            if model.workspace.by_member.visible.is_empty() =>
        {
            "No member is listed here."
        }
        (Context::Reached, Action::Range | Action::Share) if model.reached().is_none() => {
            "There is no image in this list."
        }
        (Context::Matrix, Action::Share) if model.workspace.matrix.under().is_none() => {
            "There is no cell here: an image and a member make one."
        }
        (Context::Received, Action::Mark | Action::MarkAll | Action::Range | Action::Copy)
            if model.workspace.images.visible.is_empty() =>
        {
            "There is no image in this list."
        }
        (Context::Received, Action::ClearMarks) if model.workspace.received.chosen.is_empty() => {
            "Nothing is chosen."
        }
        (Context::Received, Action::Back) if model.workspace.images.filter.line().is_empty() => {
            return Some(format!(
                "There is nothing to go back from: {} lists the project's own images.",
                keys.spoken(Action::ShowReceived)
            ));
        }
        (Context::Filter, Action::Earlier | Action::Later)
            if matches!(model.overlay, Overlay::Help(_)) =>
        {
            "The search of the help keeps no earlier words."
        }
        (Context::Jobs, action) => return jobs(model, action),
        (Context::History, action) => return history(model, action),
        (Context::Plan, Action::Enter) => return plan(model),
        _ => return None,
    };
    Some(why.to_owned())
}

/// Where an action works, when it does not here.
pub(super) fn elsewhere(model: &Model, action: Action) -> String {
    let rows = model.keys.iter().filter(|row| row.action == action);
    let mut places: Vec<&str> = Vec::new();
    for context in rows.flat_map(|row| row.contexts.iter()) {
        if !places.contains(&context.place()) {
            places.push(context.place());
        }
    }
    places.truncate(3);
    format!("Not here: it works {}.", places.join(", "))
}

/// What is to be said about a key that means nothing here.
pub(super) fn unbound(model: &Model, key: crossterm::event::KeyEvent) -> String {
    let written = model.keys.name((key.code, key.modifiers));
    let help = model.keys.spoken(Action::Help);
    let elsewhere_it_means = keymap::EVERYWHERE.iter().find_map(|context| {
        let action = keymap::action(&model.keys, *context, key)?;
        Some((action, context.place()))
            .filter(|_| !context.is_typing())
            .filter(|_| !matches!(context, Context::Close | Context::Quit))
    });
    match elsewhere_it_means {
        Some((action, place)) => {
            format!(
                "{written} is `{}`, {place}. {help} lists the keys of this place.",
                action.word()
            )
        }
        None if is_of_another_script(key.code) => format!(
            "{written} is not bound here. Keys are Latin letters: switch the keyboard layout, or bind {written} in \
             `[keys]`. {help} lists all keys."
        ),
        None => format!("{written} is not bound here. {help} lists all keys."),
    }
}

/// Whether the keyboard may have another layout than the user thinks.
fn is_of_another_script(key: KeyCode) -> bool {
    matches!(key, KeyCode::Char(c) if c.is_alphabetic() && !c.is_ascii())
}

fn waiting(model: &Model) -> Option<&'static str> {
    match model.workspace.phase {
        Phase::Starting => Some("It is starting already."),
        Phase::Connecting(_) => Some("It is connecting already."),
        Phase::Choosing => Some("No cloud is open: there is nothing to read again."),
        _ => None,
    }
}

fn images(model: &Model, here: Context, action: Action) -> Option<String> {
    let (keys, workspace) = (&model.keys, &model.workspace);
    let unmarked = model.listed_desks().iter().all(|workspace| workspace.marks.is_empty());
    let listed = match &model.together {
        Some(together) => together.visible.len(),
        None => workspace.images.visible.len(),
    };
    let on_image = matches!(
        action,
        Action::Mark
            | Action::MarkAll
            | Action::Invert
            | Action::Range
            | Action::Share
            | Action::Copy
            | Action::Enter
    );
    let why = match (here, action) {
        (_, Action::Revoke | Action::OnlyMarked) if unmarked && !workspace.images.only_marked => {
            return Some(nothing_marked(model));
        }
        (_, Action::ClearMarks) if unmarked => "Nothing was marked.",
        (Context::Images, _) if on_image && listed == 0 => "There is no image in this list.",
        (Context::Members, Action::Share | Action::Refresh) if listed == 0 => {
            "There is no image in the list."
        }
        (
            Context::Members,
            Action::Mark
            | Action::MarkAll
            | Action::Invert
            | Action::Range
            | Action::Copy
            | Action::Enter,
        ) if workspace.members.visible.is_empty() => "No member is listed here.",
        (Context::Images, Action::Back)
            if !workspace.images.is_filtered()
                && model.together.is_none()
                && !by_member::comes_back(model) =>
        {
            return Some(format!(
                "There is nothing to go back from here: {} quits.",
                keys.spoken(Action::Quit)
            ));
        }
        _ => return None,
    };
    Some(why.to_owned())
}

/// What is to be done before something can be revoked.
pub(super) fn nothing_marked(model: &Model) -> String {
    let mark = model.keys.spoken(Action::Mark);
    format!("Nothing is marked: {mark} marks a share, or all shares of an image.")
}

fn jobs(model: &Model, action: Action) -> Option<String> {
    let asks = matches!(
        action,
        Action::Enter
            | Action::StopSending
            | Action::PlanRemaining
            | Action::Undo
            | Action::Copy
            | Action::CopyReceipt
            | Action::Export
    );
    let Some(operation) = model.jobs.current() else {
        let none = "There is no operation in this list: nothing was done in this session.";
        return asks.then(|| none.to_owned());
    };
    match action {
        Action::StopSending => running::not_to_stop(operation),
        Action::PlanRemaining => running::not_to_plan(operation),
        Action::Undo => past::not_to_undo(operation),
        _ => None,
    }
}

fn plan(model: &Model) -> Option<String> {
    let Overlay::Plan(dialog) = &model.overlay else { return None };
    dialog.scope.read_only.then(|| dialog.check().err()).flatten()
}

fn history(model: &Model, action: Action) -> Option<String> {
    let in_receipt = model.history.focus == HistoryFocus::Receipt;
    match action {
        Action::Left if !in_receipt => {
            return Some("This is the list of operations already.".into());
        }
        Action::Enter if in_receipt => {
            return Some("This is the receipt already: up and down scroll it.".into());
        }
        _ => {}
    }
    let whole = matches!(
        action,
        Action::Verify
            | Action::Undo
            | Action::PlanRemaining
            | Action::Export
            | Action::CopyReceipt
    );
    let asks = whole || matches!(action, Action::Enter | Action::Copy);
    if !asks {
        return None;
    }
    if model.history.current().is_none() {
        return Some("There is no operation in this list.".into());
    }
    match model.remembered() {
        None if whole => Some("The operation is still being read from the journal.".into()),
        Some(operation) if action == Action::Undo => past::not_to_undo(operation),
        Some(operation) if action == Action::PlanRemaining => running::not_to_plan(operation),
        _ => None,
    }
}
