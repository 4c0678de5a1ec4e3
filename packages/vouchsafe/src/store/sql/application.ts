/** What an application may use of a store in SQL, whichever the engine is: for tables of its own, and to move all of them. */
export {
  all,
  type Claims,
  get,
  type Loader,
  type MigrationSteps,
  type Read,
  run,
  type SqlDatabase,
  type TransactionWork,
  type Work,
} from "./database.ts";
export { countRows, type ExportOptions, exportRows } from "./export.ts";
export { type ImportOptions, importRows } from "./import.ts";
export type { Parameters, Row, Value } from "./rows.ts";
export type { SqlStore } from "./store.ts";
export { columnsOf, leftBehind, libraryTables, type Table } from "./tables.ts";
export { type CopyHead, type OnProgress, type RowCounts, TransferError } from "./transfer.ts";
