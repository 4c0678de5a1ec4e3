import { describe, expect, it } from "vitest";
import { connect, tokensOf } from "../a-person.ts";
import {
  type App,
  aServer,
  budgetApp,
  days,
  issuer,
  photoPrinter,
  post,
  refresh,
  revoke,
  type Server,
  send,
  statusAtApi,
} from "../a-server.ts";

const photos = "https://photos.example.com/";
const twoResources = { resources: { [issuer]: {}, [photos]: {} } };

async function introspect(server: Server, by: App, token: string): Promise<Record<string, unknown>> {
  const response = await send(server, by, "/oauth/introspect", { token });
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return (await response.json()) as Record<string, unknown>;
}

const resourceServer = (server: Server, ...resourceServerOf: string[]): Promise<App> =>
  photoPrinter(server, { name: "Photo API", redirectUris: [], resourceServerOf });

describe("introspection endpoint, RFC 7662 §2", () => {
  it("tells a confidential client about its own tokens", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const tokens = await connect(server, printer, { resource: issuer });
    const common = { active: true, iss: issuer, client_id: printer.id, sub: "ada", scope: "read write", iat: server.clock.now / 1000 };
    expect(await introspect(server, printer, tokens.access)).toEqual({
      ...common,
      token_type: "Bearer",
      aud: issuer,
      exp: server.clock.now / 1000 + 3600,
    });
    expect(await introspect(server, printer, tokens.refresh)).toEqual({ ...common, exp: server.clock.now / 1000 + 30 * 86_400 });
  });

  it("tells that a refresh token ends with its grant, and keeps the grant's scope when an access token was narrowed", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const { refresh: first } = await connect(server, printer, {}, { lifetime: "1d" });
    const { access, refresh: token } = await tokensOf(await refresh(server, printer, first, { scope: "read" }));
    expect(await introspect(server, printer, access)).toMatchObject({ scope: "read" });
    expect(await introspect(server, printer, token)).toMatchObject({ scope: "read write", exp: server.clock.now / 1000 + 86_400 });
  });

  it("leaves out aud and exp where there are none, rather than say null", async () => {
    const server = aServer({ accessTokenLifetime: "never", grantChoices: ["never"] });
    const printer = await photoPrinter(server);
    const { access } = await connect(server, printer);
    expect(Object.keys(await introspect(server, printer, access)).toSorted()).toEqual([
      "active",
      "client_id",
      "iat",
      "iss",
      "scope",
      "sub",
      "token_type",
    ]);
  });

  it("tells a resource server about access tokens for its resources alone", async () => {
    const server = aServer(twoResources);
    const app = await budgetApp(server);
    const api = await resourceServer(server, photos);
    const [ofPhotos, ofNotes] = [await connect(server, app, { resource: photos }), await connect(server, app, { resource: issuer })];
    expect(await introspect(server, api, ofPhotos.access)).toMatchObject({ active: true, aud: photos, sub: "ada", client_id: app.id });
    expect(await introspect(server, api, ofPhotos.refresh)).toEqual({ active: false });
    expect(await introspect(server, api, ofNotes.access)).toEqual({ active: false });
  });

  it("takes a token without an audience for one of the issuer's origin", async () => {
    const server = aServer(twoResources);
    const { access, refresh: token } = await connect(server, await budgetApp(server));
    const api = await resourceServer(server, issuer);
    expect(await introspect(server, api, access)).toMatchObject({ active: true });
    expect(await introspect(server, api, token)).toEqual({ active: false });
    expect(await introspect(server, await resourceServer(server, photos), access)).toEqual({ active: false });
  });

  it("says nothing but inactive of another client's token, of one that never was, and of one that is dead", async () => {
    const server = aServer();
    const [printer, app] = [await photoPrinter(server), await budgetApp(server)];
    const other = await connect(server, app);
    const [spent, revoked, ended] = [await connect(server, printer), await connect(server, printer), await connect(server, printer)];
    await refresh(server, printer, spent.refresh);
    await revoke(server, printer, revoked.refresh);
    for (const token of [
      other.access,
      other.refresh,
      spent.refresh,
      revoked.access,
      revoked.refresh,
      "nonsense",
      `vs_at_${"A".repeat(49)}`,
    ])
      expect(await introspect(server, printer, token)).toEqual({ active: false });
    server.clock.now += 30 * days;
    expect(await introspect(server, printer, ended.access)).toEqual({ active: false });
  });

  it("agrees with the guard about whether a token is active", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const { access } = await connect(server, printer);
    await server.oauth.admin.disableSubject("ada");
    expect([await statusAtApi(server, access), await introspect(server, printer, access)]).toEqual([401, { active: false }]);
    await server.oauth.admin.enableSubject("ada");
    expect([await statusAtApi(server, access), (await introspect(server, printer, access))["active"]]).toEqual([200, true]);
  });

  it("finds a token whatever the token_type_hint says", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const { access, refresh: token } = await connect(server, printer);
    for (const [shown, hint] of [
      [access, "refresh_token"],
      [token, "access_token"],
      [access, "nonsense"],
    ] as const) {
      const response = await send(server, printer, "/oauth/introspect", { token: shown, token_type_hint: hint });
      expect(await response.json()).toMatchObject({ active: true });
    }
  });

  it("refuses whoever is unauthenticated, wrongly authenticated or public: 401", async () => {
    const server = aServer();
    const [printer, app] = [await photoPrinter(server), await budgetApp(server)];
    const { access: token } = await connect(server, app);
    for (const refused of [
      await post(server, "/oauth/introspect", { token }),
      await send(server, { ...printer, secret: "wrong" }, "/oauth/introspect", { token }),
      await send(server, app, "/oauth/introspect", { token }),
    ]) {
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ error: "invalid_client" });
    }
  });

  it("refuses a blank token, and tells no web page anything", async () => {
    const server = aServer();
    const response = await send(server, await photoPrinter(server), "/oauth/introspect", { token: "" });
    expect(response.status).toBe(400);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});
