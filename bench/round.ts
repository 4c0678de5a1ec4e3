import { Connection } from "./connection.ts";
import type { Operation, Unit } from "./operations.ts";
import { cpuBetween, readUsage } from "./process-usage.ts";
import type { Stage } from "./stage.ts";
import { percentile } from "./summary.ts";
import type { Work } from "./target.ts";

/** One round of one operation on one server. */
export interface Round {
  readonly units: number;
  readonly failures: number;
  /** What the first failure said. */
  readonly failure: string | undefined;
  /** The server's CPU time per unit, in microseconds. */
  readonly cpu: number;
  /** What the processes beside it did per unit, where it has any. */
  readonly beside: Work;
  /** Units per second of wall time. */
  readonly perSecond: number;
  /** In milliseconds of wall time. */
  readonly p50: number;
  readonly p99: number;
}

export interface Bounds {
  readonly units: number;
  readonly seconds: number;
  readonly connections: number;
}

/** A server that answers wrongly is not worth waiting for. */
const mostFailures = 50;

export async function measureRound(stage: Stage, operation: Operation, bounds: Bounds): Promise<Round> {
  const connections = Array.from({ length: operation.connections ?? bounds.connections }, () => new Connection(stage.place.port));
  const units = Math.min(bounds.units, operation.most ?? bounds.units);
  try {
    await Promise.all(connections.map((connection) => connection.send({ path: stage.target.paths.metadata, status: 200 })));
    const unit = await operation.prepare(stage, connections, units);
    const besideBefore = await besides(stage);
    const before = readUsage(stage.server.pid);
    const from = performance.now();
    const driven = await drive(unit, connections, units, from + bounds.seconds * 1000);
    const seconds = (performance.now() - from) / 1000;
    const cpu = cpuBetween(before, readUsage(stage.server.pid));
    const besideAfter = await besides(stage);
    const { times, failures, failure } = driven;
    return {
      units: times.length,
      failures,
      failure,
      cpu: cpu / times.length,
      beside: {
        cpu: (besideAfter.cpu - besideBefore.cpu) / times.length,
        logged: (besideAfter.logged - besideBefore.logged) / times.length,
      },
      perSecond: times.length / seconds,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
    };
  } finally {
    for (const connection of connections) connection.close();
  }
}

const besides = async ({ target }: Stage): Promise<Work> => (await target.beside?.()) ?? { cpu: 0, logged: 0 };

/** Every connection does unit after unit, until the units or the time are used up. */
async function drive(unit: Unit, connections: readonly Connection[], units: number, until: number) {
  const times: number[] = [];
  let next = 0;
  let failures = 0;
  let failure: string | undefined;
  const work = async (connection: Connection, lane: number): Promise<void> => {
    while (next < units && failures < mostFailures && performance.now() < until) {
      const from = performance.now();
      try {
        await unit(connection, lane, next++);
        times.push(performance.now() - from);
      } catch (error) {
        failures++;
        failure ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(connections.map(work));
  return { times, failures, failure };
}
