import { parseArgs } from "node:util";
import { numberUpTo, oneOf, wholeNumber } from "./flag-values.ts";
import { type OperationName, operations } from "./operations.ts";

export interface Flags {
  readonly operations: readonly OperationName[];
  /** How often each server is measured per operation. */
  readonly rounds: number;
  /** A round ends after this many seconds … */
  readonly seconds: number;
  /** … or this many units, whichever comes first. */
  readonly units: number;
  readonly connections: number;
  /** The format of our access tokens. */
  readonly format: "opaque" | "jwt";
  /** How our app is known: an operator registered it, or its id is the URL of a document. */
  readonly app: "registered" | "document";
  /** A file for everything that was measured, as JSON. */
  readonly out: string | undefined;
}

/** @throws Error on a flag that is none, or a value that is no number in its range. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ops: { type: "string", default: Object.keys(operations).join(",") },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "1.5" },
      n: { type: "string", default: "4000" },
      connections: { type: "string", default: "32" },
      format: { type: "string", default: "opaque" },
      app: { type: "string", default: "registered" },
      out: { type: "string" },
    },
  });
  return {
    operations: values.ops.split(",").map(operationName),
    rounds: wholeNumber("rounds", values.rounds, 100),
    seconds: numberUpTo("seconds", values.seconds, 60),
    units: wholeNumber("n", values.n, 1_000_000),
    connections: wholeNumber("connections", values.connections, 256),
    format: oneOf("format", values.format, ["opaque", "jwt"]),
    app: oneOf("app", values.app, ["registered", "document"]),
    out: values.out,
  };
}

function operationName(name: string): OperationName {
  if (!Object.hasOwn(operations, name)) throw new Error(`--ops: there is no ${name}; there are ${Object.keys(operations).join(", ")}`);
  return name as OperationName;
}
