//! From the unfinished operations of the journal to their ends.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::cli::Login;
use crate::cli::exit::Stop;
use crate::cli::output::Narrator;
use crate::cli::progress::Progress;
use crate::cli::receipt::Receipt;
use crate::cli::session::{self, Interrupts};
use crate::domain::{Failure, Operation, OperationId, Outcome, Scope, Step};
use crate::engine::{Command, Event, Handle, SessionId, Target, Unfinished};

/// How often the journal is asked how another program gets on.
const BEAT: Duration = Duration::from_secs(1);

/// Why a login that works does not take an operation up.
const ELSEWHERE: &str = "another program was faster, or this login is not the one it was begun with: \
                         another project, region or endpoint";

/// An operation, and who brings it to its end.
pub(super) struct Resumed {
    pub(super) operation: Operation,
    pub(super) standing: Standing,
}

/// Who brings an operation to its end.
pub(super) enum Standing {
    /// Nobody, and why not, once that is known.
    Left(Option<String>),
    /// The living process with this id; 0 where it is not known.
    Followed(u32),
    /// This program.
    Ours(Chase),
    /// It was brought there without us.
    Over,
}

/// An operation that this program has taken up.
pub(super) struct Chase {
    progress: Progress,
    /// Whether every share was read again since.
    has_receipt: bool,
}

impl Standing {
    /// What there is to say about it, besides the operation.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Left(Some(why)) => why.clone(),
            Self::Left(None) => "not taken up".into(),
            Self::Followed(0) => "followed by another program".into(),
            Self::Followed(process) => format!("followed by process {process}"),
            Self::Ours(_) => "taken up".into(),
            Self::Over => "over".into(),
        }
    }
}

impl Resumed {
    fn new(Unfinished { operation, followed_by }: Unfinished) -> Self {
        let standing = followed_by.map_or(Standing::Left(None), Standing::Followed);
        Self { operation, standing }
    }

    fn over(operation: Operation) -> Self {
        Self { operation, standing: Standing::Over }
    }

    fn taken_up(operation: Operation) -> Self {
        let chase = Chase { progress: Progress::of(&operation), has_receipt: false };
        Self { operation, standing: Standing::Ours(chase) }
    }

    /// Whether nobody has access any more who should not, and nothing more is to be found out.
    pub(super) fn is_done(&self) -> bool {
        let ended = matches!(self.standing, Standing::Ours(_) | Standing::Over);
        ended && !self.operation.is_open() && self.operation.is_complete()
    }

    /// Whether there is nothing to wait for.
    fn has_ended(&self, watch: bool) -> bool {
        match &self.standing {
            Standing::Left(_) | Standing::Over => true,
            Standing::Followed(_) => !watch,
            Standing::Ours(_) if watch => !self.operation.is_open(),
            Standing::Ours(chase) => chase.has_receipt,
        }
    }

    fn is_followed(&self) -> bool {
        matches!(self.standing, Standing::Followed(_))
    }

    fn tell_end(&self, narrator: &mut Narrator) {
        let Self { operation, .. } = self;
        narrator.say(format_args!(
            "operation {} on {}: {}",
            operation.id,
            operation.scope.label(),
            Receipt::of(operation).summary()
        ));
        if operation.awaits_jobs() {
            narrator.say(format_args!(
                "operation {} is unfinished because a job is still running; it is resumed at the next start",
                operation.id
            ));
        }
        if let Some(hint) = how_to_go_on(operation) {
            narrator.say(hint);
        }
    }
}

/// How the user plans again what was left undone: nothing is sent again without being asked.
fn how_to_go_on(operation: &Operation) -> Option<String> {
    let Operation { id, kind, .. } = operation;
    let goes_on = operation.count(Outcome::Failed) > 0 && !kind.is_answer();
    let left = Outcome::Failed.word(*kind);
    goes_on.then(|| {
        format!(
            "to plan what is left again: sharelock history {id} --outcome {left} --format csv \
             | sharelock {kind} --from - --dry-run"
        )
    })
}

/// Where an operation is to be looked at: a cloud and a region.
type Place = (String, Option<String>);

/// The logins and the operations under way.
pub(super) struct Resume {
    engine: Handle,
    interrupts: Interrupts,
    narrator: Narrator,
    /// As typed.
    login: Login,
    watch: bool,
    only: Option<OperationId>,
    pursued: Vec<Resumed>,
    /// Logins that have not told yet what they take up.
    opening: HashMap<SessionId, Place>,
    sessions: u32,
    /// Unfinished operations that could not be read.
    unreadable: usize,
}

impl Resume {
    pub(super) fn new(engine: Handle, login: Login, watch: bool) -> Result<Self, Failure> {
        Ok(Self {
            engine,
            interrupts: Interrupts::listen()?,
            narrator: Narrator::default(),
            login,
            watch,
            only: None,
            pursued: Vec::new(),
            opening: HashMap::new(),
            sessions: 0,
            unreadable: 0,
        })
    }

    /// How many unfinished operations could not be read.
    pub(super) fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Brings what is unfinished to its end; with a part of an id that operation alone.
    pub(super) async fn run(&mut self, id: Option<String>) -> Result<Vec<Resumed>, Stop> {
        if let Some(id) = id {
            let operation = self.recall(id).await?;
            if !operation.is_open() {
                return Ok(vec![Resumed::over(operation)]);
            }
            self.only = Some(operation.id);
        }
        let unfinished = self.unfinished().await?;
        let meant = unfinished.into_iter().filter(|it| self.is_meant(&it.operation));
        self.pursued = meant.map(Resumed::new).collect();
        if let (Some(id), true) = (self.only.clone(), self.pursued.is_empty()) {
            // It has ended in the meantime.
            return Ok(vec![Resumed::over(self.recall(id.0).await?)]);
        }
        self.tell_all();
        self.log_in();
        self.follow().await?;
        Ok(std::mem::take(&mut self.pursued))
    }

    /// Ends the engine.
    pub(super) async fn close(self) {
        session::close(self.engine, self.interrupts).await;
    }

    // ── what there is ────────────────────────────────────────────────────────────────────────────

    async fn recall(&mut self, id: String) -> Result<Operation, Stop> {
        self.engine.ask(Command::Recall(id));
        loop {
            if let Event::Recalled(recalled) = self.next().await? {
                return Ok(*recalled?);
            }
        }
    }

    /// There is no login yet, so a notice can only be that the journal could not be read.
    async fn unfinished(&mut self) -> Result<Vec<Unfinished>, Stop> {
        self.engine.ask(Command::ListUnfinished);
        loop {
            match self.next().await? {
                Event::Unfinished { operations, failures } => {
                    for failure in &failures {
                        self.narrator.say(failure);
                    }
                    self.unreadable = failures.len();
                    return Ok(operations);
                }
                Event::Notice(failure) => return Err(failure.into()),
                _ => {}
            }
        }
    }

    fn is_meant(&self, operation: &Operation) -> bool {
        let Login { cloud, region, .. } = &self.login;
        if let Some(id) = &self.only {
            return operation.id == *id;
        }
        let scope = &operation.scope;
        cloud.as_ref().is_none_or(|cloud| *cloud == scope.cloud)
            && (region.is_none() || *region == scope.region)
    }

    fn tell_all(&mut self) {
        for Resumed { operation, standing } in &self.pursued {
            let Operation { id, scope, started_at, shares, .. } = operation;
            let (shares, place) = (shares.len(), scope.label());
            let note = match standing {
                Standing::Followed(_) => format!(", {}", standing.told()),
                _ => String::new(),
            };
            self.narrator.say(format_args!(
                "operation {id} of {started_at}: {shares} shares on {place} are not settled{note}"
            ));
        }
    }

    // ── taking up ────────────────────────────────────────────────────────────────────────────────

    /// Logs in wherever something was left behind and no login is on its way.
    fn log_in(&mut self) {
        let left = self.pursued.iter().filter(|it| matches!(it.standing, Standing::Left(None)));
        let places: BTreeSet<Place> = left.map(|it| self.place(&it.operation.scope)).collect();
        let opening: BTreeSet<Place> = self.opening.values().cloned().collect();
        for (cloud, region) in places.difference(&opening).cloned() {
            self.sessions += 1;
            let session = SessionId(self.sessions);
            self.opening.insert(session, (cloud.clone(), region.clone()));
            // A code is good for one login: the first.
            let one_time_code = self.login.otp.take();
            let target = Target { cloud: Some(cloud), region, one_time_code, ..Target::default() };
            self.engine.ask(Command::Open { session, target });
        }
    }

    /// What was typed wins: a cloud may have another name now.
    fn place(&self, scope: &Scope) -> Place {
        let Login { cloud, region, .. } = self.login.clone();
        (cloud.unwrap_or_else(|| scope.cloud.clone()), region.or_else(|| scope.region.clone()))
    }

    fn opened(&mut self, session: SessionId, scope: &Scope) {
        if !scope.tls_verified {
            let cloud = &scope.cloud;
            self.narrator.say(format_args!("{cloud}: TLS verification is off for this cloud"));
        }
        self.engine.ask(match self.only.clone() {
            Some(operation) => Command::ResumeOne { session, operation },
            None => Command::Resume(session),
        });
    }

    fn resuming(&mut self, session: SessionId, operations: Vec<Operation>, failures: &[Failure]) {
        for operation in operations {
            let taken = Resumed::taken_up(operation);
            match self.find(&taken.operation.id) {
                Some(at) => self.pursued[at] = taken,
                None => self.pursued.push(taken),
            }
        }
        let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
        if failures.is_empty() {
            self.leave(session, ELSEWHERE);
        } else {
            self.leave(session, &failures.join("; "));
        }
    }

    /// A login takes nothing up any more; what it was for and nobody has, is left.
    fn leave(&mut self, session: SessionId, why: &str) {
        let Some(place) = self.opening.remove(&session) else { return };
        for at in 0..self.pursued.len() {
            let Resumed { operation, standing: Standing::Left(None) } = &self.pursued[at] else {
                continue;
            };
            if self.place(&operation.scope) == place {
                let id = &operation.id;
                self.narrator.say(format_args!("operation {id} is not taken up: {why}"));
                self.pursued[at].standing = Standing::Left(Some(why.into()));
            }
        }
    }

    // ── following ────────────────────────────────────────────────────────────────────────────────

    async fn follow(&mut self) -> Result<(), Stop> {
        let mut beat = Instant::now() + BEAT;
        while !self.is_over() {
            let waits = self.pursued.iter().any(Resumed::is_followed);
            tokio::select! {
                event = session::next(&mut self.engine, &mut self.interrupts) => self.take(event?),
                () = sleep_until(beat), if waits => {
                    self.engine.ask(Command::ListFollowers);
                    beat = Instant::now() + BEAT;
                }
            }
        }
        self.narrator.end_progress();
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.opening.is_empty() && self.pursued.iter().all(|it| it.has_ended(self.watch))
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Opened { session, scope, .. } => self.opened(session, &scope),
            Event::NotOpened { session, failure, .. } | Event::NotOpen { session, failure } => {
                self.leave(session, &failure.to_string());
            }
            Event::Resuming { session, operations, failures } => {
                self.resuming(session, operations, &failures);
            }
            Event::Step { operation, step } => self.step(&operation, &step),
            Event::Followers(followers) => self.look_at_others(&followers),
            Event::Recalled(Ok(operation)) => self.ended_elsewhere(*operation),
            Event::Recalled(Err(failure))
            | Event::Notice(failure)
            | Event::NotWritten { failure, .. } => self.narrator.say(failure),
            _ => {}
        }
    }

    fn step(&mut self, id: &OperationId, step: &Step) {
        let Some(at) = self.find(id) else { return };
        let pursued = &mut self.pursued[at];
        let Standing::Ours(chase) = &mut pursued.standing else { return };
        let over = step.makes_receipt();
        chase.has_receipt |= over;
        pursued.operation.apply(step.clone());
        chase.progress.tell(&mut self.narrator, &pursued.operation, step);
        if over {
            pursued.tell_end(&mut self.narrator);
        }
    }

    /// How other programs get on: one may have ended what it followed, or itself.
    fn look_at_others(&mut self, followers: &[(OperationId, Option<u32>)]) {
        for pursued in self.pursued.iter_mut().filter(|it| it.is_followed()) {
            let id = &pursued.operation.id;
            match followers.iter().find(|(open, _)| open == id) {
                Some((_, Some(process))) => pursued.standing = Standing::Followed(*process),
                Some((_, None)) => pursued.standing = Standing::Left(None),
                None => self.engine.ask(Command::Recall(id.0.clone())),
            }
        }
        self.log_in();
    }

    fn ended_elsewhere(&mut self, operation: Operation) {
        let Some(at) = self.find(&operation.id) else { return };
        if self.pursued[at].is_followed() {
            self.pursued[at] = Resumed::over(operation);
            self.pursued[at].tell_end(&mut self.narrator);
        }
    }

    fn find(&self, id: &OperationId) -> Option<usize> {
        self.pursued.iter().position(|it| it.operation.id == *id)
    }

    async fn next(&mut self) -> Result<Event, Stop> {
        session::next(&mut self.engine, &mut self.interrupts).await
    }
}
