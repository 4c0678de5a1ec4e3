import { setTimeout as pause } from "node:timers/promises";
import type { AuditEvent } from "../../audit.ts";
import type { Claims, Loader, MigrationSteps, Read, SqlDatabase, TransactionWork } from "../sql/database.ts";
import type { Journal } from "../sql/journal.ts";
import { integer, type Parameters, type Row } from "../sql/rows.ts";
import type { Table } from "../sql/tables.ts";
import { StorageError } from "../store.ts";
import { loadTables, readSnapshot } from "./bulk.ts";
import { guardStorage, type PostgresPool, type PostgresQuery, queryOf, rowsOf } from "./client.ts";
import { migrate, schemaVersion } from "./migrate.ts";
import { settledStatements } from "./settled-events.ts";
import { PostgresWriter } from "./writer.ts";

export interface PostgresDatabaseOptions {
  /** Told of every commit, whether it succeeded or not, and every read for a report: how long it took, in milliseconds. */
  readonly onDuration?: (operation: "commit" | "report", duration: number) => void;
}

/** Pools of connections: one that requests wait for, and one for what may take long. They may be the same. */
export interface PostgresPools {
  readonly requests: PostgresPool;
  readonly reports: PostgresPool;
  /** Closed with the database. */
  readonly owned: readonly PostgresPool[];
}

/**
 * How long a reader waits for writers that were given ids before it asked, in milliseconds: mostly they end at once, and it sees all
 * that was acknowledged before.
 */
const patienceWithWriters = 1000;

/** A PostgreSQL database that any number of processes share. */
export class PostgresDatabase implements SqlDatabase {
  readonly dialect = "postgres";
  readonly #pools: PostgresPools;
  readonly #writer: PostgresWriter;
  readonly #onDuration: PostgresDatabaseOptions["onDuration"];
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** `journal`: where the events of a transaction go. */
  constructor(pools: PostgresPools, journal: Journal, { onDuration }: PostgresDatabaseOptions = {}) {
    this.#pools = pools;
    this.#onDuration = onDuration;
    this.#writer = new PostgresWriter(pools.requests, journal, onDuration && ((duration) => onDuration("commit", duration)));
  }

  async get(statement: string, parameters: Parameters = {}): Promise<Row | undefined> {
    return (await this.all(statement, parameters))[0];
  }

  all(statement: string, parameters: Parameters = {}): Promise<readonly Row[]> {
    return this.#ask(this.#pools.requests, queryOf(statement, parameters));
  }

  async report(statement: string, parameters: Parameters = {}): Promise<readonly Row[]> {
    const began = performance.now();
    try {
      return await this.#ask(this.#pools.reports, queryOf(statement, parameters));
    } finally {
      this.#onDuration?.("report", performance.now() - began);
    }
  }

  async #ask(pool: PostgresPool, query: PostgresQuery): Promise<readonly Row[]> {
    if (this.#isClosed) throw new StorageError("unavailable", "the database is closed");
    return rowsOf(await guardStorage(pool.query(query)));
  }

  commit<Result>(work: TransactionWork<Result>, claims?: Claims): Promise<Result> {
    return this.#writer.commit(work, claims);
  }

  snapshot<Result>(work: (read: Read) => Promise<Result>): Promise<Result> {
    return readSnapshot(this.#pools.reports, work);
  }

  load<Result>(tables: readonly Table[], work: (loader: Loader) => Promise<Result>): Promise<Result> {
    return loadTables(this.#pools.reports, tables, work);
  }

  subscribe(listener: (event: AuditEvent) => void): void {
    this.#writer.subscribe(listener);
  }

  async lastSettledEvent(): Promise<number> {
    const given = Number((await this.get(settledStatements.lastGiven))?.[0]);
    const giveUpAt = performance.now() + patienceWithWriters;
    for (;;) {
      const lowest = integer((await this.get(settledStatements.lowestMark))?.[0]) ?? given;
      if (lowest >= given) return given;
      if (performance.now() > giveUpAt) return lowest;
      await pause(10);
    }
  }

  migrate({ postgres: steps }: MigrationSteps, part?: string): Promise<void> {
    return migrate(this.#pools.requests, steps, part);
  }

  /**
   * That no older database, such as a backup, has taken the place of the one that was migrated. A newer one is in order: its
   * steps leave what this process uses.
   */
  async check({ postgres: steps }: MigrationSteps): Promise<void> {
    const version = await schemaVersion(this.#pools.requests);
    if (version >= steps.length) return;
    throw new StorageError("older-schema", `the database has schema ${version}, and this Vouchsafe needs ${steps.length}: start it again`);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.close();
    this.#isClosed = true;
    for (const pool of this.#pools.owned) await pool.end();
  }
}
