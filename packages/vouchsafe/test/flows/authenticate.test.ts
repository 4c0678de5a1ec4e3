import { describe, expect, it } from "vitest";
import { StorageError } from "../../src/store/store.ts";
import { connect } from "../a-person.ts";
import {
  answerOf,
  aServer,
  budgetApp,
  change,
  type Headers,
  issuer,
  lastEvent,
  lastReason,
  like,
  minutes,
  photoPrinter,
  type Server,
  send,
} from "../a-server.ts";

const mcp = `${issuer}/mcp`;
const photos = "https://photos.example.com/api";
const metadataOf = (path: string): string => `Bearer resource_metadata="${issuer}/.well-known/oauth-protected-resource${path}"`;
const invalid = 'error="invalid_token", error_description="The access token is missing, expired, revoked, or not meant for this resource."';

const resources = { [issuer]: {}, [mcp]: { initialScopes: ["read"] }, [photos]: {} };

/** A server with two resources of its own and one elsewhere, and a token of ada's for one of them. */
async function aToken({ scope = "read", resource = mcp }: { scope?: string; resource?: string | undefined } = {}) {
  const server = aServer({ resources });
  const app = await budgetApp(server);
  const { access } = await connect(server, app, { scope, resource: resource === "" ? undefined : resource });
  return { server, app, access };
}

async function refusalOf(server: Server, url: string, headers: Headers, options = {}): Promise<Response> {
  const access = await server.oauth.authenticate(new Request(url, { headers }), options);
  if (!(access instanceof Response)) throw new Error("it was let in");
  return access;
}
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

describe("a guarded API, RFC 6750 §3", () => {
  it("lets the token in, and says who may do what", async () => {
    const { server, app, access } = await aToken({ scope: "read write" });
    expect(await server.oauth.authenticate(new Request(mcp, { headers: bearer(access) }), { scope: "write" })).toEqual({
      subject: "ada",
      clientId: app.id,
      clientName: "Budget app",
      scope: ["read", "write"],
      grantId: like(/^[\w-]{22}$/),
      audience: mcp,
      expiresAt: server.clock.now + 60 * minutes,
    });
  });

  it("lets a service in as itself", async () => {
    const server = aServer();
    const service = await photoPrinter(server, { redirectUris: [] });
    const answer = await answerOf(await send(server, service, "/oauth/token", { grant_type: "client_credentials" }));
    const access = await server.oauth.authenticate(new Request(`${issuer}/api`, { headers: bearer(answer.access_token ?? "") }));
    expect(access).toMatchObject({ subject: service.id, clientId: service.id, clientName: "Photo printer", grantId: undefined });
  });

  it("tells whoever sends no token where to get one, without an error", async () => {
    const { server } = await aToken();
    const response = await refusalOf(server, mcp, {});
    expect([response.status, await response.text()]).toEqual([401, ""]);
    expect(response.headers.get("www-authenticate")).toBe(`${metadataOf("/mcp")}, scope="read"`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect((await refusalOf(server, `${issuer}/api/notes`, {})).headers.get("www-authenticate")).toBe(
      `${metadataOf("")}, scope="read write share"`,
    );
    expect(lastReason(server)).toBeUndefined();
  });

  it("names no scope where none is wanted at first", async () => {
    const server = aServer({ resources: { [mcp]: { initialScopes: [] } } });
    const response = await refusalOf(server, mcp, {});
    expect(response.headers.get("www-authenticate")).toBe(metadataOf("/mcp"));
  });

  it("tells whoever tries another scheme the same: no token was sent", async () => {
    const { server } = await aToken();
    const response = await refusalOf(server, mcp, { authorization: "Basic YWRhOnB3" });
    expect(response.headers.get("www-authenticate")).toBe(`${metadataOf("/mcp")}, scope="read"`);
  });

  it.each([
    ["unknown", () => `vs_at_${"A".repeat(49)}`],
    ["no token of ours", () => "eyJhbGciOiJub25lIn0.e30."],
    ["changed in one character", (access: string) => access.replace(/.$/, (last) => (last === "A" ? "B" : "A"))],
    ["two tokens", (access: string) => `${access} ${access}`],
    ["empty", () => ""],
  ])("refuses a token that is %s", async (_, tokenOf) => {
    const { server, access } = await aToken();
    const response = await refusalOf(server, mcp, bearer(tokenOf(access)));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(`${metadataOf("/mcp")}, scope="read", ${invalid}`);
    expect(await answerOf(response)).toMatchObject({ error: "invalid_token" });
  });

  it("refuses a refresh token and a client's secret", async () => {
    const server = aServer();
    const printer = await photoPrinter(server);
    const { refresh } = await connect(server, printer);
    for (const token of [refresh, printer.secret]) expect((await refusalOf(server, issuer, bearer(token))).status).toBe(401);
  });

  it("refuses a token at its expiry, and not sooner", async () => {
    const { server, access } = await aToken();
    server.clock.now += 60 * minutes - 1;
    expect(await server.oauth.authenticate(new Request(mcp, { headers: bearer(access) }))).toMatchObject({ subject: "ada" });
    server.clock.now += 1;
    expect((await refusalOf(server, mcp, bearer(access))).headers.get("www-authenticate")).toBe(
      `${metadataOf("/mcp")}, scope="read", ${invalid}`,
    );
    expect(lastReason(server)).toBe("access token has ended");
  });

  it("sees at once that the client was disabled", async () => {
    const { server, app, access } = await aToken();
    await change(server, app, { disabledAt: server.clock.now });
    expect((await refusalOf(server, mcp, bearer(access))).status).toBe(401);
  });

  it("names granted and needed scope where the token lacks some, and records it", async () => {
    const { server, app, access } = await aToken({ scope: "read" });
    const response = await refusalOf(server, mcp, bearer(access), { scope: "share" });
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toBe(
      `${metadataOf("/mcp")}, scope="read share", error="insufficient_scope", error_description="The access token does not have the scope this needs."`,
    );
    expect(lastEvent(server, "scope.violated")).toMatchObject({ reason: "scope share is needed", clientId: app.id });
  });

  it("counts what a granted scope implies", async () => {
    const server = aServer({ scopes: { read: "Read", write: { description: "Write", implies: ["read"] } } });
    const { access } = await connect(server, await budgetApp(server), { scope: "write" });
    expect(await server.oauth.authenticate(new Request(issuer, { headers: bearer(access) }), { scope: "read" })).toMatchObject({
      scope: ["write"],
    });
  });
});

describe("the audience of a token, RFC 8707 §2.2, RFC 6750 §5.2", () => {
  it("is asked at every guard", async () => {
    const { server, access } = await aToken({ resource: mcp });
    const response = await refusalOf(server, `${issuer}/api/notes`, bearer(access));
    expect(response.headers.get("www-authenticate")).toBe(`${metadataOf("")}, scope="read write share", ${invalid}`);
    expect(lastReason(server)).toBe("access token is for another resource");
  });

  it("is every resource of the issuer's origin where none was ever named, and none elsewhere", async () => {
    const { server, access } = await aToken({ resource: "" });
    for (const url of [mcp, `${issuer}/api`])
      expect(await server.oauth.authenticate(new Request(url, { headers: bearer(access) }))).toMatchObject({ audience: undefined });
    expect((await refusalOf(server, photos, bearer(access), { resource: photos })).status).toBe(401);
  });

  it("is found by the longest path that the request is below, never by its host", async () => {
    const { server, access } = await aToken({ resource: mcp });
    const statusAt = async (url: string): Promise<number> => {
      const answer = await server.oauth.authenticate(new Request(url, { headers: bearer(access) }));
      return answer instanceof Response ? answer.status : 200;
    };
    for (const url of [mcp, `${mcp}/`, `${mcp}?x=/api`, `${mcp}/tools/list`, "https://internal:8080/mcp"])
      expect([url, await statusAt(url)]).toEqual([url, 200]);
    for (const url of [`${issuer}/mcp2`, `${issuer}/MCP`, `${issuer}/api?x=/mcp`, `${issuer}/`])
      expect([url, await statusAt(url)]).toEqual([url, 401]);
  });

  it("is the one that the host app names", async () => {
    const { server, access } = await aToken({ resource: photos });
    const request = new Request("https://internal:8080/anything", { headers: bearer(access) });
    expect(await server.oauth.authenticate(request, { resource: photos })).toMatchObject({ audience: photos });
    expect((await refusalOf(server, photos, {}, { resource: photos })).headers.get("www-authenticate")).toBe(
      'Bearer resource_metadata="https://photos.example.com/.well-known/oauth-protected-resource/api", scope="read write share"',
    );
  });

  it("is a mistake of the host app where nothing covers the path: 500, and the operator is told", async () => {
    const server = aServer({ resources: { [mcp]: {} } });
    expect((await refusalOf(server, `${issuer}/api`, {})).status).toBe(500);
    expect(server.errors).toEqual([
      expect.objectContaining({ message: "authenticate: no registered resource covers /api; name one in its options" }),
    ]);
  });
});

describe("how a token is sent, RFC 6750 §2.1, OAuth 2.1 §5.1.1", () => {
  it("is sent in the header, whatever the case of the scheme", async () => {
    const { server, access } = await aToken();
    for (const authorization of [`bearer ${access}`, `BEARER ${access}`, `Bearer   ${access}`])
      expect(await server.oauth.authenticate(new Request(mcp, { headers: { authorization } }))).toMatchObject({ subject: "ada" });
  });

  it("counts for nothing in query, body or cookie", async () => {
    const { server, access } = await aToken();
    const body = new Request(mcp, { method: "POST", body: new URLSearchParams({ access_token: access }) });
    for (const request of [
      new Request(`${mcp}?access_token=${access}`),
      body,
      new Request(mcp, { headers: { cookie: `access_token=${access}` } }),
    ]) {
      const response = await server.oauth.authenticate(request);
      expect(response instanceof Response ? response.headers.get("www-authenticate") : "let in").toBe(
        `${metadataOf("/mcp")}, scope="read"`,
      );
    }
    expect(body.bodyUsed).toBe(false);
  });
});

describe("web pages of other sites at a guarded API, CORS", () => {
  it("are told by a preflight what they may send, without a token", async () => {
    const { server } = await aToken();
    const request = new Request(mcp, {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    });
    const response = await server.oauth.authenticate(request, { scope: "write" });
    if (!(response instanceof Response)) throw new Error("a preflight is no access");
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-headers")).toMatch(/^authorization, content-type, mcp-protocol-version/);
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("need a token for any other OPTIONS", async () => {
    const { server } = await aToken();
    const response = await server.oauth.authenticate(new Request(mcp, { method: "OPTIONS" }));
    expect(response instanceof Response && response.status).toBe(401);
  });

  it("can read every challenge", async () => {
    const { server, access } = await aToken();
    for (const response of [
      await refusalOf(server, mcp, {}),
      await refusalOf(server, mcp, bearer("nonsense")),
      await refusalOf(server, mcp, bearer(access), { scope: "share" }),
    ]) {
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-expose-headers")).toBe("WWW-Authenticate, Retry-After, Mcp-Session-Id");
    }
  });

  it("can read that storage is down, and when to try again", async () => {
    const { server } = await aToken();
    const failing = { ...server.store, token: () => Promise.reject(new StorageError("unavailable", "busy")) };
    const response = await refusalOf(aServer({ store: failing }), issuer, bearer(`${(await aToken()).access}`));
    expect([response.status, response.headers.get("retry-after"), response.headers.get("access-control-allow-origin")]).toEqual([
      503,
      "1",
      "*",
    ]);
  });
});
