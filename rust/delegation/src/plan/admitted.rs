//! What of a plan may run: expectations against the plan's own numbers (design 7, rules 40, 41).

use super::{Action, ChangeKind, GuardCount, Plan, guards};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The part of a plan that its guards and the caller's expectations let through.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    /// Actions in the order of the run, without the changes of blocked kinds. An action that lost a change has an id of
    /// its own, so that its full form still counts as open when a later run of the same plan is expected.
    pub actions: Vec<Action>,
    /// Kinds that are held back, with the override to paste.
    pub blocked: Vec<GuardCount>,
    /// Actions that are held back as a whole: id in the plan, and why.
    pub withheld: Vec<(String, String)>,
}

/// An expectation that is not the plan's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch {
    /// The kind.
    pub kind: ChangeKind,
    /// What was expected.
    pub expected: u64,
    /// What the plan counts.
    pub planned: u64,
}

/// Expectations that are not the plan's numbers: whoever gave them looked at another plan. Nothing may run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ExpectError {
    /// All of them, by kind.
    pub mismatches: Vec<Mismatch>,
}

impl fmt::Display for ExpectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("-Expect is refused, nothing was changed:")?;
        for Mismatch { kind, expected, planned } in &self.mismatches {
            write!(f, " {kind:?} = {expected} was expected and the plan counts {planned};")?;
        }
        f.write_str(" look at the plan again and name its numbers")
    }
}

impl Plan {
    /// Changes by kind, of all actions.
    pub fn counts(&self) -> BTreeMap<ChangeKind, u64> {
        let mut counts = BTreeMap::new();
        for change in self.actions.iter().flat_map(|action| &action.changes) {
            *counts.entry(change.kind).or_insert(0) += 1;
        }
        counts
    }

    /// The guards that block although of what `expect` names, of kinds that are not applied yet: `done` are ids of actions that runs
    /// of this plan confirmed. The numbers are those of the whole plan all the same. Counts and limits are taken anew, from the actions
    /// and from this product's table; only what existed at the target is the plan's word.
    ///
    /// # Errors
    /// When an expectation is not the plan's number for its kind, blocked or not.
    pub fn blocked(
        &self,
        expect: &BTreeMap<ChangeKind, u64>,
        done: &BTreeSet<String>,
    ) -> Result<Vec<GuardCount>, ExpectError> {
        let counts = self.counts();
        let planned = |kind| counts.get(&kind).copied().unwrap_or(0);
        let mismatches: Vec<Mismatch> = expect
            .iter()
            .map(|(&kind, &expected)| Mismatch { kind, expected, planned: planned(kind) })
            .filter(|mismatch| mismatch.expected != mismatch.planned)
            .collect();
        if !mismatches.is_empty() {
            return Err(ExpectError { mismatches });
        }
        let open = self.actions.iter().filter(|action| !done.contains(&action.id));
        let open: BTreeSet<ChangeKind> = open.flat_map(|action| &action.changes).map(|change| change.kind).collect();
        let existing = self.guards.iter().map(|guard| (guard.kind, guard.existing)).collect();
        Ok(guards(&counts, &existing)
            .into_iter()
            .filter(|guard| guard.blocked && open.contains(&guard.kind) && !expect.contains_key(&guard.kind))
            .collect())
    }
}
