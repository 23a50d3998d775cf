//! The tables, and how an older file becomes a newer one.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction};

/// Marks a database as ours (`PRAGMA application_id`): "ESGS".
pub(super) const APPLICATION_ID: i64 = 0x4553_4753;

/// Steps from one format to the next; the format of a file is the number of steps that it has behind it (`PRAGMA user_version`).
/// A step that was published is never edited.
pub(super) const MIGRATIONS: &[&str] = &[FORMAT_1, FORMAT_2, FORMAT_3];

const FORMAT_1: &str = "
-- One row: which target this file serves.
CREATE TABLE target (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    state_id   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    system     TEXT    NOT NULL,
    host       TEXT    NOT NULL,
    simulator  INTEGER NOT NULL CHECK (simulator IN (0, 1)),
    tenant     TEXT,
    generation INTEGER NOT NULL DEFAULT 0 CHECK (generation >= 0)
) STRICT;

-- Aliases that we may remove again (rule 23). address_key is the comparison form of address.
CREATE TABLE managed (
    tenant      TEXT    NOT NULL,
    user_id     INTEGER NOT NULL CHECK (user_id > 0),
    address_key TEXT    NOT NULL,
    mailbox     TEXT    NOT NULL,
    access      TEXT    NOT NULL,
    username    TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    PRIMARY KEY (tenant, user_id, address_key, mailbox, access)
) STRICT, WITHOUT ROWID;

-- One invocation that applied a plan. Several runs of one plan share its digest and the generation that the first of them made;
-- 0: the run had nothing to change, and makes no plan stale.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY,
    plan_digest TEXT    NOT NULL,
    generation  INTEGER NOT NULL,
    tenant      TEXT,
    started     TEXT    NOT NULL,
    ended       TEXT,
    stopped     TEXT
) STRICT;
CREATE INDEX run_by_plan ON run (plan_digest);

-- The journal: an action of a run from the moment its write is handed out. Until the outcome is known its status is Unsettled.
CREATE TABLE action (
    run       INTEGER NOT NULL REFERENCES run (id),
    action_id TEXT    NOT NULL,
    status    TEXT    NOT NULL,
    text      TEXT,
    attempts  INTEGER NOT NULL,
    started   TEXT    NOT NULL,
    ended     TEXT,
    body      TEXT    NOT NULL,  -- the action as the plan has it, guards applied
    before    TEXT,              -- the user as it was read for this write
    sent      TEXT,              -- what the write sent; NULL for a delete
    PRIMARY KEY (run, action_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX action_unsettled ON action (status) WHERE status = 'Unsettled';

-- Functional users that a run of ours removed (rule 38). present: an import has brought it back since.
CREATE TABLE removed (
    tenant    TEXT    NOT NULL,
    mailbox   TEXT    NOT NULL,
    username  TEXT    NOT NULL,
    addresses TEXT    NOT NULL,
    returned  INTEGER NOT NULL DEFAULT 0,
    present   INTEGER NOT NULL DEFAULT 0 CHECK (present IN (0, 1)),
    PRIMARY KEY (tenant, mailbox, username)
) STRICT, WITHOUT ROWID;
";

// Who ran what, and what a run did to the last member, so that it can be taken back.
const FORMAT_2: &str = "
ALTER TABLE run ADD COLUMN account TEXT;
ALTER TABLE run ADD COLUMN machine TEXT;
-- The run that this one takes back.
ALTER TABLE run ADD COLUMN undoes INTEGER REFERENCES run (id);
-- Numbers at its end, also of actions that were never journalled: JSON of status to number. NULL: it has not ended, or is of format 1.
ALTER TABLE run ADD COLUMN numbers TEXT;
-- When its images were deleted (retention).
ALTER TABLE run ADD COLUMN images_deleted TEXT;

-- The user as it was read for the first write of several; NULL: before is it.
ALTER TABLE action ADD COLUMN first_before TEXT;
-- The user as the target showed it after the last write.
ALTER TABLE action ADD COLUMN shown TEXT;
-- The entries of managed that ended with it, as JSON; NULL: not recorded.
ALTER TABLE action ADD COLUMN ended_managed TEXT;
";

// What became removable when.
const FORMAT_3: &str = "
-- Functional users that plans found removable, one after the other, since when.
CREATE TABLE removable (
    tenant    TEXT    NOT NULL,
    user_id   INTEGER NOT NULL CHECK (user_id > 0),
    username  TEXT    NOT NULL,
    mailbox   TEXT    NOT NULL,
    since     TEXT    NOT NULL,
    PRIMARY KEY (tenant, user_id)
) STRICT, WITHOUT ROWID;
";

/// The newest format that this version knows.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Format of the file; 0 for an empty one.
pub(super) fn format(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// A statement is planned once, when it is prepared: without this SQLite plans some of them anew for every value that is bound.
pub(super) fn plan_once(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Takes the file to the newest format. All of it happens, or nothing; nothing is written to a file that has it already.
pub(super) fn migrate(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let found = format(tx)?;
    if found == newest() {
        return Ok(());
    }
    let done = usize::try_from(found).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", newest())
}
