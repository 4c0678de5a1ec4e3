import { createHash, randomBytes } from "node:crypto";
import { AuthorizationCode, ClientCredentials } from "simple-oauth2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { type LoopbackCallback, listenForCallback } from "./loopback-callback.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { createService, createWebApp, type OperatorClient } from "./operator-client.ts";

/** It has no discovery, and needs none: the paths it assumes are ours. */
describe("an independent OAuth client, simple-oauth2", () => {
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

  it.each([
    { method: "client_secret_basic", authorizationMethod: "header" },
    { method: "client_secret_post", authorizationMethod: "body" },
  ] as const)("exchanges the code with its verifier, refreshes, and revokes, authenticated by $method", async (authentication) => {
    const printer = new AuthorizationCode(options(await createWebApp(server, callback.redirectUri, authentication.method), authentication));
    const { answer, verifier } = await allowed(printer);
    const connected = await printer.getToken(redemption(answer, verifier));

    expect(connected.token).toMatchObject({ token_type: "Bearer", scope: "read", expires_in: 3600 });
    expect(connected.expired()).toBe(false);
    expect(await readNotes(server, connected.token["access_token"])).toBe(200);

    const refreshed = await connected.refresh({ scope: "read" });
    expect(refreshed.token["refresh_token"]).not.toBe(connected.token["refresh_token"]);
    expect(await readNotes(server, refreshed.token["access_token"])).toBe(200);

    await refreshed.revokeAll();
    expect(await readNotes(server, refreshed.token["access_token"])).toBe(401);
    await expect(refreshed.refresh()).rejects.toMatchObject(refused(400, "invalid_grant"));
  });

  it("is refused the code without its verifier, which it does not know of by itself", async () => {
    const printer = new AuthorizationCode(options(await createWebApp(server, callback.redirectUri)));
    const { answer } = await allowed(printer);

    await expect(printer.getToken({ code: answer.get("code") ?? "", redirect_uri: callback.redirectUri })).rejects.toMatchObject(
      refused(400, "invalid_request"),
    );
  });

  it("acts for itself as a service", async () => {
    const service = new ClientCredentials(options(await createService(server, "client_secret_basic")));
    const acting = await service.getToken({ scope: ["read"], resource: notesApi(server) });

    expect(acting.token).toMatchObject({ token_type: "Bearer", scope: "read" });
    expect(acting.token["refresh_token"]).toBeUndefined();
    await acting.revoke("access_token");
    expect(await readNotes(server, acting.token["access_token"])).toBe(401);
  });

  it("is told invalid_client when its secret is wrong", async () => {
    const { client_id } = await createService(server, "client_secret_basic");
    const service = new ClientCredentials(options({ client_id, client_secret: "guessed" }));

    await expect(service.getToken({ scope: "read" })).rejects.toMatchObject(refused(401, "invalid_client"));
  });

  const options = ({ client_id, client_secret }: OperatorClient, more: { readonly authorizationMethod?: "header" | "body" } = {}) => ({
    client: { id: client_id, secret: client_secret },
    auth: { tokenHost: server.origin },
    options: { authorizationMethod: more.authorizationMethod ?? "header" },
  });

  /** A person has just allowed it to read. */
  async function allowed(printer: AuthorizationCode) {
    const verifier = randomBytes(32).toString("base64url");
    const extension = {
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      resource: notesApi(server),
    };
    const state = randomBytes(16).toString("base64url");
    const link = printer.authorizeURL({ redirect_uri: callback.redirectUri, scope: ["read"], state, ...extension });
    await ada.allow(new URL(link), ["read"]);
    const answer = await callback.next();
    expect(answer.get("state")).toBe(state);
    return { answer, verifier };
  }

  /** It knows of no verifier, and sends along what it does not know. */
  const redemption = (answer: URLSearchParams, code_verifier: string) => ({
    code: answer.get("code") ?? "",
    redirect_uri: callback.redirectUri,
    code_verifier,
  });
});

const refused = (statusCode: number, error: string) => ({ output: { statusCode }, data: { payload: { error } } });
