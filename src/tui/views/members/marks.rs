//! Marking in the Members view: a share, all images of a member, everything in view.

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::marks::{clear, say_marked};
use crate::tui::keys::Action;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::members::act::step;
use crate::tui::views::members::paint::label as member_label;
use crate::tui::views::members::state::MembersFocus;
use domain::{MemberIx, Share};

/// Handles a key that changes marks.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    app.settle();
    match (action, app.workspace.member_table.focus) {
        (Action::Mark, MembersFocus::Members) => toggle_member(app),
        (Action::Mark, MembersFocus::Images) => toggle_share(app),
        (Action::ClearMarks, _) => clear(app),
        (action, MembersFocus::Images) => {
            let members: Vec<MemberIx> = app.member().into_iter().collect();
            mark_many(app, &members, action);
        }
        (action, MembersFocus::Members) => {
            mark_many(app, &app.workspace.member_table.list.rows.clone(), action);
        }
    }
    app.workspace.marks_changed();
    vec![]
}

fn toggle_share(app: &mut App) {
    let (Some(image), Some(member)) = (app.reached(), app.member()) else { return };
    app.workspace.toggle_mark(app.share_of(image, member));
    step(app, Action::Down);
}

fn toggle_member(app: &mut App) {
    let Some(member) = app.member() else { return };
    let shares = app.shares_of_member(member);
    let is_marked = |share: &Share| app.workspace.marks.contains(&share.image, &share.member);
    let all = shares.iter().all(is_marked);
    let marked = shares.len();
    for share in shares {
        if all {
            app.workspace.unmark(&share);
        } else {
            app.workspace.mark(share);
        }
    }
    say_left_out(app, member, marked, all);
}

/// Reports the shares of a member that were not marked: hidden, or unknown.
fn say_left_out(app: &mut App, member: MemberIx, marked: usize, removed: bool) {
    let member_table = &app.workspace.member_table;
    let (reached, unknown) = (member_table.reach.held(member).len(), member_table.reach.unknown());
    let hidden = reached > marked && !member_table.only_marked;
    let done = if removed { "unmarked" } else { "marked" };
    let mut text = Vec::new();
    if hidden {
        let label = member_label(app, member);
        let shares = counted(reached, "share");
        text.push(format!(
            "{} of {shares} of {label} {done}: the filter hides the others.",
            count(marked)
        ));
    }
    if unknown > 0 && !removed {
        let shares =
            if hidden { String::new() } else { format!("{} marked. ", counted(marked, "share")) };
        text.push(format!("{shares}{}: it may have access to more.", members_unknown(unknown)));
    }
    if !text.is_empty() {
        app.log.say(app.now, Level::Warning, text.join(" "));
    }
}

/// "The members of 3 images are not known".
fn members_unknown(images: usize) -> String {
    let are = if images == 1 { "is" } else { "are" };
    format!("Who {} {are} shared with is not known", counted(images, "image"))
}

/// Marks every share in view of these members, or inverts the marks.
fn mark_many(app: &mut App, members: &[MemberIx], action: Action) {
    let before = app.workspace.marks.len();
    for share in members.iter().flat_map(|ix| app.shares_of_member(*ix)).collect::<Vec<_>>() {
        if action == Action::Invert {
            app.workspace.toggle_mark(share);
        } else {
            app.workspace.mark(share);
        }
    }
    let (after, unknown) = (app.workspace.marks.len(), app.workspace.member_table.reach.unknown());
    say_marked(app, before, after, unknown);
}
