//! Plans: ordered actions against one target, with what was left alone and why, guards and a digest (design 6, 7).
//!
//! Nothing here knows a target; [`crate::esg`] makes plans for ESG.

mod admitted;
mod decision;
mod error;
mod file;
mod guard;
mod model;
mod options;

pub use admitted::*;
pub use decision::*;
pub use error::*;
pub use file::schema;
pub use guard::*;
pub use model::*;
pub use options::*;
