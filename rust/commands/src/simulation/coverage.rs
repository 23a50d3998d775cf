//! How often what was met: the table that the simulation prints.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Counts by kind and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Coverage(BTreeMap<(&'static str, String), u64>);

pub(super) const FAULT: &str = "fault";
pub(super) const SWITCH: &str = "switch";
pub(super) const OTHERS: &str = "others";
pub(super) const END: &str = "end";
pub(super) const STATUS: &str = "status";
pub(super) const RACE: &str = "race";

impl Coverage {
    pub fn count(&mut self, kind: &'static str, name: impl Into<String>) {
        *self.0.entry((kind, name.into())).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (key, count) in &other.0 {
            *self.0.entry(key.clone()).or_default() += count;
        }
    }

    /// How often anything of that kind was met.
    pub fn of(&self, kind: &str) -> u64 {
        self.0.iter().filter(|((known, _), _)| *known == kind).map(|(_, count)| count).sum()
    }

    /// What was met of that kind.
    pub fn names(&self, kind: &str) -> Vec<&str> {
        self.0.keys().filter(|(known, _)| *known == kind).map(|(_, name)| name.as_str()).collect()
    }
}

impl Coverage {
    /// All counts as JSON: by kind, and by name in it.
    pub fn json(&self) -> Value {
        let mut kinds = Map::new();
        for ((kind, name), count) in &self.0 {
            kinds.entry(*kind).or_insert_with(|| Map::new().into())[name] = (*count).into();
        }
        kinds.into()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((kind, name), count) in &self.0 {
            writeln!(f, "{kind:<8} {name:<46} {count:>12}")?;
        }
        Ok(())
    }
}
