/** A PostgreSQL of our own: started when asked, killed when asked, and gone at the end. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { account, binariesFor } from "./binaries.ts";
import { createDatabase } from "./databases.ts";

export interface PostgresOptions {
  /** Whether a commit waits for the disk. Off unless asked for: only what is said about losing nothing needs it. */
  readonly fsync?: boolean;
}

/** Starts a PostgreSQL on a free port of 127.0.0.1, with a random password. `stop` ends it and removes its data. */
export async function startPostgres({ fsync = false }: PostgresOptions = {}): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "vouchsafe-postgres-"));
  const postgres = new Postgres(folder, fsync);
  try {
    await postgres.prepare();
    await postgres.start();
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return postgres;
}

export class Postgres {
  readonly #folder: string;
  readonly #fsync: boolean;
  readonly #password = randomBytes(24).toString("base64url");
  readonly #stopWithUs = (): void => this.#stopAtOnce();
  #binaries = "";
  #port = 0;
  #running: ChildProcess | undefined;

  constructor(folder: string, fsync: boolean) {
    this.#folder = folder;
    this.#fsync = fsync;
    process.once("exit", this.#stopWithUs);
  }

  /** Of the database `postgres`, as its superuser. It stays the same when the server is started again. */
  get url(): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }

  /** Makes an empty database and gives its URL. */
  async newDatabase(): Promise<string> {
    return createDatabase(this.url);
  }

  /** Makes the data folder. */
  async prepare(): Promise<void> {
    const passwordFile = join(this.#folder, "password");
    writeFileSync(passwordFile, this.#password, { mode: 0o600 });
    this.#binaries = binariesFor(this.#giveAway(this.#folder));
    this.#giveAway(passwordFile);
    // Sorted by the rules of a language, as most databases are: what relies on the order of bytes must say so.
    const order = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en"];
    const access = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    await promisify(execFile)(join(this.#binaries, "initdb"), [`--pgdata=${this.#data}`, ...order, ...access, "--no-sync"], {
      ...account,
      cwd: this.#folder,
    });
    rmSync(passwordFile);
  }

  /** Starts the server on its data, at first or again, and resolves when it answers. */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error("PostgreSQL is running");
    if (this.#port !== 0) return this.#launch();
    // Between finding a free port and using it, somebody else may take it.
    for (let attempts = 3; ; attempts--) {
      this.#port = await freePort();
      try {
        return await this.#launch();
      } catch (error) {
        if (attempts === 1 || !/could not bind/.test(String(error))) throw error;
      }
    }
  }

  /**
   * Sends the main process a signal and resolves when all processes of the server are gone. The data stays.
   * `SIGKILL` is a crash, `SIGINT` an orderly end; after `SIGTERM` the server first waits for its clients to leave.
   */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running;
    if (running === undefined) throw new Error("PostgreSQL is not running");
    // Every process of the server holds its error output: it closes with the last of them.
    const gone = once(running, "close");
    running.kill(signal);
    await gone;
  }

  /** Ends the server, if it runs, and removes its data. */
  async stop(): Promise<void> {
    if (this.#running !== undefined) await this.kill("SIGQUIT");
    this.#removeFolder();
    process.off("exit", this.#stopWithUs);
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  #giveAway(path: string): string {
    if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid, account.gid);
    return path;
  }

  async #launch(): Promise<void> {
    const settings = Object.entries(this.#settings()).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const started = spawn(join(this.#binaries, "postgres"), ["-D", this.#data, ...settings], {
      ...account,
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#running = started;
    started.once("close", () => {
      this.#running = undefined;
    });
    await readiness(started);
  }

  #settings(): Readonly<Record<string, string>> {
    return {
      listen_addresses: "127.0.0.1",
      port: String(this.#port),
      unix_socket_directories: "",
      max_connections: "200",
      // In the data folder, where a killed server leaves nothing behind for ever.
      dynamic_shared_memory_type: "mmap",
      ...(this.#fsync ? {} : { fsync: "off", full_page_writes: "off" }),
    };
  }

  /** For a process that exits, which cannot wait for events: `pg_ctl` waits for the server. */
  #stopAtOnce(): void {
    const order = ["stop", "--mode=immediate", `--pgdata=${this.#data}`];
    if (this.#running !== undefined) spawnSync(join(this.#binaries, "pg_ctl"), order, { ...account, cwd: this.#folder });
    this.#removeFolder();
  }

  #removeFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Resolves when the server accepts connections, and rejects with its last words if it ends instead. */
function readiness(started: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    started.once("error", reject);
    started.once("close", () => reject(new Error(`PostgreSQL ended:\n${said}`)));
    started.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-10_000);
      if (said.includes("ready to accept connections")) resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
