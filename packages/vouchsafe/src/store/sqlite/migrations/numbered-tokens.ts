/** Tokens and steps of flows have ids of their own, which no copy changes; leases of background work. */
export const numberedTokens = `
  CREATE TABLE new_tokens (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    grant_id TEXT,
    client_id TEXT,
    scope TEXT NOT NULL,
    audience TEXT,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    spent_at INTEGER,
    answer BLOB
  ) STRICT;
  INSERT INTO new_tokens (id, hash, kind, grant_id, client_id, scope, audience, issued_at, expires_at, revoked_at, spent_at, answer)
  SELECT rowid, hash, kind, grant_id, client_id, scope, audience, issued_at, expires_at, revoked_at, spent_at, answer FROM tokens ORDER BY rowid;
  DROP TABLE tokens;
  ALTER TABLE new_tokens RENAME TO tokens;
  CREATE INDEX tokens_with_answer ON tokens (spent_at) WHERE answer IS NOT NULL;
  CREATE INDEX client_tokens ON tokens (client_id, expires_at) WHERE grant_id IS NULL AND revoked_at IS NULL;

  CREATE TABLE new_flow_steps (
    id INTEGER PRIMARY KEY,
    flow_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    step TEXT NOT NULL
  ) STRICT;
  INSERT INTO new_flow_steps (id, flow_id, at, step) SELECT rowid, flow_id, at, step FROM flow_steps ORDER BY rowid;
  DROP TABLE flow_steps;
  ALTER TABLE new_flow_steps RENAME TO flow_steps;
  CREATE INDEX steps_of_flow ON flow_steps (flow_id);

  CREATE INDEX grants_by_revocation ON grants (revoked_at) WHERE revoked_at IS NOT NULL;

  CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `;
