import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  const app = await App.register(server);
  await app.refresh((await app.connect(ada)).refresh_token);
  await new Person(server.origin).signIn("ada@example.com", "not the password");
});
afterAll(() => server.stop());

interface Listed {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly subject?: string;
}

const list = async (...flags: string[]): Promise<readonly Listed[]> =>
  JSON.parse((await server.command(["audit", "list", "--json", ...flags])).stdout) as readonly Listed[];

describe("vouchsafe audit", () => {
  it("lists what happened, the newest first, by type, number and time", async () => {
    const types = (await list()).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        "sign_in.failed",
        "token.refreshed",
        "token.issued",
        "consent.allowed",
        "client.registered",
        "account.created",
      ]),
    );
    expect(types.indexOf("token.refreshed")).toBeLessThan(types.indexOf("client.registered"));
    expect((await list("--type", "token.issued", "--type", "token.refreshed")).map(({ type }) => type)).toEqual([
      "token.refreshed",
      "token.issued",
    ]);
    expect(await list("--limit", "2")).toHaveLength(2);
    expect(await list("--until", "1h")).toEqual([]);
    expect((await list("--since", "1h")).length).toBe(types.length);
    expect((await list())[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("exports it, the oldest first, as JSON Lines and as CSV", async () => {
    const { stdout: lines } = await server.command(["audit", "export"]);
    const events = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Listed);
    expect(events.map(({ id }) => id)).toEqual((await list()).map(({ id }) => id).toReversed());
    const { stdout: csv } = await server.command(["audit", "export", "--format", "csv", "--type", "account.created"]);
    const [header, row = "", end] = csv.split("\n");
    expect([header, end]).toEqual(["id,at,type,subject,client_id,event", ""]);
    expect(row).toMatch(/^\d+,\d{4}-[^,]+Z,account\.created,[\w-]+,,"\{""id"":\d+,""at"":""[^"]+"",""type"":""account\.created"",.*\}"$/);
  });

  it.each([
    ["--limit", "none"],
    ["--limit", "0"],
    ["--since", "yesterday-ish"],
  ])("says in words what is wrong with %s %s", async (flag, value) => {
    const { code, stderr } = await server.command(["audit", "list", flag, value]);
    expect([code, stderr.trim().split("\n")]).toEqual([2, [expect.stringContaining(flag)]]);
  });

  it("finds the trail as it was written, beside the running server", async () => {
    const { code, stderr } = await server.command(["audit", "verify"]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^\d+ events, as they were written\.$/m)]);
  });

  it.each([
    [
      "altered",
      "UPDATE audit_events SET event = replace(event, 'sign_in.succeeded', 'sign_in.succeeded ') WHERE type = 'sign_in.succeeded'",
    ],
    ["removed", "DELETE FROM audit_events WHERE type = 'token.issued'"],
    ["inserted", "INSERT INTO audit_events (at, type, event) VALUES (1, 'sign_out', '{}')"],
    ["end cut off", "DELETE FROM audit_events WHERE id = (SELECT max(id) FROM audit_events WHERE chain = 'security')"],
  ])("finds where somebody with the database alone has %s an event", async (what, change) => {
    const database = new DatabaseSync(join(server.directory, "vouchsafe.db"));
    database.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; CREATE TABLE kept AS SELECT * FROM audit_events; COMMIT");
    try {
      database.exec(change);
      const { code, stdout } = await server.command(["audit", "verify", "--json"]);
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ what })]) as unknown });
    } finally {
      database.exec("BEGIN IMMEDIATE; DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM kept; DROP TABLE kept; COMMIT");
      database.close();
    }
    expect((await server.command(["audit", "verify"])).code).toBe(0);
  });

  it.each(["list", "export"])("says in one sentence that an event was damaged, where %s meets it", async (command) => {
    const database = new DatabaseSync(join(server.directory, "vouchsafe.db"));
    database.exec("PRAGMA busy_timeout = 5000");
    const [id, event] = Object.values(database.prepare("SELECT id, event FROM audit_events WHERE type = 'client.registered'").get() ?? {});
    const write = database.prepare("UPDATE audit_events SET event = ? WHERE id = ?");
    try {
      for (const damaged of ["{", "null", '{"type":"client.registered","at":"once"}']) {
        write.run(damaged, id ?? null);
        const { code, stderr } = await server.command(["audit", command]);
        expect([code, stderr]).toEqual([6, expect.stringMatching(/^Vouchsafe cannot use its storage: event \d+ .*audit verify.*\n$/)]);
      }
    } finally {
      write.run(event ?? null, id ?? null);
      database.close();
    }
    expect((await server.command(["audit", command])).code).toBe(0);
  });
});
