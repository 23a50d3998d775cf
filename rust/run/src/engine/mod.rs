//! The run engine: which call comes next, and what its outcome means (design 8). No I/O of its own but the journal.

mod begin;
mod booking;
mod complete;
mod creation;
mod error;
mod esg;
mod job;
mod next;
mod removal;
mod reply;
mod result;
mod run;
mod step;
mod target;

pub use begin::{RunOptions, check_plan};
pub use error::RunError;
pub use esg::Esg;
pub use result::{ActionResult, ActionStatus, RunEvent, RunResult, Stop};
pub use run::Run;
pub use step::{Outcome, Purpose, Step, StepId};
pub use target::Target;
