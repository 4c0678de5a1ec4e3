import { describe, expect, it } from "vitest";
import { memory } from "../src/store/memory/memory.ts";
import { StorageError, type Store } from "../src/store/store.ts";
import { UseLog } from "../src/uses.ts";

const minute = 60_000;

/** A log over a store whose disk can be full, and what was written. */
function aLog() {
  const disk = { isFull: false };
  const written: ReadonlyMap<string, number>[] = [];
  const errors: unknown[] = [];
  const noteUses: Store["noteUses"] = async (uses) => {
    if (disk.isFull) throw new StorageError("unavailable", "database or disk is full");
    written.push(uses);
  };
  const log = new UseLog({ ...memory(), noteUses }, (error) => errors.push(error));
  return { log, disk, written, errors };
}

describe("when grants were last used", () => {
  it("is written in one batch, to the minute, and not again within it", async () => {
    const { log, written } = aLog();
    for (const at of [minute, minute + 1, 2 * minute - 1]) log.note("budget", at);
    log.note("printer", minute);
    await log.flush();
    log.note("budget", 2 * minute - 1);
    await log.flush();
    expect(written).toEqual([
      new Map([
        ["budget", minute],
        ["printer", minute],
      ]),
    ]);
  });

  it("is kept while it cannot be written, and written once it can: the newest minute of each", async () => {
    const { log, disk, written, errors } = aLog();
    disk.isFull = true;
    log.note("budget", minute);
    log.note("printer", minute);
    await log.flush();
    log.note("budget", 2 * minute);
    await log.flush();
    expect(errors).toHaveLength(2);
    disk.isFull = false;
    await log.flush();
    expect(written.map((uses) => Object.fromEntries(uses))).toEqual([{ budget: 2 * minute, printer: minute }]);
  });

  it("asks a store that fails once for each flush, however much waits, and keeps no more than there is room for", async () => {
    const { log, disk, written, errors } = aLog();
    disk.isFull = true;
    for (let grant = 0; grant < 12_000; grant++) log.note(`grant ${grant}`, minute);
    await log.flush();
    for (let grant = 0; grant < 12_000; grant++) log.note(`grant ${grant}`, 2 * minute);
    await log.flush();
    expect(errors.length).toBeLessThanOrEqual(4);
    disk.isFull = false;
    await log.flush();
    expect(new Map(written.flatMap((uses) => [...uses])).size).toBe(10_000);
    // Whoever found no room is noted with the next use.
    log.note("grant 11999", 2 * minute + 1);
    await log.flush();
    expect(written.at(-1)).toEqual(new Map([["grant 11999", 2 * minute]]));
  });
});
