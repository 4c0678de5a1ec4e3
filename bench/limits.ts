import type { OperationName } from "./operations.ts";

/** What we allow ourselves. */
export type Limit =
  /** Of CPU per unit: so many times what floor takes for one of its operations. */
  | { readonly kind: "ratio"; readonly most: number; readonly of: OperationName }
  /** Of wall time, in milliseconds: for all but the slowest hundredth of the units. */
  | { readonly kind: "p99"; readonly most: number };

export function limitOf(operation: OperationName, connections: number): Limit {
  const limit = limits[operation];
  if (typeof limit !== "number") return limit;
  const alone = operation === "flow" ? 1.75 : 1.5;
  return { kind: "ratio", most: connections === 1 ? alone : limit, of: operation };
}

/** What floor does while we do this operation; undefined where it has nothing to be compared with. */
export function counterpartOf(operation: OperationName): OperationName | undefined {
  const limit = limits[operation];
  if (typeof limit === "number") return operation;
  return limit.kind === "ratio" ? limit.of : undefined;
}

/** Stated for 32 connections. A number is the ratio to floor's operation of the same name. */
const limits: Readonly<Record<OperationName, number | Limit>> = {
  discovery: 1.5,
  flow: 1.4,
  refresh: 1.3,
  bearer: 1.55,
  registration: 1.2,
  revoke: 1.3,
  client_credentials: 1.25,
  introspect: 1.4,
  // Floor's page says next to nothing. Ours is held to the cheapest thing that floor does for whoever is known to it.
  consent: { kind: "ratio", most: 2.5, of: "bearer" },
  // Floor has no such page.
  connected_apps: { kind: "p99", most: 50 },
};

/** From the start of the process to the first 200, in milliseconds. */
export const startLimit = 300;

/** Resident memory, in MB. */
export const memoryLimit = { idle: 85, peak: 160 } as const;
