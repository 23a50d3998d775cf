//! Opening: every check is made here, so that an open [`State`] can be trusted.

use super::lock::{Lock, LockError};
use super::{StateError, place, schema};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another connection of ours may hold the database (never longer than one transaction) before we give up.
const BUSY: Duration = Duration::from_secs(10);

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
    /// The account that errors and the lock name; absent: what the system tells.
    pub account: Option<String>,
    /// When a transaction counts as written.
    pub durability: Durability,
}

/// An open state file. One owner, one thread at a time.
#[derive(Debug)]
pub struct State {
    // Declared before the lock: the database closes first.
    pub(super) db: Connection,
    pub(super) path: PathBuf,
    identity: Identity,
    state_id: String,
    lock: Option<Lock>,
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
        let account =
            options.account.clone().or_else(place::current_account).unwrap_or_else(|| "the current account".into());
        let opening = Opening { path, account };
        opening.create().map_err(|error| opening.unusable(error))?;
        let lock = match options.mode == Mode::Write || options.rebind {
            true => Some(opening.lock()?),
            false => None,
        };
        let mut db = opening.connect(options.durability)?;
        let state_id = opening.identify(&mut db, identity, options.rebind)?;
        let lock = lock.filter(|_| options.mode == Mode::Write);
        Ok(Self { db, path: path.to_owned(), identity: identity.clone(), state_id, lock })
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
        self.read(|db| db.query_row("SELECT generation FROM target", [], |row| row.get(0)))
    }

    /// The tenant whose plans were applied so far; `None` before the first.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn tenant(&self) -> Result<Option<String>, StateError> {
        self.read(|db| db.query_row("SELECT tenant FROM target", [], |row| row.get(0)))
    }

    /// When a transaction counts as written, as SQLite has it.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn durability(&self) -> Result<Durability, StateError> {
        let synchronous: i64 = self.read(|db| db.pragma_query_value(None, "synchronous", |row| row.get(0)))?;
        Ok(if synchronous == 0 { Durability::ProcessOnly } else { Durability::Disk })
    }

    /// True when this state holds the lock.
    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    pub(super) fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StateError> {
        query(&self.db).map_err(|error| StateError::failed(&self.path, error))
    }

    /// One transaction: all of `change` or nothing.
    pub(super) fn write<T>(
        &mut self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StateError> {
        if self.lock.is_none() {
            return Err(StateError::ReadOnly { path: self.path.clone() });
        }
        let path = &self.path;
        let failed = |error| StateError::failed(path, error);
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let value = change(&tx).map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(value)
    }
}

struct Opening<'a> {
    path: &'a Path,
    account: String,
}

impl Opening<'_> {
    fn create(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private_folder().recursive(true).create(folder)?;
        }
        // An empty file is an empty database to SQLite, which copies the file's mode to its companions.
        match private_file().create_new(true).open(self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> Result<Lock, StateError> {
        let open = |path: &Path| -> io::Result<File> { private_file().create(true).truncate(false).open(path) };
        Lock::take(self.path, &self.holder(), open).map_err(|error| match error {
            LockError::Held(error) => error,
            LockError::Unusable(error) => self.unusable(error),
        })
    }

    fn holder(&self) -> String {
        let program = place::program().unwrap_or_else(|| "a process".into());
        let machine = place::machine().map(|name| format!(" on {name}")).unwrap_or_default();
        let since = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
        format!("{program} (process {}) of {}{machine} since {since}", std::process::id(), self.account)
    }

    fn connect(&self, durability: Durability) -> Result<Connection, StateError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(self.path, flags).map_err(|error| self.cannot_open(error))?;
        db.busy_timeout(BUSY).map_err(|error| self.cannot_open(error))?;
        // Whose file it is comes first: nothing is written to a file that is not ours or newer than we are.
        self.recognise(&db)?;
        let synchronous = match durability {
            Durability::Disk => "FULL",
            Durability::ProcessOnly => "OFF",
        };
        let settle = || -> rusqlite::Result<()> {
            db.pragma_update(None, "synchronous", synchronous)?;
            db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            db.pragma_update(None, "foreign_keys", true)
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

    /// Makes or brings up to date the tables, and compares the target. Gives the state id.
    fn identify(&self, db: &mut Connection, identity: &Identity, rebind: bool) -> Result<String, StateError> {
        let failed = |error: rusqlite::Error| self.cannot_open(error);
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        schema::migrate(&tx).map_err(failed)?;
        let recorded = tx
            .query_row("SELECT name, system, host, simulator, state_id FROM target", [], |row| {
                let (name, system, host) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((Identity { name, system, host, simulator: row.get(3)? }, row.get::<_, String>(4)?))
            })
            .optional()
            .map_err(failed)?;
        let state_id = match recorded {
            Some((recorded, state_id)) => {
                self.compare(&recorded, identity, rebind)?;
                if recorded.host != identity.host {
                    tx.execute("UPDATE target SET host = ?1", [&identity.host]).map_err(failed)?;
                }
                state_id
            }
            None => tx
                .query_row(
                    "INSERT INTO target (one, state_id, name, system, host, simulator)
                     VALUES (1, lower(hex(randomblob(16))), ?1, ?2, ?3, ?4) RETURNING state_id",
                    params![identity.name, identity.system, identity.host, identity.simulator],
                    |row| row.get(0),
                )
                .map_err(failed)?,
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

    fn unusable(&self, reason: impl std::fmt::Display) -> StateError {
        let (owner, account) = (place::owner(self.path), self.account.clone());
        StateError::Unusable { path: self.path.to_owned(), owner, account, reason: reason.to_string() }
    }

    fn cannot_open(&self, error: rusqlite::Error) -> StateError {
        let (path, reason) = (self.path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => StateError::NotAState { path, reason },
            Some(ErrorCode::DatabaseCorrupt) => StateError::Damaged { path, reason },
            _ => self.unusable(reason),
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
