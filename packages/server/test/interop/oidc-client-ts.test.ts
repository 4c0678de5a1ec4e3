import { ErrorResponse, InMemoryWebStorage, OidcClient, type SigninResponse, WebStorageStateStore } from "oidc-client-ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { createClient } from "./operator-client.ts";

/**
 * Its OAuth part, which runs without a browser. Not shown: `UserManager`, whose redirects, popups and silent renewal need a window, and
 * everything with `openid`: where that scope comes back, or an `id_token`, it insists on an ID token, and this server gives none.
 */
describe("an independent OAuth client, oidc-client-ts", () => {
  let server: RunningServer;
  let ada: AccountHolder;
  let callback: LoopbackCallback;
  let clientId: string;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
    callback = await listenForCallback();
    const flags = ["--name", "Household Budget", "--public", "--redirect-uri", callback.redirectUri];
    clientId = (await createClient(server, flags)).client_id;
  });
  afterAll(async () => {
    await callback.close();
    await server.stop();
  });

  it("reads the server metadata, and exchanges a code with the state and verifier it kept", async () => {
    const { budget, response } = await connected();

    expect(await budget.metadataService.getIssuer()).toBe(server.origin);
    expect(response).toMatchObject({ token_type: "Bearer", scope: "read", userState: { page: "accounts" } });
    expect(response.expires_in).toBeGreaterThan(3_590);
    expect(await readNotes(server, response.access_token)).toBe(200);
  });

  it("refreshes, and asks for no more than it was given", async () => {
    const { budget, response } = await connected();
    const refreshed = await refresh(budget, response);

    expect(refreshed.scope).toBe("read");
    expect(refreshed.refresh_token).not.toBe(response.refresh_token);
    expect(await readNotes(server, refreshed.access_token)).toBe(200);
  });

  it("revokes the access token, then the refresh token", async () => {
    const { budget, response } = await connected();

    await budget.revokeToken(response.access_token, "access_token");
    expect(await readNotes(server, response.access_token)).toBe(401);
    await budget.revokeToken(response.refresh_token ?? "", "refresh_token");
    await expect(refresh(budget, response)).rejects.toMatchObject({ error: "invalid_grant" });
  });

  it("is told access_denied when the person doesn't allow it, and invalid_grant for a code it has spent", async () => {
    const budget = knowing();
    await ada.deny(await ask(budget));
    const denied = budget.processSigninResponse(await arrival());
    await expect(denied).rejects.toThrow(ErrorResponse);
    await expect(denied).rejects.toMatchObject({ error: "access_denied" });

    await ada.allow(await ask(budget), ["read"]);
    const place = await arrival();
    const keepState = false;
    await budget.processSigninResponse(place, undefined, keepState);
    await expect(budget.processSigninResponse(place)).rejects.toMatchObject({ error: "invalid_grant" });
  });

  const knowing = () =>
    new OidcClient({
      authority: server.origin,
      metadataUrl: `${server.origin}/.well-known/oauth-authorization-server`,
      client_id: clientId,
      redirect_uri: callback.redirectUri,
      scope: "read",
      resource: notesApi(server),
      stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    });

  const ask = async (budget: OidcClient) => new URL((await budget.createSigninRequest({ state: { page: "accounts" } })).url);

  const arrival = async () => `${callback.redirectUri}?${(await callback.next()).toString()}`;

  const refresh = (budget: OidcClient, { refresh_token = "", scope = "", profile }: SigninResponse) =>
    budget.useRefreshToken({ state: { refresh_token, scope, profile, session_state: null, data: undefined } });

  async function connected(): Promise<{ budget: OidcClient; response: SigninResponse }> {
    const budget = knowing();
    await ada.allow(await ask(budget), ["read"]);
    return { budget, response: await budget.processSigninResponse(await arrival()) };
  }
});
