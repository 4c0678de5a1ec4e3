/**
 * Keeps a server busy with a little of everything, and watches its memory and its tables: `node bench/soak.ts`. It exits with 1
 * where the memory grows by more than it may, or a request is not answered as it should be.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Desk, startDatabase } from "./database.ts";
import { clearUp } from "./leftovers.ts";
import { afterFirstThird, growthOf, memoryCurve, type Sample, slopeOf } from "./memory-curve.ts";
import { processMemory } from "./process-usage.ts";
import { readSoakFlags } from "./soak-flags.ts";
import { mixedLoad } from "./soak-mix.ts";
import { openStage, type Stage } from "./stage.ts";
import { type Done, keepSending } from "./steady-load.ts";
import { build, vouchsafe } from "./vouchsafe.ts";

/** How many people there are. */
const people = 8;

/** Seconds between two samples, and how many of them are one look at the tables. */
const [interval, samplesPerLook] = [5, 6];

const tables = [
  "tokens",
  "grants",
  "clients",
  "decisions",
  "audit_events",
  "event_counts",
  "client_event_counts",
  "flows",
  "flow_steps",
  "sessions",
];

/** Lifetimes of minutes, so that what is past its time is removed while we watch; and all limits, for strangers from everywhere. */
const settings = {
  OAUTH_TOKEN_LIFETIME: "60",
  OAUTH_REFRESH_TOKEN_LIFETIME: "2m",
  OAUTH_UNUSED_CLIENT_LIFETIME: "1m",
  OAUTH_RATE_LIMITS: "on",
  OAUTH_TRUST_PROXY: "1",
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

const flags = readSoakFlags(process.argv.slice(2));
build();
const database = await startDatabase(flags.store);
const preload = join(import.meta.dirname, "tell-heap.ts");
const target = vouchsafe({ format: "opaque", app: "registered", ...database.options, preload, settings });
const stage = await openStage(target, people);
const desk = await database.open(stage.place);
const kinds = await mixedLoad(stage);
const from = performance.now();
const until = from + flags.minutes * 60_000;
const samples: Sample[] = [];
const secondsSince = (): string => ((performance.now() - from) / 1000).toFixed(0);
const [done] = await Promise.all([keepSending(kinds, { rate: flags.rate, people, port: stage.place.port, until }), watch()]);
process.stdout.write(`\n${memoryCurve(samples)}\n\n${told(done)}`);
const growth = growthOf(samples);
process.stdout.write(
  `memory after the first third: ${(slopeOf(afterFirstThird(samples)) * 60).toFixed(2)} MB a minute, ${growth.toFixed(1)} MB in all; ${flags.growth} are allowed\n`,
);
await desk.close();
await stage.server.stop();
await database.stop();
process.exit(growth <= flags.growth && done.firstFailure === undefined ? 0 : 1);

async function watch(): Promise<void> {
  for (let number = 0; performance.now() < until; number++) {
    samples.push(takeSample(stage));
    if (number % samplesPerLook === 0) process.stdout.write(`${secondsSince().padStart(5)} s  ${await rowCounts(desk)}\n`);
    await pause(Math.max(0, Math.min(from + (number + 1) * interval * 1000, until) - performance.now()));
  }
  samples.push(takeSample(stage));
  process.stdout.write(`${secondsSince().padStart(5)} s  ${await rowCounts(desk)}\n`);
}

function takeSample({ server: { pid }, place }: Stage): Sample {
  const { anonymous, resident } = processMemory(pid);
  return { at: (performance.now() - from) / 1000, anonymous, resident, heap: heapOf(place.directory) };
}

/** In MB; NaN before the first second is over. */
function heapOf(directory: string): number {
  try {
    const { heapUsed } = JSON.parse(readFileSync(join(directory, "heap.json"), "utf8")) as { heapUsed: number };
    return heapUsed / 2 ** 20;
  } catch {
    return Number.NaN;
  }
}

async function rowCounts({ rows }: Desk): Promise<string> {
  const [counts = []] = await rows(`SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table})`).join(", ")}`);
  return tables.map((table, index) => `${table} ${String(counts[index])}`).join("  ");
}

function told({ deeds, failures, firstFailure, left }: Done): string {
  const lines = [[...deeds].map(([name, count]) => `${name} ${count}`).join(", ")];
  if (left > 0) lines.push(`${left} requests were not sent: the server had not answered those before in time`);
  if (firstFailure !== undefined)
    lines.push(
      `not answered as they should be: ${[...failures].map(([name, count]) => `${name} ${count}`).join(", ")}; the first: ${firstFailure}`,
    );
  return `${lines.join("\n")}\n`;
}
