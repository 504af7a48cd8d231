//! One login for one command, and its progress on stderr.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::timeout;

use super::exit::Stop;
use super::output::Narrator;
use super::passcode::Prompts;
use super::reading::Reading;
use domain::operation::Comparison;
use domain::{Confirmed, Failure, ImageIx, Limits, Moment, Operation, ProjectName, Scope};
use engine::{
    self, Engine, MissingCredential, NamesEvent, Reads, Refused, Running, Target, TaskEvents,
    VerifyEvent, Wanted,
};

/// How long names of projects are waited for that nothing depends on, when all else is there.
pub(super) const NAMES: Duration = Duration::from_secs(2);

/// A session that is open.
#[derive(Debug)]
pub struct Session {
    login: engine::Session,
    /// Writes to stderr.
    pub narrator: Narrator,
    /// The last reading, for members that are read later.
    reads: Option<Reads>,
    names: Option<TaskEvents<NamesEvent>>,
}

impl Session {
    /// Logs in. Prompts for what the login lacks.
    pub async fn open(engine: &Engine, mut target: Target) -> Result<Self, Stop> {
        let (mut narrator, mut prompts) = (Narrator::default(), Prompts::default());
        for warning in engine.warnings(&target).await {
            narrator.say(warning);
        }
        loop {
            let Refused { failure, missing, remarks } = match engine.open(target.clone()).await {
                Ok(session) => {
                    for remark in session.remarks() {
                        narrator.say(remark);
                    }
                    if !session.scope().tls_verified {
                        narrator.say("TLS verification is off for this cloud");
                    }
                    return Ok(Self { login: session, narrator, reads: None, names: None });
                }
                Err(refused) => refused,
            };
            for remark in remarks {
                narrator.say(remark);
            }
            let Some(missing) =
                missing.filter(|missing| prompts.may_ask_for(*missing, target.secret.is_some()))
            else {
                return Err(failure.into());
            };
            let sent = match missing {
                MissingCredential::Passcode => &mut target.passcode,
                MissingCredential::Secret(_) => &mut target.secret,
            };
            narrator.end_progress();
            if sent.is_some() {
                narrator.say(&failure);
            }
            let given = prompts.ask(missing, target.cloud.as_deref()).await?;
            *sent = Some(given.ok_or(failure)?);
        }
    }

    /// Where it is.
    pub fn scope(&self) -> &Scope {
        self.login.scope()
    }

    /// What one request may name.
    pub fn limits(&self) -> Limits {
        self.login.limits()
    }

    /// Looks names of projects up from now on, for [`Session::names`].
    pub fn look_up_names(&mut self) {
        self.names = Some(self.login.names());
    }

    /// The names that are being looked up: all of them where something depends on it, otherwise those that come soon.
    pub async fn names(&mut self, all: bool) -> Vec<ProjectName> {
        let Some(mut found) = self.names.take() else { return Vec::new() };
        let (mut names, narrator) = (Vec::new(), &mut self.narrator);
        let collect = async {
            while let Some(event) = found.next().await {
                match event {
                    NamesEvent::Names(more) => names.extend(more),
                    NamesEvent::Notice(failure) => narrator.say(failure),
                }
            }
        };
        if all {
            collect.await;
        } else {
            let _ = timeout(NAMES, collect).await;
        }
        names
    }

    /// Reads everything that is wanted.
    pub async fn read(&mut self, wanted: Wanted) -> Result<Reading, Failure> {
        let reads = self.reads.insert(self.login.read(wanted));
        let (mut reading, narrator) = (Reading::default(), &mut self.narrator);
        let progress = |reading: &Reading| {
            let (read, of) = reading.progress;
            let images = reading.inventory.image_count();
            narrator.progress(|| format!("reading members: {read} of {} images", of.max(images)));
        };
        reading.read(reads, progress).await?;
        self.narrator.end_progress();
        Ok(reading)
    }

    /// Reads the members of images of the last reading, which did not read members.
    pub async fn read_members(
        &mut self,
        reading: &mut Reading,
        images: &[ImageIx],
    ) -> Result<(), Failure> {
        match &mut self.reads {
            Some(reads) => reading.read_members(reads, images, |_| ()).await,
            None => Ok(()),
        }
    }

    /// Begins to carry out a plan.
    pub async fn carry_out(&self, plan: Confirmed) -> Result<Running, Failure> {
        self.login.carry_out(plan).await
    }

    /// Verifies an operation again: when its members were read, and what became of its shares.
    pub async fn verify(
        &mut self,
        operation: &Operation,
    ) -> Result<(Moment, Vec<Comparison>), Failure> {
        let mut progress = self.login.verify(Box::new(operation.clone()));
        while let Some(event) = progress.next().await {
            match event {
                VerifyEvent::Progress { read, of } => {
                    self.narrator.progress(|| format!("reading members: {read} of {of} images"));
                }
                VerifyEvent::Verified { at, shares } => {
                    self.narrator.end_progress();
                    return Ok((at, shares));
                }
                VerifyEvent::Failed(failure) => return Err(failure),
            }
        }
        Err(ended())
    }
}

/// Why a stream of the engine ended before its last event.
pub(super) fn ended() -> Failure {
    Failure::new("go on", "the engine ended, which is a bug in sharelock")
}
