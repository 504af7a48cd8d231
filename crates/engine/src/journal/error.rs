//! Why the journal could not be read or written, in the terms a caller decides by.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use domain::{Failure, OperationId};

/// Why the journal could not be read or written. After any of these nothing may be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file was written by a newer program.
    #[error("{} has version {found}, and this program knows versions up to {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The file is an `SQLite` database of something else.
    #[error("{} is a database of another program", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is no database, or a part of it is missing or makes no sense.
    #[error("{} is damaged: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The disk or the quota is full.
    #[error("there is no room left to write {}", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file or its directory cannot be created or written.
    #[error("{} cannot be written: {why}", .path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The file system lacks something that a database needs.
    #[error("{} cannot be used: the file system there has no {lacks}", .path.display())]
    Unsuitable {
        /// The file.
        path: PathBuf,
        /// What is missing: locks, or shared memory.
        lacks: &'static str,
    },
    /// Another program has kept the file locked for longer than this one waits.
    #[error("{} is locked by another program", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The operation is not, or no longer, this program's to write about.
    #[error("operation {id} is being followed by another program")]
    NotHeld {
        /// Which operation.
        id: OperationId,
    },
    /// There is no such operation.
    #[error("there is no operation {id} in the journal")]
    NoSuchOperation {
        /// Which one was asked for.
        id: OperationId,
    },
    /// Anything else the database says.
    #[error("{}: {source}", .path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
}

impl JournalError {
    /// For the user: what can be done about it.
    pub fn failure(&self, what: impl Into<String>) -> Failure {
        let failure = Failure::new(what, self.to_string());
        match self.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }

    /// The same where an operation was about to begin, so that it can still be done without a journal. Only where
    /// there is no place to write: a journal that somebody else's program or damage made unreadable must be looked
    /// at, not gone past.
    pub fn failure_to_begin(&self, what: impl Into<String>) -> Failure {
        let mut failure = self.failure(what);
        if let (Self::Full { .. } | Self::NotWritable { .. }, Some(hint)) =
            (self, &mut failure.hint)
        {
            hint.push_str(", or go on with --no-journal, and nothing is written down");
        }
        failure
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Newer { .. } => Some("use the newer sharelock, or move the file away"),
            Self::Foreign { .. } | Self::Damaged { .. } => {
                Some("move the file away to begin a new journal, or restore it from a backup")
            }
            Self::Full { .. } => Some("make room and try again"),
            Self::NotWritable { .. } => Some("make room, and the file and its directory writable"),
            Self::Locked { .. } => Some("end the other program, or try again"),
            Self::Unsuitable { .. } => Some(
                "set XDG_DATA_HOME to a directory on a local disk (network file systems such as NFS and AFS often lack it)",
            ),
            Self::NotHeld { .. } | Self::NoSuchOperation { .. } | Self::Other { .. } => None,
        }
    }

    pub(super) fn damaged(path: &Path, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), why: why.into() }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Self::Full { path: path.into() },
            _ => Self::NotWritable { path: path.into(), why: error.to_string() },
        }
    }

    pub(super) fn sql(path: &Path, error: rusqlite::Error) -> Self {
        let why = why(&error);
        let path = path.to_path_buf();
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::Full { path },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    // The database calls it busy as well where a lock cannot be taken at all.
                    if super::file::has_locks(&path) {
                        Self::Locked { path }
                    } else {
                        Self::Unsuitable { path, lacks: "file locks" }
                    }
                }
                ErrorCode::SystemIoFailure if is_shared_memory(failure.extended_code) => {
                    Self::Unsuitable { path, lacks: "shared memory" }
                }
                // Unknown: a table or column is missing, or there already: not as this version left it.
                ErrorCode::Unknown | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Damaged { path, why }
                }
                ErrorCode::SystemIoFailure if failure.extended_code == SHORT_READ => {
                    Self::Damaged { path, why }
                }
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure => Self::NotWritable { path, why },
                _ => Self::Other { path, source: error },
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::InvalidColumnName(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::SqlInputError { .. }
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Damaged { path, why },
            _ => Self::Other { path, source: error },
        }
    }
}

/// The file ends where a page should be.
const SHORT_READ: std::ffi::c_int = rusqlite::ffi::SQLITE_IOERR_SHORT_READ;

/// What the database says, without the statement it was given.
fn why(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::Utf8Error(..) => "a text is not UTF-8".into(),
        error => error.to_string(),
    }
}

/// The memory that programs share for a write-ahead log cannot be made there.
pub(super) fn is_shared_memory(extended_code: std::ffi::c_int) -> bool {
    use rusqlite::ffi;
    [
        ffi::SQLITE_IOERR_SHMOPEN,
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMLOCK,
        ffi::SQLITE_IOERR_SHMMAP,
    ]
    .contains(&extended_code)
}
