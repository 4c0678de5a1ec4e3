import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, connect, consentPage, open, tokensOf } from "../a-person.ts";
import { answerOf, basic, lastEvent, lastReason, photoPrinter, post, redeem, refresh, revoke, send, statusAtApi } from "../a-server.ts";
import { aLocalServer, aSite, json, printerDocument, publish, status } from "../a-site.ts";

const unreachable = "We can&#39;t check this app right now";

describe("a client whose id is the URL of its document, Client ID Metadata Document §4", () => {
  it("is known from the first time it sends somebody, by what its document says", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const { html } = await consentPage(browserOf(server), app);
    expect(html).toContain("Photo printer");
    expect(html).toContain("printer.example");
    expect(html).toContain(site.host);
    expect(await server.store.client(app.id)).toMatchObject({
      id: app.id,
      name: "Photo printer",
      origin: "document",
      firstParty: false,
      authMethod: "none",
      redirectUris: ["https://printer.example/callback"],
      secrets: [],
      registrationToken: undefined,
    });
    expect(lastEvent(server, "client.registered")).toMatchObject({ clientId: app.id, origin: "document", name: "Photo printer" });
  });

  it("connects, refreshes and ends its connection like any other", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const first = await connect(server, app);
    const second = await tokensOf(await refresh(server, app, first.refresh));
    expect(await statusAtApi(server, second.access)).toBe(200);
    expect((await revoke(server, app, second.refresh)).status).toBe(200);
    expect(await statusAtApi(server, second.access)).toBe(401);
    expect(site.asked).toEqual(["/client.json"]);
  });

  it("is known too where it first pushes its request, RFC 9126 §2", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const pushed = await post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "");
    expect(pushed.status).toBe(201);
    expect((await server.store.client(app.id))?.origin).toBe("document");
  });

  it("is asked about before anybody has signed in, so that sign-in can say who asks", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    expect((await open(browserOf(server, "nobody"), authorizePath(app))).headers.get("location")).toContain("/sign_in");
    expect(await server.oauth.describeRequest(authorizePath(app))).toMatchObject({ clientName: "Photo printer", site: site.host });
  });

  it("may only be sent back to what its document has", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const response = await open(browserOf(server), authorizePath(app, { redirect_uri: "https://evil.example/callback" }));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(lastReason(server)).toBe("redirect_uri is not registered");
  });

  it("is not asked about where the request is wrong whoever sends it", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    for (const wrong of [
      { response_type: "token" },
      { code_challenge: undefined },
      { code_challenge_method: "plain" },
      { resource: "https://evil.example" },
      { prompt: "none login" },
      { max_age: "soon" },
      { request: "eyJ" },
      { state: ["a", "b"] },
    ]) {
      expect((await open(browserOf(server), authorizePath(app, wrong))).status).toBe(400);
      expect((await post(server, "/oauth/par", authorizePath(app, wrong).split("?")[1] ?? "")).status).toBe(400);
    }
    expect([site.asked, await server.store.client(app.id)]).toEqual([[], undefined]);
  });

  it("is not asked about by the endpoints for programs: whoever never sent anybody is unknown there", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    for (const path of ["/oauth/token", "/oauth/revoke", "/oauth/introspect"]) {
      const response = await send(server, app, path, { token: "x", grant_type: "refresh_token", refresh_token: "x" });
      expect([response.status, (await answerOf(response)).error, lastReason(server)]).toEqual([401, "invalid_client", "client is unknown"]);
    }
    expect(site.asked).toEqual([]);
  });

  it("gets no client_credentials, whatever its document says, OAuth 2.1 §4.2", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site, { grant_types: ["authorization_code", "client_credentials"] });
    await connect(server, app);
    const response = await send(server, app, "/oauth/token", { grant_type: "client_credentials" });
    expect([response.status, (await answerOf(response)).error]).toEqual([400, "unauthorized_client"]);
  });

  it("gets no refresh token where its document does not name that grant type", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    expect((await connect(server, publish(site, { grant_types: undefined }))).refresh).toBe("");
  });

  it("introspects nothing while it has no key of its own", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const { access } = await connect(server, app);
    expect((await send(server, app, "/oauth/introspect", { token: access })).status).toBe(401);
    expect((await post(server, "/oauth/introspect", { token: access }, basic(app.id, "secret"))).status).toBe(401);
  });
});

describe("a document that is no good, Client ID Metadata Document §4, §6.5", () => {
  it.each([
    ["is not there", () => status(404), "client document: the answer has status 404"],
    ["moved", () => status(301, { location: "/new.json" }), "client document: the answer has status 301"],
    [
      "is a page",
      () => json("<!doctype html>", { "content-type": "text/html" }),
      "client document: the answer is not JSON by its content type",
    ],
    ["is no JSON", () => json("{"), "client document: it is no JSON"],
    ["is nothing", () => json(""), "client document: it is no JSON"],
    ["is a list", () => json([]), "client document: client_name is missing or not allowed"],
    ["is null", () => json("null"), "client document: it is missing or not allowed"],
    ["is too long", () => json({ pad: "x".repeat(5200) }), "client document: the answer is too long"],
    ["has broken UTF-8", () => json('"\uFFFD"'), "client document: it has invalid UTF-8 or a NUL"],
    ["has a NUL", () => json('"\\u0000"'), "client document: it has invalid UTF-8 or a NUL"],
  ] as const)("is an error page where it %s, and nothing is kept", async (_, reply, reason) => {
    const [server, site] = [aLocalServer(), await aSite()];
    site.replies.set("/client.json", reply());
    const app = { ...publish(await aSite()), id: `${site.origin}/client.json` };
    const response = await open(browserOf(server), authorizePath(app));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    const html = await response.text();
    expect(html).toContain(unreachable);
    expect(html).toContain(site.host);
    expect([lastReason(server), await server.store.client(app.id)]).toEqual([reason, undefined]);
    expect(lastEvent(server, "client.authentication_failed")).toMatchObject({ clientId: app.id, endpoint: "authorize" });
  });

  it("is refused where it is another client's", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site, { client_id: `${site.origin}/other.json` });
    expect((await open(browserOf(server), authorizePath(app))).status).toBe(400);
    expect(lastReason(server)).toBe("client document: client_id is not the URL it was fetched from");
    expect(await server.store.client(`${site.origin}/other.json`)).toBeUndefined();
  });

  it("is told to a program as JSON", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    site.replies.delete("/client.json");
    const response = await post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "");
    expect([response.status, (await answerOf(response)).error]).toEqual([400, "invalid_client"]);
  });

  it("is asked for again each time: an error is never remembered", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    for (const reply of [status(500), json("{"), json(printerDocument(site, { redirect_uris: [] }))]) {
      site.replies.set("/client.json", reply);
      expect((await open(browserOf(server), authorizePath(app))).status).toBe(400);
    }
    publish(site);
    expect((await open(browserOf(server), authorizePath(app))).status).toBe(200);
    expect(site.asked.length).toBe(4);
  });
});

describe("a client that an operator made under the URL of a document", () => {
  it("is what the operator said: its document is not fetched", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const documented = publish(site, { client_name: "Not the printer" });
    const app = await photoPrinter(server, { id: documented.id, authMethod: "none" });
    expect(app.id).toBe(documented.id);
    const { html } = await consentPage(browserOf(server), app);
    expect([html.includes("Photo printer"), html.includes("Not the printer"), site.asked]).toEqual([true, false, []]);
    await redeem(server, app, await allow(browserOf(server), app));
    expect((await post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "")).status).toBe(201);
    expect(site.asked).toEqual([]);
  });

  it("cannot be made where there is one already, nor under a URL that no document may have", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    await connect(server, app);
    await expect(photoPrinter(server, { id: app.id })).rejects.toThrow("already");
    await expect(photoPrinter(server, { id: "printer" })).rejects.toThrow("no URL that a client document may have");
    expect((await server.store.client(app.id))?.origin).toBe("document");
  });
});
