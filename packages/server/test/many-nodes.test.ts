/** Three processes over one database: whatever one of them did, the others know. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { App, type Tokens } from "./app.ts";
import { type Nodes, startNodes } from "./nodes.ts";
import { Person } from "./person.ts";
import { asOperator, operatorEnvironment } from "./server-here.ts";

interface SharedStore {
  readonly name: string;
  readonly newDatabase: () => Promise<string>;
  /** Whether limits are counted in the database. */
  readonly countsLimits: boolean;
}

/** However busy the machine is. */
const patiently = { timeout: 20_000 };

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-many-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stores: readonly SharedStore[] = [
  { name: "a SQLite file", newDatabase: async () => `file:${join(mkdtempSync(join(folder, "db-")), "vouchsafe.db")}`, countsLimits: false },
  { name: "PostgreSQL", newDatabase, countsLimits: true },
];

/** Ada has an account, and is signed in through the balancer. */
async function startWithAda(store: SharedStore): Promise<{ nodes: Nodes; ada: Person }> {
  const nodes = await startNodes(3, await store.newDatabase(), { ...operatorEnvironment, OAUTH_RATE_LIMITS: "off" });
  await nodes.nodes[0]?.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
  const ada = new Person(nodes.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  return { nodes, ada };
}

describe.each(stores)("three nodes over $name", (store) => {
  let nodes: Nodes;
  let ada: Person;
  beforeAll(async () => {
    ({ nodes, ada } = await startWithAda(store));
  });
  afterAll(() => nodes.stop());

  /** What every node says to this token, asked without the balancer. */
  const notesEverywhere = (app: App, token: string): Promise<readonly number[]> =>
    Promise.all(nodes.nodes.map(async ({ origin }) => (await new App({ origin }, app.clientId).notes(token)).status));

  it("answer each request of a flow, whichever comes to whom", async () => {
    const app = await App.register(nodes);
    const before = nodes.answered.length;
    const consent = await ada.open(app.request());
    const done = await ada.decide(consent, "allow", { scope: "read" });
    // The page that leads back to the app was the third one's.
    for (let time = 0; time < 2; time++) await fetch(`${nodes.origin}/healthz`);
    const redeemed = await app.redeem(done.searchParams.get("code") ?? "");
    expect(redeemed.status).toBe(200);
    const flow = nodes.answered.slice(before).filter(({ what }) => /authorize|token/.test(what));
    expect(flow.map(({ what }) => what)).toEqual(["GET /oauth/authorize", "POST /oauth/authorize", "POST /oauth/token"]);
    expect(new Set(flow.map(({ by }) => by)).size).toBe(3);
    const { access_token: token, refresh_token: refreshToken } = (await redeemed.json()) as Tokens;
    expect(await notesEverywhere(app, token)).toEqual([200, 200, 200]);
    for (let last = refreshToken, time = 0; time < 4; time++) {
      const response = await app.refresh(last);
      expect(response.status).toBe(200);
      last = ((await response.json()) as Tokens).refresh_token;
    }
  });

  it("redeem a code once, whoever gets it, and give one answer to a refresh token that two of them get", async () => {
    const app = await App.register(nodes);
    const code = await app.code(ada);
    const answers = await Promise.all(Array.from({ length: 6 }, () => app.redeem(code)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400, 400, 400, 400]);
    const { refresh_token: refreshToken } = await app.connect(ada);
    const refreshed = await Promise.all(Array.from({ length: 6 }, () => app.refresh(refreshToken)));
    const successors = await Promise.all(refreshed.map(async (response) => ((await response.json()) as Tokens).refresh_token));
    expect(new Set(successors).size).toBe(1);
  });

  it("refuse what one of them revoked, all of them and at once", async () => {
    for (let place = 0; place < 3; place++) {
      const app = await App.register(nodes);
      const tokens = await app.connect(ada);
      expect(await notesEverywhere(app, tokens.access_token)).toEqual([200, 200, 200]);
      const at = new App({ origin: nodes.nodes[place]?.origin ?? "" }, app.clientId);
      expect((await at.revoke(tokens.refresh_token)).status).toBe(200);
      expect(await notesEverywhere(app, tokens.access_token)).toEqual([401, 401, 401]);
      expect((await app.refresh(tokens.refresh_token)).status).toBe(400);
    }
  });

  it("tell whoever follows the audit at one of them what happened at another", async () => {
    const [here, there] = nodes.nodes;
    const ended = new AbortController();
    onTestFinished(() => ended.abort());
    const stream = await fetch(`${here?.origin}/admin/api/v1/events/stream`, { headers: asOperator, signal: ended.signal });
    let heard = "";
    void (async () => {
      for await (const part of stream.body ?? []) heard += Buffer.from(part).toString();
    })().catch(() => {});
    await expect.poll(() => heard, patiently).toContain("retry:");
    const { clientId } = await App.register({ origin: there?.origin ?? "" });
    await expect.poll(() => heard, patiently).toContain(clientId);
  });

  it("end a session everywhere", async () => {
    const grace = new Person(nodes.origin);
    await nodes.nodes[0]?.command(["users", "add", "grace@example.com", "--password-stdin"], "a-long-password");
    await grace.signIn("grace@example.com", "a-long-password");
    expect((await grace.send("/my/connected_apps")).status).toBe(200);
    await grace.submit(await grace.open("/sign_out"), "/sign_out", {});
    for (let time = 0; time < 3; time++) expect((await grace.send("/my/connected_apps")).status).toBe(303);
  });

  it.skipIf(!store.countsLimits)("count limits together, by the address of whoever is before the balancer", async () => {
    const limited = await startNodes(3, await store.newDatabase(), { OAUTH_RATE_LIMIT_REGISTER: "4/1m" });
    onTestFinished(() => limited.stop());
    const register = async (address: string): Promise<number> =>
      (
        await fetch(`${limited.origin}/oauth/register`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-forwarded-for": address },
          body: JSON.stringify({ client_name: "Budget app", redirect_uris: ["http://127.0.0.1/callback"] }),
        })
      ).status;
    const statuses: number[] = [];
    // The balancer adds its own word behind what the client says about itself.
    for (let time = 0; time < 8; time++) statuses.push(await register(`192.0.2.${time}`));
    expect(statuses).toEqual([201, 201, 201, 201, 429, 429, 429, 429]);
  });
});

describe.each(stores)("a node over $name that is killed in the middle of flows", (store) => {
  it("leaves the others going on, and nothing that was acknowledged is lost", { timeout: 120_000 }, async () => {
    const { nodes, ada } = await startWithAda(store);
    onTestFinished(() => nodes.stop());
    const app = await App.register(nodes);
    const chains = await Promise.all(Array.from({ length: 6 }, () => app.connect(ada)));
    const revoked = await Promise.all(Array.from({ length: 3 }, () => app.connect(ada)));
    const registered: App[] = [];
    let acknowledged = 0;
    let unanswered = 0;

    /** Until it is answered: whoever hears nothing asks again. */
    const insist = async (ask: () => Promise<Response>): Promise<Response> => {
      for (let attempt = 0; attempt < 20; attempt++) {
        const response = await ask();
        if (response.status === 502) unanswered++;
        else if (response.status !== 503) {
          acknowledged++;
          return response;
        }
      }
      throw new Error("nobody answers");
    };
    const refreshing = chains.map(async (start) => {
      let last = start;
      for (let step = 0; step < 25; step++) {
        const response = await insist(() => app.refresh(last.refresh_token));
        if (response.status !== 200) throw new Error(`step ${step}: ${response.status} ${await response.text()}`);
        last = (await response.json()) as Tokens;
      }
      return last;
    });
    const registering = (async () => {
      for (let time = 0; time < 15; time++) {
        const next = await App.register(nodes).catch(() => undefined);
        if (next !== undefined) registered.push(next);
      }
    })();
    const revoking = (async () => {
      for (const { refresh_token: token } of revoked) expect((await insist(() => app.revoke(token))).status).toBe(200);
    })();

    await expect.poll(() => acknowledged, { ...patiently, interval: 5 }).toBeGreaterThan(20);
    const [killed] = nodes.nodes;
    killed?.process.kill("SIGKILL");
    const before = acknowledged;
    const last = await Promise.all(refreshing);
    await Promise.all([registering, revoking]);
    expect(acknowledged).toBeGreaterThan(before);
    // No more than what was with the one that died.
    expect(unanswered).toBeLessThanOrEqual(chains.length + 2);

    if (killed?.process.signalCode === null) await once(killed.process, "exit");
    await nodes.startAgain(0);
    const notesEverywhere = (token: string): Promise<readonly number[]> =>
      Promise.all(nodes.nodes.map(async ({ origin }) => (await new App({ origin }, app.clientId).notes(token)).status));
    for (const { access_token: token } of last) expect(await notesEverywhere(token)).toEqual([200, 200, 200]);
    for (const { access_token: token } of revoked) expect(await notesEverywhere(token)).toEqual([401, 401, 401]);
    expect(registered.length).toBeGreaterThan(0);
    for (const one of registered) expect((await ada.send(one.request())).status).toBe(200);
    expect((await nodes.nodes[1]?.command(["audit", "verify"]))?.code).toBe(0);
  });
});
