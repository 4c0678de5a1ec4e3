import { createHash } from "node:crypto";
import type { Read, SqlDatabase } from "./database.ts";
import type { Row } from "./rows.ts";
import { columnsOf, type Table } from "./tables.ts";
import { type CopyEnd, type CopyHead, fingerprintSetting, format, type OnProgress, type RowCounts, toJson } from "./transfer.ts";

/** How many rows are read, and held, at once. */
const pageSize = 1000;

export interface ExportOptions {
  readonly onProgress?: OnProgress;
  readonly now?: () => number;
}

/**
 * Writes a portable copy of these tables, all of it as it was at one moment. Others read and write meanwhile. The copy holds
 * hashes, sealed keys and what is known about people.
 * @param write takes whole lines, and resolves when it can take more
 * @throws StorageError
 */
export function exportRows(
  database: SqlDatabase,
  tables: readonly Table[],
  write: (lines: string) => Promise<void>,
  { onProgress, now = Date.now }: ExportOptions = {},
): Promise<RowCounts> {
  return database.snapshot(async (read) => {
    const counts = await countIn(read, tables);
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const checksum = createHash("sha256");
    const put = async (lines: string): Promise<void> => {
      checksum.update(lines);
      await write(lines);
    };
    await put(`${JSON.stringify(await headOf(read, database.dialect, all, now()))}\n`);
    let done = 0;
    for (const table of tables) {
      await put(`${JSON.stringify({ table: table.name, columns: columnsOf(table).map(({ name }) => name) })}\n`);
      for await (const rows of pagesOf(read, table)) {
        await put(rows.map((row) => `${JSON.stringify(row.map(toJson))}\n`).join(""));
        done += rows.length;
        onProgress?.(done, all);
      }
    }
    await write(`${JSON.stringify({ end: counts, sha256: checksum.digest("base64url") } satisfies CopyEnd)}\n`);
    return counts;
  });
}

/** How many rows each of these tables has. */
export const countRows = (database: SqlDatabase, tables: readonly Table[]): Promise<RowCounts> =>
  database.snapshot((read) => countIn(read, tables));

async function countIn(read: Read, tables: readonly Table[]): Promise<RowCounts> {
  const counts: Record<string, number> = {};
  for (const { name } of tables) counts[name] = Number((await read(`SELECT count(*) FROM ${name}`))[0]?.[0]);
  return counts;
}

async function headOf(read: Read, engine: string, rows: number, now: number): Promise<CopyHead> {
  const [kept] = await read("SELECT value FROM settings WHERE name = :name", { name: fingerprintSetting });
  return {
    vouchsafe: "export",
    format,
    made_at: new Date(now).toISOString(),
    engine,
    rows,
    ...(kept === undefined ? {} : { secret_fingerprint: String(kept[0]) }),
  };
}

/** A page begins behind the last key of the one before. */
async function* pagesOf(read: Read, table: Table): AsyncGenerator<readonly Row[]> {
  const names = columnsOf(table).map(({ name }) => name);
  const key = table.key.split(" ");
  const [keys, bound] = [key.join(", "), key.map((name) => `:${name}`).join(", ")];
  const from = `SELECT ${names.join(", ")} FROM ${table.name}`;
  const order = `ORDER BY ${keys} LIMIT ${pageSize}`;
  for (let rows = await read(`${from} ${order}`); rows.length > 0; ) {
    yield rows;
    const last = rows.at(-1) ?? [];
    const after = Object.fromEntries(key.map((name) => [name, last[names.indexOf(name)]]));
    rows = rows.length < pageSize ? [] : await read(`${from} WHERE (${keys}) > (${bound}) ${order}`, after);
  }
}
