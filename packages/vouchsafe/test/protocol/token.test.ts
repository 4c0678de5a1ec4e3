import { describe, expect, it } from "vitest";
import type { Grant } from "../../src/protocol/grant.ts";
import { clientOf, isActive, isUnderLiveGrant, type PresentedToken, tokenEnd, tokenResponse } from "../../src/protocol/token.ts";

const grant: Grant = {
  id: "approval",
  clientId: "budget",
  subject: "ada",
  scope: ["read"],
  resources: [],
  createdAt: 0,
  redeemedAt: 0,
  endsAt: 5000,
  revokedAt: undefined,
};
const ofGrant: PresentedToken = {
  hash: new Uint8Array(32),
  kind: "access",
  grantId: "approval",
  clientId: undefined,
  scope: ["read"],
  audience: undefined,
  issuedAt: 0,
  expiresAt: 2000,
  revokedAt: undefined,
  spentAt: undefined,
  answer: undefined,
  grant,
  client: { id: "budget", name: "Budget app", disabledAt: undefined, revokedBefore: undefined },
  subjectDisabledAt: undefined,
};
const ofClient: PresentedToken = { ...ofGrant, grantId: undefined, grant: undefined, clientId: "budget" };

describe("whether a token is active, OAuth 2.1 §5.2, RFC 7662 §2.2", () => {
  it("is active until its expiry, and no longer at it", () => {
    expect(isActive(ofGrant, 1999)).toBe(true);
    expect(isActive(ofGrant, 2000)).toBe(false);
  });

  it("is active as long as its grant where it has no expiry", () => {
    expect(isActive({ ...ofGrant, expiresAt: undefined }, 4999)).toBe(true);
    expect(isActive({ ...ofGrant, expiresAt: undefined }, 5000)).toBe(false);
  });

  it.each<[string, Partial<PresentedToken>]>([
    ["was revoked", { revokedAt: 0 }],
    ["was rotated", { spentAt: 0 }],
    ["has a revoked grant", { grant: { ...grant, revokedAt: 0 } }],
    ["has an ended grant", { grant: { ...grant, endsAt: 1 } }],
    ["has lost its grant", { grant: undefined }],
    ["has a disabled client", { client: { id: "budget", name: "Budget app", disabledAt: 0, revokedBefore: undefined } }],
    ["has a disabled subject", { subjectDisabledAt: 0 }],
  ])("is not active when it %s", (_, change) => expect(isActive({ ...ofGrant, ...change }, 1)).toBe(false));

  it("needs no grant where it is a client's own, but the client", () => {
    expect(isActive(ofClient, 1)).toBe(true);
    expect(isActive({ ...ofClient, client: undefined }, 1)).toBe(false);
    const ended = { id: "budget", name: "Budget app", disabledAt: undefined, revokedBefore: ofClient.issuedAt };
    expect(isActive({ ...ofClient, client: ended }, 1)).toBe(false);
    expect(isActive({ ...ofClient, issuedAt: ofClient.issuedAt + 1, client: ended }, 1)).toBe(true);
    expect(isActive({ ...ofClient, client: { id: "budget", name: "Budget app", disabledAt: 0, revokedBefore: undefined } }, 1)).toBe(false);
  });

  it("can be rotated and still stand under a live grant", () => {
    expect(isUnderLiveGrant({ ...ofGrant, spentAt: 0, expiresAt: 0 }, 1)).toBe(true);
    expect(isUnderLiveGrant({ ...ofGrant, grant: { ...grant, revokedAt: 0 } }, 1)).toBe(false);
  });

  it("belongs to its grant's client, or to the client whose own it is", () => {
    expect(clientOf(ofGrant)).toBe("budget");
    expect(clientOf(ofClient)).toBe("budget");
    expect(clientOf({ ...ofClient, clientId: undefined })).toBeUndefined();
  });
});

describe("when a token ends, OAuth 2.1 §4.3", () => {
  it("ends after its lifetime, and never later than its grant", () => {
    expect(tokenEnd(100, 50, undefined)).toBe(150);
    expect(tokenEnd(100, 50, 1000)).toBe(150);
    expect(tokenEnd(100, 50, 120)).toBe(120);
    expect(tokenEnd(100, undefined, 120)).toBe(120);
    expect(tokenEnd(100, undefined, undefined)).toBeUndefined();
  });
});

describe("the token answer, OAuth 2.1 §3.2.3", () => {
  const issued = { accessToken: "at", refreshToken: "rt", scope: ["read", "write"], expiresAt: 61_999 };

  it("has every member, with whole seconds rounded down", () => {
    expect(tokenResponse(issued, 1000)).toEqual({
      access_token: "at",
      token_type: "Bearer",
      expires_in: 60,
      refresh_token: "rt",
      scope: "read write",
    });
  });

  it("leaves out what there is not, rather than say null", () => {
    expect(Object.keys(tokenResponse({ ...issued, expiresAt: undefined, refreshToken: undefined }, 0))).toEqual([
      "access_token",
      "token_type",
      "scope",
    ]);
  });

  it("never says a negative time", () => expect(tokenResponse(issued, 70_000)["expires_in"]).toBe(0));
});
