//! The Members view in plain mode: every member with its images, and the images of one.

use crate::tui::app::App;
use crate::tui::keys::Context;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::images::describe::filter;
use crate::tui::views::members::paint::unknown;
use crate::tui::views::members::{images_pane, paint};
use domain::{MemberIx, Row as Share};

/// The pane with the focus.
pub(crate) fn describe(app: &App, here: Context) -> Description<'_> {
    if here == Context::Reached {
        let of = app.workspace.member_table.reached.of;
        return Description {
            key: of.map(|ix| format!("{ix:?}")).unwrap_or_default(),
            nothing: of.map(|ix| images_pane::nothing(app, ix).0).unwrap_or_default(),
            found: how_many(app),
            ..Description::of_list(place_of_reached(app), reached(app))
        };
    }
    Description {
        short: "Members.",
        nothing: paint::nothing(app).0,
        listing: (choice(app), listing(app)),
        found: how_many(app),
        ..Description::of_list(PLACE, list(app))
    }
}

/// The name of the view, as announced.
pub(crate) const PLACE: &str = "View 2, members and the images they have access to.";

/// Whose images they are.
pub(crate) fn place_of_reached(app: &App) -> String {
    let member_table = &app.workspace.member_table;
    let Some(ix) = member_table.reached.of else { return "Images: no member is chosen.".into() };
    let (listed, all) = (member_table.reached.list.rows.len(), member_table.reach.held(ix).len());
    let images = match counted(all, "image") {
        images if listed == all => images,
        images => format!("{} of {images}", count(listed)),
    };
    let unknown = unknown(app).map(|unknown| format!(", {unknown}")).unwrap_or_default();
    let member = words::member(app, app.workspace.inventory.member(ix));
    format!("Images that {member} has access to: {images}{unknown}.")
}

/// Filter and sort order: the listing is announced when they change.
pub(crate) fn choice(app: &App) -> String {
    let it = &app.workspace.member_table;
    format!("{:?}", (it.filter.line(), it.only_marked, it.sort, it.reversed))
}

/// Number of listed members, filter, order, and unknown data.
pub(crate) fn listing(app: &App) -> String {
    let member_table = &app.workspace.member_table;
    let turned = if member_table.reversed { " the other way round" } else { "" };
    words::listed([
        how_many(app),
        filter(member_table.filter.line()),
        if member_table.only_marked { "only marked".into() } else { String::new() },
        format!("sorted by {}{turned}", member_table.sort.word()),
        if app.workspace.incomplete {
            "the list of images is incomplete".into()
        } else {
            String::new()
        },
        unknown(app).unwrap_or_default(),
    ]) + "."
}

/// Number of listed rows.
pub(crate) fn how_many(app: &App) -> String {
    let member_table = &app.workspace.member_table;
    if member_table.is_filtered() {
        format!(
            "{} of {}",
            count(member_table.list.rows.len()),
            counted(member_table.all, "member")
        )
    } else {
        counted(member_table.all, "member")
    }
}

/// The members.
pub(crate) fn list(app: &App) -> List<'_> {
    let member_table = &app.workspace.member_table;
    List::new(member_table.list.rows.len(), member_table.list.cursor.at, |at| {
        Some(row(app, *member_table.list.rows.get(at)?))
    })
}

fn row(app: &App, ix: MemberIx) -> Row {
    let member_table = &app.workspace.member_table;
    let (member, total) = (app.workspace.inventory.member(ix), member_table.reach.total(ix));
    let all = total.images as usize;
    let images = match member_table.passing(ix) {
        Some(passing) => format!("reaches {}, {passing} in view", counted(all, "image")),
        None => format!("reaches {}", counted(all, "image")),
    };
    let some = |number: u32, word: &str| match number {
        0 => String::new(),
        number => format!("{number} {word}"),
    };
    let doubtful = words::listed([
        some(total.pending, "pending"),
        some(total.rejected, "rejected"),
        some(total.other, "of another status"),
    ]);
    let statuses = if doubtful.is_empty() {
        "all accepted".to_owned()
    } else {
        words::listed([some(total.accepted, "accepted"), doubtful]) + ", all have access"
    };
    let row = Row::new(format!("{member:?}"), words::member(app, member)).fact(images);
    let row = if all == 0 { row } else { row.fact(statuses) };
    let row = match total.newest {
        Some(newest) => row.quiet(format!("newest for {}", words::age(newest, app.now))),
        None => row,
    };
    row.marked(words::marked(member_table.marked(ix), all)).details([format!("id {}", member.id)])
}

/// The images of the member under the cursor.
pub(crate) fn reached(app: &App) -> List<'_> {
    let reached = &app.workspace.member_table.reached;
    List::new(reached.list.rows.len(), reached.list.cursor.at, |at| {
        let (ix, of) = (*reached.list.rows.get(at)?, reached.of?);
        let inventory = &app.workspace.inventory;
        let (image, member) = (inventory.image(ix), inventory.member(of));
        let marked = app.workspace.marks.contains(&image.id, member);
        let share = inventory.row_of(ix, of);
        let status = share.map(|share| words::status(inventory.status(share)));
        let since = share.and_then(Share::created_at).map(|at| words::age(at, app.now));
        let row = Row::new(format!("{member:?} {}", image.id), app.workspace.label_of(ix));
        let row = row.fact(status.unwrap_or_default());
        let row = since.map_or(row.clone(), |since| row.quiet(format!("for {since}")));
        Some(row.marked(if marked { "marked" } else { "" }).details(words::image(image)))
    })
}
