/** Kills the server and looks for what is lost: `node crash/run.ts --help`. */
import { clearUp } from "../bench/leftovers.ts";
import type { Cycle } from "./cycle.ts";
import { type Flags, help, readFlags } from "./flags.ts";
import type { Ledger } from "./ledger.ts";
import { crashMigration } from "./migration-crashes.ts";
import { cycleLine, migrationLine, summary } from "./report.ts";
import { crashDatabase, crashServer } from "./server-crashes.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
process.once("exit", clearUp);

await start(process.argv.slice(2));

async function start(args: readonly string[]): Promise<void> {
  try {
    const flags = readFlags(args);
    if (flags.help) process.stdout.write(help);
    else process.exitCode = await report(flags);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

/** Resolves to the exit code. */
async function report(flags: Flags): Promise<number> {
  say(`seed ${flags.seed}`);
  const from = performance.now();
  const ledger = await run(flags);
  const minutes = (performance.now() - from) / 60_000;
  process.stdout.write(summary(ledger, `${flags.cycles} cycles, ${whatWasDone(flags)}, ${minutes.toFixed(1)} minutes, seed ${flags.seed}`));
  return ledger.findings.length === 0 ? 0 : 1;
}

function run({ kill, cycles, store, seed, signal, twice }: Flags): Promise<Ledger> {
  if (kill === "migration") return crashMigration({ cycles, seed, onCycle: (cycle) => say(migrationLine(cycle, cycles)) });
  const onKept = (directory: string): void => say(`the log of the server, and its database where that is a file, are in ${directory}`);
  const crashes = { cycles, store, seed, onKept, onCycle: (cycle: Cycle) => say(cycleLine(cycle, cycles)) };
  return kill === "database" ? crashDatabase(crashes) : crashServer(crashes, { signal, twice });
}

function whatWasDone({ kill, signal, twice, store }: Flags): string {
  return `${kill === "migration" ? "server in a migration" : kill} ended by ${signal}${twice ? " twice" : ""}, ${store}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
