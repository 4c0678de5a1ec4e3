import { describe, expect, it } from "vitest";
import { sparingly } from "../src/metrics/sparingly.ts";

/** A table that grows by one with each count, which takes so long; or cannot be read. */
function aTable(took: number) {
  const table = { now: 0, took, rows: 0, isAway: false };
  const count = async (): Promise<number> => {
    await Promise.resolve();
    if (table.isAway) throw new Error("the database is away");
    table.now += table.took;
    return ++table.rows;
  };
  return { table, ask: sparingly(count, () => table.now) };
}

/** When what is under way is done. */
const afterwards = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("what is counted sparingly", () => {
  it("is counted for everybody who asks while that takes no time worth speaking of", async () => {
    const { ask } = aTable(499);
    expect([await ask(), await ask(), await ask()]).toEqual([1, 2, 3]);
  });

  it("is counted once for all who ask at once", async () => {
    const { ask } = aTable(1);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  });

  it("stands for twenty times as long as it took, and is then counted again while nobody waits", async () => {
    const { table, ask } = aTable(3000);
    expect([await ask(), await ask()]).toEqual([1, 1]);
    table.now = 3000 + 59_999;
    expect([await ask(), table.rows]).toEqual([1, 1]);
    table.now = 3000 + 60_000;
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    await afterwards();
    expect([await ask(), table.rows]).toEqual([2, 2]);
  });

  it("is told by nobody any more where it could not be counted again", async () => {
    const { table, ask } = aTable(1000);
    await ask();
    [table.now, table.isAway] = [30_000, true];
    expect(await ask()).toBe(1);
    await afterwards();
    await expect(ask()).rejects.toThrow("away");
    table.isAway = false;
    expect(await ask()).toBe(2);
  });
});
