import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { RateLimit, RateLimitRule } from "../src/rate-limit.ts";
import { memory } from "../src/store/memory/memory.ts";
import { postgresMigrations } from "../src/store/postgres/migrations.ts";
import { limitSweeping, postgresRateLimits } from "../src/store/postgres/rate-limits.ts";
import { newDatabase } from "./a-postgres/new-database.ts";
import { startPostgres } from "./a-postgres/server.ts";
import { aServer, minutes, post } from "./a-server.ts";

const rule = (points: number): RateLimitRule => ({ points, duration: minutes });

/** A process that uses the database: its pool, and what it was told of. */
function aProcess(url: string): { pool: Pool; errors: unknown[]; limit: (name: string, points: number) => RateLimit } {
  const errors: unknown[] = [];
  const pool = new Pool({ connectionString: url, max: 5 });
  // A connection that is lost while nobody uses it.
  pool.on("error", () => undefined);
  const limits = postgresRateLimits(pool);
  return { pool, errors, limit: (name, points) => limits(name, rule(points), (error) => errors.push(error)) };
}

/** What the limits let through, of so many at once. */
async function allowedOf(limits: readonly RateLimit[], times: number, key: string): Promise<number> {
  const waits = await Promise.all(limits.flatMap((limit) => Array.from({ length: times }, () => limit.count(key))));
  return waits.filter((wait) => wait === undefined).length;
}

describe("limits that the processes of a PostgreSQL count together", () => {
  let [one, other]: ReturnType<typeof aProcess>[] = [];
  const both = (): readonly [ReturnType<typeof aProcess>, ReturnType<typeof aProcess>] => {
    if (one === undefined || other === undefined) throw new Error("the processes have not started");
    return [one, other];
  };
  beforeAll(async () => {
    const url = await newDatabase();
    [one, other] = [aProcess(url), aProcess(url)];
    await one.pool.query(postgresMigrations.join(";"));
  });
  afterAll(async () => {
    for (const process of both()) {
      expect(process.errors).toEqual([]);
      await process.pool.end();
    }
  });

  it("add up what two processes count", async () => {
    const [here, there] = both().map(({ limit }) => limit("client", 3));
    expect([await here?.count("ada"), await there?.count("ada"), await here?.count("ada")]).toEqual([undefined, undefined, undefined]);
    const wait = await there?.count("ada");
    expect(wait).toBeGreaterThanOrEqual(55);
    expect(wait).toBeLessThanOrEqual(60);
    expect(await there?.count("grace")).toBeUndefined();
  });

  it("count every limit by itself", async () => {
    const [{ limit }] = both();
    await limit("register", 1).count("198.51.100.1");
    expect(await limit("authorize", 1).count("198.51.100.1")).toBeUndefined();
    expect(await limit("register", 1).count("198.51.100.1")).toBeDefined();
  });

  it("let exactly 200 of 400 through that come at once at two processes", async () => {
    const limits = both().map(({ limit }) => limit("parallel", 200));
    expect(await allowedOf(limits, 200, "ada")).toBe(200);
  });

  it("let nothing through where the limit is none", async () => {
    const [{ limit }] = both();
    expect(await limit("closed", 0).count("ada")).toBe(60);
  });

  it("begin anew by the database's clock, whatever a node's says", async () => {
    const [here, there] = both();
    await here.limit("clocks", 1).count("ada");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1440 * minutes });
    onTestFinished(() => void vi.useRealTimers());
    expect(await there.limit("clocks", 1).count("ada")).toBeLessThanOrEqual(60);
    await here.pool.query("UPDATE rate_limits SET ends_at = extract(epoch FROM now()) * 1000 - 1");
    expect(await here.limit("clocks", 1).count("ada")).toBeUndefined();
    expect(await here.limit("clocks", 1).count("ada")).toBeGreaterThanOrEqual(55);
  });

  it("leave no address in the database, of a network or of a person", async () => {
    const [{ limit, pool }] = both();
    await limit("signIn", 1).count("ada@example.com 198.51.100.77");
    const { rows } = await pool.query<{ row: string }>("SELECT concat_ws(' ', rate_limits, encode(key, 'escape')) AS row FROM rate_limits");
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) expect(row).not.toMatch(/ada|example|198\.51|signIn|3139382e/);
  });

  it("take back what turned out to be none, but nothing of a time that is over", async () => {
    const [here, there] = both();
    const right = await here.limit("signIn", 2).attempt("grace");
    const wrong = await there.limit("signIn", 2).attempt("grace");
    expect([right.wait, wrong.wait]).toEqual([undefined, undefined]);
    await right.takeBack();
    const late = await there.limit("signIn", 2).attempt("grace");
    expect(late.wait).toBeUndefined();
    await here.pool.query("UPDATE rate_limits SET ends_at = extract(epoch FROM now()) * 1000 - 1");
    expect(await there.limit("signIn", 2).count("grace")).toBeUndefined();
    expect(await there.limit("signIn", 2).count("grace")).toBeUndefined();
    await late.takeBack();
    expect(await there.limit("signIn", 2).count("grace")).toBeDefined();
  });

  it("ask no more than once a second for a key that is refused", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const [{ limit, pool }] = both();
    const flooded = limit("flooded", 1);
    await flooded.count("ada");
    expect(await flooded.count("ada")).toBeDefined();
    await pool.query("DELETE FROM rate_limits");
    expect(await flooded.count("ada")).toBeDefined();
    vi.advanceTimersByTime(1000);
    expect(await flooded.count("ada")).toBeUndefined();
  });

  it("are swept when their time is over, so many at once, and not before", async () => {
    const [{ limit, pool }] = both();
    await pool.query("DELETE FROM rate_limits");
    for (const name of ["ada", "grace", "alan"]) await limit("swept", 1).count(name);
    await pool.query("UPDATE rate_limits SET ends_at = extract(epoch FROM now()) * 1000 - 1");
    await limit("swept", 1).count("hedy");
    const sweep = async (): Promise<number | null> => (await pool.query(limitSweeping.remove.replace(":most", "$1"), [2])).rowCount;
    expect([await sweep(), await sweep(), await sweep()]).toEqual([2, 1, 0]);
    expect(await limit("swept", 1).count("hedy")).toBeDefined();
  });
});

describe("a server of several nodes", () => {
  it("counts whoever asks two of its nodes once, by the network that an address is of", async () => {
    const url = await newDatabase();
    const nodes = [aProcess(url), aProcess(url)].map(({ pool }) => {
      onTestFinished(() => pool.end());
      const store = Object.assign(memory(), { rateLimits: postgresRateLimits(pool) });
      return { pool, server: aServer({ store, rateLimits: { register: "2/1m" } }) };
    });
    const [here, there] = nodes;
    if (here === undefined || there === undefined) throw new Error("there are two");
    await here.pool.query(postgresMigrations.join(";"));
    const register = async ({ server }: typeof here, address: string): Promise<number> =>
      (await post(server, "/oauth/register", "{}", { "content-type": "application/json" }, address)).status;
    expect([await register(here, "2001:db8:1:2::1"), await register(there, "2001:db8:1:2:ffff::9")]).toEqual([400, 400]);
    expect([await register(here, "2001:db8:1:2::3"), await register(there, "2001:db8:1:2::4")]).toEqual([429, 429]);
    expect([await register(here, "2001:db8:1:3::1"), await register(there, "198.51.100.1")]).toEqual([400, 400]);
  });
});

describe.skipIf(process.env["TEST_DATABASE_URL"] !== undefined)("limits whose database is gone", () => {
  it("are counted in memory until it is back, and say so once", async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { pool, errors, limit } = aProcess(await postgres.newDatabase());
    onTestFinished(() => pool.end());
    await pool.query(postgresMigrations.join(";"));
    const [client, register] = [limit("client", 3), limit("register", 2)];
    await client.count("ada");

    await postgres.kill("SIGINT");
    expect([await allowedOf([client], 20, "ada"), await allowedOf([register], 20, "ada")]).toEqual([3, 2]);
    expect(errors.map(String)).toEqual(["StorageError: limits cannot be counted in the database; each process counts its own meanwhile"]);

    await postgres.start();
    expect(await allowedOf([client], 20, "ada")).toBe(2);
    expect(errors.length).toBe(1);

    vi.advanceTimersByTime(minutes);
    await postgres.kill("SIGINT");
    expect(await allowedOf([register], 20, "grace")).toBe(2);
    expect(errors.length).toBe(2);
  });
});
