import type { Loader, Read } from "../sql/database.ts";
import type { Row, Value } from "../sql/rows.ts";
import type { ColumnKind, Table } from "../sql/tables.ts";
import { guardStorage, type PostgresClient, type PostgresParameters, type PostgresPool, queryOf, rowsOf } from "./client.ts";

/** However long whoever reads or writes the copy needs. */
const withoutHaste = ["SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"];

export const readSnapshot = <Result>(pool: PostgresPool, work: (read: Read) => Promise<Result>): Promise<Result> =>
  transact(pool, ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ...withoutHaste], (client) => work(readOn(client)));

/** Nobody else reads the tables meanwhile either: that could only be what is about to go. */
export const loadTables = <Result>(
  pool: PostgresPool,
  tables: readonly Table[],
  work: (loader: Loader) => Promise<Result>,
): Promise<Result> => {
  const names = tables.map(({ name }) => name).join(", ");
  return transact(pool, ["BEGIN", ...withoutHaste, `LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`], async (client) => {
    const result = await work({
      read: readOn(client),
      empty: async () => {
        await guardStorage(client.query({ text: `TRUNCATE ${names}` }));
      },
      insert: async ({ table, columns, rows }) => {
        const lists = columns.map(({ kind }, index) => `CAST(:c${index} AS ${typeOf[kind]}[])`);
        const statement = `INSERT INTO ${table.name} (${columns.map(({ name }) => name).join(", ")}) SELECT * FROM unnest(${lists.join(", ")})`;
        await ask(client, statement, columnsAsLists(rows, columns.length));
      },
    });
    for (const { name, isNumbered } of tables) if (isNumbered === true) await ask(client, goOnBehind(name));
    return result;
  });
};

async function transact<Result>(
  pool: PostgresPool,
  beginning: readonly string[],
  work: (client: PostgresClient) => Promise<Result>,
): Promise<Result> {
  const client = await guardStorage(pool.connect());
  try {
    for (const text of beginning) await guardStorage(client.query({ text }));
    const result = await work(client);
    await guardStorage(client.query({ text: "COMMIT" }));
    client.release();
    return result;
  } catch (error) {
    client.release(true); // what was not committed is undone
    throw error;
  }
}

const readOn =
  (client: PostgresClient): Read =>
  (statement, parameters = {}) =>
    ask(client, statement, parameters);

const ask = async (client: PostgresClient, statement: string, parameters: PostgresParameters = {}): Promise<readonly Row[]> =>
  rowsOf(await guardStorage(client.query(queryOf(statement, parameters))));

const typeOf: Readonly<Record<ColumnKind, string>> = { text: "TEXT", integer: "BIGINT", bytes: "BYTEA" };

const columnsAsLists = (rows: readonly Row[], width: number): PostgresParameters =>
  Object.fromEntries(Array.from({ length: width }, (_, index) => [`c${index}`, rows.map((row): Value => row[index] ?? null)]));

/** The next id is the one behind the highest. */
const goOnBehind = (table: string): string =>
  `SELECT setval(pg_get_serial_sequence('${table}', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM ${table}`;
