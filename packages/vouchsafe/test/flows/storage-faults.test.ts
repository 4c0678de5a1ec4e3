/** Every request, with every call to the store that it waits for failing once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { memory } from "../../src/store/memory/memory.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { type Faults, failing } from "../a-failing-store.ts";
import { allow, authorizePath, type Browser, browserOf, connect, consentPage, open, press, readPage, submit } from "../a-person.ts";
import { form, make, path as ownTokens, remove } from "../a-personal-token.ts";
import { fieldsOf, par, push, pushedPath } from "../a-pushed-request.ts";
import {
  type App,
  aServer,
  type Fields,
  get,
  type Headers,
  issuer,
  photoPrinter,
  redeem,
  refresh,
  register,
  revoke,
  type Server,
  send,
  statusAtApi,
} from "../a-server.ts";

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-faults-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const stores: readonly (readonly [string, () => Store])[] = [
  ["memory", memory],
  ["SQLite", () => sqlite(join(folder, `${++files}.db`), { synchronous: "normal" })],
];

/** Who takes part: made anew for every try, so that none stands on what another left. */
interface Scene {
  readonly server: Server;
  readonly app: App;
  readonly browser: Browser;
  /** "This wasn't me", of each connection that was made. */
  readonly notMe: readonly string[];
}

/** Prepares a request that can be sent again. */
type Prepare = (scene: Scene) => Promise<() => Promise<Response>>;

const metadata = { client_name: "Budget app", redirect_uris: ["http://127.0.0.1:4711/callback"], token_endpoint_auth_method: "none" };
const connectedApps = "/my/connected_apps";

const configurationOf = async ({ server }: Scene): Promise<(method: string, body?: object) => Promise<Response>> => {
  const made = (await (await register(server, metadata)).json()) as {
    client_id: string;
    registration_client_uri: string;
    registration_access_token: string;
  };
  const headers = { authorization: `Bearer ${made.registration_access_token}`, "content-type": "application/json" };
  return async (method, body) =>
    server.oauth.fetch(
      new Request(made.registration_client_uri, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify({ ...body, client_id: made.client_id }) }),
      }),
    );
};

/** The form of one of ada's pages, to be sent again and again. */
const formAt = async ({ browser }: Scene, path: string, more: Fields = {}): Promise<() => Promise<Response>> => {
  const { action, hidden } = await readPage(await open(browser, path));
  return () => submit(browser, action, { ...hidden, ...more }, { origin: issuer, accept: "text/html" });
};

const grantOf = async ({ server, browser, app }: Scene): Promise<string> => {
  await connect(server, app, {}, {}, browser);
  const listed = await open(browser, connectedApps, { accept: "application/json" });
  const [first] = ((await listed.json()) as { connected_apps: readonly { id: string }[] }).connected_apps;
  if (first === undefined) throw new Error("nothing is connected");
  return first.id;
};

const html: Headers = { accept: "text/html" };
const json: Headers = { accept: "application/json" };

const programs: Readonly<Record<string, Prepare>> = {
  "server metadata":
    async ({ server }) =>
    () =>
      get(server, "/.well-known/oauth-authorization-server"),
  "the public keys":
    async ({ server }) =>
    () =>
      get(server, "/oauth/jwks"),
  "a registration":
    async ({ server }) =>
    () =>
      register(server, metadata),
  "reading a registration": async (scene) => {
    const configuration = await configurationOf(scene);
    return () => configuration("GET");
  },
  "changing a registration": async (scene) => {
    const configuration = await configurationOf(scene);
    return () => configuration("PUT", { ...metadata, client_name: "Budget app, new" });
  },
  "a pushed request":
    async ({ server, app }) =>
    () =>
      send(server, app, par, fieldsOf(app)),
  "a code": async ({ server, app, browser }) => {
    const code = await allow(browser, app);
    return () => redeem(server, app, code);
  },
  "a refresh token": async ({ server, app, browser }) => {
    const tokens = await connect(server, app, {}, {}, browser);
    return () => refresh(server, app, tokens.refresh);
  },
  "a client's own token":
    async ({ server, app }) =>
    () =>
      send(server, app, "/oauth/token", { grant_type: "client_credentials" }),
  "revoking an access token": async ({ server, app, browser }) => {
    const tokens = await connect(server, app, {}, {}, browser);
    return () => revoke(server, app, tokens.access);
  },
  "revoking a refresh token": async ({ server, app, browser }) => {
    const tokens = await connect(server, app, {}, {}, browser);
    return () => revoke(server, app, tokens.refresh);
  },
  "an introspection": async ({ server, app, browser }) => {
    const tokens = await connect(server, app, {}, {}, browser);
    return () => send(server, app, "/oauth/introspect", { token: tokens.access });
  },
  "a guarded resource": async ({ server, app, browser }) => {
    const { access } = await connect(server, app, {}, {}, browser);
    return async () => {
      const request = new Request(`${issuer}/api/notes`, { headers: { authorization: `Bearer ${access}` } });
      const allowed = await server.oauth.authenticate(request);
      return allowed instanceof Response ? allowed : Response.json({ subject: allowed.subject });
    };
  },
  "the list of connected apps": async (scene) => {
    await grantOf(scene);
    return () => open(scene.browser, connectedApps, json);
  },
  "the list of own tokens": async ({ browser }) => {
    await make(browser);
    return () => open(browser, ownTokens, json);
  },
  "deleting a registration": async (scene) => {
    const configuration = await configurationOf(scene);
    return () => configuration("DELETE");
  },
  "deleting an own token": async ({ browser }) => {
    const { id } = await make(browser);
    return () => remove(browser, id, { origin: issuer });
  },
};

const pages: Readonly<Record<string, Prepare>> = {
  "the consent page":
    async ({ app, browser }) =>
    () =>
      open(browser, authorizePath(app), html),
  "the consent page of a pushed request": async ({ server, app, browser }) => {
    const uri = await push(server, app);
    return () => open(browser, pushedPath(app, uri), html);
  },
  allowing: async ({ app, browser }) => {
    const page = await consentPage(browser, app);
    return () => press(browser, page, "allow", {}, html);
  },
  denying: async ({ app, browser }) => {
    const page = await consentPage(browser, app);
    return () => press(browser, page, "deny", {}, html);
  },
  "the done page": async ({ app, browser }) => {
    const decided = await press(browser, await consentPage(browser, app), "allow");
    return () => open(browser, decided.headers.get("location") ?? "", html);
  },
  "connected apps": async (scene) => {
    await grantOf(scene);
    return () => open(scene.browser, connectedApps, html);
  },
  "a connected app": async (scene) => {
    const id = await grantOf(scene);
    return () => open(scene.browser, `${connectedApps}/${id}`, html);
  },
  "the question whether to disconnect": async (scene) => {
    const id = await grantOf(scene);
    return () => open(scene.browser, `${connectedApps}/${id}/disconnect`, html);
  },
  disconnecting: async (scene) => formAt(scene, `${connectedApps}/${await grantOf(scene)}/disconnect`),
  "the form to change a connection": async (scene) => {
    const id = await grantOf(scene);
    return () => open(scene.browser, `${connectedApps}/${id}/edit`, html);
  },
  "changing a connection": async (scene) => formAt(scene, `${connectedApps}/${await grantOf(scene)}/edit`, { scope: ["read"] }),
  "the question whether it was me": async (scene) => {
    await grantOf(scene);
    return () => open(scene.browser, scene.notMe[0] ?? "", html);
  },
  "ending what was not me": async (scene) => {
    await grantOf(scene);
    return formAt(scene, scene.notMe[0] ?? "");
  },
  "own tokens": async ({ browser }) => {
    await make(browser);
    return () => open(browser, ownTokens, html);
  },
  "making an own token": async ({ browser }) => {
    const fields = await form(browser);
    return () => submit(browser, ownTokens, fields, { origin: issuer, ...html });
  },
};

async function sceneOf(makeStore: () => Store): Promise<Scene & { readonly faults: Faults }> {
  const { store, faults } = failing(makeStore());
  const notMe: string[] = [];
  const server = aServer({ store, accessTokenFormat: "jwt", onNewConnection: ({ notMeUrl }) => void notMe.push(notMeUrl) });
  const app = await photoPrinter(server, { grantTypes: ["authorization_code", "refresh_token", "client_credentials"] });
  return { server, app, browser: browserOf(server), notMe, faults };
}

/** What a client, or a person, must be told. */
async function expectUnavailable(response: Response, isPage: boolean): Promise<void> {
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  if (isPage) expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  else expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
}

/** Lets the first call fail, then the second, until there are no more; resolves to the verbs that were called. */
async function failEach(makeStore: () => Store, prepare: Prepare, isPage: boolean): Promise<readonly string[]> {
  const untroubled = await sceneOf(makeStore);
  const { status } = await (await prepare(untroubled))();
  expect(status).toBeLessThan(400);
  for (let call = 1; call < 30; call++) {
    const scene = await sceneOf(makeStore);
    const sendIt = await prepare(scene);
    scene.server.clock.now += 2000; // what is remembered for a second is asked for again
    scene.faults.failAt(call);
    const response = await sendIt();
    const called = scene.faults.heal();
    if (called.length < call) {
      expect(response.status).toBe(status);
      return called;
    }
    await expectUnavailable(response, isPage);
    expect(scene.server.errors.map(String)).toContain(`StorageError: ${called[call - 1]}: the database is away`);
    const again = await sendIt();
    expect(again.status, `after ${called.join(", ")}`).toBe(status);
    await scene.server.oauth.close();
  }
  throw new Error("too many calls");
}

describe.each(stores)("a store that fails once: %s", (_, makeStore) => {
  it.each(Object.entries(programs))("%s is refused as temporarily unavailable, and works the next time", async (name, prepare) => {
    const called = await failEach(makeStore, prepare, false);
    if (name !== "server metadata") expect(called.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(pages))("%s becomes a page that says so, and works the next time", async (name, prepare) => {
    const called = await failEach(makeStore, prepare, true);
    if (name !== "the done page") expect(called.length).toBeGreaterThan(0);
  });

  it("does in the background what it could not do before, and loses nothing of it", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const { server, app, browser, faults } = await sceneOf(makeStore);
    const { access } = await connect(server, app, {}, {}, browser);
    faults.failAt(0);
    expect(await statusAtApi(server, access)).toBe(200);
    expect((await redeem(server, app, "no-code")).status).toBe(400);
    vi.advanceTimersByTime(60_000);
    for (const verb of ["noteUses", "flows.note", "reports.countEvents", "record"])
      await expect.poll(() => server.errors.map(String).join()).toContain(`${verb}: the database is away`);
    faults.heal();
    vi.advanceTimersByTime(60_000);
    const { store, clock } = server;
    await expect.poll(async () => (await store.connections("ada", clock.now))[0]?.usedAt).toBeDefined();
    await expect.poll(async () => (await store.audit.list({ types: ["request.refused"], most: 10 })).length).toBe(1);
    await expect.poll(() => store.reports.countEvents(1)).toBe(0);
    await server.oauth.close();
  });
});
