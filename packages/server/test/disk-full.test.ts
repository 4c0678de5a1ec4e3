/** A database that has no room left, and one that may only be read, as SQLite itself says so. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { StorageError } from "vouchsafe";
import { run } from "vouchsafe/sqlite";
import { App, formHeaders, type Tokens } from "./app.ts";
import { Person } from "./person.ts";
import { asOperator, type ServerHere, startHere } from "./server-here.ts";

let server: ServerHere | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

interface Line {
  readonly level: string;
  readonly message: string;
  readonly error?: string;
}

/** A server, what its log says, ada in her browser, and an app that she connected. */
async function aScene() {
  const lines: Line[] = [];
  const log = (level: string) => (fields: object, message: string) => void lines.push({ ...fields, level, message });
  const here = await startHere({ rateLimits: "off" }, { debug: () => {}, info: () => {}, warn: log("warn"), error: log("error") });
  server = here;
  await here.standalone.accounts.add("ada@example.com", "a-long-password");
  const ada = new Person(here.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  const app = await App.register(here);
  return { here, lines, ada, app, tokens: await app.connect(ada) };
}

const readiness = async ({ origin }: ServerHere): Promise<unknown> => (await fetch(`${origin}/readyz`)).json();
const notReady = { status: "not ready", failing: "database" };

/** No page more than there is, and none of those that were free. */
async function fill({ standalone: { store } }: ServerHere): Promise<void> {
  await store.transact(() => run("CREATE TABLE IF NOT EXISTS filler (bytes BLOB)"));
  await store.database.get("PRAGMA max_page_count = 1");
  const addPage = () => store.transact(() => run("INSERT INTO filler (bytes) VALUES (zeroblob(4000))"));
  for (let page = 0; page < 1000; page++) {
    const failed = await addPage().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failed === undefined) continue;
    expect(failed).toEqual(new StorageError("unavailable", "database or disk is full"));
    return;
  }
  throw new Error("the database is not full");
}

const makeRoom = async ({ standalone: { store } }: ServerHere): Promise<unknown> =>
  store.database.get("PRAGMA max_page_count = 4294967294");

describe("a full disk", () => {
  it("refuses what does not fit, keeps whatever was answered with success, and needs nothing but room", async () => {
    const { here, lines, ada, app, tokens } = await aScene();
    await fill(here);
    const registered: App[] = [];
    let latest = tokens;
    let refusals = 0;
    for (let step = 0; step < 400 && refusals < 20; step++) {
      // What fits into the pages that are there may succeed: then it must be there afterwards.
      const added = await App.register(here).catch((error: Error) => error.message);
      if (added instanceof App) registered.push(added);
      else expect(added).toContain("temporarily_unavailable");
      const refreshed = await app.refresh(latest.refresh_token);
      if (refreshed.status === 200) latest = (await refreshed.json()) as Tokens;
      else {
        expect([refreshed.status, refreshed.headers.get("retry-after")]).toEqual([503, "1"]);
        refusals++;
      }
    }
    expect(refusals).toBe(20);
    await expect.poll(() => readiness(here), { timeout: 5000 }).toEqual(notReady);
    expect((await fetch(`${here.origin}/healthz`)).status).toBe(200);
    expect((await app.notes(latest.access_token)).status).toBe(200);
    expect(lines.filter(({ error }) => error === "database or disk is full")).toHaveLength(1);

    await makeRoom(here);
    await expect.poll(() => readiness(here), { timeout: 5000 }).toEqual({ status: "ready" });
    for (const one of registered) expect((await one.redeem("no-code")).status).toBe(400);
    expect((await app.notes(latest.access_token)).status).toBe(200);
    expect((await app.refresh(latest.refresh_token)).status).toBe(200);
    expect((await app.connect(ada)).token_type).toBe("Bearer");
    expect((await here.standalone.oauth.admin.verifyAudit()).findings).toEqual([]);
  });
});

describe("a database that may only be read", () => {
  const seal = async ({ standalone: { store } }: ServerHere, sealed: boolean): Promise<unknown> =>
    store.database.get(`PRAGMA query_only = ${sealed ? "ON" : "OFF"}`);

  it("refuses every change on every page and endpoint, and none has happened when it can be written again", async () => {
    const { here, lines, ada, app, tokens } = await aScene();
    const consent = await ada.open(app.request({ prompt: "consent" }));
    const apps = await ada.open("/my/connected_apps");
    const disconnecting = await ada.open(`/my/connected_apps/${app.clientId}/disconnect`);
    const passwordForm = await ada.open("/my/password");
    const signUpForm = await new Person(here.origin).open("/sign_up");
    const signOutForm = await ada.open("/sign_out");
    expect([consent, apps, disconnecting, passwordForm, signUpForm, signOutForm].map(({ status }) => status)).toEqual(Array(6).fill(200));
    const code = await app.code(ada, { prompt: "consent" });
    await seal(here, true);

    const program = { ...asOperator, "content-type": "application/json" };
    const programs: Readonly<Record<string, () => Promise<Response>>> = {
      token: () => app.redeem(code),
      refresh: () => app.refresh(tokens.refresh_token),
      "revoke an access token": () => app.revoke(tokens.access_token),
      "revoke a refresh token": () => app.revoke(tokens.refresh_token),
      register: () =>
        fetch(`${here.origin}/oauth/register`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ redirect_uris: ["http://127.0.0.1/callback"] }),
        }),
      "pushed request": () =>
        fetch(`${here.origin}/oauth/par`, { method: "POST", headers: formHeaders, body: app.request().split("?")[1] ?? "" }),
      "an operator's client": () =>
        fetch(`${here.origin}/admin/api/v1/clients`, {
          method: "POST",
          headers: program,
          body: JSON.stringify({ client_name: "Photo printer", redirect_uris: ["https://printer.example/callback"] }),
        }),
    };
    for (const [what, send] of Object.entries(programs)) {
      const answer = await send();
      expect([what, answer.status, answer.headers.get("retry-after")]).toEqual([what, 503, "1"]);
      expect(answer.headers.get("content-type"), what).toMatch(/^application\/json/);
      expect(await answer.json(), what).toMatchObject({ error: "temporarily_unavailable" });
    }
    const grace = { email: "grace@example.com", password: "another-long-password" };
    const pages: Readonly<Record<string, () => ReturnType<Person["submit"]>>> = {
      allow: () => ada.submit(consent, "/oauth/authorize", { scope: "read", decision: "allow" }),
      disconnect: () => ada.submit(disconnecting, `/my/connected_apps/${app.clientId}/disconnect`, {}),
      "sign in": () => new Person(here.origin).signIn("ada@example.com", "a-long-password"),
      "sign out": () => ada.submit(signOutForm, "/sign_out", {}),
      password: () => ada.submit(passwordForm, "/my/password", { current_password: "a-long-password", password: "another-password" }),
    };
    for (const [what, send] of Object.entries(pages)) {
      const page = await send();
      expect([what, page.status, page.headers.get("retry-after")]).toEqual([what, 503, "1"]);
      expect(page.headers.get("content-type"), what).toMatch(/^text\/html/);
    }
    const signingUp = new Person(here.origin);
    const signedUp = await signingUp.submit(await signingUp.open("/sign_up"), "/sign_up", grace);
    expect([signedUp.status, signedUp.headers.get("retry-after")]).toEqual([503, "1"]);
    await expect.poll(() => readiness(here), { timeout: 5000 }).toEqual(notReady);
    expect(lines.filter(({ level }) => level === "error")).toEqual([
      expect.objectContaining({ message: "storage failed", error: "attempt to write a readonly database" }),
    ]);

    await seal(here, false);
    await expect.poll(() => readiness(here), { timeout: 5000 }).toEqual({ status: "ready" });
    expect((await app.notes(tokens.access_token)).status).toBe(200);
    expect((await app.redeem(code)).status).toBe(200);
    expect((await app.refresh(tokens.refresh_token)).status).toBe(200);
    expect((await ada.open("/my/connected_apps")).status).toBe(200);
    expect((await new Person(here.origin).signIn("ada@example.com", "a-long-password")).status).toBe(200);
    expect((await new Person(here.origin).signIn(grace.email, grace.password)).status).toBe(401);
    const kinds = (await here.standalone.oauth.admin.events({ most: 1000 })).map(({ event }) => event.type);
    for (const kind of ["grant.revoked", "token.revoked", "password.changed", "sign_out"]) expect(kinds).not.toContain(kind);
  });

  it("loses nothing of what is written in the background: when a connection was last used, and which requests were refused", async () => {
    const { here, app, tokens } = await aScene();
    await seal(here, true);
    await app.notes(tokens.access_token);
    for (let guess = 0; guess < 3; guess++) await app.redeem("no-code");
    await expect.poll(() => here.standalone.oauth.ready().then(() => "", String)).toContain("readonly");
    await seal(here, false);
    await here.standalone.oauth.close();
    using database = new DatabaseSync(join(here.directory, "vouchsafe.db"), { readOnly: true });
    const refused = database.prepare("SELECT event FROM audit_events WHERE type = 'request.refused'").all();
    expect(refused.map(({ event }) => (JSON.parse(String(event)) as { count: number }).count)).toEqual([3]);
    expect(database.prepare("SELECT count(*) AS used FROM grants WHERE used_at IS NOT NULL").get()).toEqual({ used: 1 });
  });
});
