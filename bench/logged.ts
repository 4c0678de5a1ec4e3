import { type Field, measureOperation } from "./field.ts";

/** What PostgreSQL writes to its write-ahead log for a unit, in bytes. */
export interface Logged {
  readonly operation: string;
  /** The changes themselves. */
  readonly changes: number;
  /** With the images of pages that are changed for the first time after a checkpoint. */
  readonly afterCheckpoint: number;
}

const writing = ["refresh", "client_credentials", "flow", "revoke", "registration"] as const;

/** Nothing where the database keeps no such log. */
export async function measureLogged(field: Field, connections: number): Promise<readonly Logged[]> {
  const { desk } = field;
  if (desk.kind !== "postgres") return [];
  const measured: Logged[] = [];
  for (const name of writing) {
    const bytes = async (): Promise<number> => {
      await desk.settle();
      return (await measureOperation(field, name, { connections, units: 400, seconds: 5 })).beside.logged;
    };
    const afterCheckpoint = await bytes();
    await withoutImages(field, async () => void measured.push({ operation: name, changes: await bytes(), afterCheckpoint }));
  }
  return measured;
}

async function withoutImages({ desk }: Field, work: () => Promise<void>): Promise<void> {
  const set = async (value: "on" | "off"): Promise<void> => {
    await desk.rows(`ALTER SYSTEM SET full_page_writes = ${value}`);
    await desk.rows("SELECT pg_reload_conf()");
  };
  await set("off");
  await work();
  await set("on");
}
