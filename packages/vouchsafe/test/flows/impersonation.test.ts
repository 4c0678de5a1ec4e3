import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, consentPage, open, wordsOf } from "../a-person.ts";
import { aServer, budgetApp, lastEvent, photoPrinter } from "../a-server.ts";
import { aLocalServer, aSite, publish } from "../a-site.ts";

const elsewhere = "https://evil.example/callback";

/** What somebody who follows the link of an app of this name sees. */
async function followed(name: string, redirectUri = elsewhere, options = {}) {
  const server = aServer(options);
  const app = { ...(await budgetApp(server, { client_name: name, redirect_uris: [redirectUri] })), redirectUri };
  const response = await open(browserOf(server), authorizePath(app));
  return { server, app, status: response.status, location: response.headers.get("location"), html: await response.text() };
}

describe("an app that goes by a name people know, while its answer would go to somebody else", () => {
  it.each([
    ["Claude", "as it is"],
    ["CLAUDE", "in capitals"],
    ["Cl\u0430ude", "with a Cyrillic letter"],
    ["Cla\u0301ude", "with an accent"],
    ["ＣＬＡＵＤＥ", "in full width"],
    ["CIaude", "with a capital I for an l"],
    ["C l a u d e", "spelled apart"],
    ["Claude (official) app", "with words that add nothing"],
    ["Claude Code", "with a word of its maker's"],
    ["GitHuЬ", "of another company"],
    ["vscode", "spelled together"],
    ["GITHUB", "in capitals, whose I looks like an l"],
    ["CIAUDE AI", "in capitals, with such an I for an l"],
    ["Cursor IDE", "with words in capitals that add nothing"],
    ["Claude\u2122", "with a trade mark"],
    ["\u03F9laude", "with a Greek lunate sigma"],
    ["\u{1F172}\u{1F17B}\u{1F170}\u{1F184}\u{1F173}\u{1F174}", "in white letters on squares"],
    ["\u24B8\u24DB\u24D0\u24E4\u24D3\u24D4", "in circles"],
    ["Clau\u0111e", "with a stroke through a letter"],
    ["\u{1F1E8}\u{1F1F1}\u{1F1E6}\u{1F1FA}\u{1F1E9}\u{1F1EA}", "in halves of flags"],
    ["\u{1F152}\u{1F15B}\u{1F150}\u{1F164}\u{1F153}\u{1F154}", "in white letters on circles"],
    ["Cla\u0301ude app", "with an accent and a word that adds nothing"],
    ["Cla\u200Dude app", "with a joiner that nobody sees"],
    ["microsoft", "in small letters"],
    ["rnicrosoft", "with r and n for an m"],
    ["Claude by Anthropic", "with its maker's name"],
    ["OpenAI ChatGPT", "behind its maker's name"],
  ])("is stopped: %s, %s", async (name) => {
    const { status, location, html } = await followed(name);
    expect([status, location]).toEqual([403, null]);
    expect(html).toContain("We stopped it.");
    expect(html).toContain("evil.example");
    expect(html).not.toContain("<form");
  });

  it("is told to the person as what it is: who it says it is, where their access would have gone, and that it was stopped", async () => {
    expect(wordsOf((await followed("Claude", "https://xn--bcher-kva.example/callback")).html)).toMatch(
      /^Notes This may not be Claude An app calls itself "Claude", but would send your access to \*{0,2}bücher\.example \(xn--bcher-kva\.example\)\*{0,2}, which doesn't belong to Claude\. We stopped it\. Technical details/,
    );
  });

  it("is not asked about, nor told to the site that asked, but to the operator", async () => {
    const { server, app } = await followed("Claude");
    expect(lastEvent(server, "impersonation.stopped")).toMatchObject({ clientId: app.id, count: 1 });
    const silent = await open(browserOf(server), authorizePath(app, { prompt: "none", scope: "nonsense" }));
    expect([silent.status, silent.headers.get("location")]).toEqual([403, null]);
    const asJson = await open(browserOf(server), authorizePath(app), { accept: "application/json" });
    expect([asJson.status, await asJson.json()]).toMatchObject([403, { error: "access_denied" }]);
  });

  it("is stopped by the host app's own name, and by names that the operator protects", async () => {
    expect((await followed("Notes")).status).toBe(403);
    const protectedBrands = [{ name: "Acme Bank", hosts: ["acme.example"] }];
    expect((await followed("Аcme-Bank", elsewhere, { protectedBrands })).status).toBe(403);
    expect((await followed("Acme Bank", "https://app.acme.example/callback", { protectedBrands })).status).toBe(200);
  });

  it.each([
    "Clause counter",
    "Slack notifier",
    "Apple pie recipes",
    "Budget app",
    "Notes for cooks",
    "Meta-analysis tool",
    "Desktop app",
    "Anthropology",
  ])("is none of these: %s", async (name) => {
    expect((await followed(name)).status).toBe(200);
  });

  it.each([
    "https://claude.ai/api/mcp/auth_callback",
    "https://app.claude.ai/callback",
    "https://claude.ai:8443/callback",
    "http://127.0.0.1:4711/callback",
    "cursor://callback",
  ])("is not one whose answer goes to %s", async (redirectUri) => {
    expect((await followed("Claude", redirectUri)).status).toBe(200);
  });

  it("is one whose answer goes to a site that only ends like the real one", async () => {
    for (const site of ["notclaude.ai", "claude.ai.evil.example", "claude-ai.example"])
      expect((await followed("Claude", `https://${site}/callback`)).status, site).toBe(403);
  });

  it("is one whose document calls it so, on a website that nobody checked", async () => {
    const site = await aSite();
    const app = { ...publish(site, { client_name: "Claude", redirect_uris: [elsewhere] }), redirectUri: elsewhere };
    expect((await open(browserOf(aLocalServer()), authorizePath(app))).status).toBe(403);
  });

  it("is none where the host app's own name has no letters, or its answer goes to the host app itself", async () => {
    expect((await followed("Desktop app", elsewhere, { branding: { name: "★★" } })).status).toBe(200);
    const issuer = "https://notes.example.com:8443";
    expect((await followed("Notes", "https://notes.example.com/callback", { issuer })).status).toBe(200);
  });

  it("is not one that an operator registered", async () => {
    const server = aServer();
    const app = await photoPrinter(server, { name: "Claude", redirectUris: [elsewhere] });
    expect((await consentPage(browserOf(server), { ...app, redirectUri: elsewhere })).html).toContain("Claude");
  });
});
