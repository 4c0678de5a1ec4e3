import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { allow, authorizePath, browserOf, consentPage, open } from "../a-person.ts";
import { type App, answerOf, aServer, lastReason, minutes, post, redeem, verifier } from "../a-server.ts";

const issuer = "http://localhost:3000";
const redirectUri = "http://127.0.0.1:4711/callback";

/** An app's website, which gives out whatever stands as its document now, and a server on the same computer. */
async function anApp() {
  const site = { status: 200, document: {} as Readonly<Record<string, unknown>>, asked: 0 };
  const website = createServer((_, response) => {
    site.asked++;
    response.writeHead(site.status, { "content-type": "application/json", "cache-control": "max-age=3600" });
    response.end(JSON.stringify(site.document));
  });
  await new Promise<void>((resolve) => website.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void website.close());
  const id = `http://127.0.0.1:${(website.address() as AddressInfo).port}/client.json`;
  site.document = { client_id: id, client_name: "Budget app", redirect_uris: [redirectUri] };
  const server = aServer({ issuer, clientIdMetadata: { allowLoopback: true } });
  const app: App = { id, secret: "", method: "none", redirectUri };
  return { server, app, site, browser: browserOf(server) };
}

describe("a client that is known by the address of its document, Client ID Metadata Document §4", () => {
  it("connects without registering, and its document is asked for once while it is fresh", async () => {
    const { server, app, site, browser } = await anApp();
    expect((await consentPage(browser, app)).html).toContain("Budget app");
    expect((await redeem(server, app, await allow(browser, app))).status).toBe(200);
    expect(site.asked).toBe(1);
    server.clock.now += 60 * minutes;
    expect((await open(browser, authorizePath(app))).status).toBe(200);
    expect(site.asked).toBe(2);
  });

  it.each<[string, Readonly<Record<string, unknown>>, number]>([
    ["an error", {}, 500],
    ["another client's document", { client_id: "https://evil.example/client.json" }, 200],
    ["a document without a client_id", { client_id: undefined }, 200],
    ["a document with a secret", { client_secret: "x" }, 200],
    ["a document with a secret's end", { client_secret_expires_at: 0 }, 200],
    ["client_secret_basic", { token_endpoint_auth_method: "client_secret_basic" }, 200],
    ["client_secret_post", { token_endpoint_auth_method: "client_secret_post" }, 200],
    ["client_secret_jwt", { token_endpoint_auth_method: "client_secret_jwt" }, 200],
    [
      "a shared secret beside none",
      { token_endpoint_auth_method: "client_secret_post", token_endpoint_auth_methods_supported: ["none"] },
      200,
    ],
  ])("takes %s for no client, keeps nothing of it, and asks again the next time", async (_, changed, status) => {
    const { app, site, browser } = await anApp();
    const { document } = site;
    Object.assign(site, { status, document: { ...document, ...changed } });
    const refused = await open(browser, authorizePath(app));
    expect([refused.status, refused.headers.get("location")]).toEqual([400, null]);
    Object.assign(site, { status: 200, document });
    expect((await open(browser, authorizePath(app))).status).toBe(200);
    expect(site.asked).toBe(2);
  });

  it("is sent to the redirect URIs of its document alone, compared exactly", async () => {
    const { server, app, browser } = await anApp();
    for (const redirect_uri of ["http://127.0.0.1:4711/callback/", "https://evil.example/callback"]) {
      const response = await open(browser, authorizePath(app, { redirect_uri }));
      expect([response.status, response.headers.get("location"), lastReason(server)]).toEqual([
        400,
        null,
        "redirect_uri is not registered",
      ]);
    }
  });

  it("proves itself wherever it asks, where its document has keys", async () => {
    const { server, app, site, browser } = await anApp();
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "ES256" }] };
    site.document = { ...site.document, token_endpoint_auth_method: "private_key_jwt", jwks };
    const form = { grant_type: "authorization_code", code: await allow(browser, app), code_verifier: verifier };
    for (const path of ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/par"]) {
      const refused = await post(server, path, { ...form, token: "x", response_type: "code", client_id: app.id });
      expect([path, refused.status, (await answerOf(refused)).error]).toEqual([path, 401, "invalid_client"]);
    }
    const assertion = proof(app.id, privateKey, server.clock.now / 1000);
    const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    expect((await post(server, "/oauth/token", { ...form, client_assertion: assertion, client_assertion_type: type })).status).toBe(200);
  });
});

function proof(id: string, key: KeyObject, now: number): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: id, sub: id, aud: issuer, iat: now, exp: now + 60, jti: randomUUID() };
  const content = `${encode({ alg: "ES256", kid: "1" })}.${encode(claims)}`;
  return `${content}.${sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
