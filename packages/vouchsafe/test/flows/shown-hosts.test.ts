import { describe, expect, it } from "vitest";
import { shownHost } from "../../src/pages/shown-host.ts";
import { browserOf, consentPage } from "../a-person.ts";
import { aServer, budgetApp } from "../a-server.ts";

describe("a host on a page", () => {
  it.each([
    ["printer.example", "printer.example"],
    ["127.0.0.1:4711", "127.0.0.1:4711"],
    ["[::1]:4711", "[::1]:4711"],
    ["xn--bcher-kva.example", "bücher.example (xn--bcher-kva.example)"],
    ["xn--bcher-kva.example:8443", "bücher.example:8443 (xn--bcher-kva.example:8443)"],
    ["xn--80ak6aa92e.com", "аррӏе.com (xn--80ak6aa92e.com)"],
  ])("%s is shown as %s", (host, shown) => {
    expect(shownHost(host)).toBe(shown);
  });

  it("is written in both forms where the answer goes there", async () => {
    const server = aServer();
    const redirectUri = "https://xn--bcher-kva.example/callback";
    const app = { ...(await budgetApp(server, { redirect_uris: [redirectUri] })), redirectUri };
    expect((await consentPage(browserOf(server), app)).html).toContain("bücher.example (xn--bcher-kva.example)");
  });
});
