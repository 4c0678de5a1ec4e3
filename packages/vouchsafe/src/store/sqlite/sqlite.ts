import { migrations } from "../migrations.ts";
import { hotPaths } from "../sql/hot-paths.ts";
import { Journal } from "../sql/journal.ts";
import { type SqlStore, sqlStore } from "../sql/store.ts";
import { SqliteDatabase, type SqliteOptions } from "./database.ts";

export { migrations } from "../migrations.ts";
export * from "../sql/application.ts";
export { SqliteDatabase, type SqliteOptions, type StorageOperation } from "./database.ts";

/** A store in a SQLite file that is open to the application, for tables of its own. */
export type SqliteStore = SqlStore<SqliteDatabase>;

/**
 * Opens a SQLite file, creates it where there is none, and takes its schema to the newest step.
 * @throws StorageError `cannot-open`, `newer-schema`
 */
export function sqlite(path: string, options: SqliteOptions = {}): SqliteStore {
  const journal = new Journal();
  const database = new SqliteDatabase(path, journal, options);
  database.migrate(migrations);
  return sqlStore({ database, journal, hotPaths, migrations });
}
