/** Chains and counts of the audit, attempts to connect, deliveries; what operators list has its index. */
export const auditAndFlows = `
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
  `;
