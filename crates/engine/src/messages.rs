//! Commands and events of the [`adapter`](super::adapter), and the types that they share with the engine's functions.

use secrecy::SecretString;

use crate::journal::{Filter, SavedFilter, Summary};
use cloud::config::MissingSecret;
use domain::operation::Comparison;
use domain::{
    Confirmed, Failure, Image, ImageId, Limits, Membership, Moment, Operation, OperationId,
    Project, ProjectName, Scope, Step,
};

/// One login to one scope, for as long as it is open. Events of a session that was closed may still arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// One reading of a session. Events of a reading that was replaced may still arrive, and carry its ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadingId(pub u32);

/// Where to log in. What is `None` is as configured.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Name of the cloud in the configuration; `None` chooses as the command line does.
    pub cloud: Option<String>,
    /// Region; `None` for the configured or first one.
    pub region: Option<String>,
    /// Id or name of the project to log in to instead of the configured one.
    pub project: Option<String>,
    /// The one-time password (TOTP) of the user. It is good for one login.
    pub passcode: Option<SecretString>,
    /// The secret of the login, where the configuration has none. It is kept for later logins to this cloud.
    pub secret: Option<SecretString>,
}

/// What a login lacks that the user may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingCredential {
    /// A one-time password (TOTP), given as [`Target::passcode`].
    Passcode,
    /// The password or what stands for it, given as [`Target::secret`]. After a refusal it must not be asked for again
    /// unless the user wants that: clouds lock users out.
    Secret(MissingSecret),
}

/// Something to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// List the configured clouds: answered by [`Event::Clouds`].
    ListClouds,
    /// Log in. The caller chooses an id not used before.
    Open {
        /// The new session.
        session: SessionId,
        /// Where.
        target: Target,
    },
    /// List the projects that the user may switch to: answered by [`Event::Projects`].
    ListProjects(SessionId),
    /// Look up names of projects: answered by [`Event::Names`], maybe more than once (what was seen last time comes first).
    /// It never fails: names that cannot be had are missing.
    LookUpNames(SessionId),
    /// Close a session: what it is reading is cancelled. Operations go on.
    Close(SessionId),
    /// Read images, and their members. A reading that is going on in the session is replaced.
    Read {
        /// Where.
        session: SessionId,
        /// Comes back with the events. The caller chooses an ID that is new in the session.
        reading: ReadingId,
        /// What.
        wanted: Wanted,
    },
    /// These images are being looked at: read their members before others. Images already read in this
    /// reading are not read again.
    Prioritize {
        /// Where.
        session: SessionId,
        /// Most wanted first.
        images: Vec<ImageId>,
    },
    /// Read the members of these images again, now.
    Reread {
        /// Where.
        session: SessionId,
        /// The operation.
        images: Vec<ImageId>,
    },
    /// Carry out a plan the user confirmed.
    CarryOut {
        /// Where.
        session: SessionId,
        /// What.
        plan: Confirmed,
    },
    /// Resume the unfinished operations of the session's cloud, region and project, unless a living program follows them.
    /// Nothing is sent: jobs are polled and members are read. Answered by [`Event::Resuming`].
    Resume(SessionId),
    /// Load the one recorded operation whose ID is, begins or ends with this: answered by [`Event::OperationFound`].
    FindOperation(String),
    /// List the recorded operations, newest first: answered by [`Event::History`]. Needs no login.
    ListHistory {
        /// Comes back with the answer.
        ticket: u32,
        /// The operation.
        filter: Filter,
        /// Only those older than this operation.
        before: Option<OperationId>,
        /// At most this many.
        limit: usize,
    },
    /// Read the members of an operation's images again and compare them with its receipt: answered by [`Event::Verified`].
    /// The caller makes sure that the session is where the operation was done ([`Scope::is_same_scope`]).
    Verify {
        /// Where.
        session: SessionId,
        /// What.
        operation: Box<Operation>,
    },
    /// Send nothing more for an operation. What was sent is polled and verified.
    StopSending(OperationId),
    /// The user quits: nothing more is sent, and every task ends as with [`Handle::shut_down`](super::Handle), which
    /// waits for the answers to what has left.
    Quit,
    /// List the saved filters: answered by [`Event::Filters`]. Needs no login.
    ListFilters,
    /// Save a filter under a name, or delete it: answered by [`Event::Filters`] with all that are saved then.
    SaveFilter {
        /// Its name.
        name: String,
        /// As it is typed; `None` deletes it.
        words: Option<String>,
    },
}

/// Which images to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything the project owns, and what it received if `received`.
    All {
        /// Also images that other projects share with this one.
        received: bool,
    },
    /// These images, by id.
    These(Vec<ImageId>),
    /// Only own images: members are read on request.
    ImagesOnly,
    /// Only received images: members are read on request.
    ReceivedOnly,
}

/// A configured cloud, as far as a picker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudChoice {
    /// Its name.
    pub name: String,
    /// Its regions, first the default; empty where the configuration names none.
    pub regions: Vec<String>,
    /// Login and host, or why the entry cannot be used. One line.
    pub about: String,
}

/// What came of reading the members of one image.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// All of them.
    Members(Vec<Membership>),
    /// Members do not apply to this image.
    DoNotApply,
    /// Neither the image nor its member list is found: it was deleted, or belongs to another project now. No cloud
    /// distinguishes these (`api/openstack.md`, 404 for strangers), so it says nothing about who has access.
    NotFound,
    /// They could not be read: unknown, never none.
    Failed(Failure),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The configured clouds, in order of the file, and which one is opened when none is named.
    Clouds {
        /// All of them.
        choices: Vec<CloudChoice>,
        /// The default, if there is one.
        default: Option<String>,
    },
    /// The configuration could not be read.
    NoClouds(Failure),
    /// Logged in.
    Opened {
        /// Which session.
        session: SessionId,
        /// Where it is.
        scope: Scope,
        /// What one change may name here.
        limits: Limits,
    },
    /// The login failed; the session is closed.
    NotOpened {
        /// Which session.
        session: SessionId,
        /// Why.
        failure: Failure,
        /// What is missing, or was not good: ask for it and open again with it.
        missing: Option<MissingCredential>,
    },
    /// The projects the user may switch to with [`Target::project`], or why one cannot switch here.
    Projects {
        /// Which session.
        session: SessionId,
        /// All of them, by name.
        projects: Result<Vec<Project>, Failure>,
    },
    /// Names of projects.
    Names {
        /// Which session.
        session: SessionId,
        /// The names; aliases of the settings are not among them.
        names: Vec<ProjectName>,
        /// Whether no more will come.
        complete: bool,
    },
    /// A page of images arrived.
    Images {
        /// Which session.
        session: SessionId,
        /// The page.
        images: Vec<Image>,
    },
    /// Every list has been read. Images not among them are gone from the cloud.
    Listed {
        /// Which session.
        session: SessionId,
        /// Which reading.
        reading: ReadingId,
        /// Every image of this reading; `None` when a list could not be read to its end, so nothing is known
        /// to be gone.
        present: Option<Vec<ImageId>>,
        /// Why a list is not complete.
        failures: Vec<Failure>,
    },
    /// The members of an image were read, or could not be.
    Members {
        /// Which session.
        session: SessionId,
        /// Which image.
        image: ImageId,
        /// What was found.
        reading: Reading,
    },
    /// How far the reading of members is.
    Progress {
        /// Which session.
        session: SessionId,
        /// Which reading.
        reading: ReadingId,
        /// Images whose members were read.
        read: usize,
        /// Images whose members are to be read, as far as known.
        of: usize,
    },
    /// What the lists leave out. Comes before the members or the end of the reading that it is about.
    Notices {
        /// Which session.
        session: SessionId,
        /// Sentences without a period, each sent once.
        notices: Vec<String>,
    },
    /// Everything that was wanted has been read, or could not be.
    ReadEnded {
        /// Which session.
        session: SessionId,
        /// Which reading.
        reading: ReadingId,
    },
    /// A confirmed plan is on its way.
    Started(Box<Operation>),
    /// Something happened to an operation.
    Step {
        /// The operation.
        operation: OperationId,
        /// What.
        step: Step,
    },
    /// The journal cannot be written any more. Nothing more is sent for the operation; what was sent is polled and verified, and the receipt will not be found in the journal.
    NotRecorded {
        /// The operation.
        operation: OperationId,
        /// Why.
        failure: Failure,
    },
    /// A recorded operation, or why there is not exactly one.
    OperationFound(Result<Box<Operation>, Failure>),
    /// A page of the recorded operations, or why it cannot be read.
    History {
        /// Of the command.
        ticket: u32,
        /// The page; shorter than requested at the end.
        page: Result<Vec<Summary>, Failure>,
    },
    /// The saved filters, by name; or why they cannot be read or written.
    Filters(Result<Vec<SavedFilter>, Failure>),
    /// How far the reading of an operation's images is.
    Verifying {
        /// In which session.
        session: SessionId,
        /// Which operation.
        operation: OperationId,
        /// Images read.
        read: usize,
        /// Images to read.
        of: usize,
    },
    /// An operation was verified again.
    Verified {
        /// In which session.
        session: SessionId,
        /// Which operation.
        operation: OperationId,
        /// When the reading ended.
        at: Moment,
        /// What became of its shares, in their order.
        shares: Vec<Comparison>,
    },
    /// These operations are resumed as far as they had come; their steps follow.
    Resuming {
        /// In which session.
        session: SessionId,
        /// Which; none when there is nothing to resume.
        operations: Vec<Operation>,
        /// Why some or all could not be resumed.
        failures: Vec<Failure>,
    },
    /// The login of an open session was refused while reading. Only a new session reads again.
    SessionEnded {
        /// Which session.
        session: SessionId,
        /// Why.
        failure: Failure,
    },
    /// An operation could not begin; nothing was sent.
    NotStarted {
        /// In which session.
        session: SessionId,
        /// Why.
        failure: Failure,
    },
    /// A command named a session that is not open (any more), or that has read nothing yet; it was not carried out.
    NotOpen {
        /// Which session.
        session: SessionId,
        /// Why.
        failure: Failure,
    },
    /// A task of the engine panicked, which is a bug. What it was working on gets no answer.
    TaskFailed {
        /// The session it worked for.
        session: Option<SessionId>,
        /// The operation it carried out: it is unfinished, and nothing more is sent for it.
        operation: Option<OperationId>,
        /// What is not done, and what to do about it.
        failure: Failure,
    },
    /// Something the user should know that belongs to nothing else, for the log.
    Notice(Failure),
}

impl Event {
    /// The session it happened in, where it belongs to one.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Opened { session, .. }
            | Self::NotOpened { session, .. }
            | Self::Projects { session, .. }
            | Self::Names { session, .. }
            | Self::Images { session, .. }
            | Self::Listed { session, .. }
            | Self::Members { session, .. }
            | Self::Progress { session, .. }
            | Self::Notices { session, .. }
            | Self::ReadEnded { session, .. }
            | Self::Verifying { session, .. }
            | Self::Verified { session, .. }
            | Self::Resuming { session, .. }
            | Self::SessionEnded { session, .. }
            | Self::NotOpen { session, .. }
            | Self::NotStarted { session, .. } => Some(*session),
            Self::TaskFailed { session, .. } => *session,
            Self::Clouds { .. }
            | Self::NoClouds(_)
            | Self::Started(_)
            | Self::Step { .. }
            | Self::NotRecorded { .. }
            | Self::OperationFound(_)
            | Self::History { .. }
            | Self::Filters(_)
            | Self::Notice(_) => None,
        }
    }
}
