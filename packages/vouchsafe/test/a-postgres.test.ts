import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { newDatabase } from "./a-postgres/new-database.ts";
import { startPostgres } from "./a-postgres/server.ts";

/** What the statement answers, on a connection of its own. */
async function ask(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.flatMap((row) => Object.values<unknown>(row));
  } finally {
    await client.end();
  }
}

describe("the PostgreSQL of the tests", () => {
  it("is PostgreSQL 18", async () => {
    expect(await ask(await newDatabase(), "SHOW server_version")).toEqual([expect.stringMatching(/^18\./)]);
  });

  it("gives two tests databases that do not see each other", async () => {
    const [ada, grace] = await Promise.all([newDatabase(), newDatabase()]);
    await ask(ada, "CREATE TABLE budgets (owner text)");
    await expect(ask(grace, "TABLE budgets")).rejects.toThrow('relation "budgets" does not exist');
    expect(await ask(ada, "TABLE budgets")).toEqual([]);
  });

  it("lets nobody in with a wrong password", async () => {
    const url = new URL(await newDatabase());
    url.password = "guessed";
    await expect(ask(url.href, "SELECT 1")).rejects.toThrow("password authentication failed");
  });
});

describe.skipIf(process.env["TEST_DATABASE_URL"] !== undefined)("a PostgreSQL of one's own", () => {
  it("has all it had acknowledged when it is killed and started again", async () => {
    const postgres = await startPostgres({ fsync: true });
    try {
      const url = await postgres.newDatabase();
      expect(await ask(url, "SELECT current_setting(unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']))")).toEqual([
        "on",
        "on",
        "on",
      ]);
      await ask(url, "CREATE TABLE budgets (owner text)");
      await ask(url, "INSERT INTO budgets VALUES ('ada'), ('grace')");

      await postgres.kill("SIGKILL");
      await expect(ask(url, "TABLE budgets")).rejects.toThrow("ECONNREFUSED");

      await postgres.start();
      expect(await ask(url, "TABLE budgets")).toEqual(["ada", "grace"]);
    } finally {
      await postgres.stop();
    }
  });
});
