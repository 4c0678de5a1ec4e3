import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { sdks } from "./mcp-sdks.ts";
import { notesApi, readNotes } from "./notes-api.ts";
import { RecordedRequests } from "./recorded-requests.ts";

describe("a program that a person gave a token of their own", () => {
  let server: RunningServer;
  let token: string;

  beforeAll(async () => {
    server = await startServer();
    const ada = await AccountHolder.join(server, "ada");
    token = await ada.makeAccessToken({ name: "Night backup", scopes: ["read"], ends: "30d" });
  });
  afterAll(() => server.stop());

  it("reads with it, and may not write", async () => {
    expect(await readNotes(server, token)).toBe(200);
    const refused = await fetch(notesApi(server), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: '{"text":"Rent"}',
    });

    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  it("is refused by an MCP server that takes only tokens issued for it", async () => {
    const response = await fetch(new URL("/mcp", server.origin), { method: "POST", headers: { authorization: `Bearer ${token}` } });

    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });
});

describe("a program with its owner's token, at an MCP server that takes them", () => {
  let server: RunningServer;
  let directory: string;
  let token: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    const port = await freePort();
    const resources = { [`http://localhost:${port}/mcp`]: { personalTokens: true } };
    writeFileSync(join(directory, "vouchsafe.config.json"), JSON.stringify({ resources }));
    server = await startServer({ directory, port });
    token = await (await AccountHolder.join(server, "ada")).makeAccessToken({ name: "Night backup", scopes: ["read"], ends: "30d" });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(sdks)("sends it as a header of the official MCP $sdk, which then asks nobody for anything", async ({ call }) => {
    const requests = new RecordedRequests();
    const result = await call(new URL("/mcp", server.origin), { token }, "list_notes", requests);

    expect(result.isError ?? false).toBe(false);
    expect(requests.all.map(({ path }) => path)).toEqual(requests.all.map(() => "/mcp"));
  });
});
