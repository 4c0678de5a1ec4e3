import { existsSync } from "node:fs";
import type { SqlStore } from "vouchsafe/sqlite";
import type { DatabaseAddress } from "../environment.ts";
import { isInUse } from "./sqlite-file.ts";

/** How the sessions of a server are called. A command that needs the database to itself has another name. */
const nameOfServers = "vouchsafe";

/** How the sessions of such a command are called. */
export const nameOfMove = "vouchsafe, moving";

/** Whether a process has this file open. */
export const isFileInUse = (database: DatabaseAddress): boolean =>
  database.kind === "sqlite" && database.path !== ":memory:" && existsSync(database.path) && isInUse(database.path);

/** How many sessions of servers a PostgreSQL database has: every server asks it something each few seconds. */
export async function sessionsOfServers(store: SqlStore): Promise<number> {
  if (store.database.dialect !== "postgres") return 0;
  const row = await store.database.get(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name",
    { name: nameOfServers },
  );
  return Number(row?.[0]);
}
