//! The state between two invocations.

use super::Desk;
use crate::simulation::ledger::Pair;
use crate::simulation::sabotage::Sabotage;
use crate::simulation::world::TENANT;
use esgsync_run::Memory;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Desk {
    /// Between invocations nobody has the state.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> T {
        self.memory.look(look).expect("a run that ended has given its state back").unwrap()
    }

    pub(super) fn managed(&self) -> BTreeSet<Pair> {
        self.look(|db| {
            let mut query = db.prepare_cached("SELECT user_id, address FROM managed WHERE tenant = ?1")?;
            let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?.to_lowercase()));
            query.query_map([TENANT], pair)?.collect()
        })
    }

    /// Ids of the journal's actions of that plan.
    pub(super) fn actions(&self, digest: &str, of: &str) -> Vec<String> {
        self.look(|db| {
            // Before the first plan there are no tables.
            let query =
                format!("SELECT action_id FROM action JOIN run ON run.id = run WHERE plan_digest = ?1 AND {of}");
            let Ok(mut query) = db.prepare_cached(&query) else { return Ok(Vec::new()) };
            query.query_map([digest], |row| row.get(0))?.collect()
        })
    }

    /// What broken code would write to the state.
    pub(super) fn break_state(&self) {
        let trigger = match self.network.world().sabotage {
            Sabotage::BooksEarly => "INSERT OR IGNORE INTO managed SELECT run.tenant, json_extract(NEW.body, '$.user.id'), lower(c.value ->> 'address'),
                    c.value ->> '$.mailbox.guid', 'FullAccess', json_extract(NEW.body, '$.user.username'), c.value ->> 'address'
                FROM run, json_each(NEW.body, '$.changes') c WHERE run.id = NEW.run AND c.value ->> 'kind' = 'AliasAdded'",
            Sabotage::ClaimsForeign => "INSERT OR IGNORE INTO managed SELECT run.tenant, json_extract(NEW.body, '$.user.id'), lower(c.value ->> 'address'),
                    'desk-0', 'FullAccess', json_extract(NEW.body, '$.user.username'), c.value ->> 'address'
                FROM run, json_each(NEW.before, '$.addresses') c WHERE run.id = NEW.run AND c.value ->> 'primary' = 0",
            Sabotage::DoneEarly => "UPDATE action SET status = 'Applied' WHERE run = NEW.run AND action_id = NEW.action_id",
            Sabotage::ForgetsAtOnce => {
                let forget = "CREATE TRIGGER IF NOT EXISTS broken AFTER INSERT ON managed BEGIN
                    DELETE FROM managed WHERE user_id = NEW.user_id AND address_key = NEW.address_key; END";
                return self.look(|db| db.execute_batch(forget));
            }
            _ => return,
        };
        let sql = format!(
            "CREATE TRIGGER IF NOT EXISTS broken AFTER INSERT ON action WHEN NEW.status = 'Unsettled' BEGIN {trigger}; END"
        );
        self.look(|db| db.execute_batch(&sql));
    }
}

/// An empty state: tables and prepared statements of the schedule before, without its rows.
pub(super) fn used_again() -> Arc<Memory> {
    thread_local!(static MEMORY: Arc<Memory> = Memory::new().unwrap());
    let memory = MEMORY.with(Arc::clone);
    let empty = "DELETE FROM action; DELETE FROM run; DELETE FROM managed; DELETE FROM removed; DELETE FROM target;";
    // Before the first schedule there are no tables.
    let _ = memory.look(|db| db.execute_batch(empty));
    memory
}
