import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Parameters, Row } from "./rows.ts";
import { compileStatement } from "./statements.ts";
import { StorageError } from "./store.ts";

export interface SqliteOptions {
  /** `full` (default): what is acknowledged survives power loss. `normal`: it survives the end of the process. */
  readonly synchronous?: "full" | "normal";
  /** How long a write waits for another process, in milliseconds (default 250). The whole process waits with it. */
  readonly busyTimeout?: number;
  /** Told of every commit, whether it succeeded or not, and every read for a report: how long it took, in milliseconds. */
  readonly onDuration?: (operation: StorageOperation, duration: number) => void;
}

export type StorageOperation = "commit" | "report";

/** What a transaction may do: read and write, at once. */
export interface Transaction {
  /** Returns the number of rows that changed. */
  run(statement: string, parameters?: Parameters): number;
  get(statement: string, parameters?: Parameters): Row | undefined;
  all(statement: string, parameters?: Parameters): readonly Row[];
}

interface Pending {
  readonly work: (transaction: Transaction) => unknown;
  /** Runs last, where the work did not throw. */
  readonly conclude: (() => void) | undefined;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection to a SQLite file. Writes that arrive together share a commit: each waits for the next turn of the event
 * loop, all of them run in one transaction with a savepoint each, and nobody is answered before the commit. One whose work
 * throws is rolled back alone; where the commit itself fails, all fail. Reads of one turn share a snapshot: taking the
 * database's read lock costs more than a read.
 */
export class SqliteDatabase implements Transaction {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, { statement: StatementSync; names: readonly string[] }>();
  #pending: Pending[] = [];
  #isReading = false;
  #isWriting = false;
  #closed = false;
  #beforeCommit: ((transaction: Transaction) => void) | undefined;
  #afterRollback: (() => void) | undefined;
  readonly #onDuration: SqliteOptions["onDuration"];

  constructor(path: string, { synchronous = "full", busyTimeout = 250, onDuration }: SqliteOptions = {}) {
    this.#onDuration = onDuration;
    try {
      if (path !== ":memory:") closeSync(openSync(path, "a", 0o600)); // SQLite would create it readable for others
      this.#database = new DatabaseSync(path);
      this.#database.exec(`
        PRAGMA busy_timeout = ${Math.trunc(busyTimeout)};
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${synchronous === "full" ? "FULL" : "NORMAL"};
        PRAGMA mmap_size = 1073741824;
      `);
    } catch (error) {
      throw new StorageError("cannot-open", `the database ${path} cannot be opened: ${messageOf(error)}`, error);
    }
  }

  /**
   * Takes the schema of one part (the library's own, or an application's own tables) to the newest step. The library counts
   * its steps in `user_version`, every other part in a row of `schema_versions`.
   */
  migrate(steps: readonly string[], part?: string): void {
    this.#endReading();
    const found = guardStorage("cannot-open", () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        if (part !== undefined)
          this.#database.exec(
            "CREATE TABLE IF NOT EXISTS schema_versions (part TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          );
        const version = this.#version(part);
        for (const step of steps.slice(version)) this.#database.exec(step);
        if (version < steps.length) this.#setVersion(part, steps.length);
        this.#database.exec("COMMIT");
        return version;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
    if (found > steps.length) {
      throw new StorageError(
        "newer-schema",
        `the database has schema ${found}${part === undefined ? "" : ` of ${part}`}, and this Vouchsafe knows only ${steps.length}: use the newer Vouchsafe that made it`,
      );
    }
  }

  /**
   * That no older database, such as a backup, has taken the place of the one that was migrated. A newer one is in order: its
   * steps leave what this process uses.
   * @throws StorageError `older-schema`
   */
  checkSchema(steps: readonly string[]): void {
    const version = Number(this.get("SELECT user_version FROM pragma_user_version")?.[0]);
    if (version >= steps.length) return;
    throw new StorageError("older-schema", `the database has schema ${version}, and this Vouchsafe needs ${steps.length}: start it again`);
  }

  #version(part: string | undefined): number {
    const row =
      part === undefined
        ? this.#database.prepare("PRAGMA user_version").get()
        : this.#database.prepare("SELECT version FROM schema_versions WHERE part = ?").get(part);
    return Number(row?.["user_version"] ?? row?.["version"] ?? 0);
  }

  #setVersion(part: string | undefined, version: number): void {
    if (part === undefined) this.#database.exec(`PRAGMA user_version = ${version}`);
    else this.#database.prepare("INSERT OR REPLACE INTO schema_versions (part, version) VALUES (?, ?)").run(part, version);
  }

  /** What belongs to a commit as a whole, such as the heads of audit chains; `afterRollback`: the whole commit came to nothing. */
  aroundCommits(beforeCommit: (transaction: Transaction) => void, afterRollback: () => void): void {
    this.#beforeCommit = beforeCommit;
    this.#afterRollback = afterRollback;
  }

  get(statement: string, parameters: Parameters = {}): Row | undefined {
    this.#beginReading();
    const { statement: prepared, names } = this.#prepare(statement);
    return guardStorage("unavailable", () => prepared.get(...bind(names, parameters)) as unknown as Row | undefined);
  }

  all(statement: string, parameters: Parameters = {}): readonly Row[] {
    this.#beginReading();
    const { statement: prepared, names } = this.#prepare(statement);
    return guardStorage("unavailable", () => prepared.all(...bind(names, parameters)) as unknown as Row[]);
  }

  run(statement: string, parameters: Parameters = {}): number {
    const { statement: prepared, names } = this.#prepare(statement);
    return guardStorage("unavailable", () => Number(prepared.run(...bind(names, parameters)).changes));
  }

  #beginReading(): void {
    if (this.#isReading || this.#isWriting) return;
    this.run("BEGIN");
    this.#isReading = true;
    setImmediate(() => this.#endReading());
  }

  #endReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    try {
      if (this.#database.isTransaction) this.run("COMMIT");
    } catch {
      this.run("ROLLBACK"); // nothing was written, and nobody waits here for an error
    }
  }

  /**
   * Runs `work` in a transaction that it may share with others, and resolves to its result once that is durable. `work`
   * is synchronous: the deciding reads and the writes, nothing else. `conclude` runs once it has done so without an error,
   * before the commit.
   */
  commit<Result>(work: (transaction: Transaction) => Result, conclude?: () => void): Promise<Result> {
    if (this.#closed) return Promise.reject(new StorageError("unavailable", "the database is closed"));
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ work, conclude, resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0) return;
    try {
      const settle = guardStorage("unavailable", () => this.#transact(batch));
      for (const answer of settle) answer();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Returns the answers, to be given once the commit has happened. */
  #transact(batch: readonly Pending[]): readonly (() => void)[] {
    this.#endReading();
    const began = this.#onDuration === undefined ? 0 : performance.now();
    try {
      return this.#transactAtOnce(batch);
    } finally {
      this.#onDuration?.("commit", performance.now() - began);
    }
  }

  #transactAtOnce(batch: readonly Pending[]): readonly (() => void)[] {
    this.run("BEGIN IMMEDIATE");
    this.#isWriting = true;
    try {
      const answers = batch.map((pending) => (batch.length === 1 ? this.#attempt(pending) : this.#attemptAlone(pending)));
      this.#beforeCommit?.(this);
      this.run("COMMIT");
      return answers;
    } catch (error) {
      if (this.#database.isTransaction) this.run("ROLLBACK");
      this.#afterRollback?.();
      throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  #attempt({ work, conclude, resolve }: Pending): () => void {
    const result = work(this) as never;
    conclude?.();
    return () => resolve(result);
  }

  #attemptAlone(pending: Pending): () => void {
    this.run("SAVEPOINT one");
    try {
      const answer = this.#attempt(pending);
      this.run("RELEASE one");
      return answer;
    } catch (error) {
      if (!this.#database.isTransaction) throw error; // the database gave up on all of it
      this.run("ROLLBACK TO one");
      this.run("RELEASE one");
      return () => pending.reject(error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#endReading();
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(text: string): { statement: StatementSync; names: readonly string[] } {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#closed) throw new StorageError("unavailable", "the database is closed");
    const { sql, names } = compileStatement(text, () => "?");
    const prepared = { statement: guardStorage("unavailable", () => this.#database.prepare(sql)), names };
    prepared.statement.setReturnArrays(true);
    this.#statements.set(text, prepared);
    return prepared;
  }
}

function bind(names: readonly string[], parameters: Parameters): SQLInputValue[] {
  return names.map((name) => parameters[name] ?? null);
}

/** Every way in which SQLite says no becomes a `StorageError`. */
function guardStorage<Result>(kind: StorageError["kind"], work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")
      throw new StorageError(kind, messageOf(error), error);
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
