import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StorageError } from "vouchsafe";
import { createFailureLog } from "../src/failure-log.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aLog() {
  const lines: Record<string, unknown>[] = [];
  const log = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields });
  const fail = createFailureLog({ debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") });
  return { fail, linesSince: () => lines.splice(0) };
}

const full = new StorageError("unavailable", "database or disk is full");

describe("failures in the log", () => {
  it("has the first one at once, with its request", () => {
    const { fail, linesSince } = aLog();
    fail(full, "r-1");
    expect(linesSince()).toEqual([{ level: "error", message: "storage failed", requestId: "r-1", error: "database or disk is full" }]);
  });

  it("counts what repeats it, in one line a minute, as long as it goes on; and says when it is over", () => {
    const { fail, linesSince } = aLog();
    for (let request = 1; request <= 500; request++) fail(full, `r-${request}`);
    expect(linesSince()).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    const error = "database or disk is full";
    expect(linesSince()).toEqual([{ level: "error", message: "goes on failing", requestId: "r-500", error, times: 499, seconds: 60 }]);
    fail(full, "r-501");
    expect(linesSince()).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(linesSince()).toMatchObject([{ message: "goes on failing", times: 1 }]);
    vi.advanceTimersByTime(60_000);
    expect(linesSince()).toEqual([{ level: "info", message: "has not failed for a minute", requestId: "r-501", error }]);
    vi.advanceTimersByTime(600_000);
    expect(linesSince()).toEqual([]);
    fail(full, "r-502");
    expect(linesSince()).toMatchObject([{ message: "storage failed", requestId: "r-502" }]);
  });

  it("tells different failures apart, and has a fault of ours with the place where it arose", () => {
    const { fail, linesSince } = aLog();
    fail(full, "r-1");
    fail(new StorageError("unavailable", "database is locked"), "r-2");
    fail(new TypeError("a fault of ours"), "r-3");
    const lines = linesSince();
    expect(lines).toMatchObject([
      { message: "storage failed", error: "database or disk is full" },
      { message: "storage failed", error: "database is locked" },
      { message: "something broke", requestId: "r-3" },
    ]);
    expect(lines[2]?.["error"]).toMatch(/^TypeError: a fault of ours\n +at /);
  });

  it("stays bounded where every failure reads differently", () => {
    const { fail, linesSince } = aLog();
    for (let kind = 0; kind < 5000; kind++) fail(new Error(`fault ${kind}`), "r");
    expect(linesSince().length).toBeLessThanOrEqual(101);
    vi.advanceTimersByTime(60_000);
    expect(linesSince().reduce((sum, { times }) => sum + (Number(times) || 0), 0)).toBe(4899);
  });
});
