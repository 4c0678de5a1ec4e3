import { parseArgs } from "node:util";
import { type StoreKind, storeKinds } from "./database.ts";
import { numberUpTo, oneOf, wholeNumber } from "./flag-values.ts";

export interface ScaleFlags {
  readonly stores: readonly StoreKind[];
  /** How many tokens the databases hold, the smallest first. */
  readonly sizes: readonly number[];
  /** The length of a chain. */
  readonly refreshes: number;
  readonly rounds: number;
  /** A round ends after this many seconds. */
  readonly seconds: number;
  readonly connections: number;
  /** A file for everything that was measured, as JSON. */
  readonly out: string | undefined;
}

/** @throws Error on a flag that is none, or a value that is no number in its range. */
export function readScaleFlags(args: readonly string[]): ScaleFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: "string", default: storeKinds.join(",") },
      sizes: { type: "string", default: "1000,100000,1000000" },
      refreshes: { type: "string", default: "5000" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "1.5" },
      connections: { type: "string", default: "16" },
      out: { type: "string" },
    },
  });
  return {
    stores: values.store.split(",").map((name) => oneOf("store", name, storeKinds)),
    sizes: values.sizes
      .split(",")
      .map((size) => wholeNumber("sizes", size, 100_000_000))
      .toSorted((a, b) => a - b),
    refreshes: wholeNumber("refreshes", values.refreshes, 1_000_000),
    rounds: wholeNumber("rounds", values.rounds, 100),
    seconds: numberUpTo("seconds", values.seconds, 60),
    connections: wholeNumber("connections", values.connections, 64),
    out: values.out,
  };
}
