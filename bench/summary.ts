import type { Round } from "./round.ts";

/** The medians of all rounds of one operation on one server. */
export interface Summary extends Pick<Round, "cpu" | "perSecond" | "p50" | "p99"> {
  readonly rounds: number;
  readonly units: number;
  readonly failures: number;
  readonly leastCpu: number;
  readonly mostCpu: number;
}

export function summarise(rounds: readonly Round[]): Summary {
  const total = (of: (round: Round) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  const cpu = rounds.map((round) => round.cpu);
  return {
    cpu: median(cpu),
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
    rounds: rounds.length,
    units: total(({ units }) => units),
    failures: total(({ failures }) => failures),
    leastCpu: Math.min(...cpu),
    mostCpu: Math.max(...cpu),
  };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
