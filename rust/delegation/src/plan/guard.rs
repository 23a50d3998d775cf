//! Guards: a limit on a kind of change, by count and by percent (design 7, rule 40).

use super::ChangeKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// The override ready to paste: `-Expect @{ FunctionalUserRemoved = 385 }`; present when blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}
