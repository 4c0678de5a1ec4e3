import { describe, expect, it } from "vitest";
import {
  allow,
  authorizePath,
  type Browser,
  browserOf,
  connect,
  consentPage,
  goOn,
  open,
  press,
  readPage,
  submit,
  tokensOf,
} from "../a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  days,
  issuer,
  lastEvent,
  lastReason,
  photoPrinter,
  redeem,
  type Server,
  statusAtApi,
} from "../a-server.ts";

async function aBudgetApp(options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  return { server, app: await budgetApp(server), browser: browserOf(server) };
}

/** What the app may do after a decision. */
async function scopeAfter(server: Server, app: App, browser: Browser, decided: Response): Promise<string | undefined> {
  const { target } = await goOn(browser, decided);
  return (await answerOf(await redeem(server, app, target.searchParams.get("code") ?? ""))).scope;
}

describe("the consent page, OAuth 2.1 §4.1.1", () => {
  it("asks for everything that was requested, with the default ticked for an app that named itself", async () => {
    const { app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app, { scope: "share write read" });
    expect(page.scopes).toEqual({ read: true, write: false, share: false });
    expect(page.lifetimes).toEqual({ "1d": false, "30d": true, never: false });
    expect(page.html.match(/<form/g)).toHaveLength(1);
    for (const words of ["Read your notes", "Change your notes", "Budget app", "127.0.0.1:4711", "ada@example.com"])
      expect(page.html).toContain(words);
  });

  it("ticks what was requested for an app that the operator checked", async () => {
    const server = aServer();
    const page = await consentPage(browserOf(server), await photoPrinter(server), { scope: "read write" });
    expect(page.scopes).toEqual({ read: true, write: true });
  });

  it("can be framed by nobody, cached nowhere, and sends forms to ourselves alone", async () => {
    const { app, browser } = await aBudgetApp();
    const { headers } = await open(browser, authorizePath(app));
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect([headers.get("cache-control"), headers.get("referrer-policy"), headers.get("x-frame-options")]).toEqual([
      "no-store",
      "no-referrer",
      "DENY",
    ]);
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  it("writes an app's name as text, whatever is in it", async () => {
    const server = aServer();
    const app = await budgetApp(server, { client_name: `<script>alert("1")</script>'&` });
    const { html } = await consentPage(browserOf(server), app);
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;");
  });

  it("sends whoever is not signed in to sign in, and the request survives", async () => {
    const { server, app } = await aBudgetApp();
    const response = await open(browserOf(server, "nobody"), authorizePath(app, { login_hint: "ada@example.com" }));
    expect([302, 303]).toContain(response.status);
    const location = new URL(response.headers.get("location") ?? "", issuer);
    expect(location.pathname).toBe("/sign_in");
    expect(location.searchParams.get("returnTo")).toBe(authorizePath(app, { login_hint: "ada@example.com" }));
    expect(location.searchParams.get("hint")).toBe("ada@example.com");
  });
});

describe("what a decision grants, OAuth 2.1 §1.4.1", () => {
  it("grants what was ticked, out of what was requested", async () => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app, { scope: "read write" });
    expect(await scopeAfter(server, app, browser, await press(browser, page, "allow", { scope: ["write"] }))).toBe("write");
    expect(lastEvent(server, "consent.narrowed")).toMatchObject({
      scope: ["write"],
      subject: "ada",
      clientId: app.id,
      tier: "named-itself",
    });
    expect(lastEvent(server, "consent.allowed")).toBeUndefined();
  });

  it("never grants what was not requested, whatever the form says", async () => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app, { scope: "read" });
    const decided = await press(browser, page, "allow", { scope: ["read", "write", "nonsense"] });
    expect(await scopeAfter(server, app, browser, decided)).toBe("read");
    expect(lastEvent(server, "consent.allowed")).toMatchObject({ scope: ["read"] });
  });

  it("shows the page again when nothing is ticked, and the form still works", async () => {
    const { server, app, browser } = await aBudgetApp();
    const again = await press(browser, await consentPage(browser, app, { scope: "read write" }), "allow", { scope: [] });
    expect(again.status).toBe(400);
    const page = await readPage(again);
    expect(page.html).toContain("Nothing is ticked.");
    expect(page.scopes).toEqual({ read: false, write: false });
    expect(await scopeAfter(server, app, browser, await press(browser, page, "allow", { scope: ["read"] }))).toBe("read");
  });

  it("keeps the time that was chosen when it shows the page again", async () => {
    const { app, browser } = await aBudgetApp();
    const first = await consentPage(browser, app, { scope: "read write" });
    const again = await readPage(await press(browser, first, "allow", { scope: [], lifetime: "1d" }));
    expect(again.lifetimes).toEqual({ "1d": true, "30d": false, never: false });
  });

  it("grants at a step-up what is ticked and what is held, as far as it was requested; the old grant stays", async () => {
    const { server, app, browser } = await aBudgetApp();
    const old = await connect(server, app, { scope: "read share" });
    const page = await consentPage(browser, app, { scope: "read write" });
    expect(page.scopes).toEqual({ write: false });
    expect(page.html).not.toContain("Share your notes");
    expect(page.html).toMatch(/It already can[\s\S]*Read your notes[\s\S]*It now also asks for[\s\S]*Change your notes/);
    expect(await scopeAfter(server, app, browser, await press(browser, page, "allow", { scope: ["write"] }))).toBe("read write");
    expect(await statusAtApi(server, old.access)).toBe(200);
  });

  it("grants at a step-up what is held alone when nothing is ticked", async () => {
    const { server, app, browser } = await aBudgetApp();
    await connect(server, app, { scope: "read" });
    const page = await consentPage(browser, app, { scope: "read write" });
    expect(await scopeAfter(server, app, browser, await press(browser, page, "allow", { scope: [] }))).toBe("read");
  });

  it("takes nothing for held that another person, app or resource has, or that has ended", async () => {
    const photos = "https://photos.example.com/";
    const { server, app, browser } = await aBudgetApp({ resources: { [issuer]: {}, [photos]: {} } });
    await connect(server, app, {}, {}, browserOf(server, "grace"));
    await connect(server, await budgetApp(server));
    await connect(server, app, { resource: photos });
    expect((await consentPage(browser, app, { scope: "read write" })).scopes).toEqual({ read: true, write: false });
    await connect(server, app, {}, { lifetime: "1d" });
    expect((await consentPage(browser, app, { scope: "read write" })).scopes).toEqual({});
    server.clock.now += days;
    expect((await consentPage(browser, app, { scope: "read write" })).scopes).toEqual({ read: true, write: false });
  });

  it("knows what is held however often and in whatever order resources are named", async () => {
    const photos = "https://photos.example.com/";
    const { server, app, browser } = await aBudgetApp({ resources: { [issuer]: {}, [photos]: {} } });
    const code = await allow(browser, app, { scope: "read", resource: [issuer, photos] });
    await redeem(server, app, code, { resource: issuer });
    for (const resource of [
      [issuer, issuer, photos],
      [photos, issuer],
    ])
      expect((await consentPage(browser, app, { scope: "read write", resource })).scopes).toEqual({ write: false });
  });

  it("cannot leave out a required scope", async () => {
    const scopes = { read: "Read your notes", profile: { description: "Know your name", required: true } };
    const { server, app, browser } = await aBudgetApp({ scopes });
    const page = await consentPage(browser, app, { scope: "read profile" });
    expect([page.scopes, page.hidden["scope"]]).toEqual([{ read: true }, ["profile"]]);
    const decided = await submit(browser, page.action, { ...page.hidden, scope: [], decision: "allow" });
    expect(await scopeAfter(server, app, browser, decided)).toBe("profile");
  });

  it("ends the grant after the time that was chosen, and after the preselected one where none was sent", async () => {
    for (const [lifetime, end] of [
      ["1d", 1],
      [undefined, 30],
    ] as const) {
      const { server, app, browser } = await aBudgetApp({ accessTokenLifetime: "never" });
      const code = await allow(browser, app, {}, { lifetime });
      const { access } = await tokensOf(await redeem(server, app, code));
      server.clock.now += end * days - 1;
      expect(await statusAtApi(server, access)).toBe(200);
      server.clock.now += 1;
      expect(await statusAtApi(server, access)).toBe(401);
    }
  });

  it("asks for no time where there is one choice, and refuses a time that was not offered", async () => {
    const { server, app, browser } = await aBudgetApp({ grantChoices: ["1d"] });
    const page = await consentPage(browser, app);
    expect(page.lifetimes).toEqual({});
    expect((await press(browser, page, "allow", { lifetime: "never" })).status).toBe(400);
    expect(lastReason(server)).toBe("the lifetime was not offered");
    expect((await press(browser, page, "allow")).status).toBe(303);
  });
});

describe("declining, OAuth 2.1 §4.1.2.1", () => {
  it("tells the app access_denied, with state and issuer, and shares nothing", async () => {
    const { server, app, browser } = await aBudgetApp();
    const { target } = await goOn(browser, await press(browser, await consentPage(browser, app), "deny"));
    expect(Object.fromEntries(target.searchParams)).toEqual({
      error: "access_denied",
      error_description: "The request was denied.",
      state: "xyz",
      iss: issuer,
    });
    expect(lastEvent(server, "consent.denied")).toMatchObject({ clientId: app.id, subject: "ada" });
    expect(await server.store.connections("ada", server.clock.now)).toEqual([]);
  });
});
