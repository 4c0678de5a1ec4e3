import * as client from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { createService } from "./operator-client.ts";

/** The library knows OpenID's place for metadata unless told otherwise, and insists on https. */
const onLoopback: client.DiscoveryRequestOptions = { algorithm: "oauth2", execute: [client.allowInsecureRequests] };

describe("an independent OAuth client, openid-client", () => {
  let server: RunningServer;
  let ada: AccountHolder;
  let callback: LoopbackCallback;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
    callback = await listenForCallback();
  });
  afterAll(async () => {
    await callback.close();
    await server.stop();
  });

  it("discovers the server and registers itself, then exchanges a code with state, iss and PKCE checked", async () => {
    const budget = await register("Household Budget");
    const tokens = await connect(budget);

    expect(budget.serverMetadata()).toMatchObject({ issuer: server.origin, token_endpoint: `${server.origin}/oauth/token` });
    expect(budget.serverMetadata().supportsPKCE()).toBe(true);
    expect(tokens).toMatchObject({ token_type: "bearer", scope: "read", expires_in: 3600 });
    expect(await readNotes(server, tokens.access_token)).toBe(200);
  });

  it("is told access_denied, with the state it sent, when the person doesn't allow it", async () => {
    const budget = await register("Household Budget");
    const { link, checks } = await ask(budget);
    await ada.deny(link);

    await expect(client.authorizationCodeGrant(budget, await arrival(), checks)).rejects.toMatchObject({
      name: "AuthorizationResponseError",
      error: "access_denied",
    });
  });

  it("refreshes, calls the API with the new token, and revokes everything", async () => {
    const budget = await register("Household Budget");
    const tokens = await connect(budget);
    const refreshed = await client.refreshTokenGrant(budget, tokens.refresh_token ?? "", { resource: notesApi(server) });

    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    const notes = await client.fetchProtectedResource(budget, refreshed.access_token, new URL(notesApi(server)), "GET");
    expect(notes.status).toBe(200);
    await client.tokenRevocation(budget, refreshed.refresh_token ?? "", { token_type_hint: "refresh_token" });
    expect(await readNotes(server, refreshed.access_token)).toBe(401);
    await expect(client.refreshTokenGrant(budget, refreshed.refresh_token ?? "")).rejects.toMatchObject({ error: "invalid_grant" });
  });

  it.each([
    { method: "client_secret_basic", authentication: client.ClientSecretBasic() },
    { method: "client_secret_post", authentication: client.ClientSecretPost() },
  ])("asks about its own token, authenticated by $method", async ({ method, authentication }) => {
    const printer = await register("Photo Printer", method, authentication);
    const tokens = await connect(printer);

    expect(await client.tokenIntrospection(printer, tokens.access_token)).toMatchObject({
      active: true,
      client_id: printer.clientMetadata().client_id,
      scope: "read",
    });
    await client.tokenRevocation(printer, tokens.access_token);
    expect(await client.tokenIntrospection(printer, tokens.access_token)).toEqual({ active: false });
  });

  it.each([
    { method: "client_secret_basic", authentication: client.ClientSecretBasic },
    { method: "client_secret_post", authentication: client.ClientSecretPost },
  ])("acts for itself as a service, authenticated by $method", async ({ method, authentication }) => {
    const { client_id, client_secret } = await createService(server, method);
    const service = await client.discovery(new URL(server.origin), client_id, undefined, authentication(client_secret), onLoopback);
    const tokens = await client.clientCredentialsGrant(service, { scope: "read", resource: notesApi(server) });

    expect(tokens).toMatchObject({ token_type: "bearer", scope: "read" });
    expect(tokens.refresh_token).toBeUndefined();
    expect(await client.tokenIntrospection(service, tokens.access_token)).toMatchObject({ active: true, client_id, sub: client_id });
  });

  it("is told 401, with a challenge for the scheme it used, when its secret is wrong", async () => {
    const { client_id } = await createService(server, "client_secret_basic");
    const service = await client.discovery(new URL(server.origin), client_id, "guessed", client.ClientSecretBasic("guessed"), onLoopback);

    await expect(client.clientCredentialsGrant(service, { scope: "read" })).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: "basic" }],
    });
  });

  const register = (name: string, method = "none", authentication = client.None()): Promise<client.Configuration> =>
    client.dynamicClientRegistration(
      new URL(server.origin),
      {
        client_name: name,
        redirect_uris: [callback.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: method,
      },
      authentication,
      onLoopback,
    );

  async function ask(app: client.Configuration) {
    const checks = { expectedState: client.randomState(), pkceCodeVerifier: client.randomPKCECodeVerifier() };
    const link = client.buildAuthorizationUrl(app, {
      redirect_uri: callback.redirectUri,
      scope: "read",
      resource: notesApi(server),
      state: checks.expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    return { link, checks };
  }

  /** Where the browser arrived, as the app's own router would hand it over. */
  const arrival = async () => new URL(`${callback.redirectUri}?${(await callback.next()).toString()}`);

  async function connect(app: client.Configuration) {
    const { link, checks } = await ask(app);
    await ada.allow(link, ["read"]);
    return client.authorizationCodeGrant(app, await arrival(), checks);
  }
});
