-- The first schema: records as documents, beside them the columns that indexes need; the journal;
-- the outbox; and what the audit holds them against (docs/internals/store.md).

-- Every stored document is counted in the tally; see book.hpp.
CREATE TABLE meta (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  instance     TEXT    NOT NULL,
  transactions INTEGER NOT NULL,
  tally        TEXT    NOT NULL
) STRICT;

-- The newest transaction of each writing process, so that it can find out whether a commit that
-- was answered with an error is there.
CREATE TABLE writers (
  writer  TEXT    PRIMARY KEY,
  newest  INTEGER NOT NULL,
  seen_at INTEGER NOT NULL  -- meta.transactions then
) STRICT, WITHOUT ROWID;

CREATE TABLE heads (
  environment TEXT    PRIMARY KEY,
  revision    INTEGER NOT NULL,
  slot        TEXT,
  digest      TEXT    NOT NULL,
  document    TEXT    NOT NULL
) STRICT;

CREATE TABLE rollbacks (
  sequence         INTEGER PRIMARY KEY,
  id               TEXT    NOT NULL UNIQUE,
  environment      TEXT    NOT NULL,
  active           INTEGER NOT NULL CHECK (active IN (0, 1)),
  wake_at          INTEGER NOT NULL,
  lease_holder     TEXT    NOT NULL,
  lease_epoch      INTEGER NOT NULL,
  lease_expires_at INTEGER NOT NULL,
  accepted_at      INTEGER NOT NULL,
  ended_at         INTEGER NOT NULL,  -- accepted_at while it has not ended
  revision         INTEGER NOT NULL,
  digest           TEXT    NOT NULL,
  document         TEXT    NOT NULL
) STRICT;
CREATE INDEX rollbacks_due ON rollbacks (wake_at, sequence) WHERE active = 1;
CREATE INDEX rollbacks_active ON rollbacks (sequence) WHERE active = 1;
CREATE INDEX rollbacks_of_environment ON rollbacks (environment, sequence, accepted_at);
CREATE INDEX rollbacks_ended ON rollbacks (ended_at) WHERE active = 0;

CREATE TABLE deployments (
  sequence     INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  environment  TEXT    NOT NULL,
  status       TEXT    NOT NULL,
  unfinished   INTEGER NOT NULL CHECK (unfinished IN (0, 1)),
  started_at   INTEGER NOT NULL,
  latest_start INTEGER NOT NULL,  -- the greatest started_at up to here: grows with the sequence
  ended_at     INTEGER NOT NULL,  -- started_at while it has not ended
  rollback     TEXT,
  revision     INTEGER NOT NULL,
  digest       TEXT    NOT NULL,
  document     TEXT    NOT NULL
) STRICT;
CREATE INDEX deployments_of_environment ON deployments (environment, sequence, started_at);
CREATE INDEX deployments_of_environment_by_status
  ON deployments (environment, status, sequence, started_at);
CREATE INDEX deployments_by_status ON deployments (status, sequence, started_at);
CREATE INDEX deployments_by_start ON deployments (latest_start, sequence);
CREATE INDEX deployments_unfinished ON deployments (sequence) WHERE unfinished = 1;
CREATE INDEX deployments_ended ON deployments (ended_at) WHERE unfinished = 0;
CREATE INDEX deployments_of_rollback ON deployments (rollback) WHERE rollback IS NOT NULL;

CREATE TABLE triggers (
  sequence    INTEGER PRIMARY KEY,
  key         TEXT    NOT NULL UNIQUE,
  environment TEXT,
  rollback    TEXT,
  received_at INTEGER NOT NULL,
  digest      TEXT    NOT NULL,
  document    TEXT    NOT NULL
) STRICT;
CREATE INDEX triggers_of_environment ON triggers (environment, sequence);
CREATE INDEX triggers_of_rollback ON triggers (rollback, sequence) WHERE rollback IS NOT NULL;
CREATE INDEX triggers_by_time ON triggers (received_at);

CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY,
  key      TEXT    NOT NULL UNIQUE,
  closed   INTEGER NOT NULL CHECK (closed IN (0, 1)),
  attempts INTEGER NOT NULL,
  next_at  INTEGER NOT NULL,
  why      TEXT    NOT NULL,  -- of the newest try that failed
  at       INTEGER NOT NULL,
  digest   TEXT    NOT NULL,
  document TEXT    NOT NULL
) STRICT;
CREATE INDEX outbox_waiting ON outbox (sequence, next_at) WHERE closed = 0;
CREATE INDEX outbox_closed ON outbox (at) WHERE closed = 1;

CREATE TABLE told (
  sequence INTEGER PRIMARY KEY,
  notice   TEXT    NOT NULL REFERENCES outbox (key) ON DELETE CASCADE,
  channel  TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  UNIQUE (notice, channel)
) STRICT;

-- One chain for each environment: hash = SHA-256(hash of the one before, body).
CREATE TABLE journal (
  position    INTEGER PRIMARY KEY,
  environment TEXT    NOT NULL,
  sequence    INTEGER NOT NULL,
  rollback    TEXT,
  hash        TEXT    NOT NULL,
  body        TEXT    NOT NULL,
  UNIQUE (environment, sequence)
) STRICT;
CREATE INDEX journal_of_rollback ON journal (rollback, position) WHERE rollback IS NOT NULL;

-- Where each chain ends, so that a cut tail is seen.
CREATE TABLE chains (
  environment TEXT    PRIMARY KEY,
  sequence    INTEGER NOT NULL,
  hash        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What no statement may do, whoever sends it.
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER journal_is_never_removed BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER chains_only_grow BEFORE UPDATE ON chains
WHEN new.environment <> old.environment OR new.sequence <> old.sequence + 1
BEGIN SELECT RAISE(ABORT, 'a chain grows by one entry at a time'); END;
CREATE TRIGGER ended_rollbacks_stay BEFORE UPDATE ON rollbacks
WHEN old.active = 0
BEGIN SELECT RAISE(ABORT, 'a rollback that has ended stays as it is'); END;
CREATE TRIGGER rollbacks_count_revisions BEFORE UPDATE ON rollbacks
WHEN new.revision <> old.revision + 1 OR new.id <> old.id
BEGIN SELECT RAISE(ABORT, 'a revision grows by one'); END;
CREATE TRIGGER heads_count_revisions BEFORE UPDATE ON heads
WHEN new.revision <> old.revision + 1 OR new.environment <> old.environment
BEGIN SELECT RAISE(ABORT, 'a revision grows by one'); END;
CREATE TRIGGER heads_are_never_removed BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER deployments_count_revisions BEFORE UPDATE ON deployments
WHEN new.revision <> old.revision + 1 OR new.id <> old.id
  OR new.environment <> old.environment OR new.started_at <> old.started_at
BEGIN SELECT RAISE(ABORT, 'a deployment keeps its environment and the time it started'); END;
CREATE TRIGGER triggers_are_never_changed BEFORE UPDATE ON triggers
BEGIN SELECT RAISE(ABORT, 'what became of a signal stays as it is'); END;
