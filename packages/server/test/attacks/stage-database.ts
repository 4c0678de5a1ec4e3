/** The database beside a running server: read, changed or held fast behind its back. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Pool } from "pg";

export type StoredRow = Readonly<Record<string, unknown>>;

export interface StageDatabase {
  /** The statement's `?` stand for these values. */
  readonly rows: (statement: string, ...values: readonly SQLInputValue[]) => Promise<readonly StoredRow[]>;
  readonly change: (statement: string, ...values: readonly SQLInputValue[]) => Promise<void>;
  readonly tables: () => Promise<readonly string[]>;
  /** To the server, storage is down for writing while the work runs. */
  readonly whileLocked: <T>(work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export const openBeside = (url: string): StageDatabase =>
  url.startsWith("file:") ? sqliteBeside(url.slice("file:".length)) : postgresBeside(url);

/** A connection for each deed, and to read with, one that can do nothing else. */
function sqliteBeside(path: string): StageDatabase {
  const rows = async (statement: string, ...values: readonly SQLInputValue[]): Promise<readonly StoredRow[]> => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare(statement).all(...values);
    } finally {
      database.close();
    }
  };
  return {
    rows,
    change: async (statement, ...values) => {
      const database = new DatabaseSync(path, { timeout: 2_000 });
      try {
        database.prepare(statement).run(...values);
      } finally {
        database.close();
      }
    },
    tables: async () => {
      const found = await rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
      return found.map(({ name }) => String(name));
    },
    whileLocked: async (work) => {
      const database = new DatabaseSync(path);
      database.exec("BEGIN IMMEDIATE");
      try {
        return await work();
      } finally {
        database.exec("ROLLBACK");
        database.close();
      }
    },
    close: async () => undefined,
  };
}

function postgresBeside(url: string): StageDatabase {
  const pool = new Pool({ connectionString: url, max: 2 });
  const rows = async (statement: string, ...values: readonly SQLInputValue[]): Promise<readonly StoredRow[]> =>
    (await pool.query<Record<string, unknown>>(numbered(statement), [...values])).rows;
  const tables = async (): Promise<readonly string[]> => {
    const found = await rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()");
    return found.map(({ tablename }) => String(tablename));
  };
  return {
    rows,
    change: async (statement, ...values) => void (await rows(statement, ...values)),
    tables,
    whileLocked: async (work) => {
      const names = await tables();
      const holder = await pool.connect();
      try {
        await holder.query(`BEGIN; LOCK TABLE ${names.join()} IN EXCLUSIVE MODE`);
        return await work();
      } finally {
        await holder.query("ROLLBACK");
        holder.release();
      }
    },
    close: () => pool.end(),
  };
}

function numbered(statement: string): string {
  let count = 0;
  return statement.replaceAll("?", () => `$${++count}`);
}
