import { describe, expect, it } from "vitest";
import { type Browser, browserOf, connect, open, readPage, submit, wordsOf } from "../a-person.ts";
import {
  answerOf,
  aServer,
  budgetApp,
  days,
  type Headers,
  issuer,
  lastEvent,
  lastReason,
  like,
  photoPrinter,
  refresh,
  type Server,
  statusAtApi,
} from "../a-server.ts";

const path = "/my/connected_apps";
const asJson = { accept: "application/json" };

async function remove(browser: Browser, id: string, headers: Headers = {}): Promise<Response> {
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  return browser.server.oauth.fetch(new Request(`${issuer}${path}/${id}`, { method: "DELETE", headers: { cookie, ...headers } }));
}

interface Listed {
  readonly client_id: string;
  readonly client_name: string;
  readonly scope: string;
  readonly connections: readonly {
    readonly id: string;
    readonly scope: string;
    readonly resources: readonly string[];
    readonly created_at: number;
    readonly ends_at?: number;
  }[];
}
const list = async (browser: Browser): Promise<readonly Listed[]> =>
  ((await (await open(browser, path, asJson)).json()) as { connected_apps: readonly Listed[] }).connected_apps;

async function aConnection(): Promise<{
  server: Server;
  browser: Browser;
  app: Awaited<ReturnType<typeof budgetApp>>;
  tokens: Awaited<ReturnType<typeof connect>>;
}> {
  const server = aServer();
  const app = await budgetApp(server);
  const tokens = await connect(server, app);
  return { server, app, tokens, browser: browserOf(server) };
}

describe("connected apps", () => {
  it("lists every app with its connections, the newest first, in JSON", async () => {
    const { server, browser, app } = await aConnection();
    server.clock.now += 1000;
    await connect(server, app, { scope: "share", resource: issuer }, { lifetime: "never" });
    const [budget, ...others] = await list(browser);
    expect(others).toEqual([]);
    expect(budget).toMatchObject({ client_id: app.id, client_name: "Budget app" });
    expect(budget?.scope.split(" ").toSorted()).toEqual(["read", "share", "write"]);
    const createdAt = server.clock.now / 1000;
    expect(budget?.connections).toEqual([
      { id: like(/^[\w-]{22}$/), scope: "share", resources: [issuer], created_at: createdAt },
      {
        id: like(/^[\w-]{22}$/),
        scope: "read write",
        resources: [],
        created_at: createdAt - 1,
        ends_at: createdAt - 1 + 30 * 86_400,
      },
    ]);
  });

  it("lists them on a page, in the operator's words, with a link to disconnect each", async () => {
    const { browser, app } = await aConnection();
    const response = await open(browser, path);
    const html = await response.text();
    for (const words of ["&quot;Budget app&quot;", "Read your notes, Change your notes", `href="${path}/${app.id}/disconnect"`])
      expect(html).toContain(words);
    expect(html).not.toContain("Page 1");
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("says of each who it is, what it can do, since when, until when, and what an app only calls itself in quotes", async () => {
    const { server, browser } = await aConnection();
    await connect(server, await photoPrinter(server), { scope: "read" }, { lifetime: "never" });
    const words = wordsOf(await (await open(browser, path)).text());
    expect(words).toContain("These apps can use your Notes account. Disconnect the ones you don't need.");
    expect(words).toContain(
      '**"Budget app"** Edit · Disconnect named itself · Read your notes, Change your notes · never used · connected Jan 15, 2027 · ends Feb 14, 2027',
    );
    expect(words).toContain(
      "**Photo printer** Edit · Disconnect ✓ checked by Notes · Read your notes · never used · connected Jan 15, 2027 · no end",
    );
  });

  it("has the connections of an app inside its row, each to be edited and ended by itself", async () => {
    const { server, browser, app } = await aConnection();
    expect(await (await open(browser, path)).text()).not.toContain("<details>");
    server.clock.now += days;
    await connect(server, app, { scope: "read" });
    const html = await (await open(browser, path)).text();
    expect(wordsOf(html)).toMatch(
      /2 connections Read your notes · never used · connected Jan 16, 2027 .* Read your notes, Change your notes · never used · connected Jan 15, 2027/,
    );
    const [budget] = await list(browser);
    for (const { id } of budget?.connections ?? [])
      for (const what of ["edit", "disconnect"]) expect(html).toContain(`href="${path}/${id}/${what}"`);
    expect(html).toContain(`href="${path}/${app.id}/disconnect"`);

    const older = budget?.connections[1]?.id ?? "";
    const page = await readPage(await open(browser, `${path}/${older}/disconnect`));
    await submit(browser, page.action, page.hidden);
    expect((await list(browser))[0]?.connections.map(({ id }) => id)).toEqual([budget?.connections[0]?.id]);
  });

  it("says when something ended: on the day it was disconnected, or on the day that was its last", async () => {
    const { server, browser, app } = await aConnection();
    await connect(server, await photoPrinter(server), {}, { lifetime: "1d" });
    server.clock.now += 2 * days;
    await remove(browser, app.id);
    const words = wordsOf(await (await open(browser, path)).text());
    expect(words).toContain("Ended in the last 30 days");
    expect(words).toContain('"Budget app" · ended Jan 17, 2027');
    expect(words).toContain("Photo printer · ended Jan 16, 2027");
    expect(words).not.toContain("All 2");
  });

  it("leads to the person's tokens, where there are any", async () => {
    expect(await (await open(browserOf(aServer()), path)).text()).toContain('<a href="/my/access_tokens">Personal access tokens</a>');
    expect(await (await open(browserOf(aServer({ personalTokens: false })), path)).text()).not.toContain("Personal access tokens");
  });

  it("has its links and its forms below the issuer's path", async () => {
    const browser = browserOf(aServer({ issuer: `${issuer}/tenant` }));
    const html = await (await open(browser, `/tenant${path}`)).text();
    expect(html).toContain('<a href="/tenant/my/access_tokens">Personal access tokens</a>');
    const question = await readPage(await open(browser, `/tenant${path}/all/disconnect`));
    expect(question.html).toContain(`<a class="button" href="/tenant${path}">Keep</a>`);
    const done = await submit(browser, question.action, question.hidden);
    expect(await (await open(browser, done.headers.get("location") ?? "")).text()).toContain("All apps have been disconnected.");
  });

  it("says so where there are none, and lists nobody else's and nothing that ended", async () => {
    const { server, browser } = await aConnection();
    const ofGrace = browserOf(server, "grace");
    expect(await list(ofGrace)).toEqual([]);
    expect(await (await open(ofGrace, path)).text()).toContain("No apps are connected to your account.");
    server.clock.now += 30 * days;
    expect(await list(browser)).toEqual([]);
  });

  it("sends whoever is not signed in to sign in, and tells programs 401", async () => {
    const { server, tokens } = await aConnection();
    const nobody = browserOf(server, "nobody");
    const response = await open(nobody, path);
    expect([302, 303]).toContain(response.status);
    expect(response.headers.get("location")).toContain("returnTo=%2Fmy%2Fconnected_apps");
    expect((await open(nobody, path, asJson)).status).toBe(401);
    expect((await open(nobody, path, { authorization: `Bearer ${tokens.access}` })).status).toBe(401);
  });
});

describe("disconnecting on a page", () => {
  it("asks first, and a GET ends nothing", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const response = await open(browser, `${path}/${app.id}/disconnect`);
    expect(response.status).toBe(200);
    expect(wordsOf(await response.text())).toContain(
      'Disconnect "Budget app"? It stops working now. To use it again you would allow it again. Keep Disconnect',
    );
    expect(await statusAtApi(server, tokens.access)).toBe(200);
  });

  it("asks who is signed in, by a button that says what it ends, beside a way back to the list", async () => {
    const { browser, app } = await aConnection();
    for (const [id, words] of [
      [app.id, "Disconnect"],
      ["all", "Disconnect everything"],
    ]) {
      const html = await (await open(browser, `${path}/${id}/disconnect`)).text();
      expect(html).toContain("<span>ada@example.com</span></header>");
      expect(html).toContain(`<a class="button" href="${path}">Keep</a><button class="primary">${words}</button>`);
    }
  });

  it("ends every connection of the app at once, and says so", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const other = await connect(server, app);
    const page = await readPage(await open(browser, `${path}/${app.id}/disconnect`));
    const response = await submit(browser, page.action, page.hidden);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toMatch(/^\/my\/connected_apps\?/);
    for (const { access, refresh: token } of [tokens, other])
      expect([await statusAtApi(server, access), (await refresh(server, app, token)).status]).toEqual([401, 400]);
    expect(lastEvent(server, "client.disconnected")).toMatchObject({ clientId: app.id, subject: "ada" });
    expect(await (await open(browser, response.headers.get("location") ?? "")).text()).toContain(
      "&quot;Budget app&quot; has been disconnected.",
    );
  });

  it("says so of no app that this person had never connected, whatever a link claims", async () => {
    const { server, browser } = await aConnection();
    const shouting = await budgetApp(server, { client_name: "Your account" });
    expect(await (await open(browser, `${path}?disconnected=${shouting.id}`)).text()).not.toContain("has been disconnected");
  });

  it("says so to nobody else, who was sent the link of somebody who did disconnect it", async () => {
    const { server, browser, app } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${app.id}/disconnect`));
    const { headers } = await submit(browser, page.action, page.hidden);
    const shown = await (await open(browserOf(server, "grace"), headers.get("location") ?? "")).text();
    expect(shown).not.toContain("has been disconnected");
  });

  it("says so of nothing else, where the link was altered", async () => {
    const { server, browser, app } = await aConnection();
    const printer = await photoPrinter(server);
    const page = await readPage(await open(browser, `${path}/${app.id}/disconnect`));
    const link = (await submit(browser, page.action, page.hidden)).headers.get("location") ?? "";
    for (const altered of [link.replace(app.id, printer.id), link.replace("extent=all", "extent=one")]) {
      expect(altered).not.toBe(link);
      expect(await (await open(browser, altered)).text()).not.toContain("has been disconnected");
    }
  });

  it("refuses the form of whoever was signed in before, in the same browser", async () => {
    const { server, browser, app } = await aConnection();
    const question = await readPage(await open(browser, `${path}/all/disconnect`));
    const ofGrace: Browser = { server, cookies: new Map([...browser.cookies, ["session", "grace.1"]]) };
    const { access } = await connect(server, app, {}, {}, ofGrace);
    expect((await submit(ofGrace, question.action, question.hidden)).status).toBe(400);
    expect(await statusAtApi(server, access)).toBe(200);
  });

  it("refuses a form without its token, from another session, for another app, or from another site", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const printer = await photoPrinter(server);
    await connect(server, printer);
    const page = await readPage(await open(browser, `${path}/${app.id}/disconnect`));
    const otherSession: Browser = { server, cookies: new Map([...browser.cookies, ["session", "ada.2"]]) };
    for (const response of [
      await submit(browser, page.action, {}),
      await submit(otherSession, page.action, page.hidden),
      await submit(browser, page.action.replace(app.id, printer.id), page.hidden),
      await submit(browser, page.action, page.hidden, { "sec-fetch-site": "cross-site" }),
      await submit(browser, page.action, page.hidden, { origin: "https://evil.example" }),
    ]) {
      expect(response.status).toBe(400);
      expect(lastReason(server)).toBe("the disconnect form is not of this browser and session, or came from another site");
    }
    expect(await statusAtApi(server, tokens.access)).toBe(200);
    expect(lastEvent(server, "client.disconnected")).toBeUndefined();
  });

  it("knows no app that is not connected: 404, as for one that never was", async () => {
    const { server, app } = await aConnection();
    const ofGrace = browserOf(server, "grace");
    for (const id of [app.id, "never"]) {
      const response = await open(ofGrace, `${path}/${id}/disconnect`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("This app is not connected");
    }
  });
});

describe("disconnecting by a script of our own", () => {
  it("ends an app by its client's id", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const response = await remove(browser, app.id, asJson);
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(await statusAtApi(server, tokens.access)).toBe(401);
    expect((await remove(browser, app.id, asJson)).status).toBe(404);
  });

  it("ends one connection by its grant's id, and leaves the app's others", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const [budget] = await list(browser);
    const other = await connect(server, app);
    expect((await remove(browser, budget?.connections[0]?.id ?? "")).status).toBe(204);
    expect([await statusAtApi(server, tokens.access), await statusAtApi(server, other.access)]).toEqual([401, 200]);
    expect(lastEvent(server, "grant.revoked")).toMatchObject({ by: "subject", subject: "ada", clientId: app.id });
    expect(await list(browser)).toHaveLength(1);
  });

  it("ends nobody else's", async () => {
    const { server, browser, app, tokens } = await aConnection();
    const grantId = (await list(browser))[0]?.connections[0]?.id ?? "";
    for (const id of [app.id, grantId]) {
      const response = await remove(browserOf(server, "grace"), id, asJson);
      expect(response.status).toBe(404);
      expect((await answerOf(response)).error).toBeDefined();
    }
    expect(await statusAtApi(server, tokens.access)).toBe(200);
  });

  it("is refused from another site, without a session, and with a bearer token alone", async () => {
    const { server, browser, app, tokens } = await aConnection();
    expect((await remove(browser, app.id, { origin: "https://evil.example" })).status).toBe(403);
    expect((await remove(browser, app.id, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await remove(browserOf(server, "nobody"), app.id)).status).toBe(401);
    expect((await remove(browserOf(server, "nobody"), app.id, { authorization: `Bearer ${tokens.access}` })).status).toBe(401);
    expect(await statusAtApi(server, tokens.access)).toBe(200);
  });
});
