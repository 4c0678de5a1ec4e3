import { describe, expect, it } from "vitest";
import { browserOf, connect, open } from "../a-person.ts";
import { aServer, budgetApp, type Headers, issuer, like, post, type Server, statusAtApi } from "../a-server.ts";

const path = "/my/access_tokens";
const session = { cookie: "session=ada.1" };
const wanted = { name: "Night backup", scopes: ["read"], ends: "30d" };

/** A request by a script of our own page, or by whoever has other headers. */
const make = (server: Server, headers: Headers = session, body: object = wanted): Promise<Response> =>
  post(server, path, JSON.stringify(body), { "content-type": "application/json", origin: issuer, accept: "application/json", ...headers });

async function aToken() {
  const server = aServer();
  const response = await make(server);
  const { id, token } = (await response.json()) as { id: string; token: string };
  return { server, response, id, token };
}

describe("personal access tokens", () => {
  it("are shown once, to their owner, and only their hash is kept", async () => {
    const { server, response, id, token } = await aToken();
    expect([response.status, response.headers.get("cache-control"), token]).toEqual([201, "no-store", like(/^vs_pat_[\w-]{49}$/)]);
    const list = await (await open(browserOf(server), path, { accept: "application/json" })).text();
    expect(list).toContain(id);
    expect(list).not.toContain(token);
    expect(JSON.stringify([await server.store.personalTokens.list("ada", server.clock.now), server.events])).not.toContain(token);
    expect(await statusAtApi(server, token)).toBe(200);
  });

  it("are made by a person who is signed in on our own page, and by nobody else: no token makes a token", async () => {
    const { server, token } = await aToken();
    const { access } = await connect(server, await budgetApp(server));
    for (const refused of [
      await make(server, {}),
      await make(server, { authorization: `Bearer ${token}` }),
      await make(server, { authorization: `Bearer ${access}` }),
      await make(server, { ...session, origin: "https://evil.example" }),
      await make(server, { ...session, "sec-fetch-site": "cross-site" }),
    ])
      expect([302, 303, 401, 403]).toContain(refused.status);
    expect(await server.store.personalTokens.list("ada", server.clock.now)).toHaveLength(1);
  });

  it("open what they were made for, until their end", async () => {
    const { server, token } = await aToken();
    const refused = await server.oauth.authenticate(new Request(issuer, { headers: { authorization: `Bearer ${token}` } }), {
      scope: "write",
    });
    expect(refused instanceof Response && refused.status).toBe(403);
    server.clock.now += 30 * 86_400_000 - 1;
    expect(await statusAtApi(server, token)).toBe(200);
    server.clock.now += 1;
    expect(await statusAtApi(server, token)).toBe(401);
  });

  it("are deleted by their owner alone, at once", async () => {
    const { server, id, token } = await aToken();
    const remove = async (cookie: string): Promise<number> =>
      (await server.oauth.fetch(new Request(`${issuer}${path}/${id}`, { method: "DELETE", headers: { cookie } }))).status;
    expect([await remove("session=grace.1"), await statusAtApi(server, token)]).toEqual([404, 200]);
    expect([await remove("session=ada.1"), await statusAtApi(server, token)]).toEqual([204, 401]);
  });
});
