import { parseArgs } from "node:util";
import { type StoreKind, storeKinds } from "./database.ts";
import { numberUpTo, oneOf, wholeNumber } from "./flag-values.ts";

export interface SoakFlags {
  readonly store: StoreKind;
  readonly minutes: number;
  /** Requests a second. */
  readonly rate: number;
  /** How many MB the memory may grow by after the first third. */
  readonly growth: number;
}

/** @throws Error on a flag that is none, or a value that is no number in its range. */
export function readSoakFlags(args: readonly string[]): SoakFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: "string", default: "sqlite" },
      minutes: { type: "string", default: "10" },
      rate: { type: "string", default: "200" },
      growth: { type: "string", default: "30" },
    },
  });
  return {
    store: oneOf("store", values.store, storeKinds),
    minutes: numberUpTo("minutes", values.minutes, 1440),
    rate: wholeNumber("rate", values.rate, 5000),
    growth: wholeNumber("growth", values.growth, 10_000),
  };
}
