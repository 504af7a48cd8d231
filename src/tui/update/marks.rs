//! Marking. Only what is known and in view is marked; what was left out is said.

pub(super) mod by_member;

use super::ask;
use crate::domain::{ImageIx, MemberList, Share};
use crate::engine::{Command, SessionId};
use crate::tui::Effect;
use crate::tui::keymap::{Action, Context};
use crate::tui::model::{Level, Model, Workspace};
use crate::tui::view::cells::{self, counted};

/// What a key about marks does.
pub(super) fn act(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    model.settle();
    let effects = match (action, context) {
        (Action::Mark, Context::Members) => toggle_share(model),
        (Action::Mark, _) => toggle_image(model),
        (Action::ClearMarks, _) => {
            clear(model);
            vec![]
        }
        (action, Context::Members) => {
            let images: Vec<ImageIx> = model.workspace.members.of.into_iter().collect();
            mark_many(model, &images, action)
        }
        (action, _) => in_every_listed(model, |model| {
            mark_many(model, &model.workspace.images.visible.clone(), action)
        }),
    };
    model.marks_changed();
    effects
}

/// Does something that may change marks, in a way that can be undone as a whole. Costs what changes, not what is marked.
pub(super) fn changing(
    model: &mut Model,
    act: impl FnOnce(&mut Model) -> Vec<Effect>,
) -> Vec<Effect> {
    model.every_desk().for_each(Workspace::begin_change);
    let effects = act(model);
    model.every_desk().for_each(Workspace::end_change);
    effects
}

/// Takes the last change of the marks back.
pub(super) fn undo(model: &mut Model) -> Vec<Effect> {
    let undo = model.keys.spoken(Action::Undo);
    let elsewhere = if model.jobs.operations.is_empty() {
        String::new()
    } else {
        format!(" {undo} in view 4 undoes an operation.")
    };
    let (level, text) = match model.workspace.unmark_by_key() {
        Some(0) => {
            (Level::Warning, format!("The shares marked last are no longer there.{elsewhere}"))
        }
        Some(count) => {
            (Level::Info, format!("Undid the last change of marks ({}).", cells::count(count)))
        }
        None => (Level::Warning, format!("There is no change of marks to undo.{elsewhere}")),
    };
    model.marks_changed();
    model.log.say(model.now, level, text);
    vec![]
}

/// Does something at the workspace that is shown, or at all of them when all are listed.
fn in_every_listed<T: IntoIterator>(
    model: &mut Model,
    mut act: impl FnMut(&mut Model) -> T,
) -> Vec<T::Item> {
    if !model.lists_together() {
        return act(model).into_iter().collect();
    }
    let sessions: Vec<SessionId> =
        model.open_desks().iter().map(|workspace| workspace.session).collect();
    let mut all = Vec::new();
    for session in sessions {
        let at_it = |model: &mut Model| {
            let done = act(model);
            model.marks_changed();
            done
        };
        all.extend(
            model
                .at_workspace(|workspace| workspace.session == session, at_it)
                .into_iter()
                .flatten(),
        );
    }
    all
}

fn toggle_share(model: &mut Model) -> Vec<Effect> {
    let Some((ix, row)) = model.row() else { return vec![] };
    let share = model.workspace.inventory.share(ix, row);
    model.workspace.toggle_mark(share);
    let next = model.workspace.members.cursor.at + 1;
    model.go_to_member(next);
    vec![]
}

fn toggle_image(model: &mut Model) -> Vec<Effect> {
    let Some(ix) = model.image() else { return vec![] };
    let unknown = match model.workspace.inventory.list(ix) {
        MemberList::Read(_) => None,
        list => Some(list.clone()),
    };
    if let Some(list) = unknown {
        return cannot_mark(model, ix, &list);
    }
    let shares = shares(model, ix);
    let all =
        shares.iter().all(|share| model.workspace.marks.contains(&share.image, &share.member));
    let (count, hidden) = (shares.len(), model.workspace.inventory.rows(ix).len() - shares.len());
    for share in shares {
        if all {
            model.workspace.unmark(&share);
        } else {
            model.workspace.mark(share);
        }
    }
    say_hidden(model, ix, count, hidden, all);
    vec![]
}

fn say_hidden(model: &mut Model, ix: ImageIx, count: usize, hidden: usize, removed: bool) {
    let label = model.workspace.inventory.image(ix).label();
    if count + hidden == 0 {
        let text = format!("{label} is shared with no one: there is nothing to mark.");
        model.log.say(model.now, Level::Warning, text);
    } else if hidden > 0 && !model.workspace.images.only_marked {
        let done = if removed { "unmarked" } else { "marked" };
        let text = format!(
            "{count} of {} of {label} {done}: the filter hides the others.",
            counted(count + hidden, "share")
        );
        model.log.say(model.now, Level::Warning, text);
    }
}

/// Says why nothing was marked; asks for members that were not read.
pub(super) fn cannot_mark(model: &mut Model, ix: ImageIx, list: &MemberList) -> Vec<Effect> {
    let image = model.workspace.inventory.image(ix);
    let (label, id) = (image.label(), image.id.clone());
    let session = model.workspace.session;
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
    model.log.say(model.now, Level::Warning, text);
    effects
}

/// The shares of an image that are in view.
pub(super) fn shares(model: &Model, ix: ImageIx) -> Vec<Share> {
    let rows = model.workspace.inventory.rows(ix);
    let in_view = model.shares_in_view(ix);
    in_view.iter().map(|at| model.workspace.inventory.share(ix, &rows[*at])).collect()
}

/// Marks, or turns around, every share in view of these images.
fn mark_many(model: &mut Model, images: &[ImageIx], action: Action) -> Vec<Effect> {
    let before = model.workspace.marks.len();
    let mut unknown = Vec::new();
    for ix in images.iter().copied() {
        if matches!(model.workspace.inventory.list(ix), MemberList::Unread | MemberList::Failed(_))
        {
            unknown.push(ix);
        }
        for share in shares(model, ix) {
            if action == Action::Invert {
                model.workspace.toggle_mark(share);
            } else {
                model.workspace.mark(share);
            }
        }
    }
    say_marked(model, before, unknown.len());
    look_at(model, &unknown)
}

pub(super) fn say_marked(model: &mut Model, before: usize, unknown: usize) {
    let now = model.workspace.marks.len();
    let text = match now.checked_sub(before) {
        Some(0) if now == 0 => "Nothing was marked.".to_owned(),
        Some(more) => format!("{} marked, {now} in all.", counted(more, "more share")),
        None => format!("{} marked, {now} in all.", counted(before - now, "fewer share")),
    };
    if unknown == 0 {
        return model.log.say(model.now, Level::Info, text);
    }
    let images = counted(unknown, "image");
    let text = format!("{text} {images} left out: their members are not known yet.");
    model.log.say(model.now, Level::Warning, text);
}

/// Asks for members that were missing; no more at once than a screen or two, for they are read anyway.
pub(super) fn look_at(model: &Model, images: &[ImageIx]) -> Vec<Effect> {
    const MOST: usize = 100;
    if images.is_empty() {
        return vec![];
    }
    let images = images
        .iter()
        .take(MOST)
        .map(|ix| model.workspace.inventory.image(*ix).id.clone())
        .collect();
    ask(Command::LookAt { session: model.workspace.session, images })
}

pub(super) fn clear(model: &mut Model) {
    let cleared = in_every_listed(model, |model| {
        let workspace = &mut model.workspace;
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
    model.log.say(model.now, Level::Info, text);
}
