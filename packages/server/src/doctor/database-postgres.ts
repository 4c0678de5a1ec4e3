import pg from "pg";
import { migrations } from "vouchsafe/sqlite";
import { accountSchema } from "../account-schema.ts";
import { nameOfDatabase } from "../environment.ts";
import { type Check, finding, ok, warning } from "./check.ts";
import type { DatabaseSeen } from "./database.ts";

const name = "database";

/** The oldest version that its makers still keep, by its number. */
const oldestKept = 140_000;

/** How long the database may take to answer, in milliseconds. */
const patience = 5000;

/** Looks at a PostgreSQL database, and changes nothing. */
export async function checkPostgres(url: string): Promise<DatabaseSeen> {
  const shown = nameOfDatabase({ kind: "postgres", url });
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patience, query_timeout: patience });
  try {
    await client.connect();
    const schema = await checkSchema(client);
    const checks = [ok(name, `${shown} answers.`), ...(await checkServer(client)), schema];
    const isReadable = schema.status !== "finding";
    return { checks, isReadable, isCurrent: schema.status === "ok" };
  } catch (error) {
    const check = finding(
      name,
      `${shown} cannot be used: ${(error as Error).message}.`,
      "DATABASE_URL=postgres://user:password@host/database, of a server that runs and lets this account in",
    );
    return { checks: [check], isReadable: false, isCurrent: false };
  } finally {
    await client.end().catch(() => {});
  }
}

interface ServerRow {
  readonly version: number;
  readonly commit: string;
  readonly fsync: string;
  readonly is_replica: boolean;
  readonly is_read_only: string;
}

async function checkServer(client: pg.Client): Promise<readonly Check[]> {
  const { rows } = await client.query<ServerRow>(`
    SELECT current_setting('server_version_num')::int AS version, current_setting('synchronous_commit') AS commit,
      current_setting('fsync') AS fsync, pg_is_in_recovery() AS is_replica, current_setting('transaction_read_only') AS is_read_only`);
  const [server] = rows;
  if (server === undefined) return [];
  const { version, commit, fsync, is_replica: isReplica, is_read_only: isReadOnly } = server;
  const isDurable = commit !== "off" && fsync === "on";
  return [
    version < oldestKept
      ? warning("database version", `It is PostgreSQL ${Math.floor(version / 10_000)}, which is past its end of life.`, "PostgreSQL 18")
      : ok("database version", `It is PostgreSQL ${Math.floor(version / 10_000)}.`),
    isDurable
      ? ok("database, durability", "What it acknowledges has been written to its disk.")
      : finding(
          "database, durability",
          `It acknowledges before it writes (synchronous_commit ${commit}, fsync ${fsync}).`,
          "synchronous_commit = on, fsync = on",
        ),
    isReplica || isReadOnly === "on"
      ? finding("database, writing", "It is read-only.", "DATABASE_URL with the primary's address, or target_session_attrs=read-write")
      : ok("database, writing", "It can be written."),
  ];
}

async function checkSchema(client: pg.Client): Promise<Check> {
  const label = "database schema";
  const { rows: tables } = await client.query<{ found: string | null }>("SELECT to_regclass('schema_versions')::text AS found");
  if (tables[0]?.found === null) return warning(label, "There are no tables yet; the first start makes them.", "vouchsafe migrate");
  const { rows } = await client.query<{ part: string; version: number }>("SELECT part, version FROM schema_versions");
  const stepOf = (part: string): number => rows.find((row) => row.part === part)?.version ?? 0;
  const [library, accounts] = [stepOf("vouchsafe"), stepOf("accounts")];
  const newest = { library: migrations.postgres.length, accounts: accountSchema.postgres.length };
  const seen = `It is at step ${library} of ${newest.library}, its accounts at ${accounts} of ${newest.accounts}`;
  if (library > newest.library || accounts > newest.accounts)
    return finding(label, `${seen}: a newer version has migrated it.`, "npm install vouchsafe-server@latest");
  if (library < newest.library || accounts < newest.accounts)
    return warning(label, `${seen}; the next start takes it further.`, "vouchsafe migrate");
  return ok(label, `${seen}.`);
}
