//! Events of the engine into the model. Nothing is computed here that can wait until the next frame.

use std::collections::HashSet;

use super::{ask, clouds, filter_line, history, jobs};
use crate::domain::{
    Failure, Image, ImageId, ImageIx, Member, MemberList, ProjectName, Share, Text,
};
use crate::engine::{Event, Reading, SessionId};
use crate::tui::Effect;
use crate::tui::model::log::capital;
use crate::tui::model::{Level, Login, Model, Overlay, Progress};
use crate::tui::view::cells::counted;

/// Something happened in the engine.
pub(super) fn on_event(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Clouds { choices, default } => return clouds::on_clouds(model, &choices, default),
        Event::NoClouds(failure) => clouds::on_no_clouds(model, failure),
        Event::Started(operation) => model.jobs.add(*operation),
        Event::Step { operation, step } => return jobs::on_step(model, &operation, step),
        Event::Notice(failure)
        | Event::NotWritten { failure, .. }
        | Event::TaskFailed { failure, .. } => {
            model.log.fail(model.now, &failure);
        }
        Event::History { ticket, page } => history::on_page(model, ticket, page),
        Event::Filters(filters) => return filter_line::on_filters(model, filters),
        Event::Recalled(recalled) => history::on_recalled(model, recalled),
        event => return of_session(model, event),
    }
    vec![]
}

/// Into the workspace of its session, shown or not. What a closed session read is dropped; what became of its operations is
/// not.
fn of_session(model: &mut Model, event: Event) -> Vec<Effect> {
    let Some(session) = event.session() else { return vec![] };
    if model.desk_of(session).is_none() {
        model.log.elsewhere = model.closed.get(&session).cloned();
        of_operations(model, event);
        model.log.elsewhere = None;
        return vec![];
    }
    let shown = session == model.workspace.session;
    let act = |model: &mut Model| in_session(model, event, shown);
    model.at_workspace(|workspace| workspace.session == session, act).unwrap_or_default()
}

fn in_session(model: &mut Model, event: Event, shown: bool) -> Vec<Effect> {
    match event {
        // Of a reading that was replaced: it says nothing of the one that goes on.
        Event::Listed { reading, .. }
        | Event::Progress { reading, .. }
        | Event::ReadEnded { reading, .. }
            if reading != model.workspace.reading_id => {}
        Event::NotOpen { failure, .. } => model.log.fail(model.now, &failure),
        Event::Opened { scope, limits, .. } => return clouds::on_opened(model, scope, limits),
        Event::NotOpened { failure, asks, .. } => {
            clouds::on_not_opened(model, failure, asks, shown);
        }
        Event::SessionEnded { failure, .. } => model.workspace.login = Login::Ended(failure),
        Event::Projects { projects, .. } => clouds::on_projects(model, projects),
        Event::Images { images, .. } => on_images(model, images),
        Event::Listed { present, failures, .. } => on_listed(model, present, &failures),
        Event::Members { image, reading, .. } => on_members(model, &image, reading),
        Event::Progress { read, of, .. } => {
            // Members that are read again after the end are no reading of everything.
            model.workspace.reading = model.workspace.reading.map(|_| Progress { read, of });
        }
        Event::Notices { notices, .. } => {
            for notice in notices {
                model.log.note(model.now, Level::Info, &format!("{notice}."));
            }
        }
        Event::ReadEnded { .. } => on_read_ended(model),
        Event::Names { names, .. } => on_names(model, names),
        event => of_operations(model, event),
    }
    vec![]
}

/// Operations outlive the session that started them, and so do their events.
fn of_operations(model: &mut Model, event: Event) {
    match event {
        Event::NotStarted { failure, .. } => model.log.fail(model.now, &failure),
        Event::Resuming { operations, failures, .. } => {
            jobs::on_resuming(model, operations, &failures);
        }
        Event::Verifying { operation, read, of, .. } => {
            history::on_verifying(model, operation, read, of);
        }
        Event::Verified { operation, at, shares, .. } => {
            history::on_verified(model, &operation, at, shares);
        }
        _ => {}
    }
}

/// Names that arrive change what is listed only where a filter asks for members.
fn on_names(model: &mut Model, names: Vec<ProjectName>) {
    if names.is_empty() {
        return;
    }
    for name in names {
        model.names.put(name);
    }
    model.workspace.images.changed();
    model.workspace.by_member.changed();
    model.workspace.matrix.changed();
    for workspace in &mut model.background {
        workspace.images.changed();
        workspace.by_member.changed();
        workspace.matrix.changed();
    }
}

fn on_images(model: &mut Model, images: Vec<Image>) {
    for image in images {
        let ix = model.workspace.inventory.put_image(image);
        model.workspace.images.image_changed(ix, &model.workspace.inventory);
    }
}

/// Images that were not listed are gone, if the list is complete.
fn on_listed(model: &mut Model, present: Option<Vec<ImageId>>, failures: &[Failure]) {
    for failure in failures {
        model.log.fail(model.now, failure);
    }
    model.workspace.incomplete = present.is_none();
    let Some(present) = present else { return };
    let present: HashSet<ImageIx> =
        present.iter().filter_map(|id| model.workspace.inventory.find(id)).collect();
    let all = model.workspace.inventory.images().map(|(ix, _)| ix);
    let gone: Vec<ImageIx> = all.filter(|ix| !present.contains(ix)).collect();
    remove(model, &gone);
}

/// An image is not found any more. Its marks go with it, which is no news of who has access.
fn lose(model: &mut Model, ix: ImageIx) {
    let label = model.workspace.inventory.image(ix).label();
    let before = model.workspace.vanished;
    remove(model, &[ix]);
    let marks = std::mem::replace(&mut model.workspace.vanished, before) - before;
    let went = format!(
        "{label} is not found any more: it was deleted, or belongs to another project now."
    );
    if marks == 0 {
        model.log.note(model.now, Level::Warning, &went);
    } else {
        let marks = counted(marks, "mark");
        let text = format!("{went} {marks} of it went away; who has access to it is not known.");
        model.log.say(model.now, Level::Warning, text);
    }
}

fn remove(model: &mut Model, gone: &[ImageIx]) {
    let mut marked = Vec::new();
    for ix in gone {
        marked.extend(marks_of(model, &model.workspace.inventory.image(*ix).id));
    }
    drop_marks(model, &marked);
    for ix in gone {
        model.workspace.inventory.remove_image(*ix);
        model.workspace.unreadable.remove(ix);
    }
    if !gone.is_empty() {
        model.workspace.images.changed();
    }
}

/// The marked shares of an image.
fn marks_of(model: &Model, image: &ImageId) -> Vec<Share> {
    let members = model.workspace.marks.of_image(image);
    members.map(|member| Share { image: image.clone(), member: member.clone() }).collect()
}

fn on_members(model: &mut Model, image: &ImageId, reading: Reading) {
    let Some(ix) = model.workspace.inventory.find(image) else { return };
    model.workspace.unreadable.remove(&ix);
    match reading {
        Reading::Members(members) => {
            model.workspace.inventory.put_members(ix, members);
            drop_vanished(model, ix, image);
        }
        Reading::DoNotApply => model.workspace.inventory.put_list(ix, MemberList::DoNotApply),
        Reading::NotFound => return lose(model, ix),
        Reading::Failed(failure) => {
            model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
            model.workspace.unreadable.insert(ix);
            model.workspace.inventory.put_list(ix, MemberList::Failed(why(&failure)));
        }
    }
    model.members_changed(ix);
    if model.workspace.reading.is_none() {
        say_vanished(model);
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
fn drop_vanished(model: &mut Model, ix: ImageIx, image: &ImageId) {
    if model.workspace.marks.count_of(image) == 0 {
        return;
    }
    let rows = model.workspace.inventory.rows(ix);
    let there: HashSet<&Member> =
        rows.iter().map(|row| model.workspace.inventory.member(row.member)).collect();
    let mut gone = marks_of(model, image);
    gone.retain(|share| !there.contains(&share.member));
    drop_marks(model, &gone);
}

/// The marks of a running operation are settled by its receipt, not by a reading on the side.
fn drop_marks(model: &mut Model, shares: &[Share]) {
    let running = model.running_here();
    let shares: Vec<&Share> = shares.iter().filter(|share| !running.names(share)).collect();
    for share in &shares {
        model.workspace.vanished += usize::from(model.workspace.marks.remove(share));
    }
    if !shares.is_empty() {
        model.marks_changed();
    }
}

fn on_read_ended(model: &mut Model) {
    model.workspace.reading = None;
    model.workspace.read_at = Some(model.now);
    say_vanished(model);
}

fn say_vanished(model: &mut Model) {
    match std::mem::take(&mut model.workspace.vanished) {
        0 => {}
        count => {
            let text =
                format!("{} went away: the shares are no longer there.", counted(count, "mark"));
            model.log.say(model.now, Level::Warning, text);
        }
    }
}

/// The engine ended: nothing will be answered any more.
pub(super) fn on_gone(model: &mut Model) -> Vec<Effect> {
    let failure = Failure::new("go on", "the part of the program that talks to clouds has ended")
        .with_hint("quit and start again");
    model.log.fail(model.now, &failure);
    model.history.verifying = None;
    model.every_desk().for_each(|workspace| workspace.reading = None);
    if matches!(model.overlay, Overlay::Planning { .. }) {
        model.overlay = Overlay::None;
    }
    vec![]
}

/// Reads the members of images again.
pub(super) fn reread(session: SessionId, images: Vec<ImageId>) -> Vec<Effect> {
    if images.is_empty() { vec![] } else { ask(crate::engine::Command::Reread { session, images }) }
}
