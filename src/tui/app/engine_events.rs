//! Events of the engine into the model. Nothing is computed here that can wait until the next frame.

use std::collections::HashSet;

use crate::domain::{
    Failure, Image, ImageId, ImageIx, Member, MemberList, ProjectName, Share, Text,
};
use crate::engine::{Event, Reading, SessionId};
use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::log::capital;
use crate::tui::app::update::ask;
use crate::tui::app::workspace::Login;
use crate::tui::app::{App, Overlay, Progress};
use crate::tui::overlays::clouds;
use crate::tui::ui::filter_line;
use crate::tui::ui::text::counted;
use crate::tui::views::{history, jobs};

/// Something happened in the engine.
pub(crate) fn on_event(app: &mut App, event: Event) -> Vec<Effect> {
    match event {
        Event::Clouds { choices, default } => {
            return clouds::act::on_clouds(app, &choices, default);
        }
        Event::NoClouds(failure) => clouds::act::on_no_clouds(app, failure),
        Event::Started(operation) => app.jobs.add(*operation),
        Event::Step { operation, step } => return jobs::act::on_step(app, &operation, step),
        Event::Notice(failure)
        | Event::NotWritten { failure, .. }
        | Event::TaskFailed { failure, .. } => {
            app.log.fail(app.now, &failure);
        }
        Event::History { ticket, page } => history::act::on_page(app, ticket, page),
        Event::Filters(filters) => return filter_line::act::on_filters(app, filters),
        Event::Recalled(recalled) => history::act::on_recalled(app, recalled),
        event => return of_session(app, event),
    }
    vec![]
}

/// Into the workspace of its session, shown or not. What a closed session read is dropped; what became of its operations is
/// not.
fn of_session(app: &mut App, event: Event) -> Vec<Effect> {
    let Some(session) = event.session() else { return vec![] };
    if app.desk_of(session).is_none() {
        app.log.elsewhere = app.closed.get(&session).cloned();
        of_operations(app, event);
        app.log.elsewhere = None;
        return vec![];
    }
    let shown = session == app.workspace.session;
    let act = |app: &mut App| in_session(app, event, shown);
    app.at_workspace(|workspace| workspace.session == session, act).unwrap_or_default()
}

fn in_session(app: &mut App, event: Event, shown: bool) -> Vec<Effect> {
    match event {
        // Of a reading that was replaced: it says nothing of the one that goes on.
        Event::Listed { reading, .. }
        | Event::Progress { reading, .. }
        | Event::ReadEnded { reading, .. }
            if reading != app.workspace.reading_id => {}
        Event::NotOpen { failure, .. } => app.log.fail(app.now, &failure),
        Event::Opened { scope, limits, .. } => return clouds::act::on_opened(app, scope, limits),
        Event::NotOpened { failure, asks, .. } => {
            clouds::act::on_not_opened(app, failure, asks, shown);
        }
        Event::SessionEnded { failure, .. } => app.workspace.login = Login::Ended(failure),
        Event::Projects { projects, .. } => clouds::act::on_projects(app, projects),
        Event::Images { images, .. } => on_images(app, images),
        Event::Listed { present, failures, .. } => on_listed(app, present, &failures),
        Event::Members { image, reading, .. } => on_members(app, &image, reading),
        Event::Progress { read, of, .. } => {
            // Members that are read again after the end are no reading of everything.
            app.workspace.reading = app.workspace.reading.map(|_| Progress { read, of });
        }
        Event::Notices { notices, .. } => {
            for notice in notices {
                app.log.note(app.now, Level::Info, &format!("{notice}."));
            }
        }
        Event::ReadEnded { .. } => on_read_ended(app),
        Event::Names { names, .. } => on_names(app, names),
        event => of_operations(app, event),
    }
    vec![]
}

/// Operations outlive the session that started them, and so do their events.
fn of_operations(app: &mut App, event: Event) {
    match event {
        Event::NotStarted { failure, .. } => app.log.fail(app.now, &failure),
        Event::Resuming { operations, failures, .. } => {
            jobs::act::on_resuming(app, operations, &failures);
        }
        Event::Verifying { operation, read, of, .. } => {
            history::act::on_verifying(app, operation, read, of);
        }
        Event::Verified { operation, at, shares, .. } => {
            history::act::on_verified(app, &operation, at, shares);
        }
        _ => {}
    }
}

/// Names that arrive change what is listed only where a filter asks for members.
fn on_names(app: &mut App, names: Vec<ProjectName>) {
    if names.is_empty() {
        return;
    }
    for name in names {
        app.names.put(name);
    }
    app.workspace.images.changed();
    app.workspace.by_member.changed();
    app.workspace.matrix.changed();
    for workspace in &mut app.background {
        workspace.images.changed();
        workspace.by_member.changed();
        workspace.matrix.changed();
    }
}

fn on_images(app: &mut App, images: Vec<Image>) {
    for image in images {
        let ix = app.workspace.inventory.put_image(image);
        app.workspace.images.image_changed(ix, &app.workspace.inventory);
    }
}

/// Images that were not listed are gone, if the list is complete.
fn on_listed(app: &mut App, present: Option<Vec<ImageId>>, failures: &[Failure]) {
    for failure in failures {
        app.log.fail(app.now, failure);
    }
    app.workspace.incomplete = present.is_none();
    let Some(present) = present else { return };
    let present: HashSet<ImageIx> =
        present.iter().filter_map(|id| app.workspace.inventory.find(id)).collect();
    let all = app.workspace.inventory.images().map(|(ix, _)| ix);
    let gone: Vec<ImageIx> = all.filter(|ix| !present.contains(ix)).collect();
    remove(app, &gone);
}

/// An image is not found any more. Its marks go with it, which is no news of who has access.
fn lose(app: &mut App, ix: ImageIx) {
    let label = app.workspace.inventory.image(ix).label();
    let before = app.workspace.vanished;
    remove(app, &[ix]);
    let marks = std::mem::replace(&mut app.workspace.vanished, before) - before;
    let went = format!(
        "{label} is not found any more: it was deleted, or belongs to another project now."
    );
    if marks == 0 {
        app.log.note(app.now, Level::Warning, &went);
    } else {
        let marks = counted(marks, "mark");
        let text = format!("{went} {marks} of it went away; who has access to it is not known.");
        app.log.say(app.now, Level::Warning, text);
    }
}

fn remove(app: &mut App, gone: &[ImageIx]) {
    let mut marked = Vec::new();
    for ix in gone {
        marked.extend(marks_of(app, &app.workspace.inventory.image(*ix).id));
    }
    drop_marks(app, &marked);
    for ix in gone {
        app.workspace.inventory.remove_image(*ix);
        app.workspace.unreadable.remove(ix);
    }
    if !gone.is_empty() {
        app.workspace.images.changed();
    }
}

/// The marked shares of an image.
fn marks_of(app: &App, image: &ImageId) -> Vec<Share> {
    let members = app.workspace.marks.of_image(image);
    members.map(|member| Share { image: image.clone(), member: member.clone() }).collect()
}

fn on_members(app: &mut App, image: &ImageId, reading: Reading) {
    let Some(ix) = app.workspace.inventory.find(image) else { return };
    app.workspace.unreadable.remove(&ix);
    match reading {
        Reading::Members(members) => {
            app.workspace.inventory.put_members(ix, members);
            drop_vanished(app, ix, image);
        }
        Reading::DoNotApply => app.workspace.inventory.put_list(ix, MemberList::DoNotApply),
        Reading::NotFound => return lose(app, ix),
        Reading::Failed(failure) => {
            app.log.note(app.now, Level::Error, &capital(&failure.to_string()));
            app.workspace.unreadable.insert(ix);
            app.workspace.inventory.put_list(ix, MemberList::Failed(why(&failure)));
        }
    }
    app.members_changed(ix);
    if app.workspace.reading.is_none() {
        say_vanished(app);
    }
}

/// The reason alone: what was being done is said where it is shown.
fn why(failure: &Failure) -> Text {
    match &failure.hint {
        Some(hint) => format!("{}; {hint}", failure.why).into(),
        None => failure.why.clone(),
    }
}

/// Marks of shares that are not there any more go, and are counted for a notice.
fn drop_vanished(app: &mut App, ix: ImageIx, image: &ImageId) {
    if app.workspace.marks.count_of(image) == 0 {
        return;
    }
    let rows = app.workspace.inventory.rows(ix);
    let there: HashSet<&Member> =
        rows.iter().map(|row| app.workspace.inventory.member(row.member)).collect();
    let mut gone = marks_of(app, image);
    gone.retain(|share| !there.contains(&share.member));
    drop_marks(app, &gone);
}

/// The marks of a running operation are settled by its receipt, not by a reading on the side.
fn drop_marks(app: &mut App, shares: &[Share]) {
    let running = app.running_here();
    let shares: Vec<&Share> = shares.iter().filter(|share| !running.names(share)).collect();
    for share in &shares {
        app.workspace.vanished += usize::from(app.workspace.marks.remove(share));
    }
    if !shares.is_empty() {
        app.marks_changed();
    }
}

fn on_read_ended(app: &mut App) {
    app.workspace.reading = None;
    app.workspace.read_at = Some(app.now);
    say_vanished(app);
}

fn say_vanished(app: &mut App) {
    match std::mem::take(&mut app.workspace.vanished) {
        0 => {}
        count => {
            let text =
                format!("{} went away: the shares are no longer there.", counted(count, "mark"));
            app.log.say(app.now, Level::Warning, text);
        }
    }
}

/// The engine ended: nothing will be answered any more.
pub(crate) fn on_gone(app: &mut App) -> Vec<Effect> {
    let failure = Failure::new("go on", "the part of the program that talks to clouds has ended")
        .with_hint("quit and start again");
    app.log.fail(app.now, &failure);
    app.history.verifying = None;
    app.every_desk().for_each(|workspace| workspace.reading = None);
    if matches!(app.overlay, Overlay::Planning { .. }) {
        app.overlay = Overlay::None;
    }
    vec![]
}

/// Reads the members of images again.
pub(crate) fn reread(session: SessionId, images: Vec<ImageId>) -> Vec<Effect> {
    if images.is_empty() { vec![] } else { ask(crate::engine::Command::Reread { session, images }) }
}
