import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { checkAuthorizationServer } from "./conformance-suite.ts";
import { createClient } from "./operator-client.ts";

describe("the conformance suite of the MCP project", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  // A public client, since the suite sends no secret to a server that takes clients without one.
  it("finds the metadata and the authorization code grant as they must be", async () => {
    const port = String(await freePort());
    const flags = ["--name", "Conformance", "--public", "--redirect-uri", `http://127.0.0.1:${port}/callback`];
    const { client_id } = await createClient(server, flags);
    const { code, statuses, problems, printed } = await checkAuthorizationServer(
      ["--url", server.origin, "--client-id", client_id, "--resource", `${server.origin}/mcp`, "--port", port],
      (link) => ada.allow(link, ["read"]),
    );

    expect(problems, printed).toEqual([]);
    expect(statuses, printed).toMatchObject({ "authorization-server-metadata": "SUCCESS", "authorization-code-grant": "SUCCESS" });
    expect(code, printed).toBe(0);
  });
});
