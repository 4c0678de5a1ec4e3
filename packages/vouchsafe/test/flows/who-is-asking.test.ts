import { describe, expect, it } from "vitest";
import { browserOf, consentPage, open, type Page, press, wordsOf } from "../a-person.ts";
import { type App, aServer, budgetApp, like, minutes, photoPrinter } from "../a-server.ts";
import { aLocalServer, aSite, publish } from "../a-site.ts";

const loopback = "http://127.0.0.1:4711/callback";

/** The consent page of an app that an operator registered. */
async function askedByOperators(redirectUri: string, firstParty = false): Promise<Page> {
  const server = aServer();
  const app = await photoPrinter(server, { redirectUris: [redirectUri], firstParty });
  return consentPage(browserOf(server), { ...app, redirectUri }, { scope: "read write" });
}

/** The consent page of an app that has a document on a website; `{site}` is its host. */
async function askedByDocument(redirectUri: string, isTrusted = false): Promise<{ page: Page; host: string }> {
  const site = await aSite();
  const to = redirectUri.replace("{site}", site.host);
  const server = aLocalServer({ clientIdMetadata: { allowLoopback: true, trustedHosts: isTrusted ? [site.host] : [] } });
  const app: App = { ...publish(site, { redirect_uris: [to] }), redirectUri: to };
  return { page: await consentPage(browserOf(server), app, { scope: "read write" }), host: site.host };
}

/** The consent page of an app that registered itself three minutes ago. */
async function askedByItself(redirectUri: string): Promise<Page> {
  const server = aServer();
  const app = { ...(await budgetApp(server, { redirect_uris: [redirectUri] })), redirectUri };
  server.clock.now += 3 * minutes;
  return consentPage(browserOf(server), app, { scope: "read write" });
}

const noteIn = ({ html }: Page): string | undefined => {
  const [, note] = /<p class="note">(.*?)<\/p>/.exec(html) ?? [];
  return note && wordsOf(`<body>${note}</body>`);
};

describe("who is asking, as the consent page says it", () => {
  it("is an app of the host's own: all is ticked, and nothing warned of", async () => {
    const page = await askedByOperators("https://printer.example/callback", true);
    expect(wordsOf(page.html)).toContain(
      "Allow Photo printer to use your Notes account? Made by Notes. Its answer goes to **printer.example**.",
    );
    expect([noteIn(page), page.scopes]).toEqual([undefined, { read: true, write: true }]);
  });

  it("is an app that an operator registered, which gets its answer on a website: checked, and ticked as it asks", async () => {
    const page = await askedByOperators("https://printer.example/callback");
    expect(wordsOf(page.html)).toContain("✓ **printer.example** · checked by Notes");
    expect([noteIn(page), page.scopes]).toEqual([undefined, { read: true, write: true }]);
  });

  it("is an app from a website that the operator trusts: checked, and ticked as it asks", async () => {
    const { page, host } = await askedByDocument("https://{site}/callback", true);
    expect(wordsOf(page.html)).toContain(`Allow Photo printer to use your Notes account? ✓ **${host}** · checked by Notes`);
    expect([noteIn(page), page.scopes]).toEqual([undefined, { read: true, write: true }]);
  });

  it("is an app from a website that nobody checked: the website says so, and reading alone is ticked", async () => {
    const { page, host } = await askedByDocument("https://printer.example/callback");
    expect(wordsOf(page.html)).toContain(`From **${host}** · not checked by Notes. Its answer goes to **printer.example**.`);
    expect(noteIn(page)).toBe(`The website ${host} says this is its app. Notes has not checked it.`);
    expect(page.scopes).toEqual({ read: true, write: false });
  });

  it("is an app on the person's computer: did they start it? Reading alone is ticked", async () => {
    const { page, host } = await askedByDocument(loopback, true);
    expect(wordsOf(page.html)).toContain(`From **${host}** · an app on your computer (127.0.0.1:4711)`);
    expect(noteIn(page)).toBe(
      "**Did you start this?** Allow only if you just connected Photo printer on this computer. Any program running here can ask with this name.",
    );
    expect(page.scopes).toEqual({ read: true, write: false });
  });

  it("is no better known where an operator registered it, as long as any program on the computer could take its place", async () => {
    const page = await askedByOperators(loopback);
    expect(wordsOf(page.html)).toContain("checked by Notes. Its answer goes to **this computer (127.0.0.1:4711)**.");
    expect(noteIn(page)).toMatch(/^\*\*Did you start this\?\*\* Allow only if you just connected Photo printer on this computer\./);
    expect(page.scopes).toEqual({ read: true, write: false });
  });

  it.each([
    [loopback, "this computer (127.0.0.1:4711)"],
    ["cursor://callback", "an app on this device (cursor://)"],
    ["https://printer.example/callback", "printer.example"],
  ])("is an app that named itself, whose answer goes to %s: nobody knows who made it", async (redirectUri, place) => {
    const page = await askedByItself(redirectUri);
    expect(wordsOf(page.html)).toContain(`**Not verified.** This app named itself 3 minutes ago. Its answer goes to **${place}**.`);
    expect(noteIn(page)).toBe(
      `**We don't know who made this app.** The name above is what it calls itself. Allow only if you started this and you recognise **${place}**.`,
    );
    expect(page.scopes).toEqual({ read: true, write: false });
  });

  it("has its name in quotes, on every page, where it gave that to itself, and plain where it was verified", async () => {
    const server = aServer();
    const browser = browserOf(server);
    const itself = await budgetApp(server);
    const verified = await photoPrinter(server);
    for (const [app, name] of [[itself, '"Budget app"'] as const, [verified, "Photo printer"] as const]) {
      const page = await consentPage(browser, app);
      expect(wordsOf(page.html)).toContain(`Allow ${name} to use your Notes account?`);
      const denied = await press(browser, page, "deny");
      expect(wordsOf(await (await open(browser, denied.headers.get("location") ?? "")).text())).toContain(`You didn't allow ${name}.`);
    }
  });
});

describe("the consent page, from top to bottom", () => {
  it("has who is asking and where the answer goes before what it may do, and the buttons last", async () => {
    const { html } = await askedByItself(loopback);
    const words = wordsOf(html);
    const parts = [
      "Notes Signed in as ada@example.com · Switch account",
      'Allow "Budget app" to use your Notes account?',
      "127.0.0.1:4711",
      "We don't know who made this app.",
      "It will be able to Read your notes Change your notes",
      "For how long 1 day 30 days Until I disconnect",
      "You can disconnect at any time in Connected apps .",
      "Don't allow Allow",
      "Technical details",
    ];
    const places = parts.map((part) => words.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("has two buttons, to decline and to allow, in its only form, and none to give up", async () => {
    const { html } = await askedByItself(loopback);
    const buttons = [...html.matchAll(/<button (?:class="primary" )?name="(\w+)" value="(\w+)">([^<]+)<\/button>/g)];
    expect(buttons.map(([, ...parts]) => parts)).toEqual([
      ["decision", "deny", "Don&#39;t allow"],
      ["decision", "allow", "Allow"],
    ]);
    expect([html.match(/<button/g)?.length, html.match(/<form/g)?.length]).toEqual([2, 1]);
    expect(html).not.toMatch(/cancel/i);
  });

  it("says in its details, as text, what support will ask for", async () => {
    const server = aServer({ resources: { "https://notes.example.com/mcp": {} } });
    const app = await budgetApp(server);
    const { html } = await consentPage(browserOf(server), app, { scope: "read write", resource: "https://notes.example.com/mcp" });
    const details = /<details>.*<\/details>/s.exec(html)?.[0] ?? "";
    const rows = details.matchAll(/<dt>([^<]*)<\/dt><dd><code>([^<]*)<\/code><\/dd>/g);
    const shown = Object.fromEntries([...rows].map(([, name = "", value = ""]): [string, string] => [name, value]));
    expect(shown).toEqual({
      client_name: "Budget app",
      scope: "read write",
      client_id: app.id,
      redirect_uri: app.redirectUri,
      resource: "https://notes.example.com/mcp",
      request_id: like(/^[\w-]{22}$/),
    });
  });
});
