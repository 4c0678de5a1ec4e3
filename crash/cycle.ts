import { setTimeout as pause } from "node:timers/promises";
import { checkEverything } from "./checks/everything.ts";
import { load } from "./deeds/load.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import { grace, type Scene } from "./scene.ts";
import { isReady, ServerProcess } from "./server-process.ts";

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
export function runCycle(scene: Scene, end: End, number: number, isLast: boolean): Promise<Cycle> {
  return countCycle(scene, number, isLast, async (moment) => {
    const { workers, disturbance } = scene;
    const working = Promise.all(workers.map((worker) => load(worker, { isOver: () => false, endures: false })));
    await moment();
    disturbance.since = performance.now();
    await endServer(scene, end);
    await working;
    disturbance.since = undefined;
    if (scene.random.chance(0.2)) await killAtStart(scene);
    await scene.database.settled();
    const from = performance.now();
    scene.server = new ServerProcess(scene.place);
    await scene.server.untilReady();
    return performance.now() - from;
  });
}

/** `disturb`: keeps the server busy up to a moment, disturbs it, and resolves to how long it took to be well again. */
async function countCycle(
  { ledger, random, workers, checkers, archive }: Scene,
  number: number,
  isLast: boolean,
  disturb: (moment: () => Promise<void>) => Promise<number>,
): Promise<Cycle> {
  const before = { acknowledged: ledger.allAcknowledged, inFlight: ledger.inFlight, checked: ledger.checked };
  const since = new Date();
  const from = performance.now();
  let loaded = 0;
  const ready = await disturb(async () => {
    await aMoment(ledger, random);
    loaded = Math.round(performance.now() - from);
  });
  const acknowledged = ledger.allAcknowledged - before.acknowledged;
  for (const { caller, rival } of workers) for (const one of [caller, rival]) one.close();
  await checkEverything(checkers, { workers, archive, since, cycle: number, isLast });
  for (const { caller } of checkers) caller.close();
  const [inFlight, checked] = [ledger.inFlight - before.inFlight, ledger.checked - before.checked];
  return { number, acknowledged, inFlight, checked, load: loaded, ready };
}

/** Sooner or later: after some writes more, however fast the machine is, and then at any instant of those that follow. */
async function aMoment(ledger: Ledger, random: Random): Promise<void> {
  const [goal, giveUpAt] = [ledger.allAcknowledged + random.between(1, 150), performance.now() + 20_000];
  while (ledger.allAcknowledged < goal && performance.now() < giveUpAt) await pause(1);
  await pause(random.between(0, 20));
}

/** The same for the database, while the server goes on: it says that it cannot answer, and recovers by itself. */
export function runDatabaseCycle(scene: Scene, number: number, isLast: boolean): Promise<Cycle> {
  return countCycle(scene, number, isLast, async (moment) => {
    const { workers, disturbance, place, random, ledger } = scene;
    const { processes } = scene.database;
    if (processes === undefined) throw new Error("this database has no processes");
    let isOver = false;
    const { server } = scene;
    void server.ended.then(() => {
      isOver = true;
    });
    const working = Promise.all(workers.map((worker) => load(worker, { isOver: () => isOver, endures: true })));
    await moment();
    disturbance.since = performance.now();
    await processes.kill();
    await pause(random.between(200, 1000));
    ledger.holds(!(await isReady(place)), "wrong", "the server says that it is ready while its database is gone");
    const from = performance.now();
    await processes.start();
    await server.untilReady();
    const ready = performance.now() - from;
    isOver = true;
    await working;
    disturbance.since = undefined;
    return ready;
  });
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
