/** A few cycles of what `npm run crash` does for as long as one likes. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../../crash/ledger.ts";
import { crashMigration, type MigrationCycle } from "../../../crash/migration-crashes.ts";
import { crashDatabase, crashServer } from "../../../crash/server-crashes.ts";

/** On a machine that has much else to do, a cycle takes several times its usual one or two seconds. */
const timeout = 300_000;

/** Another one every time: what it found can be looked for again with `--seed`. */
const seed = randomBytes(4).toString("hex");

function expectNothingBroken({ findings }: Ledger): void {
  expect(findings, `npm run crash -- --seed ${seed}`).toEqual([]);
}

/** What was asked for without success cannot have been lost. */
const deedsNeverDone = ({ acknowledged }: Ledger): readonly string[] =>
  Object.entries(acknowledged).flatMap(([deed, count]) => (count === 0 ? [deed] : []));

describe("a server that is killed under load", () => {
  it.each([
    ["SQLite", "sqlite"],
    ["PostgreSQL", "postgres"],
  ] as const)(
    "has lost nothing that it acknowledged, revives nothing and accepts nothing twice, in 20 kills on %s",
    { timeout },
    async (_, store) => {
      const ledger = await crashServer({ cycles: 20, store, seed }, { signal: "SIGKILL", twice: false });
      expectNothingBroken(ledger);
      expect(deedsNeverDone(ledger)).toEqual([]);
      expect(ledger.inFlight).toBeGreaterThan(0);
      expect(ledger.checked).toBeGreaterThan(ledger.allAcknowledged);
    },
  );
});

describe("a server that is told to stop under load", () => {
  it.each([
    ["SQLite", "sqlite"],
    ["PostgreSQL", "postgres"],
  ] as const)(
    "answers every request that it accepted, loses none of them and ends with 0, five times on %s",
    { timeout },
    async (_, store) => {
      const ledger = await crashServer({ cycles: 5, store, seed }, { signal: "SIGTERM", twice: false });
      expectNothingBroken(ledger);
      expect(ledger.allAcknowledged).toBeGreaterThan(0);
      expect(ledger.inFlight).toBe(0);
    },
  );
});

describe("a PostgreSQL that is killed under load", () => {
  it("has lost nothing that was acknowledged, and the server is well again without a restart, three times", { timeout }, async () => {
    const ledger = await crashDatabase({ cycles: 3, store: "postgres", seed });
    expectNothingBroken(ledger);
    expect(ledger.allAcknowledged).toBeGreaterThan(0);
  });
});

describe("a server that is killed while it brings an older database up to date", () => {
  it("starts afterwards with everything that was in it, in 20 kills", { timeout }, async () => {
    const cycles: MigrationCycle[] = [];
    const ledger = await crashMigration({ cycles: 20, seed, onCycle: (cycle) => cycles.push(cycle) });
    expectNothingBroken(ledger);
    expect(cycles.filter(({ wasOld }) => wasOld).length).toBeGreaterThan(0);
  });
});
