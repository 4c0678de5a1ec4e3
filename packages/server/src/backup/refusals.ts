import type { RowCounts } from "vouchsafe/sqlite";

/** Why nothing was put into a database. Nothing was changed. */
export class NotPutBack extends Error {}

/** The file is no backup that can be put back. */
export class UnusableBackup extends NotPutBack {}

/** A server, or another command, has the database open. */
export class DatabaseInUse extends NotPutBack {}

/** The database has rows already. */
export class DatabaseNotEmpty extends NotPutBack {
  /** Undefined: it cannot be read. */
  readonly rows: RowCounts | undefined;

  constructor(rows: RowCounts | undefined) {
    super("the database is not empty");
    this.rows = rows;
  }
}

/** @throws DatabaseNotEmpty */
export function refuseRows(rows: RowCounts | undefined): void {
  if (rows === undefined || Object.values(rows).some((count) => count > 0)) throw new DatabaseNotEmpty(rows);
}
