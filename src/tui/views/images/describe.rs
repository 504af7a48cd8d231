//! The list of images: own ones, received ones, those of all open scopes; and the members of one.

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::keys::Context;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::images::paint::placed;
use crate::tui::views::images::{members_pane, paint};
use domain::{ImageIx, MemberList, MemberStatus};

/// The pane with the focus.
pub(crate) fn describe(app: &App, here: Context) -> Description<'_> {
    if here == Context::Members {
        let of = app.workspace.members_pane.of;
        return Description {
            key: of.map(|ix| format!("{ix:?}")).unwrap_or_default(),
            nothing: of.map(|ix| members_pane::nothing(app, ix).0).unwrap_or_default(),
            found: how_many(app),
            ..Description::of_list(place_of_members(app), list_of_members(app))
        };
    }
    Description {
        key: app.all_scopes.is_some().to_string(),
        short: if here == Context::Images { "Images." } else { "" },
        nothing: paint::nothing(app),
        listing: (choice(app), listing(app)),
        found: how_many(app),
        ..Description::of_list(place(app), list(app))
    }
}

/// What is listed.
pub(crate) fn place(app: &App) -> String {
    if app.all_scopes.is_some() {
        let scopes = counted(app.listed_workspaces().len(), "scope");
        return format!("View 1, images of {scopes} together.");
    }
    if app.workspace.received.shown {
        "View 1, images that others share with this project.".into()
    } else {
        "View 1, images.".into()
    }
}

/// Filter and sort order: the listing is announced when they change.
pub(crate) fn choice(app: &App) -> String {
    let images = &app.workspace.images;
    let by_scope = app.all_scopes.as_ref().map(|all_scopes| all_scopes.by_scope);
    let (sort, reversed) = (images.sort, images.reversed);
    format!("{:?}", (images.filter.line(), images.only_marked, sort, reversed, by_scope))
}

/// Number of listed images, filter, order, and missing data.
pub(crate) fn listing(app: &App) -> String {
    let (images, workspaces) = (&app.workspace.images, app.listed_workspaces());
    let sum = |count: fn(&Workspace) -> usize| {
        workspaces.iter().map(|workspace| count(workspace)).sum::<usize>()
    };
    let some = |number: usize, what: String| if number > 0 { what } else { String::new() };
    let undecided = sum(|workspace| workspace.images.undecided);
    let by_scope = app.all_scopes.as_ref().is_some_and(|all_scopes| all_scopes.by_scope);
    let order = if by_scope { "scope" } else { images.sort.word() };
    let incomplete = workspaces.iter().any(|workspace| workspace.incomplete);
    words::listed([
        how_many(app),
        filter(images.filter.line()),
        if images.only_marked { "only marked".into() } else { String::new() },
        format!("sorted by {order}{}", if images.reversed { " the other way round" } else { "" }),
        if incomplete { "the list is incomplete".into() } else { String::new() },
        some(undecided, format!("{} left out, their members are not known", count(undecided))),
        some(images.others, format!("{} of others left out", count(images.others))),
    ]) + "."
}

/// Number of listed rows.
pub(crate) fn how_many(app: &App) -> String {
    let (_, _, listed) = placed(app);
    let all: usize = app.listed_workspaces().iter().map(|workspace| workspace.images.all).sum();
    if app.workspace.images.is_filtered() {
        format!("{} of {}", count(listed), counted(all, "image"))
    } else {
        counted(listed, "image")
    }
}

/// The filter, as announced.
pub(crate) fn filter(line: &str) -> String {
    match line.trim() {
        "" => String::new(),
        line => format!("filter {line}"),
    }
}

/// The list.
pub(crate) fn list(app: &App) -> List<'_> {
    let (at, _, len) = placed(app);
    let labels = app.all_scopes.is_some().then(|| app.short_labels());
    List::new(len, at, move |at| {
        let (workspace, ix) = match &app.all_scopes {
            Some(all_scopes) => {
                let (session, ix) = all_scopes.list.rows.get(at)?;
                (app.workspace_of(*session)?, *ix)
            }
            None => (&app.workspace, *app.workspace.images.list.rows.get(at)?),
        };
        let row =
            if workspace.received.shown { received(app, ix) } else { own(app, workspace, ix) };
        let scope = labels.as_ref().and_then(|labels| labels.get(&workspace.session));
        Some(scope.map_or(row.clone(), |scope| row.fact(format!("on {scope}"))))
    })
}

fn own(app: &App, workspace: &Workspace, ix: ImageIx) -> Row {
    let image = workspace.inventory.image(ix);
    let all = workspace.inventory.rows(ix).len();
    let marked = words::marked(workspace.marks.count_of(&image.id), all);
    let why = match workspace.inventory.list(ix) {
        MemberList::Failed(why) => Some(format!("why: {why}")),
        _ => None,
    };
    let row = Row::new(format!("{:?} {}", workspace.session, image.id), workspace.label_of(ix));
    let row = row.fact(members(workspace, ix)).marked(marked);
    aged(app, row, workspace, ix).details(words::image(image)).details(why)
}

fn aged(app: &App, row: Row, workspace: &Workspace, ix: ImageIx) -> Row {
    match workspace.inventory.image(ix).created_at {
        Some(created) => row.quiet(format!("{} old", words::age(created, app.now))),
        None => row,
    }
}

/// Number of members, or why it is unknown.
fn members(workspace: &Workspace, ix: ImageIx) -> String {
    match workspace.inventory.list(ix) {
        MemberList::Unread if workspace.reading.is_some() => "members not read yet".into(),
        MemberList::Unread => "members not known".into(),
        MemberList::DoNotApply => {
            format!("{}, no members to list", workspace.inventory.image(ix).visibility)
        }
        MemberList::Failed(_) => "members could not be read".into(),
        MemberList::Read(rows) if rows.is_empty() => "not shared".into(),
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

fn received(app: &App, ix: ImageIx) -> Row {
    let (workspace, image) = (&app.workspace, app.workspace.inventory.image(ix));
    let answer = match app.own_status(ix) {
        Some(MemberStatus::Accepted) => "accepted".into(),
        Some(MemberStatus::Pending) => "not answered yet, pending".into(),
        Some(status) => status.to_string(),
        None if matches!(workspace.inventory.list(ix), MemberList::Read(_)) => {
            "answer unknown".into()
        }
        None => members(workspace, ix),
    };
    let owner = image.owner.as_ref().map(|owner| {
        let name = app.names.get(owner.0.raw());
        format!("from {}", name.map_or_else(|| owner.to_string(), |name| name.name.to_string()))
    });
    let chosen = workspace.received.chosen.contains(&image.id);
    let row = Row::new(format!("received {}", image.id), image.label()).fact(answer);
    let row = owner.map_or(row.clone(), |owner| row.fact(owner));
    let row = row.marked(if chosen { "chosen" } else { "" });
    aged(app, row, workspace, ix).details(words::image(image))
}

/// Whose members they are, and their number.
fn place_of_members(app: &App) -> String {
    let Some(ix) = app.workspace.members_pane.of else {
        return "Members: no image is chosen.".into();
    };
    format!("Members of {}: {}.", app.workspace.label_of(ix), members_pane::count(app, ix))
}

/// The members of the image under the cursor.
fn list_of_members(app: &App) -> List<'_> {
    let members = &app.workspace.members_pane;
    List::new(members.list.rows.len(), members.list.cursor.at, |at| member(app, members.of?, at))
}

fn member(app: &App, ix: ImageIx, at: usize) -> Option<Row> {
    let inventory = &app.workspace.inventory;
    let row = inventory.rows(ix).get(*app.workspace.members_pane.list.rows.get(at)?)?;
    let (image, member) = (inventory.image(ix), inventory.member(row.member));
    let marked = app.workspace.marks.contains(&image.id, member);
    let said = Row::new(format!("{} {member:?}", image.id), words::member(app, member))
        .fact(words::status(inventory.status(row)));
    let said = match row.created_at() {
        Some(since) => said.quiet(format!("for {}", words::age(since, app.now))),
        None => said,
    };
    Some(said.marked(if marked { "marked" } else { "" }).details([format!("id {}", member.id)]))
}
