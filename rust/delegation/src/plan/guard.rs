//! Guards: a limit on a kind of change, by count and by percent (design 7, rule 40).

use super::ChangeKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Percentages count from this many existing on; below, [`Limit::few`] holds instead of [`Limit::count`].
pub const PERCENT_FROM: u64 = 100;

/// The limit of one kind. A number strictly greater than a limit blocks the kind for the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The kind.
    pub kind: ChangeKind,
    /// Changes allowed while at least [`PERCENT_FROM`] exist; `None`: any number.
    pub count: Option<u64>,
    /// Changes allowed while fewer than [`PERCENT_FROM`] exist; `None`: any number.
    pub few: Option<u64>,
    /// Percent of what exists that is allowed; `None`: any.
    pub percent: Option<u64>,
    /// What the percent is of, in words for help and report.
    pub of: &'static str,
}

/// The limits, in one place: planning, help and report read this table (design 7).
/// `AliasAdopted` and `AliasReleased` have no row: they take nothing away and call nothing.
pub const LIMITS: [Limit; 6] = [
    Limit {
        kind: ChangeKind::AliasAdded,
        count: Some(10_000),
        few: Some(10_000),
        percent: None,
        of: "aliases of this product",
    },
    Limit {
        kind: ChangeKind::AliasRemoved,
        count: Some(200),
        few: Some(10),
        percent: Some(10),
        of: "aliases of this product",
    },
    Limit {
        kind: ChangeKind::DuplicateCollapsed,
        count: None,
        few: None,
        percent: None,
        of: "aliases of this product",
    },
    Limit {
        kind: ChangeKind::FunctionalUserRemoved,
        count: Some(100),
        few: Some(10),
        percent: Some(20),
        of: "functional users",
    },
    Limit {
        kind: ChangeKind::AliasRestored,
        count: Some(10_000),
        few: Some(10_000),
        percent: None,
        of: "aliases of this product",
    },
    Limit {
        kind: ChangeKind::FunctionalUserRestored,
        count: Some(10_000),
        few: Some(10_000),
        percent: None,
        of: "functional users",
    },
];

/// The count of one kind against its limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardCount {
    /// The kind.
    pub kind: ChangeKind,
    /// Changes of that kind in the whole plan.
    pub count: u64,
    /// What exists at the target for that kind (base of percent).
    pub existing: u64,
    /// More than this many blocks; absent: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// More than this percent of `existing` blocks; absent: none, or fewer than 100 exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u64>,
    /// The plan exceeds a limit.
    pub blocked: bool,
    /// The override ready to paste, for every kind of the plan that is blocked: `-Expect @{ FunctionalUserRemoved = 385 }`; present when
    /// blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// Holds the number of changes of each kind in the whole plan (`counts`) against its limits, given what exists at the
/// target (`existing`). One entry for each row of [`LIMITS`], in its order; a kind that is not counted counts zero.
pub fn guards(counts: &BTreeMap<ChangeKind, u64>, existing: &BTreeMap<ChangeKind, u64>) -> Vec<GuardCount> {
    let number = |of: &BTreeMap<ChangeKind, u64>, kind| of.get(&kind).copied().unwrap_or(0);
    let hold = |limit: &Limit| limit.hold(number(counts, limit.kind), number(existing, limit.kind));
    let mut guards: Vec<GuardCount> = LIMITS.iter().map(hold).collect();
    // The whole override with each of them: a command line takes one `-Expect`.
    let expect = expect_text(&guards);
    guards.iter_mut().filter(|guard| guard.blocked).for_each(|guard| guard.expect.clone_from(&expect));
    guards
}

/// One override for everything that is blocked: `-Expect @{ AliasAdded = 12000; AliasRemoved = 385 }`; `None` when nothing is.
pub fn expect_text(guards: &[GuardCount]) -> Option<String> {
    let pairs: Vec<String> = guards
        .iter()
        .filter(|guard| guard.blocked)
        .map(|guard| format!("{:?} = {}", guard.kind, guard.count))
        .collect();
    (!pairs.is_empty()).then(|| format!("-Expect @{{ {} }}", pairs.join("; ")))
}

impl ChangeKind {
    /// Plans that take a run back (`undo`), or the others, can have changes of this kind.
    pub fn is_of(self, undo: bool) -> bool {
        match self {
            Self::AliasRemoved => true,
            Self::AliasRestored | Self::FunctionalUserRestored | Self::AliasReleased => undo,
            Self::AliasAdded | Self::DuplicateCollapsed | Self::FunctionalUserRemoved | Self::AliasAdopted => !undo,
        }
    }
}

impl Limit {
    fn hold(&self, count: u64, existing: u64) -> GuardCount {
        let (limit, percent) = if existing < PERCENT_FROM { (self.few, None) } else { (self.count, self.percent) };
        // 128 bits: the products cannot overflow, whatever a plan file says.
        let over_percent = |percent: u64| u128::from(count) * 100 > u128::from(percent) * u128::from(existing);
        let blocked = limit.is_some_and(|limit| count > limit) || percent.is_some_and(over_percent);
        GuardCount { kind: self.kind, count, existing, limit, percent, blocked, expect: None }
    }
}
