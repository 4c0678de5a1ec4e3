import { type RowCounts, TransferError } from "vouchsafe/sqlite";
import { FileExists } from "../backup/new-file.ts";
import { DatabaseInUse, DatabaseNotEmpty, NotPutBack } from "../backup/refusals.ts";
import { listed } from "../counted.ts";
import { CommandError, exitCode } from "../exit.ts";

/** Why a database was not copied or not put back, as a command says it. */
export async function inWords<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw refusal(error) ?? error;
  }
}

function refusal(error: unknown): CommandError | undefined {
  if (error instanceof FileExists) return new CommandError(exitCode.failure, `${error.message}: with --force it is replaced.`);
  if (error instanceof DatabaseInUse)
    return new CommandError(exitCode.failure, `Nothing was changed: ${error.message}. Stop every server first.`);
  if (error instanceof DatabaseNotEmpty)
    return new CommandError(exitCode.failure, `Nothing was changed: ${whatIsThere(error.rows)} With --force that is lost.`);
  if (error instanceof NotPutBack) return new CommandError(exitCode.failure, `Nothing was changed: ${error.message}.`);
  if (error instanceof TransferError)
    return new CommandError(error.kind === "newer" ? exitCode.storage : exitCode.failure, `Nothing was changed: ${error.message}.`);
  if (error instanceof Error && "syscall" in error) return new CommandError(exitCode.failure, `Nothing was changed: ${error.message}.`);
  if (error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")
    return new CommandError(exitCode.storage, `Vouchsafe cannot use its storage: ${error.message}. Nothing was changed.`);
  return undefined;
}

function whatIsThere(rows: RowCounts | undefined): string {
  if (rows === undefined) return "there is a database that cannot be read.";
  const parts = Object.entries(nonZero(rows)).map(([table, count]) => `${table} (${count})`);
  return `the database holds ${listed(parts)}.`;
}

export const nonZero = (rows: RowCounts): RowCounts => Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0));
