//! Planning for ESG: from delegations and the appliance's users to a plan, and the pure decisions of a run (design 6, rules 23 to 42).

mod user;

pub use user::*;
