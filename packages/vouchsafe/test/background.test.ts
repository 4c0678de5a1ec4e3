import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type MemoryStore, memory } from "../src/store/memory/memory.ts";
import { aServer } from "./a-server.ts";

/** One store, as a server of this name sees it: what it counts is noted. */
function seenBy(name: string, store: MemoryStore, counted: string[]): MemoryStore {
  const reports = {
    ...store.reports,
    countEvents: (most: number) => {
      counted.push(name);
      return store.reports.countEvents(most);
    },
  };
  return { ...store, reports, close: async () => {} };
}

describe("work that is done once for all", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("is one server's turn, and another one's when that has stopped", async () => {
    const [store, counted]: [MemoryStore, string[]] = [memory(), []];
    const [one, other] = ["one", "other"].map((name) => aServer({ store: seenBy(name, store, counted) }));
    await vi.advanceTimersByTimeAsync(20_000);
    const [first = ""] = counted;
    expect(counted.length).toBeGreaterThan(2);
    expect(new Set(counted)).toEqual(new Set([first]));
    await (first === "one" ? one : other)?.oauth.close();
    counted.length = 0;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(new Set(counted)).toEqual(new Set([first === "one" ? "other" : "one"]));
  });

  it("falls to another server where the one whose turn it was says nothing any more", async () => {
    const [store, counted]: [MemoryStore, string[]] = [memory(), []];
    const hung = aServer({ store: seenBy("hung", store, counted) });
    await vi.advanceTimersByTimeAsync(6000);
    expect(new Set(counted)).toEqual(new Set(["hung"]));
    vi.clearAllTimers();
    const next = aServer({ store: seenBy("next", store, counted) });
    counted.length = 0;
    await vi.advanceTimersByTimeAsync(45_000);
    expect(counted).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(new Set(counted)).toEqual(new Set(["next"]));
    await Promise.all([hung.oauth.close(), next.oauth.close()]);
  });
});
