import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { browserOf, connect, open, readPage, submit, wordsOf } from "../a-person.ts";
import { type App, aServer, budgetApp, days, minutes, photoPrinter, type Server, statusAtApi } from "../a-server.ts";
import { aLocalServer, aSite, publish } from "../a-site.ts";

const path = "/my/connected_apps";
const longest = 10_240;

let made = 0;

/** Connections of ada's to an app, made at once. */
async function connections(server: Server, app: App, number: number): Promise<readonly string[]> {
  const at = server.clock.now;
  const ids = Array.from({ length: number }, () => `connection-${++made}`);
  for (const id of ids) {
    const grant = { id, clientId: app.id, subject: "ada", scope: ["read", "write"], resources: [], createdAt: at, redeemedAt: at };
    const agreement = { identity: "", redirectUri: app.redirectUri, browser: { browser: "Firefox", system: "Linux" } };
    const event = { at, type: "token.issued", grantType: "authorization_code", clientId: app.id, subject: "ada", scope: ["read"] } as const;
    await server.store.openGrant(
      { grant: { ...grant, endsAt: at + 30 * days, revokedAt: undefined }, agreement, tokens: [], firstOfClient: false },
      event,
    );
  }
  return ids;
}

const htmlOf = async (server: Server, at: string, person: "ada" | "grace" = "ada"): Promise<string> =>
  (await open(browserOf(server, person), at)).text();

/** Where the newer and the older ones are, by the links of a page. */
async function linksFrom(server: Server, at: string): Promise<readonly (string | undefined)[]> {
  const html = await htmlOf(server, at);
  return ["prev", "next"].map((rel) => new RegExp(`<a rel="${rel}" href="([^"]+)">`).exec(html)?.[1]);
}

describe("a person with many connections", () => {
  it("sees up to three of an app inside its row, told apart by the browser they were made in", async () => {
    const server = aServer();
    await connections(server, await budgetApp(server), 3);
    const html = await htmlOf(server, path);
    expect(html).toContain("<summary>3 connections</summary>");
    expect(html.match(/Firefox on Linux · Read your notes/g)).toHaveLength(3);
    await connections(server, await photoPrinter(server), 4);
    expect((await htmlOf(server, path)).match(/Firefox on Linux · Read your notes/g)).toHaveLength(3);
  });

  it("edits the only one of an app by its row, and chooses among several first", async () => {
    const server = aServer();
    const [app, printer] = [await budgetApp(server), await photoPrinter(server)];
    await connections(server, app, 2);
    const [only] = await connections(server, printer, 1);
    const html = await htmlOf(server, path);
    expect(html).toContain(`<a href="${path}/${app.id}" id="edit0" aria-labelledby="edit0 app0">`);
    expect(html).toContain(`<a href="${path}/${only}/edit" id="edit1" aria-labelledby="edit1 app1">`);
  });

  it("finds all of them by the links between the pages, and the way to end them all", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    await connections(server, app, 31);
    for (let number = 0; number < 20; number++) await connections(server, await budgetApp(server), 1);
    expect(await linksFrom(server, path)).toEqual([undefined, `${path}?page=2`]);
    expect(await linksFrom(server, `${path}?page=2`)).toEqual([`${path}?page=1`, `${path}?page=3`]);
    expect(await linksFrom(server, `${path}/${app.id}?page=2`)).toEqual([`${path}/${app.id}?page=1`, `${path}/${app.id}?page=3`]);
    expect(await linksFrom(server, `${path}/${app.id}?page=4`)).toEqual([`${path}/${app.id}?page=3`, undefined]);
    expect(await htmlOf(server, `${path}?page=2`)).toContain(`<a class="button" href="${path}/all/disconnect">Disconnect everything</a>`);
    const ofApp = await htmlOf(server, `${path}/${app.id}`);
    expect(ofApp).toContain(`<a class="button" href="${path}">Connected apps</a>`);
    expect(ofApp).toContain(`<a class="button" href="${path}/${app.id}/disconnect">Disconnect</a>`);
    expect(wordsOf(ofApp)).toContain('"Budget app" named itself');

    await server.store.disconnectAll("ada", server.clock.now, { at: 1, type: "subject.disconnected_all", subject: "ada" });
    expect(await linksFrom(server, `${path}/ended`)).toEqual([undefined, `${path}/ended?page=2`]);
    expect(await htmlOf(server, `${path}/ended`)).toContain(`<a class="button" href="${path}">Connected apps</a>`);
  });

  it("sees more of them on a page of the app's own, ten at a time, each to be edited and disconnected", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const ids = await connections(server, app, 12);
    expect(await htmlOf(server, path)).toContain(`<a href="${path}/${app.id}" id="all0" aria-labelledby="all0 app0">12 connections</a>`);
    const pages = [await htmlOf(server, `${path}/${app.id}`), await htmlOf(server, `${path}/${app.id}?page=2`)];
    for (const id of ids)
      expect(pages.filter((page) => page.includes(`${path}/${id}/edit`) && page.includes(`${path}/${id}/disconnect`))).toHaveLength(1);
    expect(pages[0]).toContain("Page 1 of 2");
  });

  it.each([
    ["long", "Budget and photo printer of the community centre ".repeat(3)],
    ["Chinese", "预算".repeat(70)],
    ["twice as long in HTML", "&a".repeat(24)],
  ])("gets no page over 10 KB, however many apps and connections there are, with names that are %s", async (_, name) => {
    const server = aServer();
    const apps: App[] = [];
    for (let number = 0; number < 21; number++) apps.push(await budgetApp(server, { client_name: `${number} ${name}` }));
    for (const [index, app] of apps.entries()) await connections(server, app, 1 + (index % 4));
    await connections(server, await budgetApp(server), 100);
    const [first] = apps;
    server.clock.now += days;
    for (const app of apps.slice(10))
      await server.store.disconnect("ada", app.id, server.clock.now, {
        at: 1,
        type: "client.disconnected",
        clientId: app.id,
        subject: "ada",
      });
    for (const at of [path, `${path}?page=2`, `${path}/${first?.id}`, `${path}/ended`])
      expect(Buffer.byteLength(await htmlOf(server, at)), at).toBeLessThanOrEqual(longest);
  });

  it("sees what ended in the last 30 days: five at a glance, and all of it on a page of its own", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    await connections(server, app, 60);
    server.clock.now += days;
    await server.store.disconnectAll("ada", server.clock.now, { at: server.clock.now, type: "subject.disconnected_all", subject: "ada" });
    const html = await htmlOf(server, path);
    expect(html.match(/ended Jan 16, 2027/g)).toHaveLength(5);
    expect(html).toContain(`<a href="${path}/ended">All 60</a>`);
    expect((await htmlOf(server, `${path}/ended`)).match(/ended Jan 16, 2027/g)).toHaveLength(25);
    expect((await htmlOf(server, `${path}/ended?page=3`)).match(/ended Jan 16, 2027/g)).toHaveLength(10);
    server.clock.now += 30 * days;
    expect(await htmlOf(server, path)).not.toContain("Ended in the last 30 days");
  });

  it("sees nobody else's: their app, their connection and what they ended are not there", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const [id] = await connections(server, app, 5);
    for (const at of [`${path}/${app.id}`, `${path}/${id}`]) expect((await open(browserOf(server, "grace"), at)).status).toBe(404);
    await server.store.disconnectAll("ada", server.clock.now, { at: 1, type: "subject.disconnected_all", subject: "ada" });
    expect(await htmlOf(server, `${path}/ended`, "grace")).not.toContain("Budget app");
  });

  it("gets the same as JSON", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    await connections(server, app, 2);
    const json = async (at: string) =>
      (await (await open(browserOf(server), at, { accept: "application/json" })).json()) as Record<string, unknown>;
    expect(await json(`${path}/${app.id}`)).toMatchObject({
      client_name: "Budget app",
      connections: [{ browser: "Firefox", system: "Linux" }, {}],
    });
    await server.store.disconnectAll("ada", server.clock.now, { at: 1, type: "subject.disconnected_all", subject: "ada" });
    expect(await json(`${path}/ended`)).toMatchObject({ ended: [{ client_id: app.id, ended_at: server.clock.now / 1000 }, {}] });
  });
});

describe("connections in JSON", () => {
  it("say when they were last used, and of which app they were and when they ended by themselves", async () => {
    const server = aServer();
    const { access } = await connect(server, await budgetApp(server), {}, { lifetime: "1d" });
    await statusAtApi(server, access);
    const json = async (at: string): Promise<unknown> => (await open(browserOf(server), at, { accept: "application/json" })).json();
    const used = server.clock.now / 1000;
    expect(await json(path)).toMatchObject({ connected_apps: [{ connections: [{ last_used_at: used }] }] });
    server.clock.now += 2 * days;
    expect(await json(`${path}/ended`)).toMatchObject({ ended: [{ client_name: "Budget app", ended_at: used + 86_400 }] });
  });
});

describe("a connection beside others of the same app", () => {
  it("is asked about and ended by itself, and the app is not said to be disconnected", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    const [one, other] = await connections(server, app, 2);
    const question = await readPage(await open(browser, `${path}/${one}/disconnect`));
    expect(question.html).toContain("Disconnect this connection of &quot;Budget app&quot;?");
    const done = await submit(browser, question.action, question.hidden);
    const html = await (await open(browser, done.headers.get("location") ?? "")).text();
    expect(html).toContain("A connection of &quot;Budget app&quot; has been disconnected.");
    const last = await readPage(await open(browser, `${path}/${other}/disconnect`));
    expect(last.html).toContain("<h1>Disconnect &quot;Budget app&quot;?</h1>");
  });

  it("leads back to the list where it is disconnected twice, as by a double click", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    await connections(server, app, 1);
    const question = await readPage(await open(browser, `${path}/${app.id}/disconnect`));
    for (const _ of ["first", "second"]) expect((await submit(browser, question.action, question.hidden)).status).toBe(303);
    expect((await submit(browser, question.action, { csrf: "forged" })).status).toBe(404);
  });

  it("is said to be disconnected for ten minutes, and no longer: by then it may be connected again", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    await connections(server, app, 1);
    const question = await readPage(await open(browser, `${path}/${app.id}/disconnect`));
    const list = (await submit(browser, question.action, question.hidden)).headers.get("location") ?? "";
    expect(await htmlOf(server, list)).toContain("has been disconnected");
    server.clock.now += 10 * minutes;
    expect(await htmlOf(server, list)).not.toContain("has been disconnected");
  });

  it("adds to what the row of the app says that it can do", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    await connect(server, app, { scope: "read write" });
    server.clock.now += 1;
    await connect(server, app, { scope: "read" });
    expect(wordsOf(await htmlOf(server, path))).toContain("named itself · Read your notes, Change your notes · never used");
  });
});

describe("the row of an app with several connections", () => {
  /** Two connections of the budget app, the newer first: for how long, and how many minutes ago it was used. */
  async function rowOf(...both: readonly (readonly [lifetime: string, usedAgo: number | undefined])[]): Promise<string> {
    const server = aServer();
    const app = await budgetApp(server);
    for (const [lifetime, usedAgo] of both.toReversed()) {
      const { access } = await connect(server, app, {}, { lifetime });
      server.clock.now -= (usedAgo ?? 0) * minutes;
      if (usedAgo !== undefined) await statusAtApi(server, access);
      server.clock.now += (usedAgo ?? 0) * minutes + 1;
    }
    return wordsOf(await htmlOf(server, path));
  }

  it("says when the app was last used, by whichever connection", async () => {
    expect(await rowOf(["30d", undefined], ["30d", 5])).toContain("Change your notes · last used 5 min ago · connected Jan 15, 2027 ·");
    expect(await rowOf(["30d", 9], ["30d", undefined])).toContain("Change your notes · last used 9 min ago · connected Jan 15, 2027 ·");
    expect(await rowOf(["30d", 20], ["30d", 10])).toContain(
      "last used 10 min ago · connected Jan 15, 2027 · ends Feb 14, 2027 2 connections",
    );
  });

  it("says until when the app can use the account, by whichever connection", async () => {
    expect(await rowOf(["1d", undefined], ["30d", undefined])).toContain("ends Feb 14, 2027 2 connections");
    expect(await rowOf(["30d", undefined], ["1d", undefined])).toContain("ends Feb 14, 2027 2 connections");
    expect(await rowOf(["30d", undefined], ["never", undefined])).toContain("no end 2 connections");
  });
});

describe("the last use of a connection", () => {
  it.each([
    [30, "last used just now"],
    [59 * 60, "last used 59 min ago"],
    [150 * 60, "last used 2 h 30 min ago"],
    [47 * 3600, "last used 47 h 0 min ago"],
    [48 * 3600, "last used Jan 15, 2027, 08:00 AM UTC"],
  ])("is exact to the minute: after %i seconds it says %s", async (seconds, words) => {
    const server = aServer();
    const { access } = await connect(server, await budgetApp(server), {}, { lifetime: "never" });
    await statusAtApi(server, access);
    server.clock.now += seconds * 1000;
    expect(await htmlOf(server, path)).toContain(words);
  });

  it("is noted without a write for each request", async () => {
    const directory = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    const store = sqlite(join(directory, "notes.db"));
    onTestFinished(async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    });
    const server = aServer({ store });
    const { access } = await connect(server, await budgetApp(server));
    const beside = new DatabaseSync(join(directory, "notes.db"), { readOnly: true });
    onTestFinished(() => beside.close());
    // Another connection sees this number change with every commit.
    const commits = (): unknown => beside.prepare("PRAGMA data_version").get()?.["data_version"];
    const before = commits();
    for (let request = 0; request < 100; request++) expect(await statusAtApi(server, access)).toBe(200);
    expect(commits()).toBe(before);
    expect(await (await open(browserOf(server), path)).text()).toContain("last used just now");
    expect(commits()).not.toBe(before);
  });
});

describe("who made an app, in the list", () => {
  it("is the operator, for what they registered", async () => {
    const server = aServer();
    await connections(server, await photoPrinter(server), 1);
    expect(await htmlOf(server, path)).toContain("✓ checked by Notes · Read your notes");
    await connections(server, await photoPrinter(server, { firstParty: true, name: "Notes Desk" }), 1);
    expect(await htmlOf(server, path)).toContain("Made by Notes · Read your notes");
  });

  it("is its website, with a tick where the operator checked that", async () => {
    const site = await aSite();
    for (const [trustedHosts, shown] of [
      [[], site.host],
      [[site.host], `${site.host} ✓`],
    ] as const) {
      const server = aLocalServer({ clientIdMetadata: { allowLoopback: true, trustedHosts } });
      await connect(server, publish(site), { scope: "read" });
      expect(wordsOf(await htmlOf(server, path))).toContain(`Disconnect ${shown} · Read your notes`);
    }
  });

  it("is unknown for an app that registered itself", async () => {
    const server = aServer();
    await connections(server, await budgetApp(server), 1);
    expect(await htmlOf(server, path)).toContain("named itself · Read your notes");
  });
});

describe("an account that no app is connected to", () => {
  it("says which address to give to one, where there is one, with a button that copies it", async () => {
    const address = "https://notes.example/mcp";
    const html = await htmlOf(aServer({ issuer: "https://notes.example", resources: { [address]: {} } }), path);
    expect(html).toContain(
      `<code class="address">${address}</code><button type="button" hidden data-copy="${address}" data-copied="Copied"`,
    );
    expect(await htmlOf(aServer(), path)).not.toContain("data-copy");
  });

  it("gets the script of that button, and the policy lets that one run and no other, nor any where there is no button", async () => {
    const server = aServer({ resources: { "https://notes.example/mcp": {} } });
    const response = await open(browserOf(server), path);
    const script = /<script>(.*)<\/script>/s.exec(await response.text())?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    expect(response.headers.get("content-security-policy")).toContain(`; script-src 'sha256-${hash}'; img-src`);
    await connections(server, await budgetApp(server), 1);
    for (const without of [await open(browserOf(server), path), await open(browserOf(aServer()), path)]) {
      expect(without.headers.get("content-security-policy")).not.toContain("script-src");
      expect(await without.text()).not.toContain("<script");
    }
  });
});
