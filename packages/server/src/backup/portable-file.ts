import { open } from "node:fs/promises";
import { exportRows, type OnProgress, type RowCounts, type SqlStore } from "vouchsafe/sqlite";
import { everyTable } from "../account-schema.ts";
import { makeFile } from "./new-file.ts";

/** Writes a portable copy of the whole database. @throws FileExists, StorageError */
export async function makePortable(store: SqlStore, path: string, replaces: boolean, onProgress: OnProgress): Promise<RowCounts> {
  let counts: RowCounts = {};
  await makeFile(path, replaces, async (temporary) => {
    const file = await open(temporary, "r+");
    try {
      counts = await exportRows(store.database, everyTable, (lines) => file.writeFile(lines), { onProgress });
    } finally {
      await file.close();
    }
  });
  return counts;
}

/** What a file of ours is, by how it begins. */
export type FileKind = "sqlite" | "portable" | "unknown";

export async function kindOfFile(path: string): Promise<FileKind> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0);
    const beginning = buffer.toString("latin1", 0, bytesRead);
    if (beginning.startsWith("SQLite format 3\0")) return "sqlite";
    return beginning.startsWith('{"vouchsafe":"export"') ? "portable" : "unknown";
  } finally {
    await file.close();
  }
}
