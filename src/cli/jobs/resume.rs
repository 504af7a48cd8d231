//! Resumes the unfinished operations of the journal.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use futures_util::stream::FuturesUnordered;
use secrecy::SecretString;
use tokio::time::{Instant, sleep_until};

use crate::cli::Login;
use crate::cli::exit::Stop;
use crate::cli::output::Narrator;
use crate::cli::progress::Progress;
use crate::cli::receipt::Receipt;
use domain::{Failure, Operation, OperationId, Outcome, Scope};
use engine::{Engine, OperationEvent, Refused, Running, Session, Target, Unfinished};

/// How often the journal is polled for operations that another program follows.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Why a login that works does not resume an operation.
const NOT_RESUMED: &str = "another program resumed it first, or it was started in another project, region or \
                           endpoint";

/// An unfinished operation, and who follows it.
pub(super) struct Resumed {
    pub(super) operation: Operation,
    pub(super) follower: Follower,
}

/// Who follows an operation.
pub(super) enum Follower {
    /// None, and why, once that is known.
    None(Option<String>),
    /// The running process with this ID; 0 where the ID is not known.
    Process(u32),
    /// This program.
    This,
    /// None is needed: another program has finished it.
    Finished,
}

impl Resumed {
    fn new(Unfinished { operation, followed_by }: Unfinished) -> Self {
        let follower = followed_by.map_or(Follower::None(None), Follower::Process);
        Self { operation, follower }
    }

    fn finished(operation: Operation) -> Self {
        Self { operation, follower: Follower::Finished }
    }

    /// Why this program does not follow it.
    pub(super) fn note(&self) -> Option<String> {
        match &self.follower {
            Follower::None(Some(why)) => Some(why.clone()),
            Follower::None(None) => Some("not resumed".into()),
            Follower::Process(0) => Some("followed by another program".into()),
            Follower::Process(process) => Some(format!("followed by process {process}")),
            Follower::This | Follower::Finished => None,
        }
    }

    /// Whether the operation has ended and every share is as it should be.
    pub(super) fn is_done(&self) -> bool {
        let ended = matches!(self.follower, Follower::This | Follower::Finished);
        ended && !self.operation.is_open() && self.operation.is_complete()
    }

    fn is_followed_elsewhere(&self) -> bool {
        matches!(self.follower, Follower::Process(_))
    }
}

fn report_end(operation: &Operation, narrator: &mut Narrator) {
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
    if let Some(hint) = retry_hint(operation) {
        narrator.say(hint);
    }
}

/// The commands that plan the failed shares again; sharelock never resends them by itself.
fn retry_hint(operation: &Operation) -> Option<String> {
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

/// Where an operation is resumed: a cloud and a region.
type CloudRegion = (String, Option<String>);

/// The operations, and the logins to resume them.
pub(super) struct Resume<'a> {
    engine: &'a Engine,
    /// As typed.
    login: Login,
    /// A one-time password is valid for one login: the first.
    otp: RefCell<Option<SecretString>>,
    watch: bool,
    narrator: RefCell<Narrator>,
    operations: RefCell<Vec<Resumed>>,
    /// Logins that have not resumed anything yet.
    opening: RefCell<BTreeSet<CloudRegion>>,
}

impl<'a> Resume<'a> {
    pub(super) fn new(engine: &'a Engine, mut login: Login, watch: bool) -> Self {
        Self {
            engine,
            otp: RefCell::new(login.otp.take()),
            login,
            watch,
            narrator: RefCell::default(),
            operations: RefCell::default(),
            opening: RefCell::default(),
        }
    }

    /// Resumes and follows unfinished operations, or only the one with this part of an ID. Returns them, and how many
    /// cannot be read.
    pub(super) async fn run(self, id: Option<String>) -> Result<(Vec<Resumed>, usize), Stop> {
        let only = match id {
            None => None,
            Some(id) => {
                let operation = self.engine.find_operation(id).await?;
                if !operation.is_open() {
                    return Ok((vec![Resumed::finished(operation)], 0));
                }
                Some(operation.id)
            }
        };
        let (unfinished, unreadable) = self.engine.unfinished().await?;
        self.say_all(&unreadable);
        let wanted = unfinished.into_iter().filter(|it| self.wants(&it.operation, only.as_ref()));
        let operations: Vec<Resumed> = wanted.map(Resumed::new).collect();
        match only {
            Some(id) if operations.is_empty() => {
                // It has ended in the meantime.
                let operation = self.engine.find_operation(id.0).await?;
                return Ok((vec![Resumed::finished(operation)], unreadable.len()));
            }
            only => {
                *self.operations.borrow_mut() = operations;
                self.list();
                self.follow_all(only.as_ref()).await?;
            }
        }
        Ok((self.operations.into_inner(), unreadable.len()))
    }

    fn wants(&self, operation: &Operation, only: Option<&OperationId>) -> bool {
        let Login { cloud, region, .. } = &self.login;
        if let Some(id) = only {
            return operation.id == *id;
        }
        let scope = &operation.scope;
        cloud.as_ref().is_none_or(|cloud| *cloud == scope.cloud)
            && (region.is_none() || *region == scope.region)
    }

    fn list(&self) {
        for resumed in self.operations.borrow().iter() {
            let Operation { id, scope, started_at, shares, .. } = &resumed.operation;
            let (shares, place) = (shares.len(), scope.label());
            let note = resumed.note().filter(|_| resumed.is_followed_elsewhere());
            let note = note.map(|note| format!(", {note}")).unwrap_or_default();
            self.say(format_args!(
                "operation {id} of {started_at}: {shares} shares on {place} are not settled{note}"
            ));
        }
    }

    /// Until everything that this program follows has a receipt; with `--watch` until everything is finished.
    async fn follow_all(&self, only: Option<&OperationId>) -> Result<(), Stop> {
        let (mut work, mut beat) = (FuturesUnordered::new(), Instant::now() + POLL_INTERVAL);
        loop {
            work.extend(self.places().into_iter().map(|place| self.resume_at(place, only)));
            let waits = self.operations.borrow().iter().any(Resumed::is_followed_elsewhere);
            if work.is_empty() && !(self.watch && waits) {
                self.narrator.borrow_mut().end_progress();
                return Ok(());
            }
            tokio::select! {
                Some(done) = work.next() => done?,
                () = sleep_until(beat), if waits => {
                    self.poll_followers().await;
                    beat = Instant::now() + POLL_INTERVAL;
                }
            }
        }
    }

    /// Clouds and regions where an operation waits for a login and none is under way.
    fn places(&self) -> BTreeSet<CloudRegion> {
        let (operations, mut opening) = (self.operations.borrow(), self.opening.borrow_mut());
        let waiting = operations.iter().filter(|it| matches!(it.follower, Follower::None(None)));
        let places = waiting.map(|it| self.place(&it.operation.scope));
        places.filter(|place| opening.insert(place.clone())).collect()
    }

    /// Options win over the journal: the cloud may have another name now.
    fn place(&self, scope: &Scope) -> CloudRegion {
        let Login { cloud, region, .. } = self.login.clone();
        (cloud.unwrap_or_else(|| scope.cloud.clone()), region.or_else(|| scope.region.clone()))
    }

    /// Logs in, and resumes and follows the operations that wait for this login.
    async fn resume_at(&self, place: CloudRegion, only: Option<&OperationId>) -> Result<(), Stop> {
        let (running, why) = match self.log_in(place.clone()).await {
            Ok(session) => {
                let (running, failures) = session.resume(only).await;
                let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
                let why =
                    if failures.is_empty() { NOT_RESUMED.into() } else { failures.join("; ") };
                (running, why)
            }
            Err(failure) => (Vec::new(), failure.to_string()),
        };
        for Running { operation, .. } in &running {
            self.put(Resumed { operation: operation.clone(), follower: Follower::This });
        }
        self.mark_unfinished(&place, &why);
        self.opening.borrow_mut().remove(&place);
        try_join_all(running.into_iter().map(|running| self.follow(running))).await?;
        Ok(())
    }

    async fn log_in(&self, (cloud, region): CloudRegion) -> Result<Session, Failure> {
        let passcode = self.otp.take();
        let target = Target { cloud: Some(cloud), region, passcode, ..Target::default() };
        self.say_all(&self.engine.warnings(&target).await);
        match self.engine.open(target).await {
            Ok(session) => {
                self.say_all(session.remarks());
                let Scope { cloud, tls_verified, .. } = session.scope();
                if !tls_verified {
                    self.say(format_args!("{cloud}: TLS verification is off for this cloud"));
                }
                Ok(session)
            }
            Err(Refused { failure, remarks, .. }) => {
                self.say_all(&remarks);
                Err(failure)
            }
        }
    }

    /// Operations that waited for this login and were not resumed stay unfinished.
    fn mark_unfinished(&self, place: &CloudRegion, why: &str) {
        for resumed in self.operations.borrow_mut().iter_mut() {
            let waits = matches!(resumed.follower, Follower::None(None));
            if waits && self.place(&resumed.operation.scope) == *place {
                let id = &resumed.operation.id;
                self.say(format_args!("operation {id} is not resumed: {why}"));
                resumed.follower = Follower::None(Some(why.into()));
            }
        }
    }

    /// Follows an operation to its receipt; with `--watch` until it is finished.
    async fn follow(&self, mut running: Running) -> Result<(), Failure> {
        let mut progress = Progress::of(&running.operation);
        while let Some(event) = running.next().await {
            let step = match event {
                OperationEvent::Step(step) => step,
                OperationEvent::Notice(failure) | OperationEvent::NotRecorded(failure) => {
                    self.say(failure);
                    continue;
                }
                OperationEvent::Failed(failure) => return Err(failure),
            };
            let operation = &mut running.operation;
            operation.apply(step.clone());
            let mut narrator = self.narrator.borrow_mut();
            progress.show(&mut narrator, operation, &step);
            if step.makes_receipt() {
                report_end(operation, &mut narrator);
                if !self.watch || !operation.is_open() {
                    break;
                }
            }
        }
        self.put(Resumed { operation: running.operation.clone(), follower: Follower::This });
        Ok(())
    }

    /// Updates operations that other programs follow: the program may have finished one, or exited.
    async fn poll_followers(&self) {
        let followers = match self.engine.followers().await {
            Ok(followers) => followers,
            Err(failure) => return self.say(failure),
        };
        let mut finished = Vec::new();
        for resumed in self.operations.borrow_mut().iter_mut() {
            if !resumed.is_followed_elsewhere() {
                continue;
            }
            let id = &resumed.operation.id;
            match followers.iter().find(|(open, _)| open == id) {
                Some((_, Some(process))) => resumed.follower = Follower::Process(*process),
                Some((_, None)) => resumed.follower = Follower::None(None),
                None => finished.push(id.clone()),
            }
        }
        for id in finished {
            match self.engine.find_operation(id.0).await {
                Ok(operation) => {
                    report_end(&operation, &mut self.narrator.borrow_mut());
                    self.put(Resumed::finished(operation));
                }
                Err(failure) => self.say(failure),
            }
        }
    }

    fn put(&self, resumed: Resumed) {
        let mut operations = self.operations.borrow_mut();
        match operations.iter_mut().find(|it| it.operation.id == resumed.operation.id) {
            Some(known) => *known = resumed,
            None => operations.push(resumed),
        }
    }

    fn say_all(&self, failures: &[Failure]) {
        for failure in failures {
            self.say(failure);
        }
    }

    fn say(&self, line: impl std::fmt::Display) {
        self.narrator.borrow_mut().say(line);
    }
}
