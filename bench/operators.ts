/**
 * Measures how long an operator waits over a million events and a million tokens, and what token requests notice of it:
 * `node bench/operators.ts`.
 */
import { join } from "node:path";
import { Connection, type Message } from "./connection.ts";
import { readFlags } from "./flags.ts";
import { clearUp } from "./leftovers.ts";
import { fill, isCounted } from "./million.ts";
import { operations } from "./operations.ts";
import { measureRound } from "./round.ts";
import { openStage } from "./stage.ts";
import { percentile } from "./summary.ts";
import { build, makeAdministrator, vouchsafe } from "./vouchsafe.ts";

/** In milliseconds. */
const longestAnswer = 200;
const mostSlower = 20;

const ranges = ["1h", "24h", "7d", "30d"] as const;
const pages = [
  "",
  "/apps",
  "/connections",
  "/tokens",
  "/people",
  "/security",
  "/audit",
  "/audit?type=token.refreshed&since=29d&until=28d",
  "/flows",
  "/keys",
];
const resources = [
  "clients",
  "clients?search=nothing",
  "grants",
  "grants?state=ended",
  "tokens",
  "users",
  "events",
  "events?type=code.replayed",
  "events?client=client0000000000000007",
  "flows",
  "keys",
];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

const token = "benchmark-".repeat(4);
const flags = { ...readFlags(process.argv.slice(2)), connections: 8 };
build();
const target = vouchsafe({ ...flags, adminToken: token });
const stage = await openStage(target, flags.connections);
const { place } = stage;
const database = join(place.directory, "vouchsafe.db");
await makeAdministrator(target, place, 0);
fill(database);
if (!(await isCounted(database, 600))) throw new Error("the events were not counted in ten minutes");

const bearer = { authorization: `Bearer ${token}` };
const cookie = { cookie: stage.browsers[0]?.header ?? "", accept: "text/html" };
const questions: readonly Message[] = [
  ...ranges.map((range) => ({ path: `/admin?range=${range}`, headers: cookie, status: 200 })),
  ...pages.slice(1).map((page) => ({ path: `/admin${page}`, headers: cookie, status: 200 })),
  ...ranges.map((range) => ({ path: `/admin/api/v1/stats?since=${range}`, headers: bearer, status: 200 })),
  ...resources.map((resource) => ({ path: `/admin/api/v1/${resource}`, headers: bearer, status: 200 })),
];

const connection = new Connection(place.port);
for (const question of questions) {
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const from = performance.now();
    await connection.send(question);
    times.push(performance.now() - from);
  }
  const [median, worst] = [percentile(times, 0.5), Math.max(...times)];
  const verdict = median <= longestAnswer ? "" : `  over ${longestAnswer}`;
  process.stdout.write(
    `${question.path.padEnd(62)} ${median.toFixed(1).padStart(7)} ms, worst ${worst.toFixed(1).padStart(7)}${verdict}\n`,
  );
}

/** An operator who asks one thing after the other, until this is told to stop. */
async function ask(isOver: () => boolean): Promise<void> {
  for (let next = 0; !isOver(); next++) await connection.send(questions[next % questions.length] ?? { path: "/healthz" });
}

const alone: number[] = [];
const beside: number[] = [];
for (let round = 0; round < flags.rounds; round++) {
  alone.push((await measureRound(stage, operations.client_credentials, flags)).p99);
  let isOver = false;
  const asking = ask(() => isOver);
  beside.push((await measureRound(stage, operations.client_credentials, flags)).p99);
  isOver = true;
  await asking;
}
const [quiet, busy] = [percentile(alone, 0.5), percentile(beside, 0.5)];
process.stdout.write(
  `token requests, p99: ${quiet.toFixed(1)} ms alone, ${busy.toFixed(1)} ms beside an operator${busy - quiet <= mostSlower ? "" : `  more than ${mostSlower} ms slower`}\n`,
);
connection.close();
await stage.server.stop();
process.exit(0);
