//! What a run tells.

use esgsync_delegation::finding::Finding;
use esgsync_delegation::plan::{Action, ActionKind, Change, ChangeKind, UserRef};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ActionStatus {
    /// Written and confirmed.
    Applied,
    /// Everything was there already; no write.
    Unchanged,
    /// Now managed; no write (rule 35).
    Adopted,
    /// Undo: not managed any more; no write.
    Released,
    /// Somebody else changed the same thing, or has the address; nothing was written, or it was refused (rules 37, 42).
    Conflict,
    /// The write, or a read that it needs, failed.
    Failed,
    /// Not done on purpose: a guard, or a proof that is missing (rules 32, 41).
    Withheld,
    /// The run did not come to it; it stays applicable (rule 47).
    NotStarted,
    /// The write may have happened; the next run reads and decides (rule 44).
    Unsettled,
}

impl ActionStatus {
    /// The target is as the action wants it.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Applied | Self::Unchanged | Self::Adopted | Self::Released)
    }
}

/// One action of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionResult {
    /// Id within the plan.
    pub action_id: String,
    /// Whose.
    pub user: UserRef,
    /// What it does.
    pub kind: ActionKind,
    /// What became of it.
    pub status: ActionStatus,
    /// One sentence: why; absent when it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its changes, without what a guard blocked.
    pub changes: Vec<Change>,
}

impl ActionResult {
    pub(super) fn new(action: &Action, status: ActionStatus, text: Option<String>) -> Self {
        let Action { id, user, kind, changes, .. } = action.clone();
        Self { action_id: id, user, kind, status, text, changes }
    }
}

/// Why a run stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// Stable name: `Interrupted`, `FirstWriteRefused` (rule 37), `AccessDenied`, `FiveFailures` (rule 45).
    pub code: String,
    /// What happened, and what to do.
    pub text: String,
}

/// What happened while a run went on. Everything is journalled before it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum RunEvent {
    /// A write of an earlier run was settled by reading.
    Settled(ActionResult),
    /// An action ended.
    Ended(ActionResult),
    /// A write is tried again.
    #[serde(rename_all = "camelCase")]
    Retrying {
        /// Id within the plan.
        action_id: String,
        /// Whose.
        user: UserRef,
        /// Writes so far.
        attempts: u32,
        /// When.
        until: Timestamp,
        /// What was seen.
        text: String,
    },
    /// No new work is begun.
    Stopping(Stop),
}

/// The outcome of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// Number of the run in the state file.
    pub run: u64,
    /// Digest of the plan.
    pub plan_digest: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Actions of this run by status.
    pub statuses: BTreeMap<ActionStatus, u64>,
    /// Changes of the actions that are applied, adopted or released, by kind.
    pub changes: BTreeMap<ChangeKind, u64>,
    /// Actions that earlier runs of this plan had done; they are not among `actions`.
    pub done_before: u64,
    /// Actions of this run in the order of the plan.
    pub actions: Vec<ActionResult>,
    /// Writes of earlier runs that this one settled by reading.
    pub settled: Vec<ActionResult>,
    /// Why it stopped before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
    /// What was seen on the way (rule 43); sorted.
    pub findings: Vec<Finding>,
}
