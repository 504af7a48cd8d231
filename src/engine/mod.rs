//! All waiting happens here: reading, revoking, following jobs, verifying. [`Command`] in, [`Event`] out.
//!
//! The screen and the command line use the same engine, so there is one way to revoke. One task
//! ([`dispatch`](self)) takes the commands in order; each reading and each operation is a task of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::cloud::{Directory, ImageCloud};
use crate::domain::{Confirmed, Failure, ImageId, Moment, Operation, OperationId, Scope};

pub mod cleartext;
mod connect;
pub mod diagnose;
mod history;
mod journal_writer;
mod limiter;
mod login;
mod members;
mod messages;
mod operate;
mod otp_sessions;
mod paging;
mod poll;
mod precheck;
mod preflight;
mod projects;
mod read;
mod receipt;
mod resume;
mod retry;
mod secret;
mod send;
mod target;
mod tasks;
#[cfg(test)]
mod tests;
mod verify;

pub use crate::config::MissingSecret;
pub use crate::http::proxy_warnings;
pub use crate::journal::{Filter, SavedFilter, Summary, Unfinished};
pub use connect::{Configured, Connected, Connector, Preference, Refused};
pub use messages::{
    Asks, CloudChoice, Command, Event, Reading, ReadingId, SessionId, Target, Wanted,
};
pub use poll::Following;

use journal_writer::{JournalHandle, Kept};
use limiter::Limiter;
use operate::{Context, Operator};
use read::Order;

/// Events waiting to be taken; a full queue slows the readings down.
const EVENTS: usize = 1024;

/// The engine, from outside.
#[derive(Debug)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    /// What happened, in order.
    pub events: mpsc::Receiver<Event>,
    /// Whoever drops the handle ends every task, as [`Handle::shut_down`] does, without waiting for them.
    stop: DropGuard,
    tasks: TaskTracker,
}

impl Handle {
    /// Asks for something. Never waits; answers come as events.
    pub fn ask(&self, command: Command) {
        // Fails only when the engine has shut down, and then nobody waits for an answer.
        let _ = self.commands.send(command);
    }

    /// A sender for those who ask from elsewhere.
    pub fn commands(&self) -> mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// Ends every task: readings at once; operations send nothing more, but the answer to a request that has
    /// left is awaited for at most `patience`.
    pub async fn shut_down(self, patience: Duration) {
        let Self { commands, events, stop, tasks } = self;
        drop((stop, commands, events));
        tasks.close();
        let _ = tokio::time::timeout(patience, tasks.wait()).await;
    }
}

/// Starts the engine on the current runtime. `journal` is where the journal lies; it is opened when it is first
/// needed, and nothing is changed when it cannot be. Without one nothing is remembered, and an operation that is
/// cut short is lost.
pub fn start(
    connector: Arc<dyn Connector>,
    following: Following,
    journal: Option<PathBuf>,
) -> Handle {
    start_with(connector, following, journal.map(Kept::At))
}

fn start_with(
    connector: Arc<dyn Connector>,
    following: Following,
    journal: Option<Kept>,
) -> Handle {
    let (commands, inbox) = mpsc::unbounded_channel();
    let (events, outbox) = mpsc::channel(EVENTS);
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let writing = journal.map(|journal| {
        let (writing, writer) = JournalHandle::new(journal);
        tasks.spawn(writer.run());
        writing
    });
    let engine = Engine {
        connector,
        context: Context { events: events.clone(), quit: stop.clone(), following, writing },
        events,
        stop: stop.clone(),
        tasks: tasks.clone(),
        opening: HashMap::new(),
        sessions: HashMap::new(),
        limiters: Vec::new(),
        operations: HashMap::new(),
    };
    tasks.spawn(engine.dispatch(inbox));
    Handle { commands, events: outbox, stop: stop.drop_guard(), tasks }
}

/// A session's login, shared by its reading and its operations.
#[derive(Clone)]
struct Login {
    scope: Scope,
    cloud: Arc<dyn ImageCloud>,
    /// One for all sessions of the scope.
    limiter: Arc<Limiter>,
}

struct Session {
    login: Login,
    /// Who knows projects and their names.
    directory: Directory,
    /// Cancels the reading that is going on.
    reading: CancellationToken,
    orders: mpsc::UnboundedSender<Order>,
    regions: Vec<String>,
}

type Opening = (SessionId, Result<Connected, Refused>);

struct Engine {
    connector: Arc<dyn Connector>,
    context: Context,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Logins under way; cancelling one gives it up.
    opening: HashMap<SessionId, CancellationToken>,
    sessions: HashMap<SessionId, Session>,
    limiters: Vec<(Scope, Weak<Limiter>)>,
    operations: HashMap<OperationId, (CancellationToken, Arc<Notify>)>,
}

impl Engine {
    async fn dispatch(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        // However this task ends: without it nothing would be answered, so the others end too.
        let _guard = self.stop.clone().drop_guard();
        let (opened, mut openings) = mpsc::unbounded_channel();
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                command = inbox.recv() => match command {
                    Some(command) => self.obey(command, &opened).await,
                    None => return,
                },
                Some(opening) = openings.recv() => self.opened(opening).await,
            }
        }
    }

    async fn obey(&mut self, command: Command, opened: &mpsc::UnboundedSender<Opening>) {
        match command {
            Command::ListClouds => self.list_clouds(),
            Command::Open { session, target } => self.open(session, target, opened.clone()),
            Command::ListProjects(session) => self.list_projects(session).await,
            Command::LookUpNames(session) => self.look_up_names(session).await,
            Command::ListRegions(session) => self.list_regions(session).await,
            Command::Close(session) => self.close(session),
            Command::Read { session, reading, wanted } => self.read(session, reading, wanted).await,
            // Images that were not read yet are read anyway: a look at them needs no answer.
            Command::LookAt { session, images } => drop(self.order(session, Order::LookAt(images))),
            Command::Reread { session, images } => {
                if self.order(session, Order::Reread(images)).is_none() {
                    self.not_open(session, "read members again").await;
                }
            }
            Command::CarryOut { session, plan } => self.carry_out(session, plan).await,
            Command::ListUnfinished => self.list_unfinished(),
            Command::ListFollowers => {
                self.spawn(None, resume::followers(self.context.clone()));
            }
            Command::Resume(session) => self.resume(session, None).await,
            Command::ResumeOne { session, operation } => {
                self.resume(session, Some(operation)).await;
            }
            Command::Recall(part) => {
                self.spawn(None, resume::recall(part, self.context.clone()));
            }
            Command::Remember(cloud) => {
                self.spawn(None, history::names(cloud, self.context.clone()));
            }
            Command::ListHistory { ticket, filter, before, limit } => {
                let context = self.context.clone();
                self.spawn(None, history::list(ticket, filter, before, limit, context));
            }
            Command::ListFilters => {
                self.spawn(None, history::filters(self.context.clone()));
            }
            Command::KeepFilter { name, words } => {
                self.spawn(None, history::keep_filter(name, words, self.context.clone()));
            }
            Command::Verify { session, operation } => self.verify(session, operation).await,
            Command::StopSending(operation) => {
                if let Some((stop, end_wait)) = self.operations.get(&operation) {
                    stop.cancel();
                    end_wait.notify_waiters();
                }
            }
            Command::Quit => self.stop.cancel(),
        }
    }

    fn list_clouds(&self) {
        let (connector, events) = (self.connector.clone(), self.events.clone());
        self.spawn(None, async move {
            let event = match connector.choices().await {
                Ok((choices, default)) => Event::Clouds { choices, default },
                Err(failure) => Event::NoClouds(failure),
            };
            let _ = events.send(event).await;
        });
    }

    fn open(&mut self, session: SessionId, target: Target, opened: mpsc::UnboundedSender<Opening>) {
        let (connector, closed) = (self.connector.clone(), self.stop.child_token());
        self.opening.insert(session, closed.clone());
        let events = self.events.clone();
        self.spawn(Some(session), async move {
            let login = async {
                for warning in connector.warnings(&target).await {
                    let _ = events.send(Event::Notice(warning)).await;
                }
                connector.open(&target).await
            };
            if let Some(result) = closed.run_until_cancelled(login).await {
                let _ = opened.send((session, result));
            }
        });
    }

    async fn opened(&mut self, (session, result): Opening) {
        // A session that was closed while it was being opened is dropped.
        if self.opening.remove(&session).is_none() {
            return;
        }
        let event = match result {
            Ok(Connected { scope, cloud, directory, concurrency, regions, remarks }) => {
                for remark in remarks {
                    let _ = self.events.send(Event::Notice(remark)).await;
                }
                let limits = cloud.limits();
                let limiter = self.limiter(&scope, concurrency);
                let login = Login { scope: scope.clone(), cloud, limiter };
                // Until something is read nobody takes orders: a look at images that were not read is nothing.
                let (orders, _) = mpsc::unbounded_channel();
                let reading = CancellationToken::new();
                let new = Session { login, directory, reading, orders, regions };
                if let Some(replaced) = self.sessions.insert(session, new) {
                    replaced.reading.cancel();
                }
                Event::Opened { session, scope, limits }
            }
            Err(Refused { failure, asks, remarks }) => {
                for remark in remarks {
                    let _ = self.events.send(Event::Notice(remark)).await;
                }
                Event::NotOpened { session, failure, asks }
            }
        };
        let _ = self.events.send(event).await;
    }

    /// The limiter of a scope: the one in use where another session, or an operation of a closed one, still works there.
    fn limiter(&mut self, scope: &Scope, max: usize) -> Arc<Limiter> {
        self.limiters.retain(|(_, limiter)| limiter.strong_count() > 0);
        let in_use = self.limiters.iter().find(|(other, _)| other.is_same_place(scope));
        if let Some(limiter) = in_use.and_then(|(_, limiter)| limiter.upgrade()) {
            return limiter;
        }
        let limiter = Arc::new(Limiter::new(max));
        self.limiters.push((scope.clone(), Arc::downgrade(&limiter)));
        limiter
    }

    async fn list_regions(&self, session: SessionId) {
        let Some(Session { regions, .. }) = self.sessions.get(&session) else {
            return self.not_open(session, "list the regions").await;
        };
        let regions = regions.clone();
        let _ = self.events.send(Event::Regions { session, regions }).await;
    }

    /// Answers a command for a session that cannot carry it out.
    async fn not_open(&self, session: SessionId, what: &str) {
        let failure = not_open(what);
        let _ = self.events.send(Event::NotOpen { session, failure }).await;
    }

    fn close(&mut self, session: SessionId) {
        if let Some(closed) = self.opening.remove(&session) {
            closed.cancel();
        }
        if let Some(session) = self.sessions.remove(&session) {
            session.reading.cancel();
        }
    }

    async fn list_projects(&self, id: SessionId) {
        let Some(Session { login, directory, .. }) = self.sessions.get(&id) else {
            return self.not_open(id, "list the projects").await;
        };
        let list = projects::list(id, login.clone(), directory.clone(), self.events.clone());
        self.spawn(Some(id), list);
    }

    async fn look_up_names(&self, id: SessionId) {
        let Some(Session { login, directory, .. }) = self.sessions.get(&id) else {
            return self.not_open(id, "look up names of projects").await;
        };
        let context = self.context.clone();
        self.spawn(Some(id), projects::names(id, login.clone(), directory.clone(), context));
    }

    async fn read(&mut self, id: SessionId, reading: ReadingId, wanted: Wanted) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return self.not_open(id, "read images").await;
        };
        session.reading.cancel();
        let (orders, inbox) = mpsc::unbounded_channel();
        session.reading = self.stop.child_token();
        session.orders = orders;
        let login = session.login.clone();
        let reader = read::Reader::new((id, reading), login, self.events.clone(), inbox);
        let cancelled = session.reading.clone();
        self.spawn(Some(id), async move {
            cancelled.run_until_cancelled(reader.run(wanted)).await;
        });
    }

    /// `None` where nothing takes orders: the session is not open, or nothing was read in it.
    fn order(&self, session: SessionId, order: Order) -> Option<()> {
        self.sessions.get(&session)?.orders.send(order).ok()
    }

    async fn carry_out(&mut self, id: SessionId, plan: Confirmed) {
        let Some(session) = self.sessions.get(&id) else {
            let failure = not_open(&format!("{} shares", plan.plan().kind()));
            let _ = self.events.send(Event::NotStarted { session: id, failure }).await;
            return;
        };
        if session.login.scope.read_only {
            let failure =
                Failure::new(format!("{} shares", plan.plan().kind()), "this session is read-only")
                    .with_hint("start without --read-only, or unset `read_only` in config.toml");
            let _ = self.events.send(Event::NotStarted { session: id, failure }).await;
            return;
        }
        let operator = Operator::new(session.login.clone(), &plan, self.context.clone());
        let (operation, context) = (operator.id().clone(), self.context.clone());
        self.operations.insert(operation.clone(), operator.stop_token());
        self.tasks.spawn(tasks::operation(context, operation, operator.run(id, plan)));
    }

    async fn resume(&self, id: SessionId, only: Option<OperationId>) {
        let Some(session) = self.sessions.get(&id) else {
            let failures = vec![not_open("resume operations")];
            let event = Event::Resuming { session: id, operations: Vec::new(), failures };
            let _ = self.events.send(event).await;
            return;
        };
        let (login, tasks) = (session.login.clone(), self.tasks.clone());
        self.spawn(Some(id), resume::resume(id, login, only, self.context.clone(), tasks));
    }

    async fn verify(&self, id: SessionId, operation: Box<Operation>) {
        let Some(session) = self.sessions.get(&id) else {
            return self.not_open(id, "verify the operation").await;
        };
        let (login, context) = (session.login.clone(), self.context.clone());
        self.spawn(Some(id), history::verify(id, login, operation, context));
    }

    fn list_unfinished(&self) {
        self.spawn(None, resume::list(self.context.clone()));
    }

    /// Does something for a session, or for none, until it is done or the engine ends.
    fn spawn(&self, session: Option<SessionId>, work: impl Future<Output = ()> + Send + 'static) {
        let (stop, events) = (self.stop.clone(), self.events.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(tasks::watched(events, session, work)).await;
        });
    }
}

fn not_open(what: &str) -> Failure {
    Failure::new(what, "the session is not open").with_hint("open the cloud again")
}

/// The clock of the program below the screen. One that is set beyond the year 9999 gives the last moment of that year.
pub fn now() -> Moment {
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now());
    Moment(now.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
}

/// The images' ids, for events.
type Ids = Vec<ImageId>;
