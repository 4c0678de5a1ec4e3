/** Loaded before the server, in a benchmark only: a store whose audit writes nothing. What it leaves out is what auditing costs. */
import { SqliteDatabase } from "../packages/vouchsafe/dist/store/sqlite/sqlite.js";

const { commit } = SqliteDatabase.prototype;
SqliteDatabase.prototype.commit = function (this: SqliteDatabase, work, ...more) {
  return commit.call(this, () => work(() => {}), ...more);
} as typeof commit;
