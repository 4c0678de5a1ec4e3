import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, connect, consentPage, goOn, open, press, readPage, tokensOf } from "../a-person.ts";
import {
  answerOf,
  days,
  lastEvent,
  lastReason,
  minutes,
  photoPrinter,
  post,
  redeem,
  refresh,
  revoke,
  type Server,
  seconds,
  statusAtApi,
  sweep,
} from "../a-server.ts";
import { aLocalServer, aSite, held, json, printerDocument, publish, type Site, status } from "../a-site.ts";

async function aPrinter(headers = {}, more = {}): Promise<{ server: Server; site: Site; app: ReturnType<typeof publish> }> {
  const [server, site] = [aLocalServer(), await aSite()];
  return { server, site, app: publish(site, more, headers) };
}
const ask = async (server: Server, app: ReturnType<typeof publish>): Promise<number> =>
  (await open(browserOf(server), authorizePath(app))).status;

describe("keeping a document, Client ID Metadata Document §4.4", () => {
  it.each([
    ["as long as it says", { "cache-control": "max-age=600" }, 600 * seconds],
    ["a minute where it says nothing", {}, minutes],
    ["a minute where it says less", { "cache-control": "max-age=1" }, minutes],
    ["a day where it says more", { "cache-control": "max-age=999999" }, days],
  ])("lasts %s, to the millisecond", async (_, headers, lasts) => {
    const { server, site, app } = await aPrinter(headers);
    await ask(server, app);
    server.clock.now += lasts - 1;
    await ask(server, app);
    expect(site.asked.length).toBe(1);
    server.clock.now += 1;
    await ask(server, app);
    expect(site.asked.length).toBe(2);
    await ask(server, app);
    expect(site.asked.length).toBe(2);
  });

  it("does not happen where it says so: each new request asks, and a decision does not", async () => {
    const { server, site, app } = await aPrinter({ "cache-control": "no-store" });
    const browser = browserOf(server);
    const page = await consentPage(browser, app);
    await ask(server, app);
    expect(site.asked.length).toBe(2);
    const { target } = await goOn(browser, await press(browser, page, "allow"));
    await redeem(server, app, target.searchParams.get("code") ?? "");
    expect(site.asked.length).toBe(2);
  });

  it("is shared by whoever asks, also through a pushed request", async () => {
    const { server, site, app } = await aPrinter({ "cache-control": "max-age=600" });
    await ask(server, app);
    await post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "");
    await open(browserOf(server, "grace"), authorizePath(app));
    expect(site.asked.length).toBe(1);
  });

  it("lets the client go on where it is while its site is down, but begin nothing new", async () => {
    const { server, site, app } = await aPrinter();
    const tokens = await connect(server, app);
    const code = await allow(browserOf(server), app);
    site.replies.set("/client.json", status(500));
    server.clock.now += 59 * seconds;
    const redeemed = await tokensOf(await redeem(server, app, code));
    server.clock.now += minutes;
    const refreshed = await tokensOf(await refresh(server, app, tokens.refresh));
    expect((await revoke(server, app, redeemed.access)).status).toBe(200);
    expect([await statusAtApi(server, redeemed.access), await statusAtApi(server, refreshed.access)]).toEqual([401, 200]);
    expect(site.asked.length).toBe(1);
    expect(await ask(server, app)).toBe(400);
    expect(lastReason(server)).toBe("client document: the answer has status 500");
    expect((await server.store.client(app.id))?.name).toBe("Photo printer");
    publish(site);
    expect(await ask(server, app)).toBe(200);
  });

  it("is not undone by a document that is no good: the last good one stays", async () => {
    const { server, site, app } = await aPrinter();
    const { refresh: token } = await connect(server, app);
    const before = await server.store.client(app.id);
    server.clock.now += minutes;
    site.replies.set("/client.json", json(printerDocument(site, { client_name: "" })));
    expect(await ask(server, app)).toBe(400);
    expect(await server.store.client(app.id)).toEqual(before);
    expect((await refresh(server, app, token)).status).toBe(200);
  });
});

describe("a document that changes, Client ID Metadata Document §4.4", () => {
  it("is noticed at the next request, and in the audit where it matters to people", async () => {
    const { server, site, app } = await aPrinter();
    await ask(server, app);
    server.clock.now += minutes;
    publish(site, { tos_uri: "https://printer.example/terms" });
    await ask(server, app);
    expect((await server.store.client(app.id))?.metadata).toEqual({ tos_uri: "https://printer.example/terms" });
    expect(lastEvent(server, "client.changed")).toBeUndefined();
    server.clock.now += minutes;
    publish(site, { client_name: "Poster printer" });
    await ask(server, app);
    expect(lastEvent(server, "client.changed")).toMatchObject({ clientId: app.id, by: "document" });
    expect((await server.store.client(app.id))?.metadata).toEqual({});
  });

  it("is shown to whoever allowed what it was, with the name and place it had", async () => {
    const { server, site, app } = await aPrinter();
    await connect(server, app);
    server.clock.now += minutes;
    const changed = publish(site, { client_name: "Poster printer", redirect_uris: ["https://posters.example/callback"] });
    const { html } = await consentPage(browserOf(server), changed);
    expect(html).toContain("Poster printer has changed since you last allowed it.");
    expect(html).toContain("It was called &quot;Photo printer&quot;");
    expect(html).toContain("and its answers went to <b>printer.example</b>");
    expect((await consentPage(browserOf(server, "grace"), changed)).html).not.toContain("has changed");
  });

  it("is not shown again once it has been allowed", async () => {
    const { server, site, app } = await aPrinter();
    await connect(server, app);
    server.clock.now += minutes;
    publish(site, { client_name: "Poster printer" });
    server.clock.now += 1;
    await connect(server, app);
    expect((await consentPage(browserOf(server), app)).html).not.toContain("has changed");
  });

  it("asks again where the answer was to what it was before", async () => {
    const { server, site, app } = await aPrinter();
    const browser = browserOf(server);
    const page = await consentPage(browser, app);
    server.clock.now += minutes;
    publish(site, { client_name: "Poster printer" });
    await ask(server, app);
    const again = await press(browser, page, "allow");
    expect(again.status).toBe(200);
    const second = await readPage(again);
    expect(second.html).toContain("Poster printer");
    expect(lastEvent(server, "consent.allowed")).toBeUndefined();
    const { target } = await goOn(browser, await press(browser, second, "allow"));
    expect((await redeem(server, app, target.searchParams.get("code") ?? "")).status).toBe(200);
  });

  it("asks again also in the first form, while a no stays a no", async () => {
    const { server, site, app } = await aPrinter();
    const browser = browserOf(server);
    const page = await consentPage(browser, app);
    server.clock.now += minutes;
    publish(site, { client_name: "Poster printer" });
    await ask(server, app);
    const { target } = await goOn(browser, await press(browser, page, "deny"));
    expect(target.searchParams.get("error")).toBe("access_denied");
  });

  it("ends a decision where the place its answer would go to is gone: a page, and nothing redirected", async () => {
    const { server, site, app } = await aPrinter();
    const browser = browserOf(server);
    const page = await consentPage(browser, app);
    server.clock.now += minutes;
    await ask(server, publish(site, { redirect_uris: ["https://posters.example/callback"] }));
    const decided = await press(browser, page, "allow");
    expect([decided.status, decided.headers.get("location"), lastReason(server)]).toEqual([400, null, "redirect_uri is not registered"]);
  });

  it("leaves alone what an operator makes of its URL while it is under way", async () => {
    const { server, site, app } = await aPrinter();
    const waiting = held(json(printerDocument(site, { client_name: "Not the printer" })));
    site.replies.set("/client.json", waiting.reply);
    const asked = open(browserOf(server), authorizePath(app));
    await waiting.arrived;
    await photoPrinter(server, { id: app.id, authMethod: "none" });
    waiting.letGo();
    await asked;
    expect(await server.store.client(app.id)).toMatchObject({ origin: "operator", name: "Photo printer", freshUntil: undefined });
  });
});

describe("a client with a document that an operator has disabled", () => {
  it("can do nothing, and is not asked about, until it is enabled again", async () => {
    const { server, site, app } = await aPrinter();
    const tokens = await connect(server, app);
    await server.oauth.admin.disableClient(app.id);
    server.clock.now += days;
    expect(await ask(server, app)).toBe(400);
    expect(lastReason(server)).toBe("client is disabled");
    expect((await post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "")).status).toBe(401);
    const refused = await refresh(server, app, tokens.refresh);
    expect([refused.status, (await answerOf(refused)).error]).toEqual([401, "invalid_client"]);
    expect(site.asked.length).toBe(1);
    await server.oauth.admin.enableClient(app.id);
    expect(await ask(server, app)).toBe(200);
    expect((await refresh(server, app, tokens.refresh)).status).toBe(200);
  });

  it("stays disabled when its document was under way", async () => {
    const { server, site, app } = await aPrinter();
    await ask(server, app);
    server.clock.now += minutes;
    const waiting = held(json(printerDocument(site)));
    site.replies.set("/client.json", waiting.reply);
    const asked = open(browserOf(server), authorizePath(app));
    await waiting.arrived;
    await server.oauth.admin.disableClient(app.id);
    waiting.letGo();
    expect((await asked).status).toBe(400);
    expect((await server.store.client(app.id))?.disabledAt).toBe(server.clock.now);
  });

  it("is not forgotten by the sweep, and so never comes back as a new one", async () => {
    const { server, app } = await aPrinter();
    await ask(server, app);
    await server.oauth.admin.disableClient(app.id);
    server.clock.now += 31 * days;
    await sweep(server);
    expect(await ask(server, app)).toBe(400);
    expect(lastReason(server)).toBe("client is disabled");
  });
});
