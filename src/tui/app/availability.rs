//! Why an action does nothing here and now. The keys and the list of commands say the same.

use crossterm::event::KeyCode;

use crate::tui::app::link;
use crate::tui::app::workspace::Login;
use crate::tui::app::{App, Overlay, Phase, View};
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::views::history::act as past;
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::jobs::act as running;
use crate::tui::views::members;

/// Why an action of this place does nothing now; `None` when it does something, or says itself why not.
pub(crate) fn obstacle(app: &App, here: Context, action: Action) -> Option<String> {
    let keys = &app.keys;
    let why = match (here, action) {
        (_, Action::CopyLink) => return link::obstacle(app),
        (_, Action::Show(view)) if view == app.view && matches!(app.overlay, Overlay::None) => {
            "That view is shown already."
        }
        (_, Action::Show(View::Members | View::Matrix))
            if !matches!(app.workspace.phase, Phase::Open(_)) =>
        {
            "No cloud is open, so there are no images to show. Views 4 and 5 need none."
        }
        (_, Action::HideJobs) if app.jobs.operations.is_empty() => {
            "There is no jobs pane to put away: nothing was done yet."
        }
        (_, Action::SavedFilter) if app.saved.all().next().is_none() => {
            "No filter is saved: `:save-filter NAME` saves the one that is set, and [filters] in config.toml names more."
        }
        (_, Action::SaveFilter) if !app.filter_line().is_some_and(FilterLine::is_set) => {
            return Some(format!("No filter is set: {} sets one.", keys.spoken(Action::Filter)));
        }
        (_, Action::ForgetFilter) if app.saved.kept().is_empty() => "No filter was saved here.",
        (Context::Waiting, Action::Refresh) => waiting(app)?,
        (_, Action::Refresh)
            if app.workspace.login == Login::Renewing
                && !matches!(here, Context::History | Context::Picker) =>
        {
            "It is logging in already."
        }
        (Context::Images | Context::Members, action) => return images(app, here, action),
        (Context::ByMember | Context::Reached | Context::Matrix, Action::Revoke)
            if app.workspace.marks.is_empty() =>
        {
            return Some(nothing_marked(app));
        }
        (Context::ByMember, Action::Range | Action::Share)
            if app.workspace.by_member.visible.is_empty() =>
        {
            "No member is listed here."
        }
        (Context::Reached, Action::Range | Action::Share) if app.reached().is_none() => {
            "There is no image in this list."
        }
        (Context::Matrix, Action::Share) if app.workspace.matrix.under().is_none() => {
            "There is no cell here: an image and a member make one."
        }
        (Context::Received, Action::Mark | Action::MarkAll | Action::Range | Action::Copy)
            if app.workspace.images.visible.is_empty() =>
        {
            "There is no image in this list."
        }
        (Context::Received, Action::ClearMarks) if app.workspace.received.chosen.is_empty() => {
            "Nothing is chosen."
        }
        (Context::Received, Action::Back) if app.workspace.images.filter.line().is_empty() => {
            return Some(format!(
                "There is nothing to go back from: {} lists the project's own images.",
                keys.spoken(Action::ShowReceived)
            ));
        }
        (Context::Filter, Action::Earlier | Action::Later)
            if matches!(app.overlay, Overlay::Help(_)) =>
        {
            "The search of the help keeps no earlier words."
        }
        (Context::Jobs, action) => return jobs(app, action),
        (Context::History, action) => return history(app, action),
        (Context::Plan, Action::Enter) => return plan(app),
        _ => return None,
    };
    Some(why.to_owned())
}

/// Where an action works, when it does not here.
pub(crate) fn elsewhere(app: &App, action: Action) -> String {
    let rows = app.keys.iter().filter(|row| row.action == action);
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
pub(crate) fn unbound(app: &App, key: crossterm::event::KeyEvent) -> String {
    let written = app.keys.name((key.code, key.modifiers));
    let help = app.keys.spoken(Action::Help);
    let elsewhere_it_means = crate::tui::keys::contexts::EVERYWHERE.iter().find_map(|context| {
        let action = keys::action(&app.keys, *context, key)?;
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

fn waiting(app: &App) -> Option<&'static str> {
    match app.workspace.phase {
        Phase::Starting => Some("It is starting already."),
        Phase::Connecting(_) => Some("It is connecting already."),
        Phase::Choosing => Some("No cloud is open: there is nothing to read again."),
        _ => None,
    }
}

fn images(app: &App, here: Context, action: Action) -> Option<String> {
    let (keys, workspace) = (&app.keys, &app.workspace);
    let unmarked = app.listed_desks().iter().all(|workspace| workspace.marks.is_empty());
    let listed = match &app.together {
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
            return Some(nothing_marked(app));
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
                && app.together.is_none()
                && !members::act::comes_back(app) =>
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
pub(crate) fn nothing_marked(app: &App) -> String {
    let mark = app.keys.spoken(Action::Mark);
    format!("Nothing is marked: {mark} marks a share, or all shares of an image.")
}

fn jobs(app: &App, action: Action) -> Option<String> {
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
    let Some(operation) = app.jobs.current() else {
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

fn plan(app: &App) -> Option<String> {
    let Overlay::Plan(dialog) = &app.overlay else { return None };
    dialog.scope.read_only.then(|| dialog.check().err()).flatten()
}

fn history(app: &App, action: Action) -> Option<String> {
    let in_receipt = app.history.focus == HistoryFocus::Receipt;
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
    if app.history.current().is_none() {
        return Some("There is no operation in this list.".into());
    }
    match app.remembered() {
        None if whole => Some("The operation is still being read from the journal.".into()),
        Some(operation) if action == Action::Undo => past::not_to_undo(operation),
        Some(operation) if action == Action::PlanRemaining => running::not_to_plan(operation),
        _ => None,
    }
}
