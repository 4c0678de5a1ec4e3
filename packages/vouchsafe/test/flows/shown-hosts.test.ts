import { describe, expect, it } from "vitest";
import { en } from "../../src/messages/en.ts";
import { errorPage } from "../../src/pages/error.ts";
import { shownHost } from "../../src/pages/shown-host.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { browserOf, connect, consentPage, open, press, wordsOf } from "../a-person.ts";
import { aServer, budgetApp, days, photoPrinter } from "../a-server.ts";

describe("a host on a page", () => {
  it.each([
    ["printer.example", "printer.example"],
    ["127.0.0.1:4711", "127.0.0.1:4711"],
    ["[::1]:4711", "[::1]:4711"],
    ["xn--bcher-kva.example", "bücher.example (xn--bcher-kva.example)"],
    ["xn--bcher-kva.example:8443", "bücher.example:8443 (xn--bcher-kva.example:8443)"],
    ["xn--80ak6aa92e.com", "аррӏе.com (xn--80ak6aa92e.com)"],
    ["shop.xn--bcher-kva.example", "shop.bücher.example (shop.xn--bcher-kva.example)"],
    ["xn--bcher-kva.example:8", "bücher.example:8 (xn--bcher-kva.example:8)"],
    ["xn--a.example", "xn--a.example"],
  ])("%s is shown as %s", (host, shown) => {
    expect(shownHost(host)).toBe(shown);
  });

  it("is written in both forms where the answer goes there", async () => {
    const server = aServer();
    const redirectUri = "https://xn--bcher-kva.example/callback";
    const app = { ...(await budgetApp(server, { redirect_uris: [redirectUri] })), redirectUri };
    expect((await consentPage(browserOf(server), app)).html).toContain("bücher.example (xn--bcher-kva.example)");
  });

  it("is written in both forms on the way back, and where an app's document is on it: at the question and in the list", async () => {
    const server = aServer({ clientIdMetadata: { trustedHosts: [] } });
    const browser = browserOf(server);
    const [id, both] = ["https://xn--bcher-kva.example/client.json", "bücher.example (xn--bcher-kva.example)"];
    const redirectUris = ["https://xn--bcher-kva.example/callback", "https://elsewhere.example/callback", "http://127.0.0.1/callback"];
    const [printer, at] = [await photoPrinter(server), server.clock.now];
    const made = await server.store.client(printer.id);
    if (made === undefined) throw new Error("the photo printer is not there");
    const document = { ...made, id, redirectUris, origin: "document", authMethod: "none", freshUntil: at + days } as const;
    await server.store.addClient(document, { at, type: "client.registered", clientId: id, name: made.name, origin: "document" });
    const app = { ...printer, id, method: "none" } as const;
    const [, known = "", computer = ""] = redirectUris;
    const words = async (redirectUri: string): Promise<string> =>
      wordsOf((await consentPage(browser, { ...app, redirectUri }, { prompt: "consent" })).html);
    expect(await words(known)).toContain(`From **${both}** · not checked by Notes. Its answer goes to **elsewhere.example**.`);
    expect(await words(known)).toContain(`The website ${both} says this is its app.`);
    expect(await words(computer)).toContain(`From **${both}** · an app on your computer`);

    const own = { ...app, redirectUri: redirectUris[0] ?? "" };
    const decided = await press(browser, await consentPage(browser, own), "deny");
    expect(wordsOf(await (await open(browser, decided.headers.get("location") ?? "")).text())).toContain(`Taking you back to ${both}…`);
    await connect(server, own);
    expect(wordsOf(await (await open(browser, "/my/connected_apps")).text())).toContain(both);
  });

  it("is written in both forms where an operator trusts it, and where its document could not be had", async () => {
    const host = "xn--bcher-kva.example";
    const server = aServer({ clientIdMetadata: { trustedHosts: [host] } });
    const app = await photoPrinter(server, {
      id: `https://${host}/client.json`,
      redirectUris: [`https://${host}/callback`],
      authMethod: "none",
    });
    const trusted = { ...app, redirectUri: `https://${host}/callback` };
    expect(wordsOf((await consentPage(browserOf(server), trusted)).html)).toContain(`✓ **bücher.example (${host})** · checked by Notes`);
    const refused = new OAuthError("invalid_client", "sample", { shownAs: { page: "document-unreachable", host } });
    const page = errorPage(refused, { frame: { ...server.oauth.look, messages: en }, requestId: "sample" });
    expect(wordsOf(String(page.html))).toContain(`bücher.example (${host}) did not answer. Try again in a minute.`);
  });
});
