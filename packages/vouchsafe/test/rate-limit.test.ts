import { describe, expect, it } from "vitest";
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

  it("says that the next one would be too many, without counting", async () => {
    const limit = createRateLimit({ points: 2, duration: 60_000 });
    await limit.count("ada");
    for (let time = 0; time < 5; time++) expect(await limit.exhausted("ada")).toBeUndefined();
    await limit.count("ada");
    expect(await limit.exhausted("ada")).toBeGreaterThanOrEqual(59);
  });

  it("begins anew when the time is over", async () => {
    const limit = createRateLimit({ points: 1, duration: 300 });
    await limit.count("ada");
    expect(await limit.count("ada")).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 320));
    expect(await limit.count("ada")).toBeUndefined();
  });

  it("remembers ten thousand keys, and forgets the one that was quiet the longest", async () => {
    const limit = createRateLimit({ points: 1, duration: 60_000 });
    await limit.count("quiet");
    await limit.count("busy");
    for (let key = 0; key < 9998; key++) await limit.count(`other ${key}`);
    expect(await limit.count("busy")).toBeDefined();
    await limit.count("one more");
    expect(await limit.exhausted("quiet")).toBeUndefined();
    expect(await limit.exhausted("busy")).toBeDefined();
  });

  it("is silent where it is off", async () => {
    expect(await noRateLimit.count("ada")).toBeUndefined();
    expect(await noRateLimit.exhausted("ada")).toBeUndefined();
  });
});
