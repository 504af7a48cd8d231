//! Everything that waits is here: logging in, reading, revoking, polling jobs, verifying. Async functions and streams.
//!
//! [`Engine::open`] gives a [`Session`], which reads and carries out. The screen and the command line use the same functions,
//! so there is one way to revoke. Each reading and each operation is a task of its own. The screen, which never waits, talks
//! to them through the [`adapter`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use cloud::clients::{Directory, ImageCloud};
use domain::{
    Confirmed, Failure, ImageId, Limits, Moment, Operation, OperationId, ProjectName, Scope,
};

pub mod adapter;
pub mod cleartext;
mod connect;
pub mod diagnose;
mod history;
pub mod journal;
mod journal_writer;
mod limiter;
mod login;
mod login_overrides;
mod members;
mod messages;
mod operate;
mod otp_sessions;
mod outcome;
mod paging;
mod poll;
mod precheck;
mod preflight;
mod projects;
mod read;
mod resume;
mod retry;
mod secret;
mod send;
mod tasks;
#[cfg(test)]
mod tests;
mod verify;

pub use crate::journal::{Filter, SavedFilter, Summary, Unfinished};
pub use adapter::{Handle, start};
pub use cloud::config::MissingSecret;
pub use cloud::http::proxy_warnings;
pub use connect::{Configured, Connected, Connector, Preference, Refused};
pub use history::{Page, VerifyEvent};
pub use messages::{
    CloudChoice, Command, Event, MissingCredential, Reading, ReadingId, SessionId, Target, Wanted,
};
pub use operate::{OperationEvent, Running, StopHandle};
pub use poll::PollTimes;
pub use projects::{NamesEvent, Projects};
pub use read::{ReadControl, ReadEvent, Reads};
pub use tasks::TaskEvents;

use journal_writer::{JournalHandle, LazyJournal};
use limiter::Limiter;
use operate::{Context, Operator};
use tasks::Tasks;

/// Events waiting to be taken; a full queue slows whoever sends them down.
const EVENTS: usize = 1024;

/// The configured clouds and the journal. Dropping it ends every task, as [`Engine::shut_down`] does, without waiting.
pub struct Engine {
    connector: Arc<dyn Connector>,
    tasks: Tasks,
    poll_times: PollTimes,
    journal: Option<JournalHandle>,
    limiters: Mutex<Vec<(Scope, Weak<Limiter>)>>,
    _stop: DropGuard,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine on the current runtime. `journal` is the path of the journal, which is opened when it is first needed;
    /// nothing is changed when it cannot be. Without one nothing is recorded, and an operation that is interrupted is lost.
    pub fn new(
        connector: Arc<dyn Connector>,
        poll_times: PollTimes,
        journal: Option<PathBuf>,
    ) -> Self {
        Self::with(connector, poll_times, journal.map(LazyJournal::Closed))
    }

    fn with(
        connector: Arc<dyn Connector>,
        poll_times: PollTimes,
        journal: Option<LazyJournal>,
    ) -> Self {
        let quit = CancellationToken::new();
        let journal = journal.map(|journal| {
            let (journal, writer) = JournalHandle::new(journal);
            tokio::spawn(writer.run());
            journal
        });
        Self {
            connector,
            tasks: Tasks { tracker: TaskTracker::new(), quit: quit.clone() },
            poll_times,
            journal,
            limiters: Mutex::default(),
            _stop: quit.drop_guard(),
        }
    }

    /// The configured clouds, and the one opened when none is named.
    pub async fn clouds(&self) -> Result<(Vec<CloudChoice>, Option<String>), Failure> {
        self.connector.choices().await
    }

    /// What the user should know before anything is sent.
    pub async fn warnings(&self, target: &Target) -> Vec<Failure> {
        self.connector.warnings(target).await
    }

    /// Logs in. Dropping the future gives the login up.
    pub async fn open(&self, target: Target) -> Result<Session, Refused> {
        let connector = self.connector.clone();
        let login = async move { connector.open(&target).await };
        let Connected { scope, cloud, directory, concurrency, regions, remarks } =
            self.tasks.run("log in", login).await??;
        let limiter = self.limiter(&scope, concurrency);
        let context = Context {
            tasks: self.tasks.clone(),
            poll_times: self.poll_times,
            journal: self.journal.clone(),
        };
        let login = Login { scope, cloud, limiter };
        Ok(Session { login, directory, regions, remarks, context })
    }

    /// The limiter of a scope: the one in use where another session, or an operation of a closed one, still works there.
    fn limiter(&self, scope: &Scope, max: usize) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        limiters.retain(|(_, limiter)| limiter.strong_count() > 0);
        let in_use = limiters.iter().find(|(other, _)| other.is_same_scope(scope));
        if let Some(limiter) = in_use.and_then(|(_, limiter)| limiter.upgrade()) {
            return limiter;
        }
        let limiter = Arc::new(Limiter::new(max));
        limiters.push((scope.clone(), Arc::downgrade(&limiter)));
        limiter
    }

    /// A page of the recorded operations, newest first: at most `limit`, all older than `before`.
    pub async fn history(
        &self,
        filter: Filter,
        before: Option<OperationId>,
        limit: usize,
    ) -> Result<Page, Failure> {
        history::page(filter, before, limit, self.journal.as_ref()).await
    }

    /// The one recorded operation whose ID is, begins or ends with `part`.
    pub async fn find_operation(&self, part: String) -> Result<Operation, Failure> {
        resume::find_operation(part, self.journal.as_ref()).await
    }

    /// The operations that an earlier program, or another one now, has not completed: those that can be read, oldest
    /// first, and why the others cannot.
    pub async fn unfinished(&self) -> Result<(Vec<Unfinished>, Vec<Failure>), Failure> {
        resume::unfinished(self.journal.as_ref()).await
    }

    /// The unfinished operations, and the living process that follows each; 0 where the journal does not say, `None` for
    /// one that no program follows.
    pub async fn followers(&self) -> Result<Vec<(OperationId, Option<u32>)>, Failure> {
        resume::followers(self.journal.as_ref()).await
    }

    /// The names of projects that were seen, of one cloud or of all.
    pub async fn known_names(&self, cloud: Option<String>) -> Result<Vec<ProjectName>, Failure> {
        history::names(cloud, self.journal.as_ref()).await
    }

    /// The saved filters.
    pub async fn filters(&self) -> Result<Vec<SavedFilter>, Failure> {
        history::filters(self.journal.as_ref()).await
    }

    /// Saves a filter, or deletes it where `words` is `None`, and gives those that are saved then.
    pub async fn save_filter(
        &self,
        name: String,
        words: Option<String>,
    ) -> Result<Vec<SavedFilter>, Failure> {
        history::save_filter(name, words, self.journal.as_ref()).await
    }

    /// Ends every task: readings at once; operations send nothing more, but the answer to a request that has left is awaited
    /// for at most `patience`.
    pub async fn shut_down(&self, timeout: Duration) {
        self.tasks.quit.cancel();
        self.tasks.tracker.close();
        let ended = async {
            self.tasks.tracker.wait().await;
            if let Some(journal) = &self.journal {
                journal.close().await;
            }
        };
        let _ = tokio::time::timeout(timeout, ended).await;
    }
}

/// A session's login, shared by its readings and its operations.
#[derive(Clone)]
struct Login {
    scope: Scope,
    cloud: Arc<dyn ImageCloud>,
    /// One for all sessions of the scope.
    limiter: Arc<Limiter>,
}

/// A login to one scope. Readings and operations that were started go on when it is dropped.
pub struct Session {
    login: Login,
    directory: Directory,
    regions: Vec<String>,
    remarks: Vec<Failure>,
    context: Context,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("scope", &self.login.scope).finish_non_exhaustive()
    }
}

impl Session {
    /// Where it is.
    pub fn scope(&self) -> &Scope {
        &self.login.scope
    }

    /// What one change may name here.
    pub fn limits(&self) -> Limits {
        self.login.cloud.limits()
    }

    /// The regions of the image service, in the order of the catalog of the login; none where there is no catalog or an
    /// address is configured.
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// What the user should know about the configuration although it works.
    pub fn remarks(&self) -> &[Failure] {
        &self.remarks
    }

    /// The projects that the user may switch to with [`Target::project`], or why the login cannot switch.
    pub async fn projects(&self) -> Result<Projects, Failure> {
        let (login, directory) = (self.login.clone(), self.directory.clone());
        let list = async move { projects::list(&login, &directory).await };
        self.context.tasks.run("list the projects", list).await?
    }

    /// Names of projects, looked up from now on.
    pub fn names(&self) -> TaskEvents<NamesEvent> {
        let (login, directory) = (self.login.clone(), self.directory.clone());
        let journal = self.context.journal.clone();
        let look_up = |events| projects::names(login, directory, journal, events);
        self.context.tasks.events(NamesEvent::Notice, look_up)
    }

    /// Reads images, and their members, from now on.
    pub fn read(&self, wanted: Wanted) -> Reads {
        let (orders, inbox) = mpsc::unbounded_channel();
        let login = self.login.clone();
        let read = |events| read::Reader::new(login, events, inbox).run(wanted);
        Reads::new(self.context.tasks.events(ReadEvent::Failed, read), orders)
    }

    /// Carries out a plan that the user confirmed; returns when it is recorded and begins. An error says that nothing was
    /// sent.
    pub async fn carry_out(&self, plan: Confirmed) -> Result<Running, Failure> {
        if self.login.scope.read_only {
            let what = format!("{} shares", plan.plan().kind());
            return Err(Failure::new(what, "this session is read-only")
                .with_hint("start without --read-only, or unset `read_only` in config.toml"));
        }
        Operator::start(self.login.clone(), plan, self.context.clone()).await
    }

    /// Resumes the unfinished operations of this scope that no living program follows, or only one of them. Nothing is
    /// sent: jobs are polled and members are read. The failures say why some could not be taken up.
    pub async fn resume(&self, only: Option<&OperationId>) -> (Vec<Running>, Vec<Failure>) {
        resume::resume(&self.login, only, &self.context).await
    }

    /// Reads the members of an operation's images again and compares them with its receipt. The caller makes sure that the
    /// session is where the operation was done ([`Scope::is_same_scope`]).
    pub fn verify(&self, operation: Box<Operation>) -> TaskEvents<VerifyEvent> {
        let login = self.login.clone();
        let verify = |events| history::verify(login, operation, events);
        self.context.tasks.events(VerifyEvent::Failed, verify)
    }
}

/// The clock of the program below the screen. One that is set beyond the year 9999 gives the last moment of that year.
pub fn now() -> Moment {
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now());
    Moment(now.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
}

/// The images' ids, for events.
type Ids = Vec<ImageId>;
