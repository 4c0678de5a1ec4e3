import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { compileStatement, type Loader, type Read } from "../sql/database.ts";
import type { Row } from "../sql/rows.ts";
import type { Table } from "../sql/tables.ts";
import { StorageError } from "../store.ts";
import { sqliteDialect } from "./dialect.ts";
import { guardStorage } from "./guard-storage.ts";

/** How long the lock of another writer is waited for, in milliseconds. */
const patience = 5000;

/** On a connection of its own: the transaction lasts for as long as the work does, and the other connection serves meanwhile. */
export async function readSnapshot<Result>(path: string, work: (read: Read) => Promise<Result>): Promise<Result> {
  const connection = connect(path, true);
  try {
    const read = readOn(connection);
    connection.exec("BEGIN");
    await read("SELECT 1 FROM sqlite_schema"); // the snapshot is of the first read
    return await work(read);
  } finally {
    connection.close();
  }
}

export async function loadTables<Result>(
  path: string,
  tables: readonly Table[],
  work: (loader: Loader) => Promise<Result>,
): Promise<Result> {
  const connection = connect(path, false);
  try {
    guardStorage("unavailable", () => connection.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE"));
    const result = await work(loaderOn(connection, tables));
    guardStorage("unavailable", () => connection.exec("COMMIT"));
    return result;
  } finally {
    connection.close(); // what was not committed is undone
  }
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  if (path === ":memory:") throw new StorageError("unavailable", "a database in memory has one connection, and is not copied");
  return guardStorage("cannot-open", () => new DatabaseSync(path, { readOnly, timeout: patience }));
}

function readOn(connection: DatabaseSync): Read {
  const statements = new Map<string, { readonly prepared: StatementSync; readonly names: readonly string[] }>();
  const prepare = (statement: string) => {
    const { sql, names } = compileStatement(statement, sqliteDialect);
    const prepared = connection.prepare(sql);
    prepared.setReturnArrays(true);
    const made = { prepared, names };
    statements.set(statement, made);
    return made;
  };
  return async (statement, parameters = {}) =>
    guardStorage("unavailable", () => {
      const { prepared, names } = statements.get(statement) ?? prepare(statement);
      return prepared.all(...names.map((name) => parameters[name] ?? null)) as unknown as Row[];
    });
}

function loaderOn(connection: DatabaseSync, tables: readonly Table[]): Loader {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    read: readOn(connection),
    empty: async () => guardStorage("unavailable", () => connection.exec(tables.map(({ name }) => `DELETE FROM ${name};`).join(""))),
    insert: async ({ table, columns, rows }) =>
      guardStorage("unavailable", () => {
        const names = columns.map(({ name }) => name).join(", ");
        const statement = prepare(`INSERT INTO ${table.name} (${names}) VALUES (${columns.map(() => "?").join(", ")})`);
        for (const row of rows) statement.run(...(row as SQLInputValue[]));
      }),
  };
}
