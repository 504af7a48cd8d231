//! What was asked, before it is asked: every confirmed operation and each of its steps, on the disk.
//!
//! [`Journal::record`] folds steps with [`Operation::apply`] and writes what they changed, so what is stored is
//! what is shown. It returns when the steps are on the disk; a step that another one builds on is recorded first.
//! Calls block: they belong off the threads that wait for the network.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use domain::{Moment, Operation, OperationId, ProjectId, Step, Text};

mod error;
mod file;
mod filters;
mod lease;
mod list;
mod names;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod values;
mod write;

pub use error::JournalError;
pub use filters::SavedFilter;
pub use list::{Filter, Summary};

use lease::Lease;

/// Operations that cannot be read, and why.
pub type Unreadable = Vec<(OperationId, JournalError)>;

/// The journal of this user on this machine. Programs that run at the same time each open their own.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    connection: Connection,
    /// Taken with the first operation.
    lease: Option<Lease>,
    /// Operations this program follows, as they are on the disk.
    held: HashMap<OperationId, Held>,
    /// So many more writes find room on the disk.
    #[cfg(test)]
    room: Option<usize>,
}

#[derive(Debug)]
struct Held {
    number: i64,
    operation: Operation,
}

/// An operation that has not come to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// The operation as far as it came.
    pub operation: Operation,
    /// The living process that follows it; 0 where the journal does not tell. `None` when it is nobody's.
    pub followed_by: Option<u32>,
}

/// What came of claiming an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is this program's now. The operation as far as it came.
    Granted(Box<Operation>),
    /// A living program follows it, perhaps this one: its process, 0 where the journal does not tell.
    Followed(u32),
    /// It has come to its end.
    Over,
}

impl Journal {
    /// Opens the journal, creating the file (for its owner alone) and its directory where they are missing.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = file::open(path)?;
        Ok(Self {
            path: path.into(),
            connection,
            lease: None,
            held: HashMap::new(),
            #[cfg(test)]
            room: None,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a new operation down and claims it. It is on the disk when this returns.
    pub fn begin(&mut self, operation: &Operation) -> Result<(), JournalError> {
        let number =
            self.write(|journal, lease| write::insert(journal, operation, lease.name()))?;
        self.held.insert(operation.id.clone(), Held { number, operation: operation.clone() });
        Ok(())
    }

    /// Writes steps of a claimed operation down, all of them or none. They are on the disk when this returns.
    pub fn record(&mut self, id: &OperationId, steps: &[Step]) -> Result<(), JournalError> {
        // Taken out, so that after a failure it is read again from the disk.
        let mut held = match self.held.remove(id) {
            Some(held) => held,
            None => self.read_held(id)?,
        };
        let mut changed = write::Changed::default();
        for step in steps {
            changed.note(&held.operation, step);
            held.operation.apply(step.clone());
        }
        let ours = self.write(|journal, lease| {
            let holder = read::find(journal, id)?.and_then(|(_, holder)| holder);
            if holder.as_deref() != Some(lease.name()) {
                return Ok(false);
            }
            changed.write(journal, held.number, &held.operation)?;
            Ok(true)
        })?;
        if !ours {
            return Err(JournalError::NotHeld { id: id.clone() });
        }
        self.held.insert(id.clone(), held);
        Ok(())
    }

    /// An operation, whoever follows it.
    pub fn load(&self, id: &OperationId) -> Result<Option<Operation>, JournalError> {
        self.read(|journal| {
            let Some((number, _)) = read::find(journal, id)? else { return Ok(None) };
            read::load(journal, number).map(Some)
        })
    }

    /// The ids that begin or end so, `limit` at most; one that is exactly so comes first.
    pub fn find_ids(&self, part: &str, limit: usize) -> Result<Vec<OperationId>, JournalError> {
        self.read(|journal| read::find_ids(journal, part, limit))
    }

    /// Unfinished operations, oldest first. Those that cannot be read come second, with the reason.
    pub fn unfinished(&self) -> Result<(Vec<Unfinished>, Unreadable), JournalError> {
        let (unfinished, unreadable) = self.read(|journal| {
            let (mut unfinished, mut unreadable) = (Vec::new(), Vec::new());
            for (number, holder) in read::open(journal)? {
                match read::load(journal, number) {
                    Ok(operation) if !operation.is_open() => {}
                    Ok(operation) => {
                        let followed_by = holder.and_then(|holder| self.process_of(&holder));
                        unfinished.push(Unfinished { operation, followed_by });
                    }
                    Err(error) => unreadable.push((read::id_of(journal, number), error)),
                }
            }
            Ok((unfinished, unreadable))
        })?;
        let reason = |(id, error)| (id, JournalError::sql(&self.path, error));
        Ok((unfinished, unreadable.into_iter().map(reason).collect()))
    }

    /// The newest operations that match, at most `limit`; with `before`, those older than that operation, and none if it does
    /// not exist. Those that cannot be read come second, with the reason.
    pub fn list(
        &self,
        filter: &Filter,
        before: Option<&OperationId>,
        limit: usize,
    ) -> Result<(Vec<Summary>, Unreadable), JournalError> {
        let page = self.read(|journal| list::list(journal, filter, before, limit))?;
        let unreadable = page.unreadable.into_iter();
        let unreadable = unreadable.map(|(id, error)| (id, JournalError::sql(&self.path, error)));
        Ok((page.operations, unreadable.collect()))
    }

    /// The operations that have not come to their end, oldest first, and the living process that follows each; without
    /// their shares.
    pub fn followers(&self) -> Result<Vec<(OperationId, Option<u32>)>, JournalError> {
        let open = self.read(read::open_ids)?;
        let follower = |holder: Option<String>| holder.and_then(|it| self.process_of(&it));
        Ok(open.into_iter().map(|(id, holder)| (id, follower(holder))).collect())
    }

    /// Other operations that changed shares of this one at the same time, and how many of them each names.
    pub fn concurrent_operations(
        &self,
        id: &OperationId,
    ) -> Result<Vec<(OperationId, usize)>, JournalError> {
        self.read(|journal| read::concurrent_operations(journal, id))
    }

    /// Names of projects of a cloud, by its name in the configuration, or of all clouds, as they were last seen.
    pub fn names(&self, cloud: Option<&str>) -> Result<Vec<(ProjectId, Text)>, JournalError> {
        self.read(|journal| names::all(journal, cloud))
    }

    /// Remembers names of projects. Nothing is claimed for it.
    pub fn remember_names(
        &mut self,
        cloud: &str,
        names: &[(ProjectId, Text)],
        at: Moment,
    ) -> Result<(), JournalError> {
        self.write_unclaimed(|journal| names::save(journal, cloud, names, at))
    }

    /// The filters that are kept under a name.
    pub fn filters(&self) -> Result<Vec<SavedFilter>, JournalError> {
        self.read(filters::all)
    }

    /// Keeps a filter under a name, in place of an earlier one; without words forgets it.
    pub fn save_filter(&mut self, name: &str, words: Option<&str>) -> Result<(), JournalError> {
        self.write_unclaimed(|journal| filters::save(journal, name, words))
    }

    fn write_unclaimed(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), JournalError> {
        #[cfg(test)]
        self.fill_up()?;
        let writing = || {
            let transaction =
                Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            write(&transaction)?;
            transaction.commit()
        };
        writing().map_err(|error| JournalError::sql(&self.path, error))
    }

    /// Takes over an unfinished operation, unless a living program follows it.
    pub fn claim(&mut self, id: &OperationId) -> Result<Claim, JournalError> {
        let path = self.path.clone();
        let claimed = self.write(|journal, lease| {
            let Some((number, holder)) = read::find(journal, id)? else { return Ok(None) };
            let operation = read::load(journal, number)?;
            if let Some(process) =
                holder.and_then(|holder| live_process(&path, &holder, Some(lease)))
            {
                return Ok(Some((number, Claim::Followed(process))));
            }
            if !operation.is_open() {
                return Ok(Some((number, Claim::Over)));
            }
            write::set_holder(journal, number, Some(lease.name()))?;
            Ok(Some((number, Claim::Granted(Box::new(operation)))))
        })?;
        let (number, claim) =
            claimed.ok_or_else(|| JournalError::NoSuchOperation { id: id.clone() })?;
        if let Claim::Granted(operation) = &claim {
            let held = Held { number, operation: (**operation).clone() };
            self.held.insert(id.clone(), held);
        }
        Ok(claim)
    }

    /// Gives an operation back: another program may claim it. One that is not held stays as it is.
    pub fn release(&mut self, id: &OperationId) -> Result<(), JournalError> {
        self.held.remove(id);
        self.write(|journal, lease| match read::find(journal, id)? {
            Some((number, Some(holder))) if holder == lease.name() => {
                write::set_holder(journal, number, None)
            }
            _ => Ok(()),
        })
    }

    fn read_held(&self, id: &OperationId) -> Result<Held, JournalError> {
        let found = self.read(|journal| {
            let Some((number, _)) = read::find(journal, id)? else { return Ok(None) };
            Ok(Some(Held { number, operation: read::load(journal, number)? }))
        })?;
        found.ok_or_else(|| JournalError::NoSuchOperation { id: id.clone() })
    }

    /// After so many more writes the disk is full.
    #[cfg(test)]
    pub(crate) fn with_room_for(mut self, writes: usize) -> Self {
        self.room = Some(writes);
        self
    }

    #[cfg(test)]
    fn fill_up(&mut self) -> Result<(), JournalError> {
        match &mut self.room {
            None => Ok(()),
            Some(0) => Err(JournalError::Full { path: self.path.clone() }),
            Some(room) => {
                *room -= 1;
                Ok(())
            }
        }
    }

    fn process_of(&self, holder: &str) -> Option<u32> {
        live_process(&self.path, holder, self.lease.as_ref())
    }

    /// Reads in one transaction, so that what is read belongs together.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let reading = || {
            let transaction =
                Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
            read(&transaction)
        };
        reading().map_err(|error| JournalError::sql(&self.path, error))
    }

    /// Writes in one transaction, which is on the disk when this returns. The file is locked from the start, so
    /// what is read in it stays true until it is written.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&Connection, &Lease) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        #[cfg(test)]
        self.fill_up()?;
        let Self { path, connection, lease, .. } = self;
        let sql = |error| JournalError::sql(path, error);
        let transaction =
            Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(sql)?;
        if lease.is_none() {
            *lease = Some(Lease::take(path).map_err(|error| JournalError::io(path, &error))?);
        }
        // The line above has taken one.
        let Some(lease) = lease else { return Err(JournalError::damaged(path, "no lease")) };
        let written = write(&transaction, lease).map_err(sql)?;
        transaction.commit().map_err(sql)?;
        Ok(written)
    }
}

/// The process of a holder that lives; 0 where its name does not tell.
fn live_process(journal: &Path, holder: &str, own: Option<&Lease>) -> Option<u32> {
    let is_own = own.is_some_and(|own| own.name() == holder);
    (is_own || lease::is_held(journal, holder)).then(|| lease::process(holder).unwrap_or(0))
}
