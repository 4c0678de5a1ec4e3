import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeContract } from "../src/store/contract/contract.ts";
import { type PostgresStore, postgres } from "../src/store/postgres/postgres.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

let url: string;
let keeper: PostgresStore;

beforeAll(async () => {
  url = await newDatabase();
  keeper = await postgres(url);
});
afterAll(() => keeper.close());

/** Making a database takes longer than emptying one. */
async function emptied(): Promise<PostgresStore> {
  const tables = (
    await keeper.database.all(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_versions' ORDER BY tablename",
    )
  ).map(([name]) => String(name));
  await keeper.database.all(`TRUNCATE ${tables.join(", ")} RESTART IDENTITY`);
  return postgres(url);
}

describe("the PostgreSQL store meets the store contract", () => storeContract(it, emptied));

describe("PostgreSQL store", () => {
  it("is PostgreSQL", async () => {
    const [version] = (await keeper.database.get("SHOW server_version")) ?? [];
    expect(String(version)).toMatch(/^1[6-9]|^[2-9]/);
  });
});
