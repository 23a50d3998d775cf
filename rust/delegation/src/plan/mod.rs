//! Plans: ordered actions against one target, with what was left alone and why, guards and a digest (design 6, 7).
//!
//! Nothing here knows a target; [`crate::esg`] makes plans for ESG.

mod guard;
mod model;

pub use guard::*;
pub use model::*;
