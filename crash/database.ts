import { join } from "node:path";

/** Which database the server keeps everything in. */
export type Store = "sqlite" | "postgres";

/** A database that outlives the server. */
export interface Database {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function openDatabase(store: Store, directory: string): Promise<Database> {
  if (store === "sqlite") return { url: `file:${join(directory, "vouchsafe.db")}`, close: async () => {} };
  throw new Error("not yet");
}
