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

/// How often the journal is read for what another program follows.
const BEAT: Duration = Duration::from_secs(1);

/// Why a login that works does not resume an operation.
const ELSEWHERE: &str = "another program was faster, or this login is not the one it was begun with: \
                         another project, region or endpoint";

/// An unfinished operation, and who follows it.
pub(super) struct Resumed {
    pub(super) operation: Operation,
    pub(super) follower: Follower,
}

/// Who follows an operation.
pub(super) enum Follower {
    /// No program, and why not, once that is known.
    None(Option<String>),
    /// The living process with this ID; 0 where it is not known.
    Process(u32),
    /// This program.
    This,
    /// No program needs to: another one has finished it.
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
            Follower::None(None) => Some("not taken up".into()),
            Follower::Process(0) => Some("followed by another program".into()),
            Follower::Process(process) => Some(format!("followed by process {process}")),
            Follower::This | Follower::Finished => None,
        }
    }

    /// Whether every share is as it should be, and nothing more is to be found out.
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
    if let Some(hint) = how_to_go_on(operation) {
        narrator.say(hint);
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

/// Where an operation is resumed: a cloud and a region.
type Place = (String, Option<String>);

/// The operations, and the logins to resume them.
pub(super) struct Resume<'a> {
    engine: &'a Engine,
    /// As typed.
    login: Login,
    /// A one-time code is good for one login: the first.
    otp: RefCell<Option<SecretString>>,
    watch: bool,
    narrator: RefCell<Narrator>,
    operations: RefCell<Vec<Resumed>>,
    /// Logins that have not resumed anything yet.
    opening: RefCell<BTreeSet<Place>>,
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

    /// Resumes and follows what is unfinished, or only the operation with this part of an ID. Gives them back, and how many
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
        let (mut work, mut beat) = (FuturesUnordered::new(), Instant::now() + BEAT);
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
                    self.look_at_others().await;
                    beat = Instant::now() + BEAT;
                }
            }
        }
    }

    /// Where an operation waits for a login, and none is on its way.
    fn places(&self) -> BTreeSet<Place> {
        let (operations, mut opening) = (self.operations.borrow(), self.opening.borrow_mut());
        let waiting = operations.iter().filter(|it| matches!(it.follower, Follower::None(None)));
        let places = waiting.map(|it| self.place(&it.operation.scope));
        places.filter(|place| opening.insert(place.clone())).collect()
    }

    /// What was typed wins: a cloud may have another name now.
    fn place(&self, scope: &Scope) -> Place {
        let Login { cloud, region, .. } = self.login.clone();
        (cloud.unwrap_or_else(|| scope.cloud.clone()), region.or_else(|| scope.region.clone()))
    }

    /// Logs in, resumes what waits there, and follows it.
    async fn resume_at(&self, place: Place, only: Option<&OperationId>) -> Result<(), Stop> {
        let (running, why) = match self.log_in(place.clone()).await {
            Ok(session) => {
                let (running, failures) = session.resume(only).await;
                let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
                let why = if failures.is_empty() { ELSEWHERE.into() } else { failures.join("; ") };
                (running, why)
            }
            Err(failure) => (Vec::new(), failure.to_string()),
        };
        for Running { operation, .. } in &running {
            self.put(Resumed { operation: operation.clone(), follower: Follower::This });
        }
        self.leave(&place, &why);
        self.opening.borrow_mut().remove(&place);
        try_join_all(running.into_iter().map(|running| self.follow(running))).await?;
        Ok(())
    }

    async fn log_in(&self, (cloud, region): Place) -> Result<Session, Failure> {
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

    /// What waited for a login here and was not resumed by it stays unfinished.
    fn leave(&self, place: &Place, why: &str) {
        for resumed in self.operations.borrow_mut().iter_mut() {
            let waits = matches!(resumed.follower, Follower::None(None));
            if waits && self.place(&resumed.operation.scope) == *place {
                let id = &resumed.operation.id;
                self.say(format_args!("operation {id} is not taken up: {why}"));
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

    /// What became of operations that other programs follow: one may have finished it, or ended itself.
    async fn look_at_others(&self) {
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
