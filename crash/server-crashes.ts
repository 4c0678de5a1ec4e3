import { judgeVerification, type Verification } from "./checks/everything.ts";
import { type Cycle, type End, isAbrupt, runCycle } from "./cycle.ts";
import type { Store } from "./database.ts";
import { Ledger } from "./ledger.ts";
import { Random } from "./random.ts";
import { closeScene, grace, openScene, type Scene } from "./scene.ts";
import { runOver } from "./server-process.ts";

export interface Crashes extends End {
  readonly cycles: number;
  readonly store: Store;
  readonly seed: string;
  /** Told of every cycle as it ends. */
  readonly onCycle?: (cycle: Cycle) => void;
  /** The folder stays where something is broken, and this is told where it is. */
  readonly onKept?: (directory: string) => void;
}

/** Ends the server over and over, over one database. */
export async function crashServer(crashes: Crashes): Promise<Ledger> {
  const { cycles, store, seed, signal, twice, onCycle, onKept } = crashes;
  const ledger = new Ledger();
  const random = new Random(seed);
  const scene = await openScene(store, isAbrupt(crashes) ? "kill" : "stop", ledger, random);
  let isWhole = false;
  try {
    for (let number = 1; number <= cycles; number++) {
      onCycle?.(await runCycle(scene, { signal, twice }, number, number === cycles));
    }
    await lookFromOutside(scene);
    isWhole = ledger.findings.length === 0;
  } finally {
    const keeps = !isWhole && onKept !== undefined;
    const directory = await closeScene(scene, keeps);
    if (keeps) onKept(directory);
  }
  return ledger;
}

/** What an operator does afterwards: stops the server, and has the audit verified by the command. */
async function lookFromOutside({ server, place, ledger }: Scene): Promise<void> {
  const ending = await server.end("SIGTERM");
  ledger.holds(ending?.code === 0, "wrong", `the server did not stop with 0 within ${grace} seconds at the end of the run`);
  const { code, stdout, stderr } = await runOver(place, ["audit", "verify", "--json"]);
  ledger.holds(code === 0 || code === 1, "lost", `vouchsafe audit verify ended with ${code}: ${stderr}`);
  if (code !== 0 && code !== 1) return;
  const { events, findings } = JSON.parse(stdout) as Verification;
  ledger.auditVerified(events);
  judgeVerification(findings, ledger);
}
