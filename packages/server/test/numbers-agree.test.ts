/** One and the same traffic, as every face of an operator tells it. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Counts, Statistics, Tally } from "vouchsafe";
import { App, type Tokens } from "./app.ts";
import { Person } from "./person.ts";
import { environmentOf, runCommand } from "./running-server.ts";
import { asOperator, readMetrics, type Sample, type ServerHere, startHere, sumOf } from "./server-here.ts";

let server: ServerHere;
let statistics: Statistics;
let metrics: readonly Sample[];
const began = Date.now();
let until = 0;
beforeAll(async () => {
  const limits = { rateLimitRegister: "24/1m", rateLimitClient: "1000/1m", rateLimitAuthorize: "1000/1m", rateLimitSignIn: "10/1m" };
  server = await startHere({ ...limits, refreshOverlap: "0" });
  await traffic(server);
  // What repeats is known when its minute is over: a refusal of a later one ends it, and is a wrong password itself.
  server.standalone.oauth.noteRefusal("later", { at: Date.now() + 60_000, type: "sign_in.failed", reason: "later" });
  await vi.waitFor(async () => {
    metrics = await readMetrics(server.origin);
    if (sumOf(metrics, "oauth_security_events_total", { type: "sign_in.failed" }) < 11) throw new Error("not yet counted");
  }, 5000);
  until = Date.now() + 120_000;
  statistics = await server.standalone.oauth.admin.statistics(began, until);
});
afterAll(() => server.stop());

describe("the numbers of an operator", () => {
  it("are those of what was done", () => {
    expect(statistics.counts).toEqual({
      registrations: { dynamic: 24, operator: 1 },
      consents: { allowed: 31, narrowed: 6, denied: 24 },
      issued: { authorization_code: 37, refresh_token: 26, client_credentials: 24, personal_access_token: 4 },
      tokenErrors: { invalid_grant: 27, invalid_client: 24, unsupported_grant_type: 3 },
      refused: {
        invalid_grant: 27,
        invalid_client: 24,
        unsupported_grant_type: 3,
        slow_down: 5,
        invalid_token: 24,
      },
      revoked: { grant: 6, token: 6, personal_token: 1, subject: 1 },
      security: {
        "client.authentication_failed": 24,
        "rate.limited": 5,
        "scope.violated": 24,
        "sign_in.failed": 11,
        "suspicious.activity": 1,
        "code.replayed": 1,
        "refresh.reused": 2,
      },
    });
  });

  const counters: Readonly<Record<keyof Counts, readonly [metric: string, label: string]>> = {
    registrations: ["oauth_client_registrations_total", "registration"],
    consents: ["oauth_consent_decisions_total", "decision"],
    issued: ["oauth_tokens_issued_total", "grant_type"],
    tokenErrors: ["oauth_token_errors_total", "error"],
    refused: ["oauth_refusals_total", "error"],
    revoked: ["oauth_revocations_total", "ended"],
    security: ["oauth_security_events_total", "type"],
  };

  it.each(Object.keys(counters) as (keyof Counts)[])("are the same in the metrics: %s", (part) => {
    const [metric, label] = counters[part];
    const counted: Record<string, number> = {};
    for (const { labels, value } of metrics.filter(({ name, value }) => name === metric && value > 0))
      counted[labels[label] ?? ""] = (counted[labels[label] ?? ""] ?? 0) + value;
    expect(counted).toEqual(statistics.counts[part] satisfies Tally);
  });

  it("are the same in the admin API, and in what `stats --json` prints", async () => {
    const range = { since: new Date(began).toISOString(), until: new Date(until).toISOString() };
    const answer = await fetch(`${server.origin}/admin/api/v1/stats?${new URLSearchParams(range)}`, { headers: asOperator });
    const flags = ["--since", range.since, "--until", range.until, "--json"];
    const environment = environmentOf(server.directory, Number(new URL(server.origin).port));
    const { stdout } = await runCommand(["stats", ...flags], { cwd: server.directory, env: environment });
    const { tokenErrors, ...counts } = statistics.counts;
    const { connections, personalTokens, clientTokens } = statistics.now;
    const expected = {
      counts: { ...counts, token_errors: tokenErrors },
      active: { connections, personal_tokens: personalTokens, client_tokens: clientTokens },
    };
    expect(await answer.json()).toMatchObject(expected);
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  it("are the same on the dashboard", async () => {
    const operator = new Person(server.origin);
    await server.standalone.accounts.add("olga@example.com", "a-long-password", true);
    await operator.signIn("olga@example.com", "a-long-password");
    const page = await (await operator.send("/admin?range=7d", { headers: { accept: "text/html" } })).text();
    const words = page.replace(/<[^>]*>/g, "").replace(/\s+/g, " ");
    const refused = Object.values(statistics.counts.refused).reduce((sum, count) => sum + count, 0);
    expect(words).toContain(`${statistics.counts.issued["authorization_code"]} new connections`);
    expect(words).toContain(`${statistics.now.connections} active`);
    expect(words).toContain(`${refused} failed`);
  });

  it("are the same in the metrics: limited requests by endpoint", () => {
    expect(sumOf(metrics, "oauth_rate_limited_total", { endpoint: "register" })).toBe(3);
    expect(sumOf(metrics, "oauth_rate_limited_total", { endpoint: "sign_in" })).toBe(2);
  });

  it("are the same in the metrics: what is there now", () => {
    const { connections, personalTokens, clients } = statistics.now;
    expect(connections).toBeGreaterThan(0);
    expect(sumOf(metrics, "oauth_grants_active")).toBe(connections + personalTokens);
    expect(sumOf(metrics, "oauth_personal_tokens_active")).toBe(personalTokens);
    for (const { origin, isDisabled, count } of clients)
      expect(sumOf(metrics, "oauth_clients", { registration: origin, state: isDisabled ? "disabled" : "enabled" })).toBe(count);
  });
});

const times = async (number: number, work: (index: number) => Promise<unknown>): Promise<void> => {
  for (let index = 0; index < number; index++) await work(index);
};

/** A few dozen of each. */
async function traffic(served: ServerHere): Promise<void> {
  const { standalone, origin } = served;
  const [ada, grace] = [new Person(origin), new Person(origin)];
  for (const [person, email] of [
    [ada, "ada@example.com"],
    [grace, "grace@example.com"],
  ] as const) {
    await standalone.accounts.add(email, "a-long-password");
    await person.signIn(email, "a-long-password");
  }
  await times(12, () => new Person(origin).signIn("nobody@example.com", "a-wrong-password"));
  const app = await App.register(served);
  await times(26, () => App.register(served).catch(() => {}));
  await connect(app, ada, grace);
  await beRefused(app, ada);
  await operate(served, app);
}

async function connect(app: App, ada: Person, grace: Person): Promise<void> {
  await times(24, async (index) => {
    const first = await app.connect(ada);
    const next = (await (await app.refresh(first.refresh_token)).json()) as Tokens;
    if (index < 6) await app.revoke(next.access_token);
    else if (index < 12) await app.revoke(next.refresh_token);
  });
  await times(6, () => app.connect(ada, { scope: "read write" }, { scope: ["read"] }));
  await times(24, async () => ada.decide(await ada.open(app.request()), "deny"));
  await times(3, () => app.connect(grace));
}

async function beRefused(app: App, ada: Person): Promise<void> {
  await times(24, () => app.redeem("a-code-that-nobody-gave"));
  await times(24, () => app.token({ grant_type: "client_credentials", client_id: "nobody", client_secret: "wrong" }));
  await times(3, () => app.token({ grant_type: "password" }));
  const code = await app.code(ada);
  await times(2, () => app.redeem(code));
  await times(2, async () => {
    const { refresh_token: spent } = await app.connect(ada);
    await times(2, () => app.refresh(spent));
  });
  await times(24, () => app.notes("vs_at_a-token-that-nobody-gave"));
  const { access_token: reading } = await app.connect(ada);
  const headers = { authorization: `Bearer ${reading}`, "content-type": "application/json" };
  await times(24, () => fetch(`${app.server.origin}/api/notes`, { method: "POST", headers, body: '{"text":"Rent"}' }));
}

async function operate({ standalone }: ServerHere, app: App): Promise<void> {
  const { admin } = standalone.oauth;
  const { client, secret = "" } = await admin.createClient({ name: "Night backup", authMethod: "client_secret_post" });
  await times(24, () => app.token({ grant_type: "client_credentials", client_id: client.id, client_secret: secret }));
  const subject = (await standalone.accounts.find("ada@example.com"))?.id ?? "";
  await times(4, (index) => admin.createPersonalToken({ subject, name: `Script ${index}` }));
  const [personal] = await admin.grants({ kind: "personal", most: 1 });
  await admin.revokeGrant(personal?.grant.id ?? "");
  await admin.revokeSubject((await standalone.accounts.find("grace@example.com"))?.id ?? "");
  await admin.disableClient(client.id);
}
