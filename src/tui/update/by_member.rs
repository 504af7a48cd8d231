//! The keys of the Members view, but for marks; and the ways between it and the Images view.

use super::listening::say_copied;
use super::{ask, browse, keys, marks, plan, show};
use crate::domain::{ImageIx, MemberIx};
use crate::engine::Command;
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::by_member::{ByMemberFocus, Detour};
use crate::tui::model::{Focus, Level, Model, View};

/// What a key does in one of the two panes.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let by_member = &mut model.workspace.by_member;
    match action {
        Action::Revoke => return plan::open(model),
        Action::Mark | Action::MarkAll | Action::Invert | Action::ClearMarks => {
            return marks::by_member::act(model, action);
        }
        Action::Copy => return copy(model),
        Action::Enter if by_member.focus == ByMemberFocus::Images => to_image(model),
        Action::Filter => {
            by_member.focus = ByMemberFocus::Members;
            by_member.filter.open();
        }
        Action::Sort => {
            by_member.sort = by_member.sort.next();
            by_member.reversed = false;
            by_member.changed();
        }
        Action::Reverse => {
            by_member.reversed = !by_member.reversed;
            by_member.changed();
        }
        Action::OnlyMarked => only_marked(model, !model.workspace.by_member.only_marked),
        Action::NextPane | Action::PreviousPane => {
            hold(model);
            let by_member = &mut model.workspace.by_member;
            let members = by_member.focus == ByMemberFocus::Members;
            by_member.focus = if members { ByMemberFocus::Images } else { ByMemberFocus::Members };
        }
        Action::Enter | Action::Right => {
            hold(model);
            model.workspace.by_member.focus = ByMemberFocus::Images;
        }
        Action::Left => by_member.focus = ByMemberFocus::Members,
        Action::Back => back(model),
        action => step(model, action),
    }
    vec![]
}

/// Keeps the cursor on its member from now on, whatever becomes of the list: one looks at what it reaches.
fn hold(model: &mut Model) {
    model.settle();
    let by_member = &mut model.workspace.by_member;
    by_member.cursor.go(by_member.cursor.at, &by_member.visible);
}

/// Moves the cursor of the pane with the focus.
pub(super) fn step(model: &mut Model, action: Action) {
    model.settle();
    let by_member = &mut model.workspace.by_member;
    match by_member.focus {
        ByMemberFocus::Members => {
            let at = browse::stepped(&by_member.cursor, action, by_member.visible.len());
            by_member.cursor.go(at, &by_member.visible);
        }
        ByMemberFocus::Images => {
            let reached = &mut by_member.reached;
            let at = browse::stepped(&reached.cursor, action, reached.visible.len());
            reached.cursor.go(at, &reached.visible);
        }
    }
}

/// A click on a row of its window.
pub(super) fn choose(model: &mut Model, focus: ByMemberFocus, row: Option<usize>) {
    let by_member = &mut model.workspace.by_member;
    by_member.focus = focus;
    let Some(row) = row else { return };
    match focus {
        ByMemberFocus::Members => {
            let at = by_member.cursor.top + row;
            if at < by_member.visible.len() {
                by_member.cursor.go(at, &by_member.visible);
            }
        }
        ByMemberFocus::Images => {
            let reached = &mut by_member.reached;
            let at = reached.cursor.top + row;
            if at < reached.visible.len() {
                reached.cursor.go(at, &reached.visible);
            }
        }
    }
}

fn only_marked(model: &mut Model, on: bool) {
    if on && model.workspace.marks.is_empty() {
        let text = "Nothing is marked: Space marks a share, or all shares of a member.";
        model.log.say(model.now, Level::Warning, text);
        return;
    }
    model.workspace.by_member.only_marked = on;
    model.workspace.by_member.changed();
}

/// One step back: out of the images, to the view one came from, out of the filter, out of only-marked.
fn back(model: &mut Model) {
    if model.workspace.by_member.focus == ByMemberFocus::Images {
        model.workspace.by_member.focus = ByMemberFocus::Members;
        return;
    }
    model.settle();
    let came = model.workspace.detour.is_some_and(|it| it.from == View::Images);
    if came && model.workspace.detour.and_then(|it| it.member) == model.member() {
        model.workspace.detour = None;
        show(model, View::Images);
    } else if !model.workspace.by_member.filter.line().is_empty() {
        model.workspace.by_member.filter.set("");
    } else if model.workspace.by_member.only_marked {
        only_marked(model, false);
    } else if !model.log.put_away() {
        keys::nothing_to_go_back_from(model);
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let id = match model.workspace.by_member.focus {
        ByMemberFocus::Members => {
            model.member().map(|ix| model.workspace.inventory.member(ix).id.clone())
        }
        ByMemberFocus::Images => {
            model.reached().map(|ix| model.workspace.inventory.image(ix).id.0.clone())
        }
    };
    let Some(id) = id else { return vec![] };
    say_copied(model, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}

/// Reads the members of the image under the cursor again.
pub(super) fn reread(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let Some(ix) = model.reached() else { return vec![] };
    let (id, label) = {
        let image = model.workspace.inventory.image(ix);
        (image.id.clone(), image.label())
    };
    model.log.say(model.now, Level::Info, format!("Reading the members of {label} again."));
    ask(Command::Reread { session: model.workspace.session, images: vec![id] })
}

// ── between the views ────────────────────────────────────────────────────────────────────────────

/// From a member of an image to everything the member reaches.
pub(super) fn open(model: &mut Model) {
    model.settle();
    let Some((image, member)) = model.row().map(|(ix, row)| (ix, row.member)) else { return };
    show(model, View::Members);
    model.workspace.detour = Some(Detour { from: View::Images, image, member: Some(member) });
    model.workspace.by_member.focus = ByMemberFocus::Members;
    model.settle();
    if !go_to(model, member) && model.workspace.by_member.is_filtered() {
        model.workspace.by_member.filter.set("");
        model.workspace.by_member.only_marked = false;
        model.settle();
        go_to(model, member);
        let text = "The filter of this view was taken away: it hid the member.";
        model.log.say(model.now, Level::Info, text);
    }
}

fn go_to(model: &mut Model, member: MemberIx) -> bool {
    let by_member = &mut model.workspace.by_member;
    let at = by_member.visible.iter().position(|ix| *ix == member);
    if let Some(at) = at {
        by_member.cursor.go(at, &by_member.visible);
    }
    at.is_some()
}

/// From an image a member reaches to that share in the Images view.
fn to_image(model: &mut Model) {
    model.settle();
    let (Some(image), Some(member)) = (model.reached(), model.member()) else { return };
    show_share(model, View::Members, image, member);
}

/// From another view to a share in the Images view.
pub(super) fn show_share(model: &mut Model, from: View, image: ImageIx, member: MemberIx) {
    // The list of all scopes would show the workspace of its own row.
    model.together = None;
    show(model, View::Images);
    model.workspace.detour = Some(Detour { from, image, member: Some(member) });
    if std::mem::take(&mut model.workspace.received.shown) {
        model.workspace.images.changed();
    }
    model.settle();
    if !go_to_share(model, image, member) && model.workspace.images.is_filtered() {
        model.workspace.images.filter.set("");
        model.workspace.images.only_marked = false;
        model.settle();
        go_to_share(model, image, member);
        let text = "The filter of this view was taken away: it hid the share.";
        model.log.say(model.now, Level::Info, text);
    }
    model.focus = Focus::Members;
}

/// False where the filter of the Images view hides it.
fn go_to_share(model: &mut Model, image: ImageIx, member: MemberIx) -> bool {
    let images = &mut model.workspace.images;
    let Some(at) = images.visible.iter().position(|ix| *ix == image) else { return false };
    images.cursor.go(at, &images.visible);
    model.settle();
    let rows = model.workspace.inventory.rows(image);
    let mut listed = model.workspace.members.visible.iter();
    let Some(at) = listed.position(|at| rows[*at].member == member) else { return false };
    model.go_to_member(at);
    true
}

/// Back from the Images view, if the cursor is still where the way from here led; false where it is not.
pub(super) fn come_back(model: &mut Model) -> bool {
    model.settle();
    match model.workspace.detour {
        Some(Detour { from, .. }) if comes_back(model) => {
            model.workspace.detour = None;
            show(model, from);
            true
        }
        _ => false,
    }
}

/// Whether the way back from the Images view leads to the view one came from.
pub(super) fn comes_back(model: &Model) -> bool {
    let Some(Detour { from, image, member }) = model.workspace.detour else { return false };
    let still_there = match member {
        Some(member) => model.row().is_some_and(|(ix, row)| (ix, row.member) == (image, member)),
        None => model.focus == Focus::Images && model.image() == Some(image),
    };
    from != View::Images && still_there
}
