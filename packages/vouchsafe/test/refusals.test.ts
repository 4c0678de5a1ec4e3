import { describe, expect, it } from "vitest";
import { RefusalLog, type SingleRefusal } from "../src/refusals.ts";
import { memory } from "../src/store/memory/memory.ts";
import type { Store } from "../src/store/store.ts";

const wrongSecret = (at: number, clientId = "budget"): SingleRefusal => ({
  at,
  type: "client.authentication_failed",
  endpoint: "token",
  reason: "client secret is wrong",
  clientId,
});
const aLog = () => {
  const store = memory();
  const errors: unknown[] = [];
  const log = new RefusalLog(store, (error) => errors.push(error));
  const counts = () => store.events.map((event) => ("count" in event ? event.count : 0));
  return { store, log, errors, counts };
};

describe("refusals in the audit", () => {
  it("records the first of its kind at once", () => {
    const { log, store } = aLog();
    log.note("wrong secret", wrongSecret(1));
    expect(store.events).toEqual([{ ...wrongSecret(1), count: 1 }]);
  });

  it("records repetitions within the minute as one more, with their number and the last of them", async () => {
    const { log, store } = aLog();
    for (let at = 1; at <= 5; at++) log.note("wrong secret", wrongSecret(at));
    expect(store.events).toHaveLength(1);
    await log.flush();
    expect(store.events.slice(1)).toEqual([{ ...wrongSecret(5), count: 4 }]);
    await log.flush();
    expect(store.events).toHaveLength(2);
  });

  it("keeps different kinds apart", async () => {
    const { log, counts } = aLog();
    for (const kind of ["secret", "verifier", "secret"]) log.note(kind, wrongSecret(1));
    await log.flush();
    expect(counts()).toEqual([1, 1, 1]);
  });

  it("records by itself what was repeated in the minute before", async () => {
    const { log, counts } = aLog();
    for (const at of [59_000, 59_001, 59_002, 60_000]) log.note("wrong secret", wrongSecret(at));
    await Promise.resolve();
    expect(counts().toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
  });

  it("makes no flood of writes of a flood of different refusals, and loses none of them", async () => {
    const { log, store, counts } = aLog();
    for (let kind = 0; kind < 5000; kind++) log.note(`kind ${kind}`, wrongSecret(1));
    expect(store.events.length).toBeLessThanOrEqual(1001);
    await log.flush();
    expect(counts().reduce((sum, count) => sum + count)).toBe(5000);
  });

  it("reports a store that fails, and records what happened meanwhile once it can", async () => {
    const errors: unknown[] = [];
    const lost = new Error("the disk is full");
    const disk = { isFull: true };
    const store = memory();
    const record: Store["record"] = (events) => (disk.isFull ? Promise.reject(lost) : store.record(events));
    const log = new RefusalLog({ ...store, record }, (error) => errors.push(error));
    for (const at of [1, 2, 3]) log.note("wrong secret", wrongSecret(at));
    await log.flush();
    log.note("wrong secret", wrongSecret(4));
    expect(errors).toEqual([lost, lost]);
    disk.isFull = false;
    await log.flush();
    await log.flush();
    expect(store.events).toEqual([{ ...wrongSecret(4), count: 4 }]);
  });

  it("stays small however long the store fails", async () => {
    const store = memory();
    const disk = { isFull: true };
    const record: Store["record"] = (events) => (disk.isFull ? Promise.reject(new Error("the disk is full")) : store.record(events));
    const log = new RefusalLog({ ...store, record }, () => {});
    for (let kind = 0; kind < 3000; kind++) {
      log.note(`kind ${kind}`, wrongSecret(kind));
      if (kind % 500 === 0) await log.flush();
    }
    await log.flush();
    disk.isFull = false;
    await log.flush();
    expect(store.events.length).toBeLessThanOrEqual(1001);
    expect(store.events.reduce((sum, event) => sum + ("count" in event ? event.count : 0), 0)).toBe(3000);
  });
});
