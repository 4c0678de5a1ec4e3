import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createRateLimit, noRateLimit } from "../src/rate-limit.ts";

describe("rate limit, RFC 6585 §4", () => {
  it("lets so many through, and then says how many seconds to wait", async () => {
    const limit = createRateLimit({ points: 2, duration: 60_000 });
    expect(await limit.count("ada")).toBeUndefined();
    expect(await limit.count("ada")).toBeUndefined();
    const wait = await limit.count("ada");
    expect(wait).toBeGreaterThanOrEqual(59);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it("counts every key by itself", async () => {
    const limit = createRateLimit({ points: 1, duration: 60_000 });
    await limit.count("ada");
    expect(await limit.count("grace")).toBeUndefined();
    expect(await limit.count("ada")).toBeDefined();
  });

  it("takes back what turned out to be none, and that once", async () => {
    const limit = createRateLimit({ points: 2, duration: 60_000 });
    await limit.count("ada");
    for (let time = 0; time < 5; time++) {
      const attempt = await limit.attempt("ada");
      expect(attempt.wait).toBeUndefined();
      for (let again = 0; again < 2; again++) await attempt.takeBack();
    }
    await limit.count("ada");
    expect((await limit.attempt("ada")).wait).toBeGreaterThanOrEqual(59);
  });

  it("lets through no more than the limit of those whose outcome is not known yet, and counts none that it refused", async () => {
    const limit = createRateLimit({ points: 2, duration: 60_000 });
    const attempts = await Promise.all(Array.from({ length: 5 }, () => limit.attempt("ada")));
    expect(attempts.filter(({ wait }) => wait === undefined).length).toBe(2);
    for (const attempt of attempts) await attempt.takeBack();
    expect([await limit.count("ada"), await limit.count("ada")]).toEqual([undefined, undefined]);
    expect(await limit.count("ada")).toBeDefined();
  });

  it("takes nothing back of a time that is over", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const limit = createRateLimit({ points: 1, duration: 60_000 });
    const attempt = await limit.attempt("ada");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await limit.count("ada")).toBeUndefined();
    await attempt.takeBack();
    expect(await limit.count("ada")).toBeDefined();
  });

  it("begins anew when the time is over", async () => {
    const limit = createRateLimit({ points: 1, duration: 300 });
    await limit.count("ada");
    expect(await limit.count("ada")).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 320));
    expect(await limit.count("ada")).toBeUndefined();
  });

  it("lasts also where its time is longer than any timer's", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const limit = createRateLimit({ points: 1, duration: 30 * 1440 * 60_000 });
    await limit.count("ada");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await limit.count("ada")).toBeDefined();
  });

  it("remembers ten thousand keys, and forgets the one that was quiet the longest", async () => {
    const limit = createRateLimit({ points: 1, duration: 60_000 });
    await limit.count("quiet");
    await limit.count("busy");
    for (let key = 0; key < 9998; key++) await limit.count(`other ${key}`);
    expect(await limit.count("busy")).toBeDefined();
    await limit.count("one more");
    expect(await limit.count("busy")).toBeDefined();
    expect(await limit.count("quiet")).toBeUndefined();
  });

  it("is silent where it is off", async () => {
    expect(await noRateLimit.count("ada")).toBeUndefined();
    expect((await noRateLimit.attempt("ada")).wait).toBeUndefined();
  });
});
