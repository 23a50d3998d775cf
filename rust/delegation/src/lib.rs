//! From rows of Exchange to delegations, and from delegations to plans.
//!
//! Pure: no I/O, no clock, no runtime, no HTTP, no SQLite, no PowerShell (design 2). Time comes in as a value, bytes come in
//! from the caller, and every result is deterministic: the same rows in any order give the same delegations and the same digest.
//!
//! The way of the data: [`snapshot`] reads lines, [`resolve`] turns them into delegations with trails, [`esg`] compares
//! them with the users of an ESG appliance and makes a [`plan`]; [`compare`] tells what changed between two snapshots.

pub mod address;
pub mod compare;
pub mod delta;
pub mod digest;
pub mod esg;
pub mod finding;
pub mod plan;
pub mod resolve;
pub mod snapshot;
