import { describe, expect, it } from "vitest";
import { allow, authorizePath, type Browser, browserOf, connect, open } from "../a-person.ts";
import { type App, type Fields, lastEvent, minutes, redeem, refresh, verifier } from "../a-server.ts";
import { aSigner, claimsOf, sendAssertion, sign } from "../a-signer.ts";
import { aLocalServer, aSite, publish, type Site, status } from "../a-site.ts";

const outcome = async (browser: Browser, app: App, more: Fields = {}): Promise<string> => {
  const response = await open(browser, authorizePath(app, { scope: "read write", ...more }));
  if (response.status === 200) return "asked";
  const target = URL.parse(response.headers.get("location") ?? "");
  return target?.searchParams.get("error") ?? (target?.searchParams.has("code") ? "code" : `status ${response.status}`);
};
/** A document whose answers go to the very site that it is on. */
const onOwnSite = (site: Site, more: Readonly<Record<string, unknown>> = {}): App =>
  publish(site, { redirect_uris: [`https://${site.host}/callback`], ...more });

describe("the consent for an app that has a document", () => {
  it("stands where its answer goes to the site of its document, whether or not an operator trusts that", async () => {
    for (const trusted of [false, true]) {
      const site = await aSite();
      const server = aLocalServer({ clientIdMetadata: { allowLoopback: true, trustedHosts: trusted ? [site.host] : [] } });
      const app = onOwnSite(site);
      await connect(server, app);
      server.clock.now += 1;
      expect(await outcome(browserOf(server), app)).toBe("code");
      expect(lastEvent(server, "consent.remembered")).toMatchObject({ tier: trusted ? "checked" : "known-website", clientId: app.id });
    }
  });

  it.each(["https://printer.example/callback", "http://127.0.0.1/callback", "http://localhost:5000/callback", "cursor://callback"])(
    "is asked for again where its answer goes to %s",
    async (uri) => {
      const [server, site] = [aLocalServer(), await aSite()];
      const app = publish(site, { redirect_uris: [uri] });
      await connect(server, app);
      expect([await outcome(browserOf(server), app), await outcome(browserOf(server), app, { prompt: "none" })]).toEqual([
        "asked",
        "consent_required",
      ]);
    },
  );

  it("is asked for again where its document has changed, and stands again after that", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = onOwnSite(site);
    await connect(server, app);
    for (const changed of [
      { client_name: "Poster printer" },
      { redirect_uris: [`https://${site.host}/callback`, "https://elsewhere.example/"] },
      { jwks: { keys: [(await aSigner()).publicKey] } },
    ]) {
      server.clock.now += minutes;
      onOwnSite(site, changed);
      expect([await outcome(browserOf(server), app), await outcome(browserOf(server), app, { prompt: "none" })]).toEqual([
        "asked",
        "consent_required",
      ]);
    }
    server.clock.now += 1;
    await connect(server, app);
    expect(await outcome(browserOf(server), app)).toBe("code");
  });

  it("stands again where the document is what it was before", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = onOwnSite(site);
    await connect(server, app);
    server.clock.now += minutes;
    onOwnSite(site, { client_name: "Poster printer" });
    expect(await outcome(browserOf(server), app)).toBe("asked");
    server.clock.now += minutes;
    onOwnSite(site);
    expect(await outcome(browserOf(server), app)).toBe("code");
  });

  it("is no answer while its document cannot be had, and is one again after that", async () => {
    const [server, site] = [aLocalServer(), await aSite()];
    const app = onOwnSite(site);
    await connect(server, app);
    server.clock.now += minutes;
    site.replies.set("/client.json", status(503));
    expect(await outcome(browserOf(server), app)).toBe("status 400");
    onOwnSite(site);
    expect(await outcome(browserOf(server), app)).toBe("code");
  });

  it("answers silently only where the app proves itself by a key", async () => {
    const [server, site, signer] = [aLocalServer(), await aSite(), await aSigner()];
    const unproven = onOwnSite(site);
    await connect(server, unproven);
    expect(await outcome(browserOf(server), unproven, { prompt: "none" })).toBe("consent_required");
    server.clock.now += minutes;
    const app = onOwnSite(site, { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [signer.publicKey] } });
    const redeemed = { grant_type: "authorization_code", code_verifier: verifier };
    const code = await allow(browserOf(server), app, { scope: "read write" });
    expect((await redeem(server, { ...app, method: "none" }, code)).status).toBe(401);
    const answer = await sendAssertion(server, "/oauth/token", await sign(signer, claimsOf(server, app.id)), { ...redeemed, code });
    expect(answer.status).toBe(200);
    expect(await outcome(browserOf(server), app, { prompt: "none" })).toBe("code");
  });

  it("of before a key was wanted leaves a refresh token that the key alone opens", async () => {
    const [server, site, signer] = [aLocalServer(), await aSite(), await aSigner()];
    const app = onOwnSite(site);
    const tokens = await connect(server, app);
    server.clock.now += minutes;
    onOwnSite(site, { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [signer.publicKey] } });
    await outcome(browserOf(server), app);
    expect((await refresh(server, app, tokens.refresh)).status).toBe(401);
    const fields = { grant_type: "refresh_token", refresh_token: tokens.refresh };
    expect((await sendAssertion(server, "/oauth/token", await sign(signer, claimsOf(server, app.id)), fields)).status).toBe(200);
  });
});
