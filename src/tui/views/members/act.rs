//! The keys of the Members view, except for marks; and the jumps between it and the Images view.

use crate::tui::Effect;
use crate::tui::app::input;
use crate::tui::app::log::Level;
use crate::tui::app::update::{ask, show};
use crate::tui::app::{App, Focus};
use crate::tui::keys::Action;
use crate::tui::overlays::plan;
use crate::tui::speech::act::say_copied;
use crate::tui::views::ViewId;
use crate::tui::views::members::marks;
use crate::tui::views::members::state::{Jump, MembersFocus};
use domain::{ImageIx, MemberIx};
use engine::Command;

/// Handles a key in either pane.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let member_table = &mut app.workspace.member_table;
    match action {
        Action::Revoke => return plan::act::open(app),
        Action::Mark | Action::MarkAll | Action::Invert | Action::ClearMarks => {
            return marks::act(app, action);
        }
        Action::Copy => return copy(app),
        Action::Enter if member_table.focus == MembersFocus::Images => to_image(app),
        Action::Filter => {
            member_table.focus = MembersFocus::Members;
            member_table.filter.open();
        }
        Action::Sort => {
            member_table.sort = member_table.sort.next();
            member_table.reversed = false;
            member_table.changed();
        }
        Action::Reverse => {
            member_table.reversed = !member_table.reversed;
            member_table.changed();
        }
        Action::OnlyMarked => only_marked(app, !app.workspace.member_table.only_marked),
        Action::NextPane | Action::PreviousPane => {
            hold(app);
            let member_table = &mut app.workspace.member_table;
            let members = member_table.focus == MembersFocus::Members;
            member_table.focus = if members { MembersFocus::Images } else { MembersFocus::Members };
        }
        Action::Enter | Action::Right => {
            hold(app);
            app.workspace.member_table.focus = MembersFocus::Images;
        }
        Action::Left => member_table.focus = MembersFocus::Members,
        Action::Back => back(app),
        action => step(app, action),
    }
    vec![]
}

/// Keeps the cursor on its member from now on, even if the list changes, while the user looks at its images.
fn hold(app: &mut App) {
    app.settle();
    let member_table = &mut app.workspace.member_table;
    member_table.list.go(member_table.list.cursor.at);
}

/// Moves the cursor of the focused pane.
pub(crate) fn step(app: &mut App, action: Action) {
    app.settle();
    let member_table = &mut app.workspace.member_table;
    match member_table.focus {
        MembersFocus::Members => {
            member_table.list.step(action);
        }
        MembersFocus::Images => {
            let reached = &mut member_table.reached;
            reached.list.step(action);
        }
    }
}

/// Handles a click on a row in the window of a pane.
pub(crate) fn choose(app: &mut App, focus: MembersFocus, row: Option<usize>) {
    let member_table = &mut app.workspace.member_table;
    member_table.focus = focus;
    let Some(row) = row else { return };
    match focus {
        MembersFocus::Members => member_table.list.click(row),
        MembersFocus::Images => member_table.reached.list.click(row),
    }
}

fn only_marked(app: &mut App, on: bool) {
    if on && app.workspace.marks.is_empty() {
        let text = "Nothing is marked: Space marks a share, or all shares of a member.";
        app.log.say(app.now, Level::Warning, text);
        return;
    }
    app.workspace.member_table.only_marked = on;
    app.workspace.member_table.changed();
}

/// Goes back: out of the images, to the previous view, out of the filter, out of only-marked.
fn back(app: &mut App) {
    if app.workspace.member_table.focus == MembersFocus::Images {
        app.workspace.member_table.focus = MembersFocus::Members;
        return;
    }
    app.settle();
    let came = app.workspace.jump.is_some_and(|it| it.from == ViewId::Images);
    if came && app.workspace.jump.and_then(|it| it.member) == app.member() {
        app.workspace.jump = None;
        show(app, ViewId::Images);
    } else if !app.workspace.member_table.filter.line().is_empty() {
        app.workspace.member_table.filter.set("");
    } else if app.workspace.member_table.only_marked {
        only_marked(app, false);
    } else if !app.log.dismiss() {
        input::nothing_to_go_back_from(app);
    }
}

fn copy(app: &mut App) -> Vec<Effect> {
    app.settle();
    let id = match app.workspace.member_table.focus {
        MembersFocus::Members => {
            app.member().map(|ix| app.workspace.inventory.member(ix).id.clone())
        }
        MembersFocus::Images => {
            app.reached().map(|ix| app.workspace.inventory.image(ix).id.0.clone())
        }
    };
    let Some(id) = id else { return vec![] };
    say_copied(app, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}

/// Reloads the members of the image under the cursor.
pub(crate) fn reread(app: &mut App) -> Vec<Effect> {
    app.settle();
    let Some(ix) = app.reached() else { return vec![] };
    let (id, label) = {
        let image = app.workspace.inventory.image(ix);
        (image.id.clone(), image.label())
    };
    app.log.say(app.now, Level::Info, format!("Reading the members of {label} again."));
    ask(Command::Reread { session: app.workspace.session, images: vec![id] })
}

// ── between the views ────────────────────────────────────────────────────────────────────────────

/// Jumps from a member of an image to all images of that member.
pub(crate) fn open(app: &mut App) {
    app.settle();
    let Some((image, member)) = app.row().map(|(ix, row)| (ix, row.member)) else { return };
    show(app, ViewId::Members);
    app.workspace.jump = Some(Jump { from: ViewId::Images, image, member: Some(member) });
    app.workspace.member_table.focus = MembersFocus::Members;
    app.settle();
    if !go_to(app, member) && app.workspace.member_table.is_filtered() {
        app.workspace.member_table.filter.set("");
        app.workspace.member_table.only_marked = false;
        app.settle();
        go_to(app, member);
        let text = "The filter of this view was cleared: it hid the member.";
        app.log.say(app.now, Level::Info, text);
    }
}

fn go_to(app: &mut App, member: MemberIx) -> bool {
    app.workspace.member_table.list.go_to(member)
}

/// Jumps from an image of a member to that share in the Images view.
fn to_image(app: &mut App) {
    app.settle();
    let (Some(image), Some(member)) = (app.reached(), app.member()) else { return };
    show_share(app, ViewId::Members, image, member);
}

/// Jumps from another view to a share in the Images view.
pub(crate) fn show_share(app: &mut App, from: ViewId, image: ImageIx, member: MemberIx) {
    // The list of all scopes would show the workspace of its own row.
    app.all_scopes = None;
    show(app, ViewId::Images);
    app.workspace.jump = Some(Jump { from, image, member: Some(member) });
    if std::mem::take(&mut app.workspace.received.shown) {
        app.workspace.images.changed();
    }
    app.settle();
    if !go_to_share(app, image, member) && app.workspace.images.is_filtered() {
        app.workspace.images.filter.set("");
        app.workspace.images.only_marked = false;
        app.settle();
        go_to_share(app, image, member);
        let text = "The filter of this view was cleared: it hid the share.";
        app.log.say(app.now, Level::Info, text);
    }
    app.focus = Focus::Members;
}

/// Moves the cursor to a share; false if the filter of the Images view hides it.
fn go_to_share(app: &mut App, image: ImageIx, member: MemberIx) -> bool {
    if !app.workspace.images.list.go_to(image) {
        return false;
    }
    app.settle();
    let rows = app.workspace.inventory.rows(image);
    let mut listed = app.workspace.members_pane.list.rows.iter();
    let Some(at) = listed.position(|at| rows[*at].member == member) else { return false };
    app.go_to_member(at);
    true
}

/// Returns from the Images view; false if the cursor has moved since the jump.
pub(crate) fn jump_back(app: &mut App) -> bool {
    app.settle();
    match app.workspace.jump {
        Some(Jump { from, .. }) if can_jump_back(app) => {
            app.workspace.jump = None;
            show(app, from);
            true
        }
        _ => false,
    }
}

/// Whether Back in the Images view returns to the view of the jump.
pub(crate) fn can_jump_back(app: &App) -> bool {
    let Some(Jump { from, image, member }) = app.workspace.jump else { return false };
    let still_there = match member {
        Some(member) => app.row().is_some_and(|(ix, row)| (ix, row.member) == (image, member)),
        None => app.focus == Focus::Images && app.image() == Some(image),
    };
    from != ViewId::Images && still_there
}
