import { describe, expect, it } from "vitest";
import { checkConfiguration } from "../../src/check-configuration.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { allow, browserOf, connect, tokensOf } from "../a-person.ts";
import {
  answerOf,
  aServer,
  budgetApp,
  days,
  get,
  issuer,
  lastEvent,
  minutes,
  photoPrinter,
  redeem,
  refresh,
  revoke,
  seconds,
  send,
  statusAtApi,
} from "../a-server.ts";

const claimsOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;

async function aConnection(options: Parameters<typeof aServer>[0] = {}, lifetime = "30d") {
  const server = aServer({ accessTokenFormat: "jwt", ...options });
  const app = await budgetApp(server);
  return { server, app, tokens: await connect(server, app, {}, { lifetime }) };
}

describe("when a JWT access token ends, RFC 9068 §2.2", () => {
  it("is after the lifetime, and its answer says the same", async () => {
    const server = aServer({ accessTokenFormat: "jwt", accessTokenLifetime: "10m" });
    const app = await budgetApp(server);
    const answer = await answerOf(await redeem(server, app, await allow(browserOf(server), app)));
    const { iat, exp } = claimsOf(answer.access_token ?? "");
    expect([iat, exp, answer.expires_in]).toEqual([server.clock.now / 1000, server.clock.now / 1000 + 600, 600]);
  });

  it("is with its grant where that is sooner, and never a moment later", async () => {
    const { server, app, tokens } = await aConnection({ accessTokenLifetime: "1d" }, "1d");
    expect(claimsOf(tokens.access)["exp"]).toBe(server.clock.now / 1000 + 86_400);
    server.clock.now += 12 * 60 * minutes + 1;
    const next = await tokensOf(await refresh(server, app, tokens.refresh));
    const end = server.clock.now - 12 * 60 * minutes - 1 + days;
    expect(claimsOf(next.access)["exp"]).toBe(end / 1000);
    server.clock.now = end - 1;
    expect(await statusAtApi(server, next.access)).toBe(200);
    server.clock.now = end;
    expect(await statusAtApi(server, next.access)).toBe(401);
  });

  it("is in whole seconds, and never later than what we say ourselves", async () => {
    const server = aServer({ accessTokenFormat: "jwt" });
    server.clock.now += 999;
    const { access } = await connect(server, await budgetApp(server));
    const { iat, exp } = claimsOf(access);
    expect([iat, exp]).toEqual([1_800_000_000, 1_800_003_600]);
    expect(Number(exp) * 1000).toBeLessThanOrEqual(server.clock.now + 60 * minutes);
  });

  it("can be never only for opaque ones: the server does not start", () => {
    const options = {
      issuer,
      secret: "a secret for tests, longer than 32 bytes",
      store: memory(),
      scopes: { read: "Read" },
      signedIn: () => undefined,
      signInUrl: () => "/",
    };
    expect(() => checkConfiguration({ ...options, accessTokenFormat: "jwt", accessTokenLifetime: "never" })).toThrow(
      "a jwt that never ends",
    );
    expect(() => checkConfiguration({ ...options, accessTokenFormat: "jwe" as "jwt" })).toThrow("neither opaque nor jwt");
    expect(checkConfiguration({ ...options, accessTokenFormat: "jwt", accessTokenLifetime: "1h" }).accessTokenFormat).toBe("jwt");
  });
});

describe("taking a JWT access token back, RFC 7009 §2", () => {
  it("works at once at our guard and at introspection, by itself or with all of its grant", async () => {
    for (const way of ["access", "refresh", "disconnect", "disable", "subject"] as const) {
      const { server, app, tokens } = await aConnection();
      const api = await photoPrinter(server, { redirectUris: [], resourceServerOf: [issuer] });
      const isActive = async (): Promise<unknown> =>
        (await answerOf(await send(server, api, "/oauth/introspect", { token: tokens.access }))).active;
      expect([await isActive(), await statusAtApi(server, tokens.access)]).toEqual([true, 200]);
      if (way === "disconnect")
        await server.oauth.fetch(
          new Request(`${issuer}/my/connected_apps/${app.id}`, { method: "DELETE", headers: { cookie: "session=ada.1" } }),
        );
      else if (way === "disable") await server.oauth.admin.disableClient(app.id);
      else if (way === "subject") await server.oauth.admin.disableSubject("ada");
      else expect((await revoke(server, app, tokens[way])).status).toBe(200);
      expect([way, await isActive(), await statusAtApi(server, tokens.access)]).toEqual([way, false, 401]);
    }
  });

  it("leaves the refresh token alone where the access token alone was revoked", async () => {
    const { server, app, tokens } = await aConnection();
    await revoke(server, app, tokens.access);
    expect(lastEvent(server, "token.revoked")).toMatchObject({ clientId: app.id });
    expect((await refresh(server, app, tokens.refresh)).status).toBe(200);
  });

  it("is its own client's alone", async () => {
    const { server, tokens } = await aConnection();
    const other = await budgetApp(server);
    expect((await revoke(server, other, tokens.access)).status).toBe(200);
    expect(await statusAtApi(server, tokens.access)).toBe(200);
  });

  it("is one like any other, also where only its shape is a JWT's", async () => {
    const { server, app } = await aConnection();
    for (const token of ["eyJ.eyJ.x", `eyJ${"a".repeat(9000)}.eyJ.x`, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."]) {
      expect((await revoke(server, app, token)).status).toBe(200);
      expect(await statusAtApi(server, token)).toBe(401);
    }
    expect(server.errors).toEqual([]);
  });
});

describe("a JWT and its refresh token, OAuth 2.1 §4.3.1", () => {
  it("come again the very same when a refresh is repeated within the overlap", async () => {
    const { server, app, tokens } = await aConnection();
    server.clock.now += seconds;
    const [first, second] = await Promise.all([refresh(server, app, tokens.refresh), refresh(server, app, tokens.refresh)]);
    const [one, other] = [await tokensOf(first), await tokensOf(second)];
    expect(other).toEqual(one);
    server.clock.now += 59 * seconds;
    expect(await tokensOf(await refresh(server, app, tokens.refresh))).toEqual(one);
    expect(one.access).not.toBe(tokens.access);
  });

  it("are of one audience each where the grant has several", async () => {
    const photos = "https://photos.example.com";
    const { server, app } = await aConnection({ resources: { [issuer]: {}, [photos]: {} } });
    const code = await allow(browserOf(server), app, { scope: "read", resource: [issuer, photos] });
    const first = await tokensOf(await redeem(server, app, code, { resource: photos }));
    const second = await tokensOf(await refresh(server, app, first.refresh, { resource: issuer }));
    expect([claimsOf(first.access)["aud"], claimsOf(second.access)["aud"]]).toEqual([photos, issuer]);
    expect([await statusAtApi(server, first.access), await statusAtApi(server, second.access)]).toEqual([401, 200]);
  });
});

describe("the format of access tokens", () => {
  it("may change: those of the other kind are good until they end", async () => {
    const { server, app, tokens } = await aConnection();
    const opaque = aServer({ store: server.store, now: () => server.clock.now });
    expect(await statusAtApi(opaque, tokens.access)).toBe(200);
    const next = await tokensOf(await refresh(opaque, app, tokens.refresh));
    expect(next.access).toMatch(/^vs_at_/);
    expect(await statusAtApi(server, next.access)).toBe(200);
  });

  it("is told to nobody: what a JWT says is never in the audit, and neither is the JWT", async () => {
    const { server, tokens } = await aConnection();
    expect(JSON.stringify(server.events)).not.toContain(tokens.access.slice(-40));
  });

  it("says nothing of people but their id", async () => {
    const { tokens } = await aConnection();
    expect(Object.keys(claimsOf(tokens.access)).toSorted()).toEqual(["aud", "client_id", "exp", "iat", "iss", "jti", "scope", "sub"]);
  });

  it("has its keys published as a set that may be kept for minutes", async () => {
    const { server } = await aConnection();
    const { headers, status } = await get(server, "/oauth/jwks");
    expect([status, headers.get("content-type"), headers.get("cache-control"), headers.get("access-control-allow-origin")]).toEqual([
      200,
      "application/jwk-set+json",
      "public, max-age=300",
      "*",
    ]);
  });
});
