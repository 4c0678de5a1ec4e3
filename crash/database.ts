import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectTo } from "../packages/vouchsafe/test/a-postgres/connection.ts";
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
  /** Waits until nothing is decided any more that a killed server had sent: its sessions finish what they have been told. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** An empty one, on the disk: a commit of PostgreSQL waits for it as it does where nobody tests. */
export async function openDatabase(store: Store, directory: string): Promise<Database> {
  if (store === "sqlite") {
    const file = join(directory, "vouchsafe.db");
    return { url: `file:${file}`, file, processes: undefined, settled: async () => {}, close: async () => {} };
  }
  const postgres = await startPostgres({ fsync: true });
  const url = await postgres.newDatabase();
  return {
    url,
    file: undefined,
    processes: { kill: () => postgres.kill("SIGKILL"), start: () => postgres.start() },
    settled: () => withoutSessions(url),
    close: () => postgres.stop(),
  };
}

const otherSessions = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

/** How long they may take, in milliseconds. */
const patience = 20_000;

async function withoutSessions(url: string): Promise<void> {
  const client = await connectTo(url);
  try {
    const giveUpAt = performance.now() + patience;
    for (;;) {
      const { rows } = await client.query<{ count: number }>(otherSessions);
      if (rows[0]?.count === 0) return;
      if (performance.now() > giveUpAt) throw new Error("sessions of a killed server are still there");
      await pause(5);
    }
  } finally {
    await client.end();
  }
}
