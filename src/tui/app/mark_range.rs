//! Marking a range of rows as a whole: where all of it is marked the marks go, else all of it is marked.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::RangeInclusive;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::app::marks;
use crate::tui::app::workspace::Workspace;
use crate::tui::keys::{Action, Context};
use crate::tui::ui::text::counted;
use domain::{ImageId, ImageIx, MemberList, Share};
use engine::SessionId;

/// Begins a range at the cursor, or ends the one there is.
pub(crate) fn toggle(app: &mut App) {
    if end(app) {
        return;
    }
    app.shown_view().begin_range(app);
    let text = format!(
        "A range of rows begins here: moving makes it larger, {} marks all of it.",
        app.keys.spoken(Action::Mark)
    );
    app.log.say(app.now, Level::Info, text);
}

/// Ends the range and leaves the marks as they are; false when there was none.
pub(crate) fn end(app: &mut App) -> bool {
    let ended = app.end_range();
    if ended {
        app.log.say(app.now, Level::Info, "Range ended: marks unchanged.");
    }
    ended
}

/// What of a range belongs to one scope.
struct Part {
    session: SessionId,
    shares: Vec<Share>,
    /// Images whose members are unknown.
    unknown: Vec<ImageIx>,
    /// Shares that the filter hides.
    hidden: usize,
}

impl Part {
    fn of(session: SessionId, shares: Vec<Share>) -> Self {
        Self { session, shares, unknown: Vec::new(), hidden: 0 }
    }
}

/// Marks the rows of the range, or takes their marks away; and ends it.
pub(crate) fn mark(app: &mut App, context: Context, rows: RangeInclusive<usize>) -> Vec<Effect> {
    app.end_range();
    let parts = match context {
        Context::Received => return choose(app, rows),
        Context::Images if app.all_scopes.is_some() => in_every_scope(app, rows),
        Context::Images => vec![images(&app.workspace, &app.workspace.images.list.rows[rows])],
        Context::Members => vec![members(app, rows)],
        Context::ByMember => vec![members_in_table(app, rows)],
        _ => vec![reached(app, rows)],
    };
    turn(app, &parts)
}

fn images(workspace: &Workspace, images: &[ImageIx]) -> Part {
    let inventory = &workspace.inventory;
    let mut part = Part::of(workspace.session, Vec::new());
    for ix in images.iter().copied() {
        if matches!(inventory.list(ix), MemberList::Unread | MemberList::Failed(_)) {
            part.unknown.push(ix);
        }
        let shares = workspace.shares_in_view(ix);
        if !workspace.images.only_marked {
            part.hidden += inventory.rows(ix).len() - shares.len();
        }
        part.shares.extend(shares);
    }
    part
}

fn in_every_scope(app: &App, rows: RangeInclusive<usize>) -> Vec<Part> {
    let Some(all_scopes) = &app.all_scopes else { return vec![] };
    let spots = &all_scopes.list.rows[rows];
    let part_of = |workspace: &Workspace| {
        let own = spots.iter().filter(|(of, _)| *of == workspace.session).map(|(_, ix)| *ix);
        images(workspace, &own.collect::<Vec<_>>())
    };
    app.open_workspaces().into_iter().map(part_of).collect()
}

fn members(app: &App, rows: RangeInclusive<usize>) -> Part {
    let workspace = &app.workspace;
    let Some(ix) = workspace.members_pane.of else {
        return Part::of(workspace.session, Vec::new());
    };
    let listed = workspace.inventory.rows(ix);
    let rows = workspace.members_pane.list.rows[rows].iter().filter_map(|at| listed.get(*at));
    let shares = rows.map(|row| workspace.inventory.share(ix, row)).collect();
    Part::of(workspace.session, shares)
}

fn members_in_table(app: &App, rows: RangeInclusive<usize>) -> Part {
    let (workspace, member_table) = (&app.workspace, &app.workspace.member_table);
    let mut part = Part::of(workspace.session, Vec::new());
    for ix in &member_table.list.rows[rows] {
        let shares = app.shares_of_member(*ix);
        if !member_table.only_marked {
            part.hidden += member_table.reach.held(*ix).len() - shares.len();
        }
        part.shares.extend(shares);
    }
    part
}

fn reached(app: &App, rows: RangeInclusive<usize>) -> Part {
    let images = app.workspace.member_table.reached.list.rows[rows].iter();
    let share = |image: &ImageIx| Some(app.share_of(*image, app.member()?));
    Part::of(app.workspace.session, images.filter_map(share).collect())
}

/// Marks all, or takes all marks away where nothing is left to be marked, in whatever scope.
fn turn(app: &mut App, parts: &[Part]) -> Vec<Effect> {
    let all = parts.iter().all(|part| {
        let workspace = app.workspace_of(part.session);
        workspace.is_some_and(|workspace| {
            part.shares.iter().all(|share| workspace.marks.contains(&share.image, &share.member))
        })
    });
    let mut effects = Vec::new();
    for part in parts {
        let Some(workspace) = app.workspace_mut(part.session) else { continue };
        for share in &part.shares {
            if all {
                workspace.unmark(share);
            } else {
                workspace.mark(share.clone());
            }
        }
        workspace.marks_changed();
        effects.extend(marks::prioritize_visible(workspace, &part.unknown));
    }
    say(app, parts, all);
    effects
}

fn say(app: &mut App, parts: &[Part], unmarked: bool) {
    let sum = |count: fn(&Part) -> usize| parts.iter().map(count).sum::<usize>();
    let (shares, unknown) = (sum(|part| part.shares.len()), sum(|part| part.unknown.len()));
    let hidden = sum(|part| part.hidden);
    let mut text = match shares {
        0 => "Nothing was marked: this range has no known share.".to_owned(),
        some if unmarked => format!("{} unmarked.", counted(some, "share")),
        some => format!("{} marked.", counted(some, "share")),
    };
    if hidden > 0 {
        text = format!("{text} The filter hides {}.", counted(hidden, "more share"));
    }
    if unknown > 0 {
        let images = counted(unknown, "image");
        text = format!("{text} {images} left out: their members are not known yet.");
    }
    let sure = shares > 0 && hidden + unknown == 0;
    app.log.say(app.now, if sure { Level::Info } else { Level::Warning }, text);
}

/// Received images are chosen for an answer, or not any more.
fn choose(app: &mut App, rows: RangeInclusive<usize>) -> Vec<Effect> {
    let workspace = &mut app.workspace;
    let listed = workspace.images.list.rows[rows].iter();
    let ids: HashSet<ImageId> =
        listed.map(|ix| workspace.inventory.image(*ix).id.clone()).collect();
    let chosen = &mut workspace.received.chosen;
    if ids.iter().all(|id| chosen.contains(id)) {
        chosen.retain(|id| !ids.contains(id));
    } else {
        chosen.extend(ids);
    }
    vec![]
}
