import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { BadInput, Conflict, type EventDocument, NotFound, type Operator } from "../src/operator/operator.ts";
import { NotAuthorised, Unreachable } from "../src/remote/remote-calls.ts";
import { createRemoteOperator } from "../src/remote/remote-operator.ts";
import { addPeople, adminEnvironment, adminToken, signedIn } from "./admin-api.ts";
import { App } from "./app.ts";
import { freePort, type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let operator: Operator;
let app: App;

beforeAll(async () => {
  server = await startServer({ environment: adminEnvironment });
  await addPeople(server);
  operator = createRemoteOperator(server.origin, adminToken);
  app = await App.register(server);
  await app.connect(await signedIn(server, "ada@example.com"));
});
afterAll(() => server.stop());

describe("an operator elsewhere, over the admin API", () => {
  it("sees what is there", async () => {
    const { items, next } = await operator.clients({ search: "Budget", limit: 1 });
    expect([items.map(({ client_id }) => client_id), next]).toEqual([[app.clientId], undefined]);
    expect(await operator.client(app.clientId)).toEqual(items[0]);
    const [grant] = (await operator.grants({ user: "ada@example.com", kind: "connection" })).items;
    expect(grant?.client_id).toBe(app.clientId);
    expect(await operator.grant(grant?.id ?? "")).toEqual(grant);
    expect((await operator.tokens({ client: app.clientId, kind: "access" })).items).toHaveLength(1);
    expect((await operator.users({ search: "ada" })).items.map(({ email }) => email)).toEqual(["ada@example.com"]);
    expect((await operator.user("ada@example.com")).connections).toBe(1);
    expect((await operator.statistics({ since: "1h" })).counts.issued).toEqual({ authorization_code: 1 });
    expect((await operator.securityReport({})).cases).toEqual([]);
    expect((await operator.flows({})).items).toEqual(expect.any(Array));
    expect((await operator.verifyAudit()).findings).toEqual([]);
    expect((await operator.keys()).items.length).toBeGreaterThan(0);
    expect((await operator.events({ type: ["token.issued", "client.registered"] })).items.map(({ type }) => type)).toEqual([
      "token.issued",
      "client.registered",
    ]);
  });

  it("does what operators do", async () => {
    const client_id = "https://budget.example/client.json?a=1";
    expect((await operator.createClient({ client_id, client_name: "Budget", grant_types: ["client_credentials"] })).client_secret).toMatch(
      /^vs_cs_/,
    );
    expect((await operator.rotateSecret(client_id, "24h")).client_secret).toMatch(/^vs_cs_/);
    expect((await operator.setClientDisabled(client_id, true)).disabled_at).toBeDefined();
    expect((await operator.setClientDisabled(client_id, false)).disabled_at).toBeUndefined();
    expect(await operator.revokeClient(app.clientId, true)).toMatchObject({ connections: 1 });
    expect(await operator.deleteClient(client_id, false)).toMatchObject({ connections: 0 });
    const { id, token } = await operator.createToken({ user: "ada@example.com", name: "Night Backup", scope: "read" });
    expect(token).toMatch(/^vs_pat_/);
    expect(await operator.revokeGrant(id, false)).toMatchObject({ personal_tokens: 1 });
    const [access] = (await operator.tokens({ client: app.clientId, kind: "access" })).items;
    await operator.revokeToken(access?.id ?? "", false);
    expect((await operator.tokens({ client: app.clientId, kind: "access" })).items[0]?.state).toBe("revoked");
    expect((await operator.addUser({ email: "alan@example.com" })).password).toBeDefined();
    expect((await operator.setPassword("alan@example.com", "another-password")).password).toBeUndefined();
    expect((await operator.setAdmin("alan@example.com", true)).admin).toBe(true);
    expect((await operator.setUserDisabled("alan@example.com", true)).disabled).toBe(true);
    expect(await operator.revokeUser("ada@example.com", false)).toMatchObject({ connections: 1 });
    const { kid } = await operator.rotateKey(undefined);
    expect((await operator.keys()).items.find(({ state }) => state === "signing")?.kid).toBe(kid);
    const made = await operator.createRegistrationToken(2);
    await operator.revokeRegistrationToken(made.id);
    expect((await operator.registrationTokens()).items).toEqual([]);
    expect(await operator.cleanUp(true)).toEqual(await operator.cleanUp(false));
    expect((await operator.events({ type: ["key.rotated"] })).items[0]).toMatchObject({ operator: "admin token" });
  });

  it("exports all events, however many there are", async () => {
    for (let more = 0; more < 80; more++) await operator.createRegistrationToken(1);
    const exported: EventDocument[] = [];
    for await (const event of operator.exportEvents({ type: ["registration_token.created"] })) exported.push(event);
    expect(exported.length).toBe(81);
    expect(exported.at(-1)).toEqual((await operator.events({ limit: 1 })).items[0]);
  });

  it("is told what is wrong, as the operator at hand would say it", async () => {
    await expect(operator.client("nobody")).rejects.toThrow(new NotFound("There is no client nobody."));
    await expect(operator.client("..")).rejects.toThrow(NotFound);
    await expect(operator.statistics({ since: "soon" })).rejects.toThrow(BadInput);
    await expect(operator.setAdmin("grace@example.com", false)).rejects.toThrow(Conflict);
    const unknown = operator.exportEvents({ type: ["nothing"] })[Symbol.asyncIterator]();
    await expect(unknown.next()).rejects.toThrow(BadInput);
  });

  it("is not taken by a token that is not an operator's", async () => {
    const wrong = createRemoteOperator(server.origin, "a-token-that-opens-nothing-at-all");
    await expect(wrong.clients({})).rejects.toThrow(NotAuthorised);
    await expect(wrong.clients({})).rejects.not.toThrow(/a-token-that-opens/);
  });

  it("goes nowhere but to a server that can keep the token secret", () => {
    for (const url of ["http://auth.example.com", "ftp://localhost", "auth.example.com", "https://me:pw@auth.example.com"])
      expect(() => createRemoteOperator(url, adminToken)).toThrow(BadInput);
  });

  it("says when nobody is there, or somebody else is", async () => {
    const port = await freePort();
    const nobody = createRemoteOperator(`http://localhost:${port}`, adminToken);
    await expect(nobody.clients({})).rejects.toThrow(Unreachable);
    await expect(nobody.clients({})).rejects.toThrow(/^http:\/\/localhost:\d+\/admin\/api\/v1 cannot be reached: .*ECONNREFUSED/);
    const asked: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url);
      if (request.url === "/admin/api/v1/clients") response.writeHead(302, { location: `http://localhost:${port}/caught` }).end();
      else response.end("<!doctype html>");
    });
    await new Promise<void>((resolve) => other.listen(port, () => resolve()));
    await expect(nobody.clients({})).rejects.toThrow(/answers 302, and not as a Vouchsafe server does\.$/);
    await expect(nobody.keys()).rejects.toThrow(/does not answer as a Vouchsafe server does\.$/);
    expect(asked).toEqual(["/admin/api/v1/clients", "/admin/api/v1/keys"]);
    other.close();
    other.closeAllConnections();
  });

  it("exports from a server of ours alone, and waits for whoever reads, however long", async () => {
    const event = { id: 1, at: "2026-11-22T10:00:00.000Z", type: "sign_out", new_fact: true };
    const port = await freePort();
    let finish = (): void => {};
    const other = createServer((_, response) => {
      response.write(`${JSON.stringify(event)}\n`);
      finish = () => response.end(`${JSON.stringify({ ...event, id: 2 })}\nno JSON\n`);
    });
    await new Promise<void>((resolve) => other.listen(port, () => resolve()));
    onTestFinished(() => void other.close());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const exported = createRemoteOperator(`http://localhost:${port}`, adminToken).exportEvents({})[Symbol.asyncIterator]();
    expect((await exported.next()).value).toEqual(event);
    vi.advanceTimersByTime(3_600_000);
    finish();
    expect((await exported.next()).value).toEqual({ ...event, id: 2 });
    await expect(exported.next()).rejects.toThrow(/does not answer as a Vouchsafe server does\.$/);
  });
});
