/** Where connections come from, how a schema comes about, and how both end. */
import pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { clientNamed, grantOf, issued, registered, tokenOf } from "../src/store/contract/cast.ts";
import { type PostgresPool, postgres } from "../src/store/postgres/postgres.ts";
import { get, run } from "../src/store/sql/database.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

let url: string;

beforeEach(async () => {
  url = await newDatabase();
});

/** A pool as an application makes it for itself. */
const poolOf = (options: pg.PoolConfig = {}): pg.Pool & PostgresPool => new pg.Pool({ connectionString: url, ...options }) as never;

describe("a pool that is handed in", () => {
  it("serves the store without pipelining, with parsers of the application's own, and stays open", async () => {
    const types = { getTypeParser: () => () => "of the application's own" };
    const pool = poolOf({ types, max: 4 });
    const store = await postgres(pool);
    const grant = grantOf("ada", "budget");
    const tokens = Array.from({ length: 100 }, () => tokenOf(grant, "refresh"));
    expect(await store.addClient(clientNamed("budget"), registered("budget"))).toBe(true);
    await Promise.all(tokens.map((token) => store.issue([token], issued)));
    expect(await store.client("budget")).toEqual(clientNamed("budget"));
    expect((await store.token(tokens[7]?.hash ?? new Uint8Array()))?.hash).toEqual(tokens[7]?.hash);
    await expect(store.transact(() => run("INSERT INTO nothing VALUES (1)"))).rejects.toThrow("nothing");
    await store.close();
    expect([pool.totalCount, pool.idleCount]).toEqual([pool.totalCount, pool.totalCount]);
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: "of the application's own" }]);
    await pool.end();
  });

  it("has each connection back, once, however a transaction ended", async () => {
    const pool = poolOf({ max: 3 });
    pool.on("error", () => undefined);
    const store = await postgres(pool);
    const end = (): Promise<unknown> =>
      store.transact(function* () {
        yield* run("SELECT pg_terminate_backend(pg_backend_pid())");
      });
    const fail = (): Promise<unknown> => store.transact(() => run("INSERT INTO nothing VALUES (1)"));
    const refuse = (): Promise<unknown> =>
      store.transact(() => {
        throw new Error("no");
      });
    for (let round = 0; round < 5; round++) {
      const settled = await Promise.allSettled([end(), fail(), refuse()]);
      expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    }
    expect(await store.setting("after", "well")).toBe("well");
    await store.close();
    expect(pool.idleCount).toBe(pool.totalCount);
    expect(pool.waitingCount).toBe(0);
    await pool.end();
  });

  it("may lead to a schema of the application's choice", async () => {
    const admin = poolOf();
    await admin.query("CREATE SCHEMA sign_in");
    const pool = poolOf({ options: "-c search_path=sign_in" });
    const store = await postgres(pool);
    await store.record([{ at: 1, type: "sign_out", subject: "ada" }]);
    expect(await store.audit.list({ after: 0, most: 10 })).toHaveLength(1);
    expect((await admin.query("SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'public'")).rows).toEqual([{ count: 0 }]);
    await store.close();
    await Promise.all([admin.end(), pool.end()]);
  });

  it("may have another isolation level by default", async () => {
    const pools = [1, 2, 3].map(() => poolOf({ options: "-c default_transaction_isolation=serializable" }));
    const stores = await Promise.all(pools.map((pool) => postgres(pool)));
    const levels = await Promise.all(stores.map((store) => store.transact(() => get("SHOW transaction_isolation"))));
    expect(levels).toEqual([["read committed"], ["read committed"], ["read committed"]]);
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(pools.map((pool) => pool.end()));
  });
});

describe("pools of the store's own", () => {
  it("tell of idle connections that are lost, work on, and close however often they are asked to", async () => {
    const lost: Error[] = [];
    const store = await postgres(url, { onError: (error) => lost.push(error) });
    const admin = poolOf();
    await Promise.all([store.check(), store.reports.totals(0)]);
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await expect.poll(() => lost.length).toBeGreaterThanOrEqual(2);
    expect(await store.setting("after", "well")).toBe("well");
    await Promise.all([store.close(), store.close()]);
    await expect(store.client("budget")).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.setting("after", "closed")).rejects.toMatchObject({ kind: "unavailable" });
    await admin.end();
  });

  it("finish what is under way before they close", async () => {
    const store = await postgres(url);
    const written = Array.from({ length: 300 }, (_, number) => store.setting(`setting ${number}`, "kept"));
    const [closing, ...values] = [store.close(), ...written];
    expect(new Set(await Promise.all(values))).toEqual(new Set(["kept"]));
    await closing;
  });

  it("are refused as unavailable where every connection is taken, and serve again once one is free", async () => {
    const store = await postgres(url, { connections: 1 });
    const slow = store.transact(() => run("SELECT pg_sleep(4)"));
    const beside = store.client("budget");
    expect(await beside).toBeUndefined();
    await slow;
    const slower = [1, 2, 3].map(() => store.database.get("SELECT pg_sleep(4)"));
    const settled = await Promise.allSettled([...slower, store.client("budget")]);
    expect(settled[3]).toMatchObject({ status: "rejected", reason: { kind: "unavailable" } });
    expect(await store.client("budget")).toBeUndefined();
    await store.close();
  });
});

describe("the schema on PostgreSQL", () => {
  it("is made once where ten processes start at the same time", async () => {
    const stores = await Promise.all(Array.from({ length: 10 }, () => postgres(url)));
    await Promise.all(stores.map((store) => store.check()));
    expect(await stores[0]?.database.all("SELECT part, version FROM schema_versions")).toEqual([["vouchsafe", expect.any(Number)]]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("is left as it was by a step that fails, and by those before it", async () => {
    const store = await postgres(url);
    const steps = ["CREATE TABLE budgets (owner TEXT)", "CREATE TABLE entries (owner TEXT); SELECT 1 / 0"];
    await expect(store.database.migrate({ sqlite: [], postgres: steps }, "budgets")).rejects.toThrow("division by zero");
    expect(await store.database.get("SELECT 1 FROM pg_tables WHERE tablename IN ('budgets', 'entries')")).toBeUndefined();
    expect(await store.database.get("SELECT 1 FROM schema_versions WHERE part = 'budgets'")).toBeUndefined();
    await store.database.migrate({ sqlite: [], postgres: steps.slice(0, 1) }, "budgets");
    await store.close();
  });

  it("of a newer Vouchsafe is refused, also where that one has just made it", async () => {
    const [old, young] = await Promise.all([postgres(url), postgres(url)]);
    const steps = ["CREATE TABLE budgets (owner TEXT); SELECT pg_sleep(1)", "CREATE TABLE entries (owner TEXT)"];
    const newer = young.database.migrate({ sqlite: [], postgres: steps }, "budgets");
    await expect.poll(() => old.database.get("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).toBeDefined();
    await expect(old.database.migrate({ sqlite: [], postgres: steps.slice(0, 1) }, "budgets")).rejects.toMatchObject({
      kind: "newer-schema",
    });
    await newer;
    await Promise.all([old.close(), young.close()]);
  });
});
