//! Applies a plan: what is managed and what was done ([`State`], one SQLite file per target), and an engine without I/O of its
//! own ([`Run`]) that says which call to make next and learns what became of it (design 8).
//!
//! The engine knows no target system beyond the trait [`Target`]; [`Esg`] is the first one. A driver elsewhere makes the calls:
//!
//! ```text
//! loop {
//!     match run.next(now)? {                 // a write is journalled before it is handed out
//!         Read | Update | Remove => call,    // several may be in flight
//!         Wait => until then, or until a call in flight comes back,
//!         Done => break,
//!     }
//!     run.complete(step, outcome, now)?;     // outcome and what is managed change in one transaction
//!     emit(run.take_events());               // no transaction is open here
//! }
//! let result = run.finish(now)?;
//! ```

mod engine;
mod state;

pub use engine::*;
pub use state::*;
