//! Marking in the Members view: a share, everything a member reaches, everything in view.

use super::{clear, say_marked};
use crate::domain::{MemberIx, Share};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::by_member::ByMemberFocus;
use crate::tui::model::{Level, Model};
use crate::tui::update::by_member::step;
use crate::tui::view::cells::{count, counted};
use crate::tui::view::member_label;

/// What a key about marks does.
pub(in crate::tui::update) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    model.settle();
    match (action, model.workspace.by_member.focus) {
        (Action::Mark, ByMemberFocus::Members) => toggle_member(model),
        (Action::Mark, ByMemberFocus::Images) => toggle_share(model),
        (Action::ClearMarks, _) => clear(model),
        (action, ByMemberFocus::Images) => {
            let members: Vec<MemberIx> = model.member().into_iter().collect();
            mark_many(model, &members, action);
        }
        (action, ByMemberFocus::Members) => {
            mark_many(model, &model.workspace.by_member.visible.clone(), action);
        }
    }
    model.marks_changed();
    vec![]
}

fn toggle_share(model: &mut Model) {
    let (Some(image), Some(member)) = (model.reached(), model.member()) else { return };
    model.workspace.toggle_mark(model.share_of(image, member));
    step(model, Action::Down);
}

fn toggle_member(model: &mut Model) {
    let Some(member) = model.member() else { return };
    let shares = model.shares_of_member(member);
    let is_marked = |share: &Share| model.workspace.marks.contains(&share.image, &share.member);
    let all = shares.iter().all(is_marked);
    let marked = shares.len();
    for share in shares {
        if all {
            model.workspace.unmark(&share);
        } else {
            model.workspace.mark(share);
        }
    }
    say_left_out(model, member, marked, all);
}

/// Says what of a member was not marked: hidden, or unknown.
fn say_left_out(model: &mut Model, member: MemberIx, marked: usize, removed: bool) {
    let by_member = &model.workspace.by_member;
    let (reached, unknown) = (by_member.reach.held(member).len(), by_member.reach.unknown());
    let hidden = reached > marked && !by_member.only_marked;
    let done = if removed { "unmarked" } else { "marked" };
    let mut text = Vec::new();
    if hidden {
        let label = member_label(model, member);
        let shares = counted(reached, "share");
        text.push(format!(
            "{} of {shares} of {label} {done}: the filter hides the others.",
            count(marked)
        ));
    }
    if unknown > 0 && !removed {
        let shares =
            if hidden { String::new() } else { format!("{} marked. ", counted(marked, "share")) };
        text.push(format!("{shares}{}: it may reach more.", members_unknown(unknown)));
    }
    if !text.is_empty() {
        model.log.say(model.now, Level::Warning, text.join(" "));
    }
}

/// "The members of 3 images are not known".
fn members_unknown(images: usize) -> String {
    let are = if images == 1 { "is" } else { "are" };
    format!("Who {} {are} shared with is not known", counted(images, "image"))
}

/// Marks, or turns around, every share in view of these members.
fn mark_many(model: &mut Model, members: &[MemberIx], action: Action) {
    let before = model.workspace.marks.len();
    for share in members.iter().flat_map(|ix| model.shares_of_member(*ix)).collect::<Vec<_>>() {
        if action == Action::Invert {
            model.workspace.toggle_mark(share);
        } else {
            model.workspace.mark(share);
        }
    }
    say_marked(model, before, model.workspace.by_member.reach.unknown());
}
