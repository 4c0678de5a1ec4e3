import { describe, expect, it } from "vitest";
import { allow, browserOf, connect } from "../a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  type Headers,
  lastEvent,
  lastReason,
  like,
  photoPrinter,
  redeem,
  refresh,
  register,
  type Server,
  send,
  statusAtApi,
} from "../a-server.ts";

interface Registration {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly client_secret_expires_at?: number;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
  readonly token_endpoint_auth_method: string;
}
const metadata = {
  client_name: "Budget app",
  redirect_uris: ["http://127.0.0.1:4711/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "client_secret_post",
};

async function aRegistration(options: Parameters<typeof aServer>[0] = {}) {
  const server = aServer(options);
  const registered = (await (await register(server, metadata)).json()) as Registration;
  return { server, registered, app: appOf(registered) };
}
const appOf = ({ client_id: id, client_secret: secret = "" }: Registration): App => ({
  id,
  secret,
  method: "client_secret_post",
  redirectUri: "http://127.0.0.1:4711/callback",
});

async function ask(
  server: Server,
  method: string,
  { registration_client_uri: uri }: Registration,
  token: string,
  body?: unknown,
  more: Headers = {},
) {
  const headers = { "content-type": "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }), ...more };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return server.oauth.fetch(new Request(uri, { method, headers, ...(body === undefined ? {} : { body: text }) }), {
    address: "203.0.113.7",
  });
}
const put = (server: Server, registered: Registration, more: Readonly<Record<string, unknown>> = {}) =>
  ask(server, "PUT", registered, registered.registration_access_token, { ...metadata, client_id: registered.client_id, ...more });
async function updated(response: Response | Promise<Response>): Promise<Registration> {
  const settled = await response;
  if (settled.status !== 200) throw new Error(`not updated but ${settled.status}`);
  return (await settled.json()) as Registration;
}

describe("the token of a registration, RFC 7592 §3, §5", () => {
  it("is another one after an update, and the one before is worth nothing", async () => {
    const { server, registered } = await aRegistration();
    const second = await updated(put(server, registered));
    expect(second.registration_access_token).toMatch(/^vs_rat_/);
    expect(second.registration_access_token).not.toBe(registered.registration_access_token);
    expect((await ask(server, "GET", registered, registered.registration_access_token)).status).toBe(401);
    expect((await put(server, registered)).status).toBe(401);
    expect((await ask(server, "DELETE", registered, registered.registration_access_token)).status).toBe(401);
    expect((await ask(server, "GET", registered, second.registration_access_token)).status).toBe(200);
  });

  it("is the same after an update that was refused", async () => {
    const { server, registered } = await aRegistration();
    for (const wrong of [
      { redirect_uris: ["javascript:x"] },
      { grant_types: ["password"] },
      { client_id: "x" },
      { client_secret: 7 },
      { redirect_uris: [] },
    ])
      expect((await put(server, registered, wrong)).status).toBe(400);
    for (const body of ["{", "null", "[]", '"x"', '{"client_name": "\\u0000"}'])
      expect((await ask(server, "PUT", registered, registered.registration_access_token, body)).status).toBe(400);
    expect((await ask(server, "GET", registered, registered.registration_access_token)).status).toBe(200);
    expect(lastEvent(server, "client.changed")).toBeUndefined();
  });

  it("is good for one of two updates at once, and nothing of the other is kept", async () => {
    const { server, registered } = await aRegistration();
    const answers = await Promise.all(["One", "Other"].map((name) => put(server, registered, { client_name: name })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => Number(a) - Number(b))).toEqual([200, 401]);
    const won = answers.find(({ status }) => status === 200);
    const told = (await won?.json()) as Registration & { client_name: string };
    expect((await server.store.client(registered.client_id))?.name).toBe(told.client_name);
    expect((await ask(server, "GET", registered, told.registration_access_token)).status).toBe(200);
    expect(server.events.filter(({ type }) => type === "client.changed").length).toBe(1);
  });

  it("is no other kind of token, and no other scheme", async () => {
    const { server, registered, app } = await aRegistration();
    const { access, refresh: refreshToken } = await connect(server, app);
    for (const token of [access, refreshToken, app.secret, "x", `${registered.registration_access_token}x`]) {
      const response = await ask(server, "GET", registered, token);
      expect([response.status, (await answerOf(response)).error]).toEqual([401, "invalid_token"]);
      expect(lastReason(server)).toBe("the registration access token is not this client's");
    }
    for (const authorization of [`Basic ${btoa(`${app.id}:${app.secret}`)}`, registered.registration_access_token])
      expect((await ask(server, "GET", registered, "", undefined, { authorization })).status).toBe(401);
    const inQuery = {
      ...registered,
      registration_client_uri: `${registered.registration_client_uri}?access_token=${registered.registration_access_token}`,
    };
    expect((await ask(server, "GET", inQuery, "")).status).toBe(401);
  });

  it("opens nothing but its registration", async () => {
    const { server, registered, app } = await aRegistration();
    const token = registered.registration_access_token;
    expect([await statusAtApi(server, token), (await refresh(server, app, token)).status]).toEqual([401, 400]);
    expect((await send(server, app, "/oauth/introspect", { token })).status).toBe(200);
    expect(await answerOf(await send(server, app, "/oauth/introspect", { token }))).toEqual({ active: false });
  });

  it("is guessed no faster than a client's secret", async () => {
    const { server, registered } = await aRegistration({ rateLimits: { client: "3/1m" } });
    const statuses: number[] = [];
    for (let time = 0; time < 5; time++) statuses.push((await ask(server, "GET", registered, "wrong")).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await ask(server, "GET", registered, registered.registration_access_token)).status).toBe(200);
  });

  it("is none that an operator's client has", async () => {
    const { server, registered } = await aRegistration();
    const printer = await photoPrinter(server);
    const other = { ...registered, registration_client_uri: registered.registration_client_uri.replace(registered.client_id, printer.id) };
    for (const method of ["GET", "DELETE"])
      expect((await ask(server, method, other, registered.registration_access_token)).status).toBe(401);
    expect(await server.store.client(printer.id)).toBeDefined();
  });
});

describe("the secret of a registration that is updated, RFC 7592 §2.2", () => {
  it("stays, and is not told again", async () => {
    const { server, registered, app } = await aRegistration();
    const second = await updated(put(server, registered));
    expect(second.client_secret).toBeUndefined();
    expect((await send(server, app, "/oauth/introspect", { token: "x" })).status).toBe(200);
  });

  it("stays where the way it is sent changes, and only that way works from then on", async () => {
    const { server, registered, app } = await aRegistration();
    await updated(put(server, registered, { token_endpoint_auth_method: "client_secret_basic" }));
    expect((await send(server, app, "/oauth/introspect", { token: "x" })).status).toBe(401);
    expect((await send(server, { ...app, method: "client_secret_basic" }, "/oauth/introspect", { token: "x" })).status).toBe(200);
  });

  it("is gone with a method that has none, and a new one comes with one that has", async () => {
    const { server, registered, app } = await aRegistration();
    const open = await updated(put(server, registered, { token_endpoint_auth_method: "none" }));
    expect([open.client_secret, (await server.store.client(app.id))?.secrets]).toEqual([undefined, []]);
    const closed = await updated(put(server, open, {}));
    expect([closed.client_secret, closed.client_secret_expires_at]).toEqual([like(/^vs_cs_/), 0]);
    expect((await send(server, app, "/oauth/introspect", { token: "x" })).status).toBe(401);
    expect((await send(server, { ...app, secret: closed.client_secret ?? "" }, "/oauth/introspect", { token: "x" })).status).toBe(200);
  });

  it("cannot be shown as its own by a client that has none", async () => {
    const server = aServer();
    const registered = (await (await register(server, { ...metadata, token_endpoint_auth_method: "none" })).json()) as Registration;
    expect((await put(server, registered, { token_endpoint_auth_method: "none", client_secret: "x" })).status).toBe(400);
  });

  it("may be shown as its own while it lives, also the one before", async () => {
    const { server, registered, app } = await aRegistration();
    await server.oauth.admin.rotateSecret(app.id, 60_000);
    server.clock.now += 59_999;
    const second = await updated(put(server, registered, { client_secret: app.secret }));
    server.clock.now += 1;
    expect((await put(server, second, { client_secret: app.secret })).status).toBe(400);
  });
});

describe("what an update means for what people allowed", () => {
  it("is nothing at once: connections go on, by the new rules", async () => {
    const { server, registered, app } = await aRegistration();
    const { access, refresh: token } = await connect(server, app);
    await updated(put(server, registered, { grant_types: ["authorization_code"] }));
    expect(await statusAtApi(server, access)).toBe(200);
    const refused = await refresh(server, app, token);
    expect([refused.status, (await answerOf(refused)).error]).toEqual([400, "unauthorized_client"]);
  });

  it("is that a code on its way is still good, for it is the same client", async () => {
    const { server, registered, app } = await aRegistration();
    const code = await allow(browserOf(server), app);
    await updated(put(server, registered, { client_name: "Pocket money" }));
    expect((await redeem(server, app, code)).status).toBe(200);
  });

  it("cannot make it more than a registration can: neither trusted, nor tied, nor an operator's", async () => {
    const { server, registered } = await aRegistration();
    const wishes = {
      origin: "operator",
      first_party: true,
      firstParty: true,
      resource_server_of: ["https://notes.example.com"],
      resourceServerOf: ["x"],
    };
    await updated(put(server, registered, wishes));
    expect(await server.store.client(registered.client_id)).toMatchObject({ origin: "dynamic", firstParty: false, resourceServerOf: [] });
  });

  it("is in the audit, without any credential", async () => {
    const { server, registered } = await aRegistration();
    const second = await updated(put(server, registered));
    expect(lastEvent(server, "client.changed")).toMatchObject({ clientId: registered.client_id, by: "client", address: "203.0.113.7" });
    const written = JSON.stringify(server.events);
    for (const secret of [registered.registration_access_token, second.registration_access_token, registered.client_secret ?? ""])
      expect(written).not.toContain(secret);
  });
});

describe("deleting a registration, RFC 7592 §2.3", () => {
  it("voids what is on its way: codes and refresh tokens", async () => {
    const { server, registered, app } = await aRegistration();
    const [code, tokens] = [await allow(browserOf(server), app), await connect(server, app)];
    expect((await ask(server, "DELETE", registered, registered.registration_access_token)).status).toBe(204);
    expect([(await redeem(server, app, code)).status, (await refresh(server, app, tokens.refresh)).status]).toEqual([401, 401]);
    expect(await statusAtApi(server, tokens.access)).toBe(401);
  });

  it("happens once when it is asked twice at once", async () => {
    const { server, registered } = await aRegistration();
    const answers = await Promise.all([1, 2].map(() => ask(server, "DELETE", registered, registered.registration_access_token)));
    expect(answers.every(({ status }) => status === 204 || status === 401)).toBe(true);
    expect(server.events.filter(({ type }) => type === "client.deleted").length).toBe(1);
  });

  it("leaves other clients alone, also those of the same name", async () => {
    const { server, registered } = await aRegistration();
    const other = await budgetApp(server);
    const { access } = await connect(server, other);
    await ask(server, "DELETE", registered, registered.registration_access_token);
    expect(await statusAtApi(server, access)).toBe(200);
  });

  it("is not offered where registration is off", async () => {
    const { server, registered } = await aRegistration();
    const off = aServer({ registration: { mode: "off" }, store: server.store });
    expect((await ask(off, "GET", registered, registered.registration_access_token)).status).toBe(404);
  });
});
