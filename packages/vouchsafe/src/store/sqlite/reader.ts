import { Worker } from "node:worker_threads";
import { compileStatement } from "../sql/database.ts";
import type { Parameters, Row } from "../sql/rows.ts";
import { StorageError } from "../store.ts";
import type { SqliteDatabase } from "./database.ts";
import { sqliteDialect } from "./dialect.ts";

/** A read for the thread, and its answer. */
export interface ReadRequest {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly (Row[number] | undefined)[];
}
export type ReadAnswer = { readonly id: number; readonly rows: readonly Row[] } | { readonly id: number; readonly failure: string };

/**
 * Reads that may take long, in a thread with a connection of its own: SQLite reads at once or not at all, and requests must
 * not wait for a report. The thread begins with the first of them. A database in memory has one connection, which reads
 * here.
 */
export class SqliteReader {
  readonly #path: string;
  readonly #database: SqliteDatabase;
  readonly #waiting = new Map<number, { resolve: (rows: readonly Row[]) => void; reject: (error: StorageError) => void }>();
  #thread: Worker | undefined;
  #reads = 0;
  #isClosed = false;

  constructor(path: string, database: SqliteDatabase) {
    this.#path = path;
    this.#database = database;
  }

  async all(statement: string, parameters: Parameters): Promise<readonly Row[]> {
    if (this.#path === ":memory:") return this.#database.all(statement, parameters);
    if (this.#isClosed) throw new StorageError("unavailable", "the database is closed");
    const { sql, names } = compileStatement(statement, sqliteDialect);
    this.#thread ??= this.#begin();
    const id = ++this.#reads;
    const thread = this.#thread;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.ref();
      thread.postMessage({ id, sql, values: names.map((name) => parameters[name] ?? null) } satisfies ReadRequest);
    });
  }

  #begin(): Worker {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const thread = new Worker(new URL(`./reader-thread.${extension}`, import.meta.url), { workerData: this.#path });
    thread.on("message", (answer: ReadAnswer) => this.#settle(answer));
    thread.on("error", (error) => this.#failAll(thread, error.message));
    thread.on("exit", () => this.#failAll(thread, "the reading thread has ended"));
    return thread;
  }

  #settle(answer: ReadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#thread?.unref();
    if ("rows" in answer) waiting?.resolve(answer.rows);
    else waiting?.reject(new StorageError("unavailable", answer.failure));
  }

  /** One that failed ends a moment later, when another may have taken its place. */
  #failAll(thread: Worker, message: string): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(new StorageError("unavailable", message));
    this.#waiting.clear();
  }

  /** Whoever waits for an answer is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
  }
}
