import { describe, expect, it } from "vitest";
import { connect } from "../a-person.ts";
import { type App, aServer, change, type Headers, issuer, lastEvent, like, register, type Server, statusAtApi } from "../a-server.ts";

type Registration = Readonly<Record<string, unknown>> & {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
};

const metadata = {
  client_name: "Budget app",
  redirect_uris: ["http://127.0.0.1:4711/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "client_secret_post",
  client_uri: "https://budget.example",
  contacts: ["ada@example.com"],
};

/** A registration, and requests to its own address with its own token. */
async function aRegistration(more: Readonly<Record<string, unknown>> = {}) {
  const server = aServer();
  const registered = (await (await register(server, { ...metadata, ...more })).json()) as Registration;
  const ask = (method: string, body?: unknown, token = registered.registration_access_token, uri = registered.registration_client_uri) =>
    send(server, method, uri, { authorization: `Bearer ${token}` }, body);
  return { server, registered, ask };
}

async function send({ oauth }: Server, method: string, uri: string, headers: Headers, body?: unknown): Promise<Response> {
  const init = body === undefined ? { method, headers } : { method, body: JSON.stringify(body) };
  return oauth.fetch(new Request(uri, { ...init, headers: { "content-type": "application/json", ...headers } }));
}

const appOf = ({ client_id: id, client_secret: secret = "" }: Registration): App => ({
  id,
  secret,
  method: "client_secret_post",
  redirectUri: metadata.redirect_uris[0] ?? "",
});

describe("client configuration, RFC 7592 §2, §3", () => {
  it("is at an address below the issuer that registration tells, with a token of its own and all that is registered", async () => {
    const { registered, ask } = await aRegistration();
    expect(registered.registration_client_uri).toBe(`${issuer}/oauth/register/${registered.client_id}`);
    const response = await ask("GET");
    expect([response.status, response.headers.get("cache-control"), response.headers.get("content-type")]).toEqual([
      200,
      "no-store",
      "application/json",
    ]);
    const { client_secret: _secret, client_secret_expires_at: _end, ...told } = registered;
    expect(await response.json()).toEqual({ ...told, registration_access_token: registered.registration_access_token });
  });

  it("replaces all that was registered: what an update leaves out is gone, or a default that is told, and the id stays", async () => {
    const { server, registered, ask } = await aRegistration();
    const { client_id } = registered;
    const response = await ask("PUT", { client_id, client_name: "Pocket money", redirect_uris: ["http://127.0.0.1/other"] });
    expect(response.status).toBe(200);
    const changed = (await response.json()) as Registration;
    expect(changed).toMatchObject({
      client_id,
      client_name: "Pocket money",
      redirect_uris: ["http://127.0.0.1/other"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_basic",
      registration_client_uri: registered.registration_client_uri,
      registration_access_token: like(/^vs_rat_/),
    });
    expect(Object.keys(changed).filter((name) => ["client_uri", "contacts"].includes(name))).toEqual([]);
    expect(await server.store.client(client_id)).toMatchObject({ redirectUris: ["http://127.0.0.1/other"], metadata: {} });
    expect((await ask("GET", undefined, changed.registration_access_token)).status).toBe(200);
  });

  it.each(["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"])(
    "refuses an update with a member that only the server writes: %s",
    async (name) => {
      const { registered, ask } = await aRegistration();
      expect((await ask("PUT", { ...metadata, client_id: registered.client_id, [name]: registered[name] ?? 0 })).status).toBe(400);
      expect(await (await ask("GET")).json()).toMatchObject(metadata);
    },
  );

  it.each([{}, { client_id: "somebody-else" }])("refuses an update that does not name its own client: %j", async (more) => {
    const { ask } = await aRegistration();
    expect((await ask("PUT", { ...metadata, client_name: "Pocket money", ...more })).status).toBe(400);
    expect(await (await ask("GET")).json()).toMatchObject(metadata);
  });

  it("takes the present client_secret and no other, and never sets one", async () => {
    const { server, registered, ask } = await aRegistration();
    const { client_id, client_secret } = registered;
    const before = (await server.store.client(client_id))?.secrets;
    expect((await ask("PUT", { ...metadata, client_id, client_secret: "of my own choice" })).status).toBe(400);
    expect((await ask("PUT", { ...metadata, client_id, client_secret })).status).toBe(200);
    expect((await server.store.client(client_id))?.secrets).toEqual(before);
  });

  it("is deleted with 204, and with it its token and all that was granted", async () => {
    const { server, registered, ask } = await aRegistration();
    const { access } = await connect(server, appOf(registered));
    const deleted = await ask("DELETE");
    expect([deleted.status, await deleted.text()]).toEqual([204, ""]);
    expect([await statusAtApi(server, access), await server.store.client(registered.client_id)]).toEqual([401, undefined]);
    expect(lastEvent(server, "client.deleted")).toMatchObject({ clientId: registered.client_id, by: "client" });
    for (const method of ["GET", "DELETE"]) expect((await ask(method)).status).toBe(401);
    expect((await ask("PUT", { ...metadata, client_id: registered.client_id })).status).toBe(401);
  });
});

describe("who may see a registration, RFC 7592 §2, §5, RFC 6750 §3", () => {
  it.each(["GET", "PUT", "DELETE"])(
    "%s is 401 invalid_token without its token, with another's, and for a client that never was",
    async (method) => {
      const { server, registered, ask } = await aRegistration();
      const other = (await (await register(server, metadata)).json()) as Registration;
      const body = method === "PUT" ? { ...metadata, client_id: registered.client_id } : undefined;
      for (const response of [
        await ask(method, body, ""),
        await ask(method, body, other.registration_access_token),
        await ask(method, body, registered.client_secret),
        await ask(method, body, registered.registration_access_token, `${issuer}/oauth/register/nobody`),
      ]) {
        expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
        expect(await response.json()).toMatchObject({ error: "invalid_token" });
      }
      expect((await ask("GET")).status).toBe(200);
    },
  );

  it("is nobody while an operator has disabled the client: 403", async () => {
    const { server, registered, ask } = await aRegistration();
    await change(server, appOf(registered), { disabledAt: server.clock.now });
    expect((await ask("GET")).status).toBe(403);
    expect((await ask("DELETE")).status).toBe(403);
    expect(await server.store.client(registered.client_id)).toBeDefined();
  });

  it("is no other HTTP method: 405", async () => {
    const { ask } = await aRegistration();
    for (const method of ["POST", "PATCH"]) {
      const response = await ask(method, metadata);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, PUT, DELETE, OPTIONS"]);
    }
  });

  it("keeps no token, but its hash", async () => {
    const { server, registered } = await aRegistration();
    expect(registered.registration_access_token).toMatch(/^vs_rat_[\w-]{49}$/);
    expect(JSON.stringify(await server.store.client(registered.client_id))).not.toContain(registered.registration_access_token);
  });
});
