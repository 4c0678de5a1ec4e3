import { describe, expect, it } from "vitest";
import { browserOf, consentPage, goOn, open, press, wordsOf } from "../a-person.ts";
import { type App, aServer, budgetApp, issuer, photoPrinter, type Server, seconds } from "../a-server.ts";

async function aDecision(make: (server: Server) => Promise<App> = budgetApp) {
  const server = aServer();
  const app = await make(server);
  const browser = browserOf(server);
  const decided = await press(browser, await consentPage(browser, app), "allow");
  return { server, app, browser, decided, path: decided.headers.get("location") ?? "" };
}

describe("the done page, which takes a decision back to the app", () => {
  it("is where a decision leads, by 303 and never directly to the app", async () => {
    const { decided, path } = await aDecision();
    expect(decided.status).toBe(303);
    expect(path).toMatch(/^\/oauth\/done\?r=[A-Za-z0-9_-]+$/);
  });

  it("goes on to this computer after two seconds, and offers the address as a link and to copy", async () => {
    const { browser, path } = await aDecision();
    const html = await (await open(browser, path)).text();
    const [, target = ""] =
      /<meta http-equiv="refresh" content="2;url=(http:\/\/127\.0\.0\.1:4711\/callback\?code=[\w-]+&amp;state=xyz&amp;iss=https%3A%2F%2Fnotes\.example\.com)">/.exec(
        html,
      ) ?? [];
    expect(target).not.toBe("");
    expect(html).toContain(`<a class="button primary" href="${target}">Continue</a>`);
    expect(html).toContain(`<code class="address">${target}</code>`);
    expect(html.match(/http-equiv/g)).toHaveLength(1);
    expect(wordsOf(html)).toMatch(
      /Going back to "Budget app" on this computer… Continue Nothing happened\? Your app may run on another machine\. Copy this address and paste it into the app\. http:/,
    );
  });

  it("goes on to a website at once", async () => {
    const { browser, decided, path } = await aDecision(photoPrinter);
    expect(wordsOf(await (await open(browser, path)).text())).toBe("Notes Taking you back to printer.example… Continue");
    const { target, delay } = await goOn(browser, decided);
    expect([delay, target.origin + target.pathname]).toEqual([0, "https://printer.example/callback"]);
  });

  it("goes on to an app on this device after two seconds", async () => {
    const redirectUri = "cursor://callback";
    const { browser, decided } = await aDecision(async (server) => ({
      ...(await budgetApp(server, { redirect_uris: [redirectUri] })),
      redirectUri,
    }));
    const { target, delay } = await goOn(browser, decided);
    expect([delay, target.protocol]).toEqual([2, "cursor:"]);
  });

  it("says that nothing was shared where the person declined, and takes that back too", async () => {
    const server = aServer();
    const browser = browserOf(server);
    const decided = await press(browser, await consentPage(browser, await photoPrinter(server)), "deny");
    const html = await (await open(browser, decided.headers.get("location") ?? "")).text();
    expect(wordsOf(html)).toBe("Notes You didn't allow Photo printer. Nothing was shared. Taking you back to printer.example… Continue");
    expect((await goOn(browser, decided)).target.searchParams.get("error")).toBe("access_denied");
  });

  it("brings back the state byte for byte, and answers with the issuer (RFC 9207 §2)", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const browser = browserOf(server);
    const state = `a b+c&d=%20"<'>;\\é🎉#?`;
    const { target } = await goOn(browser, await press(browser, await consentPage(browser, app, { state }), "allow"));
    expect([...target.searchParams.keys()]).toEqual(["code", "state", "iss"]);
    expect([target.searchParams.get("state"), target.searchParams.get("iss")]).toEqual([state, issuer]);
  });

  it("brings back a state of 6000 characters, and takes a redirect URI of 2000: no length is assumed", async () => {
    const server = aServer();
    const redirectUri = `https://printer.example/${"a".repeat(1976)}`;
    const app = { ...(await budgetApp(server, { redirect_uris: [redirectUri] })), redirectUri };
    const browser = browserOf(server);
    const state = "s".repeat(6000);
    const { target } = await goOn(browser, await press(browser, await consentPage(browser, app, { state }), "allow"));
    expect([target.origin + target.pathname, target.searchParams.get("state")]).toEqual([redirectUri, state]);
  });

  it("has no state where none was sent", async () => {
    const server = aServer();
    const browser = browserOf(server);
    const page = await consentPage(browser, await budgetApp(server), { state: undefined });
    expect([...(await goOn(browser, await press(browser, page, "allow"))).target.searchParams.keys()]).toEqual(["code", "iss"]);
  });

  it("can be loaded again, with the same answer", async () => {
    const { browser, decided } = await aDecision();
    expect((await goOn(browser, decided)).target.href).toBe((await goOn(browser, decided)).target.href);
  });

  it("is cached nowhere and tells no other page where it was", async () => {
    const { browser, path } = await aDecision();
    const { headers } = await open(browser, path);
    expect([headers.get("cache-control"), headers.get("referrer-policy"), headers.get("x-frame-options")]).toEqual([
      "no-store",
      "no-referrer",
      "DENY",
    ]);
  });

  it("is too old in any other browser, even of the same session, and holds no code there", async () => {
    const { server, path } = await aDecision();
    for (const other of [browserOf(server), browserOf(server, "grace"), browserOf(server, "nobody")]) {
      const response = await open(other, path);
      expect(response.status).toBe(400);
      expect(await response.text()).toMatch(/This request is too old(?![\s\S]*code=)/);
    }
  });

  it("can be read until the code ends", async () => {
    const { server, browser, path } = await aDecision();
    server.clock.now += 60 * seconds - 1;
    expect((await open(browser, path)).status).toBe(200);
    server.clock.now += 1;
    expect((await open(browser, path)).status).toBe(400);
  });

  it.each(["", "?r=", "?r=nonsense", "?x=1"])("is too old with an address that is none: %s", async (query) => {
    const { server, browser } = await aDecision();
    expect((await open(browser, `/oauth/done${query}`)).status).toBe(400);
    expect(server.errors).toEqual([]);
  });

  it("cannot be made of a code, which is sealed for another purpose", async () => {
    const { browser, decided } = await aDecision();
    const { target } = await goOn(browser, decided);
    expect((await open(browser, `/oauth/done?r=${target.searchParams.get("code")}`)).status).toBe(400);
  });
});
