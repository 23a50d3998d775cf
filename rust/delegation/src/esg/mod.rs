//! Planning for ESG: from delegations and the appliance's users to a plan, and the pure decisions of a run (design 6, rules 23 to 42).
//!
//! [`plan`] goes: look-ups ([`PlanInput`] to an index), who is who (`matching`), who shall hold what (`grants`), what is ours
//! (`managed`); then additions, stale aliases, duplicates, adoptions, functional users, findings; then actions.

mod actions;
mod additions;
mod admit;
mod collapse;
mod draft;
mod edit;
mod effect;
mod findings;
mod functional;
mod grants;
mod held_back;
mod index;
mod input;
mod lists;
mod managed;
mod matching;
mod planner;
mod removable;
mod run;
mod stale;
mod undo;
mod user;

pub use effect::{After, JournalledAction, Touches};
pub use input::PlanInput;
pub use planner::plan;
pub use removable::{RemovableFunctional, removable};
pub use run::*;
pub use undo::{UndoInput, undo};
pub use user::*;
