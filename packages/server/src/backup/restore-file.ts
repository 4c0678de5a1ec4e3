import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { RowCounts } from "vouchsafe/sqlite";
import { accountSchema, everyTable } from "../account-schema.ts";
import type { Environment } from "../environment.ts";
import { openStore } from "../main.ts";
import { flush } from "./new-file.ts";
import { DatabaseInUse, refuseRows, UnusableBackup } from "./refusals.ts";
import { checkSecretFits } from "./secret-check.ts";
import { countRowsOf, type Examined, examine, isInUse, removeLog } from "./sqlite-file.ts";
import { type TakenIn, type Verified, verify } from "./take-in.ts";

/**
 * Puts the copy of a SQLite file in the place of the database, at once, after it was tried in full.
 * @param path of the settings' database
 * @throws UnusableBackup, DatabaseNotEmpty, DatabaseInUse, ConfigurationError, StorageError
 */
export async function restoreFile(environment: Environment, path: string, backup: string, replaces: boolean): Promise<TakenIn> {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.restoring`;
  try {
    copyAlone(backup, temporary);
    checkSecretFits(environment, examined(temporary).fingerprint);
    checkPlace(path, replaces);
    const verified = await prepare({ ...environment, database: { kind: "sqlite", path: temporary } });
    const rows = countRowsOf(temporary, everyTable);
    put(temporary, path);
    return { rows, ...verified };
  } finally {
    rmSync(temporary, { force: true });
    removeLog(temporary);
  }
}

function copyAlone(backup: string, temporary: string): void {
  if ((statSync(`${backup}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new UnusableBackup(`${backup} has a log beside it: it is a database in use, or was copied without \`vouchsafe backup\``);
  copyFileSync(backup, temporary);
  chmodSync(temporary, 0o600);
}

function examined(path: string): Examined {
  const found = examineOrRefuse(path);
  if (found.damage !== undefined) throw new UnusableBackup(`the backup is damaged: ${found.damage}`);
  if (!found.isOurs) throw new UnusableBackup("the file is a database, and not one of Vouchsafe");
  return found;
}

function examineOrRefuse(path: string): Examined {
  try {
    return examine(path);
  } catch (error) {
    throw new UnusableBackup(`the backup is damaged: ${(error as Error).message}`);
  }
}

function checkPlace(path: string, replaces: boolean): void {
  if (!existsSync(path)) return;
  if (isInUse(path)) throw new DatabaseInUse("a process has the database open");
  if (!replaces) refuseRows(rowsOrUndefined(path));
}

function rowsOrUndefined(path: string): RowCounts | undefined {
  try {
    return countRowsOf(path, everyTable);
  } catch {
    return undefined;
  }
}

/** Takes the schema to its newest step, and looks at what a server would look at. */
async function prepare(environment: Environment): Promise<Verified> {
  const store = await openStore(environment);
  try {
    await store.database.migrate(accountSchema, "accounts");
    await store.voidAllCodes(Date.now());
  } finally {
    await store.close();
  }
  return verify(environment);
}

/** The log goes first: the old database is whole without it, and the new one must not find it. */
function put(temporary: string, path: string): void {
  if (isInUse(temporary)) throw new DatabaseInUse("a process has the copy open");
  flush(temporary);
  if (existsSync(path) && isInUse(path)) throw new DatabaseInUse("a process has the database open");
  removeLog(path);
  renameSync(temporary, path);
  flush(dirname(path));
}
