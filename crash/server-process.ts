/** The standalone server as an operator runs it: the built command, over one database that outlives it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "../bench/connection.ts";
import { endWithRun } from "../bench/leftovers.ts";
import { type Finished, runCommand } from "../packages/server/test/running-server.ts";

const command = join(import.meta.dirname, "../packages/server/bin/vouchsafe.js");

/** Where a server lives, whichever process it is. */
export interface Place {
  readonly port: number;
  readonly origin: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long a start or an end may take, in milliseconds. */
const patience = 30_000;

/** It ended, or was not ready in time. Who keeps a promise about what is in the database has broken it. */
export class DoesNotStart extends Error {}

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #place: Place;
  readonly ended: Promise<Ending>;

  constructor(place: Place) {
    const output = openSync(logOf(place), "a");
    const { directory: cwd, environment: env } = place;
    this.#place = place;
    this.#child = endWithRun(spawn(process.execPath, [command, "serve", "--demo"], { cwd, env, stdio: ["ignore", output, output] }));
    closeSync(output);
    this.ended = new Promise((resolve) => this.#child.once("exit", (code, signal) => resolve({ code, signal })));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** @throws DoesNotStart where it is not ready in time, with the end of its log */
  async untilReady(): Promise<void> {
    const giveUpAt = performance.now() + patience;
    while (performance.now() < giveUpAt && !this.#hasEnded()) {
      if (await isReady(this.#place)) return;
      await pause(4);
    }
    throw new DoesNotStart(`the server does not start: ${readFileSync(logOf(this.#place), "utf8").slice(-1000)}`);
  }

  /** Told to stop, or killed. Undefined where it is still there after a long time, and then it is killed. */
  async end(name: NodeJS.Signals): Promise<Ending | undefined> {
    this.signal(name);
    const ending = await Promise.race([this.ended, pause(patience, undefined, { ref: false })]);
    if (ending === undefined) this.signal("SIGKILL");
    return ending;
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Whether it says so itself. */
export async function isReady({ port }: Place): Promise<boolean> {
  const connection = new Connection(port);
  const answered = await connection.send({ path: "/readyz", status: 200 }).then(
    () => true,
    () => false,
  );
  connection.close();
  return answered;
}

const logOf = ({ directory }: Place): string => join(directory, "server.log");

/** Runs a `vouchsafe` command over the same database. */
export function runOver({ directory: cwd, environment }: Place, args: readonly string[], input = ""): Promise<Finished> {
  return runCommand(args, { cwd, env: { ...environment }, input });
}
