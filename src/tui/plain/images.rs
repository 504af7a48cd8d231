//! The list of images: own ones, received ones, those of all open scopes.

use super::row::{List, Row};
use super::words;
use crate::domain::{ImageIx, MemberList, MemberStatus};
use crate::tui::model::{Model, Workspace};
use crate::tui::view::cells::{count, counted};
use crate::tui::view::images::placed;

/// What is listed.
pub(super) fn place(model: &Model) -> String {
    if model.together.is_some() {
        let scopes = counted(model.listed_desks().len(), "scope");
        return format!("View 1, images of {scopes} together.");
    }
    if model.workspace.received.shown {
        "View 1, images that others share with this project.".into()
    } else {
        "View 1, images.".into()
    }
}

/// What decides what is listed, and in which order.
pub(super) fn choice(model: &Model) -> String {
    let images = &model.workspace.images;
    let by_scope = model.together.as_ref().map(|together| together.by_scope);
    let (sort, reversed) = (images.sort, images.reversed);
    format!("{:?}", (images.filter.line(), images.only_marked, sort, reversed, by_scope))
}

/// How many are listed, by which filter, in which order, and what is missing.
pub(super) fn listing(model: &Model) -> String {
    let (images, workspaces) = (&model.workspace.images, model.listed_desks());
    let sum = |count: fn(&Workspace) -> usize| {
        workspaces.iter().map(|workspace| count(workspace)).sum::<usize>()
    };
    let some = |number: usize, what: String| if number > 0 { what } else { String::new() };
    let undecided = sum(|workspace| workspace.images.undecided);
    let by_scope = model.together.as_ref().is_some_and(|together| together.by_scope);
    let order = if by_scope { "scope" } else { images.sort.word() };
    let incomplete = workspaces.iter().any(|workspace| workspace.incomplete);
    words::listed([
        how_many(model),
        filter(images.filter.line()),
        if images.only_marked { "only marked".into() } else { String::new() },
        format!("sorted by {order}{}", if images.reversed { " the other way round" } else { "" }),
        if incomplete { "the list is incomplete".into() } else { String::new() },
        some(undecided, format!("{} left out, their members are not known", count(undecided))),
        some(images.others, format!("{} of others left out", count(images.others))),
    ]) + "."
}

/// How many of them are listed.
pub(super) fn how_many(model: &Model) -> String {
    let (_, _, listed) = placed(model);
    let all: usize = model.listed_desks().iter().map(|workspace| workspace.images.all).sum();
    if model.workspace.images.is_filtered() {
        format!("{} of {}", count(listed), counted(all, "image"))
    } else {
        counted(listed, "image")
    }
}

/// What is filtered by, if anything is.
pub(super) fn filter(line: &str) -> String {
    match line.trim() {
        "" => String::new(),
        line => format!("filter {line}"),
    }
}

/// The list.
pub(super) fn list(model: &Model) -> List<'_> {
    let (at, _, len) = placed(model);
    let labels = model.together.is_some().then(|| model.short_labels());
    List::new(len, at, move |at| {
        let (workspace, ix) = match &model.together {
            Some(together) => {
                let (session, ix) = together.visible.get(at)?;
                (model.desk_of(*session)?, *ix)
            }
            None => (&model.workspace, *model.workspace.images.visible.get(at)?),
        };
        let row =
            if workspace.received.shown { received(model, ix) } else { own(model, workspace, ix) };
        let scope = labels.as_ref().and_then(|labels| labels.get(&workspace.session));
        Some(scope.map_or(row.clone(), |scope| row.fact(format!("on {scope}"))))
    })
}

fn own(model: &Model, workspace: &Workspace, ix: ImageIx) -> Row {
    let image = workspace.inventory.image(ix);
    let all = workspace.inventory.rows(ix).len();
    let marked = words::marked(workspace.marks.count_of(&image.id), all);
    let why = match workspace.inventory.list(ix) {
        MemberList::Failed(why) => Some(format!("why: {why}")),
        _ => None,
    };
    let row = Row::new(format!("{:?} {}", workspace.session, image.id), workspace.label_of(ix));
    let row = row.fact(members(workspace, ix)).marked(marked);
    aged(model, row, workspace, ix).details(words::image(image)).details(why)
}

fn aged(model: &Model, row: Row, workspace: &Workspace, ix: ImageIx) -> Row {
    match workspace.inventory.image(ix).created_at {
        Some(created) => row.quiet(format!("{} old", words::age(created, model.now))),
        None => row,
    }
}

/// How many members, or why that is not known.
fn members(workspace: &Workspace, ix: ImageIx) -> String {
    match workspace.inventory.list(ix) {
        MemberList::Unread if workspace.reading.is_some() => "members not read yet".into(),
        MemberList::Unread => "members not known".into(),
        MemberList::DoNotApply => {
            format!("{}, no members to list", workspace.inventory.image(ix).visibility)
        }
        MemberList::Failed(_) => "members could not be read".into(),
        MemberList::Read(rows) if rows.is_empty() => "shared with nobody".into(),
        MemberList::Read(rows) if workspace.images.shares.is_open() => {
            counted(rows.len(), "member")
        }
        MemberList::Read(rows) => {
            let shares = &workspace.images.shares;
            let passing =
                rows.iter().filter(|row| shares.passes(&workspace.inventory, row)).count();
            format!("{} of {} in view", count(passing), counted(rows.len(), "member"))
        }
    }
}

fn received(model: &Model, ix: ImageIx) -> Row {
    let (workspace, image) = (&model.workspace, model.workspace.inventory.image(ix));
    let answer = match model.own_status(ix) {
        Some(MemberStatus::Accepted) => "accepted".into(),
        Some(MemberStatus::Pending) => "not answered yet, pending".into(),
        Some(status) => status.to_string(),
        None if matches!(workspace.inventory.list(ix), MemberList::Read(_)) => {
            "answer unknown".into()
        }
        None => members(workspace, ix),
    };
    let owner = image.owner.as_ref().map(|owner| {
        let name = model.names.get(owner.0.raw());
        format!("from {}", name.map_or_else(|| owner.to_string(), |name| name.name.to_string()))
    });
    let chosen = workspace.received.chosen.contains(&image.id);
    let row = Row::new(format!("received {}", image.id), image.label()).fact(answer);
    let row = owner.map_or(row.clone(), |owner| row.fact(owner));
    let row = row.marked(if chosen { "chosen" } else { "" });
    aged(model, row, workspace, ix).details(words::image(image))
}
