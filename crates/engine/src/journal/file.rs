//! The file: who may read it, and the settings that make a written step one that survives.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::JournalError;
use super::error::is_shared_memory;
use super::schema::{self, SchemaError};

/// How long to wait for another program that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two looks at a file that another program prepares.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Opens the file, creates it where it is missing, and brings it to the newest version.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    create(path).map_err(|error| JournalError::io(path, &error))?;
    if is_cut_off(path).map_err(|error| JournalError::io(path, &error))? {
        return Err(JournalError::damaged(path, "most of it is missing"));
    }
    let journal_error = |journal_error| match journal_error {
        SchemaError::Newer(found) => {
            JournalError::Newer { path: path.into(), found, known: schema::newest() }
        }
        SchemaError::Foreign => JournalError::Foreign { path: path.into() },
        SchemaError::Sql(error) => JournalError::sql(path, error),
    };
    let mut connection = connect(path).map_err(journal_error)?;
    match retry_while_busy(|| prepare(&connection, path)) {
        Err(SchemaError::Sql(error)) if lacks_shared_memory(&error) => {
            // It was made on another file system.
            connection = connect(path).map_err(journal_error)?;
            retry_while_busy(|| leave_wal(&connection)).map_err(journal_error)?;
            retry_while_busy(|| prepare(&connection, path)).map_err(journal_error)?;
        }
        prepared => prepared.map_err(journal_error)?,
    }
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, SchemaError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn prepare(connection: &Connection, path: &Path) -> Result<(), SchemaError> {
    // Before anything is changed: a file of another program is left unchanged.
    schema::check(connection)?;
    // Without it the journal works as well.
    let _ = restrict_to_owner(path);
    configure(connection, path)?;
    schema::migrate(connection)
}

/// From a write-ahead log to a rollback journal. Only the sole user of a file can do that, and needs no shared memory.
fn leave_wal(connection: &Connection) -> Result<(), SchemaError> {
    set(connection, "locking_mode", "EXCLUSIVE")?;
    schema::check(connection)?;
    set(connection, "journal_mode", "DELETE")?;
    set(connection, "locking_mode", "NORMAL")?;
    // The lock is given back with the next access.
    schema::check(connection)
}

/// Tries again while another program prepares the same file: `SQLite` does not wait for the change to a write-ahead
/// log, whatever its timeout.
fn retry_while_busy(prepare: impl Fn() -> Result<(), SchemaError>) -> Result<(), SchemaError> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match prepare() {
            Err(SchemaError::Sql(error)) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(RETRY_INTERVAL);
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

/// Every commit is on the disk before it returns. Where the file system has no shared memory, as some network file
/// systems, a rollback journal takes the place of the write-ahead log; `EXTRA` syncs its removal too.
fn configure(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" && has_shared_memory(path) {
        set(connection, "journal_mode", "WAL")?;
    }
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)
}

fn set(connection: &Connection, setting: &str, value: &str) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, setting, value, |_| Ok(()))
}

/// Whether a database there can have a write-ahead log. Tried with another file: one that programs use already must not
/// change its mode to and fro. What cannot be found out counts as yes.
fn has_shared_memory(path: &Path) -> bool {
    let tried = probe(path, |probe| {
        set(probe, "journal_mode", "WAL")?;
        probe.execute_batch("CREATE TABLE probe (x)")
    });
    !tried.is_err_and(|error| lacks_shared_memory(&error))
}

/// Whether a database there can be locked at all. What cannot be found out counts as yes.
pub(super) fn has_locks(path: &Path) -> bool {
    // No other program has this file.
    let tried = probe(path, |probe| probe.execute_batch("BEGIN IMMEDIATE"));
    !tried.is_err_and(|error| is_busy(&error))
}

/// Tries something with a new database beside the file.
fn probe(
    path: &Path,
    work: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let name = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let suffix = format!("-probe-{}-{:08x}", std::process::id(), fastrand::u32(..));
    let file = name(&suffix);
    let created = private(OpenOptions::new().write(true).create_new(true)).open(&file);
    let tried = match created {
        Ok(_) => Connection::open(&file).and_then(|connection| {
            connection.busy_timeout(Duration::ZERO)?;
            work(&connection)
        }),
        // Then the journal itself cannot be written either, and says why.
        Err(_) => Ok(()),
    };
    for companion in ["", "-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(name(&format!("{suffix}{companion}")));
    }
    tried
}

fn lacks_shared_memory(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _)
        if is_shared_memory(failure.extended_code))
}

/// Creates the file where it is missing. One that is there is not opened here: closing it again would give back
/// the locks that another connection of this process may hold on it.
fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        private_directory().recursive(true).create(directory)?;
    }
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
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

/// Takes the group's and others' rights to a journal that was there before. What a symbolic link points to is left
/// unchanged: the user put it there.
#[cfg(unix)]
fn restrict_to_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_file() || found.permissions().mode().trailing_zeros() >= 6 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict_to_owner(_: &Path) -> io::Result<()> {
    Ok(())
}
