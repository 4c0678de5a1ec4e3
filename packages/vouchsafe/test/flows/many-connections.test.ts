import { describe, expect, it } from "vitest";
import { browserOf, open } from "../a-person.ts";
import { type App, aServer, budgetApp, days, photoPrinter, type Server } from "../a-server.ts";

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

describe("a person with many connections", () => {
  it("sees up to three of an app inside its row, told apart by the browser they were made in", async () => {
    const server = aServer();
    await connections(server, await budgetApp(server), 3);
    const html = await htmlOf(server, path);
    expect(html).toContain("<summary>3 connections</summary>");
    expect(html.match(/Firefox on Linux · Read your notes/g)).toHaveLength(3);
  });

  it("sees more of them on a page of the app's own, ten at a time, each to be edited and disconnected", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const ids = await connections(server, app, 12);
    expect(await htmlOf(server, path)).toContain(`<a href="${path}/${app.id}" aria-label="12 connections: Budget app">12 connections</a>`);
    const pages = [await htmlOf(server, `${path}/${app.id}`), await htmlOf(server, `${path}/${app.id}?page=2`)];
    for (const id of ids)
      expect(pages.filter((page) => page.includes(`${path}/${id}/edit`) && page.includes(`${path}/${id}/disconnect`))).toHaveLength(1);
    expect(pages[0]).toContain("Page 1 of 2");
  });

  it("gets no page over 10 KB, however many apps and connections there are, and however many stand inside their rows", async () => {
    const server = aServer();
    const apps: App[] = [];
    for (let number = 0; number < 21; number++)
      apps.push(await budgetApp(server, { client_name: `The Household Budget of the Community ${number}` }));
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
    expect((await htmlOf(server, `${path}/ended`)).match(/ended Jan 16, 2027/g)).toHaveLength(50);
    expect((await htmlOf(server, `${path}/ended?page=2`)).match(/ended Jan 16, 2027/g)).toHaveLength(10);
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

describe("who made an app, in the list", () => {
  it("is the operator, for what they registered", async () => {
    const server = aServer();
    await connections(server, await photoPrinter(server), 1);
    expect(await htmlOf(server, path)).toContain("✓ checked by Notes · Read your notes");
    await connections(server, await photoPrinter(server, { firstParty: true, name: "Notes Desk" }), 1);
    expect(await htmlOf(server, path)).toContain("Made by Notes · Read your notes");
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
});
