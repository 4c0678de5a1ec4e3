import { describe, expect, it } from "vitest";
import type { Client } from "../../src/protocol/client.ts";
import { tickedScope, trustTier } from "../../src/protocol/trust-tier.ts";

const website = "https://printer.example/callback";
const computer = "http://127.0.0.1:4711/callback";
const app = "cursor://callback";
const printer: Client = {
  id: "printer",
  name: "Photo printer",
  origin: "operator",
  firstParty: false,
  authMethod: "none",
  redirectUris: [website, computer, app],
  grantTypes: ["authorization_code"],
  scope: ["read"],
  resources: [],
  resourceServerOf: [],
  secrets: [],
  registrationToken: undefined,
  metadata: {},
  createdAt: 0,
  grantedAt: undefined,
  disabledAt: undefined,
  freshUntil: undefined,
  revision: 0,
};

describe("how much is known about who is asking", () => {
  it.each([website, computer, app])("the operator's own application is its own, wherever its answer goes: %s", (uri) => {
    expect(trustTier({ ...printer, firstParty: true }, uri, [])).toBe("own");
  });

  it("an app that an operator registered is checked where its answer goes to a website", () => {
    expect(trustTier(printer, website, [])).toBe("checked");
  });

  it.each([computer, app])("any program on the computer could take its place otherwise: %s", (uri) => {
    expect(trustTier(printer, uri, [])).toBe("on-this-computer");
  });

  it("an app that registered itself named itself, whatever else is kept of it", () => {
    expect(trustTier({ ...printer, origin: "dynamic" }, website, [])).toBe("named-itself");
    expect(trustTier({ ...printer, origin: "dynamic", firstParty: true }, website, [])).toBe("named-itself");
  });
});

describe("what is ticked when the consent page opens", () => {
  it.each(["own", "checked"] as const)("is everything that is asked where the app is %s", (tier) => {
    expect(tickedScope(tier, ["read", "write"], ["read"])).toEqual(["read", "write"]);
  });

  it.each(["on-this-computer", "named-itself"] as const)(
    "is the default alone where the app is %s, and never what was not asked",
    (tier) => {
      expect(tickedScope(tier, ["read", "write"], ["read"])).toEqual(["read"]);
      expect(tickedScope(tier, ["write"], ["read"])).toEqual([]);
    },
  );
});
