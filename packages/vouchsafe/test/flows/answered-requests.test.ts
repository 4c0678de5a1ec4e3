import { describe, expect, it } from "vitest";
import type { AnsweredRequest } from "../../src/config.ts";
import { authorizePath, browserOf, open } from "../a-person.ts";
import { aServer, budgetApp, get, issuer, like, post } from "../a-server.ts";

/** A server with what it told of its answers. */
function aTellingServer() {
  const told: AnsweredRequest[] = [];
  return { told, server: aServer({ onRequest: (answered) => told.push(answered) }) };
}

describe("onRequest", () => {
  it("is told of every answer: its endpoint, method, status, time, request and attempt", async () => {
    const { told, server } = aTellingServer();
    const app = await budgetApp(server);
    await open(browserOf(server), authorizePath(app));
    const [flow] = await server.oauth.admin.flows({ most: 1 });
    const [registered, answered] = told;
    if (answered === undefined) throw new Error("nothing was told");
    const { duration, ...asked } = answered;
    expect(asked).toEqual({ endpoint: "authorize", method: "GET", status: 200, requestId: like(/\S/), flowId: flow?.id });
    expect(duration).toBeGreaterThan(0);
    expect(registered?.requestId).not.toBe(asked.requestId);
  });

  it("is told of refusals, of wrong methods and paths, of preflights, and of answers that wait for nothing", async () => {
    const { told, server } = aTellingServer();
    await post(server, "/oauth/token", {});
    await get(server, "/oauth/token");
    await get(server, "/nowhere");
    await get(server, "/nowhere", { accept: "text/html" });
    await get(server, "/oauth/done?r=none");
    await server.oauth.fetch(new Request(`${issuer}/oauth/token`, { method: "OPTIONS" }));
    await server.oauth.fetch(new Request(`${issuer}/.well-known/oauth-authorization-server`, { method: "HEAD" }));
    expect(told.map(({ endpoint, method, status }) => `${method} ${endpoint} ${status}`)).toEqual([
      "POST token 401",
      "GET token 405",
      "GET  404",
      "GET  404",
      "GET done 400",
      "OPTIONS token 204",
      "HEAD metadata 200",
    ]);
    expect(new Set(told.map(({ requestId }) => requestId)).size).toBe(told.length);
  });

  it("names the request as the page and the audit do", async () => {
    const { told, server } = aTellingServer();
    const page = await (await get(server, "/oauth/authorize?client_id=nobody")).text();
    expect(page).toContain(told[0]?.requestId);
    expect(server.events.at(-1)?.requestId).toBe(told[0]?.requestId);
  });

  it("leaves an answer that waits for nothing as it is", () => {
    const { server } = aTellingServer();
    expect(server.oauth.fetch(new Request(`${issuer}/.well-known/oauth-authorization-server`))).toBeInstanceOf(Response);
  });

  it("spoils no answer by failing", async () => {
    const failure = new Error("the metrics are down");
    const server = aServer({
      onRequest: () => {
        throw failure;
      },
    });
    expect((await get(server, "/oauth/jwks")).status).toBe(200);
    expect(server.errors).toEqual([failure]);
  });
});
