//! All waiting happens here: reading, revoking, following jobs, verifying. [`Command`] in, [`Event`] out.
//!
//! The screen and the command line use the same engine, so there is one way to revoke. One task
//! ([`dispatch`](self)) takes the commands in order; each reading and each operation is a task of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::cloud::{Directory, ImageCloud};
use crate::domain::{Confirmed, Failure, ImageId, Moment, Operation, OperationId, Scope};

mod check;
pub mod checkup;
pub mod cleartext;
mod connect;
mod follow;
mod history;
mod login;
mod members;
mod messages;
mod obstacles;
mod opened;
mod operate;
mod pace;
mod paging;
mod patience;
mod projects;
mod read;
mod receipt;
mod resume;
mod secret;
mod send;
mod target;
#[cfg(test)]
mod tests;
mod verify;
mod writing;

pub use crate::config::MissingSecret;
pub use crate::http::proxy_warnings;
pub use crate::journal::{Filter, SavedFilter, Summary, Unfinished};
pub use connect::{Configured, Connected, Connector, Preference, Refused};
pub use follow::Following;
pub use messages::{Asks, CloudChoice, Command, Event, Reading, SessionId, Target, Wanted};

use operate::{Circumstances, Operator};
use pace::Pace;
use read::Order;
use writing::{Kept, Writing};

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
        let (writing, writer) = Writing::new(journal);
        tasks.spawn(writer.run());
        writing
    });
    let engine = Engine {
        connector,
        circumstances: Circumstances {
            events: events.clone(),
            quit: stop.clone(),
            following,
            writing,
        },
        events,
        stop: stop.clone(),
        tasks: tasks.clone(),
        sessions: HashMap::new(),
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
    pace: Arc<Pace>,
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
    circumstances: Circumstances,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    tasks: TaskTracker,
    sessions: HashMap<SessionId, Session>,
    operations: HashMap<OperationId, (CancellationToken, Arc<Notify>)>,
}

impl Engine {
    async fn dispatch(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
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
            Command::ListProjects(session) => self.list_projects(session),
            Command::LookUpNames(session) => self.look_up_names(session),
            Command::ListRegions(session) => self.list_regions(session).await,
            Command::Close(session) => self.close(session),
            Command::Read { session, wanted } => self.read(session, wanted),
            Command::LookAt { session, images } => self.order(session, Order::LookAt(images)),
            Command::Reread { session, images } => self.order(session, Order::Reread(images)),
            Command::CarryOut { session, plan } => self.carry_out(session, plan).await,
            Command::ListUnfinished => self.list_unfinished(),
            Command::ListFollowers => self.spawn(resume::followers(self.circumstances.clone())),
            Command::Resume(session) => self.resume(session, None),
            Command::ResumeOne { session, operation } => self.resume(session, Some(operation)),
            Command::Recall(part) => self.spawn(resume::recall(part, self.circumstances.clone())),
            Command::Remember(cloud) => {
                self.spawn(history::names(cloud, self.circumstances.clone()));
            }
            Command::ListHistory { ticket, filter, before, limit } => {
                let circumstances = self.circumstances.clone();
                self.spawn(history::list(ticket, filter, before, limit, circumstances));
            }
            Command::ListFilters => self.spawn(history::filters(self.circumstances.clone())),
            Command::KeepFilter { name, words } => {
                self.spawn(history::keep_filter(name, words, self.circumstances.clone()));
            }
            Command::Verify { session, operation } => self.verify(session, operation),
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
        self.spawn(async move {
            let event = match connector.choices().await {
                Ok((choices, default)) => Event::Clouds { choices, default },
                Err(failure) => Event::NoClouds(failure),
            };
            let _ = events.send(event).await;
        });
    }

    fn open(&self, session: SessionId, target: Target, opened: mpsc::UnboundedSender<Opening>) {
        let (connector, events) = (self.connector.clone(), self.events.clone());
        self.spawn(async move {
            for warning in connector.warnings(&target).await {
                let _ = events.send(Event::Notice(warning)).await;
            }
            let result = connector.open(&target).await;
            let _ = opened.send((session, result));
        });
    }

    async fn opened(&mut self, (session, result): Opening) {
        let event = match result {
            Ok(Connected { scope, cloud, directory, concurrency, regions, remarks }) => {
                for remark in remarks {
                    let _ = self.events.send(Event::Notice(remark)).await;
                }
                let limits = cloud.limits();
                let login =
                    Login { scope: scope.clone(), cloud, pace: Arc::new(Pace::new(concurrency)) };
                // Until something is read nobody takes orders: a look at images that were not read is nothing.
                let (orders, _) = mpsc::unbounded_channel();
                let reading = CancellationToken::new();
                self.sessions
                    .insert(session, Session { login, directory, reading, orders, regions });
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

    async fn list_regions(&self, session: SessionId) {
        if let Some(Session { regions, .. }) = self.sessions.get(&session) {
            let regions = regions.clone();
            let _ = self.events.send(Event::Regions { session, regions }).await;
        }
    }

    fn close(&mut self, session: SessionId) {
        if let Some(session) = self.sessions.remove(&session) {
            session.reading.cancel();
        }
    }

    fn list_projects(&self, id: SessionId) {
        if let Some(Session { directory, .. }) = self.sessions.get(&id) {
            self.spawn(projects::list(id, directory.clone(), self.events.clone()));
        }
    }

    fn look_up_names(&self, id: SessionId) {
        if let Some(Session { login, directory, .. }) = self.sessions.get(&id) {
            let circumstances = self.circumstances.clone();
            self.spawn(projects::names(id, login.scope.clone(), directory.clone(), circumstances));
        }
    }

    fn read(&mut self, id: SessionId, wanted: Wanted) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.reading.cancel();
        let (orders, inbox) = mpsc::unbounded_channel();
        session.reading = self.stop.child_token();
        session.orders = orders;
        let reader = read::Reader::new(id, session.login.clone(), self.events.clone(), inbox);
        let cancelled = session.reading.clone();
        self.tasks.spawn(async move { cancelled.run_until_cancelled(reader.run(wanted)).await });
    }

    fn order(&mut self, session: SessionId, order: Order) {
        if let Some(session) = self.sessions.get(&session) {
            let _ = session.orders.send(order);
        }
    }

    async fn carry_out(&mut self, id: SessionId, plan: Confirmed) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.login.scope.read_only {
            let failure =
                Failure::new(format!("{} shares", plan.plan().kind()), "this session is read-only")
                    .with_remedy("start without --read-only, or unset `read_only` in config.toml");
            let _ = self.events.send(Event::NotStarted { session: id, failure }).await;
            return;
        }
        let operator = Operator::new(session.login.clone(), &plan, self.circumstances.clone());
        self.operations.insert(operator.id().clone(), operator.stop_token());
        self.tasks.spawn(operator.run(id, plan));
    }

    fn resume(&self, id: SessionId, only: Option<OperationId>) {
        let Some(session) = self.sessions.get(&id) else { return };
        let (login, tasks) = (session.login.clone(), self.tasks.clone());
        self.spawn(resume::resume(id, login, only, self.circumstances.clone(), tasks));
    }

    fn verify(&self, id: SessionId, operation: Box<Operation>) {
        let Some(session) = self.sessions.get(&id) else { return };
        let (login, circumstances) = (session.login.clone(), self.circumstances.clone());
        self.spawn(history::verify(id, login, operation, circumstances));
    }

    fn list_unfinished(&self) {
        self.spawn(resume::list(self.circumstances.clone()));
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(work).await });
    }
}

/// The only clock of the program below the screen.
fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_millisecond())
}

/// The images' ids, for events.
type Ids = Vec<ImageId>;
