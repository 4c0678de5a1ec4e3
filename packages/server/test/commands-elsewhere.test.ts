import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readPages } from "../src/cli/listing.ts";
import { environmentOf, type Finished, freePort, runCommand } from "./running-server.ts";

/** What would clear a screen, and what some terminals take for the same. */
const trick = "\u001B[2J\u009B2J\u202E";

/** What the server answers that is none of ours. */
let answer: { readonly status: number; readonly body: string } = { status: 500, body: "" };
let other: Server;
let url: string;
beforeAll(async () => {
  const port = await freePort();
  other = createServer((_, response) => response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body));
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", () => resolve()));
  url = `http://127.0.0.1:${port}`;
});
afterEach(() => {
  answer = { status: 500, body: "" };
});
afterAll(() => other.close());

const afar = (...args: readonly string[]): Promise<Finished> =>
  runCommand([...args, "--url", url], {
    cwd: process.cwd(),
    env: { ...environmentOf(`${process.cwd()}/elsewhere`, 1), VOUCHSAFE_ADMIN_TOKEN: "a-token-that-nobody-else-should-see" },
  });

const user = { id: "1", email: `ada@example.com${trick}`, admin: false, disabled: false, connections: 0, personal_tokens: 0 };

describe("a command that asks a server of somebody else's", () => {
  it.each([
    ["a refusal", 404, { error: "invalid_request", error_description: trick }, ["clients", "show", "ID"]],
    ["a name", 200, user, ["users", "enable", "ada@example.com"]],
    ["JSON", 200, user, ["users", "enable", "ada@example.com", "--json"]],
    ["a secret", 200, { client_id: "ID", client_secret: trick }, ["clients", "secret", "ID"]],
  ])("shows nothing that a terminal would obey: %s", async (_, status, body, args) => {
    answer = { status, body: JSON.stringify(body) };
    const { stdout, stderr } = await afar(...args);
    expect(`${stdout}${stderr}`).not.toBe("");
    expect(`${stdout}${stderr}`.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("writes JSON that says the same, however it is escaped", async () => {
    answer = { status: 200, body: JSON.stringify(user) };
    expect(JSON.parse((await afar("users", "enable", "ada@example.com", "--json")).stdout)).toEqual(user);
  });

  it.each([
    ["{}", ["clients", "list"]],
    ["null", ["stats"]],
    ["{}", ["security-report"]],
    ['{"items":[null]}', ["keys", "list"]],
    ["{}", ["cleanup"]],
    ['{"items":[]}\n', ["audit", "verify"]],
    ['{"people":"all"}', ["clients", "revoke", "ID"]],
    ["[]", ["clients", "show", "ID", "--json"]],
  ])("says in a sentence that it is none of ours, where it answers %s to %j", async (body, args) => {
    answer = { status: 200, body };
    expect(await afar(...args)).toEqual({
      code: 1,
      stdout: "",
      stderr: `${url}/admin/api/v1 does not answer as a Vouchsafe server does.\n`,
    });
  });

  it.each([["users", "list"], ["audit", "list"], ["flows"], ["audit", "export", "--limit", "5"]])(
    "ends where each page names itself as the next one: %s %s",
    async (...args) => {
      answer = { status: 200, body: '{"items":[],"next":"1"}' };
      const { code, stderr } = await afar(...args);
      expect([code, stderr]).toEqual([1, "The server leads back to a page that was read already, as none of ours does.\n"]);
    },
  );

  it("takes no more records than it asked for", async () => {
    answer = { status: 200, body: JSON.stringify({ items: [user, user, user] }) };
    const { code, stderr } = await afar("users", "list", "--limit", "2");
    expect([code, stderr]).toEqual([1, "The server sends more than was asked for, as none of ours does.\n"]);
  });

  it("ends where there is always another page, after ten thousand", async () => {
    let pages = 0;
    const reading = readPages({ limit: "1" }, async () => ({ items: [], next: String(++pages) }));
    await expect(reading).rejects.toThrow("There is no end after 10000 pages");
    expect(pages).toBe(10_000);
    const last = await readPages({}, async () => ({ items: [], ...(--pages > 0 ? { next: String(pages) } : {}) }));
    expect([last, pages]).toEqual([{ items: [] }, 0]);
  });

  it("proposes commands that a shell takes as they stand, whatever URL an app goes by", async () => {
    const id = "https://budget.example/app;$(reboot)?it's";
    const one = { id: 1, at: "2026-11-22T10:00:00.000Z", type: "code.replayed", what: "It.", ended: "It.", client_id: id, flow_id: "ID" };
    const report = { since: one.at, until: one.at, counts: {}, cases: [one] };
    answer = { status: 200, body: JSON.stringify(report) };
    const { stdout } = await afar("security-report");
    expect(stdout).toContain("  See: vouchsafe clients show 'https://budget.example/app;$(reboot)?it'\\''s'\n  See: vouchsafe flows ID\n");
  });
});
