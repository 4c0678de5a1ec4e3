import type { OperationName } from "./operations.ts";

/** What we allow ourselves of CPU per unit: so many times the yardstick's. */
export function limitOf(operation: OperationName, connections: number): number {
  if (connections === 1) return operation === "flow" ? 1.75 : 1.5;
  return underLoad[operation];
}

/** Stated for 32 connections. */
const underLoad: Readonly<Record<OperationName, number>> = {
  discovery: 1.5,
  flow: 1.4,
  refresh: 1.3,
  bearer: 1.55,
  registration: 1.2,
  revoke: 1.3,
  client_credentials: 1.25,
  introspect: 1.4,
};

/** From the start of the process to the first 200, in milliseconds. */
export const startLimit = 300;

/** Resident memory, in MB. */
export const memoryLimit = { idle: 85, peak: 160 } as const;
