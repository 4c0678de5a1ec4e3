import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { connectTo } from "../packages/vouchsafe/test/a-postgres/connection.ts";
import { startPostgres } from "../packages/vouchsafe/test/a-postgres/server.ts";
import { familyCpu } from "./process-family.ts";
import type { Place, Target, Work } from "./target.ts";

export const storeKinds = ["sqlite", "postgres"] as const;
export type StoreKind = (typeof storeKinds)[number];

/** The database of a server that is measured: beside the server, we fill it and look into it. */
export interface Database {
  readonly kind: StoreKind;
  /** What its server must know: nothing of a SQLite file. */
  readonly options: { readonly databaseUrl?: string; readonly beside?: NonNullable<Target["beside"]> };
  /** Once the server has made its tables. */
  readonly open: (place: Place) => Promise<Desk>;
  readonly stop: () => Promise<void>;
}

/** A connection of our own. */
export interface Desk {
  readonly kind: StoreKind;
  /** Several statements in one transaction, none of which waits for the disk. */
  readonly run: (sql: string) => Promise<void>;
  /** The rows of one statement, each as the list of its values. */
  readonly rows: (sql: string) => Promise<readonly (readonly unknown[])[]>;
  /** Brings what was written to where a database that has been used for long has it. */
  readonly settle: () => Promise<void>;
  /** In bytes, with indexes: of every table where the engine knows it, else of the whole file under the name "". */
  readonly sizes: () => Promise<ReadonlyMap<string, number>>;
  readonly close: () => Promise<void>;
}

export const startDatabase = (kind: StoreKind): Promise<Database> =>
  kind === "sqlite" ? Promise.resolve(sqliteFile) : startPostgresDatabase();

const sqliteFile: Database = {
  kind: "sqlite",
  options: {},
  open: async ({ directory }) => sqliteDesk(join(directory, "vouchsafe.db")),
  stop: async () => undefined,
};

function sqliteDesk(path: string): Desk {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF");
  const rows: Desk["rows"] = async (sql) =>
    database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  return {
    kind: "sqlite",
    run: async (sql) => database.exec(`BEGIN IMMEDIATE; ${sql}; COMMIT`),
    rows,
    settle: async () => {
      // The server reads now and then, and a log that is read cannot begin anew.
      for (let tried = 0; tried < 100; tried++) {
        if ((await rows("PRAGMA wal_checkpoint(TRUNCATE)"))[0]?.[0] === 0) return;
        await pause(100);
      }
      throw new Error("the log of the SQLite file cannot be written back");
    },
    sizes: async () => new Map([["", statSync(path).size]]),
    close: async () => database.close(),
  };
}

/** A PostgreSQL of its own, with its own defaults; its commits wait for the disk. */
async function startPostgresDatabase(): Promise<Database> {
  const server = await startPostgres({ fsync: true });
  const url = await server.newDatabase();
  const meter = await connectTo(url);
  const { rows } = await meter.query<{ pid: string }>("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1) AS pid");
  const pid = Number(rows[0]?.pid);
  const beside = async (): Promise<Work> => {
    const { rows: logged } = await meter.query<{ bytes: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes");
    return { cpu: familyCpu(pid), logged: Number(logged[0]?.bytes) };
  };
  return {
    kind: "postgres",
    options: { databaseUrl: url, beside },
    open: () => postgresDesk(url),
    stop: async () => {
      await meter.end();
      await server.stop();
    },
  };
}

async function postgresDesk(url: string): Promise<Desk> {
  const client = await connectTo(url);
  await client.query("SET synchronous_commit = off");
  const rows: Desk["rows"] = async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows;
  return {
    kind: "postgres",
    run: async (sql) => void (await client.query(`BEGIN; ${sql}; COMMIT`)),
    rows,
    settle: async () => {
      await client.query("VACUUM ANALYZE");
      await client.query("CHECKPOINT");
    },
    sizes: async () => {
      const tables = await rows(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
      );
      return new Map(tables.map(([name, bytes]) => [String(name), Number(bytes)]));
    },
    close: () => client.end(),
  };
}
