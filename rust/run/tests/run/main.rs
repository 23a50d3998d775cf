//! Runs against an appliance in memory. One test program: `world` is the appliance and the driver, the rest are the cases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod begin;
mod outcomes;
mod removals;
mod state;
mod undo;
mod world;
