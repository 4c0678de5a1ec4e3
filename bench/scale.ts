/**
 * Measures what an operation costs over a small database and a large one, and a refresh at both ends of a long chain:
 * `node bench/scale.ts`. It exits with 1 where something costs more than 1.3 times as much.
 */
import { writeFileSync } from "node:fs";
import { measureChain } from "./chain.ts";
import type { StoreKind } from "./database.ts";
import { type Field, measureOperation, openField } from "./field.ts";
import { clearUp } from "./leftovers.ts";
import { measureLogged } from "./logged.ts";
import type { Round } from "./round.ts";
import { readScaleFlags, type ScaleFlags } from "./scale-flags.ts";
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
  const measured: Record<string, readonly (readonly Round[])[]> = {};
  for (const name of Object.keys(fields[0]?.operations ?? {})) {
    const measure = (field: Field, seconds = bounds.seconds): Promise<Round> =>
      measureOperation(field, name, { ...bounds, units: 100_000, seconds });
    for (const field of fields) await measure(field, Math.min(1, bounds.seconds));
    const bySize: Round[][] = fields.map(() => []);
    for (let round = 0; round < rounds; round++) {
      const order = [...fields.entries()];
      for (const [index, field] of round % 2 === 0 ? order : order.toReversed()) bySize[index]?.push(await measure(field));
    }
    measured[name] = bySize;
    say(`${name} is measured`);
  }
  return measured;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
