import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

/** A month of a busy server: this many clients, grants with two tokens each, and events. */
const clients = 1000;
const grants = 500_000;
const events = 1_000_000;

/** Milliseconds. */
const month = 30 * 86_400_000;

/**
 * Writes a million tokens and a million events into a server's database: rows as the server writes them, but for the marks
 * of the chains, which nothing measured here reads.
 */
export function fill(path: string): void {
  const database = new DatabaseSync(path);
  const [now, from] = [Date.now(), Date.now() - month];
  database.exec(`
    PRAGMA busy_timeout = 10000;
    PRAGMA synchronous = OFF;
    BEGIN IMMEDIATE;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${clients})
    INSERT INTO clients (id, name, origin, first_party, auth_method, redirect_uris, grant_types, scope, resource_server_of, metadata, created_at)
    SELECT 'client' || printf('%016d', i), 'App ' || i, 'dynamic', 0, 'none', '["http://127.0.0.1/callback"]',
      'authorization_code refresh_token', 'read', '', '{}', ${from} + i FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${grants})
    INSERT INTO grants (id, client_id, subject, scope, resources, identity, redirect_uri, created_at, redeemed_at, ends_at)
    SELECT lower(hex(randomblob(11))), 'client' || printf('%016d', 1 + i % ${clients}), 'subject' || (i % 100000), 'read', '', 'identity',
      'http://127.0.0.1/callback', ${from} + i * ${Math.floor(month / grants)}, ${from} + i * ${Math.floor(month / grants)}, ${now} + i * 1000 FROM n;
    INSERT INTO tokens (hash, kind, grant_id, scope, issued_at, expires_at)
    SELECT randomblob(32), 'access', id, 'read', created_at, created_at + 3600000 FROM grants;
    INSERT INTO tokens (hash, kind, grant_id, scope, issued_at, expires_at)
    SELECT randomblob(32), 'refresh', id, 'read', created_at, created_at + 2592000000 FROM grants;
    WITH RECURSIVE
      n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${events}),
      happened AS (
        SELECT ${from} + i * ${Math.floor(month / events)} AS at,
          CASE WHEN i % 1000 = 0 THEN 'refresh.reused' WHEN i % 20 = 0 THEN 'request.refused' WHEN i % 10 = 1 THEN 'token.issued'
            ELSE 'token.refreshed' END AS type,
          CASE WHEN i % 1000 = 0 THEN '' WHEN i % 20 = 0 THEN 'token invalid_grant' WHEN i % 10 = 1 THEN 'authorization_code'
            ELSE 'refresh_token' END AS detail,
          'client' || printf('%016d', 1 + i % ${clients}) AS client_id, 'subject' || (i % 100000) AS subject,
          lower(hex(randomblob(11))) AS grant_id, lower(hex(randomblob(10))) AS flow_id FROM n
      )
    INSERT INTO audit_events (at, type, detail, client_id, subject, grant_id, flow_id, event)
    SELECT at, type, detail, client_id, subject, grant_id, flow_id, json_object('at', at, 'type', type, 'requestId', 'AAAAAAAA-1',
      'address', '127.0.0.1', 'clientId', client_id, 'subject', subject, 'grantId', grant_id, 'flowId', flow_id, 'grantType', detail,
      'endpoint', 'token', 'error', 'invalid_grant', 'reason', 'code has expired', 'count', 1, 'scope', json_array('read')) FROM happened;
    COMMIT;
  `);
  database.close();
}

/** Until the server has counted every event; false where that takes longer than this many seconds. */
export async function isCounted(path: string, seconds: number): Promise<boolean> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    for (let waited = 0; waited < seconds; waited++) {
      const row = database
        .prepare(
          "SELECT (SELECT max(id) FROM audit_events) - (SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'events_counted') AS left",
        )
        .get();
      if (Number(row?.["left"] ?? Number.POSITIVE_INFINITY) <= 0) return true;
      await pause(1000);
    }
    return false;
  } finally {
    database.close();
  }
}
