//! The requests that the module sends, their replies, and one dispatcher (design 2, 9).
//!
//! This crate joins what does not know each other: snapshots and plans (`delegation`), the client (`targets`), the engine and the state
//! (`run`). It decides nothing that they decide.

mod compare;
pub mod configuration;
mod connection;
mod context;
mod delegations;
mod engine;
mod failure;
mod growing;
mod history;
mod invoke;
mod outside;
mod planning;
mod report;
mod select;
mod settings;
#[cfg(test)]
mod simulation;
mod snapshots;
mod steps;
mod undo;
pub mod wire;

pub use engine::{Engine, Unprotect};
