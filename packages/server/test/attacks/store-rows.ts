/** What the database holds, counted beside the running server: the witness that nothing was stored. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Stage } from "./stage.ts";

export interface Rows {
  readonly clients: number;
  readonly decisions: number;
  readonly grants: number;
  readonly liveGrants: number;
  readonly tokens: number;
  readonly revokedTokens: number;
}

const databaseOf = (stage: Stage): string => join(stage.server.directory, "vouchsafe.db");

export function countRows(stage: Stage): Rows {
  return withDatabase(stage, (database) => {
    const count = (from: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.["n"]);
    return {
      clients: count("clients"),
      decisions: count("decisions"),
      grants: count("grants"),
      liveGrants: count("grants WHERE revoked_at IS NULL"),
      tokens: count("tokens"),
      revokedTokens: count("tokens WHERE revoked_at IS NOT NULL"),
    };
  });
}

/** The id of the grant that was opened last. The page of connected apps shows clients' ids, which everybody shares. */
export const newestGrant = (stage: Stage): string =>
  withDatabase(stage, (database) => String(database.prepare("SELECT id FROM grants ORDER BY created_at DESC LIMIT 1").get()?.["id"]));

/** Reads, with a connection of its own that can do nothing else. */
export function withDatabase<T>(stage: Stage, read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(databaseOf(stage), { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/** Holds the write lock while the work runs: to the server, storage is down for writing. */
export async function whileLocked<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const database = new DatabaseSync(databaseOf(stage));
  database.exec("BEGIN IMMEDIATE");
  try {
    return await work();
  } finally {
    database.exec("ROLLBACK");
    database.close();
  }
}

/** Changes a row behind the server's back, where no command does. */
export function changeDatabase(stage: Stage, sql: string, ...values: readonly SQLInputValue[]): void {
  const database = new DatabaseSync(databaseOf(stage), { timeout: 2_000 });
  try {
    database.prepare(sql).run(...values);
  } finally {
    database.close();
  }
}

/** The rows of every table but the audit, which grows by design. */
export function allRows(stage: Stage): number {
  return withDatabase(stage, (database) => {
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'audit%'")
      .all();
    return tables.reduce(
      (sum, table) => sum + Number(database.prepare(`SELECT count(*) AS n FROM "${String(table["name"])}"`).get()?.["n"]),
      0,
    );
  });
}

/** Keeps another connection writing while the work runs. */
export async function writeInBackground<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const database = new DatabaseSync(databaseOf(stage), { timeout: 1_000 });
  database.exec("CREATE TABLE IF NOT EXISTS attack_noise (n INTEGER)");
  const writing = setInterval(() => database.exec("INSERT INTO attack_noise VALUES (1)"), 1);
  try {
    return await work();
  } finally {
    clearInterval(writing);
    database.close();
  }
}

/** Another account like this one, with an id and address of its own. */
export function copyAccount(stage: Stage, email: string, copy: string): void {
  const account: Record<string, SQLInputValue> = {
    ...withDatabase(stage, (database) => database.prepare("SELECT * FROM accounts WHERE email = ?").get(email)),
    id: randomUUID(),
    email: copy,
  };
  const columns = Object.keys(account);
  changeDatabase(stage, `INSERT INTO accounts (${columns.join()}) VALUES (${columns.map(() => "?").join()})`, ...Object.values(account));
}
