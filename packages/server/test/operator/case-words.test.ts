import { describe, expect, it } from "vitest";
import type { Anomaly } from "vouchsafe";
import { type CaseNames, describeCase, isCase, type SecurityCase } from "../../src/operator/case-words.ts";

const ofGrant = { at: 1, clientId: "c1", subject: "ada", grantId: "g1" } as const;
const often = { at: 1, type: "suspicious.activity", seen: 104, within: 600_000 } as const;
const named: CaseNames = { client: "the budget app", subject: "ada@example.com" };

const words = (event: SecurityCase, names: CaseNames = named): string => {
  const { what, ended } = describeCase(event, names);
  return `${what} ${ended}`;
};

describe("a security case in words", () => {
  it("says what happened and what was ended", () => {
    expect(words({ ...ofGrant, type: "code.replayed" })).toBe(
      "A code of the budget app was redeemed a second time. The connection it had opened was ended.",
    );
    expect(words({ ...ofGrant, type: "refresh.reused" })).toBe(
      "A refresh token of the budget app that was spent already was used again. The connection it belonged to was ended.",
    );
    expect(words({ ...ofGrant, type: "suspicious.activity", kind: "connection_disowned" })).toBe(
      "ada@example.com was told of a connection of the budget app and said: this wasn't me. That connection is ended.",
    );
  });

  it("says of an impersonation whom it pretended to be, how often, and that nothing was granted", () => {
    const reason = "the client calls itself Claude and its answer would go elsewhere";
    const stopped = { at: 1, type: "impersonation.stopped", reason, clientId: "c1" } as const;
    expect(words({ ...stopped, count: 1 }, { client: '"Claude"' })).toBe(
      `"Claude" was stopped: ${reason}. Nothing was granted, so nothing had to be ended.`,
    );
    expect(words({ ...stopped, count: 12 }, { client: '"Claude"' })).toContain('"Claude" was stopped 12 times: the client');
  });

  it("says of too much of something how much it was, in how long, by whom", () => {
    const what = (event: SecurityCase): string => describeCase(event, named).what;
    expect(words({ ...often, kind: "registration_storm" })).toBe("104 apps registered themselves within 10 minutes. Nothing was ended.");
    expect(what({ ...often, kind: "client_authentication_burst", clientId: "c1" })).toBe(
      "104 times the budget app failed to prove who it is within 10 minutes.",
    );
    expect(what({ ...often, kind: "sign_in_burst", subject: "ada" })).toBe("104 sign-ins as ada@example.com failed within 10 minutes.");
    expect(what({ ...often, kind: "scope_violation_burst", clientId: "c1", within: 3_600_000 })).toBe(
      "104 times the budget app tried what its tokens do not allow within 1 hour.",
    );
    expect(what({ ...often, kind: "issuance_surge", clientId: "c1", within: 90_000 })).toBe(
      "the budget app was issued 104 tokens, more than ten times its usual number, within 90 seconds.",
    );
  });

  it("says what was once too much in the singular", () => {
    const what = (kind: Anomaly): string => describeCase({ ...often, kind, seen: 1, within: 60_000, clientId: "c1" }, named).what;
    expect([what("registration_storm"), what("client_authentication_burst"), what("scope_violation_burst")]).toEqual([
      "1 app registered itself within 1 minute.",
      "1 time the budget app failed to prove who it is within 1 minute.",
      "1 time the budget app tried what its tokens do not allow within 1 minute.",
    ]);
    expect(what("sign_in_burst")).toContain("1 sign-in");
    expect(what("issuance_surge")).toContain("was issued 1 token, more");
  });

  it("names an address where nobody else is known", () => {
    const what = (event: SecurityCase): string => describeCase(event).what;
    expect(what({ ...often, kind: "client_authentication_burst", address: "203.0.113.7" })).toBe(
      "104 times an app from 203.0.113.7 failed to prove who it is within 10 minutes.",
    );
    expect(what({ ...often, kind: "sign_in_burst", address: "203.0.113.7" })).toBe(
      "104 sign-ins from 203.0.113.7 failed within 10 minutes.",
    );
  });

  it("uses the id of whoever has no name", () => {
    expect(words({ ...ofGrant, type: "code.replayed" }, {})).toContain("A code of c1 was");
  });

  it("is there for cases alone", () => {
    expect(isCase({ ...ofGrant, type: "code.replayed" })).toBe(true);
    expect(isCase({ at: 1, type: "sign_in.failed", reason: "wrong", count: 1 })).toBe(false);
  });
});
