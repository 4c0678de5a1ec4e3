import { describe, expect, it } from "vitest";
import { allow, authorizePath, type Browser, browserOf, connect, consentPage, open, press, tokensOf } from "../a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  change,
  days,
  type Fields,
  issuer,
  lastEvent,
  like,
  minutes,
  photoPrinter,
  redeem,
  refresh,
  revoke,
  type Server,
  statusAtApi,
} from "../a-server.ts";

const scope = "read write";
const ask = (browser: Browser, app: App, more: Fields = {}): Promise<Response> => open(browser, authorizePath(app, { scope, ...more }));
const codeOf = (response: Response): string | null => URL.parse(response.headers.get("location") ?? "")?.searchParams.get("code") ?? null;
const errorOf = (response: Response): string | null => URL.parse(response.headers.get("location") ?? "")?.searchParams.get("error") ?? null;
const isRemembered = async (browser: Browser, app: App, more: Fields = {}): Promise<boolean> =>
  codeOf(await ask(browser, app, more)) !== null;

/** ada has allowed the photo printer to read and write. */
async function anAllowed(request: Parameters<typeof photoPrinter>[1] = {}, options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  const app = await photoPrinter(server, request);
  const tokens = await connect(server, app);
  server.clock.now += 1;
  return { server, app, tokens, browser: browserOf(server) };
}

describe("a consent that stands, OAuth 2.1 §7.4", () => {
  it("answers the next request without a page, with state, issuer and a code that works", async () => {
    const { server, app, browser } = await anAllowed();
    const response = await ask(browser, app);
    const target = new URL(response.headers.get("location") ?? "");
    expect([response.status, response.headers.get("cache-control"), response.headers.get("referrer-policy")]).toEqual([
      302,
      "no-store",
      "no-referrer",
    ]);
    expect([target.origin + target.pathname, target.searchParams.get("state"), target.searchParams.get("iss")]).toEqual([
      app.redirectUri,
      "xyz",
      issuer,
    ]);
    const answer = await redeem(server, app, codeOf(response) ?? "");
    expect(await answerOf(answer)).toMatchObject({ scope });
  });

  it("is in the audit each time, with a grant of its own", async () => {
    const { server, app, browser } = await anAllowed();
    const first = lastEvent(server, "consent.allowed");
    const response = await ask(browser, app);
    expect(lastEvent(server, "consent.remembered")).toMatchObject({
      clientId: app.id,
      subject: "ada",
      tier: "checked",
      scope: ["read", "write"],
      grantId: like(/^[\w-]{22}$/),
    });
    expect(lastEvent(server, "consent.remembered")?.grantId).not.toBe(first?.grantId);
    await redeem(server, app, codeOf(response) ?? "");
    expect(lastEvent(server, "token.issued")?.grantId).toBe(lastEvent(server, "consent.remembered")?.grantId);
  });

  it("answers a request for less, and asks about one for more", async () => {
    const { browser, app } = await anAllowed();
    expect([await isRemembered(browser, app, { scope: "read" }), await isRemembered(browser, app, { scope: "read share" })]).toEqual([
      true,
      false,
    ]);
  });

  it("is what was allowed, not what was asked", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    await connect(server, app, {}, { scope: ["read"] });
    expect(await isRemembered(browserOf(server), app)).toBe(false);
    expect(await isRemembered(browserOf(server), app, { scope: "read" })).toBe(true);
  });

  it("is not pieced together of several", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    await connect(server, app, { scope: "read" });
    await connect(server, app, { scope: "write" }, { scope: ["write"] });
    expect(await isRemembered(browserOf(server), app)).toBe(false);
  });

  it("stands for one person, one app, one place and one resource", async () => {
    const photos = "https://photos.example.com";
    const redirectUris = ["https://printer.example/callback", "https://printer.example/other"];
    const { server, app, browser } = await anAllowed({ redirectUris }, { resources: { [issuer]: {}, [photos]: {} } });
    expect(await isRemembered(browser, app)).toBe(true);
    expect(await isRemembered(browserOf(server, "grace"), app)).toBe(false);
    expect(await isRemembered(browser, await photoPrinter(server))).toBe(false);
    expect(await isRemembered(browser, app, { redirect_uri: "https://printer.example/other" })).toBe(false);
    for (const resource of [photos, issuer, [issuer, photos]]) expect(await isRemembered(browser, app, { resource })).toBe(false);
    await connect(server, app, { resource: photos });
    expect(await isRemembered(browser, app, { resource: photos })).toBe(true);
    expect(await isRemembered(browser, app, { resource: issuer })).toBe(false);
  });

  it("stands for an app that an operator tied to resources, whether it names them or not", async () => {
    const photos = "https://photos.example.com";
    const { browser, app } = await anAllowed({ resources: [photos] }, { resources: { [issuer]: {}, [photos]: {} } });
    expect(await isRemembered(browser, app)).toBe(true);
    expect(await isRemembered(browser, app, { resource: photos })).toBe(true);
  });

  it.each<[string, Parameters<typeof change>[2]]>([
    ["name", { name: "Poster printer" }],
    ["redirect URIs", { redirectUris: ["https://printer.example/callback", "https://evil.example/"] }],
    ["way to prove itself", { authMethod: "client_secret_post" }],
    ["keys", { metadata: { jwks_uri: "https://printer.example/jwks.json" } }],
  ])("stands for the app as it was: another %s asks again", async (_, to) => {
    const { server, app, browser } = await anAllowed();
    await change(server, app, to);
    expect(await isRemembered(browser, app)).toBe(false);
    expect(errorOf(await ask(browser, app, { prompt: "none" }))).toBe("consent_required");
  });

  it("stands where what changed is nothing that people agree to", async () => {
    const { server, app, browser } = await anAllowed();
    await change(server, app, { metadata: { tos_uri: "https://printer.example/terms" }, scope: ["read", "write"] });
    expect(await isRemembered(browser, app)).toBe(true);
  });

  it("ends when it was to end, and so does what it led to", async () => {
    const { server, app, browser } = await anAllowed({}, { accessTokenLifetime: "never" });
    server.clock.now += 29 * days;
    const { access } = await tokensOf(await redeem(server, app, codeOf(await ask(browser, app)) ?? ""));
    server.clock.now += days - 2;
    expect([await statusAtApi(server, access), await isRemembered(browser, app)]).toEqual([200, true]);
    server.clock.now += 1;
    expect([await statusAtApi(server, access), await isRemembered(browser, app)]).toEqual([401, false]);
  });

  it("ends never where it was given without an end", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    await connect(server, app, {}, { lifetime: "never" });
    server.clock.now += 1000 * days;
    expect(await isRemembered(browserOf(server), app)).toBe(true);
  });

  it("is over once the app is disconnected, by the person or by itself", async () => {
    const first = await anAllowed();
    await revoke(first.server, first.app, first.tokens.refresh);
    expect(await isRemembered(first.browser, first.app)).toBe(false);
    const second = await anAllowed();
    const headers = { cookie: "session=ada.1", "sec-fetch-site": "same-origin" };
    const path = `${issuer}/my/connected_apps/${second.app.id}`;
    expect((await second.server.oauth.fetch(new Request(path, { method: "DELETE", headers }))).status).toBe(204);
    expect(await isRemembered(second.browser, second.app)).toBe(false);
  });

  it("is over once a stolen refresh token has ended the grant", async () => {
    const { server, app, tokens, browser } = await anAllowed();
    await refresh(server, app, tokens.refresh);
    server.clock.now += 2 * minutes;
    await refresh(server, app, tokens.refresh);
    expect(lastEvent(server, "refresh.reused")).toBeDefined();
    expect(await isRemembered(browser, app)).toBe(false);
  });

  it("does not begin before the code was redeemed", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    await allow(browserOf(server), app, { scope });
    expect(await isRemembered(browserOf(server), app)).toBe(false);
  });

  it("is no consent any more where it ends before its code comes", async () => {
    const { server, app, browser } = await anAllowed();
    server.clock.now += 30 * days - 2;
    const code = codeOf(await ask(browser, app)) ?? "";
    server.clock.now += 1;
    const refused = await redeem(server, app, code);
    expect([refused.status, (await answerOf(refused)).error]).toEqual([400, "invalid_grant"]);
  });

  it("is worth nothing while the app is disabled", async () => {
    const { server, app, browser } = await anAllowed();
    await server.oauth.admin.disableClient(app.id);
    const response = await ask(browser, app);
    expect([response.status, codeOf(response)]).toEqual([400, null]);
  });

  it("does not turn an old page's button into a redirect elsewhere, which browsers stop", async () => {
    const server = aServer();
    const [app, browser] = [await photoPrinter(server), browserOf(server)];
    const page = await consentPage(browser, app, { scope });
    await change(server, app, { name: "Poster printer" });
    await connect(server, app);
    const pressed = await press(browser, page, "allow");
    expect(new URL(pressed.headers.get("location") ?? "/", issuer).origin).toBe(issuer);
  });

  it("is asked again where the app wants that: prompt=consent", async () => {
    const { browser, app } = await anAllowed();
    expect((await ask(browser, app, { prompt: "consent" })).status).toBe(200);
    expect((await ask(browser, app, { prompt: "select_account consent" })).status).toBe(302);
  });
});

describe("for whom no consent stands: any program could take the app's place, RFC 8252 §8.6", () => {
  it.each(["http://127.0.0.1:4711/callback", "http://localhost/callback", "cursor://callback", "com.example.printer:/callback"])(
    "is an app whose answer goes to %s, also the operator's own",
    async (redirectUri) => {
      for (const firstParty of [true, false]) {
        const server = aServer();
        const made = await photoPrinter(server, { redirectUris: [redirectUri], firstParty });
        const app = { ...made, redirectUri };
        await connect(server, app);
        expect(await isRemembered(browserOf(server), app)).toBe(false);
        expect(errorOf(await ask(browserOf(server), app, { prompt: "none" }))).toBe("consent_required");
      }
    },
  );

  it("is an app that registered itself, wherever its answer goes", async () => {
    const server = aServer();
    const app = { ...(await budgetApp(server, { redirect_uris: ["https://budget.example/"] })), redirectUri: "https://budget.example/" };
    await connect(server, app);
    expect(await isRemembered(browserOf(server), app)).toBe(false);
  });
});

describe("a request that may show nothing: prompt=none, OpenID Connect Core §3.1.2.1", () => {
  const silently = (server: Server, app: App): Promise<Response> => ask(browserOf(server), app, { prompt: "none" });

  it("is answered for an app that can prove itself, and for the operator's own", async () => {
    for (const request of [{}, { firstParty: true, authMethod: "none" as const }]) {
      const { server, app } = await anAllowed(request);
      expect(codeOf(await silently(server, app))).toMatch(/\S/);
      expect(lastEvent(server, "consent.remembered")).toBeDefined();
    }
  });

  it("is refused for an app that cannot, though its consent stands", async () => {
    const { server, app, browser } = await anAllowed({ authMethod: "none" });
    expect(errorOf(await silently(server, app))).toBe("consent_required");
    expect(lastEvent(server, "consent.remembered")).toBeUndefined();
    expect(await isRemembered(browser, app)).toBe(true);
  });
});
