import { describe, expect, it } from "vitest";
import { isLive } from "../../src/protocol/grant.ts";

describe("whether a grant lives, OAuth 2.1 §4.3", () => {
  it("lives until it is revoked where it has no end", () => {
    expect(isLive({ revokedAt: undefined, endsAt: undefined }, 1000)).toBe(true);
    expect(isLive({ revokedAt: 5, endsAt: undefined }, 1000)).toBe(false);
  });

  it("has ended at its end, not a millisecond sooner", () => {
    expect(isLive({ revokedAt: undefined, endsAt: 1000 }, 999)).toBe(true);
    expect(isLive({ revokedAt: undefined, endsAt: 1000 }, 1000)).toBe(false);
  });

  it("does not live on after a revocation at time zero or before its end", () => {
    expect(isLive({ revokedAt: 0, endsAt: 1000 }, 1)).toBe(false);
  });
});
