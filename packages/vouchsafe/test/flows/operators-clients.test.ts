import { describe, expect, it } from "vitest";
import type { ClientRequest } from "../../src/admin.ts";
import { allow, authorizePath, browserOf, connect, open } from "../a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  days,
  issuer,
  lastEvent,
  lastReason,
  like,
  minutes,
  photoPrinter,
  redeem,
  refresh,
  type Server,
  send,
  statusAtApi,
} from "../a-server.ts";
import { aSigner, claimsOf, isKnown, sign, verdict } from "../a-signer.ts";

async function aService(request: Partial<ClientRequest> = {}) {
  const server = aServer();
  return { server, service: await photoPrinter(server, { redirectUris: [], ...request }) };
}
const statusOf = async (server: Server, app: App, secret: string): Promise<number> =>
  (await send(server, { ...app, secret }, "/oauth/token", { grant_type: "client_credentials" })).status;

describe("a client's secret that an operator rotates", () => {
  it("is told once, in the audit without its value, and the one before is good as long as was said, to the millisecond", async () => {
    const { server, service } = await aService();
    const next = await server.oauth.admin.rotateSecret(service.id, 10 * minutes);
    expect(next).toMatch(/^vs_cs_[\w-]{49}$/);
    expect(lastEvent(server, "client.secret_rotated")).toEqual({
      at: server.clock.now,
      type: "client.secret_rotated",
      clientId: service.id,
      by: "operator",
    });
    expect(JSON.stringify([server.events, await server.store.client(service.id)])).not.toContain(next);
    server.clock.now += 10 * minutes - 1;
    expect([await statusOf(server, service, service.secret), await statusOf(server, service, next)]).toEqual([200, 200]);
    server.clock.now += 1;
    expect([await statusOf(server, service, service.secret), await statusOf(server, service, next)]).toEqual([401, 200]);
    expect(server.events.findLast((event) => event.type === "client.authentication_failed")).toMatchObject({
      reason: "client secret is wrong",
    });
  });

  it.each([0, -1, Number.NaN])("ends at once the one before, where nothing is to be kept: %d", async (keepOld) => {
    const { server, service } = await aService();
    const next = await server.oauth.admin.rotateSecret(service.id, keepOld);
    expect([await statusOf(server, service, service.secret), await statusOf(server, service, next)]).toEqual([401, 200]);
    expect((await server.store.client(service.id))?.secrets.length).toBe(1);
  });

  it("keeps the one before for a year at most, and changes nothing where it would be longer", async () => {
    const { server, service } = await aService();
    const { admin } = server.oauth;
    for (const keepOld of [366 * days + 1, 864_000_000_000_000_000, Number.POSITIVE_INFINITY])
      await expect(admin.rotateSecret(service.id, keepOld)).rejects.toThrow("the secret before stays good for a year at most");
    expect(await statusOf(server, service, service.secret)).toBe(200);
    const next = await admin.rotateSecret(service.id, 366 * days);
    expect([await statusOf(server, service, service.secret), await statusOf(server, service, next)]).toEqual([200, 200]);
  });

  it("leaves nothing of any older one", async () => {
    const { server, service } = await aService();
    const second = await server.oauth.admin.rotateSecret(service.id, days);
    const third = await server.oauth.admin.rotateSecret(service.id, days);
    expect([
      await statusOf(server, service, service.secret),
      await statusOf(server, service, second),
      await statusOf(server, service, third),
    ]).toEqual([401, 200, 200]);
    expect((await server.store.client(service.id))?.secrets.length).toBe(2);
  });

  it("may be rotated twice at once: both are told, and those two are good", async () => {
    const { server, service } = await aService();
    const secrets = await Promise.all([1, 2].map(() => server.oauth.admin.rotateSecret(service.id, days)));
    expect(await Promise.all(secrets.map((secret) => statusOf(server, service, secret)))).toEqual([200, 200]);
    expect(await statusOf(server, service, service.secret)).toBe(401);
  });

  it("ends nothing that people allowed", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const tokens = await connect(server, app);
    const secret = await server.oauth.admin.rotateSecret(app.id, 0);
    expect(await statusAtApi(server, tokens.access)).toBe(200);
    expect((await refresh(server, app, tokens.refresh)).status).toBe(401);
    expect((await refresh(server, { ...app, secret }, tokens.refresh)).status).toBe(200);
  });

  it("is none of a client that there is not, or that proves itself otherwise", async () => {
    const { server } = await aService();
    const { admin } = server.oauth;
    await expect(admin.rotateSecret("nobody", 0)).rejects.toThrow("there is no client nobody");
    const app = await budgetApp(server);
    await expect(admin.rotateSecret(app.id, 0)).rejects.toThrow("has no secret: its method is none");
    const signing = await photoPrinter(server, { authMethod: "private_key_jwt", jwks: { keys: [(await aSigner()).publicKey] } });
    await expect(admin.rotateSecret(signing.id, 0)).rejects.toThrow("has no secret: its method is private_key_jwt");
    expect(lastEvent(server, "client.secret_rotated")).toBeUndefined();
  });
});

describe("a client that an operator gives a key", () => {
  it("proves itself by that, and has no secret", async () => {
    const [{ server }, signer] = [await aService(), await aSigner()];
    const made = await photoPrinter(server, { authMethod: "private_key_jwt", jwks: { keys: [signer.publicKey] } });
    expect(made.secret).toBe("");
    expect(await verdict(server, await sign(signer, claimsOf(server, made.id)))).toEqual(isKnown);
  });

  it.each<[Partial<ClientRequest>, string]>([
    [{ authMethod: "private_key_jwt" }, "private_key_jwt without a key"],
    [{ authMethod: "private_key_jwt", jwks: { keys: [] } }, "private_key_jwt without a key"],
    [{ authMethod: "private_key_jwt", jwks: { keys: [{ kty: "EC", d: "AA" }] } }, "jwks holds a private key"],
    [{ jwks: "x" }, "jwks is no JSON Web Key Set"],
    [{ jwksUri: "http://printer.example/jwks.json" }, "jwks_uri is not an https URL"],
    [{ jwks: { keys: [{ kty: "EC" }] }, jwksUri: "https://printer.example/jwks.json" }, "both jwks and jwks_uri"],
    [{ id: "printer" }, "printer is no URL that a client document may have"],
    [{ id: `${issuer}/client.json` }, "is no URL that a client document may have"],
    [{ resources: ["https://evil.example"] }, "there is no resource https://evil.example"],
  ])("cannot be made of %j, and nothing is kept", async (request, message) => {
    const server = aServer();
    await expect(photoPrinter(server, request)).rejects.toThrow(message);
    expect(server.events).toEqual([]);
  });

  it("cannot have a document's URL where there are no documents", async () => {
    const server = aServer({ clientIdMetadata: false });
    await expect(photoPrinter(server, { id: "https://printer.example/client.json" })).rejects.toThrow(
      "is no URL that a client document may have",
    );
  });

  it("is one where two are made of one URL at once", async () => {
    const server = aServer();
    const made = await Promise.allSettled([1, 2].map(() => photoPrinter(server, { id: "https://printer.example/client.json" })));
    expect(made.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(server.events.length).toBe(1);
  });
});

describe("a client that an operator disables", () => {
  it("can do nothing, and neither can its tokens and codes, until it is enabled", async () => {
    const server = aServer();
    const { admin } = server.oauth;
    const app = await photoPrinter(server);
    const [tokens, code] = [await connect(server, app), await allow(browserOf(server), app, { prompt: "consent" })];
    expect(await admin.disableClient(app.id)).toBe(true);
    expect(lastEvent(server, "client.disabled")).toMatchObject({ clientId: app.id, by: "operator" });
    expect([
      await statusAtApi(server, tokens.access),
      (await redeem(server, app, code)).status,
      (await refresh(server, app, tokens.refresh)).status,
    ]).toEqual([401, 401, 401]);
    const page = await open(browserOf(server), authorizePath(app));
    expect([page.status, lastReason(server)]).toEqual([400, "client is disabled"]);
    expect(await admin.enableClient(app.id)).toBe(true);
    expect(lastEvent(server, "client.enabled")).toMatchObject({ clientId: app.id });
    expect([
      await statusAtApi(server, tokens.access),
      (await redeem(server, app, code)).status,
      (await refresh(server, app, tokens.refresh)).status,
    ]).toEqual([200, 200, 200]);
  });

  it("loses its own tokens too, and gets them back", async () => {
    const { server, service } = await aService();
    const { access_token = "" } = await answerOf(await send(server, service, "/oauth/token", { grant_type: "client_credentials" }));
    await server.oauth.admin.disableClient(service.id);
    expect(await statusAtApi(server, access_token)).toBe(401);
    await server.oauth.admin.enableClient(service.id);
    expect(await statusAtApi(server, access_token)).toBe(200);
  });

  it("may be one that registered itself, and must be one that there is", async () => {
    const { server } = await aService();
    const app = await budgetApp(server);
    const { admin } = server.oauth;
    expect([await admin.disableClient(app.id), await admin.disableClient("nobody"), await admin.enableClient("nobody")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(server.events.filter(({ type }) => type === "client.enabled")).toEqual([]);
    expect((await admin.client(app.id))?.disabledAt).toBe(server.clock.now);
  });
});

describe("a client that an operator deletes", () => {
  it("is gone with its grants, tokens, codes and connections, and its id is nobody", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const [tokens, code] = [await connect(server, app), await allow(browserOf(server), app, { prompt: "consent" })];
    expect(await server.oauth.admin.deleteClient(app.id)).toBe(true);
    expect(lastEvent(server, "client.deleted")).toMatchObject({ clientId: app.id, by: "operator" });
    expect([
      await statusAtApi(server, tokens.access),
      (await redeem(server, app, code)).status,
      (await refresh(server, app, tokens.refresh)).status,
    ]).toEqual([401, 401, 401]);
    const listed = await open(browserOf(server), "/my/connected_apps", { accept: "application/json" });
    expect(await listed.json()).toEqual({ connected_apps: [] });
    expect(await server.oauth.admin.deleteClient(app.id)).toBe(false);
    expect(server.events.filter(({ type }) => type === "client.deleted").length).toBe(1);
  });

  it("ends a service's own tokens", async () => {
    const { server, service } = await aService();
    const { access_token = "" } = await answerOf(await send(server, service, "/oauth/token", { grant_type: "client_credentials" }));
    expect(access_token).toEqual(like(/^vs_at_/));
    await server.oauth.admin.deleteClient(service.id);
    expect(await statusAtApi(server, access_token)).toBe(401);
  });

  it("does not come back with what it had when its URL is made a client again", async () => {
    const server = aServer();
    const id = "https://printer.example/client.json";
    const app = await photoPrinter(server, { id });
    const [tokens, code] = [await connect(server, app), await allow(browserOf(server), app, { prompt: "consent" })];
    await server.oauth.admin.deleteClient(id);
    server.clock.now += 1;
    const again = await photoPrinter(server, { id });
    expect([await statusAtApi(server, tokens.access), (await refresh(server, again, tokens.refresh)).status]).toEqual([401, 400]);
    expect((await redeem(server, again, code)).status).toBe(400);
    expect((await open(browserOf(server), authorizePath(again, { scope: "read write" }))).status).toBe(200);
  });
});
