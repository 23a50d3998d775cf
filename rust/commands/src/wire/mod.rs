//! What crosses the C ABI: requests, replies and events as JSON (design 9).
//!
//! The C# types, the error table and the ABI hash are generated from the schemas of these types, so a change here is a
//! change of the ABI. Members that are absent mean "not said", never `false` or empty.

mod error;
mod event;
mod reply;
mod request;
mod schema;

pub use error::*;
pub use event::*;
pub use reply::*;
pub use request::*;
pub use schema::definitions;
