import type { ChainCosts } from "./chain.ts";
import type { StoreKind } from "./database.ts";
import type { TableSize } from "./field.ts";
import type { Logged } from "./logged.ts";
import type { Round } from "./round.ts";
import { median } from "./summary.ts";

/** Everything that was measured of one store. */
export interface Scaled {
  readonly kind: StoreKind;
  readonly sizes: readonly number[];
  readonly refreshes: number;
  /** The rounds of every operation, by size. */
  readonly operations: Readonly<Record<string, readonly (readonly Round[])[]>>;
  readonly chain: ChainCosts;
  readonly logged: readonly Logged[];
  /** Of the largest database. */
  readonly tables: readonly TableSize[];
}

/** So many times as much CPU as over the smallest database, or at the beginning of a chain. */
const limit = 1.3;

/** What is over the limit, in words. */
export function over(scaled: Scaled): readonly string[] {
  const found: string[] = [];
  for (const [name, bySize] of Object.entries(scaled.operations)) {
    for (const [index, rounds] of bySize.entries()) {
      const ratio = ratioOf(rounds, bySize[0] ?? []);
      if (ratio > limit) found.push(`${name} costs ${ratio.toFixed(2)} × at ${grouped(scaled.sizes[index])} tokens${doubt(bySize)}`);
    }
  }
  if (scaled.chain.ratio > limit)
    found.push(`a refresh costs ${scaled.chain.ratio.toFixed(2)} × at the end of ${grouped(scaled.refreshes)}`);
  return found;
}

export function report(scaled: Scaled): string {
  return `
${scaled.kind}: CPU µs per unit (server + database), p50 / p99 ms

${operationTable(scaled)}
${chainLine(scaled)}
${loggedTable(scaled)}
${sizeTable(scaled)}
${
  over(scaled)
    .map((line) => `- over ${limit}: ${line}`)
    .join("\n") || `Nothing costs more than ${limit} times as much.`
}
`;
}

function operationTable({ sizes, operations }: Scaled): string {
  const head = row([
    "operation",
    ...sizes.flatMap((size, index) => [`${grouped(size)} tokens`, "p50 / p99", ...(index === 0 ? [] : ["ratio (least–most)"])]),
  ]);
  const rule = row(["---", ...Array.from({ length: sizes.length * 3 - 1 }, () => "--:")]);
  const rows = Object.entries(operations).map(([name, bySize]) =>
    row([
      name,
      ...bySize.flatMap((rounds, index) => [
        costOf(rounds),
        `${of(rounds, "p50").toFixed(2)} / ${of(rounds, "p99").toFixed(2)}`,
        ...(index === 0 ? [] : [spreadOf(rounds, bySize[0] ?? [])]),
      ]),
    ]),
  );
  return [head, rule, ...rows].join("\n");
}

function costOf(rounds: readonly Round[]): string {
  const [server, database] = [of(rounds, "cpu"), median(rounds.map(({ beside }) => beside.cpu))];
  return database === 0 ? server.toFixed(0) : `${(server + database).toFixed(0)} (${server.toFixed(0)} + ${database.toFixed(0)})`;
}

function chainLine({ chain, refreshes }: Scaled): string {
  const cost = ({ server, database }: ChainCosts["first"]): string => `${(server + database).toFixed(0)} µs`;
  return `
A chain of ${grouped(refreshes)} refreshes: the first hundred ${cost(chain.first)} each, the last hundred ${cost(chain.last)}: ${chain.ratio.toFixed(2)} ×
`;
}

function loggedTable({ logged }: Scaled): string {
  if (logged.length === 0) return "";
  const rows = logged.map(({ operation, changes, afterCheckpoint }) =>
    row([operation, ...[changes, afterCheckpoint].map((bytes) => grouped(Math.round(bytes)))]),
  );
  return [
    row(["write-ahead log, bytes per unit", "changes", "with images after a checkpoint"]),
    row(["---", "--:", "--:"]),
    ...rows,
    "",
  ].join("\n");
}

function sizeTable({ tables }: Scaled): string {
  const rows = tables.map(({ table, size, rows: count }) =>
    row([table === "" ? "whole file, per token" : table, grouped(count), (size / 2 ** 20).toFixed(1), (size / count).toFixed(0)]),
  );
  return [row(["table, with its indexes", "rows", "MB", "bytes per row"]), row(["---", "--:", "--:", "--:"]), ...rows, ""].join("\n");
}

const costIn = ({ cpu, beside }: Round): number => cpu + beside.cpu;

/** Round by round, each beside the one that was measured just before or after it. */
const ratiosOf = (rounds: readonly Round[], smallest: readonly Round[]): readonly number[] =>
  rounds.map((round, index) => costIn(round) / costIn(smallest[index] ?? round));

const ratioOf = (rounds: readonly Round[], smallest: readonly Round[]): number => median(ratiosOf(rounds, smallest));

function spreadOf(rounds: readonly Round[], smallest: readonly Round[]): string {
  const ratios = ratiosOf(rounds, smallest);
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

/** Where the rounds of the smallest database differ as much among themselves, the machine was too busy to tell. */
function doubt([smallest = []]: readonly (readonly Round[])[]): string {
  const costs = smallest.map(costIn);
  const spread = Math.max(...costs) / Math.min(...costs);
  return spread > limit
    ? ` (the rounds of the smallest differ ${spread.toFixed(2)} × among themselves: measure again when the machine is quiet)`
    : "";
}

const of = (rounds: readonly Round[], figure: "cpu" | "p50" | "p99"): number => median(rounds.map((round) => round[figure]));
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const grouped = (value: number | undefined): string => String(value ?? "–").replace(/\B(?=(\d{3})+$)/g, " ");
