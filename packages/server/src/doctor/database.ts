import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "vouchsafe/sqlite";
import { accountSchema } from "../account-schema.ts";
import type { DatabaseAddress } from "../environment.ts";
import { patience } from "../main.ts";
import { type Check, finding, ok, warning } from "./check.ts";
import { checkPostgres } from "./database-postgres.ts";

/** What the database is like. `isCurrent`: it can be opened without being changed. */
export interface DatabaseSeen {
  readonly checks: readonly Check[];
  readonly isReadable: boolean;
  readonly isCurrent: boolean;
}

const name = "database";

/** Looks at the database, and changes nothing: none is made, and no schema is taken further. */
export const checkDatabase = (address: DatabaseAddress): Promise<DatabaseSeen> =>
  address.kind === "sqlite" ? checkFile(address.path) : checkPostgres(address.url);

async function checkFile(path: string): Promise<DatabaseSeen> {
  if (path === ":memory:")
    return {
      checks: [warning(name, "It is in memory: whatever is granted ends with the server.", "DATABASE_URL=file:data/vouchsafe.db")],
      isReadable: true,
      isCurrent: false,
    };
  if (!existsSync(path)) return checkPlace(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: patience });
    const integrity = checkIntegrity(database, path);
    const schema = checkSchema(database);
    const checks = [integrity, schema, checkWritable(database, path)];
    const isReadable = integrity.status === "ok" && schema.status !== "finding";
    return { checks, isReadable, isCurrent: isReadable && schema.status === "ok" };
  } catch (error) {
    const check = finding(
      name,
      `${path} cannot be opened: ${(error as Error).message}.`,
      `DATABASE_URL=file:${path}, readable by this account, or its backup in this place`,
    );
    return { checks: [check], isReadable: false, isCurrent: false };
  } finally {
    database?.close();
  }
}

function checkPlace(path: string): DatabaseSeen {
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  const isWritable = canWrite(folder);
  const check = isWritable
    ? ok(name, `There is none yet: the first start makes ${path}.`)
    : finding(name, `There is none yet, and the first start cannot make it: ${folder} cannot be written.`, `chown "$(id -u)" ${folder}`);
  return { checks: [check], isReadable: isWritable, isCurrent: false };
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Everything but the order of indexes. */
function checkIntegrity(database: DatabaseSync, path: string): Check {
  const result = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
  if (result === "ok") return ok(name, `${path} opens and is whole.`);
  return finding(name, `${path} is damaged: ${String(result)}.`, "stop the server, and put the newest backup in its place");
}

function checkSchema(database: DatabaseSync): Check {
  const label = "database schema";
  const found: SchemaSteps = { library: versionOf(database, undefined), accounts: versionOf(database, "accounts") };
  const seen = `It is at step ${found.library} of ${newest.library}, its accounts at ${found.accounts} of ${newest.accounts}`;
  if (found.library > newest.library || found.accounts > newest.accounts)
    return finding(label, `${seen}: a newer version has migrated it.`, "npm install vouchsafe-server@latest");
  if (found.library < newest.library || found.accounts < newest.accounts)
    return warning(label, `${seen}; the next start takes it further.`, "vouchsafe migrate");
  return ok(label, `${seen}.`);
}

function versionOf(database: DatabaseSync, part: string | undefined): number {
  if (part === undefined) return Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  const hasParts = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions'").get() !== undefined;
  return hasParts ? Number(database.prepare("SELECT version FROM schema_versions WHERE part = ?").get(part)?.["version"] ?? 0) : 0;
}

/** How far the parts of a database are. */
interface SchemaSteps {
  readonly library: number;
  readonly accounts: number;
}

/** The steps of this version. */
const newest: SchemaSteps = { library: migrations.sqlite.length, accounts: accountSchema.sqlite.length };

/** Begins to write, and takes it back. */
function checkWritable(database: DatabaseSync, path: string): Check {
  const label = "database, writing";
  try {
    database.exec("BEGIN IMMEDIATE");
    database.exec("ROLLBACK");
    accessSync(dirname(path), constants.W_OK);
    return ok(label, "It can be written.");
  } catch (error) {
    return finding(label, `It cannot be written: ${(error as Error).message}.`, `chown "$(id -u)" ${dirname(path)} ${path}*`);
  }
}
