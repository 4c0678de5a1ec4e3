import { describe, expect, it } from "vitest";
import { browserOf, connect, open, readPage, submit, wordsOf } from "../a-person.ts";
import { answerOf, aServer, budgetApp, days, issuer, lastEvent, minutes, photoPrinter, refresh, send, statusAtApi } from "../a-server.ts";

const path = "/my/connected_apps";

async function aConnection(options = {}, choice = {}) {
  const server = aServer(options);
  const app = await budgetApp(server);
  const tokens = await connect(server, app, { scope: "read write" }, choice);
  const [grant] = (await server.store.connections("ada", server.clock.now)).map((connection) => connection.grant);
  if (grant === undefined) throw new Error("there is no connection");
  return { server, app, tokens, grant, browser: browserOf(server) };
}

const mayWrite = async (server: ReturnType<typeof aServer>, token: string): Promise<number> => {
  const request = new Request(issuer, { headers: { authorization: `Bearer ${token}` } });
  const access = await server.oauth.authenticate(request, { scope: "write" });
  return access instanceof Response ? access.status : 200;
};

describe("a connection that its owner edits", () => {
  it("loses a permission at the app's next request, and its next refresh does not bring it back", async () => {
    const { server, app, tokens, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect(page.scopes).toEqual({ read: true, write: true });
    expect(await mayWrite(server, tokens.access)).toBe(200);

    const saved = await submit(browser, page.action, { ...page.hidden, scope: "read" });
    expect([saved.status, saved.headers.get("location")]).toEqual([303, path]);
    expect([await mayWrite(server, tokens.access), await statusAtApi(server, tokens.access)]).toEqual([403, 200]);
    const refreshed = await answerOf(await refresh(server, app, tokens.refresh));
    expect(refreshed.scope).toBe("read");
    expect(await mayWrite(server, refreshed.access_token ?? "")).toBe(403);
    expect(lastEvent(server, "grant.narrowed")).toMatchObject({ grantId: grant.id, scope: ["read"], subject: "ada" });
  });

  it("ends sooner where its owner says so, and is offered no later end", async () => {
    const { server, tokens, grant, browser } = await aConnection({ accessTokenLifetime: "7d" });
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect(Object.keys(page.lifetimes)).toEqual(["keep", "1d"]);
    await submit(browser, page.action, { ...page.hidden, scope: ["read", "write"], lifetime: "1d" });
    server.clock.now += days - 1;
    expect(await statusAtApi(server, tokens.access)).toBe(200);
    server.clock.now += 1;
    expect(await statusAtApi(server, tokens.access)).toBe(401);
  });

  it.each([
    ["more than it had", { scope: ["read", "write", "share"] }, 400],
    ["nothing at all", { scope: [] }, 400],
    ["a later end", { scope: ["read"], lifetime: "never" }, 400],
    ["an end that nobody offered", { scope: ["read"], lifetime: "99d" }, 400],
  ])("never gets %s", async (_, fields, status) => {
    const { server, grant, browser } = await aConnection({}, { lifetime: "30d" });
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect((await submit(browser, page.action, { ...page.hidden, ...fields })).status).toBe(status);
    expect(await server.store.grant(grant.id)).toEqual(grant);
  });

  it("shows a form with a mistake again as it was sent", async () => {
    const { grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    const again = await readPage(await submit(browser, page.action, { ...page.hidden, scope: [], lifetime: "1d" }));
    expect(again.html).toContain("A connection needs at least one permission");
    expect([again.scopes, again.lifetimes]).toEqual([
      { read: false, write: false },
      { keep: false, "1d": true },
    ]);
  });

  it("is done once where the form is sent twice, and says so both times", async () => {
    const { server, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    for (const milliseconds of [0, 300]) {
      server.clock.now += milliseconds;
      const saved = await submit(browser, page.action, { ...page.hidden, scope: "read", lifetime: "1d" });
      expect([saved.status, saved.headers.get("location")]).toEqual([303, path]);
    }
    expect(server.events.filter(({ type }) => type === "grant.narrowed")).toHaveLength(1);
  });

  it("is done once where both clicks arrive together", async () => {
    const { server, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    const clicks = [1, 2].map(() => submit(browser, page.action, { ...page.hidden, scope: "read" }));
    expect((await Promise.all(clicks)).map(({ status }) => status)).toEqual([303, 303]);
    expect(server.events.filter(({ type }) => type === "grant.narrowed")).toHaveLength(1);
  });

  it("keeps what the app cannot do without", async () => {
    const scopes = { read: { description: "Read your notes", required: true }, write: "Change your notes", share: "Share your notes" };
    const { server, grant, browser } = await aConnection({ scopes });
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect(page.scopes).toEqual({ write: true });
    expect(wordsOf(page.html)).toContain("Read your notes (required)");
    await submit(browser, page.action, page.hidden);
    expect((await server.store.grant(grant.id))?.scope).toEqual(["read"]);
  });

  it("is asked anew where it was changed meanwhile, in another tab", async () => {
    const { server, grant, browser } = await aConnection();
    const [first, second] = [
      await readPage(await open(browser, `${path}/${grant.id}/edit`)),
      await readPage(await open(browser, `${path}/${grant.id}/edit`)),
    ];
    expect((await submit(browser, first.action, { ...first.hidden, scope: "read" })).status).toBe(303);
    const late = await submit(browser, second.action, { ...second.hidden, scope: ["read", "write"] });
    expect([late.status, await late.text()]).toEqual([400, expect.stringContaining("This form is too old")]);
    expect((await server.store.grant(grant.id))?.scope).toEqual(["read"]);
  });

  it("is asked anew also where its end was changed meanwhile, and where another connection was meant", async () => {
    const { server, app, grant, browser } = await aConnection();
    const [first, second] = [
      await readPage(await open(browser, `${path}/${grant.id}/edit`)),
      await readPage(await open(browser, `${path}/${grant.id}/edit`)),
    ];
    await submit(browser, first.action, { ...first.hidden, scope: ["read", "write"], lifetime: "1d" });
    expect((await submit(browser, second.action, { ...second.hidden, scope: "read" })).status).toBe(400);

    await connect(server, app, { scope: "read write" }, { lifetime: "1d" });
    const ids = (await server.store.connections("ada", server.clock.now)).map((connection) => connection.grant.id);
    const page = await readPage(await open(browser, `${path}/${ids[0]}/edit`));
    const swapped = page.action.replace(ids[0] ?? "", ids[1] ?? "");
    expect((await submit(browser, swapped, { ...page.hidden, scope: "read" })).status).toBe(400);
    for (const id of ids) expect((await server.store.grant(id))?.scope).toEqual(["read", "write"]);
  });

  it("is changed by one of two forms that come at once, and the other is asked anew", async () => {
    const { server, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    const sent = [{ scope: "read" }, { scope: "write" }].map((fields) => submit(browser, page.action, { ...page.hidden, ...fields }));
    expect((await Promise.all(sent)).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 400]);
    expect((await server.store.grant(grant.id))?.scope).toHaveLength(1);
    expect(server.events.filter(({ type }) => type === "grant.narrowed")).toHaveLength(1);
  });

  it("stays as it is where nothing is taken, with its end where none was said, and nothing is in the audit", async () => {
    const { server, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    for (const fields of [{}, { lifetime: "keep" }])
      expect((await submit(browser, page.action, { ...page.hidden, scope: ["read", "write"], ...fields })).status).toBe(303);
    expect(lastEvent(server, "grant.narrowed")).toBeUndefined();
    await submit(browser, page.action, { ...page.hidden, scope: "read" });
    expect(await server.store.grant(grant.id)).toEqual({ ...grant, scope: ["read"] });
  });

  it("may be given an end where it had none, any that is offered", async () => {
    const { server, grant, browser } = await aConnection({}, { lifetime: "never" });
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect(page.lifetimes).toEqual({ keep: true, "1d": false, "30d": false });
    await submit(browser, page.action, { ...page.hidden, scope: ["read", "write"], lifetime: "30d" });
    expect(await server.store.grant(grant.id)).toEqual({ ...grant, endsAt: server.clock.now + 30 * days });
  });

  it("says what was wrong beside the form, which still works", async () => {
    const { server, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect(page.html).toContain("<h1>Edit &quot;Budget app&quot;</h1>");
    const again = await submit(browser, page.action, page.hidden);
    expect([again.status, again.headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
    const mended = await readPage(again);
    expect(mended.html).toContain("A connection needs at least one permission");
    expect((await submit(browser, mended.action, { ...mended.hidden, scope: "write" })).status).toBe(303);
    expect((await server.store.grant(grant.id))?.scope).toEqual(["write"]);
  });

  it("is the app's newest where the app is named, also when there is a newer one by the time it is saved", async () => {
    const { server, app, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${app.id}/edit`));
    expect(page.action).toBe(`${path}/${grant.id}/edit`);
    server.clock.now += 1;
    await connect(server, app, { scope: "read write" });
    await submit(browser, page.action, { ...page.hidden, scope: "read" });
    const scopes = (await server.store.connections("ada", server.clock.now)).map((connection) => connection.grant.scope);
    expect(scopes).toEqual([["read", "write"], ["read"]]);
  });

  it.each<[string, object]>([
    ["an end of its own", { accessTokenLifetime: "7d" }],
    ["no end of its own", { accessTokenLifetime: "never", refreshTokenLifetime: "off" }],
  ])("tells APIs what is left and until when, where its token has %s", async (_, options) => {
    const server = aServer(options);
    const browser = browserOf(server);
    const printer = await photoPrinter(server);
    const { access } = await connect(server, printer, { scope: "read write" }, { lifetime: "never" });
    const page = await readPage(await open(browser, `${path}/${printer.id}/edit`));
    await submit(browser, page.action, { ...page.hidden, scope: "read", lifetime: "1d" });
    const endsAt = server.clock.now + days;
    const request = new Request(issuer, { headers: { authorization: `Bearer ${access}` } });
    expect(await server.oauth.authenticate(request)).toMatchObject({ scope: ["read"], expiresAt: endsAt });
    const told = async (): Promise<unknown> => (await send(server, printer, "/oauth/introspect", { token: access })).json();
    expect(await told()).toMatchObject({ active: true, scope: "read", exp: endsAt / 1000 });
    server.clock.now += days;
    expect(await told()).toEqual({ active: false });
  });

  it("is nobody's to edit who is not signed in, nor a bearer's of its own token, nor another session's", async () => {
    const { server, tokens, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    const nobody = browserOf(server, "nobody");
    for (const response of [await open(nobody, page.action), await submit(nobody, page.action, { ...page.hidden, scope: "read" })]) {
      expect(response.status).toBe(303);
      expect(response.headers.get("location")).toMatch(/^\/sign_in\?returnTo=%2Fmy%2Fconnected_apps/);
    }
    expect((await open(browser, page.action, { authorization: `Bearer ${tokens.access}` })).status).toBe(401);
    browser.cookies.set("session", "ada.2");
    expect((await submit(browser, page.action, { ...page.hidden, scope: "read" })).status).toBe(400);
    expect(await server.store.grant(grant.id)).toEqual(grant);
  });

  it("is nobody else's to edit, and no other site's", async () => {
    const { server, grant, browser } = await aConnection();
    const page = await readPage(await open(browser, `${path}/${grant.id}/edit`));
    expect((await open(browserOf(server, "grace"), `${path}/${grant.id}/edit`)).status).toBe(404);
    expect((await submit(browserOf(server, "grace"), page.action, { ...page.hidden, scope: "read" })).status).toBe(404);
    const foreign = await submit(browser, page.action, { ...page.hidden, scope: "read" }, { origin: "https://evil.example" });
    expect(foreign.status).toBe(400);
    expect(await server.store.grant(grant.id)).toEqual(grant);
  });
});

describe("the page of connected apps", () => {
  it("says when each was last used, to the minute", async () => {
    const { server, tokens, browser } = await aConnection();
    expect(await (await open(browser, path)).text()).toContain("never used");
    await statusAtApi(server, tokens.access);
    server.clock.now += 3 * minutes;
    expect(await (await open(browser, path)).text()).toContain("last used 3 min ago");
  });

  it("disconnects everything, after asking once, and says so", async () => {
    const { server, tokens, browser } = await aConnection();
    const printer = await photoPrinter(server);
    const others = await connect(server, printer);
    const graces = await connect(server, printer, {}, {}, browserOf(server, "grace"));
    const page = await readPage(await open(browser, `${path}/all/disconnect`));
    expect(page.html).toContain("Disconnect everything?");
    expect(await statusAtApi(server, tokens.access)).toBe(200);

    const done = await submit(browser, page.action, page.hidden);
    expect(await (await open(browser, done.headers.get("location") ?? "")).text()).toContain("All apps have been disconnected.");
    const statuses = await Promise.all([tokens, others, graces].map(({ access }) => statusAtApi(server, access)));
    expect(statuses).toEqual([401, 401, 200]);
    expect(lastEvent(server, "subject.disconnected_all")).toMatchObject({ subject: "ada" });
  });

  it("shows what has ended in the last 30 days, and no longer", async () => {
    const { server, app, tokens, browser } = await aConnection();
    await refresh(server, app, tokens.refresh);
    await server.store.disconnect("ada", app.id, server.clock.now, {
      at: server.clock.now,
      type: "client.disconnected",
      clientId: app.id,
      subject: "ada",
    });
    server.clock.now += 30 * days - 1;
    expect(await (await open(browser, path)).text()).toContain("Ended in the last 30 days");
    server.clock.now += 1;
    expect(await (await open(browser, path)).text()).not.toContain("Ended in the last 30 days");
  });

  it("has 10 apps, and others on further pages", async () => {
    const server = aServer();
    const browser = browserOf(server);
    for (let number = 0; number < 11; number++) {
      server.clock.now += 1;
      await connect(server, await budgetApp(server, { client_name: `Tool ${number}` }));
    }
    const first = await (await open(browser, path)).text();
    expect([first.includes("Tool 10&quot;"), first.includes("Tool 0&quot;"), first.includes("Page 1 of 2")]).toEqual([true, false, true]);
    const second = await (await open(browser, `${path}?page=2`)).text();
    expect([second.includes("Tool 10&quot;"), second.includes("Tool 0&quot;")]).toEqual([false, true]);
    expect([first.match(/rel="\w+" href="[^"]+"/g), second.match(/rel="\w+" href="[^"]+"/g)]).toEqual([
      [`rel="next" href="${path}?page=2"`],
      [`rel="prev" href="${path}?page=1"`],
    ]);
    for (const [odd, shown] of Object.entries({ "0": 1, "-1": 1, x: 1, "1.9": 1, "99": 2, "1e9": 2 }))
      expect(await (await open(browser, `${path}?page=${odd}`)).text(), odd).toContain(`Page ${shown} of 2`);
  });
});
