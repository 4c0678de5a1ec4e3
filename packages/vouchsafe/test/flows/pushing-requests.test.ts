import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, goOn, press, readPage } from "../a-person.ts";
import { aPushed, fieldsOf, openPushed, par, push } from "../a-pushed-request.ts";
import {
  answerOf,
  aServer,
  basic,
  budgetApp,
  change,
  type Fields,
  get,
  issuer,
  lastEvent,
  like,
  photoPrinter,
  post,
  redeem,
  send,
} from "../a-server.ts";
import { aPrinterWithKey, claimsOf, sendAssertion, sign } from "../a-signer.ts";

describe("pushing an authorization request, RFC 9126 §2", () => {
  it("gives a reference that nobody can guess, for ten minutes", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const response = await send(server, app, par, fieldsOf(app));
    expect([response.status, response.headers.get("cache-control"), response.headers.get("access-control-allow-origin")]).toEqual([
      201,
      "no-store",
      null,
    ]);
    expect(await response.json()).toEqual({
      request_uri: like(/^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{22}$/),
      expires_in: 600,
    });
  });

  it("is for an app that proves who it is, or that has nothing to prove it by", async () => {
    const server = aServer();
    const [printer, app] = [await photoPrinter(server), await budgetApp(server)];
    expect(await push(server, app)).toMatch(/^urn:/);
    for (const headers of [{}, basic(printer.id, "wrong")]) {
      const response = await post(server, par, fieldsOf(printer), headers);
      expect([response.status, await answerOf(response)]).toMatchObject([401, { error: "invalid_client" }]);
    }
    await change(server, app, { disabledAt: server.clock.now });
    expect((await post(server, par, fieldsOf(app))).status).toBe(401);
  });

  it.each<[string, Fields, string]>([
    ["another redirect URI", { redirect_uri: "https://evil.example/" }, "invalid_request"],
    ["no challenge", { code_challenge: undefined }, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["another response type", { response_type: "token" }, "unsupported_response_type"],
    ["an unknown scope", { scope: "everything" }, "invalid_scope"],
    ["an unknown resource", { resource: "https://evil.example" }, "invalid_target"],
    ["a request object", { request: "eyJ" }, "request_not_supported"],
    ["a reference to another request", { request_uri: "urn:ietf:params:oauth:request_uri:x" }, "invalid_request"],
    ["a reference to a website", { request_uri: "https://printer.example/request" }, "invalid_request"],
    ["prompts that contradict each other", { prompt: "none login" }, "invalid_request"],
    ["a parameter twice", { state: ["a", "b"] }, "invalid_request"],
    ["its name twice", { client_id: ["a", "b"] }, "invalid_request"],
  ])("is refused with %s, before any person sees it, and nothing is kept", async (_, wrong, error) => {
    const server = aServer();
    const app = await photoPrinter(server);
    const response = await send(server, app, par, { ...fieldsOf(app), ...wrong });
    expect([response.status, response.headers.get("location"), (await answerOf(response)).error]).toEqual([400, null, error]);
    expect(lastEvent(server, "request.refused")).toMatchObject({ endpoint: "pushed_request", error });
  });

  it("takes the request from the body alone, by POST", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    expect((await post(server, `${par}?${authorizePath(app).split("?")[1]}`, "")).status).toBe(401);
    const byGet = await get(server, `${par}?${authorizePath(app).split("?")[1]}`);
    expect([byGet.status, byGet.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await post(server, par, "{}", { "content-type": "application/json" })).status).toBe(415);
  });

  it("keeps no credential", async () => {
    const server = aServer();
    const app = await photoPrinter(server, { authMethod: "client_secret_post" });
    const uri = await push(server, app);
    const kept = await server.store.pushedRequests.find(uri.split(":").at(-1) ?? "");
    expect(kept?.query).toContain(`client_id=${app.id}`);
    expect(kept?.query).not.toMatch(/secret|assertion/);
    expect(JSON.stringify(kept)).not.toContain(app.secret);
  });

  it("keeps no assertion either, and needs no client_id beside it", async () => {
    const { server, signer, app } = await aPrinterWithKey();
    const assertion = await sign(signer, claimsOf(server, app.id));
    const response = await sendAssertion(server, par, assertion, { ...fieldsOf(app), client_id: undefined });
    const { request_uri: uri = "" } = (await response.json()) as { request_uri?: string };
    const kept = await server.store.pushedRequests.find(uri.split(":").at(-1) ?? "");
    expect(new URLSearchParams(kept?.query).get("client_id")).toBe(app.id);
    expect(kept?.query).not.toMatch(/assertion|eyJ/);
    expect((await openPushed(browserOf(server), app, uri)).status).toBe(200);
  });

  it("may leave out client_id beside Basic", async () => {
    const server = aServer();
    const app = await photoPrinter(server);
    const uri = await push(server, app, { client_id: undefined });
    expect((await openPushed(browserOf(server), app, uri)).status).toBe(200);
  });

  it("is also for an app on this computer that listens on another port", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const redirectUri = "http://127.0.0.1:50123/callback";
    const uri = await push(server, app, { redirect_uri: redirectUri });
    const page = await readPage(await openPushed(browserOf(server), app, uri));
    const browser = browserOf(server);
    const own = await readPage(await openPushed(browser, app, uri));
    expect(page.html).toContain("127.0.0.1:50123");
    const { target } = await goOn(browser, await press(browser, own, "allow"));
    expect(target.href.startsWith(redirectUri)).toBe(true);
    const code = target.searchParams.get("code") ?? "";
    expect((await redeem(server, app, code, { redirect_uri: redirectUri })).status).toBe(200);
  });

  it("may push a request for several resources, and all of them are kept", async () => {
    const photos = "https://photos.example.com";
    const { server, app, browser } = await aPushed({}, { resources: { [issuer]: {}, [photos]: {} } });
    const body = `${authorizePath(app).split("?")[1]}&resource=${encodeURIComponent(issuer)}&resource=${encodeURIComponent(photos)}`;
    const answer = await post(server, "/oauth/par", body, { authorization: `Basic ${btoa(`${app.id}:${app.secret}`)}` });
    const { request_uri: uri = "" } = (await answer.json()) as { request_uri?: string };
    const page = await readPage(await openPushed(browser, app, uri));
    expect(page.html).toContain(`${issuer} ${photos}`);
    const { target } = await goOn(browser, await press(browser, page, "allow"));
    const code = target.searchParams.get("code") ?? "";
    expect((await redeem(server, app, code)).status).toBe(400);
    expect((await redeem(server, app, code, { resource: photos })).status).toBe(200);
  });
});
