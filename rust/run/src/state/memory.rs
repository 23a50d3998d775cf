//! A state without a file.

use super::{StateError, schema};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Statements that are kept ready: all that there are.
const STATEMENTS: usize = 64;

/// A state in the memory of this process, for simulations that make millions. It lasts as long as this does, and one
/// [`super::State`] at a time has it, as its lock would have it.
#[derive(Debug)]
pub struct Memory(Mutex<Option<Connection>>);

impl Memory {
    /// An empty one.
    ///
    /// # Errors
    /// When SQLite gives no memory.
    pub fn new() -> Result<Arc<Self>, StateError> {
        let open = || -> rusqlite::Result<Connection> {
            let db = Connection::open_in_memory()?;
            db.set_prepared_statement_cache_capacity(STATEMENTS);
            db.pragma_update(None, "foreign_keys", true)?;
            schema::plan_once(&db)?;
            Ok(db)
        };
        let db = open().map_err(|error| StateError::sqlite(Path::new(":memory:"), error))?;
        Ok(Arc::new(Self(Mutex::new(Some(db)))))
    }

    /// Looks at the tables while no state has them.
    pub fn look<T>(&self, look: impl FnOnce(&Connection) -> T) -> Option<T> {
        self.lock().as_ref().map(look)
    }

    pub(super) fn lend(&self) -> Option<Connection> {
        self.lock().take()
    }

    pub(super) fn give_back(&self, db: Connection) {
        *self.lock() = Some(db);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
