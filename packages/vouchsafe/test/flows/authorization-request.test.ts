import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, consentPage, open, submit } from "../a-person.ts";
import { push, pushedPath } from "../a-pushed-request.ts";
import { aServer, budgetApp, change, type Fields, issuer, lastEvent, lastReason, minutes, photoPrinter } from "../a-server.ts";

async function aBudgetApp(options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  return { server, app: await budgetApp(server), browser: browserOf(server) };
}

describe("nothing is redirected before client and redirect URI are trusted, OAuth 2.1 §4.1.2.1, §7.13", () => {
  it.each<[string, Fields, string]>([
    ["no client_id", { client_id: undefined }, "parameter client_id is missing"],
    ["an unknown client", { client_id: "nobody" }, "client is unknown"],
    ["client_id twice", { client_id: ["nobody", "nobody"] }, "parameter client_id is repeated"],
    ["another path", { redirect_uri: "http://127.0.0.1:4711/other" }, "redirect_uri is not registered"],
    ["another loopback name", { redirect_uri: "http://localhost:4711/callback" }, "redirect_uri is not registered"],
    ["another site", { redirect_uri: "https://evil.example/callback" }, "redirect_uri is not registered"],
    ["a script", { redirect_uri: "javascript:alert(1)" }, "redirect_uri is not registered"],
    [
      "redirect_uri twice",
      { redirect_uri: ["https://evil.example/", "http://127.0.0.1:4711/callback"] },
      "parameter redirect_uri is repeated",
    ],
    ["a redirect_uri with a NUL", { redirect_uri: "http://127.0.0.1:4711/callback\0" }, "parameter redirect_uri is malformed"],
  ])("shows a page to the person: %s", async (_, more, reason) => {
    const { server, app, browser } = await aBudgetApp();
    for (const asking of [browser, browserOf(server, "nobody")]) {
      const response = await open(asking, authorizePath(app, { ...more, response_type: "nonsense" }));
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      expect(response.headers.get("content-type")).toMatch(/^text\/html/);
      expect(await response.text()).not.toMatch(/http-equiv="refresh"|href="(?:javascript|https:\/\/evil)/);
      expect(lastReason(server)?.replaceAll('"', "")).toBe(reason);
    }
  });

  it("answers a program in JSON", async () => {
    const { app, browser } = await aBudgetApp();
    const response = await open(browser, authorizePath(app, { client_id: "nobody" }), { accept: "application/json" });
    expect([response.status, (await response.json()) as unknown]).toEqual([
      400,
      { error: "invalid_client", error_description: "Client authentication failed." },
    ]);
  });

  it("says which address was not registered, as text", async () => {
    const { app, browser } = await aBudgetApp();
    const html = await (await open(browser, authorizePath(app, { redirect_uri: 'https://evil.example/"><script>' }))).text();
    expect(html).toContain("https://evil.example/&quot;&gt;&lt;script&gt;");
    expect(html).toContain("Nothing was shared.");
  });

  it("shows a page where the client is disabled", async () => {
    const { server, app, browser } = await aBudgetApp();
    await change(server, app, { disabledAt: server.clock.now });
    expect((await open(browser, authorizePath(app))).status).toBe(400);
    expect(lastReason(server)).toBe("client is disabled");
  });

  it("lets redirect_uri be left out where one is registered, and not where several are", async () => {
    const { server, app, browser } = await aBudgetApp();
    expect((await open(browser, authorizePath(app, { redirect_uri: undefined }))).status).toBe(200);
    await change(server, app, { redirectUris: ["http://127.0.0.1/a", "http://127.0.0.1/b"] });
    expect((await open(browser, authorizePath(app, { redirect_uri: undefined }))).status).toBe(400);
  });

  it.each(["http://printer.example/callback", "budget://callback"])(
    "never uses a redirect URI that was registered and cannot be used: %s",
    async (unusable) => {
      const server = aServer();
      const app = await budgetApp(server, { redirect_uris: ["http://127.0.0.1/callback", unusable] });
      for (const redirect_uri of [unusable, undefined]) {
        const response = await open(browserOf(server), authorizePath(app, { redirect_uri }));
        expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      }
    },
  );

  it("lets an operator's client use a private-use scheme that no other may", async () => {
    const server = aServer();
    const app = {
      ...(await photoPrinter(server, { redirectUris: ["com.example.budget:/callback"] })),
      redirectUri: "com.example.budget:/callback",
    };
    expect((await open(browserOf(server), authorizePath(app))).status).toBe(200);
  });

  it("lets the port of a loopback redirect differ", async () => {
    const { app, browser } = await aBudgetApp();
    expect((await open(browser, authorizePath(app, { redirect_uri: "http://127.0.0.1:65000/callback" }))).status).toBe(200);
  });
});

describe("other refusals go to the client at once, OAuth 2.1 §4.1.2.1, RFC 9207 §2", () => {
  it.each<[string, Fields, string]>([
    ["no response_type", { response_type: undefined }, "invalid_request"],
    ["another response_type", { response_type: "token" }, "unsupported_response_type"],
    ["no PKCE", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["plain", { code_challenge_method: "plain" }, "invalid_request"],
    ["an unknown scope", { scope: "nonsense" }, "invalid_scope"],
    ["an unknown resource", { resource: "https://evil.example" }, "invalid_target"],
    ["a request object", { request: "eyJ" }, "request_not_supported"],
    ["a repeated parameter", { scope: ["read", "read"] }, "invalid_request"],
    ["prompt none, since consent is always asked", { prompt: "none" }, "consent_required"],
  ])("reach it with state and issuer: %s", async (_, more, error) => {
    const { app, browser } = await aBudgetApp();
    const response = await open(browser, authorizePath(app, more));
    expect([302, 303]).toContain(response.status);
    const { origin, pathname, searchParams } = new URL(response.headers.get("location") ?? "");
    expect(origin + pathname).toBe(app.redirectUri);
    expect([searchParams.get("error"), searchParams.get("state"), searchParams.get("iss")]).toEqual([error, "xyz", issuer]);
    expect(searchParams.has("code")).toBe(false);
  });

  it("are told to the client whether or not anybody is signed in, so that it never waits for nothing", async () => {
    const { server, app } = await aBudgetApp();
    for (const more of [{ scope: "nonsense" }, { response_type: "token" }, { code_challenge_method: "plain" }, { request: "eyJ" }])
      for (const who of ["nobody", "ada"] as const) {
        const target = new URL((await open(browserOf(server, who), authorizePath(app, more))).headers.get("location") ?? "", issuer);
        expect([target.origin + target.pathname, target.searchParams.has("error")]).toEqual([app.redirectUri, true]);
      }
  });

  it("says login_required for prompt none where nobody is signed in", async () => {
    const { server, app } = await aBudgetApp();
    const response = await open(browserOf(server, "nobody"), authorizePath(app, { prompt: "none" }));
    expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe("login_required");
  });

  it("does not answer with a state that was sent twice", async () => {
    const { server, app, browser } = await aBudgetApp();
    const response = await open(browser, authorizePath(app, { state: ["a", "b"] }));
    expect(response.headers.get("location") ?? "").not.toMatch(/state=/);
    expect(lastEvent(server, "request.refused")).toMatchObject({ endpoint: "authorize", error: "invalid_request" });
  });

  it("needs a state where the operator says so", async () => {
    const { app, browser } = await aBudgetApp({ requireState: true });
    expect((await open(browser, authorizePath(app, { state: undefined }))).headers.get("location")).toMatch(/error=invalid_request/);
    expect((await open(browser, authorizePath(app))).status).toBe(200);
  });

  it("holds an operator's client to its scope, and a self-registered one to what is not for operators", async () => {
    const scopes = { read: "Read", write: "Write", audit: { description: "Audit", operatorOnly: true } };
    const { server, app, browser } = await aBudgetApp({ scopes });
    const printer = await photoPrinter(server, { scope: ["read", "audit"] });
    const errorOf = async (...asked: Parameters<typeof authorizePath>): Promise<string | null> =>
      new URL((await open(browser, authorizePath(...asked))).headers.get("location") ?? issuer).searchParams.get("error");
    expect(await errorOf(printer, { scope: "read audit" })).toBeNull();
    expect(await errorOf(printer, { scope: "write" })).toBe("invalid_scope");
    expect(await errorOf(app, { scope: "write" })).toBeNull();
    expect(await errorOf(app, { scope: "audit" })).toBe("invalid_scope");
  });
});

describe("an authorization request by POST, OAuth 2.1 §3.1", () => {
  it("is the same as by GET, also when its parameters are in both places", async () => {
    const { app, browser } = await aBudgetApp();
    const [path = "", query = ""] = authorizePath(app, { scope: "read write" }).split("?");
    const asked = Object.fromEntries(new URLSearchParams(query));
    const { client_id, ...rest } = asked;
    for (const response of [await submit(browser, path, asked), await submit(browser, `${path}?client_id=${client_id}`, rest)]) {
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("Change your notes");
    }
  });

  it("is refused where a parameter is in both places", async () => {
    const { app, browser } = await aBudgetApp();
    const [path = "", query = ""] = authorizePath(app).split("?");
    const response = await submit(browser, `${path}?client_id=${app.id}`, Object.fromEntries(new URLSearchParams(query)));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it("decides nothing by GET", async () => {
    const { server, app, browser } = await aBudgetApp();
    const page = await consentPage(browser, app);
    const query = new URLSearchParams({
      request: String(page.hidden["request"]),
      csrf: String(page.hidden["csrf"]),
      decision: "allow",
      scope: "read",
    });
    const response = await open(
      browser,
      `${authorizePath(app)}&${query.toString().replaceAll("request=", "x=").replaceAll("&scope=read", "")}`,
    );
    expect(response.status).toBe(200);
    expect(server.events.filter(({ type }) => type.startsWith("consent."))).toEqual([]);
  });
});

describe("who asks, for a sign-in page", () => {
  it("is described by the path that sign-in leads back to", async () => {
    const { server, app } = await aBudgetApp();
    expect(await server.oauth.describeRequest(authorizePath(app))).toEqual({
      clientName: "Budget app",
      tier: "named-itself",
      site: "",
      destination: { kind: "loopback", host: "127.0.0.1:4711" },
      uiLocales: "",
    });
  });

  it("belongs to the attempt to connect that the path is a step of, also where it was pushed and came too late", async () => {
    const { server, app } = await aBudgetApp();
    await open(browserOf(server), authorizePath(app));
    const [flow] = await server.oauth.admin.flows({ most: 1 });
    expect(await server.oauth.flowIdOf(authorizePath(app))).toBe(flow?.id);
    const reference = await push(server, app);
    server.clock.now += 10 * minutes;
    expect(await server.oauth.flowIdOf(pushedPath(app, reference))).toBe(flow?.id);
    for (const path of ["", "/", "/oauth/authorize", pushedPath(app, `${reference}x`), `https://evil.example${authorizePath(app)}`])
      expect(await server.oauth.flowIdOf(path)).toBeUndefined();
  });

  it("is nobody for any other path, client or redirect URI", async () => {
    const { server, app } = await aBudgetApp();
    for (const path of [
      "",
      "/",
      "/oauth/authorize",
      authorizePath(app, { client_id: "nobody" }),
      authorizePath(app, { redirect_uri: "https://evil.example/" }),
      `https://evil.example${authorizePath(app)}`,
    ])
      expect(await server.oauth.describeRequest(path)).toBeUndefined();
  });
});
