import { describe, expect, it } from "vitest";
import { browserOf, connect, open, readPage, submit, wordsOf } from "../a-person.ts";
import { ada, cookieOf, createByJson, form, list, make, path, remove, type Told, tokenIn, wanted } from "../a-personal-token.ts";
import { budgetApp, days, issuer, lastEvent, lastReason, like, minutes, photoPrinter, statusAtApi } from "../a-server.ts";

describe("a token that a person makes for a program of their own", () => {
  it("opens the API with what was ticked, as that person and nobody's app", async () => {
    const browser = ada();
    const { token } = await make(browser, { scopes: ["read", "write"] });
    expect(token).toMatch(/^vs_pat_[\w-]{49}$/);
    const request = new Request(`${issuer}/api/notes`, { headers: { authorization: `Bearer ${token}` } });
    expect(await browser.server.oauth.authenticate(request, { scope: "write" })).toEqual({
      subject: "ada",
      clientId: undefined,
      clientName: undefined,
      scope: ["read", "write"],
      grantId: like(/^[\w-]{22}$/),
      audience: undefined,
      expiresAt: browser.server.clock.now + 30 * days,
    });
    expect(await browser.server.oauth.authenticate(request, { scope: "share" })).toMatchObject({ status: 403 });
  });

  it("is told once, in JSON, and never again", async () => {
    const browser = ada();
    const response = await createByJson(browser, { ...wanted, ends: "7d" });
    const now = browser.server.clock.now / 1000;
    expect([response.status, response.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const told = (await response.json()) as Told;
    expect(told).toEqual({
      id: like(/^[\w-]{22}$/),
      name: "backup script",
      scopes: ["read"],
      created_at: now,
      ends_at: now + 7 * 86_400,
      token: like(/^vs_pat_/),
    });
    const { token, ...rest } = told;
    expect(await list(browser)).toEqual([rest]);
    const page = await (await open(browser, path)).text();
    expect(page).toContain("backup script");
    expect(page + JSON.stringify(browser.server.events)).not.toContain(token?.slice(0, 20));
    expect(lastEvent(browser.server, "personal_token.created")).toMatchObject({ subject: "ada", grantId: told.id, scope: ["read"] });
  });

  it("is told once, on the page, and its reload makes no other", async () => {
    const browser = ada();
    const fields = await form(browser);
    const shown = await submit(browser, path, fields);
    const html = await shown.text();
    expect([shown.status, shown.headers.get("cache-control"), await statusAtApi(browser.server, tokenIn(html) ?? "")]).toEqual([
      200,
      "no-store",
      200,
    ]);
    const again = await submit(browser, path, fields);
    const repeated = await again.text();
    expect(again.status).toBe(200);
    expect(repeated).toContain("Token is no longer visible.");
    expect(tokenIn(repeated)).toBeUndefined();
    expect((await list(browser)).length).toBe(1);
  });

  it("is one also where the form is sent twice at once", async () => {
    const browser = ada();
    const fields = await form(browser);
    const pages = await Promise.all([submit(browser, path, fields), submit(browser, path, fields)]);
    const shown = (await Promise.all(pages.map((page) => page.text()))).map(tokenIn).filter((token) => token !== undefined);
    expect([shown.length, (await list(browser)).length]).toEqual([1, 1]);
  });

  it("is not made again by the form of one that was deleted", async () => {
    const browser = ada();
    const fields = await form(browser);
    await submit(browser, path, fields);
    const [made] = await list(browser);
    await remove(browser, made?.id ?? "");
    expect(await (await submit(browser, path, fields)).text()).toContain("no longer visible");
    expect(await list(browser)).toEqual([]);
  });

  it("is told on a page that says how to send it", async () => {
    const browser = ada();
    const html = await (await submit(browser, path, await form(browser, { name: "Night backup" }))).text();
    const token = tokenIn(html) ?? "none";
    expect(wordsOf(html)).toContain(
      `Your token "Night backup" Copy it now. It is shown this once. ${token} A program sends it with every request, as this line: Authorization: Bearer ${token} Done`,
    );
  });

  it("is in the list of its owner, with what it may do, its last use, and until when; apps are elsewhere", async () => {
    const browser = ada();
    const { server } = browser;
    await connect(server, await photoPrinter(server));
    expect(wordsOf(await (await open(browser, path)).text())).toMatch(
      /Personal access tokens A token is a password for a program\. Anyone who has it can do what it allows\. Apps that you connected are not listed here but under Connected apps \. You have no tokens\. New token/,
    );
    await make(browser, { name: "Night backup", scopes: ["read", "write"] });
    await make(browser, { name: "Clock", ends: "never" });
    const html = await (await open(browser, path)).text();
    const words = wordsOf(html);
    expect(words).toContain(
      "**Night backup** Delete Read your notes, Change your notes · never used · made Jan 15, 2027 · ends Feb 14, 2027",
    );
    expect(words).toContain("**Clock** Delete Read your notes · never used · made Jan 15, 2027 · no end");
    expect(words).not.toContain("Photo printer");
    expect(html).toContain('<a href="/my/connected_apps">Connected apps</a>');
  });

  it("is offered with reading ticked, and an end after 30 days that may be another", async () => {
    const { html, scopes } = await readPage(await open(ada(), path));
    expect(scopes).toEqual({ read: true, write: false, share: false });
    const ends = [...html.matchAll(/<input type="radio" name="ends" value="(\w+)" ?(checked)?>/g)];
    expect(ends.map(([, value, checked]) => [value, checked === "checked"])).toEqual([
      ["7d", false],
      ["30d", true],
      ["90d", false],
      ["never", false],
      ["date", false],
    ]);
  });

  it("says when it was used last, to the minute", async () => {
    const browser = ada();
    const { token } = await make(browser);
    expect((await list(browser))[0]?.last_used_at).toBeUndefined();
    browser.server.clock.now += 90_500;
    await statusAtApi(browser.server, token);
    const used = browser.server.clock.now - (browser.server.clock.now % minutes);
    expect((await list(browser))[0]?.last_used_at).toBe(used / 1000);
    expect(await (await open(browser, path)).text()).toContain("last used just now");
  });
});

describe("when it ends", () => {
  it.each([
    [{ ends: "7d" }, 7 * days],
    [{}, 30 * days],
    [{ ends: "1h" }, 60 * minutes],
  ])("is after what was said, to the millisecond: %j", async (more, lasts) => {
    const browser = ada();
    const { token } = await make(browser, more);
    browser.server.clock.now += lasts - 1;
    expect([await statusAtApi(browser.server, token), (await list(browser)).length]).toEqual([200, 1]);
    browser.server.clock.now += 1;
    expect([await statusAtApi(browser.server, token), (await list(browser)).length]).toEqual([401, 0]);
    expect(lastReason(browser.server)).toBe("access token has ended");
  });

  it("is with its day where a date was chosen on the page", async () => {
    const browser = ada();
    const tomorrow = new Date(browser.server.clock.now + days).toISOString().slice(0, 10);
    const html = await (await submit(browser, path, await form(browser, { ends: "date", until: tomorrow }))).text();
    browser.server.clock.now = Date.parse(`${tomorrow}T23:59:59.998Z`);
    expect(await statusAtApi(browser.server, tokenIn(html) ?? "")).toBe(200);
    browser.server.clock.now += 1;
    expect(await statusAtApi(browser.server, tokenIn(html) ?? "")).toBe(401);
  });

  it("is never only where grants may last for ever", async () => {
    const forEver = ada();
    const { token, ends_at } = await make(forEver, { ends: "never" });
    forEver.server.clock.now += 10_000 * days;
    expect([ends_at, await statusAtApi(forEver.server, token)]).toEqual([undefined, 200]);
    const limited = ada({ grantChoices: ["1d", "30d"] });
    expect((await createByJson(limited, { ...wanted, ends: "never" })).status).toBe(400);
    expect(await (await open(limited, path)).text()).not.toContain('value="never"');
  });

  it("is not in the past, on no day of the calendar, nor too far, and the page says so beside the form", async () => {
    const browser = ada();
    for (const until of ["2020-01-01", "2027-02-31", "2999-01-01", "", "soon"]) {
      expect((await createByJson(browser, { ...wanted, ends: until })).status).toBe(400);
      const response = await submit(browser, path, await form(browser, { ends: "date", until }));
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("A token ends after some days, or at a date that is not too far away.");
    }
    expect(await list(browser)).toEqual([]);
  });

  it("is with its owner's account, until that is enabled again", async () => {
    const browser = ada();
    const { token } = await make(browser);
    const { admin } = browser.server.oauth;
    await admin.disableSubject("ada");
    expect(await statusAtApi(browser.server, token)).toBe(401);
    await admin.enableSubject("ada");
    expect(await statusAtApi(browser.server, token)).toBe(200);
  });
});

describe("deleting it", () => {
  it("ends it at once, by its form or by a script of our own pages", async () => {
    const browser = ada();
    const [first, second] = [await make(browser), await make(browser)];
    const { html } = await readPage(await open(browser, path));
    const row = html.slice(html.indexOf(`${path}/${first.id}/delete`));
    const csrf = /name="csrf" value="([^"]*)"/.exec(row)?.[1] ?? "";
    const deleted = await submit(browser, `${path}/${first.id}/delete`, { csrf });
    expect([deleted.status, deleted.headers.get("location")]).toEqual([303, path]);
    expect((await remove(browser, second.id, { "sec-fetch-site": "same-origin" })).status).toBe(204);
    for (const { token } of [first, second]) expect(await statusAtApi(browser.server, token)).toBe(401);
    expect(lastEvent(browser.server, "personal_token.revoked")).toMatchObject({ subject: "ada", grantId: second.id, by: "subject" });
    expect(await list(browser)).toEqual([]);
  });

  it("is for its owner alone; somebody else's, a connection's and none are the same", async () => {
    const browser = ada();
    const { id, token } = await make(browser);
    const grace = browserOf(browser.server, "grace");
    const connected = await connect(browser.server, await budgetApp(browser.server));
    const grantId = lastEvent(browser.server, "token.issued")?.grantId ?? "";
    for (const [who, which] of [
      [grace, id],
      [browser, grantId],
      [browser, "A".repeat(22)],
    ] as const) {
      const response = await remove(who, which);
      expect([response.status, lastReason(browser.server)]).toEqual([404, "there is no such token of this person"]);
      expect((await submit(who, `${path}/${which}/delete`, {})).status).toBe(404);
    }
    expect([await statusAtApi(browser.server, token), await statusAtApi(browser.server, connected.access)]).toEqual([200, 200]);
    expect(await list(grace)).toEqual([]);
  });

  it("is nothing that a connection's list can do", async () => {
    const browser = ada();
    const { id, token } = await make(browser);
    const response = await browser.server.oauth.fetch(
      new Request(`${issuer}/my/connected_apps/${id}`, { method: "DELETE", headers: cookieOf(browser) }),
    );
    expect([response.status, await statusAtApi(browser.server, token)]).toEqual([404, 200]);
  });
});
