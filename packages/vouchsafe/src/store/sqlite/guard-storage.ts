import { StorageError } from "../store.ts";

/** Every way in which SQLite says no becomes a `StorageError`. */
export function guardStorage<Result>(kind: StorageError["kind"], work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")
      throw new StorageError(kind, messageOf(error), error);
    throw error;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
