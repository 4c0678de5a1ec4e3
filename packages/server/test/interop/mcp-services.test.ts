import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { sdks } from "./mcp-sdks.ts";
import { createService } from "./operator-client.ts";
import { RecordedRequests } from "./recorded-requests.ts";

describe("a service with a secret, given the address of the MCP server", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it.each(sdks)("answers the challenge with its own credentials and gets a tool's result, by the official $sdk", async ({ call }) => {
    const { client_id, client_secret } = await createService(server, "client_secret_basic");
    const requests = new RecordedRequests();
    const service = { clientId: client_id, clientSecret: client_secret, expectedIssuer: server.origin, scope: "read" };
    const result = await call(new URL("/mcp", server.origin), service, "list_notes", requests);

    expect(result.isError ?? false).toBe(false);
    expect(requests.lines.slice(0, 5)).toEqual([
      "POST /mcp 401",
      "GET /.well-known/oauth-protected-resource/mcp 200",
      "GET /.well-known/oauth-authorization-server 200",
      "POST /oauth/token 200",
      "POST /mcp 200",
    ]);
    expect(JSON.parse(requests.all[3]?.answer ?? "")).toMatchObject({ token_type: "Bearer", scope: "read" });
  });
});
