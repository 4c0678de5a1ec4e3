import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { AuditEvent } from "../../audit.ts";
import { pairOfChains } from "../../protocol/audit-chain.ts";
import {
  type CompiledStatement,
  compileStatement,
  type Loader,
  type MigrationSteps,
  type Read,
  type SqlDatabase,
  type Step,
  type StepAnswer,
  type TransactionWork,
  type Work,
} from "../sql/database.ts";
import { type Entry, entryToRow, type Journal } from "../sql/journal.ts";
import { Listeners } from "../sql/listeners.ts";
import type { Parameters, Row } from "../sql/rows.ts";
import { statements } from "../sql/statements.ts";
import type { Table } from "../sql/tables.ts";
import { StorageError } from "../store.ts";
import { loadTables, readSnapshot } from "./bulk.ts";
import { sqliteDialect } from "./dialect.ts";
import { guardStorage, messageOf } from "./guard-storage.ts";
import { rememberFile } from "./opened-file.ts";
import { SqliteReader } from "./reader.ts";

export interface SqliteOptions {
  /** `full` (default): what is acknowledged survives power loss. `normal`: it survives the end of the process. */
  readonly synchronous?: "full" | "normal";
  /** How long a write waits for another process, in milliseconds (default 250). The whole process waits with it. */
  readonly busyTimeout?: number;
  /** Told of every commit, whether it succeeded or not, and every read for a report: how long it took, in milliseconds. */
  readonly onDuration?: (operation: StorageOperation, duration: number) => void;
}

export type StorageOperation = "commit" | "report";

interface Pending {
  readonly work: TransactionWork<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What is told once the commit has happened. */
interface Outcome {
  readonly events: readonly AuditEvent[];
  readonly answer: () => void;
}

/** With one writer at a time one pair is enough. */
const pair = pairOfChains(1);

/**
 * One connection to a SQLite file. Writes that arrive together share a commit: each waits for the next turn of the event
 * loop, all of them run in one transaction with a savepoint each, and nobody is answered before the commit. One whose work
 * throws is rolled back alone; where the commit itself fails, all fail. Reads of one turn share a snapshot: taking the
 * database's read lock costs more than a read.
 */
export class SqliteDatabase implements SqlDatabase {
  readonly dialect = "sqlite";
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #checkFile: () => void;
  readonly #journal: Journal;
  readonly #reader: SqliteReader;
  readonly #listeners = new Listeners();
  readonly #statements = new Map<string, { statement: StatementSync; names: CompiledStatement["names"] }>();
  #pending: Pending[] = [];
  #isReading = false;
  #isWriting = false;
  #closed = false;
  readonly #onDuration: SqliteOptions["onDuration"];

  /** `journal`: where the events of a transaction go. */
  constructor(path: string, journal: Journal, { synchronous = "full", busyTimeout = 250, onDuration }: SqliteOptions = {}) {
    this.#path = path;
    this.#journal = journal;
    this.#onDuration = onDuration;
    this.#reader = new SqliteReader(path, this);
    try {
      if (path !== ":memory:") closeSync(openSync(path, "a", 0o600)); // SQLite would create it readable for others
      this.#database = new DatabaseSync(path);
      this.#database.exec(`
        PRAGMA busy_timeout = ${Math.trunc(busyTimeout)};
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${synchronous === "full" ? "FULL" : "NORMAL"};
        PRAGMA mmap_size = 1073741824;
      `);
      this.#checkFile = path === ":memory:" ? () => {} : rememberFile(path);
    } catch (error) {
      throw new StorageError("cannot-open", `the database ${path} cannot be opened: ${messageOf(error)}`, error);
    }
  }

  /**
   * Takes the schema of one part (the library's own, or an application's own tables) to the newest step. The library counts
   * its steps in `user_version`, every other part in a row of `schema_versions`.
   */
  migrate({ sqlite: steps }: MigrationSteps, part?: string): void {
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
   * @throws StorageError `older-schema`; `unavailable` where the file is gone
   */
  check({ sqlite: steps }: MigrationSteps): void {
    this.#checkFile();
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

  subscribe(listener: (event: AuditEvent) => void): void {
    this.#listeners.add(listener);
  }

  /** One writer at a time: whatever can be read has nothing before it that cannot. */
  lastSettledEvent(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  async report(statement: string, parameters: Parameters = {}): Promise<readonly Row[]> {
    const began = performance.now();
    try {
      return await this.#reader.all(statement, parameters);
    } finally {
      this.#onDuration?.("report", performance.now() - began);
    }
  }

  async snapshot<Result>(work: (read: Read) => Promise<Result>): Promise<Result> {
    return readSnapshot(this.#path, work);
  }

  async load<Result>(tables: readonly Table[], work: (loader: Loader) => Promise<Result>): Promise<Result> {
    const result = await loadTables(this.#path, tables, work);
    this.#endReading(); // whoever asks next asks for what is there now
    return result;
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

  commit<Result>(work: TransactionWork<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new StorageError("unavailable", "the database is closed"));
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ work, resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0) return;
    try {
      const outcomes = guardStorage("unavailable", () => this.#transact(batch));
      for (const { events, answer } of outcomes) {
        this.#listeners.tell(events);
        answer();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #transact(batch: readonly Pending[]): readonly Outcome[] {
    this.#endReading();
    const began = this.#onDuration === undefined ? 0 : performance.now();
    try {
      return this.#transactAtOnce(batch);
    } finally {
      this.#onDuration?.("commit", performance.now() - began);
    }
  }

  #transactAtOnce(batch: readonly Pending[]): readonly Outcome[] {
    this.#checkFile();
    this.run("BEGIN IMMEDIATE");
    this.#isWriting = true;
    try {
      const outcomes = batch.map((pending) => (batch.length === 1 ? this.#attempt(pending) : this.#attemptAlone(pending)));
      const events = outcomes.flatMap((outcome) => outcome.events);
      if (events.length > 0) this.#writeEvents(events);
      this.run("COMMIT");
      return outcomes;
    } catch (error) {
      if (this.#database.isTransaction) this.run("ROLLBACK");
      throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  #attempt({ work, resolve }: Pending): Outcome {
    const events: AuditEvent[] = [];
    const result = this.#drive(work((event) => events.push(event))) as never;
    return { events, answer: () => resolve(result) };
  }

  #attemptAlone(pending: Pending): Outcome {
    this.run("SAVEPOINT one");
    try {
      const outcome = this.#attempt(pending);
      this.run("RELEASE one");
      return outcome;
    } catch (error) {
      if (!this.#database.isTransaction) throw error; // the database gave up on all of it
      this.run("ROLLBACK TO one");
      this.run("RELEASE one");
      return { events: [], answer: () => pending.reject(error) };
    }
  }

  #drive<Result>(work: Work<Result>): Result {
    let next = work.next();
    while (next.done !== true) next = work.next(this.#answer(next.value));
    return next.value;
  }

  #answer({ kind, statement, parameters }: Step): StepAnswer {
    return kind === "run"
      ? this.run(statement, parameters)
      : kind === "get"
        ? this.get(statement, parameters)
        : this.all(statement, parameters);
  }

  /** The heads are read where they are written: nobody else moves them in between. */
  #writeEvents(events: readonly AuditEvent[]): void {
    const { signer } = this.#journal;
    if (signer === undefined) {
      for (const event of events) this.#writeEntry({ event, text: JSON.stringify(event), place: {} });
      return;
    }
    const heads = this.#drive(this.#journal.headsOf(pair, this.all(statements.pairHeads, { ...pair }), signer));
    const { entries, moves } = this.#journal.extend(events, heads, signer);
    for (const entry of entries) this.#writeEntry(entry);
    for (const move of moves) this.#answer(move);
  }

  #writeEntry(entry: Entry): void {
    const subscribers = this.#journal.subscribersOf(entry.event);
    if (subscribers.length === 0) {
      this.run(statements.record, entryToRow(entry));
      return;
    }
    const [eventId] = this.get(statements.recordReturning, entryToRow(entry)) ?? [];
    for (const subscription of subscribers) this.run(statements.addDelivery, { eventId, subscription, dueAt: entry.event.at });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#endReading();
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
    await this.#reader.close();
  }

  #prepare(text: string): { statement: StatementSync; names: readonly string[] } {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#closed) throw new StorageError("unavailable", "the database is closed");
    const { sql, names } = compileStatement(text, sqliteDialect);
    const prepared = { statement: guardStorage("unavailable", () => this.#database.prepare(sql)), names };
    prepared.statement.setReturnArrays(true);
    this.#statements.set(text, prepared);
    return prepared;
  }
}

function bind(names: readonly string[], parameters: Parameters): SQLInputValue[] {
  return names.map((name) => parameters[name] ?? null);
}
