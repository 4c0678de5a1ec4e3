/** Loaded before the server, in a benchmark only: a store whose audit writes nothing. What it leaves out is what auditing costs. */
import { SqliteDatabase, type TransactionWork } from "vouchsafe/sqlite";

const commit = Reflect.get(SqliteDatabase.prototype, "commit") as SqliteDatabase["commit"];

Reflect.set(SqliteDatabase.prototype, "commit", function (this: SqliteDatabase, work: TransactionWork<unknown>): Promise<unknown> {
  return commit.call(this, () => work(() => {}));
});
