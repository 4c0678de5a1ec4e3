import { describe, expect, it } from "vitest";
import type { AuthenticateOptions } from "../../src/access.ts";
import { connect } from "../a-person.ts";
import { aServer, budgetApp, issuer, lastReason, type Server } from "../a-server.ts";

const readers = ["GET", "HEAD"];
const writers = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"];

async function aToken(scope: string, options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  return { server, token: (await connect(server, await budgetApp(server), { scope }, { scope: scope.split(" ") })).access };
}
async function statusOf(server: Server, token: string, method: string, options: AuthenticateOptions): Promise<number> {
  const request = new Request(`${issuer}/api/notes`, { method, headers: { authorization: `Bearer ${token}` } });
  const access = await server.oauth.authenticate(request, options);
  return access instanceof Response ? access.status : 200;
}
const statusesOf = (methods: readonly string[], server: Server, token: string, options: AuthenticateOptions): Promise<readonly number[]> =>
  Promise.all(methods.map((method) => statusOf(server, token, method, options)));
const all = (methods: readonly string[], status: number): readonly number[] => methods.map(() => status);

describe("an API guarded by what each method needs", () => {
  const options = { methodScopes: true } as const;

  it("wants read for reading", async () => {
    const { server, token } = await aToken("read");
    expect(await statusesOf(readers, server, token, options)).toEqual(all(readers, 200));
    expect(await statusesOf(writers, server, token, options)).toEqual(all(writers, 403));
    expect(lastReason(server)).toBe("scope write is needed");
  });

  it("wants write for all else, and write alone reads nothing", async () => {
    const { server, token } = await aToken("write");
    expect(await statusesOf(readers, server, token, options)).toEqual(all(readers, 403));
    expect(await statusesOf(writers, server, token, options)).toEqual(all(writers, 200));
  });

  it("wants it besides what the path wants", async () => {
    const { server, token } = await aToken("read share");
    for (const scope of ["share", ["share", "read"]] as const) {
      expect(await statusOf(server, token, "GET", { ...options, scope })).toBe(200);
      expect(await statusOf(server, token, "POST", { ...options, scope })).toBe(403);
    }
    expect(lastReason(server)).toBe("scope share read write is needed");
    const other = await aToken("read");
    expect(await statusOf(other.server, other.token, "GET", { ...options, scope: "share" })).toBe(403);
  });

  it("asks for what is there and what is needed, so that an app loses nothing, RFC 6750 §3.1", async () => {
    const { server, token } = await aToken("read share");
    const request = new Request(`${issuer}/api`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    const refused = await server.oauth.authenticate(request, options);
    expect(refused instanceof Response && refused.headers.get("www-authenticate")).toContain(
      'scope="read write share", error="insufficient_scope"',
    );
  });

  it("may call them otherwise", async () => {
    const scopes = { "notes.read": "Read", "notes.write": "Write" };
    const { server, token } = await aToken("notes.read", { scopes });
    const named = { methodScopes: { read: "notes.read", write: "notes.write" } };
    expect([await statusOf(server, token, "GET", named), await statusOf(server, token, "DELETE", named)]).toEqual([200, 403]);
  });

  it("knows what comes with a scope", async () => {
    const scopes = { read: "Read", write: { description: "Write", implies: ["read"] } } as const;
    const { server, token } = await aToken("write", { scopes, defaultScope: ["read"] });
    expect([await statusOf(server, token, "GET", options), await statusOf(server, token, "POST", options)]).toEqual([200, 200]);
  });

  it("is broken, and the operator learns why, where there is no scope of that name", async () => {
    const { server, token } = await aToken("notes", { scopes: { notes: "Notes" } });
    expect(await statusOf(server, token, "GET", options)).toBe(500);
    expect(String(server.errors[0])).toContain("methodScopes needs the scope read, and there is none of this name");
  });

  it("answers a preflight, which has no token", async () => {
    const { server } = await aToken("read");
    const request = new Request(`${issuer}/api`, { method: "OPTIONS", headers: { "access-control-request-method": "POST" } });
    expect(await server.oauth.authenticate(request, options)).toMatchObject({ status: 204 });
  });

  it("wants nothing of its own where nothing was said", async () => {
    const { server, token } = await aToken("share");
    expect(await statusesOf([...readers, ...writers], server, token, {})).toEqual(all([...readers, ...writers], 200));
  });
});
