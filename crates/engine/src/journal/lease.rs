//! Which running program an operation belongs to.
//!
//! A program that holds operations keeps a file next to the journal locked for as long as it lives. The system
//! gives the lock back when the program ends, however it ends, and never while it lives: not when it sleeps, is
//! stopped or runs in another container over the same directory. So a lease needs no clock and no process table.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// This program's own lease; given back when dropped.
#[derive(Debug)]
pub(super) struct Lease {
    name: String,
    path: PathBuf,
    /// Closing it gives the lock back.
    _locked: File,
}

impl Lease {
    /// Takes a new lease beside the journal. Call it while the journal is locked for writing: until the lease is
    /// named in there it looks like one that nobody holds.
    pub(super) fn take(journal: &Path) -> io::Result<Self> {
        let name = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        let path = path_of(journal, &name);
        let file =
            super::file::private(OpenOptions::new().write(true).create_new(true)).open(&path)?;
        file.try_lock()?;
        Ok(Self { name, path, _locked: file })
    }

    /// What the journal calls its holder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A file that stays behind is not locked, so it is nobody's lease.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether the program that took the lease still lives. What cannot be found out counts as living.
pub(super) fn is_held(journal: &Path, name: &str) -> bool {
    let path = path_of(journal, name);
    match File::open(&path).map(|file| file.try_lock()) {
        Err(error) => error.kind() != io::ErrorKind::NotFound,
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) => true,
        Ok(Ok(())) => {
            let _ = std::fs::remove_file(&path);
            false
        }
    }
}

/// The process a lease was taken by, for messages.
pub(super) fn process(name: &str) -> Option<u32> {
    name.split('-').next()?.parse().ok()
}

fn path_of(journal: &Path, name: &str) -> PathBuf {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let mut path = journal.as_os_str().to_owned();
    path.push(format!("-lease-{plain}"));
    path.into()
}
