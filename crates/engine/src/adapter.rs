//! The engine for the screen, which never waits: [`Command`] in, [`Event`] out.
//!
//! Each command is one call of the engine, on a task of its own, whose results are sent on as events.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    Command, Connector, EVENTS, Engine, Event, NamesEvent, OperationEvent, PollTimes, ReadControl,
    ReadEvent, ReadingId, Reads, Refused, Running, Session, SessionId, StopHandle, Target,
    VerifyEvent,
};
use domain::{Confirmed, Failure, Operation, OperationId};

/// The engine, from the screen.
#[derive(Debug)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    /// What happened, in order.
    pub events: mpsc::Receiver<Event>,
    pub(super) engine: Arc<Engine>,
    /// Dropping the handle ends every task, as [`Handle::shut_down`] does, without waiting for them.
    stop: DropGuard,
}

impl Handle {
    /// Gives a command. Never waits; answers come as events.
    pub fn send(&self, command: Command) {
        // Fails only when the engine has shut down, and then nothing waits for an answer.
        let _ = self.commands.send(command);
    }

    /// A sender for commands from elsewhere.
    pub fn commands(&self) -> mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// [`Engine::shut_down`].
    pub async fn shut_down(self, timeout: Duration) {
        let Self { commands, events, engine, stop } = self;
        drop((stop, commands, events));
        engine.shut_down(timeout).await;
    }
}

/// Starts an engine with its adapter: [`Engine::new`] and [`drive`].
pub fn start(
    connector: Arc<dyn Connector>,
    poll_times: PollTimes,
    journal: Option<PathBuf>,
) -> Handle {
    drive(Engine::new(connector, poll_times, journal))
}

/// Takes commands for an engine.
pub fn drive(engine: Engine) -> Handle {
    let engine = Arc::new(engine);
    let (commands, inbox) = mpsc::unbounded_channel();
    let (events, outbox) = mpsc::channel(EVENTS);
    let quit = engine.tasks.quit.clone();
    let adapter = Adapter {
        engine: engine.clone(),
        events,
        opening: HashMap::new(),
        sessions: HashMap::new(),
        operations: Arc::default(),
    };
    engine.tasks.tracker.spawn(adapter.dispatch(inbox));
    Handle { commands, events: outbox, engine, stop: quit.drop_guard() }
}

struct Open {
    session: Arc<Session>,
    /// The reading under way. Dropping the guard cancels it.
    reading: Option<(ReadControl, DropGuard)>,
}

type Opened = (SessionId, Result<Session, Refused>);

struct Adapter {
    engine: Arc<Engine>,
    events: mpsc::Sender<Event>,
    /// Logins under way; cancelling one gives it up.
    opening: HashMap<SessionId, CancellationToken>,
    sessions: HashMap<SessionId, Open>,
    operations: Arc<Mutex<HashMap<OperationId, StopHandle>>>,
}

impl Adapter {
    async fn dispatch(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        let quit = self.engine.tasks.quit.clone();
        // However this task ends: without it nothing would be answered, so the others end too.
        let _guard = quit.clone().drop_guard();
        let (opened, mut openings) = mpsc::unbounded_channel();
        loop {
            tokio::select! {
                biased;
                () = quit.cancelled() => return,
                command = inbox.recv() => match command {
                    Some(command) => self.handle(command, &opened).await,
                    None => return,
                },
                Some(opening) = openings.recv() => self.opened(opening).await,
            }
        }
    }

    async fn handle(&mut self, command: Command, opened: &mpsc::UnboundedSender<Opened>) {
        match command {
            Command::Open { session, target } => self.open(session, target, opened.clone()),
            Command::Close(session) => {
                if let Some(closed) = self.opening.remove(&session) {
                    closed.cancel();
                }
                self.sessions.remove(&session);
            }
            Command::Read { session: id, reading, wanted } => {
                let Some(open) = self.sessions.get_mut(&id) else {
                    return self.not_open(id, "read images").await;
                };
                let reads = open.session.read(wanted);
                let cancel = CancellationToken::new();
                open.reading = Some((reads.control(), cancel.clone().drop_guard()));
                let events = self.events.clone();
                self.spawn(async move {
                    cancel.run_until_cancelled(forward_reads(id, reading, reads, events)).await;
                });
            }
            Command::Prioritize { session, images } => {
                // Images that were not read yet are read anyway: a look at them needs no answer.
                if let Some(control) = self.control(session) {
                    control.prioritize(images);
                }
            }
            Command::Reread { session, images } => match self.control(session) {
                Some(control) => control.reread(images),
                None => self.not_open(session, "read members again").await,
            },
            Command::ListProjects(id) => match self.session(id) {
                Some(session) => self.list_projects(id, session),
                None => self.not_open(id, "list the projects").await,
            },
            Command::LookUpNames(id) => match self.session(id) {
                Some(session) => self.spawn(forward_names(id, session, self.events.clone())),
                None => self.not_open(id, "look up names of projects").await,
            },
            Command::CarryOut { session: id, plan } => {
                let Some(session) = self.session(id) else {
                    let failure = not_open(&format!("{} shares", plan.plan().kind()));
                    let _ = self.events.send(Event::NotStarted { session: id, failure }).await;
                    return;
                };
                self.carry_out(id, session, plan);
            }
            Command::Resume(session) => self.resume(session).await,
            Command::Verify { session: id, operation } => match self.session(id) {
                Some(session) => {
                    self.spawn(forward_verify(id, session, operation, self.events.clone()));
                }
                None => self.not_open(id, "verify the operation").await,
            },
            Command::StopSending(operation) => {
                let operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(stop) = operations.get(&operation) {
                    stop.stop_sending();
                }
            }
            Command::Quit => self.engine.tasks.quit.cancel(),
            other => self.answer(other),
        }
    }

    /// Answers a command that needs no session.
    fn answer(&self, command: Command) {
        let (engine, events) = (self.engine.clone(), self.events.clone());
        self.spawn(async move {
            if let Some(event) = answer(command, &engine, &events).await {
                let _ = events.send(event).await;
            }
        });
    }

    fn list_projects(&self, id: SessionId, session: Arc<Session>) {
        let events = self.events.clone();
        self.spawn(async move {
            let (projects, incomplete) = match session.projects().await {
                Ok(listed) => (Ok(listed.projects), listed.incomplete),
                Err(failure) => (Err(failure), None),
            };
            notices(incomplete, &events).await;
            let _ = events.send(Event::Projects { session: id, projects }).await;
        });
    }

    fn carry_out(&self, id: SessionId, session: Arc<Session>, plan: Confirmed) {
        let (events, operations) = (self.events.clone(), self.operations.clone());
        self.spawn(async move {
            match session.carry_out(plan).await {
                Ok(running) => {
                    register(&running, &operations);
                    let started = Box::new(running.operation.clone());
                    let _ = events.send(Event::Started(started)).await;
                    forward_operation(running, events).await;
                }
                Err(failure) => {
                    let _ = events.send(Event::NotStarted { session: id, failure }).await;
                }
            }
        });
    }

    fn open(&mut self, id: SessionId, target: Target, opened: mpsc::UnboundedSender<Opened>) {
        let closed = CancellationToken::new();
        self.opening.insert(id, closed.clone());
        let (engine, events) = (self.engine.clone(), self.events.clone());
        self.spawn(async move {
            let login = async {
                notices(engine.warnings(&target).await, &events).await;
                engine.open(target).await
            };
            if let Some(result) = closed.run_until_cancelled(login).await {
                let _ = opened.send((id, result));
            }
        });
    }

    async fn opened(&mut self, (id, result): Opened) {
        // A session that was closed while it was being opened is dropped.
        if self.opening.remove(&id).is_none() {
            return;
        }
        let (event, remarks) = match result {
            Ok(session) => {
                let (scope, limits) = (session.scope().clone(), session.limits());
                let remarks = session.remarks().to_vec();
                self.sessions.insert(id, Open { session: Arc::new(session), reading: None });
                (Event::Opened { session: id, scope, limits }, remarks)
            }
            Err(Refused { failure, missing, remarks }) => {
                (Event::NotOpened { session: id, failure, missing }, remarks)
            }
        };
        notices(remarks, &self.events).await;
        let _ = self.events.send(event).await;
    }

    async fn resume(&self, id: SessionId) {
        let Some(session) = self.session(id) else {
            let failures = vec![not_open("resume operations")];
            let event = Event::Resuming { session: id, operations: Vec::new(), failures };
            let _ = self.events.send(event).await;
            return;
        };
        let (events, operations) = (self.events.clone(), self.operations.clone());
        self.spawn(async move {
            let (resumed, failures) = session.resume(None).await;
            for running in &resumed {
                register(running, &operations);
            }
            let operations = resumed.iter().map(|running| running.operation.clone()).collect();
            let _ = events.send(Event::Resuming { session: id, operations, failures }).await;
            let forward = |running| forward_operation(running, events.clone());
            futures_util::future::join_all(resumed.into_iter().map(forward)).await;
        });
    }

    fn session(&self, id: SessionId) -> Option<Arc<Session>> {
        self.sessions.get(&id).map(|open| open.session.clone())
    }

    /// `None` where nothing takes control: the session is not open, or nothing was read in it.
    fn control(&self, session: SessionId) -> Option<&ReadControl> {
        self.sessions.get(&session)?.reading.as_ref().map(|(control, _)| control)
    }

    /// Answers a command for a session that cannot carry it out.
    async fn not_open(&self, session: SessionId, what: &str) {
        let failure = not_open(what);
        let _ = self.events.send(Event::NotOpen { session, failure }).await;
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let quit = self.engine.tasks.quit.clone();
        self.engine.tasks.tracker.spawn(async move { quit.run_until_cancelled(work).await });
    }
}

fn not_open(what: &str) -> Failure {
    Failure::new(what, "the session is not open").with_hint("open the cloud again")
}

fn failed(session: Option<SessionId>, failure: Failure) -> Event {
    Event::TaskFailed { session, operation: None, failure }
}

fn register(running: &Running, operations: &Mutex<HashMap<OperationId, StopHandle>>) {
    let mut operations = operations.lock().unwrap_or_else(PoisonError::into_inner);
    operations.insert(running.operation.id.clone(), running.stop_handle());
}

async fn notices(failures: impl IntoIterator<Item = Failure>, events: &mpsc::Sender<Event>) {
    for failure in failures {
        let _ = events.send(Event::Notice(failure)).await;
    }
}

/// `None` for a command that needs a session.
async fn answer(command: Command, engine: &Engine, events: &mpsc::Sender<Event>) -> Option<Event> {
    Some(match command {
        Command::ListClouds => match engine.clouds().await {
            Ok((choices, default)) => Event::Clouds { choices, default },
            Err(failure) => Event::NoClouds(failure),
        },
        Command::FindOperation(part) => {
            Event::OperationFound(engine.find_operation(part).await.map(Box::new))
        }
        Command::ListHistory { ticket, filter, before, limit } => {
            let (page, unreadable) = match engine.history(filter, before, limit).await {
                Ok(page) => (Ok(page.operations), page.unreadable),
                Err(failure) => (Err(failure), Vec::new()),
            };
            notices(unreadable, events).await;
            Event::History { ticket, page }
        }
        Command::ListFilters => Event::Filters(engine.filters().await),
        Command::SaveFilter { name, words } => {
            Event::Filters(engine.save_filter(name, words).await)
        }
        _ => return None,
    })
}

async fn forward_names(id: SessionId, session: Arc<Session>, events: mpsc::Sender<Event>) {
    let mut found = session.names();
    while let Some(event) = found.next().await {
        let event = match event {
            NamesEvent::Names(names) => Event::Names { session: id, names, complete: false },
            NamesEvent::Notice(failure) => Event::Notice(failure),
        };
        let _ = events.send(event).await;
    }
    let end = Event::Names { session: id, names: Vec::new(), complete: true };
    let _ = events.send(end).await;
}

async fn forward_verify(
    id: SessionId,
    session: Arc<Session>,
    operation: Box<Operation>,
    events: mpsc::Sender<Event>,
) {
    let verified = operation.id.clone();
    let mut progress = session.verify(operation);
    while let Some(event) = progress.next().await {
        let (session, operation) = (id, verified.clone());
        let event = match event {
            VerifyEvent::Progress { read, of } => Event::Verifying { session, operation, read, of },
            VerifyEvent::Verified { at, shares } => {
                Event::Verified { session, operation, at, shares }
            }
            VerifyEvent::Failed(failure) => failed(Some(session), failure),
        };
        let _ = events.send(event).await;
    }
}

async fn forward_reads(
    session: SessionId,
    reading: ReadingId,
    mut reads: Reads,
    events: mpsc::Sender<Event>,
) {
    while let Some(event) = reads.next().await {
        let event = match event {
            ReadEvent::Images(images) => Event::Images { session, images },
            ReadEvent::Listed { present, failures } => {
                Event::Listed { session, reading, present, failures }
            }
            ReadEvent::Members { image, reading } => Event::Members { session, image, reading },
            ReadEvent::Progress { read, of } => Event::Progress { session, reading, read, of },
            ReadEvent::Notices(notices) => Event::Notices { session, notices },
            ReadEvent::SessionEnded(failure) => Event::SessionEnded { session, failure },
            ReadEvent::Ended => Event::ReadEnded { session, reading },
            ReadEvent::Failed(failure) => failed(Some(session), failure),
        };
        let _ = events.send(event).await;
    }
}

async fn forward_operation(mut running: Running, events: mpsc::Sender<Event>) {
    let id = running.operation.id.clone();
    while let Some(event) = running.next().await {
        let operation = id.clone();
        let event = match event {
            OperationEvent::Step(step) => Event::Step { operation, step },
            OperationEvent::Notice(failure) => Event::Notice(failure),
            OperationEvent::NotRecorded(failure) => Event::NotRecorded { operation, failure },
            OperationEvent::Failed(failure) => {
                Event::TaskFailed { session: None, operation: Some(operation), failure }
            }
        };
        let _ = events.send(event).await;
    }
}
