//! Marking. Only what is known and in view is marked; what was left out is said.

#[cfg(test)]
mod tests;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::update::ask;
use crate::tui::app::workspace::Workspace;
use crate::tui::keys::{Action, Context};
use crate::tui::ui::text;
use crate::tui::ui::text::counted;
use domain::{ImageIx, MemberList};
use engine::{Command, SessionId};

/// Handles a key that changes marks.
pub(crate) fn act(app: &mut App, context: Context, action: Action) -> Vec<Effect> {
    app.settle();
    let effects = match (action, context) {
        (Action::Mark, Context::Members) => toggle_share(app),
        (Action::Mark, _) => toggle_image(app),
        (Action::ClearMarks, _) => {
            clear(app);
            vec![]
        }
        (action, Context::Members) => {
            let images: Vec<ImageIx> = app.workspace.members_pane.of.into_iter().collect();
            let marked = mark_many(&mut app.workspace, &images, action);
            say_marked(app, marked.before, marked.after, marked.unknown.len());
            prioritize_visible(&app.workspace, &marked.unknown)
        }
        (action, _) => {
            let sessions = app.listed_sessions();
            let many = |session| mark_listed(app, session, action);
            sessions.into_iter().flat_map(many).collect()
        }
    };
    app.workspace.marks_changed();
    effects
}

/// Does something that may change marks, in a way that can be undone as a whole. Costs what changes, not what is marked.
pub(crate) fn changing(app: &mut App, act: impl FnOnce(&mut App) -> Vec<Effect>) -> Vec<Effect> {
    app.every_workspace().for_each(Workspace::begin_change);
    let effects = act(app);
    app.every_workspace().for_each(Workspace::end_change);
    effects
}

/// Takes the last change of the marks back.
pub(crate) fn undo(app: &mut App) -> Vec<Effect> {
    let undo = app.keys.spoken(Action::Undo);
    let elsewhere = if app.jobs.operations.is_empty() {
        String::new()
    } else {
        format!(" {undo} in view 4 undoes an operation.")
    };
    let (level, text) = match app.workspace.unmark_by_key() {
        Some(0) => (Level::Warning, format!("The shares marked last no longer exist.{elsewhere}")),
        Some(count) => {
            (Level::Info, format!("Undid the last change of marks ({}).", text::count(count)))
        }
        None => (Level::Warning, format!("No change of marks to undo.{elsewhere}")),
    };
    app.workspace.marks_changed();
    app.log.say(app.now, level, text);
    vec![]
}

/// Marks what one of the listed scopes lists, and says how much that was.
fn mark_listed(app: &mut App, session: SessionId, action: Action) -> Vec<Effect> {
    let shown = app.workspace.session == session;
    let Some(workspace) = app.workspace_mut(session) else { return vec![] };
    let images = workspace.images.list.rows.clone();
    let marked = mark_many(workspace, &images, action);
    workspace.marks_changed();
    let effects = prioritize_visible(workspace, &marked.unknown);
    let label = (!shown).then(|| workspace.label());
    app.log.elsewhere = label;
    say_marked(app, marked.before, marked.after, marked.unknown.len());
    app.log.elsewhere = None;
    effects
}

fn toggle_share(app: &mut App) -> Vec<Effect> {
    let Some((ix, row)) = app.row() else { return vec![] };
    let share = app.workspace.inventory.share(ix, row);
    app.workspace.toggle_mark(share);
    let next = app.workspace.members_pane.list.cursor.at + 1;
    app.go_to_member(next);
    vec![]
}

fn toggle_image(app: &mut App) -> Vec<Effect> {
    let Some(ix) = app.image() else { return vec![] };
    let unknown = match app.workspace.inventory.list(ix) {
        MemberList::Read(_) => None,
        list => Some(list.clone()),
    };
    if let Some(list) = unknown {
        return cannot_mark(app, ix, &list);
    }
    let shares = app.workspace.shares_in_view(ix);
    let all = shares.iter().all(|share| app.workspace.marks.contains(&share.image, &share.member));
    let (count, hidden) = (shares.len(), app.workspace.inventory.rows(ix).len() - shares.len());
    for share in shares {
        if all {
            app.workspace.unmark(&share);
        } else {
            app.workspace.mark(share);
        }
    }
    say_hidden(app, ix, count, hidden, all);
    vec![]
}

fn say_hidden(app: &mut App, ix: ImageIx, count: usize, hidden: usize, removed: bool) {
    let label = app.workspace.inventory.image(ix).label();
    if count + hidden == 0 {
        let text = format!("{label} is shared with no one: there is nothing to mark.");
        app.log.say(app.now, Level::Warning, text);
    } else if hidden > 0 && !app.workspace.images.only_marked {
        let done = if removed { "unmarked" } else { "marked" };
        let text = format!(
            "{count} of {} of {label} {done}: the filter hides the others.",
            counted(count + hidden, "share")
        );
        app.log.say(app.now, Level::Warning, text);
    }
}

/// Says why nothing was marked; asks for members that were not read.
pub(crate) fn cannot_mark(app: &mut App, ix: ImageIx, list: &MemberList) -> Vec<Effect> {
    let image = app.workspace.inventory.image(ix);
    let (label, id) = (image.label(), image.id.clone());
    let session = app.workspace.session;
    let (text, effects) = match list {
        MemberList::Failed(why) => (
            format!(
                "Nothing was marked: the members of {label} could not be read ({why}). Reading them again."
            ),
            ask(Command::Reread { session, images: vec![id] }),
        ),
        MemberList::DoNotApply => {
            (format!("{label} is {}: it has no members to mark.", image.visibility), vec![])
        }
        _ => (
            format!(
                "The members of {label} are not known yet; they are read now. Press the key again when they are there."
            ),
            ask(Command::Prioritize { session, images: vec![id] }),
        ),
    };
    app.log.say(app.now, Level::Warning, text);
    effects
}

/// What came of marking many images of one scope.
struct Marked {
    /// Marks before and after.
    before: usize,
    after: usize,
    /// Images left out, because their members are not known.
    unknown: Vec<ImageIx>,
}

/// Marks, or inverts the marks of, every share in view of these images.
fn mark_many(workspace: &mut Workspace, images: &[ImageIx], action: Action) -> Marked {
    let before = workspace.marks.len();
    let mut unknown = Vec::new();
    for ix in images.iter().copied() {
        if matches!(workspace.inventory.list(ix), MemberList::Unread | MemberList::Failed(_)) {
            unknown.push(ix);
        }
        for share in workspace.shares_in_view(ix) {
            if action == Action::Invert {
                workspace.toggle_mark(share);
            } else {
                workspace.mark(share);
            }
        }
    }
    Marked { before, after: workspace.marks.len(), unknown }
}

/// Says how many marks there are now, and how many images were left out because their members are not known.
pub(crate) fn say_marked(app: &mut App, before: usize, after: usize, unknown: usize) {
    let text = match after.checked_sub(before) {
        Some(0) if after == 0 => "Nothing was marked.".to_owned(),
        Some(more) => format!("{} marked, {after} in all.", counted(more, "more share")),
        None => format!("{} marked, {after} in all.", counted(before - after, "fewer share")),
    };
    if unknown == 0 {
        return app.log.say(app.now, Level::Info, text);
    }
    let images = counted(unknown, "image");
    let text = format!("{text} {images} left out: their members are not known yet.");
    app.log.say(app.now, Level::Warning, text);
}

/// Asks for members that were missing; no more at once than a screen or two, for they are read anyway.
pub(crate) fn prioritize_visible(workspace: &Workspace, images: &[ImageIx]) -> Vec<Effect> {
    const MOST: usize = 100;
    if images.is_empty() {
        return vec![];
    }
    let images =
        images.iter().take(MOST).map(|ix| workspace.inventory.image(*ix).id.clone()).collect();
    ask(Command::Prioritize { session: workspace.session, images })
}

/// Removes the marks of every scope that is listed.
pub(crate) fn clear(app: &mut App) {
    let sessions = app.listed_sessions();
    let cleared: usize = app
        .every_workspace()
        .filter(|workspace| sessions.contains(&workspace.session))
        .map(clear_in)
        .sum();
    let text = match cleared {
        0 => "Nothing was marked.".to_owned(),
        count => format!("{} cleared.", counted(count, "mark")),
    };
    app.log.say(app.now, Level::Info, text);
}

fn clear_in(workspace: &mut Workspace) -> usize {
    let count = workspace.clear_marks();
    if workspace.images.only_marked {
        workspace.images.only_marked = false;
        workspace.images.changed();
    }
    if std::mem::take(&mut workspace.member_table.only_marked) {
        workspace.member_table.changed();
    }
    // Before the filter goes: it is what depends on marks.
    workspace.marks_changed();
    workspace.matrix.only_marked = false;
    count
}
