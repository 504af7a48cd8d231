//! Applies events of the engine. Nothing is computed here that can wait until the next frame.

use std::collections::HashSet;

use crate::tui::Effect;
use crate::tui::app::Running;
use crate::tui::app::log::Level;
use crate::tui::app::log::{Log, capital};
use crate::tui::app::update::ask;
use crate::tui::app::workspace::Login;
use crate::tui::app::workspace::Workspace;
use crate::tui::app::{App, Progress};
use crate::tui::overlays::clouds;
use crate::tui::overlays::plan::planning::Planning;
use crate::tui::ui::filter_line;
use crate::tui::ui::text::counted;
use crate::tui::views::jobs::state::Jobs;
use crate::tui::views::{history, jobs};
use domain::{Failure, Image, ImageId, ImageIx, Member, MemberList, ProjectName, Share, Text};
use domain::{Moment, Operation};
use engine::{Event, Reading, SessionId};

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
        | Event::NotRecorded { failure, .. }
        | Event::TaskFailed { failure, .. } => {
            app.log.fail(app.now, &failure);
        }
        Event::History { ticket, page } => history::act::on_page(app, ticket, page),
        Event::Filters(filters) => return filter_line::act::on_filters(app, filters),
        Event::OperationFound(recalled) => history::act::on_recalled(app, recalled),
        event => return of_session(app, event),
    }
    vec![]
}

/// Into the workspace of its session, shown or not. What a closed session read is dropped; what became of its operations is
/// not.
fn of_session(app: &mut App, event: Event) -> Vec<Effect> {
    let Some(session) = event.session() else { return vec![] };
    let scope = match app.workspace_of(session) {
        Some(_) if session == app.workspace.session => None,
        Some(workspace) => Some(workspace.label()),
        None => app.closed.get(&session).cloned(),
    };
    app.log.elsewhere = scope;
    let effects = in_session(app, session, event);
    app.log.elsewhere = None;
    effects
}

/// One scope, shown or not, and what is said of it.
struct InScope<'a> {
    workspace: &'a mut Workspace,
    log: &'a mut Log,
    jobs: &'a Jobs,
    now: Moment,
}

fn in_session(app: &mut App, session: SessionId, event: Event) -> Vec<Effect> {
    let App { workspace, background, log, jobs, now, .. } = app;
    let mut all = std::iter::once(workspace).chain(background);
    let Some(workspace) = all.find(|workspace| workspace.session == session) else {
        of_operations(app, event);
        return vec![];
    };
    let mut here = InScope { workspace, log, jobs, now: *now };
    match event {
        // Of a reading that was replaced: it says nothing of the one that goes on.
        Event::Listed { reading, .. }
        | Event::Progress { reading, .. }
        | Event::ReadEnded { reading, .. }
            if reading != here.workspace.reading_id => {}
        Event::NotOpen { failure, .. } => here.log.fail(here.now, &failure),
        Event::Opened { scope, limits, .. } => {
            return clouds::act::on_opened(app, session, scope, limits);
        }
        Event::NotOpened { failure, missing, .. } => {
            clouds::act::on_not_opened(app, session, failure, missing);
        }
        Event::SessionEnded { failure, .. } => here.workspace.login = Login::Ended(failure),
        Event::Projects { projects, .. } => clouds::picker::on_projects(app, session, projects),
        Event::Images { images, .. } => here.on_images(images),
        Event::Listed { present, failures, .. } => here.on_listed(present, &failures),
        Event::Members { image, reading, .. } => here.on_members(&image, reading),
        Event::Progress { read, of, .. } => {
            // Members that are read again after the end are no reading of everything.
            let reading = &mut here.workspace.reading;
            *reading = reading.map(|_| Progress { read, of });
        }
        Event::Notices { notices, .. } => {
            for notice in notices {
                here.log.note(here.now, Level::Info, &format!("{notice}."));
            }
        }
        Event::ReadEnded { .. } => here.on_read_ended(),
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
    for workspace in app.every_workspace() {
        workspace.images.changed();
        workspace.member_table.changed();
        workspace.matrix.changed();
    }
}

impl InScope<'_> {
    fn on_images(&mut self, images: Vec<Image>) {
        for image in images {
            let ix = self.workspace.inventory.put_image(image);
            self.workspace.images.image_changed(ix, &self.workspace.inventory);
        }
    }

    /// Images that were not listed are gone, if the list is complete.
    fn on_listed(&mut self, present: Option<Vec<ImageId>>, failures: &[Failure]) {
        for failure in failures {
            self.log.fail(self.now, failure);
        }
        self.workspace.incomplete = present.is_none();
        let Some(present) = present else { return };
        let present: HashSet<ImageIx> =
            present.iter().filter_map(|id| self.workspace.inventory.find(id)).collect();
        let all = self.workspace.inventory.images().map(|(ix, _)| ix);
        let gone: Vec<ImageIx> = all.filter(|ix| !present.contains(ix)).collect();
        self.remove(&gone);
    }

    /// An image is not found any more. Its marks are dropped; that says nothing about who has access.
    fn lose(&mut self, ix: ImageIx) {
        let label = self.workspace.inventory.image(ix).label();
        let before = self.workspace.vanished;
        self.remove(&[ix]);
        let marks = std::mem::replace(&mut self.workspace.vanished, before) - before;
        let went = format!(
            "{label} is not found any more: it was deleted, or belongs to another project now."
        );
        if marks == 0 {
            self.log.note(self.now, Level::Warning, &went);
        } else {
            let marks = counted(marks, "mark");
            let text =
                format!("{went} {marks} of it went away; who has access to it is not known.");
            self.log.say(self.now, Level::Warning, text);
        }
    }

    fn remove(&mut self, gone: &[ImageIx]) {
        let mut marked = Vec::new();
        for ix in gone {
            marked.extend(marks_of(self.workspace, &self.workspace.inventory.image(*ix).id));
        }
        self.drop_marks(&marked);
        for ix in gone {
            self.workspace.inventory.remove_image(*ix);
            self.workspace.unreadable.remove(ix);
        }
        if !gone.is_empty() {
            self.workspace.images.changed();
        }
    }

    fn on_members(&mut self, image: &ImageId, reading: Reading) {
        let Some(ix) = self.workspace.inventory.find(image) else { return };
        self.workspace.unreadable.remove(&ix);
        match reading {
            Reading::Members(members) => {
                self.workspace.inventory.put_members(ix, members);
                self.drop_vanished(ix, image);
            }
            Reading::DoNotApply => self.workspace.inventory.put_list(ix, MemberList::DoNotApply),
            Reading::NotFound => return self.lose(ix),
            Reading::Failed(failure) => {
                self.log.note(self.now, Level::Error, &capital(&failure.to_string()));
                self.workspace.unreadable.insert(ix);
                self.workspace.inventory.put_list(ix, MemberList::Failed(why(&failure)));
            }
        }
        self.workspace.members_changed(ix);
        if self.workspace.reading.is_none() {
            self.say_vanished();
        }
    }

    /// Marks of shares that are not there any more go, and are counted for a notice.
    fn drop_vanished(&mut self, ix: ImageIx, image: &ImageId) {
        if self.workspace.marks.count_of(image) == 0 {
            return;
        }
        let rows = self.workspace.inventory.rows(ix);
        let there: HashSet<&Member> =
            rows.iter().map(|row| self.workspace.inventory.member(row.member)).collect();
        let mut gone = marks_of(self.workspace, image);
        gone.retain(|share| !there.contains(&share.member));
        self.drop_marks(&gone);
    }

    /// The marks of a running operation are settled by its receipt, not by a reading on the side.
    fn drop_marks(&mut self, shares: &[Share]) {
        let running = self.running();
        let shares: Vec<&Share> = shares.iter().filter(|share| !running.names(share)).collect();
        for share in &shares {
            self.workspace.vanished += usize::from(self.workspace.marks.remove(share));
        }
        if !shares.is_empty() {
            self.workspace.marks_changed();
        }
    }

    fn on_read_ended(&mut self) {
        self.workspace.reading = None;
        self.workspace.read_at = Some(self.now);
        self.say_vanished();
    }

    fn say_vanished(&mut self) {
        match std::mem::take(&mut self.workspace.vanished) {
            0 => {}
            count => {
                let text =
                    format!("{} removed: the shares no longer exist.", counted(count, "mark"));
                self.log.say(self.now, Level::Warning, text);
            }
        }
    }

    /// The operations here that have no receipt yet.
    fn running(&self) -> Running<'_> {
        let scope = self.workspace.scope();
        let here = |it: &&Operation| scope.is_some_and(|own| own.is_same_scope(&it.scope));
        Running::new(self.jobs.open().filter(here))
    }
}

/// Only the reason: the place where it is shown says what was being done.
fn why(failure: &Failure) -> Text {
    match &failure.hint {
        Some(hint) => format!("{}; {hint}", failure.why).into(),
        None => failure.why.clone(),
    }
}

/// The marked shares of an image.
fn marks_of(workspace: &Workspace, image: &ImageId) -> Vec<Share> {
    let members = workspace.marks.of_image(image);
    members.map(|member| Share { image: image.clone(), member: member.clone() }).collect()
}

/// The engine ended: nothing will be answered any more.
pub(crate) fn on_gone(app: &mut App) -> Vec<Effect> {
    let failure = Failure::new("go on", "the part of the program that talks to clouds has ended")
        .with_hint("quit and start again");
    app.log.fail(app.now, &failure);
    app.history.verifying = None;
    app.every_workspace().for_each(|workspace| workspace.reading = None);
    if app.dialog::<Planning>().is_some() {
        app.overlay = None;
    }
    vec![]
}

/// Reads the members of images again.
pub(crate) fn reread(session: SessionId, images: Vec<ImageId>) -> Vec<Effect> {
    if images.is_empty() { vec![] } else { ask(engine::Command::Reread { session, images }) }
}
