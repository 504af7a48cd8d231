//! The file: who may read it, and the settings that make a written step one that survives.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::JournalError;
use super::schema::{self, Misfit};

/// How long to wait for another program that is writing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at a file that another program prepares.
const AGAIN: Duration = Duration::from_millis(5);

/// Opens the file, creates it where it is missing, and brings it to the newest version.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    create(path).map_err(|error| JournalError::io(path, &error))?;
    if is_cut_off(path).map_err(|error| JournalError::io(path, &error))? {
        return Err(JournalError::damaged(path, "most of it is missing"));
    }
    let sql = |error| JournalError::sql(path, error);
    let connection = Connection::open(path).map_err(sql)?;
    connection.busy_timeout(PATIENCE).map_err(sql)?;
    let misfit = |misfit| match misfit {
        Misfit::Newer(found) => {
            JournalError::Newer { path: path.into(), found, known: schema::newest() }
        }
        Misfit::Foreign => JournalError::Foreign { path: path.into() },
        Misfit::Sql(error) => sql(error),
    };
    patiently(|| prepare(&connection)).map_err(misfit)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), Misfit> {
    // Before anything is changed: a file of somebody else stays as it is.
    schema::check(connection)?;
    settle(connection)?;
    schema::migrate(connection)
}

/// Tries again while another program prepares the same file: `SQLite` does not wait for the change to a write-ahead
/// log, whatever its timeout.
fn patiently(prepare: impl Fn() -> Result<(), Misfit>) -> Result<(), Misfit> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match prepare() {
            Err(Misfit::Sql(error)) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(AGAIN);
            }
            prepared => return prepared,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

/// The smallest page: a database is empty or at least as long.
const SMALLEST: u64 = 512;

/// Whether the file is too short for what it was. `SQLite` would take it for a new one and begin again.
fn is_cut_off(path: &Path) -> io::Result<bool> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    // The log first: another program that creates the file writes it before the log.
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    let length = std::fs::metadata(path)?.len();
    Ok(length < SMALLEST && (length > 0 || has_log))
}

/// Every commit is on the disk before it returns: `FULL` syncs the write-ahead log each time.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Creates the file where it is missing. One that is there is not opened here: closing it again would give back
/// the locks that another connection of this process may hold on it.
fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        private_directory().recursive(true).create(directory)?;
    }
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => close_to_others(path),
        created => created.map(drop),
    }
}

/// Files of the journal are for their owner alone.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Files of the journal lie in the user's own profile.
#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn private_directory() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_directory() -> DirBuilder {
    DirBuilder::new()
}

/// A file that was there before may be open to others.
#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let shared = std::fs::metadata(path)?.permissions().mode() & 0o077;
    if shared == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}
