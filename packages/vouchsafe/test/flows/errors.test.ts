import { describe, expect, it } from "vitest";
import { StorageError } from "../../src/store/store.ts";
import { authorizePath, browserOf, connect, open, wordsOf } from "../a-person.ts";
import {
  answerOf,
  aServer,
  basic,
  budgetApp,
  get,
  type Headers,
  issuer,
  lastReason,
  photoPrinter,
  post,
  redeem,
  register,
  type Server,
} from "../a-server.ts";

const ask = async ({ oauth }: Server, method: string, path: string, headers: Headers = {}): Promise<Response> =>
  oauth.fetch(new Request(issuer + path, { method, headers }));
const programs = ["/oauth/token", "/oauth/revoke", "/oauth/introspect"];

describe("methods that an endpoint does not have, RFC 9110 §15.5.6", () => {
  it.each([
    ["GET", "/oauth/token", "POST, OPTIONS"],
    ["PUT", "/oauth/token", "POST, OPTIONS"],
    ["HEAD", "/oauth/token", "POST, OPTIONS"],
    ["GET", "/oauth/register", "POST, OPTIONS"],
    ["GET", "/oauth/introspect", "POST"],
    ["OPTIONS", "/oauth/introspect", "POST"],
    ["OPTIONS", "/oauth/authorize", "GET, HEAD, POST"],
    ["DELETE", "/oauth/authorize", "GET, HEAD, POST"],
    ["POST", "/oauth/done", "GET, HEAD"],
    ["POST", "/.well-known/oauth-authorization-server", "GET, HEAD, OPTIONS"],
    ["PATCH", "/my/connected_apps", "GET, HEAD"],
  ])("%s %s is refused with 405 and Allow: %s", async (method, path, allow) => {
    const response = await ask(aServer(), method, path);
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
  });

  it("say there is no such path where there is none, as a page or in JSON", async () => {
    const server = aServer();
    const page = await ask(server, "GET", "/oauth/nonsense", { accept: "text/html" });
    expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
    const json = await ask(server, "GET", "/oauth/nonsense");
    expect([json.status, json.headers.get("content-type")]).toEqual([404, "application/json"]);
    expect(server.oauth.handles("/oauth/nonsense")).toBe(false);
  });
});

describe("bodies that no endpoint takes, OAuth 2.1 §3.2", () => {
  it.each([...programs, "/oauth/authorize"])("%s refuses JSON: 415", async (path) => {
    expect((await post(aServer(), path, "{}", { "content-type": "application/json" })).status).toBe(415);
  });

  it.each([...programs, "/oauth/authorize", "/oauth/register"])("%s refuses more than 64 KiB: 413", async (path) => {
    const type = path === "/oauth/register" ? "application/json" : "application/x-www-form-urlencoded";
    expect((await post(aServer(), path, "a".repeat(65_537), { "content-type": type })).status).toBe(413);
  });

  it.each(programs)("%s refuses repeated parameters, a NUL and invalid UTF-8, also in parameters it does not know", async (path) => {
    const server = aServer();
    const app = await photoPrinter(server);
    for (const body of ["token=a&token=b", "token=%00", "token=%FF", "x=1&x=1", "%FF=x"]) {
      const response = await post(server, path, `grant_type=client_credentials&${body}`, basic(app.id, app.secret));
      expect([body, response.status, (await answerOf(response)).error]).toEqual([body, 400, "invalid_request"]);
    }
  });

  it("refuses client_id twice before anything is looked up", async () => {
    const server = aServer();
    const { id } = await budgetApp(server);
    expect((await post(server, "/oauth/token", `client_id=${id}&client_id=${id}&grant_type=refresh_token`)).status).toBe(400);
    expect(lastReason(server)).toMatch(/^parameter "?client_id"? is repeated$/);
  });
});

describe("what an error tells, OAuth 2.1 §3.2.4", () => {
  it("is a code and a constant description, in JSON that no cache keeps", async () => {
    const response = await post(aServer(), "/oauth/token", { client_id: "<script>alert(1)</script>" }, { accept: "text/html" });
    expect([response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual(["application/json", "no-store"]);
    expect(await response.json()).toEqual({ error: "invalid_client", error_description: "Client authentication failed." });
  });

  it("is the same for an unknown, a foreign, an expired and a replayed code", async () => {
    const server = aServer();
    const [app, other] = [await budgetApp(server), await budgetApp(server)];
    const { access } = await connect(server, app);
    const texts = await Promise.all(
      [redeem(server, app, "nonsense"), redeem(server, other, access)].map(async (response) => (await response).text()),
    );
    expect(new Set(texts).size).toBe(1);
  });

  it("is nothing about what broke: that is for the operator alone", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const failing = (failure: Error): Server => aServer({ store: { ...server.store, client: () => Promise.reject(failure) } });
    const broken = failing(new TypeError("secret detail"));
    const response = await redeem(broken, app, "code");
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: "server_error", error_description: "Something broke on our side." },
    ]);
    expect(broken.errors).toEqual([expect.objectContaining({ message: "secret detail" })]);
    const unavailable = await redeem(failing(new StorageError("unavailable", "busy")), app, "code");
    expect([unavailable.status, unavailable.headers.get("retry-after"), await answerOf(unavailable)]).toEqual([
      503,
      "1",
      { error: "temporarily_unavailable", error_description: "The server cannot answer right now. Try again later." },
    ]);
  });

  it("has no character that a code or description cannot have, in a body, a redirect or a challenge", async () => {
    const server = aServer({ registration: { mode: "token" } });
    const app = await photoPrinter(server);
    const nasty = 'x"\\é\n\u0000';
    const refused = await Promise.all([
      post(server, "/oauth/token", { grant_type: nasty, client_id: nasty, [nasty]: "x" }),
      post(server, "/oauth/token", { grant_type: "password" }, basic(app.id, app.secret)),
      post(server, "/oauth/token", { scope: nasty, grant_type: "client_credentials" }, basic(app.id, app.secret)),
      post(server, "/oauth/token", {}, basic(app.id, app.secret)),
      post(server, "/oauth/token", "{}", { "content-type": "application/json" }),
      post(server, "/oauth/revoke", "a".repeat(65_537)),
      register(server, { client_name: nasty }),
      ask(server, "PUT", "/oauth/token"),
      get(server, `/${encodeURIComponent(nasty)}`),
    ]);
    const told = (await Promise.all(refused.map(answerOf))).flatMap(({ error, error_description }) => [error, error_description]);
    const wrong = ["response_type", "scope", "code_challenge_method", "resource", "request", "request_uri", "nonce"];
    for (const name of wrong) {
      const asked = await open(browserOf(server), authorizePath(app, { [name]: name === "nonce" ? nasty : 'x"é' }));
      const location = asked.headers.get("location");
      if (location !== null) told.push(...["error", "error_description"].map((part) => new URL(location).searchParams.get(part) ?? ""));
    }
    const guarded = await server.oauth.authenticate(new Request(issuer, { headers: { authorization: "Bearer x" } }));
    const challenge = guarded instanceof Response ? (guarded.headers.get("www-authenticate") ?? "") : "";
    const texts = [...challenge.matchAll(/(?:error|error_description)="([^"]*)"/g)].map(([, text]) => text);
    expect([told.length, texts.length]).toEqual([2 * (refused.length + wrong.length), 2]);
    for (const text of [...told, ...texts]) expect(text).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  });

  it("is never a redirect, and a page with a number to ask about, when something breaks before the client is known", async () => {
    const store = aServer().store;
    const broken = aServer({ store: { ...store, clientFor: () => Promise.reject(new Error("secret detail")) } });
    const response = await open(browserOf(broken), "/oauth/authorize?client_id=budget");
    expect([response.status, response.headers.get("location")]).toEqual([500, null]);
    expect(await response.text()).toMatch(/Something broke on our side(?![\s\S]*secret detail)/);
  });
});

describe("web pages of other sites", () => {
  it.each([
    "/oauth/token",
    "/oauth/register",
    "/oauth/revoke",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
  ])("may call %s, and send what they need", async (path) => {
    const response = await ask(aServer(), "OPTIONS", path, { origin: "https://app.example", "access-control-request-method": "POST" });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    for (const header of ["authorization", "content-type", "mcp-protocol-version"])
      expect(response.headers.get("access-control-allow-headers")).toContain(header);
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("can read answers and refusals alike", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const refused = await Promise.all([
      post(server, "/oauth/token", {}),
      post(server, "/oauth/revoke", {}),
      register(server, {}),
      get(server, "/oauth/token"),
    ]);
    const answered = await post(server, "/oauth/revoke", { token: "x" }, basic(app.id, app.secret));
    expect([...refused, answered].map(({ status, headers }) => [status, headers.get("access-control-allow-origin")])).toEqual([
      [401, "*"],
      [401, "*"],
      [400, "*"],
      [405, "*"],
      [200, "*"],
    ]);
  });

  it("can read nothing of authorize, introspect or any page", async () => {
    const server = aServer();
    for (const path of ["/oauth/authorize", "/oauth/introspect", "/oauth/done", "/my/connected_apps"])
      for (const method of ["GET", "POST", "OPTIONS"])
        expect((await ask(server, method, path, { origin: "https://app.example" })).headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("what an error says to a person", () => {
  const told = async (path: string, server = aServer()): Promise<string> => wordsOf(await (await open(browserOf(server), path)).text());

  it("is how to reconnect, where nobody knows the app", async () => {
    expect(await told("/oauth/authorize?client_id=nobody")).toMatch(
      /^Notes We don't know this app It may have been removed here\. In the app, remove this server and add it again; the app then introduces itself anew\. Technical details/,
    );
  });

  it("is which app asked for which address, where it had not registered that", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const path = authorizePath({ ...printer, redirectUri: "https://elsewhere.example/callback" });
    expect(await told(path, server)).toMatch(
      /^Notes This link doesn't work Photo printer asked with an address that it has not registered\. Nothing was shared\. https:\/\/elsewhere\.example\/callback Technical details/,
    );
  });

  it("is no more of that address than fits on a page", async () => {
    const server = aServer();
    const redirectUri = `https://elsewhere.example/${"a".repeat(12_000)}`;
    const page = await open(browserOf(server), authorizePath({ ...(await photoPrinter(server)), redirectUri }));
    expect(Buffer.byteLength(await page.text())).toBeLessThan(10_240);
  });

  it("is to start again, where the request is too old", async () => {
    expect(await told("/oauth/done?r=nothing")).toMatch(/^Notes This request is too old Start again from the app\. Technical details/);
  });

  it("is how long to wait, after too many tries", async () => {
    const server = aServer({ rateLimits: { authorize: "1/1m" } });
    const path = authorizePath(await photoPrinter(server));
    await told(path, server);
    const response = await open(browserOf(server), path);
    expect(wordsOf(await response.text())).toContain(`Please wait ${response.headers.get("retry-after")} seconds Technical details`);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(1);
  });

  it("has an app's name in quotes where it gave itself that", async () => {
    const server = aServer();
    const path = authorizePath({ ...(await budgetApp(server)), redirectUri: "https://elsewhere.example/callback" });
    expect(await told(path, server)).toContain('"Budget app" asked with an address that it has not registered.');
  });

  it("is the constant description and a number to ask about, and no private reason", async () => {
    const server = aServer();
    expect(await told("/oauth/authorize?client_id=nobody", server)).toMatch(
      /Technical details error invalid_client error_description Client authentication failed\. Request [\w-]+$/,
    );
    expect(lastReason(server)).not.toBe("Client authentication failed.");
  });

  it("is that there is no such page, where there is none", async () => {
    const response = await ask(aServer(), "GET", "/oauth/nonsense", { accept: "text/html" });
    expect(wordsOf(await response.text())).toMatch(/^Notes There is no such page The address may be mistyped\. /);
  });

  it("is to try again in a moment, where storage is away", async () => {
    const { store } = aServer();
    const away = aServer({ store: { ...store, clientFor: () => Promise.reject(new StorageError("unavailable", "busy")) } });
    expect(await told("/oauth/authorize?client_id=budget", away)).toMatch(/^Notes We can't answer right now Try again in a moment\. /);
  });

  it("is that it was recorded, and a number to ask about, where something broke on our side", async () => {
    const server = aServer({ signedIn: () => Promise.reject(new Error("the host app is broken")) });
    expect(await told("/my/connected_apps", server)).toMatch(
      /^Notes Something broke on our side It was recorded\. Try again\. Technical details .* Request [\w-]+$/,
    );
  });
});
