import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ask, addPeople, adminEnvironment, adminToken, asking, bearer, describedBy, signedIn } from "./admin-api.ts";
import { App, type Tokens } from "./app.ts";
import { operationsOf } from "./openapi.ts";
import type { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let ask: Ask;
let ada: Person;
let app: App;
let tokens: Tokens;
const asked = new Set<string>();
let operations: ReturnType<typeof operationsOf>;

beforeAll(async () => {
  server = await startServer({ environment: adminEnvironment });
  await addPeople(server);
  const description = await describedBy(server);
  operations = operationsOf(description);
  const grace = await signedIn(server, "grace@example.com");
  const byGrace = asking(server, description, { cookie: grace.cookies, "sec-fetch-site": "same-origin" });
  ask = async (method, path, body, headers) => {
    const answer = await byGrace(method, path, body ?? (method === "GET" ? undefined : {}), headers);
    if (answer.status < 300) asked.add(`${method} ${path.split("?")[0]}`);
    return answer;
  };
  ada = await signedIn(server, "ada@example.com");
  app = await App.register(server);
  tokens = await app.connect(ada, { scope: "read write" });
  await app.notes(tokens.access_token);
});
afterAll(() => server.stop());

/** What the newest event of a type says. */
async function lastEvent(type: string): Promise<Readonly<Record<string, unknown>>> {
  const { items } = (await ask("GET", `/events?type=${type}&limit=1`)).body as { items: readonly Record<string, unknown>[] };
  return items[0] ?? {};
}

const itemsOf = async (path: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await ask("GET", path)).body["items"] as readonly Readonly<Record<string, unknown>>[];

describe("clients, over the admin API", () => {
  it("are listed a page at a time, found by a part of their name, and shown one by one", async () => {
    for (const client_name of ["Photo Printer", "Night Backup", "100 %_sure"])
      await ask("POST", "/clients", { client_name, grant_types: ["client_credentials"] });
    const first = (await ask("GET", "/clients?limit=2")).body as { items: readonly unknown[]; next: string };
    const second = (await ask("GET", `/clients?limit=200&after=${first.next}`)).body as { items: readonly unknown[]; next?: string };
    expect([first.items.length, second.next]).toEqual([2, undefined]);
    expect([...first.items, ...second.items]).toEqual(await itemsOf("/clients?limit=200"));
    expect((await itemsOf("/clients?search=printer")).map((client) => client["client_name"])).toEqual(["Photo Printer"]);
    expect((await itemsOf("/clients?registered=dynamic&state=enabled")).map((client) => client["client_id"])).toEqual([app.clientId]);
    expect((await ask("GET", `/clients/${app.clientId}`)).body).toMatchObject({
      client_name: "Budget app",
      connections: 1,
      registered: "dynamic",
    });
  });

  it("are searched for what was typed: nothing in it is a pattern", async () => {
    const found = async (text: string) =>
      (await itemsOf(`/clients?search=${encodeURIComponent(text)}`)).map((client) => client["client_name"]);
    expect(await found("%_")).toEqual(["100 %_sure"]);
    expect(await found("%%%%_%_%_{(a+)+$}")).toEqual([]);
    expect(await found(".*")).toEqual([]);
    expect(await found("' OR 1=1 --")).toEqual([]);
  });

  it("are named by whatever their id is, a URL too", async () => {
    const client_id = "https://budget.example/client.json?version=1%20&more=a/b";
    await ask("POST", "/clients", { client_id, client_name: "Budget", grant_types: ["client_credentials"] });
    expect((await ask("GET", `/clients/${encodeURIComponent(client_id)}`)).body["client_id"]).toBe(client_id);
    await ask("POST", `/clients/${encodeURIComponent(client_id)}/disable`);
    expect(await lastEvent("client.disabled")).toMatchObject({ client_id });
  });

  it("are given a secret, which is in that answer and nowhere else", async () => {
    const service = { client_name: "Night Backup", grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_basic" };
    const made = (await ask("POST", "/clients", service)).body as { client_id: string; client_secret: string };
    const rotated = (await ask("POST", `/clients/${made.client_id}/secret`, { keep_old: "24h" })).body as { client_secret: string };
    const shown = await Promise.all(
      ["/clients?limit=200", `/clients/${made.client_id}`, "/events?limit=200", "/events?format=csv", "/tokens"].map((path) =>
        ask("GET", path),
      ),
    );
    const seen = shown.map(({ text }) => text).join() + server.output();
    for (const secret of [made.client_secret, rotated.client_secret]) {
      expect(secret).toMatch(/^vs_cs_/);
      expect(seen).not.toContain(secret);
    }
    expect(seen).not.toMatch(/"(?:[a-z_]*secret|[a-z_]*hash|password)":/);
  });

  it("are disabled, which ends their tokens at once, and enabled again", async () => {
    await ask("POST", `/clients/${app.clientId}/disable`);
    expect([(await app.notes(tokens.access_token)).status, (await app.refresh(tokens.refresh_token)).status]).toEqual([401, 401]);
    expect((await ask("GET", `/clients/${app.clientId}`)).body["disabled_at"]).toMatch(/^\d{4}-/);
    await ask("POST", `/clients/${app.clientId}/enable`);
    expect((await app.notes(tokens.access_token)).status).toBe(200);
  });

  it("are revoked and deleted, each after saying what that would end", async () => {
    const other = await App.register(server, { client_name: "Photo Printer" });
    const first = await other.connect(ada);
    const reach = { people: 1, connections: 1, personal_tokens: 0, client_tokens: 0 };
    expect((await ask("POST", `/clients/${other.clientId}/revoke?dry_run=true`)).body).toEqual(reach);
    expect((await other.notes(first.access_token)).status).toBe(200);
    expect((await ask("POST", `/clients/${other.clientId}/revoke`)).body).toEqual(reach);
    expect((await other.notes(first.access_token)).status).toBe(401);
    const second = await other.connect(ada);
    expect((await ask("DELETE", `/clients/${other.clientId}?dry_run=true`)).body).toEqual(reach);
    expect((await other.notes(second.access_token)).status).toBe(200);
    await ask("DELETE", `/clients/${other.clientId}?dry_run=false`);
    expect([(await other.notes(second.access_token)).status, (await other.refresh(second.refresh_token)).status]).toEqual([401, 401]);
    expect((await ask("GET", `/clients/${other.clientId}`)).status).toBe(404);
    expect(await lastEvent("client.deleted")).toMatchObject({ client_id: other.clientId, operator: "grace@example.com" });
  });
});

describe("grants and tokens, over the admin API", () => {
  it("are listed by client, person, kind and state, and shown", async () => {
    const grants = await itemsOf(`/grants?user=ada@example.com&client=${app.clientId}&kind=connection&state=live`);
    expect(grants).toMatchObject([{ client_name: "Budget app", email: "ada@example.com", scope: "read write" }]);
    const [grant] = grants;
    expect((await ask("GET", `/grants/${String(grant?.["id"])}`)).body).toEqual(grant);
    const issued = await itemsOf(`/tokens?grant=${String(grant?.["id"])}&kind=access`);
    expect(issued).toMatchObject([{ state: "active", client_id: app.clientId, email: "ada@example.com" }]);
  });

  it("are ended one by one: a token alone, a grant with all its tokens", async () => {
    const printer = await App.register(server, { client_name: "Photo Printer" });
    const { access_token, refresh_token } = await printer.connect(ada);
    const [token] = await itemsOf(`/tokens?client=${printer.clientId}&kind=access`);
    await ask("POST", `/tokens/${String(token?.["id"])}/revoke?dry_run=true`);
    expect((await printer.notes(access_token)).status).toBe(200);
    await ask("POST", `/tokens/${String(token?.["id"])}/revoke`);
    expect((await printer.notes(access_token)).status).toBe(401);
    const next = (await (await printer.refresh(refresh_token)).json()) as Tokens;
    const [grant] = await itemsOf(`/grants?client=${printer.clientId}`);
    expect((await ask("POST", `/grants/${String(grant?.["id"])}/revoke`)).body).toMatchObject({ connections: 1 });
    expect((await printer.notes(next.access_token)).status).toBe(401);
    expect(await lastEvent("grant.revoked")).toMatchObject({ operator: "grace@example.com", by: "operator", address: "127.0.0.1" });
  });

  it("are made for somebody, a personal token, whose value is shown once", async () => {
    const made = (await ask("POST", "/tokens", { user: "ada@example.com", name: "Night Backup", scope: "read", ends: "7d" })).body;
    const notes = await fetch(`${server.origin}/api/notes`, { headers: bearer(String(made["token"])) });
    expect(notes.status).toBe(200);
    expect((await ask("GET", "/tokens?kind=personal")).text).not.toContain(String(made["token"]));
    expect(await lastEvent("personal_token.created")).toMatchObject({ operator: "grace@example.com", grant_id: made["id"] });
  });
});

describe("accounts, over the admin API", () => {
  it("are made with a password, or with one that is made, and listed without either", async () => {
    const alan = (await ask("POST", "/users", { email: "alan@example.com" })).body;
    expect(String(alan["password"]).length).toBeGreaterThanOrEqual(8);
    const kay = (await ask("POST", "/users", { email: "kay@example.com", password: "a-long-password" })).body;
    expect(kay["password"]).toBeUndefined();
    expect((await itemsOf("/users?search=kay")).map(({ email }) => email)).toEqual(["kay@example.com"]);
    expect((await ask("GET", "/users/kay@example.com")).body["id"]).toBe(kay["id"]);
    expect((await ask("POST", "/users", { email: "kay@example.com" })).status).toBe(409);
    expect(await lastEvent("account.created")).toMatchObject({ operator: "grace@example.com" });
  });

  it("are given another password, made administrators, disabled, enabled, and lose what they granted", async () => {
    const id = "kay@example.com";
    expect((await ask("POST", `/users/${id}/password`)).body["password"]).toMatch(/^\S{8,}$/);
    expect((await ask("POST", `/users/${id}/admin`, { admin: true })).body["admin"]).toBe(true);
    expect((await ask("POST", `/users/${id}/disable`)).body["disabled"]).toBe(true);
    expect((await ask("POST", `/users/${id}/enable`)).body["disabled"]).toBe(false);
    expect((await ask("POST", `/users/${id}/admin`, { admin: false })).body["admin"]).toBe(false);
    await ask("POST", "/tokens", { user: id, name: "Night Backup", scope: "read" });
    expect((await ask("POST", `/users/${id}/revoke?dry_run=true`)).body).toMatchObject({ personal_tokens: 1 });
    expect((await ask("POST", `/users/${id}/revoke`)).body).toMatchObject({ personal_tokens: 1 });
    for (const type of [
      "password.changed",
      "account.made_admin",
      "account.disabled",
      "account.enabled",
      "account.no_longer_admin",
      "subject.revoked",
    ])
      expect(await lastEvent(type), type).toMatchObject({ operator: "grace@example.com", address: "127.0.0.1" });
  });

  it("keep at least one administrator: the last one is neither demoted nor disabled", async () => {
    expect((await itemsOf("/users")).filter(({ admin, disabled }) => admin === true && disabled === false)).toHaveLength(1);
    expect((await ask("POST", "/users/grace@example.com/admin", { admin: false })).status).toBe(409);
    expect((await ask("POST", "/users/grace@example.com/disable")).status).toBe(409);
    expect((await ask("GET", "/users/grace@example.com")).body).toMatchObject({ admin: true, disabled: false });
  });
});

describe("what happened, over the admin API", () => {
  it("is listed by type, person, client, grant and time, a page at a time", async () => {
    const [{ subject = "" } = {}] = (await itemsOf("/grants?user=ada@example.com")) as readonly { subject?: string }[];
    const all = await itemsOf("/events?limit=200&since=1h");
    const only = async (query: string) => itemsOf(`/events?limit=200&${query}`);
    expect(await only("type=token.issued&type=consent.allowed")).toEqual(
      all.filter(({ type }) => type === "token.issued" || type === "consent.allowed"),
    );
    expect(await only("user=ada@example.com")).toEqual(all.filter((event) => event["subject"] === subject));
    expect(await only(`client=${app.clientId}`)).toEqual(all.filter((event) => event["client_id"] === app.clientId));
    expect((await only("security=true")).every(({ type }) => String(type).includes("."))).toBe(true);
    const page = (await ask("GET", "/events?limit=3")).body as { next: string };
    expect((await itemsOf(`/events?limit=3&after=${page.next}`)).map(({ id }) => Number(id))).toEqual(
      [3, 4, 5].map((back) => Number(all[0]?.["id"]) - back),
    );
  });

  it("is found to be as it was written", async () => {
    expect((await ask("GET", "/events/verification")).body).toMatchObject({ findings: [] });
  });

  it("is counted, and reported as cases in words", async () => {
    const { counts } = (await ask("GET", "/stats?since=1h")).body as { counts: Readonly<Record<string, Readonly<Record<string, number>>>> };
    expect(counts["issued"]?.["authorization_code"]).toBeGreaterThan(0);
    expect(counts["registrations"]?.["dynamic"]).toBeGreaterThan(0);
    const { access_token } = await app.connect(ada);
    await app.revoke(access_token);
    expect((await ask("GET", "/security")).body["cases"]).toEqual([]);
    await itemsOf("/flows?since=1d");
  });
});

describe("keys, registration tokens and cleanup, over the admin API", () => {
  it("are listed, changed and done under the administrator's name", async () => {
    const { kid } = (await ask("POST", "/keys/rotate")).body;
    expect((await itemsOf("/keys")).find(({ state }) => state === "signing")?.["kid"]).toBe(kid);
    expect(await lastEvent("key.rotated")).toMatchObject({ operator: "grace@example.com" });
    const { id, token } = (await ask("POST", "/registration_tokens", { uses: 3 })).body;
    expect(token).toMatch(/^vs_iat_/);
    expect(await itemsOf("/registration_tokens")).toMatchObject([{ id, uses_left: 3 }]);
    expect((await ask("POST", `/registration_tokens/${String(id)}/revoke`)).status).toBe(204);
    expect(await lastEvent("registration_token.revoked")).toMatchObject({ operator: "grace@example.com", token_id: id });
    expect((await ask("POST", "/cleanup?dry_run=true")).body).toEqual((await ask("POST", "/cleanup")).body);
  });
});

describe("what is asked amiss of the admin API", () => {
  it.each([
    ["GET", "/clients?q=printer", undefined, "There is no parameter 'q' here: limit, after, search, registered, state."],
    ["GET", "/clients?limit=0", undefined, "limit is a whole number from 1 to 200, and not 0."],
    ["GET", "/clients?limit=ten", undefined, "limit is a whole number from 1 to 200, and not 'ten'."],
    ["GET", "/clients?limit=1&limit=2", undefined, "limit is repeated."],
    ["GET", "/clients?search=", undefined, "search is empty."],
    ["GET", "/clients?state=gone", undefined, "state is one of enabled, disabled, and not 'gone'."],
    ["GET", "/clients?after=nothing", undefined, "after is next of the page before."],
    ["GET", "/clients?search=%00", undefined, "search has characters that cannot be shown."],
    [
      "GET",
      "/stats?since=yesterday",
      undefined,
      "since is a length of time such as 24h, or a time such as 2026-11-22, and not 'yesterday'.",
    ],
    ["GET", "/stats?since=1h&until=2h", undefined, "since is not before until."],
    ["GET", "/events?type=token.issued&security=true", undefined, "security and type exclude each other."],
    ["GET", "/events?format=csv&limit=5", undefined, "limit and after are for pages; an export has all events that match."],
    ["GET", "/events?format=xml", undefined, "format is one of jsonl, csv, and not 'xml'."],
    ["POST", "/cleanup?dry_run=", {}, "dry_run is true or false, and not ''."],
    ["POST", "/cleanup?dry_run=yes", {}, "dry_run is true or false, and not 'yes'."],
    ["POST", "/cleanup", { dry_run: true }, "There is no member 'dry_run' here."],
    ["POST", "/clients", {}, "client_name is missing."],
    ["POST", "/clients", { client_name: 7 }, "client_name is a text, and not 7."],
    ["POST", "/clients", { client_name: "x", redirect_uris: "https://x.example" }, "redirect_uris is a list, and not 'https://x.example'."],
    ["POST", "/clients", { client_name: "x", grant_types: [null] }, "grant_types is a text, and not null."],
    ["POST", "/clients", { client_name: "x", colour: "blue" }, /^There is no member 'colour' here: client_name, /],
    ["POST", "/clients", JSON.parse('{"client_name":"x","__proto__":{}}'), /^There is no member '__proto__' here/],
    ["POST", "/clients", [], "the body is an object, and not a list."],
    ["POST", "/users", { email: "nobody" }, "'nobody' is no e-mail address."],
    ["POST", "/users", { email: "x@example.com", password: "short" }, "A password has 8 to 256 characters."],
    ["POST", "/users/grace@example.com/admin", { admin: "no" }, "admin is true or false, and not 'no'."],
    ["POST", "/registration_tokens", { uses: 1.5 }, "uses is a whole number from 1 to 1000000, and not 1.5."],
  ] as const)("is refused with what is wrong: %s %s", async (method, path, body, description) => {
    const { status, body: said } = await ask(method, path, body);
    expect([status, said["error"]]).toEqual([400, "invalid_request"]);
    if (typeof description === "string") expect(said["error_description"]).toBe(description);
    else expect(said["error_description"]).toMatch(description);
  });

  it("is refused where it is no JSON, or more of it than anybody needs", async () => {
    const send = (body: string, type = "application/json") =>
      fetch(`${server.origin}/admin/api/v1/clients`, { method: "POST", body, headers: { ...bearer(adminToken), "content-type": type } });
    expect((await send("{")).status).toBe(400);
    expect((await send(JSON.stringify({ client_name: "x" }), "text/plain")).status).toBe(415);
    expect((await send(JSON.stringify({ client_name: "x" }), "application/json; charset=utf-16")).status).toBe(415);
    expect((await send(JSON.stringify({ client_name: "x".repeat(70_000) }))).status).toBe(413);
  });

  it.each([
    ["GET", "/clients/nobody"],
    ["DELETE", "/clients/nobody"],
    ["POST", "/clients/nobody/disable"],
    ["POST", "/clients/nobody/enable"],
    ["POST", "/clients/nobody/revoke"],
    ["POST", "/clients/nobody/secret"],
    ["GET", "/grants/nothing"],
    ["POST", "/grants/nothing/revoke"],
    ["POST", "/tokens/0/revoke"],
    ["POST", "/tokens/-1/revoke"],
    ["POST", "/tokens/1e3/revoke"],
    ["GET", "/users/nobody"],
    ["GET", "/users/nobody@example.com"],
    ["POST", "/users/nobody/disable"],
    ["POST", "/users/nobody/enable"],
    ["POST", "/users/nobody/revoke"],
    ["POST", "/users/nobody/password"],
    ["GET", "/flows/nothing"],
    ["POST", "/registration_tokens/nothing/revoke"],
    ["GET", "/nothing"],
    ["GET", "/clients/a/b/c"],
    ["GET", "/"],
  ])("is not found, with a sentence: %s %s", async (method, path) => {
    const { status, body } = await ask(method, path);
    expect([status, body["error"]]).toEqual([404, "invalid_request"]);
    expect(body["error_description"]).toMatch(/^There is no .+\.$/);
  });

  it("has methods that are not allowed: nothing edits or deletes an event", async () => {
    const before = await itemsOf("/events?limit=200");
    for (const [method, path] of [
      ["PUT", "/events"],
      ["DELETE", "/events"],
      ["PATCH", "/events"],
      ["POST", "/events"],
      ["DELETE", "/events/stream"],
    ] as const) {
      const { status, headers } = await ask(method, path);
      expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
    for (const method of ["PUT", "DELETE", "PATCH", "POST"])
      expect((await ask(method, `/events/${String(before[0]?.["id"])}`)).status).toBe(404);
    const after = await itemsOf("/events?limit=200");
    expect(after).toEqual(expect.arrayContaining(before.slice(0, 150)));
  });
});

describe("this script", () => {
  it("has had a good answer of every route but one flow, the stream and the document, which have tests of their own", () => {
    const isAsked = (method: string, path: string) => {
      const pattern = new RegExp(`^${method} ${path.replace(/\{\w+\}/g, "[^/]+")}$`);
      return [...asked].some((one) => pattern.test(one));
    };
    const missing = operations.filter(({ method, path }) => !isAsked(method, path)).map(({ method, path }) => `${method} ${path}`);
    expect(missing.sort()).toEqual(["GET /events/stream", "GET /flows/{flow_id}", "GET /openapi.json"]);
  });
});
