import { describe, expect, it } from "vitest";
import { authorizePath, browserOf, open } from "../a-person.ts";
import { answerOf, get, lastReason, post } from "../a-server.ts";
import { aLocalServer, aSite, held, json, printerDocument, publish } from "../a-site.ts";

describe("many who ask at once for a client's document", () => {
  it("are answered by one fetch", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const pages = await Promise.all(Array.from({ length: 20 }, () => open(browserOf(server), authorizePath(app))));
    expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200));
    expect(site.asked.length).toBe(1);
    expect(server.events.filter(({ type }) => type === "client.registered").length).toBe(1);
  });

  it("are answered by one fetch also where it fails, and the next one asks anew", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    site.replies.delete("/client.json");
    const pages = await Promise.all(Array.from({ length: 5 }, () => open(browserOf(server), authorizePath(app))));
    expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 400));
    expect(site.asked.length).toBe(1);
    publish(site);
    expect((await open(browserOf(server), authorizePath(app))).status).toBe(200);
  });

  it("are answered by the one that is under way", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = publish(site);
    const waiting = held(json(printerDocument(site)));
    site.replies.set("/client.json", waiting.reply);
    const first = open(browserOf(server), authorizePath(app));
    await waiting.arrived;
    const second = open(browserOf(server, "grace"), authorizePath(app));
    const third = post(server, "/oauth/par", authorizePath(app).split("?")[1] ?? "");
    waiting.letGo();
    expect([(await first).status, (await second).status, (await third).status, site.asked.length]).toEqual([200, 200, 201, 1]);
  });

  it("are at most eight fetches: the ninth is told to come back", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const paths = Array.from({ length: 9 }, (_, index) => `/client-${index}.json`);
    const waiting = paths.map((path) => held(json(printerDocument(site, {}, path))));
    for (const [index, path] of paths.entries()) site.replies.set(path, waiting[index]?.reply ?? json({}));
    const ask = (path: string): Promise<Response> =>
      open(browserOf(server), authorizePath({ ...publishedAt(path), id: site.origin + path }));
    const eight = paths.slice(0, 8).map(ask);
    await Promise.all(waiting.slice(0, 8).map(({ arrived }) => arrived));
    const ninth = await ask("/client-8.json");
    expect([ninth.status, ninth.headers.get("retry-after"), lastReason(server)]).toEqual([503, "5", "too many client documents at once"]);
    for (const { letGo } of waiting) letGo();
    expect((await Promise.all(eight)).map(({ status }) => status)).toEqual(eight.map(() => 200));
    expect((await ask("/client-8.json")).status).toBe(200);
  });

  it("are at most eight fetches also where all come in the same moment", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const paths = Array.from({ length: 20 }, (_, index) => `/client-${index}.json`);
    for (const path of paths) publish(site, {}, {}, path);
    const pages = await Promise.all(
      paths.map((path) => open(browserOf(server), authorizePath({ ...publishedAt(path), id: site.origin + path }))),
    );
    expect(pages.filter(({ status }) => status === 200).length).toBe(8);
    expect(pages.filter(({ status }) => status === 503).length).toBe(12);
  });
});

const publishedAt = (id: string) => ({ id, secret: "", method: "none", redirectUri: "https://printer.example/callback" }) as const;

describe("documents that one address makes us fetch", () => {
  it("are thirty a minute, counted by network, and the page says to wait", async () => {
    const [server, site] = [aLocalServer({ rateLimits: {} }), await aSite()];
    const ask = (index: number, from: string): Promise<Response> =>
      get(server, authorizePath(publishedAt(`${site.origin}/client-${index}.json`)), {}, from);
    for (let index = 0; index < 30; index++) expect((await ask(index, "2001:db8::1")).status).toBe(400);
    const refused = await ask(30, "2001:db8::2");
    expect([refused.status, lastReason(server)]).toEqual([429, "too many client documents for one address"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(site.asked.length).toBe(30);
    const pushed = await post(
      server,
      "/oauth/par",
      authorizePath(publishedAt(`${site.origin}/x.json`)).split("?")[1] ?? "",
      {},
      "2001:db8::3",
    );
    expect([pushed.status, (await answerOf(pushed)).error]).toEqual([429, "slow_down"]);
    expect((await ask(31, "2001:db8:0:1::1")).status).toBe(400);
    expect(site.asked.length).toBe(31);
  });

  it("are not counted where nothing is fetched", async () => {
    const [server, site] = [aLocalServer({ rateLimits: { clientDocument: "1/1m" } }), await aSite()];
    const app = publish(site);
    for (let time = 0; time < 5; time++) expect((await open(browserOf(server), authorizePath(app))).status).toBe(200);
    expect((await get(server, authorizePath(publishedAt("https://printer.example/")))).status).toBe(400);
    expect(site.asked.length).toBe(1);
  });
});
