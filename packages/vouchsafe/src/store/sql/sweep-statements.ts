/** A grant that is still needed: it lives, its end is still shown, or its code could come again. Never NULL. */
const isKept = "(coalesce(grants.revoked_at, grants.ends_at, 9007199254740991) >= :grantsBefore OR grants.redeemed_at >= :codesBefore)";

/** A token that nobody needs. Spent ones stay until they would have expired, so that whoever sends one again is recognised. */
const isDead = (tokens: string): string => `(
  ${tokens}.expires_at < :tokensBefore
  OR ${tokens}.revoked_at < :revokedTokensBefore
  OR (${tokens}.grant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.id = ${tokens}.grant_id AND ${isKept}))
  OR (${tokens}.grant_id IS NULL AND NOT EXISTS (SELECT 1 FROM clients WHERE clients.id = ${tokens}.client_id))
) AND ${tokens}.id < (SELECT max(id) FROM tokens)`;

/** Led to no grant, and has no token of its own. */
const isUnused = `
  origin <> 'operator' AND granted_at IS NULL AND disabled_at IS NULL AND created_at < :unusedClientsBefore
  AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.client_id = clients.id AND tokens.grant_id IS NULL AND tokens.revoked_at IS NULL)`;

/** What came to its own end is counted by that, beside the events. Names of parameters and columns as in `reportStatements`. */
const addToCounts = "ON CONFLICT (period, at, type, detail) DO UPDATE SET count = event_counts.count + excluded.count";

const isForgotten = "disabled_at IS NULL AND codes_void_before < :codesBefore";

/** What takes away what is past its time. Names of parameters and columns as in `statements`; each has an index to go by. */
export const sweepStatements = {
  unusedClients: `SELECT id FROM clients WHERE ${isUnused} ORDER BY created_at LIMIT :most`,
  removeUnusedClients: `DELETE FROM clients WHERE id IN :ids[] AND ${isUnused}`,
  removeIdentitiesOfNobody: `
    DELETE FROM former_identities WHERE client_id IN :ids[] AND NOT EXISTS (SELECT 1 FROM clients WHERE clients.id = former_identities.client_id)`,

  // What has ended never lives again.
  pastGrants: `
    SELECT id, client_id FROM (
      SELECT id, client_id FROM (
        SELECT id, client_id FROM grants WHERE revoked_at < :grantsBefore AND redeemed_at < :codesBefore ORDER BY revoked_at LIMIT :most
      ) AS revoked
      UNION ALL
      SELECT id, client_id FROM (
        SELECT id, client_id FROM grants WHERE revoked_at IS NULL AND ends_at < :grantsBefore AND redeemed_at < :codesBefore
        ORDER BY ends_at LIMIT :most
      ) AS ended
    ) AS past LIMIT :most`,
  countEndedGrants: `
    INSERT INTO event_counts (period, at, type, detail, count)
    SELECT CAST(:period AS BIGINT), ends_at - ends_at % CAST(:period AS BIGINT), 'expired',
      CASE WHEN client_id IS NULL THEN 'personal_token' ELSE 'connection' END, count(*)
    FROM grants WHERE id IN :ids[] AND revoked_at IS NULL GROUP BY 2, 4
    ${addToCounts}`,
  removeGrants: "DELETE FROM grants WHERE id IN :ids[]",
  removeIdentitiesNobodyAgreedTo: `
    DELETE FROM former_identities WHERE client_id IN :clientIds[] AND NOT EXISTS (
      SELECT 1 FROM grants WHERE grants.client_id = former_identities.client_id AND grants.identity = former_identities.identity
    )`,

  tokensBehind: `
    SELECT max(walked.id), count(*), coalesce(sum(CASE WHEN ${isDead("walked")} THEN 1 ELSE 0 END), 0) FROM (
      SELECT id, grant_id, client_id, expires_at, revoked_at FROM tokens WHERE id > :after ORDER BY id LIMIT :most
    ) AS walked`,
  countExpiredTokens: `
    INSERT INTO event_counts (period, at, type, detail, count)
    SELECT CAST(:period AS BIGINT), expires_at - expires_at % CAST(:period AS BIGINT), 'expired', 'client_token', count(*) FROM tokens
    WHERE id > :after AND id <= :last AND ${isDead("tokens")} AND grant_id IS NULL AND revoked_at IS NULL AND expires_at < :tokensBefore
    GROUP BY 2
    ${addToCounts}`,
  removeTokens: `
    DELETE FROM tokens WHERE id IN (
      SELECT id FROM tokens WHERE id > :after AND id <= :last AND ${isDead("tokens")} ORDER BY id LIMIT :most
    )`,

  decisions: `
    DELETE FROM decisions WHERE request_id IN (SELECT request_id FROM decisions WHERE expires_at <= :now ORDER BY expires_at LIMIT :most)`,
  pushedRequests: `
    DELETE FROM pushed_requests WHERE id IN (
      SELECT id FROM pushed_requests WHERE expires_at <= :pushedRequestsBefore ORDER BY expires_at LIMIT :most
    )`,
  assertions: `
    DELETE FROM spent_assertions WHERE hash IN (
      SELECT hash FROM spent_assertions WHERE expires_at <= :now ORDER BY expires_at LIMIT :most
    )`,
  refreshAnswers: `
    UPDATE tokens SET answer = NULL WHERE id IN (
      SELECT id FROM tokens WHERE answer IS NOT NULL AND spent_at < :answersBefore ORDER BY spent_at LIMIT :most
    )`,
  disconnections: `
    DELETE FROM disconnections WHERE at < :codesBefore AND (subject, client_id) IN (
      SELECT subject, client_id FROM disconnections WHERE at < :codesBefore ORDER BY at LIMIT :most
    )`,
  subjects: `
    DELETE FROM subjects WHERE ${isForgotten} AND id IN (
      SELECT id FROM subjects WHERE ${isForgotten} ORDER BY codes_void_before LIMIT :most
    )`,
  registrationTokens: `
    DELETE FROM registration_tokens WHERE id IN (
      SELECT id FROM registration_tokens WHERE uses_left = 0 AND created_at < :unusedClientsBefore ORDER BY created_at LIMIT :most
    )`,

  nextSubscription: "SELECT min(subscription) FROM deliveries WHERE subscription > :after",
  abandonedDeliveries: `
    DELETE FROM deliveries WHERE subscription = :subscription AND event_id IN (
      SELECT event_id FROM deliveries WHERE subscription = :subscription AND due_at < :deliveriesBefore ORDER BY due_at LIMIT :most
    )`,
} as const satisfies Record<string, string>;

/** What a rehearsal counts. Nothing here is on the way of a request. */
export const countStatements = {
  clients: `SELECT count(*) FROM clients WHERE ${isUnused}`,
  grants: `SELECT count(*) FROM grants WHERE NOT ${isKept}`,
  tokens: `SELECT count(*) FROM tokens WHERE ${isDead("tokens")}`,
  decisions: "SELECT count(*) FROM decisions WHERE expires_at <= :now",
  pushedRequests: "SELECT count(*) FROM pushed_requests WHERE expires_at <= :pushedRequestsBefore",
  assertions: "SELECT count(*) FROM spent_assertions WHERE expires_at <= :now",
  refreshAnswers: "SELECT count(*) FROM tokens WHERE answer IS NOT NULL AND spent_at < :answersBefore",
  disconnections: "SELECT count(*) FROM disconnections WHERE at < :codesBefore",
  subjects: `SELECT count(*) FROM subjects WHERE ${isForgotten}`,
  registrationTokens: "SELECT count(*) FROM registration_tokens WHERE uses_left = 0 AND created_at < :unusedClientsBefore",
  deliveries: "SELECT count(*) FROM deliveries WHERE subscription NOT IN :subscriptions[] AND due_at < :deliveriesBefore",
} as const satisfies Record<string, string>;
