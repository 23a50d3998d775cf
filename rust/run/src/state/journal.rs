//! The journal: runs and their actions. A write is journalled before it is handed out, its outcome together with what it changes
//! in what is managed.

use super::managed::{book, gone, note_removed};
use super::{State, StateError, from_name, name_of};
use crate::engine::ActionStatus;
use esgsync_delegation::esg::{ManagedAlias, RemovedFunctional};
use esgsync_delegation::plan::Action;
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Row, Transaction, named_params, params};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One application of a plan, as the history shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// Number, growing.
    pub id: i64,
    /// Digest of the plan.
    pub plan_digest: String,
    /// Tenant id of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; absent: it runs, or was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Why it stopped before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Actions by status.
    pub statuses: BTreeMap<ActionStatus, u64>,
}

/// One journalled action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// The whole user as it was read right before the last write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// What the last write sent; absent for a delete and where there was no write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<serde_json::Value>,
}

/// A write of an earlier run whose outcome nobody knows.
pub(crate) struct Pending {
    pub run: i64,
    pub tenant: Option<String>,
    pub action: Action,
    pub attempts: u32,
    /// JSON of the user as it was read before the write.
    pub before: String,
}

/// A run that begins.
pub(crate) struct NewRun<'a> {
    pub plan_digest: &'a str,
    pub tenant: Option<&'a str>,
    /// Generation that the plan was made from.
    pub plan_generation: u64,
    /// It may change something: it has actions, or writes of earlier runs to settle. A run that only found everything in line does not
    /// make a plan stale that waits for its approval.
    pub may_change: bool,
    pub now: Timestamp,
}

/// What an outcome changes in what is managed.
#[derive(Debug, Default)]
pub(crate) struct Booking {
    pub ours: Vec<ManagedAlias>,
    pub gone: Vec<Gone>,
    pub removed: Option<RemovedFunctional>,
}

/// An alias that is gone from its user.
#[derive(Debug)]
pub(crate) struct Gone {
    pub tenant: String,
    pub user_id: u64,
    pub address: String,
}

/// What became of an action.
pub(crate) struct Ending<'a> {
    pub action: &'a Action,
    pub status: ActionStatus,
    pub text: Option<&'a str>,
    pub booking: &'a Booking,
}

impl Ending<'_> {
    fn write(&self, tx: &Transaction<'_>, run: i64, now: Timestamp) -> rusqlite::Result<()> {
        let mut upsert = tx.prepare_cached(
            "INSERT INTO action (run, action_id, status, text, attempts, started, ended, body)
             VALUES (:run, :action, :status, :text, 0, :now, :now, :body)
             ON CONFLICT (run, action_id) DO UPDATE SET status = excluded.status, text = excluded.text, ended = excluded.ended",
        )?;
        upsert.execute(named_params! {
            ":run": run, ":action": self.action.id, ":status": name_of(&self.status), ":text": self.text,
            ":now": now.to_string(), ":body": to_json(self.action),
        })?;
        self.booking.ours.iter().try_for_each(|entry| book(tx, entry))?;
        self.booking.gone.iter().try_for_each(|alias| gone(tx, alias))?;
        self.booking.removed.iter().try_for_each(|removed| note_removed(tx, removed))
    }
}

impl State {
    /// All runs, oldest first.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn runs(&self) -> Result<Vec<RunRecord>, StateError> {
        self.read(|db| {
            let mut statuses: BTreeMap<i64, BTreeMap<ActionStatus, u64>> = BTreeMap::new();
            let mut query = db.prepare("SELECT run, status, count(*) FROM action GROUP BY run, status")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                statuses.entry(row.get(0)?).or_default().insert(named(row, 1)?, row.get(2)?);
            }
            let mut query =
                db.prepare("SELECT id, plan_digest, tenant, started, ended, stopped FROM run ORDER BY id")?;
            let runs = query.query_map([], |row| {
                let id = row.get(0)?;
                Ok(RunRecord {
                    id,
                    plan_digest: row.get(1)?,
                    tenant: row.get(2)?,
                    started: time(row, 3)?.unwrap_or_default(),
                    ended: time(row, 4)?,
                    stopped: row.get(5)?,
                    statuses: statuses.remove(&id).unwrap_or_default(),
                })
            })?;
            runs.collect()
        })
    }

    /// The actions that a run journalled, by action id.
    ///
    /// # Errors
    /// [`StateError::Failed`].
    pub fn actions(&self, run: i64) -> Result<Vec<ActionRecord>, StateError> {
        self.read(|db| {
            let mut query = db.prepare(
                "SELECT status, text, attempts, started, ended, body, before, sent FROM action WHERE run = ?1 ORDER BY action_id",
            )?;
            let records = query.query_map([run], |row| {
                Ok(ActionRecord {
                    status: named(row, 0)?,
                    text: row.get(1)?,
                    attempts: row.get(2)?,
                    started: time(row, 3)?.unwrap_or_default(),
                    ended: time(row, 4)?,
                    action: json(row, 5)?,
                    before: row.get::<_, Option<String>>(6)?.map(|_| json(row, 6)).transpose()?,
                    sent: row.get::<_, Option<String>>(7)?.map(|_| json(row, 7)).transpose()?,
                })
            })?;
            records.collect()
        })
    }

    /// True when a plan made from that generation is still the next one, or the one that the last runs applied (design 8).
    pub(crate) fn admits(&self, plan_digest: &str, plan_generation: u64) -> Result<bool, StateError> {
        let generation = self.generation()?;
        if generation == plan_generation {
            return Ok(true);
        }
        let same_plan: bool = self.read(|db| {
            let query = "SELECT count(*) > 0 AND total(plan_digest <> ?1) = 0 FROM run WHERE generation > ?2";
            db.query_row(query, params![plan_digest, plan_generation], |row| row.get(0))
        })?;
        Ok(generation > plan_generation && same_plan)
    }

    /// Writes of earlier runs without a known outcome, oldest first.
    pub(crate) fn unsettled(&self) -> Result<Vec<Pending>, StateError> {
        self.read(|db| {
            let mut query = db.prepare(
                "SELECT run, tenant, body, attempts, coalesce(before, 'null') FROM action JOIN run ON run.id = run
                 WHERE status = 'Unsettled' ORDER BY run, action.started, action_id",
            )?;
            let pending = query.query_map([], |row| {
                let (run, tenant) = (row.get(0)?, row.get(1)?);
                Ok(Pending { run, tenant, action: json(row, 2)?, attempts: row.get(3)?, before: row.get(4)? })
            })?;
            pending.collect()
        })
    }

    /// Ids of the actions that runs of this plan have done already. An action that a guard trimmed has an id of its own.
    pub(crate) fn done(&self, plan_digest: &str) -> Result<BTreeSet<String>, StateError> {
        self.read(|db| {
            let mut query = db.prepare(
                "SELECT action_id FROM action JOIN run ON run.id = run
                 WHERE plan_digest = ?1 AND status IN ('Applied', 'Unchanged', 'Adopted')",
            )?;
            query.query_map([plan_digest], |row| row.get(0))?.collect()
        })
    }

    /// Notes that a run begins. Its id.
    pub(crate) fn begin_run(&mut self, run: &NewRun<'_>) -> Result<i64, StateError> {
        self.write(|tx| {
            if run.may_change {
                tx.execute("UPDATE target SET generation = max(generation, ?1 + 1)", [run.plan_generation])?;
            }
            if let Some(tenant) = run.tenant {
                tx.execute("UPDATE target SET tenant = coalesce(tenant, ?1)", [tenant])?;
            }
            tx.query_row(
                "INSERT INTO run (plan_digest, generation, tenant, started)
                 SELECT ?1, iif(?2, generation, 0), ?3, ?4 FROM target RETURNING id",
                params![run.plan_digest, run.may_change, run.tenant, run.now.to_string()],
                |row| row.get(0),
            )
        })
    }

    /// Journals a write before it is handed out: from now on its outcome is unknown until [`State::outcome`] tells it.
    pub(crate) fn sending(
        &mut self,
        run: i64,
        action: &Action,
        attempt: u32,
        before: &impl Serialize,
        sent: Option<&impl Serialize>,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let (body, before) = (to_json(action), to_json(before));
        let sent = sent.map(to_json);
        self.write(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO action (run, action_id, status, attempts, started, body, before, sent)
                 VALUES (:run, :action, 'Unsettled', :attempt, :now, :body, :before, :sent)
                 ON CONFLICT (run, action_id) DO UPDATE SET status = excluded.status, text = NULL, attempts = excluded.attempts,
                     started = excluded.started, ended = NULL, before = excluded.before, sent = excluded.sent",
            )?;
            insert.execute(named_params! {
                ":run": run, ":action": action.id, ":attempt": attempt, ":now": now.to_string(),
                ":body": body, ":before": before, ":sent": sent,
            })?;
            Ok(())
        })
    }

    /// Journals what became of an action, and books what it changed, in one transaction.
    pub(crate) fn outcome(&mut self, run: i64, outcome: &Ending<'_>, now: Timestamp) -> Result<(), StateError> {
        self.outcomes(run, std::slice::from_ref(outcome), now)
    }

    /// The same for many actions in one transaction.
    pub(crate) fn outcomes(&mut self, run: i64, outcomes: &[Ending<'_>], now: Timestamp) -> Result<(), StateError> {
        self.write(|tx| outcomes.iter().try_for_each(|outcome| outcome.write(tx, run, now)))
    }

    /// Notes that a run has ended.
    pub(crate) fn end_run(&mut self, run: i64, stopped: Option<&str>, now: Timestamp) -> Result<(), StateError> {
        self.write(|tx| {
            let update = "UPDATE run SET ended = ?2, stopped = ?3 WHERE id = ?1";
            tx.execute(update, params![run, now.to_string(), stopped]).map(|_| ())
        })
    }
}

// Plain data of ours: serialisation fails only on maps whose keys are no strings, which none of these types has.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn named<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    from_name(row.get(column)?).map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error: jiff::Error| Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}
