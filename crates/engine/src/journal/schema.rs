//! The tables, as an append-only list of changes. The number of changes made to a file is its version.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Each entry takes a file from its index to the next version. Entries are never changed, only added.
pub(super) const CHANGES: &[&str] = &[
    "
    CREATE TABLE operations (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        cloud TEXT NOT NULL,
        region TEXT,
        api TEXT NOT NULL,
        project_id TEXT NOT NULL,
        project_name TEXT,
        user TEXT,
        endpoint TEXT NOT NULL,
        protected INTEGER NOT NULL,
        read_only INTEGER NOT NULL,
        tls_verified INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        stage TEXT NOT NULL,
        images_read INTEGER NOT NULL,
        images_to_read INTEGER NOT NULL,
        open INTEGER NOT NULL,
        holder TEXT,
        shares INTEGER NOT NULL,
        revoked INTEGER NOT NULL DEFAULT 0,
        still_shared INTEGER NOT NULL DEFAULT 0,
        was_not_shared INTEGER NOT NULL DEFAULT 0,
        unknown INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX open_operations ON operations (number) WHERE open = 1;
    CREATE TABLE requests (
        operation INTEGER NOT NULL REFERENCES operations ON DELETE CASCADE,
        place INTEGER NOT NULL,
        batch TEXT NOT NULL,
        state TEXT NOT NULL,
        error TEXT,
        job TEXT,
        report TEXT,
        poll_error TEXT,
        request_id TEXT,
        sent_at INTEGER,
        ended_at INTEGER,
        UNIQUE (operation, place)
    ) STRICT;
    CREATE TABLE shares (
        operation INTEGER NOT NULL REFERENCES operations ON DELETE CASCADE,
        place INTEGER NOT NULL,
        image TEXT NOT NULL,
        kind TEXT NOT NULL,
        member TEXT NOT NULL,
        request INTEGER,
        outcome TEXT,
        error TEXT,
        PRIMARY KEY (operation, place)
    ) STRICT, WITHOUT ROWID;
",
    "
    ALTER TABLE operations ADD COLUMN undoes TEXT;
    ALTER TABLE operations RENAME COLUMN revoked TO done;
    ALTER TABLE operations RENAME COLUMN still_shared TO failed;
    ALTER TABLE operations RENAME COLUMN was_not_shared TO needless;
    ALTER TABLE shares ADD COLUMN before TEXT;
    ALTER TABLE shares ADD COLUMN after TEXT;
",
    "
    CREATE INDEX operations_by_cloud ON operations (cloud);
    CREATE INDEX operations_by_kind ON operations (kind);
    CREATE INDEX failed_operations ON operations (number) WHERE failed > 0;
    CREATE INDEX needless_operations ON operations (number) WHERE needless > 0;
    CREATE INDEX unknown_operations ON operations (number) WHERE unknown > 0;
    CREATE INDEX undoing_operations ON operations (undoes) WHERE undoes IS NOT NULL;
    CREATE INDEX shares_by_image ON shares (image);
    CREATE INDEX shares_by_member ON shares (member);
",
    "
    CREATE TABLE names (
        cloud TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (cloud, id)
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE filters (
        name TEXT PRIMARY KEY,
        words TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
];

/// Why a file cannot be brought to the newest version.
pub(super) enum SchemaError {
    /// It is newer: its version.
    Newer(i64),
    /// It has tables and no version: somebody else's.
    Foreign,
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// The newest version.
pub(super) fn newest() -> i64 {
    i64::try_from(CHANGES.len()).unwrap_or(i64::MAX)
}

/// Whether this program can use a file as it is, or bring it to the newest version. Asked of one moment: another
/// program may be making the tables and the version just now.
pub(super) fn check(connection: &Connection) -> Result<(), SchemaError> {
    let moment = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    usable(&moment).map(drop)
}

/// The version of a file that is not too new, nor somebody else's. Only within a transaction.
fn usable(connection: &Transaction<'_>) -> Result<usize, SchemaError> {
    let found = version(connection)?;
    let Some(version) = usize::try_from(found).ok().filter(|done| *done <= CHANGES.len()) else {
        return Err(SchemaError::Newer(found));
    };
    if version == 0 && has_tables(connection)? { Err(SchemaError::Foreign) } else { Ok(version) }
}

/// Brings a file to the newest version, all of the way or not at all.
pub(super) fn migrate(connection: &Connection) -> Result<(), SchemaError> {
    if version(connection)? == newest() {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another program may have been faster.
    for change in &CHANGES[usable(&transaction)?..] {
        transaction.execute_batch(change)?;
    }
    transaction.pragma_update(None, "user_version", newest())?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}
