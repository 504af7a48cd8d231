//! Marking. Only what is known and in view is marked; what was left out is said.

use crate::domain::{ImageIx, MemberList, Share};
use crate::engine::{Command, SessionId};
use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::update::ask;
use crate::tui::app::workspace::Workspace;
use crate::tui::keys::{Action, Context};
use crate::tui::ui::text;
use crate::tui::ui::text::counted;

/// What a key about marks does.
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
            let images: Vec<ImageIx> = app.workspace.members.of.into_iter().collect();
            mark_many(app, &images, action)
        }
        (action, _) => in_every_listed(app, |app| {
            mark_many(app, &app.workspace.images.visible.clone(), action)
        }),
    };
    app.marks_changed();
    effects
}

/// Does something that may change marks, in a way that can be undone as a whole. Costs what changes, not what is marked.
pub(crate) fn changing(app: &mut App, act: impl FnOnce(&mut App) -> Vec<Effect>) -> Vec<Effect> {
    app.every_desk().for_each(Workspace::begin_change);
    let effects = act(app);
    app.every_desk().for_each(Workspace::end_change);
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
        Some(0) => {
            (Level::Warning, format!("The shares marked last are no longer there.{elsewhere}"))
        }
        Some(count) => {
            (Level::Info, format!("Undid the last change of marks ({}).", text::count(count)))
        }
        None => (Level::Warning, format!("There is no change of marks to undo.{elsewhere}")),
    };
    app.marks_changed();
    app.log.say(app.now, level, text);
    vec![]
}

/// Does something at the workspace that is shown, or at all of them when all are listed.
fn in_every_listed<T: IntoIterator>(
    app: &mut App,
    mut act: impl FnMut(&mut App) -> T,
) -> Vec<T::Item> {
    if !app.lists_together() {
        return act(app).into_iter().collect();
    }
    let sessions: Vec<SessionId> =
        app.open_desks().iter().map(|workspace| workspace.session).collect();
    let mut all = Vec::new();
    for session in sessions {
        let at_it = |app: &mut App| {
            let done = act(app);
            app.marks_changed();
            done
        };
        all.extend(
            app.at_workspace(|workspace| workspace.session == session, at_it).into_iter().flatten(),
        );
    }
    all
}

fn toggle_share(app: &mut App) -> Vec<Effect> {
    let Some((ix, row)) = app.row() else { return vec![] };
    let share = app.workspace.inventory.share(ix, row);
    app.workspace.toggle_mark(share);
    let next = app.workspace.members.cursor.at + 1;
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
    let shares = shares(app, ix);
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
                "Nothing was marked: the members of {label} could not be read ({why}). They are asked for again."
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
            ask(Command::LookAt { session, images: vec![id] }),
        ),
    };
    app.log.say(app.now, Level::Warning, text);
    effects
}

/// The shares of an image that are in view.
pub(crate) fn shares(app: &App, ix: ImageIx) -> Vec<Share> {
    let rows = app.workspace.inventory.rows(ix);
    let in_view = app.shares_in_view(ix);
    in_view.iter().map(|at| app.workspace.inventory.share(ix, &rows[*at])).collect()
}

/// Marks, or turns around, every share in view of these images.
fn mark_many(app: &mut App, images: &[ImageIx], action: Action) -> Vec<Effect> {
    let before = app.workspace.marks.len();
    let mut unknown = Vec::new();
    for ix in images.iter().copied() {
        if matches!(app.workspace.inventory.list(ix), MemberList::Unread | MemberList::Failed(_)) {
            unknown.push(ix);
        }
        for share in shares(app, ix) {
            if action == Action::Invert {
                app.workspace.toggle_mark(share);
            } else {
                app.workspace.mark(share);
            }
        }
    }
    say_marked(app, before, unknown.len());
    look_at(app, &unknown)
}

pub(crate) fn say_marked(app: &mut App, before: usize, unknown: usize) {
    let now = app.workspace.marks.len();
    let text = match now.checked_sub(before) {
        Some(0) if now == 0 => "Nothing was marked.".to_owned(),
        Some(more) => format!("{} marked, {now} in all.", counted(more, "more share")),
        None => format!("{} marked, {now} in all.", counted(before - now, "fewer share")),
    };
    if unknown == 0 {
        return app.log.say(app.now, Level::Info, text);
    }
    let images = counted(unknown, "image");
    let text = format!("{text} {images} left out: their members are not known yet.");
    app.log.say(app.now, Level::Warning, text);
}

/// Asks for members that were missing; no more at once than a screen or two, for they are read anyway.
pub(crate) fn look_at(app: &App, images: &[ImageIx]) -> Vec<Effect> {
    const MOST: usize = 100;
    if images.is_empty() {
        return vec![];
    }
    let images =
        images.iter().take(MOST).map(|ix| app.workspace.inventory.image(*ix).id.clone()).collect();
    ask(Command::LookAt { session: app.workspace.session, images })
}

pub(crate) fn clear(app: &mut App) {
    let cleared = in_every_listed(app, |app| {
        let workspace = &mut app.workspace;
        let count = workspace.clear_marks();
        if workspace.images.only_marked {
            workspace.images.only_marked = false;
            workspace.images.changed();
        }
        if std::mem::take(&mut workspace.by_member.only_marked) {
            workspace.by_member.changed();
        }
        workspace.matrix.marks_changed();
        workspace.matrix.only_marked = false;
        [count]
    });
    let text = match cleared.iter().sum() {
        0 => "Nothing was marked.".to_owned(),
        count => format!("{} taken away.", counted(count, "mark")),
    };
    app.log.say(app.now, Level::Info, text);
}
