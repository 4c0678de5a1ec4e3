import { describe, expect, it } from "vitest";
import { authorizePath, connect, wordsOf } from "../a-person.ts";
import {
  type Answer,
  answerOf,
  aServer,
  budgetApp,
  days,
  get,
  lastEvent,
  lastReason,
  like,
  post,
  redeem,
  refresh,
  register,
  type Server,
  send,
  sweep,
} from "../a-server.ts";

const app = { client_name: "Budget app", redirect_uris: ["http://127.0.0.1/callback"] };
const registered = ({ events }: Server): number => events.filter(({ type }) => type === "client.registered").length;
type Registration = Answer & { readonly client_id_issued_at?: number; readonly client_secret_expires_at?: number };

describe("client registration, RFC 7591 §3", () => {
  it("answers with the client, a secret and what was registered, which no cache keeps", async () => {
    const server = aServer();
    const response = await register(server, { ...app, token_endpoint_auth_method: "client_secret_post" });
    expect(response.status).toBe(201);
    expect([
      response.headers.get("cache-control"),
      response.headers.get("content-type"),
      response.headers.get("access-control-allow-origin"),
    ]).toEqual(["no-store", "application/json", "*"]);
    const answer = (await response.json()) as Registration;
    expect(answer).toMatchObject({
      client_id: like(/^[A-Za-z0-9_-]{22}$/),
      client_id_issued_at: server.clock.now / 1000,
      client_secret: like(/^vs_cs_[A-Za-z0-9_-]{49}$/),
      client_secret_expires_at: 0,
      client_name: "Budget app",
      redirect_uris: app.redirect_uris,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_post",
      scope: "read",
    });
    expect(lastEvent(server, "client.registered")).toMatchObject({ clientId: answer.client_id, name: "Budget app", origin: "dynamic" });
  });

  it("gives a public client no secret, not even an empty one", async () => {
    const answer = (await (await register(aServer(), { ...app, token_endpoint_auth_method: "none" })).json()) as Registration;
    expect(Object.keys(answer).filter((name) => name.includes("secret"))).toEqual([]);
  });

  it("keeps no secret, but its hash", async () => {
    const server = aServer();
    const { client_id: id = "", client_secret: secret = "" } = await answerOf(await register(server, app));
    const kept = await server.store.client(id);
    expect(kept?.secrets).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it("is at /oauth/clients too", async () => {
    const server = aServer();
    const response = await post(server, "/oauth/clients", JSON.stringify(app), { "content-type": "application/json; charset=utf-8" });
    expect(response.status).toBe(201);
  });

  it.each<[string, unknown, string]>([
    ["no redirect URI", { client_name: "x" }, "invalid_client_metadata"],
    ["a dangerous redirect URI", { ...app, redirect_uris: [...app.redirect_uris, "javascript:alert(1)"] }, "invalid_redirect_uri"],
    ["a scheme that is not allowed", { redirect_uris: ["budget://callback"] }, "invalid_redirect_uri"],
    ["a member of a wrong type", { ...app, client_name: 7 }, "invalid_client_metadata"],
    ["a grant type for services", { ...app, grant_types: ["client_credentials"] }, "invalid_client_metadata"],
    ["no object", [], "invalid_client_metadata"],
  ])("refuses %s, and stores nothing", async (_, body, error) => {
    const server = aServer();
    const response = await register(server, body);
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ error });
    expect(registered(server)).toBe(0);
    expect(lastEvent(server, "request.refused")).toMatchObject({ endpoint: "register", error });
  });

  it("refuses what is no JSON, and stores nothing", async () => {
    const server = aServer();
    expect((await post(server, "/oauth/register", "{", { "content-type": "application/json" })).status).toBe(400);
    expect((await post(server, "/oauth/register", JSON.stringify(app))).status).toBe(415);
    expect(registered(server)).toBe(0);
  });
});

describe("who may register", () => {
  it("is nobody where registration is off", async () => {
    const server = aServer({ registration: { mode: "off" } });
    for (const path of ["/oauth/register", "/oauth/clients"]) {
      expect((await post(server, path, JSON.stringify(app), { "content-type": "application/json" })).status).toBe(404);
      expect([(await get(server, path)).status, server.oauth.handles(path)]).toEqual([404, false]);
    }
  });

  it("is whoever redirects to this computer alone, and then a missing method means none", async () => {
    const server = aServer({ registration: { mode: "loopback" } });
    const answer = (await (await register(server, app)).json()) as Record<string, unknown>;
    expect(answer["token_endpoint_auth_method"]).toBe("none");
    for (const uri of ["https://printer.example/", "cursor://callback"])
      expect(await answerOf(await register(server, { redirect_uris: [uri] }))).toMatchObject({ error: "invalid_redirect_uri" });
  });

  it("is whoever has a registration token with a use left", async () => {
    const server = aServer({ registration: { mode: "token" } });
    const { token } = await server.oauth.admin.createRegistrationToken(2);
    const statuses: number[] = [];
    for (let use = 0; use < 3; use++) statuses.push((await register(server, app, { authorization: `Bearer ${token}` })).status);
    expect(statuses).toEqual([201, 201, 401]);
    expect(registered(server)).toBe(2);
  });

  it("spends no use on a refusal, and one use once", async () => {
    const server = aServer({ registration: { mode: "token" } });
    const { token } = await server.oauth.admin.createRegistrationToken(1);
    const headers = { authorization: `Bearer ${token}` };
    expect((await register(server, { redirect_uris: [] }, headers)).status).toBe(400);
    const statuses = await Promise.all([1, 2, 3].map(async () => (await register(server, app, headers)).status));
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 401, 401]);
  });

  it("is nobody without a registration token, with another token, or with a revoked one", async () => {
    const server = aServer({ registration: { mode: "token" } });
    const { id, token } = await server.oauth.admin.createRegistrationToken(1);
    await server.oauth.admin.revokeRegistrationToken(id);
    for (const headers of [
      {},
      { authorization: "Bearer nonsense" },
      { authorization: `Bearer vs_iat_${"A".repeat(49)}` },
      { authorization: `Bearer ${token}` },
    ]) {
      const response = await register(server, app, headers);
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
      expect(await answerOf(response)).toMatchObject({ error: "invalid_token" });
    }
    expect(registered(server)).toBe(0);
  });

  it("is ten a minute from one address", async () => {
    const server = aServer({ rateLimits: {} });
    for (let time = 0; time < 10; time++) expect((await register(server, app)).status).toBe(201);
    const refused = await register(server, app);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answerOf(refused)).toMatchObject({ error: "slow_down" });
    expect(registered(server)).toBe(10);
    expect(
      (await post(server, "/oauth/register", JSON.stringify(app), { "content-type": "application/json" }, "198.51.100.1")).status,
    ).toBe(201);
  });
});

describe("an app that registered itself", () => {
  it("may ask for every scope that is not for operators, whatever it registered", async () => {
    const server = aServer();
    const budget = await budgetApp(server, { scope: "read" });
    await expect(connect(server, budget, { scope: "read write share" })).resolves.toBeDefined();
  });

  it("is forgotten when it never led to a grant, and kept when it did", async () => {
    const server = aServer();
    const [used, unused] = [await budgetApp(server), await budgetApp(server)];
    await connect(server, used);
    server.clock.now += 30 * days;
    await sweep(server);
    expect(await server.store.client(unused.id)).toBeDefined();
    server.clock.now += 1;
    await sweep(server);
    expect(await server.store.client(used.id)).toBeDefined();
    expect(await server.store.client(unused.id)).toBeUndefined();
    expect(lastReason(server)).toBeUndefined();
  });

  it("is told how to reconnect where it comes back after it was forgotten, and may register again", async () => {
    const server = aServer();
    const forgotten = await budgetApp(server);
    server.clock.now += 31 * days;
    await sweep(server);
    const page = await get(server, authorizePath(forgotten));
    expect(page.status).toBe(400);
    expect(wordsOf(await page.text())).toContain("In the app, remove this server and add it again");
    const redeemed = await redeem(server, forgotten, "a code from before");
    expect([redeemed.status, (await answerOf(redeemed)).error]).toEqual([401, "invalid_client"]);
    const refreshed = await refresh(server, forgotten, "a token from before");
    expect([refreshed.status, (await answerOf(refreshed)).error]).toEqual([401, "invalid_client"]);
    await expect(connect(server, await budgetApp(server))).resolves.toBeDefined();
  });

  it("is kept while it works for itself, though nobody granted it anything", async () => {
    const server = aServer({ registration: { grantTypes: ["client_credentials"] } });
    const registered = await answerOf(await register(server, { client_name: "Night backup", grant_types: ["client_credentials"] }));
    const service = {
      id: registered.client_id ?? "",
      secret: registered.client_secret ?? "",
      method: "client_secret_basic",
      redirectUri: "",
    } as const;
    const work = async () => (await send(server, service, "/oauth/token", { grant_type: "client_credentials" })).status;
    expect(await work()).toBe(200);
    server.clock.now += 40 * days;
    await sweep(server);
    await sweep(server);
    expect(await work()).toBe(200);
  });
});
