//! A run, a plan or a snapshot as a report that a person reads a year later: one self-contained HTML page, CSV or JSON.
//!
//! Pure: a [`Report`] goes in, text comes out. Every text in it may have been written by somebody else (a display name, an answer of the
//! appliance), so none reaches the page but through [`html`]'s escapes, and none reaches a spreadsheet as a formula ([`csv`]).

pub mod csv;
pub mod html;
mod model;
mod pool;
mod tables;
mod tally;
mod words;

pub use model::*;

/// The report as indented JSON with a final newline: the members of [`Report`].
pub fn json(report: &Report) -> String {
    // Strings, numbers and lists only: nothing that serde_json could refuse.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
