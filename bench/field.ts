import { type Desk, type StoreKind, startDatabase } from "./database.ts";
import { populate } from "./population.ts";
import { type Bounds, measureRound, type Round } from "./round.ts";
import { type ScaleOperations, scaleOperations } from "./scale-operations.ts";
import { openStage, type Stage } from "./stage.ts";
import { vouchsafe } from "./vouchsafe.ts";

/** A server over a database that holds so many tokens. */
export interface Field {
  readonly tokens: number;
  readonly stage: Stage;
  /** About some of the grants that the database was filled with. */
  readonly operations: ScaleOperations;
  readonly sizes: readonly TableSize[];
  readonly desk: Desk;
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
  const resource = stage.target.resource?.(stage.place) ?? "";
  const known = await populate(desk, { tokens, resource, known: knownGrants });
  const stop = async (): Promise<void> => {
    await desk.close();
    await stage.server.stop();
    await database.stop();
  };
  return { tokens, stage, operations: scaleOperations(known, stage), sizes: await tableSizes(desk), desk, stop };
}

/**
 * One round of an operation.
 * @throws Error where any of it failed: it has measured something else
 */
export async function measureOperation({ stage, operations }: Field, name: string, bounds: Bounds): Promise<Round> {
  const operation = operations[name];
  if (operation === undefined) throw new Error(`there is no operation ${name}`);
  const round = await measureRound(stage, operation, bounds);
  if (round.failures > 0) throw new Error(`${name}: ${round.failures} failed, the first because ${round.failure}`);
  return round;
}

async function tableSizes(desk: Desk): Promise<readonly TableSize[]> {
  const sizes: TableSize[] = [];
  for (const [table, size] of await desk.sizes()) {
    const counted = await desk.rows(`SELECT count(*) FROM ${table === "" ? "tokens" : table}`);
    sizes.push({ table, size, rows: Number(counted[0]?.[0]) });
  }
  return sizes.filter(({ rows }) => rows >= 1000).toSorted((a, b) => b.size - a.size);
}
