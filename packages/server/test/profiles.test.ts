/** Both ways to run the server, each by configuration alone and used by an app that checks every answer by itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuthorizationServer, TokenEndpointResponse } from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccountHolder } from "./interop/account-holder.ts";
import { LoopbackApp } from "./interop/loopback-app.ts";
import { notesApi, readNotes } from "./interop/notes-api.ts";
import { createService } from "./interop/operator-client.ts";
import { type RunningServer, startServer } from "./running-server.ts";

const write = (server: RunningServer, token: string): Promise<Response> =>
  fetch(notesApi(server), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: '{"text":"Rent"}',
  });

async function connect(
  server: RunningServer,
  person: AccountHolder,
  scope: string,
): Promise<{ app: LoopbackApp; tokens: TokenEndpointResponse }> {
  const app = await LoopbackApp.register(server.origin, "Household Budget");
  onTestFinished(app.callback.close);
  const asked = await app.ask({ scope, resource: notesApi(server) });
  await person.allow(asked.link, scope.split(" "));
  return { app, tokens: await app.redeem(asked, await app.answer(asked)) };
}

describe("a host app that wants no ceremony: implicit grants, by configuration alone", () => {
  const directory = mkdtempSync(join(tmpdir(), "vouchsafe-"));
  let server: RunningServer;
  let ada: AccountHolder;
  let grace: AccountHolder;

  beforeAll(async () => {
    const scopes = { read: "Read your notes", write: { description: "Create, change and delete notes", implies: ["read"] } };
    writeFileSync(join(directory, "vouchsafe.config.json"), JSON.stringify({ scopes }));
    server = await startServer({
      directory,
      environment: {
        OAUTH_TOKEN_LIFETIME: "never",
        OAUTH_REFRESH_TOKEN_LIFETIME: "off",
        OAUTH_GRANT_CHOICES: "never",
        OAUTH_REGISTRATION: "loopback",
        OAUTH_REGISTRATION_GRANTS: "authorization_code",
        OAUTH_REQUIRE_STATE: "on",
      },
    });
    ada = await AccountHolder.join(server, "ada");
    grace = await AccountHolder.join(server, "grace");
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const register = (metadata: object): Promise<Response> =>
    fetch(`${server.origin}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(metadata),
    });

  it("registers an app of this computer that says nothing about itself, and none of the web", async () => {
    const registered = await register({ redirect_uris: ["http://localhost/callback"], scope: "read openid everything" });
    expect(registered.status).toBe(201);
    const client: unknown = await registered.json();
    expect(client).toMatchObject({ client_name: "MCP Client", token_endpoint_auth_method: "none", scope: "read" });
    expect(client).not.toHaveProperty("client_secret");
    expect((await register({ redirect_uris: ["https://budget.example/callback"] })).status).toBe(400);
  });

  it("gives a token that never expires and nothing beside it, which may read where it may write", async () => {
    const { tokens } = await connectHere(ada, "write");
    expect(Object.keys(tokens).toSorted()).toEqual(["access_token", "scope", "token_type"]);
    expect((await write(server, tokens.access_token)).status).toBe(201);
    expect(await readNotes(server, tokens.access_token)).toBe(200);
  });

  it("lets a token that may read only GET and HEAD", async () => {
    const { tokens } = await connectHere(ada, "read");
    expect(await readNotes(server, tokens.access_token)).toBe(200);
    expect((await write(server, tokens.access_token)).status).toBe(403);
  });

  it("refuses a request without state", async () => {
    const app = await LoopbackApp.register(server.origin, "Household Budget", { grant_types: ["authorization_code"] });
    onTestFinished(app.callback.close);
    const asked = await app.ask();
    asked.link.searchParams.delete("state");
    const response = await fetch(asked.link, { redirect: "manual" });
    expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe("invalid_request");
  });

  it("ends a grant with its token: by the app, or by the person, who ends all that is theirs and nobody else's", async () => {
    const first = await connectHere(ada, "read");
    await first.app.revoke(first.tokens.access_token);
    expect(await readNotes(server, first.tokens.access_token)).toBe(401);

    const { app, tokens } = await connectHere(ada, "read");
    const again = async (person: AccountHolder): Promise<TokenEndpointResponse> => {
      const asked = await app.ask({ scope: "read", resource: notesApi(server), prompt: "consent" });
      await person.allow(asked.link, ["read"]);
      return app.redeem(asked, await app.answer(asked));
    };
    const [ofAda, ofGrace] = [await again(ada), await again(grace)];
    await ada.disconnect(app.client.client_id);
    expect(await Promise.all([tokens, ofAda, ofGrace].map(({ access_token }) => readNotes(server, access_token)))).toEqual([401, 401, 200]);
  });

  const connectHere = async (person: AccountHolder, scope: string) => {
    const app = await LoopbackApp.register(server.origin, "Household Budget", { grant_types: ["authorization_code"] });
    onTestFinished(app.callback.close);
    const asked = await app.ask({ scope, resource: notesApi(server) });
    await person.allow(asked.link, scope.split(" "));
    return { app, tokens: await app.redeem(asked, await app.answer(asked)) };
  };
});

describe("a full provider, by the defaults", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("offers all there is in its metadata, and each at its place", async () => {
    const metadata = (await (await fetch(`${server.origin}/.well-known/oauth-authorization-server`)).json()) as AuthorizationServer;
    expect(metadata.grant_types_supported).toEqual(["authorization_code", "refresh_token", "client_credentials"]);
    expect(metadata["client_id_metadata_document_supported"]).toBe(true);
    const { keys } = (await (await fetch(metadata.jwks_uri ?? "")).json()) as { keys: unknown[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const endpoint of ["token", "registration", "revocation", "introspection", "pushed_authorization_request"] as const) {
      const response = await fetch(metadata[`${endpoint}_endpoint`] ?? "", { method: "POST" });
      expect([endpoint, response.status, response.headers.get("content-type")]).toEqual([endpoint, 415, "application/json"]);
    }
  });

  it("connects an app with tokens that end, refreshes them, and ends all of it by the refresh token", async () => {
    const { app, tokens } = await connect(server, ada, "read write");
    expect(tokens).toMatchObject({ expires_in: 3600, scope: "read write" });
    const refreshed = await app.refresh(tokens);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await write(server, refreshed.access_token)).status).toBe(201);
    await app.revoke(refreshed.refresh_token ?? "");
    expect(await readNotes(server, refreshed.access_token)).toBe(401);
  });

  it("lets a service of the operator's act for itself, and none that registered itself", async () => {
    const { client_id, client_secret } = await createService(server, "client_secret_basic");
    const response = await fetch(`${server.origin}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "read" }),
    });
    expect(response.status).toBe(200);
    const refused = LoopbackApp.register(server.origin, "Night Backup", { grant_types: ["client_credentials"] });
    await expect(refused).rejects.toMatchObject({ error: "invalid_client_metadata" });
  });
});
