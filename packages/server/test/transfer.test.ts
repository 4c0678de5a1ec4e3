/** A server that moves from SQLite to PostgreSQL and back, and the people and apps that notice nothing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { App } from "./app.ts";
import { createService, type OperatorClient } from "./interop/operator-client.ts";
import { Person } from "./person.ts";
import { Place } from "./place.ts";
import { environmentOf, freePort } from "./running-server.ts";
import { basic } from "./secret-hunt.ts";

const settings = { OAUTH_SECRET: "a-secret-of-at-least-32-bytes-here", OAUTH_ACCESS_TOKEN_FORMAT: "jwt", OAUTH_REFRESH_OVERLAP: "0" };

/** What people and apps hold, and hold on to. */
interface Held {
  readonly ada: Person;
  readonly app: App;
  readonly service: OperatorClient;
  readonly registrationToken: string;
  readonly accessToken: string;
  readonly personalToken: string;
  /** Changes with every use. */
  refreshToken: string;
}

let first: Place;
let middle: Place;
let last: Place;
let held: Held;

beforeAll(async () => {
  const port = await freePort();
  first = new Place(port, settings);
  middle = new Place(port, { ...settings, DATABASE_URL: await newDatabase() });
  last = new Place(port, settings);
  held = await live(first);
  await first.stop();
}, 120_000);
afterAll(() => Place.removeAll());

describe("a server that moves", () => {
  it("to PostgreSQL goes on for everybody who was signed in or connected", async () => {
    expect((await first.run(["export", first.file("copy.jsonl")])).stderr).toContain("The secret is not in it: keep OAUTH_SECRET too");
    expect(statSync(first.file("copy.jsonl")).mode & 0o777).toBe(0o600);
    const imported = await middle.run(["import", first.file("copy.jsonl")]);
    expect([imported.code, imported.stderr]).toEqual([0, expect.stringContaining("Its audit is as it was written")]);
    await expectLife(middle);
  }, 120_000);

  it("to PostgreSQL and back to SQLite goes on for everybody who was signed in or connected", async () => {
    const running = await middle.run(["import", first.file("copy.jsonl"), "--force"]);
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("servers are connected to the database")]);
    await middle.stop();
    expect((await middle.run(["export", middle.file("copy.jsonl")])).code).toBe(0);
    const imported = await last.run(["import", middle.file("copy.jsonl"), "--json"]);
    expect([imported.code, imported.stderr]).toEqual([0, expect.stringContaining("Its audit is as it was written")]);
    expect((JSON.parse(imported.stdout) as { rows: { accounts: number; sessions: number } }).rows).toMatchObject({
      accounts: 1,
      sessions: 2,
    });
    await expectLife(last);
    await last.stop();
    expect((await last.run(["audit", "verify"])).code).toBe(0);
  }, 120_000);

  it("takes another secret for what it is, and a copy that is cut off, and changes nothing", async () => {
    const empty = new Place(first.port);
    const wrong = await empty.run(["import", first.file("copy.jsonl")], { OAUTH_SECRET: "another-secret-of-at-least-32-bytes" });
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining("the copy was made with another secret")]);
    const without = await empty.run(["import", first.file("copy.jsonl")]);
    expect([without.code, without.stderr]).toEqual([5, expect.stringContaining("there is none here")]);
    const cut = await empty.run(["import", "-"], settings, readFileSync(first.file("copy.jsonl"), "utf8").slice(0, -400));
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringMatching(/^Nothing was changed: /)]);
    const rows = await empty.run(["export", "-"], settings);
    expect(rows.stdout.split("\n")[0]).toContain('"rows":0');
    const full = await last.run(["import", first.file("copy.jsonl")]);
    expect([full.code, full.stderr]).toEqual([1, expect.stringMatching(/the database holds .*accounts \(1\)/)]);
  }, 120_000);

  it("takes a copy on stdout that nobody read to its end for no copy", async () => {
    const vouchsafe = join(import.meta.dirname, "../bin/vouchsafe.js");
    const env = environmentOf(last.directory, last.port, settings);
    const exporting = spawn(process.execPath, [vouchsafe, "export", "-"], { cwd: last.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    exporting.stdout.destroy();
    const [said] = await Promise.all([text(exporting.stderr), once(exporting, "exit")]);
    expect([exporting.exitCode, said]).toEqual([1, expect.stringContaining("The copy was not written to its end")]);
  }, 30_000);
});

async function live(place: Place): Promise<Held> {
  const server = await place.serve();
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  const registration = await fetch(`${server.origin}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Budget app",
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    }),
  });
  const { client_id, registration_access_token } = (await registration.json()) as Record<string, string>;
  const app = new App(server, client_id ?? "");
  const tokens = await app.connect(ada);
  const made = await server.command(["tokens", "create", "ada@example.com", "--name", "nightly export", "--scope", "read", "--json"]);
  return {
    ada,
    app,
    service: await createService(server, "client_secret_basic"),
    registrationToken: registration_access_token ?? "",
    accessToken: tokens.access_token,
    personalToken: (JSON.parse(made.stdout) as { token: string }).token,
    refreshToken: tokens.refresh_token,
  };
}

async function expectLife(place: Place): Promise<void> {
  const { origin } = await place.serve();
  const { ada, app, service } = held;
  expect((await ada.open("/my/connected_apps")).html).toContain("Budget app");
  expect((await app.notes(held.accessToken)).status).toBe(200);
  expect((await app.notes(held.personalToken)).status).toBe(200);
  const keys = createRemoteJWKSet(new URL(`${origin}/oauth/jwks`));
  expect((await jwtVerify(held.accessToken, keys, { issuer: origin, typ: "at+jwt" })).payload["client_id"]).toBe(app.clientId);
  const refreshed = await app.refresh(held.refreshToken);
  expect(refreshed.status).toBe(200);
  held.refreshToken = ((await refreshed.json()) as { refresh_token: string }).refresh_token;
  const registration = await fetch(`${origin}/oauth/register/${app.clientId}`, {
    headers: { authorization: `Bearer ${held.registrationToken}` },
  });
  expect(registration.status).toBe(200);
  const asService = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    headers: basic(service.client_id, service.client_secret),
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "read", resource: `${origin}/api/notes` }),
  });
  expect(asService.status).toBe(200);
  expect((await new Person(origin).signIn("ada@example.com", "a-long-password")).html).toContain("ada@example.com");
}
