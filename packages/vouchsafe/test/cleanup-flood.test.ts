import { afterEach, describe, expect, it } from "vitest";
import { postgres } from "../src/store/postgres/postgres.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import { allow, browserOf, tokensOf } from "./a-person.ts";
import { newDatabase } from "./a-postgres/new-database.ts";
import { aServer, budgetApp, days, redeem, register, type Server, statusAtApi } from "./a-server.ts";
import { type AnySqlStore, rowsOfTransactions, sizesOf } from "./a-sql-store.ts";

const registrations = 10_000;

/** The most rows that one transaction may change: a batch, and what goes along with it. */
const mostRows = 500;

const opened: AnySqlStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

describe.each<readonly [string, () => AnySqlStore | Promise<AnySqlStore>]>([
  ["SQLite", () => sqlite(":memory:")],
  ["PostgreSQL", async () => postgres(await newDatabase())],
])("10 000 registrations that lead to no grant, in %s", (_, openStore) => {
  it("leave nothing after their time, go in transactions of few rows, and take nothing along that lives", {
    timeout: 120_000,
  }, async () => {
    const store = await openStore();
    opened.push(store);
    const server = aServer({ store: store as unknown as Server["store"] });
    const budget = await budgetApp(server, { grant_types: ["authorization_code"] });
    const { access } = await tokensOf(await redeem(server, budget, await allow(browserOf(server), budget, {}, { lifetime: "never" })));
    await registerMany(server);
    while ((await store.reports.countEvents(250)) > 0);
    expect((await sizesOf(store))["clients"]).toBe(registrations + 1);

    // Whoever asks for attempts has those written down that still wait for it.
    await server.oauth.admin.flow("none");
    server.clock.now += 91 * days;
    const rows = rowsOfTransactions(store);
    const rehearsed = await server.oauth.admin.cleanUp(true);
    expect(rehearsed).toMatchObject({ clients: registrations, grants: 0 });
    expect(rows).toEqual([]);
    expect(await server.oauth.admin.cleanUp()).toEqual(rehearsed);
    expect(Math.max(...rows)).toBeGreaterThan(100);
    expect(Math.max(...rows)).toBeLessThanOrEqual(mostRows);

    const { clients, grants, tokens, ...others } = await sizesOf(store);
    expect({ clients, grants }).toEqual({ clients: 1, grants: 1 });
    // Settings, heads of chains, and counts of days.
    for (const [table, size] of Object.entries(others)) expect([table, size < 50]).toEqual([table, true]);
    expect((await store.client(budget.id))?.id).toBe(budget.id);
    expect(await statusAtApi(server, access)).toBe(401); // it lived for an hour
    expect(tokens).toBeLessThanOrEqual(1);
  });
});

async function registerMany(server: Server): Promise<void> {
  const app = { client_name: "Budget app", redirect_uris: ["http://127.0.0.1/callback"] };
  for (let sent = 0; sent < registrations; sent += 100) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => register(server, app)));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
  }
}
