import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTo } from "../../../vouchsafe/test/a-postgres/connection.ts";
import { newDatabase } from "../../../vouchsafe/test/a-postgres/new-database.ts";
import { environmentOf, type Finished, freePort, runCommand } from "../running-server.ts";

const secret = "a-secret-of-these-tests-of-more-than-32-bytes";

let folder: string;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vouchsafe-doctor-"));
  url = await newDatabase();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seen {
  readonly check: string;
  readonly status: string;
  readonly seen: string;
}

async function run(databaseUrl: string, ...args: readonly string[]): Promise<Finished> {
  const environment = environmentOf(folder, await freePort(), { DATABASE_URL: databaseUrl, OAUTH_SECRET: secret });
  return runCommand(args, { cwd: folder, env: environment });
}

/** What is said of the database, and of the secret. */
async function examine(databaseUrl: string): Promise<readonly Seen[]> {
  const { stdout } = await run(databaseUrl, "doctor", "--json");
  const checks = JSON.parse(stdout) as readonly Seen[];
  return checks.filter(({ check }) => /database|secret/.test(check));
}

describe("vouchsafe doctor on PostgreSQL", () => {
  it("says that there are no tables yet, and makes none", async () => {
    const seen = await examine(url);
    expect(seen.find(({ check }) => check === "database schema")).toMatchObject({ status: "warning" });
    const client = await connectTo(url);
    const { rows } = await client.query("SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'public'");
    await client.end();
    expect(rows).toEqual([{ count: 0 }]);
  });

  it("names the version, the durability and the schema, and never the password", async () => {
    expect((await run(url, "migrate")).code).toBe(0);
    const { stdout, stderr } = await run(url, "doctor");
    const { password } = new URL(url);
    expect(stdout + stderr).not.toContain(password);
    const seen = await examine(url);
    // A server of tests does not wait for its disk.
    expect(seen.filter(({ check, status }) => check !== "database, durability" && status !== "ok")).toEqual([]);
    expect(seen.map(({ check }) => check)).toEqual([
      "database",
      "database version",
      "database, durability",
      "database, writing",
      "database schema",
      "secret",
    ]);
  });

  it("finds a database that acknowledges before it writes, and one that is read-only", async () => {
    const client = await connectTo(url);
    const name = client.escapeIdentifier(client.database ?? "");
    await client.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const found = (await examine(url)).filter(({ status }) => status === "finding").map(({ check }) => check);
    await client.query("SET default_transaction_read_only = off");
    await client.query(`ALTER DATABASE ${name} RESET ALL`);
    await client.end();
    expect(found).toEqual(["database, durability", "database, writing"]);
  });

  it("finds a database that lets nobody in, without the password", async () => {
    const wrong = new URL(url);
    wrong.password = "a-wrong-password";
    const seen = await examine(wrong.href);
    expect(seen).toMatchObject([{ check: "database", status: "finding" }]);
    expect(JSON.stringify(seen)).toContain("password authentication failed");
    expect(JSON.stringify(seen)).not.toContain("a-wrong-password");
  });
});
