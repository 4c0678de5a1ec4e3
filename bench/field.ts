import { type Database, type Desk, type StoreKind, startDatabase } from "./database.ts";
import type { KnownGrant } from "./known-tokens.ts";
import { populate } from "./population.ts";
import { openStage, type Stage } from "./stage.ts";
import { vouchsafe } from "./vouchsafe.ts";

/** A server over a database that holds so many tokens. */
export interface Field {
  readonly tokens: number;
  readonly stage: Stage;
  /** Some of the grants that the database was filled with. */
  readonly known: readonly KnownGrant[];
  readonly sizes: readonly TableSize[];
  readonly stop: () => Promise<void>;
}

/** Right after the database was filled. */
export interface TableSize {
  /** "" is the whole database. */
  readonly table: string;
  /** In bytes, with its indexes. */
  readonly size: number;
  readonly rows: number;
}

/** How many grants requests are about: as many in every database, so that size alone makes the difference. */
const knownGrants = 256;

export async function openField(kind: StoreKind, tokens: number, connections: number): Promise<Field> {
  const database = await startDatabase(kind);
  const stage = await openStage(vouchsafe({ format: "opaque", app: "registered", ...database.options }), connections);
  const desk = await database.open(stage.place);
  try {
    const resource = stage.target.resource?.(stage.place) ?? "";
    const known = await populate(desk, { tokens, resource, known: knownGrants });
    return { tokens, stage, known, sizes: await tableSizes(desk), stop: () => stop(stage, database) };
  } finally {
    await desk.close();
  }
}

async function tableSizes(desk: Desk): Promise<readonly TableSize[]> {
  const sizes: TableSize[] = [];
  for (const [table, size] of await desk.sizes()) {
    const counted = await desk.rows(`SELECT count(*) FROM ${table === "" ? "tokens" : table}`);
    sizes.push({ table, size, rows: Number(counted[0]?.[0]) });
  }
  return sizes.filter(({ rows }) => rows >= 1000).toSorted((a, b) => b.size - a.size);
}

async function stop({ server }: Stage, database: Database): Promise<void> {
  await server.stop();
  await database.stop();
}
