import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { giveUp, temporaryDirectory } from "../bench/leftovers.ts";
import { attempt, Caller } from "./caller.ts";
import { checkApp } from "./checks/app.ts";
import type { Checker } from "./checks/checker.ts";
import { verifyAudit } from "./checks/everything.ts";
import { digestOfOldRows, schemaOf } from "./database-file.ts";
import { Ledger } from "./ledger.ts";
import { makeOldDatabase, type OldFacts, oldSteps } from "./old-database.ts";
import { Random } from "./random.ts";
import { adminToken, placeIn } from "./scene.ts";
import { DoesNotStart, type Place, ServerProcess } from "./server-process.ts";

/** One kill during a migration. */
export interface MigrationCycle {
  readonly number: number;
  /** From the moment that the server had opened the database, in milliseconds. */
  readonly killedAfter: number;
  /** Whether the file was of the old schema afterwards. */
  readonly wasOld: boolean;
  /** From the start of the next process until it says that it is ready, in milliseconds. */
  readonly ready: number;
}

export interface MigrationCrashes {
  readonly cycles: number;
  readonly seed: string;
  /** Told of every cycle as it ends. */
  readonly onCycle?: (cycle: MigrationCycle) => void;
}

/** Kills the server while it brings an older database up to date, each time another copy of it. */
export async function crashMigration({ cycles, seed, onCycle }: MigrationCrashes): Promise<Ledger> {
  const ledger = new Ledger();
  const random = new Random(seed);
  const directory = temporaryDirectory("crash");
  const file = join(directory, "vouchsafe.db");
  const place = await placeIn(directory, `file:${file}`);
  try {
    const whole = await timeOfMigration(place, file);
    for (let number = 1; number <= cycles; number++) {
      const old = makeOldDatabase(file, place.origin);
      const digest = digestOfOldRows(file);
      const killedAfter = Math.round(random.next() * whole);
      await killDuringMigration(place, file, killedAfter);
      const wasOld = schemaOf(file) === oldSteps;
      const ready = await startAndCheck({ place, file, old, digest, ledger, random });
      onCycle?.({ number, killedAfter, wasOld, ready });
    }
  } catch (error) {
    if (!(error instanceof DoesNotStart)) throw error;
    ledger.found("lost", error.message);
  } finally {
    giveUp(directory);
  }
  return ledger;
}

/** How long it takes from the opened database until the server is ready, in milliseconds. */
async function timeOfMigration(place: Place, file: string): Promise<number> {
  makeOldDatabase(file, place.origin);
  const server = new ServerProcess(place);
  await untilOpened(file);
  const from = performance.now();
  await server.untilReady();
  const time = performance.now() - from;
  await server.end("SIGKILL");
  remove(file);
  return time;
}

async function killDuringMigration(place: Place, file: string, after: number): Promise<void> {
  const server = new ServerProcess(place);
  await untilOpened(file);
  await pause(after);
  await server.end("SIGKILL");
}

/** SQLite makes the log of a database when it is opened. */
async function untilOpened(file: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!existsSync(`${file}-wal`)) {
    if (performance.now() > giveUpAt) throw new Error("the server does not open the database");
    await pause(1);
  }
}

interface Aftermath {
  readonly place: Place;
  readonly file: string;
  readonly old: OldFacts;
  readonly digest: string;
  readonly ledger: Ledger;
  readonly random: Random;
}

async function startAndCheck({ place, file, old, digest, ledger, random }: Aftermath): Promise<number> {
  const { port, origin } = place;
  const from = performance.now();
  const server = new ServerProcess(place);
  await server.untilReady();
  const ready = performance.now() - from;
  ledger.holds(digestOfOldRows(file) === digest, "lost", "the rows of the older database are not what they were");
  const caller = new Caller(port, { kind: "kill", since: undefined }, ledger);
  const checker: Checker = { origin, caller, service: old.service, ledger, random, adminToken };
  for (const app of old.apps) await attempt(() => checkApp(app, checker));
  await attempt(() => verifyAudit(checker));
  caller.close();
  await server.end("SIGKILL");
  remove(file);
  return ready;
}

function remove(file: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
}
