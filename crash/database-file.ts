/** A look at the file of a SQLite database, beside the server. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Which step of the schema a database that was killed is on. It is a copy that is opened: to mend the file is the server's part. */
export function schemaOf(file: string): number {
  const copy = `${file}.copy`;
  for (const end of ["", "-wal"]) if (existsSync(file + end)) copyFileSync(file + end, copy + end);
  const database = new DatabaseSync(copy);
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  database.close();
  for (const end of ["", "-wal", "-shm"]) rmSync(copy + end, { force: true });
  return version;
}

/** What a database of the older schema had, in the words of that schema. The newer one may have events besides. */
export function digestOfOldRows(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const digest = createHash("sha256");
  const queries = [
    `SELECT id, name, origin, auth_method, redirect_uris, grant_types, scope, secret_hash, registration_token, created_at, granted_at
      FROM clients ORDER BY id`,
    "SELECT id, client_id, subject, scope, resources, created_at, redeemed_at, ends_at, revoked_at FROM grants ORDER BY id",
    "SELECT hash, kind, grant_id, scope, audience, issued_at, expires_at, revoked_at, spent_at FROM tokens ORDER BY hash",
    "SELECT id, at, type, event FROM audit_events WHERE type <> 'key.created' ORDER BY id",
  ];
  for (const query of queries) for (const row of database.prepare(query).iterate()) digest.update(JSON.stringify(Object.values(row)));
  database.close();
  return digest.digest("hex");
}

/** What SQLite finds wrong in a file that nobody uses; empty: nothing. */
export function damageIn(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("PRAGMA integrity_check").all();
  database.close();
  return rows.map(({ integrity_check: found }) => String(found)).filter((found) => found !== "ok");
}
