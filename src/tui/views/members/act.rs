//! The keys of the Members view, but for marks; and the ways between it and the Images view.

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
use crate::tui::views::members::state::{ByMemberFocus, Detour};
use domain::{ImageIx, MemberIx};
use engine::Command;

/// What a key does in one of the two panes.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let by_member = &mut app.workspace.by_member;
    match action {
        Action::Revoke => return plan::act::open(app),
        Action::Mark | Action::MarkAll | Action::Invert | Action::ClearMarks => {
            return marks::act(app, action);
        }
        Action::Copy => return copy(app),
        Action::Enter if by_member.focus == ByMemberFocus::Images => to_image(app),
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
        Action::OnlyMarked => only_marked(app, !app.workspace.by_member.only_marked),
        Action::NextPane | Action::PreviousPane => {
            hold(app);
            let by_member = &mut app.workspace.by_member;
            let members = by_member.focus == ByMemberFocus::Members;
            by_member.focus = if members { ByMemberFocus::Images } else { ByMemberFocus::Members };
        }
        Action::Enter | Action::Right => {
            hold(app);
            app.workspace.by_member.focus = ByMemberFocus::Images;
        }
        Action::Left => by_member.focus = ByMemberFocus::Members,
        Action::Back => back(app),
        action => step(app, action),
    }
    vec![]
}

/// Keeps the cursor on its member from now on, whatever becomes of the list: one looks at what it reaches.
fn hold(app: &mut App) {
    app.settle();
    let by_member = &mut app.workspace.by_member;
    by_member.list.go(by_member.list.cursor.at);
}

/// Moves the cursor of the pane with the focus.
pub(crate) fn step(app: &mut App, action: Action) {
    app.settle();
    let by_member = &mut app.workspace.by_member;
    match by_member.focus {
        ByMemberFocus::Members => {
            by_member.list.step(action);
        }
        ByMemberFocus::Images => {
            let reached = &mut by_member.reached;
            reached.list.step(action);
        }
    }
}

/// A click on a row of its window.
pub(crate) fn choose(app: &mut App, focus: ByMemberFocus, row: Option<usize>) {
    let by_member = &mut app.workspace.by_member;
    by_member.focus = focus;
    let Some(row) = row else { return };
    match focus {
        ByMemberFocus::Members => by_member.list.click(row),
        ByMemberFocus::Images => by_member.reached.list.click(row),
    }
}

fn only_marked(app: &mut App, on: bool) {
    if on && app.workspace.marks.is_empty() {
        let text = "Nothing is marked: Space marks a share, or all shares of a member.";
        app.log.say(app.now, Level::Warning, text);
        return;
    }
    app.workspace.by_member.only_marked = on;
    app.workspace.by_member.changed();
}

/// One step back: out of the images, to the view one came from, out of the filter, out of only-marked.
fn back(app: &mut App) {
    if app.workspace.by_member.focus == ByMemberFocus::Images {
        app.workspace.by_member.focus = ByMemberFocus::Members;
        return;
    }
    app.settle();
    let came = app.workspace.detour.is_some_and(|it| it.from == ViewId::Images);
    if came && app.workspace.detour.and_then(|it| it.member) == app.member() {
        app.workspace.detour = None;
        show(app, ViewId::Images);
    } else if !app.workspace.by_member.filter.line().is_empty() {
        app.workspace.by_member.filter.set("");
    } else if app.workspace.by_member.only_marked {
        only_marked(app, false);
    } else if !app.log.put_away() {
        input::nothing_to_go_back_from(app);
    }
}

fn copy(app: &mut App) -> Vec<Effect> {
    app.settle();
    let id = match app.workspace.by_member.focus {
        ByMemberFocus::Members => {
            app.member().map(|ix| app.workspace.inventory.member(ix).id.clone())
        }
        ByMemberFocus::Images => {
            app.reached().map(|ix| app.workspace.inventory.image(ix).id.0.clone())
        }
    };
    let Some(id) = id else { return vec![] };
    say_copied(app, &id.to_string());
    vec![Effect::Copy(id.raw().to_owned())]
}

/// Reads the members of the image under the cursor again.
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

/// From a member of an image to everything the member reaches.
pub(crate) fn open(app: &mut App) {
    app.settle();
    let Some((image, member)) = app.row().map(|(ix, row)| (ix, row.member)) else { return };
    show(app, ViewId::Members);
    app.workspace.detour = Some(Detour { from: ViewId::Images, image, member: Some(member) });
    app.workspace.by_member.focus = ByMemberFocus::Members;
    app.settle();
    if !go_to(app, member) && app.workspace.by_member.is_filtered() {
        app.workspace.by_member.filter.set("");
        app.workspace.by_member.only_marked = false;
        app.settle();
        go_to(app, member);
        let text = "The filter of this view was cleared: it hid the member.";
        app.log.say(app.now, Level::Info, text);
    }
}

fn go_to(app: &mut App, member: MemberIx) -> bool {
    app.workspace.by_member.list.go_to(member)
}

/// From an image a member reaches to that share in the Images view.
fn to_image(app: &mut App) {
    app.settle();
    let (Some(image), Some(member)) = (app.reached(), app.member()) else { return };
    show_share(app, ViewId::Members, image, member);
}

/// From another view to a share in the Images view.
pub(crate) fn show_share(app: &mut App, from: ViewId, image: ImageIx, member: MemberIx) {
    // The list of all scopes would show the workspace of its own row.
    app.together = None;
    show(app, ViewId::Images);
    app.workspace.detour = Some(Detour { from, image, member: Some(member) });
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

/// False where the filter of the Images view hides it.
fn go_to_share(app: &mut App, image: ImageIx, member: MemberIx) -> bool {
    if !app.workspace.images.list.go_to(image) {
        return false;
    }
    app.settle();
    let rows = app.workspace.inventory.rows(image);
    let mut listed = app.workspace.members.list.rows.iter();
    let Some(at) = listed.position(|at| rows[*at].member == member) else { return false };
    app.go_to_member(at);
    true
}

/// Back from the Images view, if the cursor is still where the way from here led; false where it is not.
pub(crate) fn come_back(app: &mut App) -> bool {
    app.settle();
    match app.workspace.detour {
        Some(Detour { from, .. }) if comes_back(app) => {
            app.workspace.detour = None;
            show(app, from);
            true
        }
        _ => false,
    }
}

/// Whether the way back from the Images view leads to the view one came from.
pub(crate) fn comes_back(app: &App) -> bool {
    let Some(Detour { from, image, member }) = app.workspace.detour else { return false };
    let still_there = match member {
        Some(member) => app.row().is_some_and(|(ix, row)| (ix, row.member) == (image, member)),
        None => app.focus == Focus::Images && app.image() == Some(image),
    };
    from != ViewId::Images && still_there
}
