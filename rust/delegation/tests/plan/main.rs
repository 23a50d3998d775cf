//! Planning for ESG against worlds made by hand (rules 23 to 36, 38 to 42).
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers of tests are tests too.

mod builder;
mod file;
mod functional;
mod guards;
mod people;
mod properties;
mod run;
mod stale;
