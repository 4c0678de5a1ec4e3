import type { Desk, StoreKind } from "./database.ts";
import { hashOf, type KnownGrant, mintKnownGrants } from "./known-tokens.ts";

/** What a server has after a month, for so many tokens: everything else in proportion. */
export interface Population {
  readonly tokens: number;
  /** The resource that every grant is for. */
  readonly resource: string;
  /** Of so many grants we know the tokens. */
  readonly known: number;
}

/** Of every grant: its tokens that open something now, and the refresh token before. */
const tokensOfGrant = 3;
const [grantsOfClient, grantsOfPerson] = [250, 5];

/** Milliseconds. */
const [hour, month] = [3_600_000, 30 * 86_400_000];

/** What the two engines say differently. */
interface Phrases {
  /** A table `n` with the numbers `i` from 1 on. */
  readonly series: (count: number) => string;
  /** 32 bytes. */
  readonly anyHash: string;
  readonly bytes: (hexadecimal: string) => string;
}

const phrases: Readonly<Record<StoreKind, Phrases>> = {
  sqlite: {
    series: (count) => `(WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${count}) SELECT i FROM s) AS n`,
    anyHash: "randomblob(32)",
    bytes: (hexadecimal) => `x'${hexadecimal}'`,
  },
  postgres: {
    series: (count) => `(SELECT CAST(i AS BIGINT) AS i FROM generate_series(1, ${count}) AS s (i)) AS n`,
    anyHash: "sha256(uuid_send(gen_random_uuid()))",
    bytes: (hexadecimal) => `'\\x${hexadecimal}'::bytea`,
  },
};

/** Writes the rows as the server writes them, but for the marks of the audit's chains, which nothing measured reads. */
export async function populate(desk: Desk, population: Population): Promise<readonly KnownGrant[]> {
  const grants = Math.ceil(population.tokens / tokensOfGrant);
  const clients = Math.max(10, Math.ceil(grants / grantsOfClient));
  const people = Math.max(10, Math.ceil(grants / grantsOfPerson));
  const clientOf = (grant: number): string => `client${10 ** 15 + (grant % clients)}`;
  const known = mintKnownGrants(population.known, grants, clientOf);
  const context = { ...phrases[desk.kind], ...population, grants, people, clientCount: clients, now: Date.now() };
  await desk.run([...holders(context), ...knownTable(context, known), ...tokens(context), ...history(context)].join(";\n"));
  await desk.settle();
  return known;
}

interface Context extends Phrases, Population {
  readonly grants: number;
  readonly people: number;
  readonly clientCount: number;
  readonly now: number;
}

/** Identifiers of 22 characters. Those of grants are in no order, as what is drawn at random. */
const grantId = (number: string): string => `'grant' || CAST(10000000000000000 + (${number}) * 2654435761 % 4294967291 AS TEXT)`;
const personId = (number: string): string => `'person' || CAST(1000000000000000 + (${number}) AS TEXT)`;
const clientId = (number: string): string => `'client' || CAST(1000000000000000 + (${number}) AS TEXT)`;

/** People, clients and grants. */
const holders = ({ series, resource, grants, people, clientCount, now }: Context): readonly string[] => [
  `INSERT INTO accounts (id, email, password, is_admin, created_at)
    SELECT ${personId("i")}, 'somebody' || i || '@example.com', '$argon2id$v=19$m=19456,t=2,p=1$${"s".repeat(22)}$${"h".repeat(43)}', 0, ${now - month}
    FROM ${series(people)}`,
  `INSERT INTO clients (id, name, origin, first_party, auth_method, redirect_uris, grant_types, scope, resource_server_of, registration_token,
      metadata, created_at, granted_at)
    SELECT ${clientId("i - 1")}, 'App ' || i, 'dynamic', 0, 'none', '["http://127.0.0.1:9/cb"]', 'authorization_code refresh_token', 'read', '',
      NULL, '{}', ${now - month} + i, ${now - month} + i FROM ${series(clientCount)}`,
  `INSERT INTO grants (id, client_id, subject, scope, resources, identity, redirect_uri, created_at, redeemed_at, ends_at, used_at)
    SELECT ${grantId("i")}, ${clientId(`i % ${clientCount}`)}, ${personId(`1 + i % ${people}`)}, 'read', '${resource}', 'rH7z9CWbFs7',
      'http://127.0.0.1:9/cb', ${now - month} + i * ${step(grants)}, ${now - month} + i * ${step(grants)}, ${now} + ${month}, ${now}
    FROM ${series(grants)}`,
];

const knownTable = ({ bytes }: Context, known: readonly KnownGrant[]): readonly string[] => [
  "CREATE TEMPORARY TABLE known (number BIGINT, access_hash BYTEA, refresh_hash BYTEA)",
  `INSERT INTO known VALUES ${known.map(({ number, accessToken, refreshToken }) => `(${number}, ${bytes(hashOf(accessToken))}, ${bytes(hashOf(refreshToken))})`).join(", ")}`,
];

/** The rows of one grant's tokens lie as far apart as its refreshes were. */
function tokens({ series, anyHash, resource, grants, now }: Context): readonly string[] {
  const insert = (kind: string, hash: string, audience: string, issuedAt: string, expiresAt: string, spentAt: string): string => `
    INSERT INTO tokens (hash, kind, grant_id, scope, audience, issued_at, expires_at, spent_at)
    SELECT ${hash}, '${kind}', ${grantId("i")}, 'read', ${audience}, ${issuedAt}, ${expiresAt}, ${spentAt}
    FROM ${series(grants)} LEFT JOIN known ON known.number = n.i ORDER BY n.i`;
  const lately = `${now - hour} + i * ${step(grants, hour)}`;
  return [
    insert("refresh", anyHash, "NULL", `${now - month} + i * ${step(grants)}`, String(now + month), lately),
    insert("access", `coalesce(known.access_hash, ${anyHash})`, `'${resource}'`, lately, String(now + 2 * hour), "NULL"),
    insert("refresh", `coalesce(known.refresh_hash, ${anyHash})`, "NULL", lately, String(now + month), "NULL"),
  ];
}

/** What happened: an event for every token, counted, and how every connection came about. */
function history({ series, tokens: events, grants, people, clientCount, now }: Context): readonly string[] {
  const grantOf = `(1 + i % ${grants})`;
  const at = `${now - month} + i * ${step(events)}`;
  const type = "CASE WHEN i % 20 = 0 THEN 'request.refused' WHEN i % 10 = 1 THEN 'token.issued' ELSE 'token.refreshed' END";
  const detail = "CASE WHEN i % 20 = 0 THEN 'token invalid_grant' WHEN i % 10 = 1 THEN 'authorization_code' ELSE 'refresh_token' END";
  const client = clientId(`${grantOf} % ${clientCount}`);
  const person = personId(`1 + ${grantOf} % ${people}`);
  const flow = (number: string): string => `'flow' || CAST(1000000000000000 + (${number}) AS TEXT)`;
  const text = `'{"at":' || (${at}) || ',"requestId":"4k6yyydH-2b","address":"127.0.0.1","type":"' || (${type}) || '","scope":["read"],"grantId":"'
    || ${grantId(grantOf)} || '","clientId":"' || ${client} || '","subject":"' || ${person} || '"}'`;
  return [
    `INSERT INTO audit_events (at, type, detail, client_id, subject, grant_id, flow_id, event, chain, position, mark)
      SELECT ${at}, ${type}, ${detail}, ${client}, ${person}, ${grantId(grantOf)}, CASE WHEN i % 10 = 1 THEN ${flow("i")} END, ${text}, 'filled', i,
        CAST(1000000000000000 + i AS TEXT) || '${"m".repeat(27)}' FROM ${series(events)}`,
    ...[hour, 24 * hour].flatMap((period) => [
      `INSERT INTO event_counts (period, at, type, detail, count)
        SELECT ${period}, at - at % ${period}, type, detail, count(*) FROM audit_events WHERE chain = 'filled' GROUP BY 2, 3, 4 ${addingTo("event_counts", "detail")}`,
      `INSERT INTO client_event_counts (period, at, type, client_id, count)
        SELECT ${period}, at - at % ${period}, type, client_id, count(*) FROM audit_events WHERE chain = 'filled' GROUP BY 2, 3, 4
        ${addingTo("client_event_counts", "client_id")}`,
    ]),
    `INSERT INTO settings (name, value) SELECT 'events_counted', CAST(max(id) AS TEXT) FROM audit_events WHERE true
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    `INSERT INTO flows (id, client_id, client_name, subject, grant_id, began_at, last_at, outcome)
      SELECT ${flow("i")}, ${clientId(`i % ${clientCount}`)}, 'App ' || i, ${personId(`1 + i % ${people}`)}, ${grantId("i")}, ${now - month} + i * ${step(grants)},
        ${now - month} + i * ${step(grants)} + 5000, 'used' FROM ${series(grants)}`,
    `INSERT INTO flow_steps (flow_id, at, step)
      SELECT ${flow("1 + i / 4")}, ${now - month} + i / 4 * ${step(grants)}, '{"at":1795341004428,"name":"first_used","requestId":"4k6yyydH-2c","address":"127.0.0.1","grantId":"'
        || ${grantId("1 + i / 4")} || '"}' FROM ${series(4 * grants - 4)}`,
  ];
}

const addingTo = (table: string, name: string): string =>
  `ON CONFLICT (period, at, type, ${name}) DO UPDATE SET count = ${table}.count + excluded.count`;

/** Milliseconds from one of so many to the next. */
const step = (count: number, span = month): number => Math.max(1, Math.floor(span / count) - 1);
