//! One login for one command: what is asked of the engine, and the events that answer.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::exit::{Exit, Stop};
use super::output::Narrator;
use super::passcode::Codes;
use super::reading::Reading;
use crate::domain::{Failure, ImageId, ImageIx, Limits, MemberList, Operation, ProjectName, Scope};
use crate::engine::{Asks, Command, Event, Handle, ReadingId, SessionId, Target, Wanted};
use crate::signals::{Shutdown, Shutdowns};

const SESSION: SessionId = SessionId(1);
/// How long names of projects are waited for that nothing depends on, when all else is there.
pub(super) const NAMES: Duration = Duration::from_secs(2);
/// How long an answer to something that has left is awaited at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Signals to shut down: Ctrl-C, SIGTERM, or the end of the terminal.
#[derive(Debug)]
pub struct Interrupts(Shutdowns);

impl Interrupts {
    /// From now on the signals come here instead of ending the program.
    pub fn listen() -> Result<Self, Failure> {
        let shutdowns = Shutdowns::listen();
        Ok(Self(shutdowns.map_err(|error| Failure::new("listen for signals", error.to_string()))?))
    }

    /// Returns at the next one.
    pub async fn next(&mut self) -> Shutdown {
        self.0.next().await
    }

    /// Returns at the next one that a user sent. Whoever closes a terminal closes it once, but its end may be
    /// signalled twice, by the system and by the shell.
    async fn next_but_hang_up(&mut self) -> Shutdown {
        loop {
            match self.next().await {
                Shutdown::HangUp => {}
                shutdown => return shutdown,
            }
        }
    }
}

/// A session that is open.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    engine: Handle,
    /// Ctrl-C, for those who can do better than end.
    pub interrupts: Interrupts,
    /// What stderr is told.
    pub narrator: Narrator,
    /// Where one is logged in.
    pub scope: Scope,
    /// What one request may name.
    pub limits: Limits,
    told: Told,
    /// How many readings were asked for.
    readings: u32,
}

/// Names of projects that have come so far.
#[derive(Debug, Default)]
struct Told {
    names: Vec<ProjectName>,
    complete: bool,
}

impl Session {
    /// Logs in.
    pub async fn open(mut engine: Handle, target: Target) -> Result<Self, Stop> {
        let mut interrupts = Interrupts::listen()?;
        let mut narrator = Narrator::default();
        let (mut target, mut id, mut codes) = (target, SESSION, Codes::default());
        engine.ask(Command::Open { session: id, target: target.clone() });
        loop {
            match next(&mut engine, &mut interrupts).await? {
                Event::Opened { scope, limits, .. } => {
                    if !scope.tls_verified {
                        narrator.say("TLS verification is off for this cloud");
                    }
                    let told = Told::default();
                    return Ok(Self {
                        id,
                        engine,
                        interrupts,
                        narrator,
                        scope,
                        limits,
                        told,
                        readings: 0,
                    });
                }
                Event::NotOpened { failure, asks: Some(asks), .. }
                    if codes.may_ask_for(asks, &target) =>
                {
                    let sent = match asks {
                        Asks::Code => &mut target.one_time_code,
                        Asks::Secret(_) => &mut target.secret,
                    };
                    let refused = sent.is_some().then_some(&failure);
                    let cloud = target.cloud.as_deref();
                    let asking = (&mut interrupts, &mut narrator);
                    let given = codes.ask(asking, asks, cloud, refused).await?;
                    *sent = Some(given.ok_or(failure)?);
                    id = SessionId(id.0 + 1);
                    engine.ask(Command::Open { session: id, target: target.clone() });
                }
                Event::NotOpened { failure, .. } => return Err(failure.into()),
                Event::Notice(failure) => narrator.say(failure),
                _ => {}
            }
        }
    }

    /// Asks the engine for something.
    pub fn ask(&self, command: impl FnOnce(SessionId) -> Command) {
        self.engine.ask(command(self.id));
    }

    /// The next event; notices are told and names are kept on the way.
    pub async fn next(&mut self) -> Result<Event, Stop> {
        loop {
            if let Some(event) = self.hear().await? {
                return Ok(event);
            }
        }
    }

    async fn hear(&mut self) -> Result<Option<Event>, Stop> {
        match next(&mut self.engine, &mut self.interrupts).await? {
            Event::Notice(failure) | Event::NotWritten { failure, .. } => {
                self.narrator.say(failure);
            }
            Event::NotOpen { failure, .. } => return Err(failure.into()),
            Event::Names { names, complete, .. } => {
                self.told.names.extend(names);
                self.told.complete |= complete;
            }
            event => return Ok(Some(event)),
        }
        Ok(None)
    }

    /// The names that [`Command::LookUpNames`] brings: all of them where something depends on it, else those that come
    /// soon. To be called when nothing else was asked for.
    pub async fn names(&mut self, all: bool) -> Result<Vec<ProjectName>, Stop> {
        let latest = Instant::now() + NAMES;
        while !self.told.complete {
            tokio::select! {
                heard = self.hear() => {
                    heard?;
                }
                () = sleep_until(latest), if !all => break,
            }
        }
        Ok(std::mem::take(&mut self.told.names))
    }

    /// Reads what is wanted to its end.
    pub async fn read(&mut self, wanted: Wanted) -> Result<Reading, Stop> {
        self.readings += 1;
        let id = ReadingId(self.readings);
        let mut reading = Reading { id, ..Reading::default() };
        self.ask(|session| Command::Read { session, reading: id, wanted });
        while !reading.take(self.next().await?) {
            self.tell(&reading);
        }
        self.narrator.end_progress();
        Ok(reading)
    }

    /// Reads the members of images of a reading that did not read members.
    pub async fn read_members(
        &mut self,
        reading: &mut Reading,
        images: &[ImageIx],
    ) -> Result<(), Stop> {
        let unread = |ix: &&ImageIx| *reading.inventory.list(**ix) == MemberList::Unread;
        let id = |ix: &ImageIx| reading.inventory.image(*ix).id.clone();
        let images: Vec<ImageId> = images.iter().filter(unread).map(id).collect();
        let mut left: HashSet<ImageId> = images.iter().cloned().collect();
        self.ask(|session| Command::Reread { session, images });
        while !left.is_empty() {
            let event = self.next().await?;
            if let Event::Members { image, .. } = &event {
                left.remove(image);
            }
            reading.take(event);
        }
        Ok(())
    }

    fn tell(&mut self, reading: &Reading) {
        let (read, of) = reading.progress;
        let images = reading.inventory.image_count();
        self.narrator.progress(|| format!("reading members: {read} of {} images", of.max(images)));
    }

    /// Ends the engine. What is left to do is to write, so from now on a wish to stop ends the program at once.
    pub async fn close(self) {
        close(self.engine, self.interrupts).await;
    }
}

/// Ends an engine; a wish to stop ends the program at once.
pub(super) async fn close(engine: Handle, interrupts: Interrupts) {
    close_within(PATIENCE, engine, interrupts).await;
}

/// The same, with so much time for answers to what has left.
pub(super) async fn close_within(patience: Duration, engine: Handle, mut interrupts: Interrupts) {
    tokio::spawn(async move {
        let shutdown = interrupts.next_but_hang_up().await;
        std::process::exit(Exit::from(shutdown) as i32);
    });
    engine.shut_down(patience).await;
}

/// What is written about the one operation whose id is, begins or ends so.
pub(super) async fn recall(engine: &mut Handle, part: String) -> Result<Operation, Stop> {
    let mut interrupts = Interrupts::listen()?;
    engine.ask(Command::Recall(part));
    loop {
        if let Event::Recalled(recalled) = next(engine, &mut interrupts).await? {
            return Ok(*recalled?);
        }
    }
}

/// The next event, or why none is waited for: the user's wish to stop, or a bug in the program, after which the answer may
/// never come.
pub(super) async fn next(engine: &mut Handle, interrupts: &mut Interrupts) -> Result<Event, Stop> {
    tokio::select! {
        event = engine.events.recv() => unless_failed(event.ok_or_else(ended)?),
        shutdown = interrupts.next() => Err(Stop::Interrupted(shutdown)),
    }
}

fn unless_failed(event: Event) -> Result<Event, Stop> {
    match event {
        Event::TaskFailed { failure, .. } => Err(failure.into()),
        event => Ok(event),
    }
}

fn ended() -> Stop {
    Failure::new("go on", "the engine ended, which is a bug in sharelock").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_failed_ends_the_command_with_status_1_and_the_reason() {
        let failure = Failure::new("finish operation 1", "a task failed");
        let event = Event::TaskFailed { session: None, operation: None, failure };

        let stop = unless_failed(event).unwrap_err();

        assert_eq!(stop.exit() as i32, 1);
        assert!(stop.to_string().contains("finish operation 1"), "{stop}");
    }
}
