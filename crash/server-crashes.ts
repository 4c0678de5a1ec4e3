import type { Disturbance } from "./caller.ts";
import { judgeVerification, type Verification } from "./checks/everything.ts";
import { type Cycle, type End, isAbrupt, runCycle, runDatabaseCycle } from "./cycle.ts";
import type { Store } from "./database.ts";
import { damageIn } from "./database-file.ts";
import { Ledger } from "./ledger.ts";
import { Random } from "./random.ts";
import { closeScene, grace, openScene, type Scene } from "./scene.ts";
import { DoesNotStart, runOver } from "./server-process.ts";

export interface Crashes {
  readonly cycles: number;
  readonly store: Store;
  readonly seed: string;
  /** Told of every cycle as it ends. */
  readonly onCycle?: (cycle: Cycle) => void;
  /** The folder stays where something is broken, and this is told where it is. */
  readonly onKept?: (directory: string) => void;
}

/** Ends the server over and over, over one database. */
export function crashServer(crashes: Crashes, end: End): Promise<Ledger> {
  return repeat(crashes, isAbrupt(end) ? "kill" : "stop", (scene, number, isLast) => runCycle(scene, end, number, isLast));
}

/** Kills the database over and over, under one server. */
export function crashDatabase(crashes: Crashes): Promise<Ledger> {
  return repeat(crashes, "storage", runDatabaseCycle);
}

async function repeat(
  { cycles, store, seed, onCycle, onKept }: Crashes,
  kind: Disturbance["kind"],
  run: (scene: Scene, number: number, isLast: boolean) => Promise<Cycle>,
): Promise<Ledger> {
  const ledger = new Ledger();
  const scene = await openScene(store, kind, ledger, new Random(seed));
  let isWhole = false;
  try {
    for (let number = 1; number <= cycles; number++) {
      const cycle = await run(scene, number, number === cycles);
      onCycle?.(cycle);
    }
    await lookFromOutside(scene);
    isWhole = ledger.findings.length === 0;
  } catch (error) {
    if (!(error instanceof DoesNotStart)) throw error;
    ledger.found("lost", error.message);
  } finally {
    const keeps = !isWhole && onKept !== undefined;
    const directory = await closeScene(scene, keeps);
    if (keeps) onKept(directory);
  }
  return ledger;
}

/** What an operator does afterwards: stops the server, and has the audit verified by the command. */
async function lookFromOutside({ server, place, database, ledger }: Scene): Promise<void> {
  const ending = await server.end("SIGTERM");
  ledger.holds(ending?.code === 0, "wrong", `the server did not stop with 0 within ${grace} seconds at the end of the run`);
  const { code, stdout, stderr } = await runOver(place, ["audit", "verify", "--json"]);
  ledger.holds(code === 0 || code === 1, "lost", `vouchsafe audit verify ended with ${code}: ${stderr}`);
  if (code !== 0 && code !== 1) return;
  if (database.file !== undefined) {
    const damage = damageIn(database.file);
    ledger.holds(damage.length === 0, "lost", `the database needs repair: ${damage.slice(0, 3).join("; ")}`);
  }
  const { events, findings } = JSON.parse(stdout) as Verification;
  ledger.auditVerified(events);
  judgeVerification(findings, ledger);
}
