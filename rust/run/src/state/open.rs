//! Opening: every check is made here, so that an open [`State`] can be trusted.

use super::lock::Lock;
use super::opening::Opening;
use super::{Memory, StateError, place};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which target a state file serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `-Name` of the connection.
    pub name: String,
    /// Kind of system: `esg`.
    pub system: String,
    /// Host and port.
    pub host: String,
    /// The target answers as our simulator does.
    pub simulator: bool,
}

/// What the state is opened for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Looking: no lock; works while a run writes.
    #[default]
    Read,
    /// Planning and runs: holds the lock until the state is dropped. Planning needs it because what it reads from the target must
    /// not be changed by a run meanwhile.
    Write,
}

/// When a transaction counts as written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the disk has it (`synchronous=FULL`).
    #[default]
    Disk,
    /// At once: survives the end of the process, not of the machine. For tests that make thousands of files.
    ProcessOnly,
}

/// How a state is opened.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Looking or writing.
    pub mode: Mode,
    /// The caller states that a different host is the same appliance.
    pub rebind: bool,
    /// The account that errors, the lock and runs name; absent: what the system tells.
    pub account: Option<String>,
    /// The machine that the lock and runs name; absent: what the system tells.
    pub machine: Option<String>,
    /// When a transaction counts as written.
    pub durability: Durability,
    /// Where the state lies in place of a file; then the path is a name only.
    pub memory: Option<Arc<Memory>>,
}

/// An open state file. One owner, one thread at a time.
#[derive(Debug)]
pub struct State {
    // Declared before the lock: the database closes first. None only while it is dropped.
    pub(super) db: Option<Connection>,
    /// Where the database goes back to.
    pub(super) home: Option<Arc<Memory>>,
    pub(super) path: PathBuf,
    /// Who works with it, as its runs note.
    pub(super) account: Option<String>,
    pub(super) machine: Option<String>,
    pub(super) identity: Identity,
    pub(super) state_id: String,
    pub(super) lock: Option<Lock>,
}

impl State {
    /// Opens the state file of a target, and makes it (and its folder, private to this account where the system has such modes)
    /// when it is not there.
    ///
    /// # Errors
    /// Every way in which a file can be unusable, see [`StateError`]. Nothing was changed then.
    pub fn open(path: &Path, identity: &Identity, options: &OpenOptions) -> Result<Self, StateError> {
        if place::is_network(path) {
            return Err(StateError::NetworkPath { path: path.to_owned() });
        }
        let opening = Opening::new(path, options);
        if let Some(memory) = &options.memory {
            return opening.of_memory(memory, identity, options.rebind);
        }
        opening.create().map_err(|error| opening.unusable(error))?;
        let lock = match options.mode == Mode::Write || options.rebind {
            true => Some(opening.lock()?),
            false => None,
        };
        let mut db = opening.connect(options.durability)?;
        opening.migrate(&mut db, lock.is_some())?;
        let state_id = opening.identify(&mut db, identity, options.rebind)?;
        let lock = lock.filter(|_| options.mode == Mode::Write);
        Ok(opening.state(db, identity.clone(), state_id, lock))
    }

    /// Opens a state file that is there, whatever target it serves, to look at its history. Works while a run writes.
    ///
    /// # Errors
    /// [`StateError::Missing`], and as [`State::open`] but for the target.
    pub fn look(path: &Path, options: &OpenOptions) -> Result<Self, StateError> {
        if place::is_network(path) {
            return Err(StateError::NetworkPath { path: path.to_owned() });
        }
        let opening = Opening::new(path, options);
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StateError::Missing { path: path.to_owned() });
            }
            Err(error) => return Err(opening.unusable(error)),
            Ok(_) => {}
        }
        let mut db = opening.connect(options.durability)?;
        opening.migrate(&mut db, false)?;
        let (identity, state_id) =
            opening.recorded(&db)?.ok_or_else(|| StateError::Missing { path: path.to_owned() })?;
        Ok(opening.state(db, identity, state_id, None))
    }

    /// True when a run, or planning, holds the lock at this moment.
    pub fn is_in_use(&self) -> bool {
        self.is_writable() || Lock::is_held(&self.path)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The target that the file serves.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Random id made with the file: a plan does not outlive its state.
    pub fn state_id(&self) -> &str {
        &self.state_id
    }

    /// Generation: grows with every run that is not of the same plan as the run before (design 8).
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn generation(&self) -> Result<u64, StateError> {
        self.read(|db| db.prepare_cached("SELECT generation FROM target")?.query_row([], |row| row.get(0)))
    }

    /// The tenant whose plans were applied so far; `None` before the first.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn tenant(&self) -> Result<Option<String>, StateError> {
        self.read(|db| db.prepare_cached("SELECT tenant FROM target")?.query_row([], |row| row.get(0)))
    }

    /// When a transaction counts as written, as SQLite has it.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn durability(&self) -> Result<Durability, StateError> {
        let synchronous: i64 = self.read(|db| db.pragma_query_value(None, "synchronous", |row| row.get(0)))?;
        // 2 is FULL; with less, a power cut takes the last commits of a write-ahead log.
        Ok(if synchronous >= 2 { Durability::Disk } else { Durability::ProcessOnly })
    }

    /// True when this state holds the lock.
    pub fn is_writable(&self) -> bool {
        self.lock.is_some() || self.home.is_some()
    }

    /// True when there is a state to look at.
    pub fn exists(path: &Path, memory: Option<&Arc<Memory>>) -> bool {
        memory.is_some() || path.exists()
    }

    pub(super) fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StateError> {
        let db = self.db.as_ref().ok_or_else(|| StateError::failed(&self.path, "it is closed"))?;
        query(db).map_err(|error| StateError::sqlite(&self.path, error))
    }

    /// One transaction: all of `change` or nothing.
    pub(super) fn write<T>(
        &mut self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StateError> {
        if !self.is_writable() {
            return Err(StateError::ReadOnly { path: self.path.clone() });
        }
        let path = &self.path;
        let failed = |error| StateError::sqlite(path, error);
        let db = self.db.as_mut().ok_or_else(|| StateError::failed(path, "it is closed"))?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let value = change(&tx).map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(value)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let (Some(home), Some(db)) = (&self.home, self.db.take()) {
            home.give_back(db);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use esgsync_delegation::esg::RemovedFunctional;

    /// A disk without room, as SQLite meets it.
    #[test]
    fn a_full_disk_is_told_as_that_and_nothing_is_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity {
            name: "corp".into(),
            system: "esg".into(),
            host: "esg.corp.example:443".into(),
            simulator: false,
        };
        let options = OpenOptions { mode: Mode::Write, ..OpenOptions::default() };
        let mut state = State::open(&folder.path().join("corp.db"), &identity, &options).unwrap();
        let pages: i64 = state.db.as_ref().unwrap().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        state.db.as_ref().unwrap().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        let big = |name: &str| RemovedFunctional {
            tenant: "t".into(),
            mailbox: "m".into(),
            username: name.into(),
            addresses: vec!["x".repeat(20_000)],
            returned: 0,
        };
        let error = state
            .write(|tx| {
                super::super::managed::note_removed(tx, &RemovedFunctional { addresses: vec![], ..big("small") })?;
                super::super::managed::note_removed(tx, &big("large"))
            })
            .expect_err("refused");
        assert_eq!(error.code(), "StateFull");
        assert!(error.to_string().contains("corp.db") && error.advice().contains("Free space"), "{error}");
        assert!(state.removed("t").unwrap().is_empty());
    }
}
