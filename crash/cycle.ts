import { setTimeout as pause } from "node:timers/promises";
import { checkEverything } from "./checks/everything.ts";
import { load } from "./deeds/load.ts";
import { grace, type Scene } from "./scene.ts";
import { ServerProcess } from "./server-process.ts";

/** How a server is ended. */
export interface End {
  readonly signal: "SIGKILL" | "SIGTERM" | "SIGINT" | "SIGHUP";
  /** A second time, while it is stopping. */
  readonly twice: boolean;
}

/** Whether nobody is owed an answer. A terminal that closes may say so twice. */
export const isAbrupt = ({ signal, twice }: End): boolean => signal === "SIGKILL" || (twice && signal !== "SIGHUP");

/** What one cycle did. */
export interface Cycle {
  readonly number: number;
  /** Writes that were acknowledged before the end. */
  readonly acknowledged: number;
  /** Requests whose answer never came. */
  readonly inFlight: number;
  readonly checked: number;
  /** Milliseconds of load. */
  readonly load: number;
  /** From the start of the next process until it says that it is ready, in milliseconds. */
  readonly ready: number;
}

/** Load, an end at a moment that nobody chose, a start, and a look at everything. */
export async function runCycle(scene: Scene, end: End, number: number, isLast: boolean): Promise<Cycle> {
  const { ledger, random, workers, checkers, archive, disturbance } = scene;
  const before = { acknowledged: ledger.allAcknowledged, inFlight: ledger.inFlight, checked: ledger.checked };
  const since = new Date();
  const moment = random.between(50, 700);
  const working = Promise.all(workers.map((worker) => load(worker, { isOver: () => false, endures: false })));
  await pause(moment);
  disturbance.since = performance.now();
  await endServer(scene, end);
  await working;
  disturbance.since = undefined;
  for (const { caller, rival } of workers) for (const one of [caller, rival]) one.close();
  const acknowledged = ledger.allAcknowledged - before.acknowledged;
  if (random.chance(0.2)) await killAtStart(scene);
  const from = performance.now();
  scene.server = new ServerProcess(scene.place);
  await scene.server.untilReady();
  const ready = performance.now() - from;
  await checkEverything(checkers, { workers, archive, since, cycle: number, isLast });
  for (const { caller } of checkers) caller.close();
  return {
    number,
    acknowledged,
    inFlight: ledger.inFlight - before.inFlight,
    checked: ledger.checked - before.checked,
    load: moment,
    ready,
  };
}

async function endServer({ server, ledger, random }: Scene, end: End): Promise<void> {
  const { signal, twice } = end;
  const from = performance.now();
  if (twice) setTimeout(() => server.signal(signal), random.between(0, 50));
  const ending = await server.end(signal);
  if (signal === "SIGKILL") return;
  const seconds = (performance.now() - from) / 1000;
  ledger.holds(ending !== undefined && seconds <= grace, "wrong", `the server did not end in ${grace} seconds after ${signal}`);
  // A second signal means at once, and that is no success. Where it came too late there was nothing to hurry.
  const codes = isAbrupt(end) ? [0, 1] : [0];
  ledger.holds(
    codes.some((code) => code === ending?.code),
    "wrong",
    `the server ended with ${ending?.code ?? ending?.signal} after ${signal}`,
  );
}

/** A machine that has just come up may go down again. */
async function killAtStart({ place, random }: Scene): Promise<void> {
  const server = new ServerProcess(place);
  await pause(random.between(0, 400));
  await server.end("SIGKILL");
}
