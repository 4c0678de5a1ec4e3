import { join } from "node:path";
import { startPostgres } from "../packages/vouchsafe/test/a-postgres/server.ts";

/** Which database the server keeps everything in. */
export type Store = "sqlite" | "postgres";

/** A database that outlives the server. */
export interface Database {
  readonly url: string;
  /** Where it is one file. */
  readonly file: string | undefined;
  /** Where it has processes of its own: kills them, or starts them again on what they left. */
  readonly processes: { readonly kill: () => Promise<void>; readonly start: () => Promise<void> } | undefined;
  readonly close: () => Promise<void>;
}

/** An empty one, on the disk: a commit of PostgreSQL waits for it as it does where nobody tests. */
export async function openDatabase(store: Store, directory: string): Promise<Database> {
  if (store === "sqlite") {
    const file = join(directory, "vouchsafe.db");
    return { url: `file:${file}`, file, processes: undefined, close: async () => {} };
  }
  const postgres = await startPostgres({ fsync: true });
  return {
    url: await postgres.newDatabase(),
    file: undefined,
    processes: { kill: () => postgres.kill("SIGKILL"), start: () => postgres.start() },
    close: () => postgres.stop(),
  };
}
