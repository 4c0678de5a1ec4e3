import { migrations } from "../migrations.ts";
import { Journal } from "../sql/journal.ts";
import { type SqlStore, sqlStore } from "../sql/store.ts";
import { StorageError } from "../store.ts";
import { type PostgresPool, surviveLosses } from "./client.ts";
import { PostgresDatabase, type PostgresDatabaseOptions, type PostgresPools } from "./database.ts";
import { postgresHotPaths } from "./hot-paths.ts";
import { limitSweeping, postgresRateLimits } from "./rate-limits.ts";

export * from "../sql/application.ts";
export type { PostgresPool } from "./client.ts";
export { PostgresDatabase } from "./database.ts";

/** A store in a PostgreSQL database that is open to the application, for tables of its own. */
export type PostgresStore = SqlStore<PostgresDatabase>;

export interface PostgresOptions extends PostgresDatabaseOptions {
  /** The most connections for requests (default 10); two more are for reports. Of a pool that is handed in, its own count. */
  readonly connections?: number;
  /** How its sessions are called in `pg_stat_activity` (default `vouchsafe`). Not of a pool that is handed in. */
  readonly sessionName?: string;
  /** Told what breaks a connection that nobody is using. */
  readonly onError?: (error: Error) => void;
}

/** How long whatever a request needs may take, in milliseconds: then it is refused, and can be tried again. */
const patience = { connect: 5000, statement: 5000, lock: 2000, idleInTransaction: 10_000, answer: 8000 } as const;

/** How long a report may take, in milliseconds. */
const patienceOfReports = 60_000;

const connectionsForReports = 2;

/**
 * Opens a PostgreSQL database, and takes its schema to the newest step. The package `pg` must be installed.
 * @param database its `postgres://` URL, or a pool of `pg` of the application's own, which stays the application's to close;
 * with such a pool, its timeouts hold
 * @throws StorageError `cannot-open`, `newer-schema`
 */
export async function postgres(database: string | PostgresPool, options: PostgresOptions = {}): Promise<PostgresStore> {
  const pools = typeof database === "string" ? await createPools(database, options) : { requests: database, reports: database, owned: [] };
  for (const pool of new Set([pools.requests, pools.reports])) surviveLosses(pool);
  const journal = new Journal();
  const opened = new PostgresDatabase(pools, journal, options);
  try {
    await opened.migrate(migrations);
  } catch (error) {
    await opened.close();
    // Not every mistake in a URL is one of the database's: a certificate that it names is read before anything is asked.
    if (error instanceof StorageError && error.kind !== "unavailable") throw error;
    const { message, cause } = error instanceof StorageError ? error : { message: String((error as Error).message), cause: error };
    throw new StorageError("cannot-open", `the database cannot be opened: ${message}`, cause);
  }
  const store = sqlStore({ database: opened, journal, hotPaths: postgresHotPaths, migrations, limitSweeping });
  return { ...store, rateLimits: postgresRateLimits(pools.requests) };
}

async function createPools(url: string, { connections = 10, sessionName = "vouchsafe", onError }: PostgresOptions): Promise<PostgresPools> {
  const { Pool } = await loadPg();
  const common = {
    connectionString: url,
    connectionTimeoutMillis: patience.connect,
    idle_in_transaction_session_timeout: patience.idleInTransaction,
    lock_timeout: patience.lock,
    // Questions that do not depend on each other are sent together.
    pipeline: true,
    application_name: sessionName,
    keepAlive: true,
  };
  const requests = new Pool({ ...common, max: connections, statement_timeout: patience.statement, query_timeout: patience.answer });
  const reports = new Pool({
    ...common,
    max: connectionsForReports,
    statement_timeout: patienceOfReports,
    query_timeout: patienceOfReports + patience.answer,
  });
  const owned: readonly PostgresPool[] = [requests, reports];
  // A pool without a listener ends the process when a connection that nobody uses breaks.
  for (const pool of owned) pool.on("error", (error) => onError?.(error));
  return { requests, reports, owned };
}

type PoolClass = new (options: Readonly<Record<string, unknown>>) => PostgresPool;

async function loadPg(): Promise<{ readonly Pool: PoolClass }> {
  try {
    const { default: pg } = (await import("pg")) as unknown as { default: { Pool: PoolClass } };
    return pg;
  } catch (error) {
    throw new StorageError("cannot-open", "the package pg is not installed; PostgreSQL needs it: npm install pg", error);
  }
}
