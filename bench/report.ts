import { availableParallelism } from "node:os";
import type { Flags } from "./flags.ts";
import { type Limit, limitOf, memoryLimit, startLimit } from "./limits.ts";
import { type Operation, type OperationName, operations } from "./operations.ts";
import type { Memory } from "./process-usage.ts";
import type { Start } from "./server-process.ts";
import type { Summary } from "./summary.ts";

/** Everything about one server. */
export interface Measured {
  readonly name: string;
  readonly start: Start;
  readonly memory: { readonly idle: number; readonly peak: Memory["peak"] };
  /** By the row of the report: an operation of ours, beside which floor may do another. */
  readonly operations: Readonly<Record<string, Summary>>;
}

export interface Comparison {
  readonly ours: Measured;
  readonly floor: Measured;
}

/** A figure of ours beside the one that it must not exceed. */
interface Line {
  readonly what: string;
  readonly figure: number;
  readonly limit: number;
  readonly unit: string;
}

/** The tables, in Markdown, and what is over its limit. */
export function report(comparison: Comparison, flags: Flags, args: readonly string[]): string {
  const lines = [...perOperation(comparison, flags), ...absolutes(comparison.ours)];
  const over = lines.filter(({ figure, limit }) => figure > limit);
  return `
${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${availableParallelism()} cores, ${counted(flags.connections)}: \`${command(args)}\`

${operationTable(comparison, flags)}

${processTable(comparison)}

${over.map(({ what, figure, limit, unit }) => `- ${what} is over its limit: ${decimal(figure, 2)} ${unit}, allowed ${limit}`).join("\n") || "Nothing is over its limit."}
${failures(comparison)}`;
}

/** As it is typed again: where the figures were written to is nobody's business. */
function command(args: readonly string[]): string {
  const flags = args
    .join(" ")
    .replace(/ ?--out[ =][^ ]+/, "")
    .trim();
  return flags === "" ? "npm run bench" : `npm run bench -- ${flags}`;
}

function operationTable({ ours, floor }: Comparison, flags: Flags): string {
  const rows = flags.operations.map((name) => {
    const [our, their] = [ours.operations[name], floor.operations[name]];
    const beside = (of: (summary: Summary) => number, digits: number): string =>
      [our, their].map((summary) => (summary === undefined ? "–" : decimal(of(summary), digits))).join(" / ");
    const limit = limitOf(name, flags.connections);
    return row([
      labelOf(name),
      decimal(our?.cpu, 0),
      decimal(their?.cpu, 0) + aside(limit, name),
      decimal(ratio(our, their), 2),
      limit.kind === "ratio" ? String(limit.most) : `p99 ${limit.most} ms`,
      beside(({ perSecond }) => perSecond, 0),
      beside(({ p50 }) => p50, 2),
      beside(({ p99 }) => p99, 2),
    ]);
  });
  const head = row([
    "operation",
    "CPU µs per unit",
    "floor's",
    "ratio",
    "limit",
    "units per second / floor's",
    "p50 ms / floor's",
    "p99 ms / floor's",
  ]);
  return [head, row(["---", ..."-------".split("").map(() => "--:")]), ...rows].join("\n");
}

/** The operation, with how it is done where the flags do not say it. */
function labelOf(name: OperationName): string {
  const { connections }: Operation = operations[name];
  return connections === undefined ? name : `${name}, ${counted(connections)}`;
}

const counted = (connections: number): string => `${connections} connection${connections === 1 ? "" : "s"}`;

/** Says what floor did, where it was not the same. */
const aside = (limit: Limit, name: OperationName): string => (limit.kind === "ratio" && limit.of !== name ? ` (${limit.of})` : "");

function processTable({ ours, floor }: Comparison): string {
  const line = (what: string, of: (measured: Measured) => number, limit?: number): string =>
    row([what, decimal(of(ours), 0), decimal(of(floor), 0), limit === undefined ? "" : String(limit)]);
  return [
    row(["process", "Vouchsafe", "floor", "limit"]),
    row(["---", "--:", "--:", "--:"]),
    line("start to the first 200, ms", ({ start }) => start.wall, startLimit),
    line("CPU until then, ms", ({ start }) => start.cpu),
    line("memory idle, MB", ({ memory }) => memory.idle, memoryLimit.idle),
    line("memory at its peak, MB", ({ memory }) => memory.peak, memoryLimit.peak),
  ].join("\n");
}

function perOperation({ ours, floor }: Comparison, flags: Flags): Line[] {
  return flags.operations.map((name): Line => {
    const limit = limitOf(name, flags.connections);
    const [our, their] = [ours.operations[name], floor.operations[name]];
    const what = labelOf(name);
    if (limit.kind === "p99") return { what: `${what}: p99`, figure: our?.p99 ?? Number.NaN, limit: limit.most, unit: "ms" };
    return { what, figure: ratio(our, their), limit: limit.most, unit: `× floor${limit.of === name ? "" : `'s ${limit.of}`}` };
  });
}

const absolutes = ({ start, memory }: Measured): Line[] => [
  { what: "start", figure: start.wall, limit: startLimit, unit: "ms" },
  { what: "memory idle", figure: memory.idle, limit: memoryLimit.idle, unit: "MB" },
  { what: "memory at its peak", figure: memory.peak, limit: memoryLimit.peak, unit: "MB" },
];

/** A round with failures has measured something else. */
function failures({ ours, floor }: Comparison): string {
  return [ours, floor]
    .flatMap(({ name, operations }) => Object.entries(operations).map(([operation, summary]) => ({ name, operation, summary })))
    .filter(({ summary }) => summary.failures > 0)
    .map(({ name, operation, summary }) => `- ${operation} on ${name}: ${summary.failures} units failed, so its figures mean nothing\n`)
    .join("");
}

function ratio(ours: Summary | undefined, floor: Summary | undefined): number {
  return (ours?.cpu ?? Number.NaN) / (floor?.cpu ?? Number.NaN);
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const decimal = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);
