import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "./connection.ts";
import { endWithRun, temporaryDirectory } from "./leftovers.ts";
import { type Memory, processMemory, readUsage } from "./process-usage.ts";
import { median } from "./summary.ts";
import type { Place, Target } from "./target.ts";

export interface RunningServer {
  readonly place: Place;
  readonly pid: number;
  readonly start: Start;
  /** In MB: after the start, before the first request that is more than a sign of life. */
  readonly idleMemory: number;
  /** In MB: the most so far. */
  readonly peakMemory: () => number;
  readonly stop: () => Promise<void>;
}

/** From the start of the process to its first 200, in milliseconds. */
export interface Start {
  readonly wall: number;
  readonly cpu: number;
}

/** The first start makes the database and is not counted. */
const countedStarts = 3;

/** Starts a server several times over one database, and leaves the last one running. */
export async function startMeasured(target: Target, people: number): Promise<RunningServer> {
  const directory = temporaryDirectory();
  let running = await startOnce(target, directory, people);
  const starts: Start[] = [];
  for (let start = 0; start < countedStarts; start++) {
    await stop(running.child);
    running = await startOnce(target, directory, people);
    starts.push(running.start);
  }
  await pause(300);
  const { child, place, pid } = running;
  const memory = (): Memory => processMemory(pid);
  return {
    place,
    pid,
    start: { wall: median(starts.map(({ wall }) => wall)), cpu: median(starts.map(({ cpu }) => cpu)) },
    idleMemory: memory().resident,
    peakMemory: () => memory().peak,
    stop: () => stop(child),
  };
}

async function startOnce(target: Target, directory: string, people: number) {
  const port = await freePort();
  const place: Place = { port, origin: `http://127.0.0.1:${port}`, directory, people };
  const env = { PATH: process.env["PATH"], NODE_ENV: "production", ...target.environment(place) };
  const log = join(directory, "server.log");
  const output = openSync(log, "a");
  const from = performance.now();
  const child = endWithRun(spawn(process.execPath, [...target.command], { cwd: directory, env, stdio: ["ignore", output, output] }));
  closeSync(output);
  const isReady = await firstAnswer(child, port, target.paths.metadata);
  if (!isReady) throw new Error(`${target.name} does not start: ${readFileSync(log, "utf8").slice(-1000)}`);
  const pid = child.pid ?? 0;
  return { child, place, pid, start: { wall: performance.now() - from, cpu: readUsage(pid).scheduled / 1000 } };
}

/** Asks until there is a 200; false where there is none in 30 seconds. */
async function firstAnswer(child: ChildProcess, port: number, path: string): Promise<boolean> {
  const giveUpAt = performance.now() + 30_000;
  while (!hasEnded(child) && performance.now() < giveUpAt) {
    const connection = new Connection(port);
    const answered = await connection.send({ path, status: 200 }).then(
      () => true,
      () => false,
    );
    connection.close();
    if (answered) return true;
    await pause(4);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  for (let waited = 0; waited < 5000 && !hasEnded(child); waited += 20) await pause(20);
  if (!hasEnded(child)) child.kill("SIGKILL");
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("there is no port"))));
    });
  });
}
