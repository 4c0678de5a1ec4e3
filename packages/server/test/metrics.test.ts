import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetrics } from "../src/metrics/metrics.ts";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { startServer } from "./running-server.ts";
import { asOperator, readMetrics, type ServerHere, startHere, sumOf } from "./server-here.ts";

let server: ServerHere;
let ada: Person;
let grace: Person;
beforeAll(async () => {
  server = await startHere();
  await server.standalone.accounts.add("ada@example.com", "a-long-password", true);
  await server.standalone.accounts.add("grace@example.com", "a-long-password");
  [ada, grace] = [new Person(server.origin), new Person(server.origin)];
  await ada.signIn("ada@example.com", "a-long-password");
  await grace.signIn("grace@example.com", "a-long-password");
});
afterAll(() => server.stop());

const ask = (headers: Record<string, string> = {}): Promise<Response> => fetch(`${server.origin}/metrics`, { headers });

describe("/metrics", () => {
  it("is for whoever has the admin token, and for administrators who are signed in", async () => {
    const answered = await ask(asOperator);
    expect(answered.status).toBe(200);
    expect(answered.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(answered.headers.get("cache-control")).toBe("no-store");
    expect((await ada.send("/metrics")).status).toBe(200);
  });

  it("is for nobody else: not without a token, not with another one, not for a person or an app", async () => {
    const app = await App.register(server);
    const { access_token: token } = await app.connect(grace);
    const refused = [
      await ask(),
      await ask({ authorization: "Bearer" }),
      await ask({ authorization: "Bearer undefined" }),
      await ask({ authorization: `Bearer ${token}` }),
      await ask({ authorization: asOperator.authorization.replace("Bearer", "Basic") }),
      await ask({ authorization: `${asOperator.authorization}x` }),
      // A wrong token is a wrong token, whoever's cookie comes with it.
      await ada.send("/metrics", { headers: { authorization: "Bearer wrong" } }),
    ];
    for (const response of refused) {
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(await response.text()).not.toContain("oauth_");
    }
    const known = await grace.send("/metrics");
    expect(known.status).toBe(403);
    expect(await known.text()).not.toContain("oauth_");
  });

  it("is for no bearer at all where the operator has set no admin token", async () => {
    const without = await startServer();
    try {
      for (const authorization of [asOperator.authorization, "Bearer ", "Bearer undefined"])
        expect((await fetch(`${without.origin}/metrics`, { headers: { authorization } })).status).toBe(401);
    } finally {
      await without.stop();
    }
  });

  it("counts every answer of the server's own pages, from the first one on, under names that nobody else chooses", async () => {
    const fresh = await startHere();
    try {
      for (let time = 0; time < 3; time++) await fetch(`${fresh.origin}/healthz?${time}`);
      await fetch(`${fresh.origin}/healthz`, { method: "PROPFIND" });
      await fetch(`${fresh.origin}/sign_in`, { method: "POST" });
      const samples = await readMetrics(fresh.origin);
      const requests = (labels: Record<string, string>): number => sumOf(samples, "oauth_http_requests_total", labels);
      expect(requests({ endpoint: "healthz", method: "GET", status: "200" })).toBe(3);
      expect(requests({ endpoint: "healthz", method: "other", status: "405" })).toBe(1);
      expect(requests({ endpoint: "sign_in", method: "POST", status: "415" })).toBe(1);
      expect(requests({})).toBe(5);
      expect(sumOf(samples, "oauth_http_request_duration_seconds_count", { endpoint: "healthz" })).toBe(4);
    } finally {
      await fresh.stop();
    }
  });

  it("tells what is there now, and how long storage takes", async () => {
    const before = await readMetrics(server.origin);
    const app = await App.register(server);
    await app.connect(grace);
    const after = await readMetrics(server.origin);
    const growth = (name: string, labels: Record<string, string> = {}): number => sumOf(after, name, labels) - sumOf(before, name, labels);
    expect(growth("oauth_clients", { registration: "dynamic", state: "enabled" })).toBe(1);
    expect(growth("oauth_grants_active")).toBe(1);
    expect(growth("oauth_consent_decisions_total", { decision: "allowed", tier: "named-itself" })).toBe(1);
    expect(growth("oauth_storage_duration_seconds_count", { operation: "commit" })).toBeGreaterThanOrEqual(3);
    expect(sumOf(after, "oauth_ready")).toBe(1);
    expect(after.find(({ name }) => name === "oauth_build_info")?.labels["node"]).toBe(process.versions.node);
    expect(sumOf(after, "process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  });

  it("says that the database is gone, and what it still knows", async () => {
    const broken = await startHere();
    try {
      await broken.standalone.store.database.close();
      const samples = await readMetrics(broken.origin);
      expect(sumOf(samples, "oauth_ready")).toBe(0);
      expect(samples.filter(({ name }) => name === "oauth_grants_active" || name === "oauth_clients")).toEqual([]);
      expect(sumOf(samples, "oauth_http_requests_total")).toBe(0);
      expect(sumOf(await readMetrics(broken.origin), "oauth_http_requests_total", { endpoint: "metrics" })).toBe(1);
    } finally {
      await broken.stop();
    }
  });
});

describe("what is counted before anybody asks", () => {
  it("is complete, however much it is", async () => {
    const metrics = createMetrics();
    const request = { endpoint: "token", method: "POST", status: 200, duration: 30, requestId: "1", flowId: undefined };
    for (let time = 0; time < 2500; time++) metrics.onRequest(request);
    for (let time = 0; time < 7; time++) metrics.onStorage("commit", 3);
    const { text } = await metrics.show({ isReady: true, held: undefined });
    metrics.onRequest(request);
    const { text: later } = await metrics.show({ isReady: true, held: undefined });
    expect(text).toContain('oauth_http_requests_total{endpoint="token",method="POST",status="200"} 2500\n');
    expect(text).toContain('oauth_http_request_duration_seconds_bucket{le="0.02",endpoint="token"} 0\n');
    expect(text).toContain('oauth_http_request_duration_seconds_bucket{le="0.1",endpoint="token"} 2500\n');
    expect(text).toContain('oauth_storage_duration_seconds_count{operation="commit"} 7\n');
    expect(later).toContain('oauth_http_requests_total{endpoint="token",method="POST",status="200"} 2501\n');
    expect(later).toContain('oauth_http_request_duration_seconds_count{endpoint="token"} 2501\n');
  });

  it("is what events say happened, as often as they say", async () => {
    const metrics = createMetrics();
    const refusal = { at: 0, type: "request.refused", endpoint: "token", error: "invalid_grant", reason: "the code is unknown" } as const;
    metrics.onEvent({ ...refusal, count: 1 });
    metrics.onEvent({ ...refusal, count: 41 });
    metrics.onEvent({ at: 0, type: "rate.limited", endpoint: "register", reason: "too many", count: 3 });
    const { text } = await metrics.show({ isReady: true, held: undefined });
    expect(text).toContain('oauth_token_errors_total{error="invalid_grant"} 42\n');
    expect(text).toContain('oauth_refusals_total{error="invalid_grant"} 42\n');
    expect(text).toContain('oauth_rate_limited_total{endpoint="register"} 3\n');
    expect(text).toContain('oauth_security_events_total{type="rate.limited"} 3\n');
  });
});
