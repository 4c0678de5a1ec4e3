import { describe, expect, it } from "vitest";
import { allow, browserOf, connect, tokensOf } from "../a-person.ts";
import {
  answerOf,
  aServer,
  budgetApp,
  days,
  issuer,
  lastEvent,
  lastReason,
  minutes,
  photoPrinter,
  post,
  redeem,
  refresh,
  revoke,
  seconds,
  statusAtApi,
} from "../a-server.ts";

async function aConnection(options: Parameters<typeof aServer>[0] = {}, choice: { lifetime?: string } = {}) {
  const server = aServer(options);
  const app = await budgetApp(server);
  const tokens = await connect(server, app, {}, choice);
  return { server, app, tokens };
}

describe("refresh token grant, OAuth 2.1 §4.3", () => {
  it("gives a new pair, and the old access token stays good until it ends", async () => {
    const { server, app, tokens } = await aConnection();
    server.clock.now += minutes;
    const response = await refresh(server, app, tokens.refresh);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer = await answerOf(response.clone());
    expect(answer).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "read write" });
    const next = await tokensOf(response);
    expect(next.refresh).not.toBe(tokens.refresh);
    expect(next.access).not.toBe(tokens.access);
    expect([await statusAtApi(server, tokens.access), await statusAtApi(server, next.access)]).toEqual([200, 200]);
    expect(lastEvent(server, "token.refreshed")).toMatchObject({ clientId: app.id, subject: "ada", scope: ["read", "write"] });
  });

  it.each([
    ["no refresh token", undefined, "parameter refresh_token is missing", "invalid_request"],
    ["one that is none", "vs_rt_nonsense", "refresh token is unknown", "invalid_grant"],
  ])("is refused with %s", async (_, token, reason, error) => {
    const { server, app } = await aConnection();
    const refused = await refresh(server, app, "", { refresh_token: token });
    expect(refused.status).toBe(400);
    expect(await answerOf(refused)).toMatchObject({ error });
    expect(lastReason(server)).toBe(reason);
  });

  it("refuses an access token", async () => {
    const { server, app, tokens } = await aConnection();
    expect(await answerOf(await refresh(server, app, tokens.access))).toMatchObject({ error: "invalid_grant" });
  });

  it("refuses another client, and nothing is spent or revoked", async () => {
    const { server, app, tokens } = await aConnection();
    const printer = await photoPrinter(server);
    expect(await answerOf(await refresh(server, printer, tokens.refresh))).toMatchObject({ error: "invalid_grant" });
    expect(lastReason(server)).toBe("refresh token was issued to another client");
    expect((await refresh(server, app, tokens.refresh)).status).toBe(200);
  });

  it("asks a client with a secret for it, and spends nothing without it", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const { refresh: token } = await connect(server, printer);
    const body = { grant_type: "refresh_token", refresh_token: token };
    for (const refused of [
      await post(server, "/oauth/token", { ...body, client_id: printer.id }),
      await refresh(server, { ...printer, secret: "wrong" }, token),
    ])
      expect([refused.status, (await answerOf(refused)).error]).toEqual([401, "invalid_client"]);
    expect(lastEvent(server, "token.refreshed")).toBeUndefined();
    expect((await refresh(server, printer, token)).status).toBe(200);
  });

  it("refuses when the client, the person or the grant has ended, and works again once the person is enabled", async () => {
    const { server, app, tokens } = await aConnection();
    await server.oauth.admin.disableSubject("ada");
    expect(await answerOf(await refresh(server, app, tokens.refresh))).toMatchObject({ error: "invalid_grant" });
    expect(await statusAtApi(server, tokens.access)).toBe(401);
    await server.oauth.admin.enableSubject("ada");
    expect(await statusAtApi(server, tokens.access)).toBe(200);
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    await revoke(server, app, next.refresh);
    expect(lastEvent(server, "grant.revoked")).toMatchObject({ by: "client" });
    expect((await refresh(server, app, next.refresh)).status).toBe(400);
  });
});

describe("rotation, OAuth 2.1 §4.3.1", () => {
  it("within the overlap repeats the very same pair, with what remains as expires_in", async () => {
    const { server, app, tokens } = await aConnection();
    const first = await answerOf(await refresh(server, app, tokens.refresh));
    server.clock.now += 59 * seconds;
    expect(await answerOf(await refresh(server, app, tokens.refresh))).toEqual({ ...first, expires_in: 3541 });
    expect(await statusAtApi(server, first.access_token ?? "")).toBe(200);
  });

  it("gives all of ten that come at once the very same pair", async () => {
    const { server, app, tokens } = await aConnection();
    const responses = await Promise.all(Array.from({ length: 10 }, () => refresh(server, app, tokens.refresh)));
    const pairs = await Promise.all(responses.map(tokensOf));
    expect(new Set(pairs.map((pair) => pair.access + pair.refresh)).size).toBe(1);
    expect(server.events.filter(({ type }) => type === "token.refreshed")).toHaveLength(1);
  });

  it("after the overlap takes reuse for theft, and revokes the grant", async () => {
    const { server, app, tokens } = await aConnection();
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    server.clock.now += 60 * seconds;
    expect(await answerOf(await refresh(server, app, tokens.refresh))).toMatchObject({ error: "invalid_grant" });
    expect(lastEvent(server, "refresh.reused")).toMatchObject({ clientId: app.id, subject: "ada" });
    expect([await statusAtApi(server, next.access), await statusAtApi(server, tokens.access)]).toEqual([401, 401]);
    expect((await refresh(server, app, next.refresh)).status).toBe(400);
  });

  it("takes the reuse of an older one for theft, also within the overlap", async () => {
    const { server, app, tokens } = await aConnection();
    const second = await tokensOf(await refresh(server, app, tokens.refresh));
    const third = await tokensOf(await refresh(server, app, second.refresh));
    expect((await refresh(server, app, tokens.refresh)).status).toBe(400);
    expect(await statusAtApi(server, third.access)).toBe(401);
    expect(lastEvent(server, "refresh.reused")).toBeDefined();
  });

  it("is strict where the overlap is 0", async () => {
    const { server, app, tokens } = await aConnection({ refreshOverlap: 0 });
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    expect((await refresh(server, app, tokens.refresh)).status).toBe(400);
    expect(await statusAtApi(server, next.access)).toBe(401);
  });

  it("within the overlap still asks the grant first", async () => {
    const { server, app, tokens } = await aConnection();
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    await revoke(server, app, next.refresh);
    expect(await answerOf(await refresh(server, app, tokens.refresh))).toMatchObject({ error: "invalid_grant" });
  });

  it("within the overlap refuses another scope, and revokes nothing", async () => {
    const { server, app, tokens } = await aConnection();
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    expect(await answerOf(await refresh(server, app, tokens.refresh, { scope: "read" }))).toMatchObject({ error: "invalid_grant" });
    expect(await statusAtApi(server, next.access)).toBe(200);
    expect((await refresh(server, app, next.refresh)).status).toBe(200);
  });

  it("revokes nothing when another client shows a rotated token", async () => {
    const { server, app, tokens } = await aConnection({ refreshOverlap: 0 });
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    const printer = await photoPrinter(server);
    expect((await refresh(server, printer, tokens.refresh)).status).toBe(400);
    expect(await statusAtApi(server, next.access)).toBe(200);
  });
});

describe("the scope and resource of a refresh, OAuth 2.1 §4.3.1, RFC 8707 §2.2", () => {
  it("may narrow the access token; the grant keeps its scope", async () => {
    const { server, app, tokens } = await aConnection();
    const narrowed = await answerOf(await refresh(server, app, tokens.refresh, { scope: "read" }));
    expect(narrowed.scope).toBe("read");
    expect((await answerOf(await refresh(server, app, narrowed.refresh_token ?? ""))).scope).toBe("read write");
  });

  it.each([
    [{ scope: "read share" }, "invalid_scope"],
    [{ scope: "read nonsense" }, "invalid_scope"],
    [{ scope: 'read"' }, "invalid_scope"],
    [{ resource: "https://evil.example" }, "invalid_target"],
  ])("refuses %j, and nothing is spent", async (more, error) => {
    const { server, app, tokens } = await aConnection();
    expect(await answerOf(await refresh(server, app, tokens.refresh, more))).toMatchObject({ error });
    expect(lastEvent(server, "token.refreshed")).toBeUndefined();
    expect((await refresh(server, app, tokens.refresh)).status).toBe(200);
  });

  it.each(["offline_access", " ", "offline_access read write"])("ignores offline_access, and takes %j for no narrowing", async (scope) => {
    const { server, app, tokens } = await aConnection();
    expect((await answerOf(await refresh(server, app, tokens.refresh, { scope }))).scope).toBe("read write");
  });

  it("refuses a registered resource that the grant is not for", async () => {
    const photos = "https://photos.example.com/";
    const server = aServer({ resources: { [issuer]: {}, [photos]: {} } });
    const app = await budgetApp(server);
    const { refresh: token } = await connect(server, app, { resource: issuer });
    expect(await answerOf(await refresh(server, app, token, { resource: photos }))).toMatchObject({ error: "invalid_target" });
    expect((await refresh(server, app, token, { resource: issuer })).status).toBe(200);
  });

  it("chooses one of the grant's several resources at every refresh", async () => {
    const photos = "https://photos.example.com/";
    const server = aServer({ resources: { [issuer]: {}, [photos]: {} } });
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app, { resource: [issuer, photos] });
    const first = await tokensOf(await redeem(server, app, code, { resource: issuer }));
    expect(await statusAtApi(server, first.access)).toBe(200);
    expect(await answerOf(await refresh(server, app, first.refresh))).toMatchObject({ error: "invalid_target" });
    const second = await tokensOf(await refresh(server, app, first.refresh, { resource: photos }));
    expect(await statusAtApi(server, second.access)).toBe(401);
  });

  it("refuses where the grant's own resource is no longer registered: invalid_grant", async () => {
    const photos = "https://photos.example.com/";
    const server = aServer({ resources: { [issuer]: {}, [photos]: {} } });
    const app = await budgetApp(server);
    const { refresh: token } = await connect(server, app, { resource: photos });
    const later = aServer({ store: server.store });
    expect(await answerOf(await refresh(later, app, token))).toMatchObject({ error: "invalid_grant" });
    expect((await refresh(server, app, token)).status).toBe(200);
  });
});

describe("when refreshing ends, OAuth 2.1 §4.3", () => {
  it("ends with the grant, whose end never moves, and no token outlives it", async () => {
    const { server, app, tokens } = await aConnection({}, { lifetime: "1d" });
    server.clock.now += days - 10 * minutes;
    const next = await answerOf(await refresh(server, app, tokens.refresh));
    expect(next.expires_in).toBe(600);
    server.clock.now += 10 * minutes - 1;
    expect(await statusAtApi(server, next.access_token ?? "")).toBe(200);
    server.clock.now += 1;
    expect(await statusAtApi(server, next.access_token ?? "")).toBe(401);
    expect((await refresh(server, app, next.refresh_token ?? "")).status).toBe(400);
  });

  it("ends when nobody refreshed for the idle time, and every refresh begins it anew", async () => {
    const { server, app, tokens } = await aConnection({ refreshTokenLifetime: "2d" }, { lifetime: "never" });
    server.clock.now += 2 * days - 1;
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    server.clock.now += 2 * days - 1;
    const last = await tokensOf(await refresh(server, app, next.refresh));
    server.clock.now += 2 * days;
    expect(await answerOf(await refresh(server, app, last.refresh))).toMatchObject({ error: "invalid_grant" });
    expect(lastReason(server)).toBe("refresh token has expired");
  });

  it("is refused to a client without the grant type", async () => {
    const server = aServer();
    const app = await budgetApp(server, { grant_types: ["authorization_code"] });
    expect(await answerOf(await refresh(server, app, "vs_rt_x"))).toMatchObject({ error: "unauthorized_client" });
  });
});
