/** Clients, decisions, grants, tokens, and what goes with them. */
export const firstTables = `
  CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    first_party INTEGER NOT NULL,
    auth_method TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    scope TEXT NOT NULL,
    resource_server_of TEXT NOT NULL,
    secret_hash BLOB,
    secret_expires_at INTEGER,
    previous_secret_hash BLOB,
    previous_secret_expires_at INTEGER,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    granted_at INTEGER,
    disabled_at INTEGER
  ) STRICT;

  CREATE INDEX unused_clients ON clients (created_at) WHERE origin = 'dynamic' AND granted_at IS NULL;

  CREATE TABLE decisions (
    request_id TEXT NOT NULL PRIMARY KEY,
    answer TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    redeemed_at INTEGER NOT NULL,
    ends_at INTEGER,
    revoked_at INTEGER
  ) STRICT;
  CREATE INDEX grants_of_subject ON grants (subject, client_id, created_at);

  CREATE TABLE tokens (
    hash BLOB NOT NULL PRIMARY KEY,
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
  CREATE INDEX tokens_with_answer ON tokens (spent_at) WHERE answer IS NOT NULL;

  CREATE TABLE subjects (
    id TEXT NOT NULL PRIMARY KEY,
    disabled_at INTEGER,
    codes_void_before INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE disconnections (
    subject TEXT NOT NULL,
    client_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (subject, client_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE registration_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    uses_left INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit_events (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    event TEXT NOT NULL
  ) STRICT;
  `;
