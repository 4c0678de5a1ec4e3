import { statSync } from "node:fs";
import { StorageError } from "../store.ts";

/**
 * Remembers which file is at this path. The result throws a `StorageError` `unavailable` where it is there no more: SQLite goes
 * on writing a file that was removed or replaced, and all of that would be gone with the process.
 */
export function rememberFile(path: string): () => void {
  const opened = fileAt(path);
  return () => {
    const found = fileAt(path);
    if (found === opened) return;
    const what = found === undefined ? "is gone: put it back" : "is another one than the one that was opened: start again";
    throw new StorageError("unavailable", `the database ${path} ${what}`);
  };
}

/** Tells files apart, whatever they are called. */
function fileAt(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
