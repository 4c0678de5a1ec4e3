/** Kills the server and looks for what is lost: `node crash/run.ts --help`. */
import { clearUp } from "../bench/leftovers.ts";
import { type Flags, help, readFlags } from "./flags.ts";
import type { Ledger } from "./ledger.ts";
import { cycleLine, summary } from "./report.ts";
import { crashServer } from "./server-crashes.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

const flags = readFlags(process.argv.slice(2));
if (flags.help) process.stdout.write(help);
else {
  say(`seed ${flags.seed}`);
  const from = performance.now();
  const ledger = await run(flags);
  const minutes = (performance.now() - from) / 60_000;
  process.stdout.write(summary(ledger, `${flags.cycles} cycles, ${whatWasDone(flags)}, ${minutes.toFixed(1)} minutes, seed ${flags.seed}`));
  process.exitCode = ledger.findings.length === 0 ? 0 : 1;
}

function run(chosen: Flags): Promise<Ledger> {
  const { cycles } = chosen;
  const onKept = (directory: string): void => say(`the database and the log of the server are in ${directory}`);
  return crashServer({ ...chosen, onCycle: (cycle) => say(cycleLine(cycle, cycles)), onKept });
}

function whatWasDone({ kill, signal, twice, store }: Flags): string {
  return `${kill} killed, ${signal}${twice ? " twice" : ""}, ${store}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
