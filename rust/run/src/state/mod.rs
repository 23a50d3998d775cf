//! The state of one target: what is managed, and the journal of its runs (design 8).

mod error;
mod journal;
mod lock;
mod managed;
mod open;
mod place;
mod schema;

pub use error::StateError;
pub use journal::{ActionRecord, RunRecord};
pub(crate) use journal::{Booking, Ending, Gone, NewRun, Pending};
pub use open::{Durability, Identity, Mode, OpenOptions, State};

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
