import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { Store } from "./database.ts";

export const help = `npm run crash -- [options]

Kills the server under load, starts it again, and compares everything that it had acknowledged with what it says then:
tokens, rotations, revocations, registrations, sign-ins and audit events.

  --cycles N      how often (default 20)
  --store NAME    sqlite (default) or postgres
  --seed TEXT     repeats which deeds are done and when the server is killed (default: drawn, and said)
  --signal NAME   SIGKILL (default), SIGTERM, SIGINT or SIGHUP; but for SIGKILL, every accepted request must be answered
  --twice         the signal is sent a second time while the server stops
  --kill WHAT     server (default); migration: the server, while it brings an older database up to date;
                  database: PostgreSQL, under a server that goes on and must answer 503 with Retry-After meanwhile

What this cannot show: a killed process leaves what it has written to the operating system, and the system brings it to the
disk. Power loss takes that too. That nothing acknowledged is lost then rests on the order of write, sync and answer, on
the database, and on a disk that does not lie about a sync. docs/reliability.md shows the order.
A seed does not repeat a run to the instruction: the operating system has a part in what happens when.
Exit code 1 where anything acknowledged was lost, anything revoked came back, or anything was accepted twice.
`;

const signals = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const;
const stores = ["sqlite", "postgres"] as const satisfies readonly Store[];
const victims = ["server", "migration", "database"] as const;

export interface Flags {
  readonly cycles: number;
  readonly store: Store;
  readonly seed: string;
  readonly signal: (typeof signals)[number];
  readonly twice: boolean;
  readonly kill: (typeof victims)[number];
  readonly help: boolean;
}

/** @throws Error on a flag that is none, or a value that is not one of its own. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cycles: { type: "string", default: "20" },
      store: { type: "string", default: "sqlite" },
      seed: { type: "string", default: randomBytes(4).toString("hex") },
      signal: { type: "string", default: "SIGKILL" },
      twice: { type: "boolean", default: false },
      kill: { type: "string", default: "server" },
      help: { type: "boolean", default: false },
    },
  });
  const flags: Flags = {
    cycles: wholeNumber("cycles", values.cycles, 100_000),
    store: oneOf("store", values.store, stores),
    seed: values.seed,
    signal: oneOf("signal", values.signal, signals),
    twice: values.twice,
    kill: oneOf("kill", values.kill, victims),
    help: values.help,
  };
  refuseContradictions(flags);
  return flags;
}

function refuseContradictions({ kill, signal, twice, store }: Flags): void {
  if (twice && signal === "SIGKILL") throw new Error("--twice goes with SIGTERM, SIGINT or SIGHUP");
  if (kill !== "server" && signal !== "SIGKILL") throw new Error(`--signal goes with --kill server, and not with ${kill}`);
  if (kill === "database" && store !== "postgres") throw new Error("--kill database goes with --store postgres: SQLite has no process");
  if (kill === "migration" && store !== "sqlite") throw new Error("--kill migration makes an older database of SQLite");
}

function oneOf<const Word extends string>(flag: string, value: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new Error(`--${flag} is ${words.join(" or ")}`);
  return found;
}

function wholeNumber(flag: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > most) throw new Error(`--${flag} is a whole number from 1 to ${most}`);
  return number;
}
