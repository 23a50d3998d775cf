//! The state of one target: what is managed, and the journal of its runs (design 8).

mod error;
mod history;
mod journal;
mod lock;
mod managed;
mod memory;
mod open;
mod opening;
mod place;
mod schema;
mod undo;

pub use error::StateError;
pub use history::{ActionRecord, RunRecord};
pub(crate) use journal::{Booking, Ending, Gone, NewRun, Pending, Restored};
pub use lock::{Lock, LockError};
pub use memory::Memory;
pub use open::{Durability, Identity, Mode, OpenOptions, State};
pub use place::{holder, owner};
pub use undo::{UndoError, UndoFacts};

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

// Names of enums are stored as their JSON names, so that file, plan and reports use the same words.
fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

fn from_name<T: DeserializeOwned>(name: String) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(name))
}

// Plain data of ours: serialisation fails only on maps whose keys are no strings, which none of these types has.
pub(crate) fn to_json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn some_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    row.get::<_, Option<String>>(column)?.map(|_| json(row, column)).transpose()
}

fn named<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    from_name(row.get(column)?).map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error: jiff::Error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}
