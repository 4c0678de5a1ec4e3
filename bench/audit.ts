/** Measures what auditing adds to a token request: `node bench/audit.ts`. The same server with and without, turn by turn. */
import { join } from "node:path";
import { readFlags } from "./flags.ts";
import { clearUp } from "./leftovers.ts";
import { operations } from "./operations.ts";
import { measureRound, type Round } from "./round.ts";
import { openStage, type Stage } from "./stage.ts";
import { summarise } from "./summary.ts";
import type { Target } from "./target.ts";
import { build, vouchsafe } from "./vouchsafe.ts";

/** Auditing may add this much CPU to a token request. */
const limit = 1.15;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

const args = process.argv.slice(2);
const flags = readFlags(args.some((arg) => arg.startsWith("--ops")) ? args : [...args, "--ops", "client_credentials,refresh,flow"]);
build();
const audited = vouchsafe(flags);
const unaudited: Target = {
  ...audited,
  name: "without audit",
  command: ["--import", join(import.meta.dirname, "without-audit.ts"), ...audited.command],
};
const stages = [await openStage(audited, flags.connections), await openStage(unaudited, flags.connections)] as const;
for (const name of flags.operations) {
  const measure = (stage: Stage): Promise<Round> => measureRound(stage, operations[name], flags);
  for (const stage of stages) await measure(stage);
  const rounds: [Round[], Round[]] = [[], []];
  for (let round = 0; round < flags.rounds; round++) {
    rounds[0].push(await measure(stages[0]));
    rounds[1].push(await measure(stages[1]));
  }
  const [kept, left] = [summarise(rounds[0]), summarise(rounds[1])];
  const ratio = kept.cpu / left.cpu;
  const verdict = ratio <= limit ? "" : `  over the limit of ${limit}`;
  process.stdout.write(
    `${name.padEnd(20)} ${kept.cpu.toFixed(0).padStart(5)} µs with, ${left.cpu.toFixed(0).padStart(5)} µs without: ${ratio.toFixed(3)} ×${verdict}\n`,
  );
}
await Promise.all(stages.map(({ server }) => server.stop()));
process.exit(0);
