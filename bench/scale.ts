/**
 * Measures what an operation costs over a small database and a large one, and a refresh at both ends of a long chain:
 * `node bench/scale.ts`. It exits with 1 where something costs more than 1.3 times as much.
 */
import { writeFileSync } from "node:fs";
import { measureChain } from "./chain.ts";
import type { StoreKind } from "./database.ts";
import { type Field, openField } from "./field.ts";
import { clearUp } from "./leftovers.ts";
import { measureLogged } from "./logged.ts";
import type { Operation } from "./operations.ts";
import { measureRound, type Round } from "./round.ts";
import { readScaleFlags, type ScaleFlags } from "./scale-flags.ts";
import { type ScaleOperations, scaleOperations } from "./scale-operations.ts";
import { over, report, type Scaled } from "./scale-report.ts";
import { build } from "./vouchsafe.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

const flags = readScaleFlags(process.argv.slice(2));
build();
const results: Scaled[] = [];
for (const kind of flags.stores) {
  const scaled = await measureStore(kind, flags);
  process.stdout.write(report(scaled));
  results.push(scaled);
}
if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify({ node: process.version, flags, results }, undefined, 2)}\n`);
process.exit(results.some((scaled) => over(scaled).length > 0) ? 1 : 0);

async function measureStore(kind: StoreKind, { sizes, rounds, seconds, connections, refreshes }: ScaleFlags): Promise<Scaled> {
  const fields: Field[] = [];
  try {
    for (const tokens of sizes) {
      fields.push(await openField(kind, tokens, connections));
      say(`${kind}: ${tokens} tokens are there`);
    }
    const operations = await measureInTurn(fields, { rounds, seconds, connections });
    const [smallest, largest] = [fields[0], fields.at(-1)];
    if (smallest === undefined || largest === undefined) throw new Error("there is no size");
    const chain = await measureChain(smallest, refreshes);
    const logged = await measureLogged(largest, connections);
    return { kind, sizes, refreshes, operations, chain, logged, tables: largest.sizes };
  } finally {
    for (const field of fields) await field.stop();
  }
}

type Bounds = Pick<ScaleFlags, "rounds" | "seconds" | "connections">;

/** Size after size in every round, and back in the next one: whatever else the machine does meets all of them alike. */
async function measureInTurn(fields: readonly Field[], { rounds, ...bounds }: Bounds): Promise<Scaled["operations"]> {
  const sides = fields.map((field) => ({ field, operations: scaleOperations(field) }));
  const names = Object.keys(sides[0]?.operations ?? {});
  const measured: Record<string, readonly (readonly Round[])[]> = {};
  for (const name of names) {
    const measure = (side: (typeof sides)[number], seconds = bounds.seconds): Promise<Round> =>
      measureRound(side.field.stage, operationOf(side.operations, name), { ...bounds, units: 100_000, seconds });
    for (const side of sides) await measure(side, Math.min(1, bounds.seconds));
    const bySize: Round[][] = sides.map(() => []);
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? [...sides.keys()] : [...sides.keys()].toReversed();
      for (const index of order) {
        const side = sides[index];
        if (side !== undefined) bySize[index]?.push(checked(name, await measure(side)));
      }
    }
    measured[name] = bySize;
    say(`${name} is measured`);
  }
  return measured;
}

function operationOf(operations: ScaleOperations, name: string): Operation {
  const operation = operations[name];
  if (operation === undefined) throw new Error(`there is no operation ${name}`);
  return operation;
}

/** A round with failures has measured something else. */
function checked(name: string, round: Round): Round {
  if (round.failures > 0) throw new Error(`${name}: ${round.failures} failed, the first because ${round.failure}`);
  return round;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
