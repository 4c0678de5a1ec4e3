/**
 * Sizes and work for 10 million people, from what was measured: `npm run bench:scale -- --out scale.json`, then
 * `node bench/arithmetic.ts scale.json`. docs/scale.md says why each assumption is what it is.
 */
import { readFileSync } from "node:fs";
import type { Round } from "./round.ts";
import type { Scaled } from "./scale-report.ts";
import { median } from "./summary.ts";

/** What is assumed, and not measured. */
const people = 10e6;
const connectionsOfPerson = 9;
/** Of the connections, so many refresh every hour while it is busy, and a day has so many busy hours. */
const [busyConnections, busyHours] = [10e6, 8];
/** A token of an hour opens something so often. */
const usesOfToken = 20;
/** Somebody connects an app so often in 30 days. */
const newConnections = 1;
const activeClients = 10_000;
/** Days: refresh tokens, events, attempts to connect. */
const [refreshLifetime, auditRetention] = [30, 90];
/** A processor is not planned to be busier than this. */
const planned = 0.6;

const refreshesOfDay = busyConnections * busyHours;
const flowsOfDay = (people * newConnections) / 30;
const eventsOfDay = refreshesOfDay + 2 * flowsOfDay;
const secondsOfDay = 86_400;
const [GB, MB] = [1e9, 1e6];

const [path = "scale.json"] = process.argv.slice(2);
const { results } = JSON.parse(readFileSync(path, "utf8")) as { readonly results: readonly Scaled[] };
const postgres = results.find(({ kind }) => kind === "postgres");
if (postgres === undefined) throw new Error(`${path} has no figures of PostgreSQL`);
process.stdout.write(`${sizes(postgres)}\n${work(postgres)}`);

function sizes({ tables }: Scaled): string {
  const rowsOf: readonly (readonly [table: string, what: string, rows: number])[] = [
    [
      "audit_events",
      `a refresh, or two for a connection: ${millions(eventsOfDay)} million a day for ${auditRetention} days`,
      eventsOfDay * auditRetention,
    ],
    ["tokens", `spent: ${millions(refreshesOfDay)} million a day, known for ${refreshLifetime} days`, refreshesOfDay * refreshLifetime],
    ["tokens", "live: one refresh token a connection, one access token a busy one", people * connectionsOfPerson + busyConnections],
    [
      "tokens",
      "past their time, until the cleanup comes by: a tenth",
      (refreshesOfDay * refreshLifetime + people * connectionsOfPerson) / 10,
    ],
    ["grants", "one a connection", people * connectionsOfPerson],
    [
      "flow_steps",
      `four for each of ${millions(flowsOfDay)} million attempts a day, ${auditRetention} days`,
      4 * flowsOfDay * auditRetention,
    ],
    ["flows", "", flowsOfDay * auditRetention],
    [
      "client_event_counts",
      `${activeClients} clients, two types, hours of 40 days and 800 days`,
      activeClients * 2 * (40 * busyHours + 800),
    ],
    ["accounts", "where people sign in with us", people],
  ];
  const bytesOf = (table: string): number => {
    const found = tables.find((one) => one.table === table);
    return found === undefined ? Number.NaN : found.size / found.rows;
  };
  const lines = rowsOf.map(([table, what, rows]) =>
    row([table, what, millions(rows), bytesOf(table).toFixed(0), ((rows * bytesOf(table)) / GB).toFixed(0)]),
  );
  const all = rowsOf.reduce((sum, [table, , rows]) => sum + rows * bytesOf(table), 0);
  return `${[
    row(["table", "rows", "millions", "bytes per row", "GB"]),
    row(["---", "---", "--:", "--:", "--:"]),
    ...lines,
    row(["all", "", "", "", (all / GB).toFixed(0)]),
  ].join("\n")}\n`;
}

function work({ operations, logged }: Scaled): string {
  const perSecond: readonly (readonly [operation: string, count: number])[] = [
    ["refresh", busyConnections / 3600],
    ["flow", flowsOfDay / busyHours / 3600],
    ["bearer", (busyConnections * usesOfToken) / 3600],
  ];
  const lines = perSecond.map(([operation, count]) => {
    const rounds = operations[operation]?.at(-1) ?? [];
    const cores = (of: (round: Round) => number): number => (count * median(rounds.map(of))) / 1e6;
    const log = logged.find((one) => one.operation === operation);
    const bytes = log === undefined ? ["0", "0"] : [log.changes, log.afterCheckpoint].map((each) => ((count * each) / MB).toFixed(1));
    return { operation, count, nodes: cores(({ cpu }) => cpu), database: cores(({ beside }) => beside.cpu), bytes };
  });
  const sum = (of: "nodes" | "database"): number => lines.reduce((total, line) => total + line[of], 0);
  const total = (label: string, of: "nodes" | "database"): string =>
    `${label} ${sum(of).toFixed(1)}, planned ${Math.ceil(sum(of) / planned)}`;
  return `${[
    row(["in a busy hour", "per second", "cores of nodes", "cores of PostgreSQL", "log, MB a second", "with images of pages"]),
    row(["---", "--:", "--:", "--:", "--:", "--:"]),
    ...lines.map(({ operation, count, nodes, database, bytes }) =>
      row([operation, count.toFixed(0), nodes.toFixed(1), database.toFixed(1), ...bytes]),
    ),
  ].join("\n")}

${total("Cores of nodes", "nodes")}; ${total("of PostgreSQL", "database")}. Rows to remove, on average: ${(
    (2 * refreshesOfDay) / secondsOfDay
  ).toFixed(0)} tokens and ${(eventsOfDay / secondsOfDay).toFixed(0)} events a second.
`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function millions(count: number): string {
  const amount = count / 1e6;
  return amount >= 10 ? amount.toFixed(0) : amount.toFixed(1);
}
