//! Moving, filtering and sorting in the Images view.

use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::update::ask;
use crate::tui::app::{App, Focus};
use crate::tui::keys::Action;
use crate::tui::keys::Context;
use crate::tui::speech::act::say_copied;
use crate::tui::views::ViewId;
use crate::tui::views::images::all_scopes::AllScopes;
use crate::tui::views::images::sort::Sort;
use crate::tui::views::members;
use domain::ImageId;
use engine::Command;

/// Handles a key in either pane.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => app.workspace.images.filter.open(),
        Action::Sort => sort(app),
        Action::Reverse => {
            app.workspace.images.reversed = !app.workspace.images.reversed;
            app.workspace.images.changed();
        }
        Action::OnlyMarked => only_marked(app, !app.workspace.images.only_marked),
        Action::NextPane | Action::PreviousPane => {
            app.focus = if app.focus == Focus::Images { Focus::Members } else { Focus::Images };
        }
        Action::Enter if app.focus == Focus::Members => members::act::open(app),
        Action::Enter | Action::Right => app.focus = Focus::Members,
        Action::Left => app.focus = Focus::Images,
        Action::Back => back(app),
        Action::Copy => return copy(app),
        action => step(app, action),
    }
    vec![]
}

/// Moves the cursor of the focused pane.
pub(crate) fn step(app: &mut App, action: Action) {
    app.settle();
    match app.focus {
        Focus::Images if let Some(all_scopes) = &mut app.all_scopes => {
            all_scopes.list.step(action);
        }
        Focus::Images => app.workspace.images.list.step(action),
        Focus::Members => {
            let at = app.workspace.members_pane.list.stepped(action);
            app.go_to_member(at);
        }
    }
}

/// Sorts by the next column; with several scopes listed, finally by scope.
fn sort(app: &mut App) {
    let images = &mut app.workspace.images;
    if let Some(all_scopes) = &mut app.all_scopes {
        let by_scope = images.sort == Sort::Age && !all_scopes.by_scope;
        all_scopes.sort_by_scope(by_scope);
    }
    images.sort = images.sort.next(app.workspace.received.shown);
    images.reversed = false;
    images.changed();
}

/// Lists the images of all open scopes, or only those of the scope under the cursor again.
pub(crate) fn toggle_all_scopes(app: &mut App) -> Vec<Effect> {
    app.overlay = None;
    if app.all_scopes.take().is_some() {
        return vec![];
    }
    let others = app.background.iter().filter(|workspace| workspace.is_alive()).count();
    if others == 0 {
        let key = app.keys.spoken(Action::Clouds);
        let text = format!("Only one scope is open: {key} opens more, and keeps this one.");
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    }
    for workspace in std::iter::once(&mut app.workspace).chain(&mut app.background) {
        workspace.received.shown = false;
        workspace.images.changed();
    }
    app.view = ViewId::Images;
    let mut all_scopes = AllScopes::default();
    all_scopes.start_at(&app.workspace);
    app.all_scopes = Some(all_scopes);
    vec![]
}

fn only_marked(app: &mut App, on: bool) {
    let workspaces = if app.all_scopes.is_some() { &*app.background } else { &[] };
    let nothing = app.workspace.marks.is_empty()
        && workspaces.iter().all(|workspace| workspace.marks.is_empty());
    if on && nothing {
        let text = app.nothing_marked();
        app.log.say(app.now, Level::Warning, text);
        return;
    }
    app.workspace.images.only_marked = on;
    app.workspace.images.changed();
}

/// Goes back: to the previous view, out of the members, out of the filter, out of only-marked.
fn back(app: &mut App) {
    if members::act::jump_back(app) {
        return;
    }
    if app.focus == Focus::Members {
        app.focus = Focus::Images;
    } else if !app.workspace.images.filter.line().is_empty() {
        app.workspace.images.filter.set("");
    } else if app.workspace.images.only_marked {
        only_marked(app, false);
    } else {
        app.all_scopes = None;
    }
}

fn copy(app: &mut App) -> Vec<Effect> {
    app.settle();
    let id = match app.focus {
        Focus::Members => {
            app.row().map(|(_, row)| app.workspace.inventory.member(row.member).id.clone())
        }
        Focus::Images => app.image().map(|ix| app.workspace.inventory.image(ix).id.0.clone()),
    };
    let Some(id) = id else {
        app.log.say(app.now, Level::Warning, "Nothing to copy here.");
        return vec![];
    };
    say_copied(app, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}

/// Reloads the members of the image.
pub(crate) fn reread(app: &mut App) -> Vec<Effect> {
    app.settle();
    let Some(ix) = app.image() else { return vec![] };
    let image: ImageId = app.workspace.inventory.image(ix).id.clone();
    let label = app.workspace.inventory.image(ix).label();
    app.log.say(app.now, Level::Info, format!("Reading the members of {label} again."));
    ask(Command::Reread { session: app.workspace.session, images: vec![image] })
}

/// Handles a click on a row in the window of the focused pane.
pub(crate) fn choose(app: &mut App, row: usize) {
    match app.focus {
        Focus::Images if let Some(all_scopes) = &mut app.all_scopes => {
            all_scopes.list.click(row);
        }
        Focus::Images => app.workspace.images.list.click(row),
        Focus::Members => {
            if let Some(at) = app.workspace.members_pane.list.row_at(row) {
                app.go_to_member(at);
            }
        }
    }
}

/// Why an action is unavailable.
pub(crate) fn unavailable(app: &App, here: Context, action: Action) -> Option<String> {
    let (keys, workspace) = (&app.keys, &app.workspace);
    let unmarked = app.listed_workspaces().iter().all(|workspace| workspace.marks.is_empty());
    let listed = match &app.all_scopes {
        Some(all_scopes) => all_scopes.list.rows.len(),
        None => workspace.images.list.rows.len(),
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
        (Context::Received, Action::Mark | Action::MarkAll | Action::Range | Action::Copy)
            if workspace.images.list.rows.is_empty() =>
        {
            "There is no image in this list."
        }
        (Context::Received, Action::ClearMarks) if workspace.received.chosen.is_empty() => {
            "Nothing is marked."
        }
        (Context::Received, Action::Back) if workspace.images.filter.line().is_empty() => {
            return Some(format!(
                "Nothing to go back to: {} lists the project's own images.",
                keys.spoken(Action::ShowReceived)
            ));
        }
        (Context::Received, _) => return None,
        (_, Action::Revoke | Action::OnlyMarked) if unmarked && !workspace.images.only_marked => {
            return Some(app.nothing_marked());
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
        ) if workspace.members_pane.list.rows.is_empty() => "No member is listed here.",
        (Context::Images, Action::Back)
            if !workspace.images.is_filtered()
                && app.all_scopes.is_none()
                && !members::act::can_jump_back(app) =>
        {
            return Some(format!("Nothing to go back to: {} quits.", keys.spoken(Action::Quit)));
        }
        _ => return None,
    };
    Some(why.to_owned())
}
