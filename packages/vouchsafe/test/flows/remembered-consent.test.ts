import { describe, expect, it } from "vitest";
import { allow, authorizePath, type Browser, browserOf, connect, open } from "../a-person.ts";
import { type App, aServer, budgetApp, change, type Fields, issuer, lastEvent, photoPrinter, redeem, revoke } from "../a-server.ts";

const photos = "https://photos.example.com/";

/** A website that the operator made, and that ada has allowed to read. */
async function aConnectedWebsite() {
  const server = aServer({ resources: { [issuer]: {}, [photos]: {} } });
  const app = await photoPrinter(server, { redirectUris: ["https://printer.example/callback", "https://other.example/callback"] });
  const tokens = await connect(server, app, { scope: "read write", resource: issuer });
  return { server, app, tokens, browser: browserOf(server) };
}

const asking = { scope: "read", resource: issuer } as const;

/** What the person sees: a page that asks, or nothing, and the app has its answer. */
async function seen(browser: Browser, app: App, more: Fields = {}): Promise<string> {
  const response = await open(browser, authorizePath(app, { ...asking, ...more }));
  if (response.status === 200) return "asked";
  const { searchParams } = new URL(response.headers.get("location") ?? issuer);
  return searchParams.has("code") ? "remembered" : (searchParams.get("error") ?? "");
}

describe("consent that is remembered, OAuth 2.1 §7.3.1", () => {
  it("answers the same app, for the same person, scope, resource and destination, without asking, and the code works", async () => {
    const { server, app, browser } = await aConnectedWebsite();
    const response = await open(browser, authorizePath(app, asking));
    const { origin, searchParams } = new URL(response.headers.get("location") ?? issuer);
    expect([origin, searchParams.get("state"), searchParams.get("iss")]).toEqual(["https://printer.example", "xyz", issuer]);
    expect((await redeem(server, app, searchParams.get("code") ?? "")).status).toBe(200);
    expect(lastEvent(server, "consent.remembered")).toMatchObject({ clientId: app.id, subject: "ada", scope: ["read"] });
  });

  it.each<[string, Fields]>([
    ["more scope", { scope: "read share" }],
    ["another resource", { resource: photos }],
    ["no resource, which is all of them", { resource: undefined }],
    ["another site to go to", { redirect_uri: "https://other.example/callback" }],
    ["prompt=consent", { prompt: "consent" }],
  ])("asks again for %s", async (_, more) => {
    const { app, browser } = await aConnectedWebsite();
    expect([await seen(browser, app), await seen(browser, app, more)]).toEqual(["remembered", "asked"]);
  });

  it("asks another person, another app, and again when the connection has ended", async () => {
    const { server, app, tokens, browser } = await aConnectedWebsite();
    expect(await seen(browserOf(server, "grace"), app)).toBe("asked");
    expect(await seen(browser, await photoPrinter(server))).toBe("asked");
    await revoke(server, app, tokens.refresh);
    expect(await seen(browser, app)).toBe("asked");
  });

  it("asks again when the app is no longer what it was", async () => {
    const { server, app, browser } = await aConnectedWebsite();
    await change(server, app, { name: "Photo printer & bank" });
    expect(await seen(browser, app)).toBe("asked");
  });

  it("never answers for an app that named itself, or whose place any program on the computer could take", async () => {
    const server = aServer();
    const onComputer = {
      ...(await photoPrinter(server, { redirectUris: ["http://127.0.0.1:4711/callback"] })),
      redirectUri: "http://127.0.0.1:4711/callback",
    };
    for (const app of [await budgetApp(server), onComputer]) {
      await connect(server, app, asking);
      expect(await seen(browserOf(server), app)).toBe("asked");
      expect(await seen(browserOf(server), app, { prompt: "none" })).toBe("consent_required");
    }
  });

  it("answers prompt=none where the app proves itself, and never longer than what the person chose", async () => {
    const { server, app, browser } = await aConnectedWebsite();
    expect(await seen(browser, app, { prompt: "none" })).toBe("remembered");
    const ends = (await server.store.connections("ada", server.clock.now)).map(({ grant }) => grant.endsAt);
    server.clock.now += 1000;
    const code = new URL((await open(browser, authorizePath(app, asking))).headers.get("location") ?? issuer).searchParams.get("code");
    await redeem(server, app, code ?? "");
    const after = (await server.store.connections("ada", server.clock.now)).map(({ grant }) => grant.endsAt);
    expect(new Set(after)).toEqual(new Set(ends));
    await expect(allow(browserOf(server, "grace"), app, asking)).resolves.not.toBe("");
  });
});
