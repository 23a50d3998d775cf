//! Clients of the systems that are brought in line: transport, retry, limits, and the ESG client (design 2, 8).
//!
//! No target knows another target, and this crate does not know the run engine. What decides is pure and apart from I/O: [`hal`] reads answers,
//! [`retry`] decides what follows one exchange. [`transport`] is the edge: a trait, and the one implementation over the network.
//! Nothing here reads an environment variable; proxy and certificate authorities come from the caller.

pub mod context;
pub mod error;
pub mod esg;
pub use esgsync_hal as hal;
pub mod limit;
mod redact;
pub mod retry;
pub mod transport;

pub use context::{CallContext, CallLog, Observer};
pub use error::{ErrorKind, TargetError};
