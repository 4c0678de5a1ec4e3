import { type OAuthDiscoveryState, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { ConnectingApp } from "./connecting-app.ts";
import { listenForCallback } from "./loopback-callback.ts";
import { challengeOf, RecordedRequests } from "./recorded-requests.ts";

const listNotes = { name: "list_notes", arguments: {} };
const addNote = { name: "add_note", arguments: { text: "The rent is due on Friday" } };

describe("the official MCP client, SDK 1, given nothing but the address of the MCP server", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("finds the authorization server, registers, sends the person to consent, and gets a tool's result", async () => {
    const { app, client, requests, answer } = await connect(server, ada);

    expect(requests.lines.slice(0, 7)).toEqual([
      "POST /mcp 401",
      "GET /.well-known/oauth-protected-resource/mcp 200",
      "GET /.well-known/oauth-authorization-server 200",
      "POST /oauth/register 201",
      "POST /oauth/token 200",
      "POST /mcp 200",
      "POST /mcp 202",
    ]);
    expect(challengeOf(requests.all[0])).toEqual({
      resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/mcp`,
      scope: "read",
    });
    expect(Object.fromEntries(app.link.searchParams)).toMatchObject({
      scope: "read",
      resource: `${server.origin}/mcp`,
      code_challenge_method: "S256",
    });
    expect(answer.get("state")).toBe(app.link.searchParams.get("state"));
    expect(answer.get("iss")).toBe(server.origin);
    expect(app.tokens()).toMatchObject({
      token_type: "Bearer",
      scope: "read",
    });

    const notes = await client.callTool(listNotes);
    expect(notes.isError ?? false).toBe(false);
    expect(notes.content).toMatchObject([{ type: "text" }]);
  });

  it("is refused a tool it has no permission for, is told what it would need, and keeps what it has", async () => {
    const { app, client, requests } = await connect(server, ada);
    requests.forget();

    // This SDK answers the challenge with its refresh token and cannot step up while it holds one: it must fail once and cleanly, not loop.
    await expect(client.callTool(addNote)).rejects.toThrow("Server returned 403 after trying upscoping");

    expect(requests.lines).toEqual(["POST /mcp 403", "POST /oauth/token 200", "POST /mcp 403"]);
    expect(challengeOf(requests.all[0])).toMatchObject({
      error: "insufficient_scope",
      scope: "read write",
      resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/mcp`,
    });
    expect(app.tokens()?.scope).toBe("read");
    expect(app.sentTo).toHaveLength(1);
    expect((await client.callTool(listNotes)).isError ?? false).toBe(false);
  });

  it("is refused from the next call on when the person has disconnected it, and asks again from the start", async () => {
    const { app, client, requests } = await connect(server, ada);
    // A listening stream that met the disconnection would ask for tokens at the same time as the call.
    await vi.waitFor(() => expect(requests.streams).toBe(1), 10_000);
    const path = `/my/connected_apps/${app.clientInformation()?.client_id}/disconnect`;
    const listed = await ada.connectedApps();
    expect(listed.html).toContain("Household Budget");
    expect(listed.html).toContain(path);

    const { asked, done } = await ada.disconnect(app.clientInformation()?.client_id ?? "");
    expect(asked.status).toBe(200);
    expect(asked.html).toContain("It stops working now.");
    expect(done.status).toBe(200);
    expect(done.html).toContain("has been disconnected");
    expect((await ada.connectedApps()).html).not.toContain(path);

    requests.forget();
    await expect(client.callTool(listNotes)).rejects.toThrow(UnauthorizedError);
    expect(requests.lines).toEqual(["POST /mcp 401", "POST /oauth/token 400"]);
    expect(challengeOf(requests.all[0])).toMatchObject({ error: "invalid_token" });
    expect(JSON.parse(requests.all[1]?.answer ?? "")).toMatchObject({ error: "invalid_grant" });
    expect(app.tokens()).toBeUndefined();
    expect(app.sentTo).toHaveLength(2);
  });
});

describe("the official MCP client, SDK 1, where access tokens live two seconds", () => {
  it("refreshes by itself when its access token has died, and the tool answers", async () => {
    const server = await startServer({ environment: { OAUTH_TOKEN_LIFETIME: "2" } });
    onTestFinished(async () => void (await server.stop()));
    const { app, client, requests } = await connect(server, await AccountHolder.join(server, "grace"));
    const before = app.tokens();
    expect(before?.expires_in).toBe(2);
    requests.forget();
    await new Promise((resolve) => setTimeout(resolve, 3_000));

    const notes = await client.callTool(listNotes);

    expect(notes.isError ?? false).toBe(false);
    expect(requests.lines).toEqual(["POST /mcp 401", "POST /oauth/token 200", "POST /mcp 200"]);
    expect(challengeOf(requests.all[0])).toMatchObject({ error: "invalid_token" });
    expect(Object.fromEntries(requests.all[1]?.form ?? [])).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: before?.refresh_token,
      resource: `${server.origin}/mcp`,
    });
    expect(app.tokens()?.access_token).not.toBe(before?.access_token);
    expect(app.tokens()?.refresh_token).not.toBe(before?.refresh_token);
    expect(app.tokens()?.scope).toBe("read");
    expect(app.sentTo).toHaveLength(1);
  });
});

/** An app that a person has just connected with read permission. Its host hands the code back, as the SDK's own examples do. */
async function connect(server: RunningServer, person: AccountHolder) {
  const callback = await listenForCallback();
  onTestFinished(callback.close);
  const app = new ConnectingApp<OAuthClientInformationMixed, OAuthTokens, OAuthDiscoveryState>(callback.redirectUri);
  const requests = new RecordedRequests();
  const transport = () => new StreamableHTTPClientTransport(new URL("/mcp", server.origin), { authProvider: app, fetch: requests.fetch });
  const client = new Client({ name: "household-budget", version: "1.0.0" });
  onTestFinished(() => client.close());
  const first = transport();
  await expect(client.connect(first)).rejects.toThrow(UnauthorizedError);
  await person.allow(app.link, ["read"]);
  const answer = await callback.next();
  await first.finishAuth(answer.get("code") ?? "");
  await client.connect(transport());
  return { app, client, requests, answer };
}
