import { describe, expect, it } from "vitest";
import { allow, authorizePath, type Browser, browserOf, consentPage, press } from "../a-person.ts";
import { aServer, budgetApp, change, issuer, lastReason, minutes, redeem, type Server } from "../a-server.ts";

async function aBudgetApp() {
  const server = aServer();
  return { server, app: await budgetApp(server), browser: browserOf(server) };
}

describe("a consent form is answered once", () => {
  it("leads to the very same done page when it is sent twice, also with another decision", async () => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app);
    const first = await press(browser, page, "allow");
    for (const again of [
      await press(browser, page, "allow"),
      await press(browser, page, "deny"),
      await press(browser, page, "allow", { lifetime: "never" }),
    ])
      expect([again.status, again.headers.get("location")]).toEqual([303, first.headers.get("location")]);
    expect(server.events.filter(({ type }) => type.startsWith("consent."))).toHaveLength(1);
  });

  it("gives every request a grant of its own", async () => {
    const { server, app, browser } = await aBudgetApp();
    for (const code of [await allow(browser, app), await allow(browser, app)]) expect((await redeem(server, app, code)).status).toBe(200);
    expect(await server.store.connections("ada", server.clock.now)).toHaveLength(2);
  });
});

describe("a consent form that is refused, OAuth 2.1 §7.8", () => {
  const refusal = "the consent form is not of this browser and session, or came from another site";

  async function expectTooOld(server: Server, response: Response, reason: string): Promise<void> {
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    expect(await response.text()).toContain("This request is too old");
    expect(lastReason(server)).toBe(reason);
    expect(server.events.filter(({ type }) => type.startsWith("consent."))).toEqual([]);
  }

  it.each<[string, (server: Server, browser: Browser) => Browser]>([
    ["another session of the same person", (server, browser) => ({ server, cookies: new Map([...browser.cookies, ["session", "ada.2"]]) })],
    [
      "another person in the same browser",
      (server, browser) => ({ server, cookies: new Map([...browser.cookies, ["session", "grace.1"]]) }),
    ],
    ["another browser of the same session", (server) => browserOf(server)],
  ])("is one from %s", async (_, other) => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app);
    await expectTooOld(server, await press(other(server, browser), page, "allow"), refusal);
  });

  it.each<[string, Record<string, string>]>([
    ["the browser says so", { "sec-fetch-site": "cross-site" }],
    ["its origin says so", { origin: "https://evil.example" }],
    ["its referrer says so", { referer: "https://evil.example/" }],
  ])("is one from another site, when %s", async (_, headers) => {
    const { server, app, browser } = await aBudgetApp();
    await expectTooOld(server, await press(browser, await consentPage(browser, app), "allow", {}, headers), refusal);
  });

  it("is one whose request was changed, or whose token is another form's", async () => {
    const { server, app, browser } = await aBudgetApp();
    const [page, other] = [await consentPage(browser, app, { scope: "read" }), await consentPage(browser, app, { scope: "read write" })];
    await expectTooOld(
      server,
      await press(browser, { ...page, hidden: { ...page.hidden, request: other.hidden["request"] } }, "allow"),
      refusal,
    );
    await expectTooOld(server, await press(browser, { ...page, hidden: { ...page.hidden, csrf: undefined } }, "allow"), refusal);
    await expectTooOld(server, await press(browser, page, "maybe" as "allow"), "the decision is neither allow nor deny");
    await expectTooOld(
      server,
      await press(browser, { ...page, hidden: { request: "nonsense" } }, "allow"),
      "the consent form's request cannot be read",
    );
  });

  it("is one of ten minutes, and not of a millisecond less", async () => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app);
    server.clock.now += 10 * minutes;
    await expectTooOld(server, await press(browser, page, "allow"), "the consent form is too old");
    server.clock.now -= 1;
    expect((await press(browser, page, "allow")).status).toBe(303);
  });

  it.each<[string, (server: Server) => Parameters<typeof change>[2]]>([
    ["redirect URI was removed", () => ({ redirectUris: ["http://127.0.0.1/other"] })],
    ["client was disabled", ({ clock }) => ({ disabledAt: clock.now })],
    ["grant type was taken away", () => ({ grantTypes: ["client_credentials"] })],
  ])("is one whose %s between page and decision: nothing goes to the client", async (_, to) => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app);
    await change(server, app, to(server));
    const response = await press(browser, page, "allow");
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(server.events.filter(({ type }) => type.startsWith("consent."))).toEqual([]);
  });

  it("is no refusal but a sign-in where the session has ended, and the request survives", async () => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app);
    browser.cookies.delete("session");
    const response = await press(browser, page, "allow");
    expect(response.status).toBe(303);
    expect(new URL(response.headers.get("location") ?? "", issuer).searchParams.get("returnTo")).toBe(authorizePath(app));
    expect(server.errors).toEqual([]);
  });
});
