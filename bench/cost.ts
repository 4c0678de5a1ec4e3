import { cpuBetween, readUsage, type Usage } from "./process-usage.ts";
import type { Stage } from "./stage.ts";
import type { Work } from "./target.ts";

/** What a unit costs, in microseconds of CPU. */
export interface Cost {
  readonly server: number;
  /** Of the database's own processes. */
  readonly database: number;
}

export interface WorkSoFar {
  readonly server: Usage;
  readonly beside: Work;
}

export async function readWork({ server, target }: Stage): Promise<WorkSoFar> {
  const beside = (await target.beside?.()) ?? { cpu: 0, logged: 0 };
  return { server: readUsage(server.pid), beside };
}

export const costBetween = (before: WorkSoFar, after: WorkSoFar, units: number): Cost => ({
  server: cpuBetween(before.server, after.server) / units,
  database: (after.beside.cpu - before.beside.cpu) / units,
});
