import { describe, expect, it } from "vitest";
import { aServer, get, issuer, type Server } from "../a-server.ts";

const serverPath = "/.well-known/oauth-authorization-server";
const resourcePath = "/.well-known/oauth-protected-resource";

async function document(server: Server, path: string): Promise<Record<string, unknown>> {
  const response = await get(server, path);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Record<string, unknown>;
}

describe("authorization server metadata, RFC 8414 §3", () => {
  it("names the issuer byte for byte, with every endpoint below it", async () => {
    expect(await document(aServer(), serverPath)).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      registration_endpoint: `${issuer}/oauth/register`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      scopes_supported: ["read", "write", "share"],
      grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it("never follows what a request says about its host", async () => {
    const forged = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", forwarded: "host=evil.example" };
    const { oauth } = aServer();
    const response = await oauth.fetch(new Request(`https://evil.example${serverPath}`, { headers: forged }));
    expect(await response.text()).not.toContain("evil");
  });

  it("keeps an issuer with a trailing slash, and joins paths with one", async () => {
    expect(await document(aServer({ issuer: `${issuer}/` }), serverPath)).toMatchObject({
      issuer: `${issuer}/`,
      token_endpoint: `${issuer}/oauth/token`,
    });
  });

  it("stands at the path-inserted place of an issuer with a path, and everything below that path", async () => {
    const server = aServer({ issuer: `${issuer}/tenant` });
    expect(await document(server, `${serverPath}/tenant`)).toMatchObject({
      issuer: `${issuer}/tenant`,
      token_endpoint: `${issuer}/tenant/oauth/token`,
    });
    expect((await get(server, "/tenant/oauth/authorize")).status).toBe(400);
    expect((await get(server, "/oauth/authorize")).status).toBe(404);
    expect(server.oauth.handles("/tenant/my/connected_apps")).toBe(true);
    expect(server.oauth.handles("/oauth/token")).toBe(false);
  });

  it("leaves out what is off", async () => {
    const metadata = await document(aServer({ registration: { mode: "off" }, refreshTokenLifetime: "off" }), serverPath);
    expect(metadata).not.toHaveProperty("registration_endpoint");
    expect(metadata["grant_types_supported"]).toEqual(["authorization_code", "client_credentials"]);
    expect(Object.values(metadata)).not.toContain(null);
  });

  it("follows paths that were moved", async () => {
    const server = aServer({ paths: { token: "/t", register: "/r" } });
    expect(await document(server, serverPath)).toMatchObject({ token_endpoint: `${issuer}/t`, registration_endpoint: `${issuer}/r` });
    expect([server.oauth.handles("/t"), server.oauth.handles("/oauth/token")]).toEqual([true, false]);
  });

  it("may be read by every web page and kept for a while, by GET and HEAD", async () => {
    const server = aServer();
    for (const [method, path] of ["GET", "HEAD"].flatMap((name) => [serverPath, resourcePath].map((place) => [name, place] as const))) {
      const response = await server.oauth.fetch(new Request(issuer + path, { method }));
      expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
      expect([response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
        "application/json",
        "public, max-age=300",
      ]);
      expect(response.headers.get("set-cookie")).toBeNull();
    }
  });
});

describe("protected resource metadata, RFC 9728 §3", () => {
  const mcp = `${issuer}/mcp`;
  const photos = "https://photos.example.com/mcp";

  it("describes the origin at the bare place", async () => {
    expect(await document(aServer(), resourcePath)).toEqual({
      resource: issuer,
      authorization_servers: [issuer],
      scopes_supported: ["read", "write", "share"],
      bearer_methods_supported: ["header"],
    });
  });

  it("describes each resource at its own place, and the origin at the bare one", async () => {
    const server = aServer({ resources: { [mcp]: { name: "Notes for machines", scopes: ["read"] }, [issuer]: {} } });
    expect(await document(server, `${resourcePath}/mcp`)).toMatchObject({
      resource: mcp,
      scopes_supported: ["read"],
      resource_name: "Notes for machines",
    });
    expect(await document(server, resourcePath)).toMatchObject({ resource: issuer });
    expect((await get(server, `${resourcePath}/api`)).status).toBe(404);
  });

  it("stands where a client builds its address, also for a resource with a slash at its end", async () => {
    const server = aServer({ resources: { [`${mcp}/`]: {}, [issuer]: {} } });
    for (const path of [`${resourcePath}/mcp/`, `${resourcePath}/mcp`])
      expect(await document(server, path)).toMatchObject({ resource: `${mcp}/` });
  });

  it("describes an only resource at the bare place too", async () => {
    const server = aServer({ resources: { [mcp]: {} } });
    for (const path of [resourcePath, `${resourcePath}/mcp`]) expect(await document(server, path)).toMatchObject({ resource: mcp });
  });

  it("has nothing at the bare place where there are several and none is the origin", async () => {
    const server = aServer({ resources: { [mcp]: {}, [`${issuer}/api`]: {} } });
    expect((await get(server, resourcePath)).status).toBe(404);
  });

  it("describes our own resource before another host's of the same path", async () => {
    expect(await document(aServer({ resources: { [photos]: {}, [mcp]: {} } }), `${resourcePath}/mcp`)).toMatchObject({ resource: mcp });
    expect(await document(aServer({ resources: { [photos]: {}, [issuer]: {} } }), `${resourcePath}/mcp`)).toMatchObject({
      resource: photos,
    });
  });
});
