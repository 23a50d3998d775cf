//! The journal: runs and their actions. A write is journalled before it is handed out, its outcome together with what it changes
//! in what is managed.

use super::managed::{book, forget, gone, note_removed, note_restored};
use super::{State, StateError, json, name_of, to_json};
use crate::engine::ActionStatus;
use esgsync_delegation::esg::{ManagedAlias, RemovedFunctional};
use esgsync_delegation::plan::Action;
use jiff::Timestamp;
use rusqlite::{Transaction, named_params, params};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A write of an earlier run whose outcome nobody knows.
pub(crate) struct Pending {
    pub run: u64,
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
    /// The run that this one takes back.
    pub undoes: Option<u64>,
    pub now: Timestamp,
}

/// What an outcome changes in what is managed.
#[derive(Debug, Default)]
pub(crate) struct Booking {
    pub ours: Vec<ManagedAlias>,
    pub gone: Vec<Gone>,
    pub removed: Option<RemovedFunctional>,
    /// Undo: not ours any more.
    pub released: Vec<ManagedAlias>,
    /// Undo: a functional user that is there again because of us.
    pub restored: Option<Restored>,
    /// JSON of the user as the target showed it.
    pub shown: Option<String>,
}

/// An alias that is gone from its user.
#[derive(Debug)]
pub(crate) struct Gone {
    pub tenant: String,
    pub user_id: u64,
    pub address: String,
}

/// A functional user that an undo brought back.
#[derive(Debug)]
pub(crate) struct Restored {
    pub tenant: String,
    pub mailbox: String,
    pub username: String,
}

/// What became of an action.
pub(crate) struct Ending<'a> {
    pub action: &'a Action,
    pub status: ActionStatus,
    pub text: Option<&'a str>,
    pub booking: &'a Booking,
}

impl Ending<'_> {
    fn write(&self, tx: &Transaction<'_>, run: u64, now: Timestamp) -> rusqlite::Result<()> {
        let mut upsert = tx.prepare_cached(
            "INSERT INTO action (run, action_id, status, text, attempts, started, ended, body, shown)
             VALUES (:run, :action, :status, :text, 0, :now, :now, :body, :shown)
             ON CONFLICT (run, action_id) DO UPDATE SET status = excluded.status, text = excluded.text, ended = excluded.ended,
                 shown = coalesce(excluded.shown, shown)",
        )?;
        upsert.execute(named_params! {
            ":run": run, ":action": self.action.id, ":status": name_of(&self.status), ":text": self.text,
            ":now": now.to_string(), ":body": to_json(self.action), ":shown": self.booking.shown,
        })?;
        let Booking { ours, gone: gone_aliases, removed, released, restored, .. } = self.booking;
        ours.iter().try_for_each(|entry| book(tx, entry))?;
        let mut ended = Vec::new();
        for alias in gone_aliases {
            ended.extend(gone(tx, alias)?);
        }
        released.iter().try_for_each(|entry| forget(tx, entry))?;
        removed.iter().try_for_each(|removed| note_removed(tx, removed))?;
        restored.iter().try_for_each(|restored| note_restored(tx, restored))?;
        if gone_aliases.is_empty() { Ok(()) } else { self.note_ended(tx, run, ended) }
    }

    /// An action may end aliases in several writes: what ended with the earlier ones is kept.
    fn note_ended(&self, tx: &Transaction<'_>, run: u64, ended: Vec<ManagedAlias>) -> rusqlite::Result<()> {
        let key = params![run, self.action.id];
        let query = "SELECT coalesce(ended_managed, '[]') FROM action WHERE run = ?1 AND action_id = ?2";
        let mut all: Vec<ManagedAlias> = tx.prepare_cached(query)?.query_row(key, |row| json(row, 0))?;
        all.extend(ended);
        let update = "UPDATE action SET ended_managed = ?3 WHERE run = ?1 AND action_id = ?2";
        tx.prepare_cached(update)?.execute(params![run, self.action.id, to_json(&all)]).map(|_| ())
    }
}

impl State {
    /// True when a plan made from that generation is still the next one, or the one that the last runs applied (design 8).
    pub(crate) fn admits(&self, plan_digest: &str, plan_generation: u64) -> Result<bool, StateError> {
        let generation = self.generation()?;
        if generation == plan_generation {
            return Ok(true);
        }
        let same_plan: bool = self.read(|db| {
            let query = "SELECT count(*) > 0 AND total(plan_digest <> ?1) = 0 FROM run WHERE generation > ?2";
            db.prepare_cached(query)?.query_row(params![plan_digest, plan_generation], |row| row.get(0))
        })?;
        Ok(generation > plan_generation && same_plan)
    }

    /// Writes of earlier runs without a known outcome, oldest first.
    pub(crate) fn unsettled(&self) -> Result<Vec<Pending>, StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
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
    pub fn done(&self, plan_digest: &str) -> Result<BTreeSet<String>, StateError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT action_id FROM action JOIN run ON run.id = run
                 WHERE plan_digest = ?1 AND status IN ('Applied', 'Unchanged', 'Adopted', 'Released')",
            )?;
            query.query_map([plan_digest], |row| row.get(0))?.collect()
        })
    }

    /// Notes that a run begins. Its id.
    pub(crate) fn begin_run(&mut self, run: &NewRun<'_>) -> Result<u64, StateError> {
        let (account, machine) = (self.account.clone(), self.machine.clone());
        self.write(|tx| {
            if run.may_change {
                let update = "UPDATE target SET generation = max(generation, ?1 + 1)";
                tx.prepare_cached(update)?.execute([run.plan_generation])?;
            }
            if let Some(tenant) = run.tenant {
                tx.prepare_cached("UPDATE target SET tenant = coalesce(tenant, ?1)")?.execute([tenant])?;
            }
            let mut insert = tx.prepare_cached(
                "INSERT INTO run (plan_digest, generation, tenant, started, undoes, account, machine)
                 SELECT ?1, iif(?2, generation, 0), ?3, ?4, ?5, ?6, ?7 FROM target RETURNING id",
            )?;
            insert.query_row(
                params![run.plan_digest, run.may_change, run.tenant, run.now.to_string(), run.undoes, account, machine],
                |row| row.get(0),
            )
        })
    }

    /// Journals a write before it is handed out: from now on its outcome is unknown until [`State::outcome`] tells it.
    pub(crate) fn sending(
        &mut self,
        run: u64,
        action: &Action,
        attempt: u32,
        before: Option<&impl Serialize>,
        sent: Option<&impl Serialize>,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let (body, before) = (to_json(action), before.map(to_json));
        let sent = sent.map(to_json);
        self.write(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO action (run, action_id, status, attempts, started, body, before, sent)
                 VALUES (:run, :action, 'Unsettled', :attempt, :now, :body, :before, :sent)
                 ON CONFLICT (run, action_id) DO UPDATE SET status = excluded.status, text = NULL, attempts = excluded.attempts,
                     started = excluded.started, ended = NULL, first_before = coalesce(first_before, before),
                     before = excluded.before, sent = excluded.sent",
            )?;
            insert.execute(named_params! {
                ":run": run, ":action": action.id, ":attempt": attempt, ":now": now.to_string(),
                ":body": body, ":before": before, ":sent": sent,
            })?;
            Ok(())
        })
    }

    /// Journals what became of an action, and books what it changed, in one transaction.
    pub(crate) fn outcome(&mut self, run: u64, outcome: &Ending<'_>, now: Timestamp) -> Result<(), StateError> {
        self.outcomes(run, std::slice::from_ref(outcome), now)
    }

    /// The same for many actions in one transaction.
    pub(crate) fn outcomes(&mut self, run: u64, outcomes: &[Ending<'_>], now: Timestamp) -> Result<(), StateError> {
        self.write(|tx| outcomes.iter().try_for_each(|outcome| outcome.write(tx, run, now)))
    }

    /// Notes that a run has ended, with its stop and its numbers.
    pub(crate) fn end_run(
        &mut self,
        run: u64,
        stopped: Option<&str>,
        numbers: &BTreeMap<ActionStatus, u64>,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let numbers = to_json(numbers);
        self.write(|tx| {
            let update = "UPDATE run SET ended = ?2, stopped = ?3, numbers = ?4 WHERE id = ?1";
            tx.prepare_cached(update)?.execute(params![run, now.to_string(), stopped, numbers]).map(|_| ())
        })
    }

    /// Deletes the images of runs that ended (or, killed, began) before that time: they stay in the history and cannot be taken back any more. What is managed,
    /// what was removed, and writes without a known outcome stay as they are. How many runs it was.
    ///
    /// # Errors
    /// [`StateError::ReadOnly`] without the lock; otherwise as any write.
    pub fn delete_images(&mut self, ended_before: Timestamp, now: Timestamp) -> Result<usize, StateError> {
        // Compared as times: texts of equal times may differ in their fraction.
        let old: Vec<u64> = self
            .runs()?
            .into_iter()
            .filter(|run| run.images_deleted.is_none() && run.ended.unwrap_or(run.started) < ended_before)
            .filter(|run| !run.statuses.contains_key(&ActionStatus::Unsettled))
            .map(|run| run.id)
            .collect();
        self.write(|tx| {
            for run in &old {
                let delete =
                    "UPDATE action SET first_before = NULL, before = NULL, sent = NULL, shown = NULL WHERE run = ?1";
                tx.execute(delete, [run])?;
                tx.execute("UPDATE run SET images_deleted = ?2 WHERE id = ?1", params![run, now.to_string()])?;
            }
            Ok(old.len())
        })
    }
}
