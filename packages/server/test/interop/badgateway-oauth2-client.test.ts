import { randomUUID } from "node:crypto";
import { generateCodeVerifier, OAuth2Client } from "@badgateway/oauth2-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { createClient, createService, createWebApp, type OperatorClient } from "./operator-client.ts";

describe("an independent OAuth client, @badgateway/oauth2-client", () => {
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

  it("discovers the endpoints, exchanges the code with PKCE, refreshes, and revokes, as a public client", async () => {
    const budget = knowing(await createClient(server, ["--name", "Household Budget", "--public", "--redirect-uri", callback.redirectUri]));
    const token = await connect(budget);

    expect(token.scope).toEqual(["read"]);
    expect(token.expiresAt).toBeGreaterThan(Date.now());
    expect(await budget.getEndpoint("revocationEndpoint")).toBe(`${server.origin}/oauth/revoke`);
    expect(await readNotes(server, token.accessToken)).toBe(200);

    const refreshed = await budget.refreshToken(token, { scope: ["read"], resource: notesApi(server) });
    expect(refreshed.refreshToken).not.toBe(token.refreshToken);
    expect(await readNotes(server, refreshed.accessToken)).toBe(200);

    await budget.revoke(refreshed, "refresh_token");
    expect(await readNotes(server, refreshed.accessToken)).toBe(401);
    await expect(budget.refreshToken(refreshed)).rejects.toMatchObject({ httpCode: 400, oauth2Code: "invalid_grant" });
  });

  it.each(["client_secret_basic", "client_secret_post", "client_secret_basic_interop"] as const)(
    "asks about its own token, authenticated by %s",
    async (method) => {
      const registered = method === "client_secret_post" ? method : "client_secret_basic";
      const printer = knowing(await createWebApp(server, callback.redirectUri, registered), method);
      const token = await connect(printer);

      expect(await printer.introspect(token)).toMatchObject({ active: true, scope: "read", client_id: printer.settings.clientId });
      await printer.revoke(token);
      expect(await printer.introspect(token)).toEqual({ active: false });
    },
  );

  it("acts for itself as a service, by the method it finds in the metadata", async () => {
    const service = knowing(await createService(server, "client_secret_basic"));
    const token = await service.clientCredentials({ scope: ["read"], resource: notesApi(server) });

    expect(token).toMatchObject({ scope: ["read"], refreshToken: null });
    expect(await service.introspect(token)).toMatchObject({ active: true, sub: service.settings.clientId });
  });

  it("is told access_denied when the person doesn't allow it", async () => {
    const printer = knowing(await createWebApp(server, callback.redirectUri));
    const { link, state } = await ask(printer);
    await ada.deny(link);

    expect(await refusal(printer, state)).toMatchObject({ oauth2Code: "access_denied" });
  });

  const knowing = ({ client_id, client_secret }: OperatorClient, method?: OAuth2Client["settings"]["authenticationMethod"]) =>
    new OAuth2Client({
      server: server.origin,
      clientId: client_id,
      ...(client_secret === "" ? {} : { clientSecret: client_secret }),
      ...(method === undefined ? {} : { authenticationMethod: method }),
    });

  async function ask(app: OAuth2Client) {
    const state = randomUUID();
    const codeVerifier = await generateCodeVerifier();
    const redirectUri = callback.redirectUri;
    const link = await app.authorizationCode.getAuthorizeUri({
      redirectUri,
      state,
      codeVerifier,
      scope: ["read"],
      resource: notesApi(server),
    });
    return { link: new URL(link), state, codeVerifier };
  }

  const arrival = async () => `${callback.redirectUri}?${(await callback.next()).toString()}`;

  async function connect(app: OAuth2Client) {
    const { link, state, codeVerifier } = await ask(app);
    await ada.allow(link, ["read"]);
    return app.authorizationCode.getTokenFromCodeRedirect(await arrival(), { redirectUri: callback.redirectUri, state, codeVerifier });
  }

  /** It throws at once, not in a promise. */
  async function refusal(app: OAuth2Client, state: string): Promise<unknown> {
    const place = await arrival();
    try {
      return app.authorizationCode.validateResponse(place, { state });
    } catch (error) {
      return error;
    }
  }
});
