import { rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import type { RowCounts, Table } from "vouchsafe/sqlite";

/** What a SQLite file says about itself. */
export interface Examined {
  /** What is wrong with it; undefined: it is whole. */
  readonly damage: string | undefined;
  /** Whether Vouchsafe has ever migrated it. */
  readonly isOurs: boolean;
  /** Absent where no server has ever used it. */
  readonly fingerprint: string | undefined;
}

/** How long a lock is waited for, in milliseconds. */
const patience = 1000;

/** Pages of a step of a backup. */
const stepSize = 1000;

/**
 * Copies a database as it is now, beside processes that go on reading and writing it: they wait for nothing. The copy is one
 * file, without a log beside it.
 */
export async function copyDatabase(from: string, to: string, onProgress: (part: number) => void): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: patience });
  try {
    // One snapshot: without it the copy would begin again at each write of others.
    source.exec("BEGIN");
    source.prepare("SELECT 1 FROM sqlite_schema").get();
    await backup(source, to, {
      rate: stepSize,
      progress: ({ totalPages, remainingPages }) => onProgress((totalPages - remainingPages) / Math.max(1, totalPages)),
    });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  copy.exec("PRAGMA journal_mode = DELETE");
  copy.close();
}

/** Reads all of it once. @throws where it is no SQLite database */
export function examine(path: string): Examined {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const [result] = Object.values(database.prepare("PRAGMA integrity_check(1)").get() ?? {});
    const isOurs = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]) > 0 && hasTable(database, "settings");
    const kept = isOurs ? database.prepare("SELECT value FROM settings WHERE name = 'secret_fingerprint'").get() : undefined;
    return {
      damage: result === "ok" ? undefined : String(result),
      isOurs,
      fingerprint: kept === undefined ? undefined : String(kept["value"]),
    };
  } finally {
    database.close();
  }
}

/** How many rows each of these tables has, where it is there. @throws where it is no SQLite database */
export function countRowsOf(path: string, tables: readonly Table[]): RowCounts {
  const database = new DatabaseSync(path, { readOnly: true, timeout: patience });
  try {
    const present = tables.filter(({ name }) => hasTable(database, name));
    return Object.fromEntries(
      present.map(({ name }) => [name, Number(database.prepare(`SELECT count(*) AS rows FROM ${name}`).get()?.["rows"])]),
    );
  } finally {
    database.close();
  }
}

const hasTable = (database: DatabaseSync, name: string): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;

const locked = 5;

/**
 * Whether a process has the file open. Where none has, its log is written back into it and gone, so that the file alone is the
 * database. False for what is no database.
 */
export function isInUse(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: patience });
  try {
    database.exec("PRAGMA journal_mode = DELETE");
    return false;
  } catch (error) {
    return (error as { readonly errcode?: number }).errcode === locked;
  } finally {
    database.close();
  }
}

/** A log that is left over would be read into whatever takes the file's place. */
export function removeLog(path: string): void {
  for (const end of ["-wal", "-shm", "-journal"]) rmSync(`${path}${end}`, { force: true });
}
