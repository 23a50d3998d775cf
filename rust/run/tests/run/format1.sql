-- A state file of format 1 with one run, as version 0.1.0 wrote it: Jane got one alias and lost another one.
PRAGMA journal_mode = WAL;
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

INSERT INTO target VALUES (1, '0f0e0d0c0b0a09080706050403020100', 'corp', 'esg', 'esg.corp.example:443', 0, '11111111-2222-3333-4444-555555555555', 1);
INSERT INTO managed VALUES ('11111111-2222-3333-4444-555555555555', 1, 'info@corp.example', 'info-guid', 'FullAccess', 'jane@corp.example', 'info@corp.example');
INSERT INTO run VALUES (1, 'sha256:01', 1, '11111111-2222-3333-4444-555555555555', '2026-11-20T02:00:00Z', '2026-11-20T02:00:05Z', NULL);
INSERT INTO action VALUES (1, '0123456789abcdef0123456789abcdef', 'Applied', NULL, 1, '2026-11-20T02:00:01Z', '2026-11-20T02:00:02Z',
    '{"id":"0123456789abcdef0123456789abcdef","kind":"UpdateUser","user":{"id":1,"username":"jane@corp.example","role":1},"changes":[{"kind":"AliasAdded","address":"info@corp.example","mailbox":{"guid":"info-guid"},"right":"FullAccess","reason":"as the test says"},{"kind":"AliasRemoved","address":"old@corp.example","mailbox":{"guid":"info-guid"},"right":"FullAccess","reason":"as the test says"}],"before":[{"address":"jane@corp.example","active":true,"primary":true},{"address":"old@corp.example","active":true,"primary":false}],"after":[{"address":"jane@corp.example","active":true,"primary":true},{"address":"info@corp.example","active":true,"primary":false}]}',
    '{"id":1,"username":"jane@corp.example","role":1,"addresses":[{"address":"jane@corp.example","active":true,"primary":true},{"address":"old@corp.example","active":true,"primary":false}]}',
    '[{"address":"jane@corp.example","active":true,"primary":true},{"address":"info@corp.example","active":true,"primary":false}]');
INSERT INTO removed VALUES ('11111111-2222-3333-4444-555555555555', 'desk-guid', 'Info Desk', '["desk@corp.example"]', 1, 0);
PRAGMA application_id = 1163085651;
PRAGMA user_version = 1;
