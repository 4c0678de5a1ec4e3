/** Measures our standalone server against the yardstick: `node bench/run.ts`. bench/README.md says how to read it. */
import { writeFileSync } from "node:fs";
import { type Flags, readFlags } from "./flags.ts";
import { clearUp } from "./leftovers.ts";
import { counterpartOf, limitOf } from "./limits.ts";
import { type OperationName, operations } from "./operations.ts";
import { type Measured, report } from "./report.ts";
import { type Bounds, measureRound, type Round } from "./round.ts";
import { openStage, type Stage } from "./stage.ts";
import { summarise } from "./summary.ts";
import { build, vouchsafe } from "./vouchsafe.ts";
import { yardstick } from "./yardstick.ts";

/** Before the first round of an operation, so that the first measured request is not the first compiled one. */
const warmUp = { units: 600, seconds: 2 } as const;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

// A measurement that could not be taken is said, and is no verdict either.
await run(process.argv.slice(2)).catch((error: unknown) => say(messageOf(error)));
process.exit(0);

async function run(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  build();
  const [ours, floor] = [await open(vouchsafe(flags), flags), await open(yardstick(flags.connections), flags)];
  const all = await measureInTurn(ours, floor, flags);
  const measured = { ours: finish(ours, all), floor: finish(floor, all) };
  await Promise.all([ours.server.stop(), floor.server.stop()]);
  process.stdout.write(report(measured, flags, args));
  const limits = Object.fromEntries(flags.operations.map((name) => [name, limitOf(name, flags.connections)]));
  const document = { date: new Date().toISOString(), node: process.version, flags, limits, ...measured };
  if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(document, undefined, 2)}\n`);
}

async function open(target: Stage["target"], flags: Flags): Promise<Stage> {
  const stage = await openStage(target, flags.connections);
  say(`${target.name} is up`);
  return stage;
}

/** What one server does for a row of the report. */
interface Part {
  readonly stage: Stage;
  /** The row: an operation of ours. */
  readonly row: OperationName;
  /** For floor it may be another than the row's. */
  readonly operation: OperationName;
}

interface Taken extends Part {
  readonly round: Round;
}

/** A B A B …, operation by operation: whatever else the machine does meets both alike. */
async function measureInTurn(ours: Stage, floor: Stage, flags: Flags): Promise<readonly Taken[]> {
  const all: Taken[] = [];
  for (const row of flags.operations) {
    const counterpart = counterpartOf(row);
    const parts: Part[] = [{ stage: ours, row, operation: row }];
    if (counterpart !== undefined) parts.push({ stage: floor, row, operation: counterpart });
    for (const part of parts) await tryRound(part, { ...warmUp, connections: flags.connections });
    for (let number = 0; number < flags.rounds; number++) {
      for (const part of parts) {
        const round = await tryRound(part, flags);
        if (round !== undefined) all.push({ ...part, round });
      }
    }
    say(`${row} is measured`);
  }
  return all;
}

/** Undefined where the operation could not even be prepared. */
async function tryRound({ stage, operation }: Part, bounds: Bounds): Promise<Round | undefined> {
  try {
    const round = await measureRound(stage, operations[operation], bounds);
    if (round.failure !== undefined)
      say(`${operation} on ${stage.target.name}: ${round.failures} failed, the first because ${round.failure}`);
    return round;
  } catch (error) {
    say(`${operation} on ${stage.target.name} is not measured: ${messageOf(error)}`);
    return undefined;
  }
}

function finish(stage: Stage, all: readonly Taken[]): Measured {
  const { target, server } = stage;
  const own = Object.groupBy(
    all.filter((taken) => taken.stage === stage),
    ({ row }) => row,
  );
  return {
    name: target.name,
    start: server.start,
    memory: { idle: server.idleMemory, peak: server.peakMemory() },
    operations: Object.fromEntries(Object.entries(own).map(([row, taken]) => [row, summarise(taken.map(({ round }) => round))])),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
