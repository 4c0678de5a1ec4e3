/** What a SQL store holds and does, seen from beside it. */
import type { PostgresStore } from "../src/store/postgres/postgres.ts";
import type { TransactionWork } from "../src/store/sql/database.ts";
import type { SqliteStore } from "../src/store/sqlite/sqlite.ts";

export type AnySqlStore = SqliteStore | PostgresStore;

/** The number of rows of each table. */
export async function sizesOf({ database }: AnySqlStore): Promise<Readonly<Record<string, number>>> {
  const tables =
    database.dialect === "sqlite"
      ? "SELECT name FROM sqlite_schema WHERE type = 'table'"
      : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
  const names = (await database.all(tables)).map(([name]) => String(name));
  const counts = names.map(async (name) => [name, Number((await database.get(`SELECT count(*) FROM ${name}`))?.[0])] as const);
  return Object.fromEntries(await Promise.all(counts));
}

/** From now on: the rows that each transaction changed. */
export function rowsOfTransactions({ database }: AnySqlStore): readonly number[] {
  const rows: number[] = [];
  const commit: AnySqlStore["database"]["commit"] = database.commit.bind(database);
  const counting = <Result>(work: TransactionWork<Result>): TransactionWork<Result> =>
    function* (record) {
      let changed = 0;
      const counted = work(record);
      let next = counted.next();
      while (next.done !== true) {
        const answer = yield next.value;
        if (next.value.kind === "run") changed += Number(answer);
        next = counted.next(answer);
      }
      rows.push(changed);
      return next.value;
    };
  database.commit = (work, claims) => commit(counting(work), claims);
  return rows;
}
