//! The requests that the module sends, their replies, and one dispatcher (design 2, 9).

pub mod wire;

mod engine;

pub use engine::Engine;
