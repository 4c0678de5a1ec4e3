import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { discover, LoopbackApp, onLoopback } from "./loopback-app.ts";

describe("an independent OAuth client, oauth4webapi", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("discovers the authorization server by its issuer", async () => {
    const found = await discover(server.origin);

    expect(found).toMatchObject({
      issuer: server.origin,
      authorization_endpoint: `${server.origin}/oauth/authorize`,
      token_endpoint: `${server.origin}/oauth/token`,
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    });
    expect(Object.values(found)).not.toContain(null);
  });

  it.each(["/mcp", "/api/notes"])("discovers the protected resource %s and its authorization server", async (path) => {
    const resource = new URL(path, server.origin);
    const found = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, onLoopback));

    expect(found).toMatchObject({
      resource: resource.href,
      authorization_servers: [server.origin],
      bearer_methods_supported: ["header"],
      scopes_supported: ["read", "write"],
    });
  });

  it("registers itself, is given a code with state and iss, and redeems it for a token of one resource", async () => {
    const budget = await app("Household Budget");
    const asked = await budget.ask({ scope: "read", resource: `${server.origin}/api/notes` });
    await ada.allow(asked.link, ["read"]);
    const tokens = await budget.redeem(asked, await budget.answer(asked));

    expect(tokens).toMatchObject({ token_type: "bearer", scope: "read", expires_in: 3600 });
    expect(tokens.access_token).toMatch(/^vs_at_/);
    const notes = await call("/api/notes", tokens);
    expect(notes.status).toBe(200);
    await expect(call("/mcp", tokens)).rejects.toMatchObject(refusedToken);
  });

  it("holds the server to the iss that its metadata promises", async () => {
    const budget = await app("Household Budget");
    const asked = await budget.ask();
    await ada.allow(asked.link, ["read"]);
    const answer = await budget.callback.next();
    const without = new URLSearchParams(answer);
    without.delete("iss");

    expect(answer.get("iss")).toBe(server.origin);
    expect(() => oauth.validateAuthResponse(budget.server, budget.client, without, asked.state)).toThrow(/"iss" \(issuer\) missing/);
    expect(oauth.validateAuthResponse(budget.server, budget.client, answer, asked.state).get("code")).toBe(answer.get("code"));
  });

  it("refreshes: a new pair, never more scope, and the new token works", async () => {
    const { budget, tokens } = await connected();
    const refreshed = await budget.refresh(tokens, { resource: `${server.origin}/api/notes` });

    expect(refreshed).toMatchObject({ token_type: "bearer", scope: "read" });
    expect(refreshed.access_token).not.toBe(tokens.access_token);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await call("/api/notes", refreshed)).status).toBe(200);
    await expect(budget.refresh(refreshed, { scope: "read write" })).rejects.toMatchObject({ error: "invalid_scope", status: 400 });
  });

  it("revokes an access token, and that token alone", async () => {
    const { budget, tokens } = await connected();
    await budget.revoke(tokens.access_token);

    await expect(call("/api/notes", tokens)).rejects.toMatchObject(refusedToken);
    expect((await call("/api/notes", await budget.refresh(tokens))).status).toBe(200);
  });

  it("revokes a refresh token, and with it everything the person allowed", async () => {
    const { budget, tokens } = await connected();
    await budget.revoke(tokens.refresh_token ?? "");

    await expect(call("/api/notes", tokens)).rejects.toMatchObject(refusedToken);
    await expect(budget.refresh(tokens)).rejects.toMatchObject({ error: "invalid_grant", status: 400 });
  });

  it("authenticates with the secret it was given, and asks about its own token", async () => {
    const printer = await app("Photo Printer", { token_endpoint_auth_method: "client_secret_basic" });
    const asked = await printer.ask({ scope: "read", resource: `${server.origin}/api/notes` });
    await ada.allow(asked.link, ["read"]);
    const tokens = await printer.redeem(asked, await printer.answer(asked));

    expect(await printer.introspect(tokens.access_token)).toMatchObject({
      active: true,
      client_id: printer.client.client_id,
      scope: "read",
      iss: server.origin,
    });
    await printer.revoke(tokens.access_token);
    expect(await printer.introspect(tokens.access_token)).toEqual({ active: false });
  });

  async function app(name: string, metadata: Parameters<typeof LoopbackApp.register>[2] = {}): Promise<LoopbackApp> {
    const registered = await LoopbackApp.register(server.origin, name, metadata);
    onTestFinished(registered.callback.close);
    return registered;
  }

  async function connected() {
    const budget = await app("Household Budget");
    const asked = await budget.ask({ scope: "read", resource: `${server.origin}/api/notes` });
    await ada.allow(asked.link, ["read"]);
    return { budget, tokens: await budget.redeem(asked, await budget.answer(asked)) };
  }

  const call = (path: string, tokens: oauth.TokenEndpointResponse) =>
    oauth.protectedResourceRequest(tokens.access_token, "GET", new URL(path, server.origin), undefined, undefined, onLoopback);
});

const refusedToken = { status: 401, cause: [{ scheme: "bearer", parameters: { error: "invalid_token" } }] };
