import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { discover, LoopbackApp, onLoopback } from "./loopback-app.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { createService } from "./operator-client.ts";

describe("where access tokens are JWTs", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer({ environment: { OAUTH_ACCESS_TOKEN_FORMAT: "jwt" } });
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("publishes public keys alone, each with its use", async () => {
    const { jwks_uri = "" } = await discover(server.origin);
    expect(jwks_uri).toBe(`${server.origin}/oauth/jwks`);
    const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: Record<string, unknown>[] };

    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ use: "sig" });
      expect(Object.keys(key)).toEqual(expect.arrayContaining(["kty", "kid", "alg"]));
      expect(key).not.toHaveProperty("d");
    }
  });

  it("lets a resource server check a token by itself, with oauth4webapi", async () => {
    const { budget, tokens } = await connected();
    const claims = await oauth.validateJwtAccessToken(budget.server, calling(tokens), notesApi(server), onLoopback);

    expect(claims).toMatchObject({ iss: server.origin, aud: notesApi(server), client_id: budget.client.client_id, scope: "read" });
    expect(claims.sub).not.toBe(budget.client.client_id);
    expect(claims.exp - claims.iat).toBe(3_600);
    expect(claims.jti).not.toBe("");
    await expect(oauth.validateJwtAccessToken(budget.server, calling(tokens), "https://bank.example/api", onLoopback)).rejects.toThrow(
      /"aud"/,
    );
  });

  it("lets a resource server check a token by itself, with jose", async () => {
    const { budget, tokens } = await connected();
    const keys = createRemoteJWKSet(new URL(budget.server.jwks_uri ?? ""));
    const expected = { issuer: server.origin, audience: notesApi(server), typ: "at+jwt", requiredClaims: ["exp", "iat", "sub", "jti"] };
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, expected);

    expect(payload["client_id"]).toBe(budget.client.client_id);
    expect(protectedHeader.alg).toMatch(/^(ES|RS|PS|Ed)/);
    const [header = "", body = "", signature = ""] = tokens.access_token.split(".");
    const richer = Buffer.from(JSON.stringify({ ...payload, scope: "read write" })).toString("base64url");
    await expect(jwtVerify([header, richer, signature].join("."), keys, expected)).rejects.toThrow("signature verification failed");
    await expect(jwtVerify([header, body, ""].join("."), keys, expected)).rejects.toThrow("signature verification failed");
  });

  it("takes them at its own API, and no longer when the person has disconnected the app", async () => {
    const { budget, tokens } = await connected();
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe("at+jwt");
    expect(await readNotes(server, tokens.access_token)).toBe(200);

    await ada.disconnect(budget.client.client_id);
    expect(await readNotes(server, tokens.access_token)).toBe(401);
  });

  it("refreshes into another JWT, and says of a revoked one that it is not active", async () => {
    const { budget, tokens } = await connected({ token_endpoint_auth_method: "client_secret_basic" });
    const refreshed = await budget.refresh(tokens);
    expect(refreshed.access_token).not.toBe(tokens.access_token);
    expect(decodeProtectedHeader(refreshed.access_token).typ).toBe("at+jwt");
    expect(await budget.introspect(refreshed.access_token)).toMatchObject({ active: true, aud: notesApi(server), scope: "read" });

    await budget.revoke(refreshed.access_token);
    expect(await budget.introspect(refreshed.access_token)).toEqual({ active: false });
    expect(await readNotes(server, refreshed.access_token)).toBe(401);
  });

  it("names a service as its own subject", async () => {
    const { client_id, client_secret } = await createService(server, "client_secret_basic");
    const found = await discover(server.origin);
    const parameters = new URLSearchParams({ scope: "read", resource: notesApi(server) });
    const proof = oauth.ClientSecretBasic(client_secret);
    const response = await oauth.clientCredentialsGrantRequest(found, { client_id }, proof, parameters, onLoopback);
    const tokens = await oauth.processClientCredentialsResponse(found, { client_id }, response);
    const claims = await oauth.validateJwtAccessToken(found, calling(tokens), notesApi(server), onLoopback);

    expect(claims).toMatchObject({ sub: client_id, client_id });
  });

  async function connected(metadata: Parameters<typeof LoopbackApp.register>[2] = {}) {
    const budget = await LoopbackApp.register(server.origin, "Household Budget", metadata);
    onTestFinished(budget.callback.close);
    const asked = await budget.ask({ scope: "read", resource: notesApi(server) });
    await ada.allow(asked.link, ["read"]);
    return { budget, tokens: await budget.redeem(asked, await budget.answer(asked)) };
  }

  /** The request as it comes in at a resource server. */
  const calling = ({ access_token }: oauth.TokenEndpointResponse) =>
    new Request(notesApi(server), { headers: { authorization: `Bearer ${access_token}` } });
});
