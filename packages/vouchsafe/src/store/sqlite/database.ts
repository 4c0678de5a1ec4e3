import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { AuditEvent } from "../../audit.ts";
import {
  type CompiledStatement,
  compileStatement,
  type Loader,
  type MigrationSteps,
  type Read,
  type SqlDatabase,
  type TransactionWork,
} from "../sql/database.ts";
import type { Journal } from "../sql/journal.ts";
import type { Parameters, Row } from "../sql/rows.ts";
import type { Table } from "../sql/tables.ts";
import { StorageError } from "../store.ts";
import { loadTables, readSnapshot } from "./bulk.ts";
import { sqliteDialect } from "./dialect.ts";
import { guardStorage, messageOf } from "./guard-storage.ts";
import { rememberFile } from "./opened-file.ts";
import { SqliteReader } from "./reader.ts";
import { SqliteWriter } from "./writer.ts";

export interface SqliteOptions {
  /** `full` (default): what is acknowledged survives power loss. `normal`: it survives the end of the process. */
  readonly synchronous?: "full" | "normal";
  /** How long a write waits for another process, in milliseconds (default 250). The whole process waits with it. */
  readonly busyTimeout?: number;
  /** Told of every commit, whether it succeeded or not, and every read for a report: how long it took, in milliseconds. */
  readonly onDuration?: (operation: StorageOperation, duration: number) => void;
}

export type StorageOperation = "commit" | "report";

/**
 * How long the log of writes grows before it is carried over into the file, in pages of 4 KiB. A page that is written by
 * many commits is carried over once; SQLite's own 1000 pages are full after a few dozen commits of a busy server.
 */
const pagesInLog = 4000;

/**
 * One connection to a SQLite file, which reads by itself and writes through its writer. Reads of one turn share a snapshot:
 * taking the database's read lock costs more than a read.
 */
export class SqliteDatabase implements SqlDatabase {
  readonly dialect = "sqlite";
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #checkFile: () => void;
  readonly #reader: SqliteReader;
  readonly #writer: SqliteWriter;
  readonly #statements = new Map<string, { statement: StatementSync; names: CompiledStatement["names"] }>();
  #isReading = false;
  #isWriting = false;
  #closed = false;
  readonly #onDuration: SqliteOptions["onDuration"];

  /** `journal`: where the events of a transaction go. */
  constructor(path: string, journal: Journal, { synchronous = "full", busyTimeout = 250, onDuration }: SqliteOptions = {}) {
    this.#path = path;
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
        PRAGMA wal_autocheckpoint = ${pagesInLog};
      `);
      this.#checkFile = path === ":memory:" ? () => {} : rememberFile(path);
    } catch (error) {
      throw new StorageError("cannot-open", `the database ${path} cannot be opened: ${messageOf(error)}`, error);
    }
    this.#writer = new SqliteWriter(this, journal, onDuration);
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
    this.#writer.subscribe(listener);
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

  /** For the writer alone: whether a transaction is open, whoever opened it. */
  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** For the writer alone: from here until `endWriting`, whatever is read belongs to its transaction. */
  beginWriting(): void {
    this.#endReading();
    this.#checkFile();
    this.run("BEGIN IMMEDIATE");
    this.#isWriting = true;
  }

  endWriting(): void {
    this.#isWriting = false;
  }

  #endReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    for (const end of ["COMMIT", "ROLLBACK"]) {
      try {
        if (this.#database.isTransaction) this.run(end);
        return;
      } catch {} // nothing was written, and nobody waits here for an error
    }
  }

  commit<Result>(work: TransactionWork<Result>): Promise<Result> {
    return this.#writer.commit(work);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#writer.close();
    this.#endReading();
    this.#closed = true;
    // Whoever closes last clears up the log of writes.
    await this.#reader.close();
    this.#statements.clear();
    this.#database.close();
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
