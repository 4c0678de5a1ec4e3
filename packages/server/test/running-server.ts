/** The standalone server as its operator runs it: the built command in a process of its own, on a free port, with a database of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const command = join(import.meta.dirname, "../bin/vouchsafe.js");

export interface RunningServer {
  readonly origin: string;
  readonly directory: string;
  readonly process: ChildProcess;
  /** Everything the server has printed so far, stdout and stderr. */
  readonly output: () => string;
  /** Runs a `vouchsafe` command over the same database. */
  readonly command: (args: readonly string[], input?: string) => Promise<Finished>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly environment?: Record<string, string>;
  /** Reuse the folder of a stopped server. The caller then removes it. */
  readonly directory?: string;
  readonly port?: number;
  /** Whom the process runs as, where we may say so. */
  readonly uid?: number;
}

/** Starts `vouchsafe serve --demo` (or other arguments) and waits until it is ready. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const origin = `http://localhost:${port}`;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "vouchsafe-"));
  await prepareDatabase(directory);
  const environment = environmentOf(directory, port, options.environment);
  const child = spawn(process.execPath, [command, ...(options.args ?? ["serve", "--demo"])], {
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    ...asUser(options.uid),
  });
  let output = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  child.stderr?.on("data", (data) => {
    output += data;
  });
  await untilReady(origin, child, () => output);
  return {
    origin,
    directory,
    process: child,
    output: () => output,
    command: (args, input) => runCommand(args, { cwd: directory, env: environment, ...(input === undefined ? {} : { input }) }),
    stop: async (signal = "SIGTERM") => {
      const code = await ended(child, signal);
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}

const asUser = (uid: number | undefined): { uid?: number; gid?: number } => (uid === undefined ? {} : { uid, gid: uid });

let newDatabase: (() => Promise<string>) | undefined;
const databases = new Map<string, string>();

/** From here on, each new server of this test file has a database of its own there, instead of a file in its folder. */
export function keepIn(makeDatabase: () => Promise<string>): void {
  newDatabase = makeDatabase;
}

/** To be called before a server, or a command without one, starts in this folder. */
export async function prepareDatabase(directory: string): Promise<void> {
  if (newDatabase !== undefined && !databases.has(directory)) databases.set(directory, await newDatabase());
}

/** The settings of a server in this folder that say where its data is; nodes that share a database need the same secret. */
export function databaseSettings(directory: string): { readonly url: string; readonly secret?: string } {
  const url = databases.get(directory);
  return url === undefined
    ? { url: `file:${join(directory, "vouchsafe.db")}` }
    : { url, secret: "a-secret-that-all-nodes-of-these-tests-share" };
}

/** The environment of a test server: loopback, its own database, nothing inherited but the path. */
export function environmentOf(directory: string, port: number, more: Record<string, string> = {}): Record<string, string> {
  const { url, secret } = databaseSettings(directory);
  return {
    PATH: process.env["PATH"] ?? "",
    PORT: String(port),
    DATABASE_URL: url,
    ...(secret === undefined ? {} : { OAUTH_SECRET: secret }),
    LOG_FORMAT: "json",
    ...more,
  };
}

/** Runs a `vouchsafe` command to its end. */
export function runCommand(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string>; input?: string; uid?: number },
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [command, ...args],
      { cwd: options.cwd, env: options.env, timeout: 30_000, ...asUser(options.uid) },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
    child.stdin?.end(options.input ?? "");
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

async function untilReady(origin: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${output()}`);
    const ready = await fetch(`${origin}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill("SIGKILL");
  throw new Error(`the server was not ready in 10 s: ${output()}`);
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 30_000);
    child.once("exit", (code) => {
      clearTimeout(force);
      resolve(code);
    });
    child.kill(signal);
  });
}
