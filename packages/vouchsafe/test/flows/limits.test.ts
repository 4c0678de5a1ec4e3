import { describe, expect, it } from "vitest";
import { limitOf, type RateLimits, rateLimitsInMemory } from "../../src/rate-limit.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { allow, authorizePath, browserOf, connect, open } from "../a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  challenge,
  lastEvent,
  lastReason,
  photoPrinter,
  post,
  redeem,
  refresh,
  type Server,
  send,
} from "../a-server.ts";

const guess = (server: Server, id: string, from?: string): Promise<Response> =>
  post(server, "/oauth/token", { grant_type: "authorization_code", client_id: id, code: "guess", code_verifier: "x" }, {}, from);

describe("limits, RFC 6585 §4", () => {
  it("slow down whoever guesses codes, while a right code and a right refresh token still work", async () => {
    const server = aServer({ rateLimits: {} });
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app);
    const { refresh: token } = await connect(server, app);
    for (let time = 0; time < 20; time++) expect((await guess(server, app.id)).status).toBe(400);
    const refused = await guess(server, app.id);
    expect([refused.status, refused.headers.get("cache-control")]).toEqual([429, "no-store"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answerOf(refused)).toMatchObject({ error: "temporarily_unavailable" });
    expect((await redeem(server, app, code)).status).toBe(200);
    expect((await refresh(server, app, token)).status).toBe(200);
    expect(lastEvent(server, "rate.limited")).toMatchObject({ endpoint: "token", reason: "too many failures: code was not issued here" });
  });

  it("slow down nobody else: another network, another app", async () => {
    const server = aServer({ rateLimits: { client: "1/1m" } });
    const [app, other] = [await budgetApp(server), await budgetApp(server)];
    await guess(server, app.id);
    expect((await guess(server, app.id)).status).toBe(429);
    expect((await guess(server, app.id, "198.51.100.1")).status).toBe(400);
    expect((await guess(server, other.id)).status).toBe(400);
  });

  it("still end what a replayed code had issued, beyond the limit", async () => {
    const server = aServer({ rateLimits: { client: "1/1m" } });
    const app = await budgetApp(server);
    const code = await allow(browserOf(server), app);
    const { refresh_token: token = "" } = await answerOf(await redeem(server, app, code));
    await guess(server, app.id);
    expect((await redeem(server, app, code)).status).toBe(429);
    expect((await refresh(server, app, token)).status).toBe(429);
    expect(lastEvent(server, "code.replayed")).toBeDefined();
  });

  it("let a person ask 120 times a minute, and show a page to wait beyond", async () => {
    const server = aServer({ rateLimits: {} });
    const app = await budgetApp(server);
    const browser = browserOf(server);
    for (let time = 0; time < 120; time++) expect((await open(browser, authorizePath(app))).status).toBe(200);
    const refused = await open(browser, authorizePath(app));
    expect([refused.status, refused.headers.get("location")]).toEqual([429, null]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.text()).toMatch(/Please wait \d+ seconds/);
    expect((await open(browserOf(server, "grace"), authorizePath(app))).status).toBe(200);
  });

  it("let an address push 120 requests a minute for public clients, and a client that proves itself as many as it has people", async () => {
    const server = aServer({ rateLimits: { authorize: "2/1m" } });
    const [app, printer] = [await budgetApp(server), await photoPrinter(server)];
    const push = async (of: App): Promise<number> => {
      const fields = { response_type: "code", redirect_uri: of.redirectUri, code_challenge: challenge, code_challenge_method: "S256" };
      return (await send(server, of, "/oauth/par", fields)).status;
    };
    expect([await push(app), await push(app), await push(app)]).toEqual([201, 201, 429]);
    expect([await push(printer), await push(printer), await push(printer)]).toEqual([201, 201, 201]);
    expect(lastReason(server)).toBe("too many pushed requests from one address");
  });

  it("are counted by the address that a trusted proxy names, and by no other's word", async () => {
    const statusesOf = async (trustProxy: number): Promise<number[]> => {
      const server = aServer({ rateLimits: { register: "1/1m" }, trustProxy });
      const register = async (forwardedFor: string): Promise<number> =>
        (await post(server, "/oauth/register", "{}", { "content-type": "application/json", "x-forwarded-for": forwardedFor })).status;
      return [await register("198.51.100.1"), await register("198.51.100.2"), await register("9.9.9.9, 198.51.100.1")];
    };
    expect(await statusesOf(0)).toEqual([400, 429, 429]);
    expect(await statusesOf(1)).toEqual([400, 400, 429]);
  });

  it("are not even asked about by whoever has what it takes to get tokens", async () => {
    const asked: string[] = [];
    const rateLimits: RateLimits = (name, rule, onError) => {
      const limit = rateLimitsInMemory(name, rule, onError);
      return limitOf((key) => {
        asked.push(name);
        return limit.attempt(key);
      });
    };
    const server = aServer({ store: Object.assign(memory(), { rateLimits }), rateLimits: {} });
    const printer = await photoPrinter(server);
    const code = await allow(browserOf(server), printer);
    const { refresh: token } = await connect(server, printer);
    expect(asked).toContain("authorize");
    asked.length = 0;
    expect((await redeem(server, printer, code)).status).toBe(200);
    expect((await refresh(server, printer, token)).status).toBe(200);
    expect(asked).toEqual([]);
    await guess(server, printer.id);
    expect(asked).toEqual(["client"]);
  });

  it("are offered to the host app for its own sign-in, and are silent where they are off", async () => {
    const { limits } = aServer({ rateLimits: { signIn: "1/1m" } }).oauth;
    await limits.signIn.count("ada");
    expect((await limits.signIn.attempt("ada")).wait).toBeGreaterThan(0);
    const off = aServer({ rateLimits: false }).oauth.limits;
    for (let time = 0; time < 200; time++) expect(await off.signIn.count("ada")).toBeUndefined();
  });
});
