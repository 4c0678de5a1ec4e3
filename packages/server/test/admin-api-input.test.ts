import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ask, addPeople, adminEnvironment, adminToken, asking, bearer, describedBy, signedIn } from "./admin-api.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let ask: Ask;

beforeAll(async () => {
  server = await startServer({ environment: adminEnvironment });
  await addPeople(server);
  const grace = await signedIn(server, "grace@example.com");
  const byGrace = asking(server, await describedBy(server), { cookie: grace.cookies, "sec-fetch-site": "same-origin" });
  ask = (method, path, body) => byGrace(method, path, body ?? (method === "GET" ? undefined : {}));
});
afterAll(() => server.stop());

const itemsOf = async (path: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await ask("GET", path)).body["items"] as readonly Readonly<Record<string, unknown>>[];

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
