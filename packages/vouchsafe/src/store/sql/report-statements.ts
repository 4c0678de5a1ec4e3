import { periods } from "../reports.ts";
import { clientColumns, grantColumns } from "./statements.ts";

/** How far the clocks of nodes, and an event's time and its writing, may be apart; milliseconds. */
const slack = 300_000;

/** Events that are not counted yet. */
const uncounted = "id > coalesce((SELECT CAST(CAST(value AS NUMERIC) AS BIGINT) FROM settings WHERE name = 'events_counted'), 0)";

/** Whole days by the day, and what is before and after them by the hour: a week has fewer of both than hours. */
const countedOfClients = `
  SELECT type, client_id, count FROM client_event_counts WHERE period = ${periods.day} AND at >= :firstDay AND at < :lastDay
  UNION ALL
  SELECT type, client_id, count FROM client_event_counts WHERE period = ${periods.hour} AND at >= :from AND at < :firstDay
  UNION ALL
  SELECT type, client_id, count FROM client_event_counts WHERE period = ${periods.hour} AND at >= :lastDay AND at < :until
  UNION ALL
  SELECT type, client_id, count FROM audit_events WHERE ${uncounted} AND at >= :from AND at < :until AND client_id IS NOT NULL`;

/** Read by their time first: a planner that knows no statistics takes the index of types, of which there are few. */
const lately = "WITH lately AS MATERIALIZED (SELECT type, client_id, count FROM audit_events WHERE at >= :from AND at < :until)";

const live = "revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :now)";

/** What only operators ask. Names of parameters and columns as in `statements`. */
export const reportStatements = {
  /** The last of the next events to be counted. */
  lastToCount: `SELECT max(id), count(*) FROM (SELECT id FROM audit_events WHERE ${uncounted} AND id <= :settled ORDER BY id LIMIT :most) AS next`,
  countEvents: `
    INSERT INTO event_counts (period, at, type, detail, count)
    SELECT CAST(:period AS BIGINT), at - at % CAST(:period AS BIGINT), type, detail, sum(count) FROM audit_events
    WHERE ${uncounted} AND id <= :last GROUP BY 2, type, detail
    ON CONFLICT (period, at, type, detail) DO UPDATE SET count = event_counts.count + excluded.count`,
  // Every client is registered once: to count that would keep a row of each for years.
  countEventsOfClients: `
    INSERT INTO client_event_counts (period, at, type, client_id, count)
    SELECT CAST(:period AS BIGINT), at - at % CAST(:period AS BIGINT), type, client_id, sum(count) FROM audit_events
    WHERE ${uncounted} AND id <= :last AND client_id IS NOT NULL AND type <> 'client.registered' GROUP BY 2, type, client_id
    ON CONFLICT (period, at, type, client_id) DO UPDATE SET count = client_event_counts.count + excluded.count`,
  // SQLite takes a number that is bound for a real one, and would write 7.0, as it once did.
  markCounted: `
    INSERT INTO settings (name, value) VALUES ('events_counted', CAST(CAST(:last AS BIGINT) AS TEXT))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`,

  counts: `
    SELECT at, type, detail, sum(count) FROM (
      SELECT at, type, detail, count FROM event_counts WHERE period = :period AND at >= :from AND at < :until AND type <> 'expired'
      UNION ALL
      SELECT at - at % CAST(:period AS BIGINT), type, detail, count FROM audit_events WHERE ${uncounted} AND at >= :from AND at < :until
    ) AS counted GROUP BY at, type, detail ORDER BY at, type, detail`,
  busiestClients: `
    SELECT busy.client_id, clients.name, busy.total FROM (
      SELECT client_id, sum(count) AS total FROM (
        ${countedOfClients}
      ) AS counted WHERE type IN :types[] GROUP BY client_id ORDER BY total DESC, client_id LIMIT :most
    ) AS busy LEFT JOIN clients ON clients.id = busy.client_id ORDER BY busy.total DESC, busy.client_id`,
  // Minutes are not counted by client: there would be as many counts as events.
  busiestClientsByMinute: `
    ${lately}
    SELECT busy.client_id, clients.name, busy.total FROM (
      SELECT client_id, sum(count) AS total FROM lately WHERE client_id IS NOT NULL AND type IN :types[]
      GROUP BY client_id ORDER BY total DESC, client_id LIMIT :most
    ) AS busy LEFT JOIN clients ON clients.id = busy.client_id ORDER BY busy.total DESC, busy.client_id`,
  countsOfClients: `
    SELECT client_id, sum(count) FROM (
      ${countedOfClients}
    ) AS counted WHERE client_id IN :clientIds[] AND type IN :types[] GROUP BY client_id`,
  countsOfClientsByMinute: `
    ${lately}
    SELECT client_id, sum(count) FROM lately
    WHERE client_id IN :clientIds[] AND type IN :types[] GROUP BY client_id`,
  sweepCounts: `
    DELETE FROM event_counts WHERE (period, at, type, detail) IN (
      SELECT period, at, type, detail FROM event_counts WHERE period = :period AND at < :before ORDER BY at LIMIT :most
    )`,
  sweepCountsOfClients: `
    DELETE FROM client_event_counts WHERE (period, at, type, client_id) IN (
      SELECT period, at, type, client_id FROM client_event_counts WHERE period = :period AND at < :before ORDER BY at LIMIT :most
    )`,

  liveGrantsByClient: `
    SELECT held.client_id, clients.name, held.count FROM (
      SELECT client_id, count(*) AS count FROM grants WHERE ${live} GROUP BY client_id
    ) AS held LEFT JOIN clients ON clients.id = held.client_id ORDER BY held.count DESC, held.client_id`,
  liveClientTokens: `
    SELECT count(*) FROM tokens JOIN clients ON clients.id = tokens.client_id
    WHERE tokens.grant_id IS NULL AND tokens.revoked_at IS NULL AND (tokens.expires_at IS NULL OR tokens.expires_at > :now)
      AND (clients.revoked_before IS NULL OR tokens.issued_at > clients.revoked_before)`,
  clientsByState: `
    SELECT origin, CASE WHEN disabled_at IS NULL THEN 0 ELSE 1 END AS is_disabled, count(*) FROM clients
    GROUP BY origin, is_disabled ORDER BY origin, is_disabled`,
  expiredGrants: `
    SELECT count(client_id), count(*) FROM grants
    WHERE revoked_at IS NULL AND ends_at IS NOT NULL AND ends_at >= :from AND ends_at < :until`,
  // What has been removed since. Whole days by the day, and what is before and after them by the hour.
  expiredAndGone: `
    SELECT detail, sum(count) FROM (
      SELECT detail, count FROM event_counts WHERE period = ${periods.day} AND at >= :firstDay AND at < :lastDay AND type = 'expired'
      UNION ALL
      SELECT detail, count FROM event_counts WHERE period = ${periods.hour} AND at >= :from AND at < :firstDay AND type = 'expired'
      UNION ALL
      SELECT detail, count FROM event_counts WHERE period = ${periods.hour} AND at >= :lastDay AND at < :until AND type = 'expired'
    ) AS gone GROUP BY detail`,
  expiredClientTokens: `
    SELECT count(*) FROM tokens
    WHERE grant_id IS NULL AND revoked_at IS NULL AND expires_at >= :from AND expires_at < :until`,

  clientReach: `SELECT count(DISTINCT subject), count(*), 0 FROM grants WHERE client_id = :clientId AND ${live}`,
  subjectReach: `SELECT 1, count(client_id), count(*) - count(client_id) FROM grants WHERE subject = :subject AND ${live}`,
  grantReach: `SELECT count(*), count(client_id), count(*) - count(client_id) FROM grants WHERE id = :grantId AND ${live}`,
  clientTokenReach: `
    SELECT count(*) FROM tokens JOIN clients ON clients.id = tokens.client_id
    WHERE tokens.client_id = :clientId AND tokens.grant_id IS NULL AND tokens.revoked_at IS NULL
      AND (tokens.expires_at IS NULL OR tokens.expires_at > :now) AND (clients.revoked_before IS NULL OR tokens.issued_at > clients.revoked_before)`,
} as const satisfies Record<string, string>;

/**
 * Where events stand that lie within a time. They are written in nearly the order of their times, so that ids, in which
 * every index of events ends, bound what has to be looked at.
 */
const between = `
  id > coalesce((SELECT id FROM audit_events WHERE at < CAST(:from AS BIGINT) - ${slack} ORDER BY at DESC LIMIT 1), 0)
  AND id < coalesce((SELECT id FROM audit_events WHERE at >= CAST(:until AS BIGINT) + ${slack} ORDER BY at LIMIT 1), 9007199254740991)
  AND at >= :from AND at < :until`;

/** The conditions that a list of events may have, each with the parameter it is for. */
const eventConditions = {
  type: "type = :type",
  clientId: "client_id = :clientId",
  subject: "subject = :subject",
  flowId: "flow_id = :flowId",
  // Through the grant's subject: events have an index of those.
  grantId: "grant_id = :grantId AND subject = (SELECT subject FROM grants WHERE id = :grantId)",
  // One that is long gone has left no subject to go by: all events are looked at.
  goneGrantId: "grant_id = :grantId",
} as const;

export type EventCondition = keyof typeof eventConditions;

/** Every list of events is one of few statements, made of these pieces alone. */
export const listEvents = (conditions: readonly EventCondition[], isWithinTime: boolean, direction: "ASC" | "DESC"): string => `
  SELECT id, event, chain, position, mark FROM audit_events
  WHERE ${["id < :before", "id > :after", ...conditions.map((name) => eventConditions[name]), ...(isWithinTime ? [between] : [])].join(" AND ")}
  ORDER BY id ${direction} LIMIT :most`;

const clientConditions = {
  id: "id = :id",
  origin: "origin = :origin",
  isDisabled: "(disabled_at IS NOT NULL) = (:isDisabled = 1)",
  search: "(lower(name) LIKE :pattern ESCAPE '!' OR lower(id) LIKE :pattern ESCAPE '!')",
  after: "(created_at, id) < (:afterAt, :afterId)",
} as const;

export type ClientCondition = keyof typeof clientConditions;

export const listClients = (conditions: readonly ClientCondition[]): string => `
  SELECT ${clientColumns}, (SELECT count(*) FROM grants WHERE grants.client_id = clients.id AND ${live}), clients.used_at FROM clients
  WHERE ${["1 = 1", ...conditions.map((name) => clientConditions[name])].join(" AND ")}
  ORDER BY created_at DESC, id DESC LIMIT :most`;

const grantConditions = {
  id: "grants.id = :id",
  clientId: "grants.client_id = :clientId",
  subject: "grants.subject = :subject",
  connection: "grants.client_id IS NOT NULL",
  personal: "grants.client_id IS NULL",
  live: "grants.revoked_at IS NULL AND (grants.ends_at IS NULL OR grants.ends_at > :now)",
  ended: "(grants.revoked_at IS NOT NULL OR grants.ends_at <= :now)",
  after: "(grants.created_at, grants.id) < (:afterAt, :afterId)",
} as const;

export type GrantCondition = keyof typeof grantConditions;

export const listGrants = (conditions: readonly GrantCondition[]): string => `
  SELECT ${grantColumns}, coalesce(clients.name, grants.name), grants.used_at FROM grants LEFT JOIN clients ON clients.id = grants.client_id
  WHERE ${["1 = 1", ...conditions.map((name) => grantConditions[name])].join(" AND ")}
  ORDER BY grants.created_at DESC, grants.id DESC LIMIT :most`;

const tokenConditions = {
  kind: "walked.kind = :kind",
  clientId: "coalesce(grants.client_id, walked.client_id) = :clientId",
  subject: "grants.subject = :subject",
  grantId: "walked.grant_id = :grantId",
} as const;

export type TokenCondition = keyof typeof tokenConditions;

export const listTokens = (conditions: readonly TokenCondition[]): string => `
  SELECT walked.id, walked.kind, walked.grant_id, coalesce(grants.client_id, walked.client_id), walked.scope, walked.audience,
    walked.issued_at, walked.expires_at, walked.revoked_at, walked.spent_at, grants.subject, grants.revoked_at, grants.ends_at
  FROM (
    SELECT id, kind, grant_id, client_id, scope, audience, issued_at, expires_at, revoked_at, spent_at FROM tokens
    WHERE id < :before ORDER BY id DESC LIMIT :walk
  ) AS walked LEFT JOIN grants ON grants.id = walked.grant_id
  WHERE ${["1 = 1", ...conditions.map((name) => tokenConditions[name])].join(" AND ")}
  ORDER BY walked.id DESC LIMIT :most`;

export const lastWalked = "SELECT min(id) FROM (SELECT id FROM tokens WHERE id < :before ORDER BY id DESC LIMIT :walk) AS walked";

const flowConditions = {
  clientId: "client_id = :clientId",
  outcome: "outcome = :outcome",
  after: "(began_at, id) < (:afterAt, :afterId)",
} as const;

export type FlowCondition = keyof typeof flowConditions;

export const listFlows = (conditions: readonly FlowCondition[]): string => `
  SELECT id, client_id, client_name, subject, grant_id, began_at, last_at, outcome FROM flows
  WHERE ${["began_at >= :from AND began_at < :until", ...conditions.map((name) => flowConditions[name])].join(" AND ")}
  ORDER BY began_at DESC, id DESC LIMIT :most`;
