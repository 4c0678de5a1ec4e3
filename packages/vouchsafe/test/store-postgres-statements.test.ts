/** Every statement of the store is one that PostgreSQL prepares, and finds its rows by an index where there may be many. */
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queryOf } from "../src/store/postgres/client.ts";
import { hotStatements } from "../src/store/postgres/hot-paths.ts";
import { postgres } from "../src/store/postgres/postgres.ts";
import { recordAll } from "../src/store/postgres/write-events.ts";
import {
  type EventCondition,
  lastWalked,
  listClients,
  listEvents,
  listFlows,
  listGrants,
  listTokens,
  reportStatements,
} from "../src/store/sql/report-statements.ts";
import { statements } from "../src/store/sql/statements.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

let client: Client;

beforeAll(async () => {
  const url = await newDatabase();
  await (await postgres(url)).close();
  client = new Client({ connectionString: url });
  await client.connect();
  await client.query(aWellUsedDatabase);
  await client.query("SET plan_cache_mode = force_generic_plan");
});
afterAll(() => client.end());

/** Many people with many apps, each of which has a past. */
const aWellUsedDatabase = `
  INSERT INTO clients (id, name, origin, first_party, auth_method, redirect_uris, grant_types, scope, resource_server_of, metadata, created_at, granted_at)
    SELECT 'client ' || n, 'Budget app', 'dynamic', 0, 'none', '[]', '', '', '', '{}', n, CASE WHEN n % 100 = 0 THEN NULL ELSE n END FROM generate_series(1, 20000) AS n;
  INSERT INTO grants (id, client_id, subject, scope, resources, identity, created_at, redeemed_at, ends_at, revoked_at)
    SELECT 'grant ' || n, CASE WHEN n % 10 = 0 THEN NULL ELSE 'client ' || n % 9000 END, 'subject ' || n % 7000, 'read', '', 'identity ' || n % 3, n, n, n + 20000,
      CASE WHEN n % 3 = 0 THEN n + 5000 END FROM generate_series(1, 40000) AS n;
  INSERT INTO tokens (hash, kind, grant_id, client_id, scope, issued_at, expires_at, spent_at, answer)
    SELECT sha256(CAST('token ' || n AS bytea)), 'refresh', CASE WHEN n % 50 = 0 THEN NULL ELSE 'grant ' || n % 40000 END,
      CASE WHEN n % 50 = 0 THEN 'client ' || n % 9000 END, 'read', n, n + 1000, CASE WHEN n % 2 = 0 THEN n END, CASE WHEN n % 1000 = 0 THEN 'x'::bytea END
    FROM generate_series(1, 60000) AS n;
  INSERT INTO subjects (id) SELECT 'subject ' || n FROM generate_series(1, 20000) AS n;
  INSERT INTO disconnections (subject, client_id, at) SELECT 'subject ' || n, 'client ' || n, n FROM generate_series(1, 20000) AS n;
  INSERT INTO decisions (request_id, answer, expires_at) SELECT 'request ' || n, 'x', n FROM generate_series(1, 20000) AS n;
  INSERT INTO pushed_requests (id, client_id, query, expires_at) SELECT 'request ' || n, 'client ' || n, 'x', n FROM generate_series(1, 20000) AS n;
  INSERT INTO spent_assertions (hash, expires_at) SELECT sha256(CAST('x' || n AS bytea)), n FROM generate_series(1, 20000) AS n;
  INSERT INTO former_identities (client_id, identity, name, redirect_uris) SELECT 'client ' || n, 'identity', 'x', '[]' FROM generate_series(1, 20000) AS n;
  INSERT INTO audit_events (at, type, event, client_id, subject, flow_id, chain, position, mark)
    SELECT n, 'type ' || n % 20, '{}', 'client ' || n % 9000, 'subject ' || n % 7000, 'flow ' || n % 5000, 'main ' || 1 + n % 16, n, 'mark' FROM generate_series(1, 60000) AS n;
  INSERT INTO event_counts (period, at, type, detail, count) SELECT 60000, n / 10, 'type ' || n % 10, '', 1 FROM generate_series(1, 20000) AS n;
  INSERT INTO client_event_counts (period, at, type, client_id, count) SELECT 3600000, n / 10, 'type', 'client ' || n % 10, 1 FROM generate_series(1, 20000) AS n;
  INSERT INTO deliveries (event_id, subscription, due_at) SELECT n, 'receiver', n FROM generate_series(1, 20000) AS n;
  INSERT INTO flows (id, client_id, client_name, grant_id, began_at, last_at, outcome)
    SELECT 'flow ' || n, 'client ' || n % 9000, 'x', 'grant ' || n, n, n, 'outcome ' || n % 5 FROM generate_series(1, 20000) AS n;
  INSERT INTO flow_steps (flow_id, at, step) SELECT 'flow ' || n % 20000, n, '{}' FROM generate_series(1, 60000) AS n;
  INSERT INTO settings (name, value) VALUES ('events_counted', '59900');
  ANALYZE`;

/** Tables of which a database has few rows. */
const small = new Set(["audit_chains", "leases", "registration_tokens", "settings", "signing_keys"]);

/** What an operator asks now and then, and is answered from all there is. */
const wholeTables = new Set([
  "statements.check",
  "statements.countDeliveries",
  "reportStatements.clientsByState",
  "reportStatements.liveClientTokens",
  "reportStatements.liveGrantsByClient",
]);

/** Without their values much would go; with them little does, and PostgreSQL goes on planning them for their values. */
const plannedAnew = new Set([
  "statements.sweepFlowSteps",
  "statements.sweepFlows",
  "reportStatements.sweepCounts",
  "reportStatements.sweepCountsOfClients",
]);

const allOf = (where: string, texts: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(texts).map(([name, text]) => [`${where}.${name}`, text]);

const eventLists: readonly (readonly EventCondition[])[] = [
  [],
  ["type"],
  ["clientId"],
  ["subject"],
  ["flowId"],
  ["grantId"],
  ["type", "clientId"],
];

const written: readonly (readonly [string, string])[] = [
  ...allOf("statements", statements),
  ...allOf("reportStatements", reportStatements),
  ...allOf("hotStatements", hotStatements),
  ["recordAll", recordAll],
  ["lastWalked", lastWalked],
  ...eventLists.flatMap((conditions) =>
    (["ASC", "DESC"] as const).flatMap((direction) =>
      [true, false].map((isWithin): readonly [string, string] => [
        `listEvents ${conditions.join(" ")} ${isWithin ? "within " : ""}${direction}`,
        listEvents(conditions, isWithin, direction),
      ]),
    ),
  ),
  ["listClients", listClients(["origin", "isDisabled", "after"])],
  ["listClients of one", listClients(["id"])],
  ["listGrants", listGrants(["connection", "live", "after"])],
  ["listGrants of a client", listGrants(["clientId", "live"])],
  ["listGrants of a subject", listGrants(["subject", "ended"])],
  ["listGrants of one", listGrants(["id"])],
  ["listTokens", listTokens(["kind", "clientId", "subject", "grantId"])],
  ["listFlows", listFlows(["after"])],
  ["listFlows of a client", listFlows(["clientId"])],
  ["listFlows of an outcome", listFlows(["outcome", "after"])],
];

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** The tables that a plan reads from their beginning to their end. */
const scanned = (plan: Plan): readonly string[] => [
  ...(plan["Node Type"] === "Seq Scan" && plan["Relation Name"] !== undefined ? [plan["Relation Name"]] : []),
  ...(plan.Plans ?? []).flatMap(scanned),
];

describe("the statements of the store on PostgreSQL", () => {
  it.each(written)("prepares %s, and finds by an index what may be much", async (name, statement) => {
    const { text, values } = queryOf(statement, {});
    await client.query(`PREPARE prepared AS ${text}`);
    try {
      const execute = values.length === 0 ? "prepared" : `prepared(${values.map(() => "NULL").join(", ")})`;
      const { rows } = await client.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(`EXPLAIN (FORMAT JSON) EXECUTE ${execute}`);
      const tables = rows.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan: plan }) => scanned(plan)));
      if (!wholeTables.has(name) && !plannedAnew.has(name)) expect(tables.filter((table) => !small.has(table))).toEqual([]);
    } finally {
      await client.query("DEALLOCATE prepared");
    }
  });
});
