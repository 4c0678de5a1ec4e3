import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Reason } from "../exit.ts";
import type { Counted } from "../metrics/metrics.ts";
import type { SettingName } from "../settings.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";

/** The entry of a worker, as a source or built. */
const entry = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/** How long a worker that is asked for its counts may be busy, in milliseconds. */
const patience = 1000;

export interface WorkerOptions {
  readonly number: number;
  readonly flags: Partial<Record<SettingName, string>>;
  readonly demo: boolean;
  readonly writeLine: (line: string) => void;
  readonly onReady: () => void;
  /** It asks for what the others counted. */
  readonly onAsk: (id: number) => void;
}

/** How a worker ended. */
export interface End {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not start, where it said so. */
  readonly reason: Reason | undefined;
  /** Milliseconds. */
  readonly lived: number;
}

/** A worker, as the primary sees it. */
export class WorkerProcess {
  readonly number: number;
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  /** Connections that are on their way to it. They stay open here until it has them: a worker that dies before loses none. */
  readonly #handed = new Map<number, Socket>();
  readonly #asked = new Map<number, () => void>();
  readonly #options: WorkerOptions;
  #isReady = false;
  #reason: Reason | undefined;
  #counted: Counted = [];
  #lastId = 0;

  constructor(options: WorkerOptions) {
    const began = Date.now();
    this.#options = options;
    this.number = options.number;
    this.#child = fork(entry, [], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    // Lines of several processes on one pipe would run into each other: they all go through the primary.
    if (this.#child.stdout !== null) createInterface(this.#child.stdout).on("line", (line) => options.writeLine(`${line}\n`));
    this.#child.on("message", (message: ToPrimary) => this.#hear(message));
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        this.#isReady = false;
        for (const settle of this.#asked.values()) settle();
        resolve({ code, signal, reason: this.#reason, lived: Date.now() - began });
      };
      // "close" comes when its last line has been read; a process that could not be started has an error alone.
      this.#child.once("close", end);
      this.#child.on("error", () => this.#child.pid === undefined && end(null, null));
    });
    this.#tell({ kind: "start", worker: this.number, flags: options.flags, demo: options.demo });
  }

  get isReady(): boolean {
    return this.#isReady && this.#child.connected;
  }

  /** What it counted when it was last asked. */
  get counted(): Counted {
    return this.#counted;
  }

  /** How many connections are on their way to it. */
  get onTheWay(): number {
    return this.#handed.size;
  }

  /** The connections that are on their way to it. */
  get handed(): readonly Socket[] {
    return [...this.#handed.values()];
  }

  hand(socket: Socket): void {
    const id = ++this.#lastId;
    this.#handed.set(id, socket);
    // A worker that has just died did not take it.
    this.#child.send({ kind: "connection", id } satisfies ToWorker, socket, { keepOpen: true }, () => {});
  }

  /** Asks for its counts now. Resolves to the last ones where it has none to give. */
  async count(): Promise<Counted> {
    if (this.isReady) {
      const id = ++this.#lastId;
      await new Promise<void>((resolve) => {
        this.#asked.set(id, resolve);
        setTimeout(resolve, patience).unref();
        this.#tell({ kind: "count", id });
      });
      this.#asked.delete(id);
    }
    return this.#counted;
  }

  tellOthers(id: number, counted: readonly Counted[]): void {
    this.#tell({ kind: "others", id, counted });
  }

  /** It ends once it has answered what it took. */
  stop(): void {
    this.#tell({ kind: "stop" });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #hear(message: ToPrimary): void {
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        this.#options.onReady();
        break;
      case "failed":
        this.#reason = message.reason;
        break;
      case "taken":
        this.#handed.get(message.id)?.destroy();
        this.#handed.delete(message.id);
        break;
      case "counted":
        this.#counted = message.counted;
        this.#asked.get(message.id)?.();
        break;
      case "others":
        this.#counted = message.counted;
        this.#options.onAsk(message.id);
    }
  }
}
