import { describe, expect, it } from "vitest";
import {
  answerOf,
  aServer,
  basic,
  budgetApp,
  change,
  type Fields,
  type Headers,
  lastReason,
  photoPrinter,
  post,
  type Server,
} from "../a-server.ts";

const wanted = { grant_type: "client_credentials" };
const ask = (server: Server, fields: Fields, headers?: Headers, from?: string): Promise<Response> =>
  post(server, "/oauth/token", { ...wanted, ...fields }, headers, from);

async function aService(
  options: Parameters<typeof aServer>[0] = {},
  authMethod: "client_secret_basic" | "client_secret_post" = "client_secret_basic",
) {
  const server = aServer(options);
  return { server, service: await photoPrinter(server, { redirectUris: [], authMethod }) };
}

describe("client authentication by Basic, OAuth 2.1 §2.4.1, RFC 6749 §2.3.1", () => {
  it("works with the registered secret, whatever the case of the scheme", async () => {
    const { server, service } = await aService();
    const { authorization = "" } = basic(service.id, service.secret);
    expect((await ask(server, {}, { authorization })).status).toBe(200);
    expect((await ask(server, { client_id: service.id }, { authorization: authorization.replace("Basic", "bAsIc") })).status).toBe(200);
  });

  it("is form-decoded", async () => {
    const { server, service } = await aService();
    const encoded = Array.from(service.secret)
      .map((letter) => `%${letter.charCodeAt(0).toString(16)}`)
      .join("");
    expect((await ask(server, {}, { authorization: `Basic ${btoa(`${service.id}:${encoded}`)}` })).status).toBe(200);
  });

  it.each([
    ["a wrong secret", (id: string) => `${id}:wrong`, "client secret is wrong"],
    ["no secret", (id: string) => `${id}:`, "client secret is wrong"],
    ["no colon", (id: string) => id, "the Basic credentials are malformed"],
    ["no identifier", () => ":secret", "the Basic credentials are malformed"],
    ["nothing", () => "", "the Basic credentials are malformed"],
    ["a broken encoding", (id: string) => `${id}:%zz`, "the Basic credentials are malformed"],
    ["an unknown client", () => "nobody:secret", "client is unknown"],
  ])("is refused with %s, by 401 and a challenge", async (_, credentials, reason) => {
    const { server, service } = await aService();
    const response = await ask(server, {}, { authorization: `Basic ${btoa(credentials(service.id))}` });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Basic realm="oauth", charset="UTF-8"');
    expect(await answerOf(response)).toEqual({ error: "invalid_client", error_description: "Client authentication failed." });
    expect(lastReason(server)).toBe(reason);
  });
});

describe("client authentication in the body, OAuth 2.1 §2.4.1", () => {
  it("works with the registered secret", async () => {
    const { server, service } = await aService({}, "client_secret_post");
    expect((await ask(server, { client_id: service.id, client_secret: service.secret })).status).toBe(200);
    expect((await ask(server, { client_id: service.id, client_secret: "wrong" })).status).toBe(401);
  });

  it("never works in the query", async () => {
    const { server, service } = await aService({}, "client_secret_post");
    const response = await post(server, `/oauth/token?client_id=${service.id}&client_secret=${service.secret}`, wanted);
    expect(response.status).toBe(401);
  });
});

describe("which method a client may use, OAuth 2.1 §2.4", () => {
  it("is one in a request", async () => {
    const { server, service } = await aService();
    const response = await ask(server, { client_id: service.id, client_secret: service.secret }, basic(service.id, service.secret));
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ error: "invalid_request" });
  });

  it("is for one client: another client_id in the body is refused", async () => {
    const { server, service } = await aService();
    const app = await budgetApp(server);
    expect(await answerOf(await ask(server, { client_id: app.id }, basic(service.id, service.secret)))).toMatchObject({
      error: "invalid_request",
    });
  });

  it("is the one it registered", async () => {
    const [{ server, service }, posting] = [await aService(), await aService({}, "client_secret_post")];
    expect((await ask(server, { client_id: service.id, client_secret: service.secret })).status).toBe(401);
    expect((await ask(server, { client_id: service.id })).status).toBe(401);
    expect((await ask(posting.server, {}, basic(posting.service.id, posting.service.secret))).status).toBe(401);
    expect(lastReason(posting.server)).toBe("client used client_secret_basic and is registered for client_secret_post");
  });

  it("is none for a public client, which gets no client_credentials", async () => {
    const server = aServer({ registration: { grantTypes: ["client_credentials"] } });
    const app = await budgetApp(server, { grant_types: ["client_credentials"] });
    expect((await ask(server, { client_id: app.id, client_secret: "x" })).status).toBe(401);
    expect(await answerOf(await ask(server, { client_id: app.id }))).toMatchObject({ error: "unauthorized_client" });
  });

  it("is needed: who says nothing about itself is refused, as is an assertion we do not offer", async () => {
    const { server, service } = await aService();
    for (const fields of [{}, { client_id: service.id, client_assertion: "eyJ", client_assertion_type: "x" }]) {
      const response = await ask(server, fields);
      expect(response.status).toBe(401);
      expect(await answerOf(response)).toMatchObject({ error: "invalid_client" });
    }
  });
});

describe("secrets of a client, OAuth 2.1 §2.4.1", () => {
  it("may be two while one is replaced, and the old one ends on time", async () => {
    const { server, service } = await aService();
    const newer = await photoPrinter(server, { redirectUris: [] });
    const [old, next] = [await server.store.client(service.id), await server.store.client(newer.id)];
    const ending = (old?.secrets ?? []).map((secret) => ({ ...secret, expiresAt: server.clock.now + 1000 }));
    await change(server, service, { secrets: [...(next?.secrets ?? []), ...ending] });
    const statuses = async (): Promise<number[]> => [
      (await ask(server, {}, basic(service.id, service.secret))).status,
      (await ask(server, {}, basic(service.id, newer.secret))).status,
    ];
    server.clock.now += 999;
    expect(await statuses()).toEqual([200, 200]);
    server.clock.now += 1;
    expect(await statuses()).toEqual([401, 200]);
  });

  it("are worth nothing while the client is disabled", async () => {
    const { server, service } = await aService();
    await change(server, service, { disabledAt: server.clock.now });
    expect((await ask(server, {}, basic(service.id, service.secret))).status).toBe(401);
    await change(server, service, { disabledAt: undefined });
    expect((await ask(server, {}, basic(service.id, service.secret))).status).toBe(200);
  });
});

describe("guessing a secret, OAuth 2.1 §2.4.1", () => {
  it("is slowed down after 20 failures a minute, while the right secret still works", async () => {
    const { server, service } = await aService({ rateLimits: {} });
    const guess = (): Promise<Response> => ask(server, {}, basic(service.id, "wrong"));
    for (let failure = 0; failure < 20; failure++) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answerOf(refused)).toMatchObject({ error: "temporarily_unavailable" });
    expect((await ask(server, {}, basic(service.id, service.secret))).status).toBe(200);
  });

  it("is counted together for all endpoints, and elsewhere answered by slow_down", async () => {
    const { server, service } = await aService({ rateLimits: { client: "2/1m" } });
    const headers = basic(service.id, "wrong");
    const statuses: number[] = [];
    for (const path of ["/oauth/token", "/oauth/revoke", "/oauth/introspect"]) {
      const response = await post(server, path, { token: "x" }, headers);
      statuses.push(response.status);
      if (response.status === 429) expect(await answerOf(response)).toMatchObject({ error: "slow_down" });
    }
    expect(statuses).toEqual([401, 401, 429]);
  });

  it("is counted by client and by network, IPv6 by /64", async () => {
    const { server, service } = await aService({ rateLimits: { client: "1/1m" } });
    const guess = async (id: string, from: string): Promise<number> => (await ask(server, {}, basic(id, "wrong"), from)).status;
    expect(await guess(service.id, "2001:db8::1")).toBe(401);
    expect(await guess(service.id, "2001:db8::2")).toBe(429);
    expect(await guess(service.id, "2001:db8:0:1::1")).toBe(401);
    expect(await guess("nobody", "2001:db8::1")).toBe(401);
  });
});
