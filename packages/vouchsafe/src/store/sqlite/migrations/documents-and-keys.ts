/** Client documents, pushed requests, assertions, signing keys; personal tokens, which are grants without a client. */
export const documentsAndKeys = `
  ALTER TABLE clients ADD COLUMN resources TEXT NOT NULL DEFAULT '';
  ALTER TABLE clients ADD COLUMN registration_token BLOB;
  ALTER TABLE clients ADD COLUMN fresh_until INTEGER;
  ALTER TABLE clients ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

  DROP INDEX unused_clients;
  CREATE INDEX unused_clients ON clients (created_at) WHERE origin <> 'operator' AND granted_at IS NULL;

  CREATE TABLE former_identities (
    client_id TEXT NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    PRIMARY KEY (client_id, identity)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE new_grants (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    identity TEXT NOT NULL DEFAULT '',
    redirect_uri TEXT NOT NULL DEFAULT '',
    name TEXT,
    created_at INTEGER NOT NULL,
    redeemed_at INTEGER NOT NULL,
    ends_at INTEGER,
    revoked_at INTEGER,
    used_at INTEGER
  ) STRICT;
  INSERT INTO new_grants (id, client_id, subject, scope, resources, created_at, redeemed_at, ends_at, revoked_at)
  SELECT id, client_id, subject, scope, resources, created_at, redeemed_at, ends_at, revoked_at FROM grants ORDER BY rowid;
  DROP TABLE grants;
  ALTER TABLE new_grants RENAME TO grants;
  CREATE INDEX grants_of_subject ON grants (subject, client_id, created_at);
  CREATE INDEX grants_of_client ON grants (client_id, identity);

  CREATE TABLE pushed_requests (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    query TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pushed_requests_by_end ON pushed_requests (expires_at);

  CREATE TABLE spent_assertions (
    hash BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX spent_assertions_by_end ON spent_assertions (expires_at);

  CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    public_key TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER,
    retired_at INTEGER
  ) STRICT, WITHOUT ROWID;
  `;
