import { describe, expect, it } from "vitest";
import type { Client } from "../../src/protocol/client.ts";
import { hostOf, mayBeRemembered, mayBeSilent, tickedScope, trustTier } from "../../src/protocol/trust-tier.ts";

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

describe("a client that has a document", () => {
  const documented: Client = { ...printer, id: "https://printer.example/client.json", origin: "document" };

  it("is a known website where its answer goes to one, its own or another", () => {
    expect([trustTier(documented, website, []), trustTier(documented, "https://elsewhere.example/", [])]).toEqual([
      "known-website",
      "known-website",
    ]);
  });

  it("is checked where the operator trusts the site of its document, and the answer goes to that very site", () => {
    expect(trustTier(documented, website, ["printer.example"])).toBe("checked");
    for (const uri of ["https://elsewhere.example/", "https://sub.printer.example/", "https://printer.example:8443/"])
      expect(trustTier(documented, uri, ["printer.example"]), uri).toBe("known-website");
    for (const host of ["example", "sub.printer.example", "printer.example:8443"])
      expect(trustTier(documented, website, [host]), host).toBe("known-website");
  });

  it.each([computer, app])("is on this computer where its answer goes to %s, whoever trusts its site", (uri) => {
    expect(trustTier(documented, uri, ["printer.example", "127.0.0.1"])).toBe("on-this-computer");
  });

  it("has the host of its document, with its port, and others have none", () => {
    expect([hostOf(documented), hostOf({ id: "https://printer.example:8443/c" }), hostOf(printer)]).toEqual([
      "printer.example",
      "printer.example:8443",
      "",
    ]);
  });
});

describe("whose consent may stand for the next request", () => {
  const at = (uri: string, to: Partial<Client> = {}, trusted: readonly string[] = []): boolean => {
    const client = { ...printer, ...to };
    return mayBeRemembered(trustTier(client, uri, trusted), client, uri);
  };
  const document = { id: "https://printer.example/client.json", origin: "document" } as const;

  it("is whoever gets the answer on a website that proves who it is", () => {
    expect([at(website), at(website, { firstParty: true }), at(website, document), at(website, document, ["printer.example"])]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("is nobody who registered themselves, nor a document whose answers go to another site", () => {
    expect([at(website, { origin: "dynamic" }), at("https://elsewhere.example/", document)]).toEqual([false, false]);
    expect(at("https://elsewhere.example/", document, ["printer.example", "elsewhere.example"])).toBe(false);
  });

  it.each([computer, app])("is nobody whose answers go to %s", (uri) => {
    for (const to of [{}, { firstParty: true }, document]) expect(at(uri, to, ["printer.example"])).toBe(false);
  });

  it("may be used silently by the operator's own, and by who proves itself", () => {
    expect([mayBeSilent("own", printer), mayBeSilent("checked", { ...printer, authMethod: "private_key_jwt" })]).toEqual([true, true]);
    for (const tier of ["checked", "known-website", "on-this-computer", "named-itself"] as const)
      expect(mayBeSilent(tier, printer)).toBe(false);
  });
});

describe("what is ticked when the consent page opens", () => {
  it.each(["own", "checked"] as const)("is everything that is asked where the app is %s", (tier) => {
    expect(tickedScope(tier, ["read", "write"], ["read"])).toEqual(["read", "write"]);
  });

  it.each(["known-website", "on-this-computer", "named-itself"] as const)(
    "is the default alone where the app is %s, and never what was not asked",
    (tier) => {
      expect(tickedScope(tier, ["read", "write"], ["read"])).toEqual(["read"]);
      expect(tickedScope(tier, ["write"], ["read"])).toEqual([]);
    },
  );
});
