//! The checks of opening, one after the other, and the errors that they end with.

use super::lock::{Lock, LockError};
use super::open::{Durability, Identity, OpenOptions, State};
use super::{Memory, StateError, place, schema};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long another connection of ours may hold the database (never longer than one transaction) before we give up.
const BUSY: Duration = Duration::from_secs(10);

/// One attempt to open a file: every error names the file and who tried.
pub(super) struct Opening<'a> {
    path: &'a Path,
    account: Option<String>,
    machine: Option<String>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(path: &'a Path, options: &OpenOptions) -> Self {
        let account = options.account.clone().or_else(place::current_account);
        Self { path, account, machine: options.machine.clone().or_else(place::machine) }
    }

    /// What comes of it.
    pub(super) fn state(self, db: Connection, identity: Identity, state_id: String, lock: Option<Lock>) -> State {
        let (account, machine) = (self.account, self.machine);
        State { db: Some(db), home: None, path: self.path.to_owned(), account, machine, identity, state_id, lock }
    }

    /// The same from a database in memory, which needs no checks: nobody else has touched it.
    pub(super) fn of_memory(
        self,
        memory: &Arc<Memory>,
        identity: &Identity,
        rebind: bool,
    ) -> Result<State, StateError> {
        let holder = "this process".to_owned();
        let mut db = memory.lend().ok_or_else(|| StateError::Locked { path: self.path.to_owned(), holder })?;
        let opened = self.migrate(&mut db, true).and_then(|()| self.identify(&mut db, identity, rebind));
        match opened {
            Ok(state_id) => {
                let mut state = self.state(db, identity.clone(), state_id, None);
                state.home = Some(Arc::clone(memory));
                Ok(state)
            }
            Err(error) => {
                memory.give_back(db);
                Err(error)
            }
        }
    }

    fn account(&self) -> &str {
        self.account.as_deref().unwrap_or("the current account")
    }

    pub(super) fn create(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private_folder().recursive(true).create(folder)?;
        }
        // An empty file is an empty database to SQLite, which copies the file's mode to its companions.
        match private_file().create_new(true).open(self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn lock(&self) -> Result<Lock, StateError> {
        let open = |path: &Path| -> io::Result<File> { private_file().create(true).truncate(false).open(path) };
        let holder = place::holder(Some(self.account()), self.machine.as_deref());
        Lock::take(self.path, &holder, open).map_err(|error| match error {
            LockError::Held(holder) => StateError::Locked { path: self.path.to_owned(), holder },
            LockError::Unusable(error) => self.unusable(error),
        })
    }

    pub(super) fn connect(&self, durability: Durability) -> Result<Connection, StateError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(self.path, flags).map_err(|error| self.cannot_open(error))?;
        db.busy_timeout(BUSY).map_err(|error| self.cannot_open(error))?;
        // Whose file it is comes first: nothing is written to a file that is not ours or newer than we are.
        self.recognise(&db)?;
        // SQLite falls back to reading where it may not write; a state that cannot keep its journal is of no use.
        if db.is_readonly("main").map_err(|error| self.cannot_open(error))? {
            return Err(self.unusable("it is read-only"));
        }
        let synchronous = match durability {
            Durability::Disk => "FULL",
            Durability::ProcessOnly => "OFF",
        };
        let settle = || -> rusqlite::Result<()> {
            db.pragma_update(None, "synchronous", synchronous)?;
            db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            db.pragma_update(None, "foreign_keys", true)?;
            schema::plan_once(&db)
        };
        settle().map_err(|error| self.cannot_open(error))?;
        match db.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0)) {
            Ok(verdict) if verdict == "ok" => Ok(db),
            Ok(faults) => Err(StateError::Damaged { path: self.path.to_owned(), reason: first_fault(&faults) }),
            Err(error) => Err(self.cannot_open(error)),
        }
    }

    fn recognise(&self, db: &Connection) -> Result<(), StateError> {
        let look = || -> rusqlite::Result<(i64, i64, bool)> {
            let application = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
            let empty = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((schema::format(db)?, application, empty))
        };
        let (format, application, empty) = look().map_err(|error| self.cannot_open(error))?;
        if empty && format == 0 {
            return Ok(());
        }
        if application != schema::APPLICATION_ID {
            let reason = "it is a database of another program".into();
            return Err(StateError::NotAState { path: self.path.to_owned(), reason });
        }
        if format > schema::newest() {
            return Err(StateError::TooNew { path: self.path.to_owned(), found: format, known: schema::newest() });
        }
        Ok(())
    }

    /// Brings the tables to the newest format: under the lock, and with a copy of the older file beside it first.
    pub(super) fn migrate(&self, db: &mut Connection, locked: bool) -> Result<(), StateError> {
        let failed = |error: rusqlite::Error| self.cannot_open(error);
        let found = schema::format(db).map_err(failed)?;
        if found == schema::newest() {
            return Ok(());
        }
        // A new file has nothing to lose, and two that make it at once wait for each other in SQLite.
        let _lock = if locked || found == 0 { None } else { Some(self.lock()?) };
        if found > 0 {
            self.copy(db, found)?;
        }
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        schema::migrate(&tx).map_err(failed)?;
        tx.commit().map_err(failed)
    }

    /// A copy of a file of an older format: `corp.esg.db.format1`. Whole or not at all.
    fn copy(&self, db: &Connection, format: i64) -> Result<(), StateError> {
        let named = |suffix: &str| {
            let mut name = self.path.as_os_str().to_owned();
            name.push(format!(".format{format}{suffix}"));
            PathBuf::from(name)
        };
        let (copy, partial) = (named(""), named(".partial"));
        let failed = |error: &dyn std::fmt::Display| {
            let text =
                format!("no copy could be made before it is brought to a newer format ({}): {error}", copy.display());
            self.unusable(text)
        };
        // Of an attempt that was interrupted.
        if partial.exists() {
            fs::remove_file(&partial).map_err(|error| failed(&error))?;
        }
        // Made by us, so that it is as private as the state itself.
        private_file().create_new(true).open(&partial).map_err(|error| failed(&error))?;
        let name = partial.to_string_lossy();
        db.execute("VACUUM INTO ?1", [name.as_ref()]).map_err(|error| failed(&error))?;
        fs::rename(&partial, &copy).map_err(|error| failed(&error))
    }

    /// The target that the file serves, and its id; `None` in a new file.
    pub(super) fn recorded(&self, db: &Connection) -> Result<Option<(Identity, String)>, StateError> {
        let query = "SELECT name, system, host, simulator, state_id FROM target";
        let read = |row: &rusqlite::Row<'_>| {
            let (name, system, host) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((Identity { name, system, host, simulator: row.get(3)? }, row.get::<_, String>(4)?))
        };
        let recorded = db.prepare_cached(query).and_then(|mut query| query.query_row([], read).optional());
        recorded.map_err(|error| self.cannot_open(error))
    }

    /// Compares the target, or makes the file its. Gives the state id.
    pub(super) fn identify(
        &self,
        db: &mut Connection,
        identity: &Identity,
        rebind: bool,
    ) -> Result<String, StateError> {
        let failed = |error: rusqlite::Error| self.cannot_open(error);
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let recorded = self.recorded(&tx)?;
        let state_id = match recorded {
            Some((recorded, state_id)) => {
                self.compare(&recorded, identity, rebind)?;
                if recorded.host != identity.host {
                    tx.execute("UPDATE target SET host = ?1", [&identity.host]).map_err(failed)?;
                }
                state_id
            }
            None => {
                let insert = "INSERT INTO target (one, state_id, name, system, host, simulator)
                     VALUES (1, lower(hex(randomblob(16))), ?1, ?2, ?3, ?4) RETURNING state_id";
                let values = params![identity.name, identity.system, identity.host, identity.simulator];
                let made = tx.prepare_cached(insert).and_then(|mut made| made.query_row(values, |row| row.get(0)));
                made.map_err(failed)?
            }
        };
        tx.commit().map_err(failed)?;
        Ok(state_id)
    }

    fn compare(&self, recorded: &Identity, asked: &Identity, rebind: bool) -> Result<(), StateError> {
        let path = self.path.to_owned();
        if recorded.simulator != asked.simulator {
            return Err(StateError::SimulatorMixed { path, recorded: recorded.simulator });
        }
        if recorded.name.to_lowercase() != asked.name.to_lowercase() || recorded.system != asked.system {
            let named = |target: &Identity| format!("{} target '{}'", target.system, target.name);
            return Err(StateError::OtherTarget { path, recorded: named(recorded), asked: named(asked) });
        }
        if !recorded.host.eq_ignore_ascii_case(&asked.host) && !rebind {
            let (name, recorded, asked) = (asked.name.clone(), recorded.host.clone(), asked.host.clone());
            return Err(StateError::HostDiffers { path, name, recorded, asked });
        }
        Ok(())
    }

    pub(super) fn unusable(&self, reason: impl std::fmt::Display) -> StateError {
        let (owner, account) = (place::owner(self.path), self.account().to_owned());
        StateError::Unusable { path: self.path.to_owned(), owner, account, reason: reason.to_string() }
    }

    fn cannot_open(&self, error: rusqlite::Error) -> StateError {
        match StateError::sqlite(self.path, error) {
            StateError::Failed { reason, .. } => self.unusable(reason),
            known => known,
        }
    }
}

/// SQLite lists faults in lines below a heading of asterisks.
fn first_fault(faults: &str) -> String {
    faults.lines().find(|line| !line.starts_with('*')).unwrap_or(faults).to_owned()
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(unix)]
fn private_file() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true);
    options
}
