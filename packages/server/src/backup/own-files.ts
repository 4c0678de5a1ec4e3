import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type DatabaseAddress, secretFile } from "../environment.ts";

/** Whether a file of this name is one that the database consists of, or its secret: a copy in its place would be the end of both. */
export function isOwnFile(database: DatabaseAddress, path: string): boolean {
  if (database.kind !== "sqlite") return false;
  const own = [...["", "-wal", "-shm", "-journal"].map((end) => database.path + end), secretFile(database.path)];
  const identity = identityOf(path);
  return own.some((file) => file === resolve(path) || (identity !== undefined && identityOf(file) === identity));
}

/** The same for every name of a file, such as a link. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}
