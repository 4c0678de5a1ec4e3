import { createReadStream } from "node:fs";
import type { AuditVerification } from "vouchsafe";
import { countRows, importRows, type OnProgress, type RowCounts } from "vouchsafe/sqlite";
import { accountSchema, everyTable } from "../account-schema.ts";
import type { Environment } from "../environment.ts";
import { createStandalone, openStore, patience } from "../main.ts";
import { isFileInUse, nameOfMove, sessionsOfServers } from "./others.ts";
import { DatabaseInUse, refuseRows } from "./refusals.ts";
import { checkSecretFits } from "./secret-check.ts";

export interface TakingIn {
  readonly environment: Environment;
  /** The copy, in pieces. */
  readonly text: AsyncIterable<string>;
  readonly replaces: boolean;
  /** Refuses codes that were made before now. */
  readonly voidsCodes: boolean;
  readonly onProgress: OnProgress;
}

/** A database that was put in its place. */
export interface TakenIn extends Verified {
  readonly rows: RowCounts;
}

export interface Verified {
  readonly audit: AuditVerification;
  /** When the last event happened that it knows of. */
  readonly newestEventAt: number | undefined;
}

/**
 * Takes a portable copy into the database of these settings.
 * @throws DatabaseInUse, DatabaseNotEmpty, ConfigurationError, TransferError, StorageError
 */
export async function takeIn({ environment, text, replaces, voidsCodes, onProgress }: TakingIn): Promise<TakenIn> {
  if (isFileInUse(environment.database)) throw new DatabaseInUse("a process has the database open");
  const store = await openStore(environment, { busyTimeout: patience, sessionName: nameOfMove });
  let rows: RowCounts;
  try {
    const sessions = await sessionsOfServers(store);
    if (sessions > 0) throw new DatabaseInUse("servers are connected to the database");
    await store.database.migrate(accountSchema, "accounts");
    if (!replaces) refuseRows(await countRows(store.database, everyTable));
    rows = await importRows(store.database, everyTable, text, {
      replaces,
      check: (head) => checkSecretFits(environment, head.secret_fingerprint),
      onProgress,
      ...(voidsCodes ? { codesVoidBefore: Date.now() } : {}),
    });
  } finally {
    await store.close();
  }
  return { rows, ...(await verify(environment)) };
}

export const textOfFile = (path: string): AsyncIterable<string> => createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 18 });

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Opens a database as a start does, and reads the whole audit. @throws ConfigurationError where the secret is another one */
export async function verify(environment: Environment): Promise<Verified> {
  const standalone = await createStandalone(environment, silent, { demo: false, busyTimeout: patience, delivers: false });
  try {
    const newest = await standalone.store.database.get("SELECT max(at) FROM audit_events");
    await standalone.oauth.ready();
    const audit = await standalone.oauth.admin.verifyAudit();
    return { audit, newestEventAt: typeof newest?.[0] === "number" ? newest[0] : undefined };
  } finally {
    await standalone.oauth.close();
  }
}
