import { StorageError } from "../store.ts";
import { claimKey } from "./claims.ts";
import { guardStorage, type PostgresClient, type PostgresPool, queryOf, rowsOf, sqlStateOf } from "./client.ts";

/** The library's own tables, among the parts whose steps are counted. */
const ownPart = "vouchsafe";

/** How long a step may take, in milliseconds. */
const patience = 3_600_000;

const undefinedTable = "42P01";

/** How many steps a part's schema has taken; 0 where there are no tables yet. */
export async function schemaVersion(pool: PostgresPool, part = ownPart): Promise<number> {
  try {
    const found = await guardStorage(pool.query(queryOf("SELECT version FROM schema_versions WHERE part = :part", { part })));
    return Number(rowsOf(found)[0]?.[0] ?? 0);
  } catch (error) {
    if (sqlStateOf(error) === undefinedTable) return 0;
    throw error;
  }
}

/**
 * Takes a schema to its newest step. Of several processes that start together one does it, and the others wait. Whoever may
 * not make tables can start all the same where another has migrated.
 * @throws StorageError `newer-schema`
 */
export async function migrate(pool: PostgresPool, steps: readonly string[], part = ownPart): Promise<void> {
  const found = await schemaVersion(pool, part);
  refuseNewer(found, steps, part);
  if (found === steps.length) return;
  const client = await guardStorage(pool.connect());
  try {
    await guardStorage(migrateOn(client, steps, part));
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function migrateOn(client: PostgresClient, steps: readonly string[], part: string): Promise<void> {
  const run = (text: string): Promise<unknown> => client.query({ text, query_timeout: patience });
  // Where the database's default is another level, the version would be read as it was before the others were done.
  await run("BEGIN ISOLATION LEVEL READ COMMITTED");
  // However long the others need, and however large the tables are.
  await run("SET LOCAL statement_timeout = 0");
  await run("SET LOCAL lock_timeout = 0");
  await run(`SELECT pg_advisory_xact_lock(${claimKey("migration")})`);
  await run('CREATE TABLE IF NOT EXISTS schema_versions (part TEXT COLLATE "C" NOT NULL PRIMARY KEY, version INTEGER NOT NULL)');
  const kept = await client.query(queryOf("SELECT version FROM schema_versions WHERE part = :part", { part }));
  const version = Number(rowsOf(kept)[0]?.[0] ?? 0);
  refuseNewer(version, steps, part);
  for (const step of steps.slice(version)) await run(step);
  if (version < steps.length) await client.query(queryOf(writeVersion, { part, version: steps.length }));
  await run("COMMIT");
}

function refuseNewer(found: number, steps: readonly string[], part: string): void {
  if (found <= steps.length) return;
  const what = `the database has schema ${found}${part === ownPart ? "" : ` of ${part}`}`;
  throw new StorageError("newer-schema", `${what}, and this Vouchsafe knows only ${steps.length}: use the newer Vouchsafe that made it`);
}

const writeVersion =
  "INSERT INTO schema_versions (part, version) VALUES (:part, :version) ON CONFLICT (part) DO UPDATE SET version = excluded.version";
