//! All places of an audit at the same time, each in a session of its own on one engine. None waits for another that
//! says nothing.

use std::collections::HashSet;

use tokio::time::{Instant, sleep_until};

mod codes;
mod names;
mod regions;
mod said;
mod turns;

use super::AuditArgs;
use super::scope_audit::{End, SILENT, ScopeAudit, Stage};
use super::targets::AuditTarget;
use crate::cli::exit::Stop;
use crate::cli::names::Names;
use crate::cli::output::Narrator;
use crate::cli::session::{self, Interrupts};
use crate::domain::{Failure, Scope};
use crate::engine::{Command, Event, Handle, SessionId, Wanted};

pub(super) struct Round<'a> {
    engine: Handle,
    interrupts: Interrupts,
    narrator: Narrator,
    args: &'a AuditArgs,
    names: &'a Names,
    visits: Vec<ScopeAudit>,
    /// Sessions whose names are being looked up.
    unnamed: HashSet<SessionId>,
    /// Sessions that have ended, and what was found depends on names.
    untold: Vec<SessionId>,
    /// The id of the last session.
    sessions: u32,
    /// How many logins were opened by one-time codes.
    by_code: usize,
    /// Clouds a login to which has worked.
    proven: HashSet<Option<String>>,
    /// Clouds whose catalog was compared with the configuration.
    compared: HashSet<Option<String>>,
    /// Notices are told once, not for every place.
    said: HashSet<String>,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        engine: Handle,
        targets: Vec<AuditTarget>,
        args: &'a AuditArgs,
        names: &'a Names,
    ) -> Result<Self, Failure> {
        Ok(Self {
            engine,
            interrupts: Interrupts::listen()?,
            narrator: Narrator::default(),
            args,
            names,
            visits: targets.into_iter().map(|asked| ScopeAudit::new(asked, names)).collect(),
            unnamed: HashSet::new(),
            untold: Vec::new(),
            sessions: 0,
            by_code: 0,
            proven: HashSet::new(),
            compared: HashSet::new(),
            said: HashSet::new(),
        })
    }

    /// Goes everywhere, and gives back every place in the order asked for, each of them ended.
    pub(super) async fn run(mut self) -> Result<Vec<ScopeAudit>, Stop> {
        self.set_out();
        let mut beat = Instant::now() + SILENT;
        while !self.visits.iter().all(ScopeAudit::has_ended) {
            let waits = self.visits.iter().any(|visit| visit.is_waiting() || visit.wants_code());
            let mut moved = tokio::select! {
                event = session::next(&mut self.engine, &mut self.interrupts) => self.take(event?),
                () = sleep_until(beat), if waits => {
                    beat = Instant::now() + SILENT;
                    true
                }
            };
            while let Some(at) = self.next_to_ask() {
                self.ask_code(at).await?;
                moved = true;
            }
            if moved {
                self.set_out();
            }
            self.tell_progress();
        }
        self.wait_for_names().await?;
        self.narrator.end_progress();
        session::close(self.engine, self.interrupts).await;
        Ok(self.visits)
    }

    /// True when something else may begin now.
    fn take(&mut self, event: Event) -> bool {
        if let Event::Notice(failure) = event {
            self.say_once(failure.to_string());
            return false;
        }
        let of = |session| self.visits.iter().position(|visit| visit.work.session == session);
        let Some(at) = event.session().and_then(of) else { return false };
        match event {
            Event::Opened { scope, .. } => self.opened(at, scope),
            Event::NotOpened { failure, asks: Some(asks), .. } => {
                self.wants_code(at, asks, failure);
            }
            Event::NotOpen { .. } if self.visits[at].has_ended() => return false,
            Event::NotOpened { failure, .. } | Event::NotOpen { failure, .. } => {
                self.end(at, End::Closed(failure));
            }
            Event::Regions { regions, .. } => self.told_regions(at, &regions),
            Event::Names { session, names, complete } => {
                self.visits[at].work.names.learn(names);
                if complete {
                    self.unnamed.remove(&session);
                }
                return false;
            }
            event => {
                if !self.visits[at].take(event) {
                    return false;
                }
                self.read(at);
            }
        }
        true
    }

    fn opened(&mut self, at: usize, scope: Scope) {
        let (session, asked) = (self.visits[at].work.session, self.visits[at].asked.clone());
        self.proven.insert(asked.cloud.clone());
        self.try_by_that_code(at);
        if asked.every_region {
            self.visits[at].scope = Some(scope);
            self.visits[at].go_on(session, Stage::Asking);
            return self.engine.ask(Command::ListRegions(session));
        }
        if self.args.all_regions && self.compared.insert(asked.cloud) {
            self.engine.ask(Command::ListRegions(session));
        }
        self.arrived(at, scope);
    }

    /// Begins to read, unless that is done already under another name.
    fn arrived(&mut self, at: usize, scope: Scope) {
        if !scope.tls_verified {
            let place = if self.visits.len() > 1 { &*scope.cloud } else { "this cloud" };
            self.say_once(format!(
                "TLS verification is off for {}",
                crate::domain::text::clean(place)
            ));
        }
        let same = |visit: &ScopeAudit| {
            let same = visit.scope.as_ref().is_some_and(|there| there.sees_the_same(&scope));
            same && !matches!(visit.work.stage, Stage::Asking | Stage::Ended(End::ReadElsewhere))
        };
        let twin = (0..self.visits.len()).find(|other| *other != at && same(&self.visits[*other]));
        self.visits[at].scope = Some(scope);
        let session = self.visits[at].work.session;
        if let Some(twin) = twin {
            self.engine.ask(Command::Close(session));
            self.unite(at, twin);
        } else {
            self.visits[at].go_on(session, Stage::Listing);
            let reading = self.visits[at].work.reading.id;
            self.engine.ask(Command::Read { session, reading, wanted: self.wanted() });
            self.unnamed.insert(session);
            self.engine.ask(Command::LookUpNames(session));
        }
    }

    /// What is read at `twin` is reported under the name that was asked for first.
    fn unite(&mut self, at: usize, twin: usize) {
        let (first, second) = (at.min(twin), at.max(twin));
        if first == at {
            let (before, after) = self.visits.split_at_mut(second);
            std::mem::swap(&mut before[first].work, &mut after[0].work);
        }
        self.visits[second].work.stage = Stage::Ended(End::ReadElsewhere);
        let (first, second) = (self.visits[first].place(), self.visits[second].place());
        self.narrator.say(format_args!(
            "{second} is {first} under another name (the same image service, project and user): read once"
        ));
    }

    fn wanted(&self) -> Wanted {
        match (self.args.received, self.args.image.is_empty()) {
            (received, true) => Wanted::All { received },
            (true, false) => Wanted::All { received: true },
            (false, false) => Wanted::ImagesOnly,
        }
    }

    /// The lists were read, or the members of the images that were named.
    fn read(&mut self, at: usize) {
        let listing = matches!(self.visits[at].work.stage, Stage::Listing);
        if listing && !self.args.image.is_empty() {
            let images = self.visits[at].choose(&self.args.image);
            self.tell_twins(at);
            if !images.is_empty() {
                let session = self.visits[at].work.session;
                self.visits[at].go_on(session, Stage::Members);
                return self.engine.ask(Command::Reread { session, images });
            }
        }
        self.end(at, End::Read);
    }

    fn end(&mut self, at: usize, end: End) {
        self.visits[at].work.stage = Stage::Ended(end);
        let visit = &self.visits[at];
        self.engine.ask(Command::Close(visit.work.session));
        if let others @ 1.. = visit.others(self.args) {
            self.narrator.say(format_args!(
                "{}: {others} images that an administrator sees belong to other projects and are not shared with this \
                 one: left out",
                visit.place()
            ));
        }
        if let vanished @ 1.. = visit.work.reading.vanished {
            self.narrator.say(format_args!(
                "{}: left out, because they went while members were read (deleted, or to another project): {vanished} \
                 of the images",
                visit.place(),
            ));
        }
        for notice in &visit.work.reading.notices {
            self.narrator.say(format_args!("{}: {notice}", visit.place()));
        }
        let session = visit.work.session;
        if self.visits.len() < 2 {
            return;
        }
        if !self.args.project.is_empty() && self.unnamed.contains(&session) {
            return self.untold.push(session);
        }
        if let Some(scope) = visit.report(self.args) {
            self.narrator.say(scope.summary());
        }
    }
}
