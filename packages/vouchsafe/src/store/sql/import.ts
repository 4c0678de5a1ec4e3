import { CopyReader } from "./copy-reader.ts";
import type { Loader, SqlDatabase } from "./database.ts";
import { everybody, statements } from "./statements.ts";
import type { Table } from "./tables.ts";
import { type CopyHead, type OnProgress, type RowCounts, TransferError } from "./transfer.ts";

export interface ImportOptions {
  /** Looks at the head before anything is changed; whatever it throws ends the import. */
  readonly check?: (head: CopyHead) => void;
  /** Removes what these tables hold, instead of refusing. */
  readonly replaces?: boolean;
  /** For an older state that is put back: codes made before are refused, since nothing in it tells which were redeemed since. */
  readonly codesVoidBefore?: number;
  readonly onProgress?: OnProgress;
}

/**
 * Takes in a portable copy, made by any engine: all of it or, whatever happens meanwhile, nothing. Nobody else writes to the
 * tables until it has ended.
 * @param text the copy, in pieces of any size
 * @throws TransferError, StorageError
 */
export function importRows(
  database: SqlDatabase,
  tables: readonly Table[],
  text: AsyncIterable<string>,
  { check, replaces = false, codesVoidBefore, onProgress }: ImportOptions = {},
): Promise<RowCounts> {
  return database.load(tables, async (loader) => {
    const filled = await tablesWithRows(loader, tables);
    if (filled.length > 0 && !replaces) throw new TransferError("not-empty", `there are rows in ${filled.join(", ")}`);
    const reader = new CopyReader(tables);
    let done = 0;
    // One batch is written while the next one is read.
    let writing: Promise<void> | undefined;
    for await (const line of linesOf(text)) {
      const isFirst = reader.head === undefined;
      const batch = reader.take(line);
      if (isFirst && reader.head !== undefined) {
        check?.(reader.head);
        if (filled.length > 0) await loader.empty();
      }
      if (batch === undefined) continue;
      await writing;
      writing = loader.insert(batch);
      writing.catch(() => {}); // told by whoever waits for it, unless the copy breaks first
      done += batch.rows.length;
      onProgress?.(done, reader.head?.rows ?? done);
    }
    await writing;
    const counts = reader.counts();
    if (codesVoidBefore !== undefined) await loader.read(statements.voidCodes, { subject: everybody, before: codesVoidBefore });
    return counts;
  });
}

async function tablesWithRows(loader: Loader, tables: readonly Table[]): Promise<readonly string[]> {
  const filled: string[] = [];
  for (const { name } of tables) if ((await loader.read(`SELECT 1 FROM ${name} LIMIT 1`)).length > 0) filled.push(name);
  return filled;
}

/** Whole lines, without their breaks. What stands behind the last break is a line too. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
