import { describe, expect, it } from "vitest";
import { browserOf, connect, open, submit } from "../a-person.ts";
import { ada, createByJson, form, list, make, path, remove, type Told, wanted } from "../a-personal-token.ts";
import { aServer, lastReason, like, photoPrinter, statusAtApi } from "../a-server.ts";

describe("who may make, see and delete one", () => {
  it("is whoever is signed in: others are sent to sign in, and programs told", async () => {
    const nobody = browserOf(aServer(), "nobody");
    const page = await open(nobody, path);
    expect([page.status, page.headers.get("location")]).toEqual([303, like(/^\/sign_in\?returnTo=%2Fmy%2Faccess_tokens/)]);
    expect((await open(nobody, path, { accept: "application/json" })).status).toBe(401);
    expect((await createByJson(nobody, wanted)).status).toBe(401);
    expect((await remove(nobody, "x")).status).toBe(401);
    expect((await submit(nobody, path, {})).status).toBe(303);
  });

  it("is never a bearer of a token, of whatever kind, though the browser's session comes along", async () => {
    const browser = ada();
    const { server } = browser;
    const { access, refresh: refreshToken } = await connect(server, await photoPrinter(server));
    const { id, token } = await make(browser);
    for (const scheme of ["Bearer", "bearer", "BEARER"])
      for (const secret of [access, refreshToken, token, "x", ""]) {
        const headers = { authorization: `${scheme} ${secret}` };
        const answers = [
          await open(browser, path, headers),
          await open(browser, path, { ...headers, accept: "application/json" }),
          await createByJson(browser, wanted, headers),
          await remove(browser, id, headers),
          await submit(browser, path, await form(browser), headers),
          await submit(browser, `${path}/${id}/delete`, {}, headers),
          await open(browser, "/my/connected_apps", headers),
        ];
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
        expect(lastReason(server)).toMatch(/without a session$/);
      }
    expect((await list(browser)).length).toBe(1);
  });

  it("is no other site: neither by JSON, nor by DELETE, nor by a form", async () => {
    const browser = ada();
    const { id, token } = await make(browser);
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ]) {
      expect((await createByJson(browser, wanted, headers)).status).toBe(403);
      expect((await remove(browser, id, headers)).status).toBe(403);
      const made = await submit(browser, path, await form(browser), headers);
      expect([made.status, lastReason(browser.server)]).toEqual([400, like(/^the form for a new token is not of this browser/)]);
    }
    expect([(await list(browser)).length, await statusAtApi(browser.server, token)]).toEqual([1, 200]);
  });

  it("is whoever was shown the form: not with another's, another session's, another form's or without its token", async () => {
    const browser = ada();
    const { id } = await make(browser);
    const fields = await form(browser);
    const grace = browserOf(browser.server, "grace");
    grace.cookies.set("__Host-vouchsafe", browser.cookies.get("__Host-vouchsafe") ?? "");
    const later = browserOf(browser.server, "ada", "2");
    later.cookies.set("__Host-vouchsafe", browser.cookies.get("__Host-vouchsafe") ?? "");
    const elsewhere = browserOf(browser.server);
    for (const who of [grace, later, elsewhere]) expect((await submit(who, path, fields)).status).toBe(400);
    for (const wrong of [{ csrf: "" }, { csrf: "x" }, { id: "A".repeat(22) }, { id }, { id: "" }])
      expect((await submit(browser, path, { ...fields, ...wrong })).status).toBe(400);
    expect((await submit(browser, `${path}/${id}/delete`, { csrf: fields["csrf"] })).status).toBe(400);
    expect((await list(browser)).length).toBe(1);
    expect(await list(grace)).toEqual([]);
  });
});

describe("what cannot be made", () => {
  it.each<[unknown, string]>([
    ["{", "the body is not JSON"],
    ["null", "the JSON for a new token is not of its shape"],
    [[], "the JSON for a new token is not of its shape"],
    [{ ...wanted, name: 7 }, "the JSON for a new token is not of its shape"],
    [{ ...wanted, ends: 3600 }, "the JSON for a new token is not of its shape"],
    [{ ...wanted, scopes: "read" }, "the JSON for a new token is not of its shape"],
    [{ ...wanted, name: "a\nb" }, "the token's name is missing, too long, or has characters that cannot be shown"],
    [{ ...wanted, name: "\0" }, "the body has invalid UTF-8 or a NUL"],
    [{ name: "x" }, "a personal token's scope is empty or not allowed"],
    [{ name: "x", scopes: ["admin"] }, "a personal token's scope is empty or not allowed"],
    [{ name: "x", scopes: ["read", "everything"] }, "a personal token's scope is empty or not allowed"],
  ])("is %j, and nothing is kept", async (body, reason) => {
    const browser = ada({ scopes: { read: "Read", admin: { description: "All", operatorOnly: true } } });
    expect([(await createByJson(browser, body)).status, lastReason(browser.server)]).toEqual([400, reason]);
    expect(await list(browser)).toEqual([]);
  });

  it("may say its scope in one text", async () => {
    expect((await make(ada(), { scopes: undefined, scope: " write  read " })).scopes).toEqual(["read", "write"]);
  });

  it("is a hundred and first, until one is deleted, also when many come at once", async () => {
    const browser = ada();
    for (let made = 0; made < 98; made++) await make(browser);
    const answers = await Promise.all(Array.from({ length: 5 }, () => createByJson(browser, wanted)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => Number(a) - Number(b))).toEqual([201, 201, 400, 400, 400]);
    const refused = await submit(browser, path, await form(browser));
    expect([refused.status, (await refused.text()).includes("You have as many tokens as you can have. Delete one first.")]).toEqual([
      400,
      true,
    ]);
    expect((await createByJson(browserOf(browser.server, "grace"), wanted)).status).toBe(201);
    await remove(browser, (await list(browser))[0]?.id ?? "");
    expect((await createByJson(browser, wanted)).status).toBe(201);
  });

  it("is the thirty-first of one person in a minute", async () => {
    const browser = ada({ rateLimits: {} });
    for (let made = 0; made < 30; made++) expect((await createByJson(browser, wanted)).status).toBe(201);
    const refused = await createByJson(browser, wanted);
    expect([refused.status, ((await refused.json()) as Told).error, lastReason(browser.server)]).toEqual([
      429,
      "slow_down",
      "too many personal tokens of one person",
    ]);
    expect((await createByJson(browserOf(browser.server, "grace"), wanted)).status).toBe(201);
  });

  it("is not limited for its owner by what another site sends in their name", async () => {
    const browser = ada({ rateLimits: { personalToken: "2/1m" } });
    for (let time = 0; time < 5; time++) await createByJson(browser, wanted, { "sec-fetch-site": "cross-site" });
    expect((await createByJson(browser, wanted)).status).toBe(201);
  });

  it("is any where they are switched off", async () => {
    const browser = ada({ personalTokens: false });
    expect([(await open(browser, path)).status, (await createByJson(browser, wanted)).status]).toEqual([404, 404]);
  });
});
