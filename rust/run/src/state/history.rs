//! The history: what runs did, from the journal.

use super::managed::managed_of;
use super::{State, StateError, json, named, some_json, time};
use crate::engine::ActionStatus;
use esgsync_delegation::esg::{After, EsgUser, JournalledAction};
use esgsync_delegation::plan::{Action, ActionKind, ChangeKind};
use jiff::Timestamp;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One application of a plan, as the history shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// Number, growing.
    pub id: u64,
    /// Digest of the plan.
    pub plan_digest: String,
    /// Tenant id of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The run that it took back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
    /// Account that ran it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Machine that ran it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; absent: it runs, or was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Why it stopped before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// When its images were deleted: it cannot be taken back any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images_deleted: Option<Timestamp>,
    /// Actions by status; of a run that has ended also those that it never began.
    pub statuses: BTreeMap<ActionStatus, u64>,
    /// Changes by kind, of the actions that it did.
    pub changes: BTreeMap<ChangeKind, u64>,
}

/// One journalled action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRecord {
    /// Outcome; `Unsettled` also while the write is under way.
    pub status: ActionStatus,
    /// One sentence: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Writes that were handed out.
    pub attempts: u32,
    /// When the last write was handed out, else when it was decided that there is none.
    pub started: Timestamp,
    /// When the outcome was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The action as the plan has it, without what a guard blocked.
    pub action: Action,
    /// The whole user as it was read right before the first write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// What the last write sent; absent for a delete and where there was no write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<serde_json::Value>,
    /// The whole user as the target showed it after the last write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<serde_json::Value>,
}

const ACTIONS: &str =
    "SELECT status, text, attempts, started, ended, body, coalesce(first_before, before), sent, shown, ended_managed
    FROM action WHERE run = ?1 ORDER BY started, action_id";

impl State {
    /// All runs, oldest first.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn runs(&self) -> Result<Vec<RunRecord>, StateError> {
        self.read(|db| {
            let mut statuses: BTreeMap<u64, BTreeMap<ActionStatus, u64>> = BTreeMap::new();
            let mut query = db.prepare_cached("SELECT run, status, count(*) FROM action GROUP BY run, status")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                statuses.entry(row.get(0)?).or_default().insert(named(row, 1)?, row.get(2)?);
            }
            let mut changes: BTreeMap<u64, BTreeMap<ChangeKind, u64>> = BTreeMap::new();
            let mut query = db.prepare_cached(
                "SELECT run, change.value ->> 'kind' AS kind, count(*) FROM action, json_each(body, '$.changes') AS change
                 WHERE status IN ('Applied', 'Adopted', 'Released') GROUP BY run, kind",
            )?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                changes.entry(row.get(0)?).or_default().insert(named(row, 1)?, row.get(2)?);
            }
            let mut query = db.prepare_cached(
                "SELECT id, plan_digest, tenant, undoes, account, machine, started, ended, stopped, images_deleted, numbers
                 FROM run ORDER BY id",
            )?;
            let runs = query.query_map([], |row| {
                let id = row.get(0)?;
                let journalled = statuses.remove(&id).unwrap_or_default();
                let told: Option<BTreeMap<ActionStatus, u64>> = some_json(row, 10)?;
                Ok(RunRecord {
                    id,
                    plan_digest: row.get(1)?,
                    tenant: row.get(2)?,
                    undoes: row.get(3)?,
                    account: row.get(4)?,
                    machine: row.get(5)?,
                    started: time(row, 6)?.unwrap_or_default(),
                    ended: time(row, 7)?,
                    stopped: row.get(8)?,
                    images_deleted: time(row, 9)?,
                    statuses: numbers(journalled, told),
                    changes: changes.remove(&id).unwrap_or_default(),
                })
            })?;
            runs.collect()
        })
    }

    /// Hands the actions that a run journalled to `take`, in the order in which they were begun.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn each_action(&self, run: u64, mut take: impl FnMut(ActionRecord)) -> Result<(), StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(ACTIONS)?;
            let mut rows = query.query([run])?;
            while let Some(row) = rows.next()? {
                take(record(row)?);
            }
            Ok(())
        })
    }

    /// The actions that a run journalled.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn actions(&self, run: u64) -> Result<Vec<ActionRecord>, StateError> {
        let mut actions = Vec::new();
        self.each_action(run, |action| actions.push(action))?;
        Ok(actions)
    }

    /// Hands what a run did, or may have done, to `take`: what an undo decides from. A write that nobody settled has ended nothing yet:
    /// what it would end is what is managed now.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn each_effect(&self, run: u64, mut take: impl FnMut(JournalledAction)) -> Result<(), StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(ACTIONS)?;
            let mut rows = query.query([run])?;
            while let Some(row) = rows.next()? {
                let Some(mut effect) = effect(row)? else { continue };
                if named::<ActionStatus>(row, 0)? == ActionStatus::Unsettled {
                    let of_user = managed_of(db, effect.action.user.id)?;
                    effect.ended.get_or_insert_default().extend(of_user);
                }
                take(effect);
            }
            Ok(())
        })
    }
}

// What was settled by a later run counts as it is known now; what was never journalled only the run itself could tell.
fn numbers(
    mut journalled: BTreeMap<ActionStatus, u64>,
    told: Option<BTreeMap<ActionStatus, u64>>,
) -> BTreeMap<ActionStatus, u64> {
    let told = told.unwrap_or_default();
    let unjournalled = told.values().sum::<u64>().saturating_sub(journalled.values().sum());
    let not_started = told.get(&ActionStatus::NotStarted).copied().unwrap_or(0).min(unjournalled);
    let mut add = |status, number| {
        if number > 0 {
            *journalled.entry(status).or_insert(0) += number;
        }
    };
    add(ActionStatus::NotStarted, not_started);
    add(ActionStatus::Withheld, unjournalled - not_started);
    journalled
}

fn record(row: &Row<'_>) -> rusqlite::Result<ActionRecord> {
    Ok(ActionRecord {
        status: named(row, 0)?,
        text: row.get(1)?,
        attempts: row.get(2)?,
        started: time(row, 3)?.unwrap_or_default(),
        ended: time(row, 4)?,
        action: json(row, 5)?,
        before: some_json(row, 6)?,
        sent: some_json(row, 7)?,
        shown: some_json(row, 8)?,
    })
}

/// `None`: nothing was written or booked. A write without a known outcome may have happened.
fn effect(row: &Row<'_>) -> rusqlite::Result<Option<JournalledAction>> {
    let (status, action): (ActionStatus, Action) = (named(row, 0)?, json(row, 5)?);
    let may_have_happened = matches!(status, ActionStatus::Applied | ActionStatus::Unsettled);
    let after = match some_json::<EsgUser>(row, 8)? {
        Some(shown) => Some(After::Shown(shown.addresses)),
        None if may_have_happened => some_json(row, 7)?.map(After::Sent),
        None => None,
    };
    let counts = match action.kind {
        ActionKind::UpdateUser => after.is_some(),
        ActionKind::RemoveUser | ActionKind::CreateUser => may_have_happened,
        ActionKind::AdoptAlias => status == ActionStatus::Adopted,
        ActionKind::ReleaseAlias => status == ActionStatus::Released,
    };
    let before = some_json(row, 6)?;
    let ended = some_json(row, 9)?;
    Ok(counts.then_some(JournalledAction { action, before, after, ended }))
}
