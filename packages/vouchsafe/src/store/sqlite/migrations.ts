/**
 * The schema's steps, oldest first; the database's `user_version` counts how many it has taken. A step that has been
 * released is never changed.
 *
 * Times are integers, in milliseconds; lists of names that have no spaces are kept as text with spaces between them. Tables
 * that grow with the traffic keep their rowid: what is new stands together at the end, and only the narrow index of random
 * keys is written all over; without it a refresh costs twice the CPU.
 */
export const sqliteMigrations: readonly string[] = [
  `
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
  `,
  `
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
  `,
  `
  ALTER TABLE grants ADD COLUMN browser TEXT;
  `,
  `
  ALTER TABLE audit_events ADD COLUMN detail TEXT NOT NULL DEFAULT '';
  ALTER TABLE audit_events ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE audit_events ADD COLUMN client_id TEXT;
  ALTER TABLE audit_events ADD COLUMN subject TEXT;
  ALTER TABLE audit_events ADD COLUMN grant_id TEXT;
  ALTER TABLE audit_events ADD COLUMN flow_id TEXT;
  ALTER TABLE audit_events ADD COLUMN chain TEXT;
  ALTER TABLE audit_events ADD COLUMN position INTEGER;
  ALTER TABLE audit_events ADD COLUMN mark TEXT;
  UPDATE audit_events SET
    count = coalesce(event ->> 'count', 1),
    client_id = event ->> 'clientId',
    subject = coalesce(event ->> 'subject', (SELECT subject FROM grants WHERE id = event ->> 'grantId')),
    grant_id = event ->> 'grantId',
    detail = CASE type
      WHEN 'token.issued' THEN event ->> 'grantType'
      WHEN 'token.refreshed' THEN 'refresh_token'
      WHEN 'client.registered' THEN event ->> 'origin'
      WHEN 'consent.allowed' THEN event ->> 'tier'
      WHEN 'consent.narrowed' THEN event ->> 'tier'
      WHEN 'consent.remembered' THEN event ->> 'tier'
      WHEN 'consent.denied' THEN event ->> 'tier'
      WHEN 'request.refused' THEN (event ->> 'endpoint') || ' ' || (event ->> 'error')
      WHEN 'client.authentication_failed' THEN (event ->> 'endpoint') || ' invalid_client'
      WHEN 'rate.limited' THEN event ->> 'endpoint'
      WHEN 'suspicious.activity' THEN event ->> 'kind'
      ELSE '' END;
  CREATE INDEX audit_events_by_time ON audit_events (at);
  CREATE INDEX audit_events_by_type ON audit_events (type);
  CREATE INDEX audit_events_of_client ON audit_events (client_id) WHERE client_id IS NOT NULL;
  CREATE INDEX audit_events_of_subject ON audit_events (subject) WHERE subject IS NOT NULL;
  CREATE INDEX audit_events_of_flow ON audit_events (flow_id) WHERE flow_id IS NOT NULL;

  CREATE TABLE event_counts (
    period INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    detail TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (period, at, type, detail)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE client_event_counts (
    period INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    client_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (period, at, type, client_id)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE clients ADD COLUMN used_at INTEGER;
  ALTER TABLE clients ADD COLUMN revoked_before INTEGER;
  CREATE INDEX clients_by_age ON clients (created_at, id);
  CREATE INDEX live_grants ON grants (client_id, created_at, ends_at, subject) WHERE revoked_at IS NULL;
  CREATE INDEX grants_by_end ON grants (ends_at) WHERE ends_at IS NOT NULL AND revoked_at IS NULL;
  CREATE INDEX grants_by_age ON grants (created_at, id);
  CREATE INDEX client_tokens ON tokens (client_id, expires_at) WHERE grant_id IS NULL AND revoked_at IS NULL;

  CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    subject TEXT,
    grant_id TEXT,
    began_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX flows_by_begin ON flows (began_at);
  CREATE INDEX flows_of_client ON flows (client_id, began_at);
  CREATE INDEX flows_by_outcome ON flows (outcome, began_at);
  CREATE INDEX flows_of_grant ON flows (grant_id) WHERE grant_id IS NOT NULL;
  CREATE TABLE flow_steps (
    flow_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    step TEXT NOT NULL
  ) STRICT;
  CREATE INDEX steps_of_flow ON flow_steps (flow_id);

  CREATE TABLE deliveries (
    event_id INTEGER NOT NULL,
    subscription TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, subscription)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX due_deliveries ON deliveries (subscription, due_at);

  CREATE TABLE audit_chains (
    chain TEXT NOT NULL PRIMARY KEY,
    length INTEGER NOT NULL,
    mark TEXT NOT NULL,
    cut INTEGER NOT NULL,
    cut_mark TEXT NOT NULL,
    signature TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
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
  `,
  `
  CREATE INDEX decisions_by_end ON decisions (expires_at);
  CREATE INDEX disconnections_by_age ON disconnections (at);
  CREATE INDEX subjects_by_void_codes ON subjects (codes_void_before) WHERE disabled_at IS NULL;
  CREATE INDEX spent_registration_tokens ON registration_tokens (created_at) WHERE uses_left = 0;
  `,
];
