/** What the database holds, counted beside the running server: the witness that nothing was stored. */
import { randomUUID } from "node:crypto";
import type { SQLInputValue } from "node:sqlite";
import type { Stage } from "./stage.ts";
import type { StoredRow } from "./stage-database.ts";

export interface Rows {
  readonly clients: number;
  readonly decisions: number;
  readonly grants: number;
  readonly liveGrants: number;
  readonly tokens: number;
  readonly revokedTokens: number;
}

/** In one statement, and so of one moment. */
export async function countRows(stage: Stage): Promise<Rows> {
  const counted = {
    clients: "clients",
    decisions: "decisions",
    grants: "grants",
    liveGrants: "grants WHERE revoked_at IS NULL",
    tokens: "tokens",
    revokedTokens: "tokens WHERE revoked_at IS NOT NULL",
  };
  const columns = Object.entries(counted).map(([name, from]) => `(SELECT count(*) FROM ${from}) AS "${name}"`);
  const [row = {}] = await readRows(stage, `SELECT ${columns.join()}`);
  const count = (name: keyof Rows): number => Number(row[name]);
  return {
    clients: count("clients"),
    decisions: count("decisions"),
    grants: count("grants"),
    liveGrants: count("liveGrants"),
    tokens: count("tokens"),
    revokedTokens: count("revokedTokens"),
  };
}

/** The id of the grant that was opened last. The page of connected apps shows clients' ids, which everybody shares. */
export const newestGrant = async (stage: Stage): Promise<string> =>
  String((await readRows(stage, "SELECT id FROM grants ORDER BY created_at DESC LIMIT 1"))[0]?.["id"]);

export const readRows = (stage: Stage, sql: string, ...values: readonly SQLInputValue[]): Promise<readonly StoredRow[]> =>
  stage.database.rows(sql, ...values);

/** As text, to be searched. */
export const rowsAsText = async (stage: Stage, sql: string, ...values: readonly SQLInputValue[]): Promise<string> =>
  JSON.stringify(await readRows(stage, sql, ...values));

/** To the server, storage is down for writing while the work runs. */
export const whileLocked = <T>(stage: Stage, work: () => Promise<T>): Promise<T> => stage.database.whileLocked(work);

/** Changes a row behind the server's back, where no command does. */
export const changeDatabase = (stage: Stage, sql: string, ...values: readonly SQLInputValue[]): Promise<void> =>
  stage.database.change(sql, ...values);

/** The rows of every table but the audit, which grows by design. */
export async function allRows({ database }: Stage): Promise<number> {
  const tables = (await database.tables()).filter((name) => !name.startsWith("audit"));
  const [row] = await database.rows(`SELECT ${tables.map((table) => `(SELECT count(*) FROM "${table}")`).join(" + ")} AS n`);
  return Number(row?.["n"]);
}

/** Every value of every table, with bytes as the text that they may be. */
export async function allValues({ database }: Stage): Promise<string> {
  const values: string[] = [];
  for (const table of await database.tables())
    for (const row of await database.rows(`SELECT * FROM "${table}"`))
      values.push(
        ...Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value))),
      );
  return values.join("\n");
}

/** Keeps another connection writing while the work runs. */
export async function writeInBackground<T>({ database }: Stage, work: () => Promise<T>): Promise<T> {
  await database.change("CREATE TABLE IF NOT EXISTS attack_noise (n INTEGER)");
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      await database.change("INSERT INTO attack_noise VALUES (1)");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  try {
    return await work();
  } finally {
    isOver = true;
    await writing;
  }
}

/** The row of an ordinary account, as the operator's command makes it. */
export const addAccount = (stage: Stage, email: string, hashedPassword: string): Promise<void> =>
  changeDatabase(
    stage,
    "INSERT INTO accounts (id, email, password, is_admin, created_at) VALUES (?, ?, ?, 0, ?)",
    randomUUID(),
    email,
    hashedPassword,
    Date.now(),
  );
