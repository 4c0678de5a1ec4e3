/** The thread of `SqliteReader`: a connection that only reads. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { Row } from "../sql/rows.ts";
import type { ReadAnswer, ReadRequest } from "./reader.ts";

const database = new DatabaseSync(String(workerData), { readOnly: true });
database.exec("PRAGMA busy_timeout = 5000; PRAGMA mmap_size = 1073741824; PRAGMA query_only = ON;");
const statements = new Map<string, StatementSync>();

function prepare(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  statements.set(sql, statement);
  return statement;
}

function read({ id, sql, values }: ReadRequest): ReadAnswer {
  try {
    return { id, rows: prepare(sql).all(...(values as SQLInputValue[])) as unknown as Row[] };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: ReadRequest) => parentPort?.postMessage(read(request)));
