/** The audit where several processes write it to one PostgreSQL at once. */
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { createKeyring } from "../src/keys/sealing.ts";
import { type ChainSigner, mostPairs } from "../src/protocol/audit-chain.ts";
import { type PostgresStore, postgres } from "../src/store/postgres/postgres.ts";
import { settledStatements } from "../src/store/postgres/settled-events.ts";
import { get, run } from "../src/store/sql/database.ts";
import { StorageError } from "../src/store/store.ts";
import { verifyAudit } from "../src/verify-audit.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

const keys = createKeyring(["a secret for tests, longer than 32 bytes"]);
const signer: ChainSigner = { sign: (text) => keys.sign("audit", text), verify: (text, mark) => keys.verify("audit", text, mark) };

let url: string;
let keeper: PostgresStore;

beforeAll(async () => {
  url = await newDatabase();
  keeper = await postgres(url);
});
beforeEach(() => keeper.database.all("TRUNCATE audit_events, audit_chains, deliveries, settings RESTART IDENTITY"));
afterAll(() => keeper.close());

const signedOut = (at: number): AuditEvent => ({ at, type: "sign_out", subject: "ada" });
const failed = (at: number): AuditEvent => ({ at, type: "sign_in.failed", reason: "wrong", count: 1 });

/** Several processes. */
async function processes(count: number): Promise<readonly PostgresStore[]> {
  const stores = await Promise.all(Array.from({ length: count }, () => postgres(url)));
  for (const store of stores) store.audit.signWith(signer);
  return stores;
}

const closeAll = (stores: readonly PostgresStore[]) => Promise.all(stores.map((store) => store.close()));

/** The heads say how many there are. */
async function lengths(): Promise<number> {
  return (await keeper.audit.heads()).reduce((sum, { length }) => sum + length, 0);
}

const countEvents = async (): Promise<number> => Number((await keeper.database.get("SELECT count(*) FROM audit_events"))?.[0]);

describe("the audit of several processes on PostgreSQL", () => {
  it("begins whole where they write their first events at once", async () => {
    const stores = await processes(6);
    for (let round = 0; round < 6; round++) {
      await keeper.database.all("TRUNCATE audit_events, audit_chains RESTART IDENTITY");
      // Half of them look for the heads before the others have made them, and write behind them.
      const writing = stores.map((store, number) => store.transact(slowly(signedOut(number), number % 2 === 0 ? 0.2 : 0)));
      await Promise.all([...writing, ...stores.map((store) => store.record([failed(1)]))]);
      expect(await verifyAudit(keeper, signer)).toEqual({ events: 12, unprotected: 0, findings: [] });
    }
    await closeAll(stores);
  });

  it("stays whole while twenty write, connections are ended and old events are cut", async () => {
    const stores = await processes(7);
    let [isOver, acknowledged] = [false, 0];
    const writing = Array.from({ length: 21 }, async (_, number) => {
      const store = stores[number % stores.length] ?? keeper;
      for (let at = 1; !isOver; at++) {
        try {
          await store.record([signedOut(at), failed(at)]);
          acknowledged += 2;
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError);
        }
      }
    });
    const [cutting, other] = [stores[0] ?? keeper, new Client({ connectionString: url })];
    await other.connect();
    let cut = 0;
    for (let round = 0; round < 15; round++) {
      await other.query(endSome);
      const heads = await keeper.audit.heads().catch(() => []);
      for (const { chain } of heads.slice(0, 6)) cut += await cutting.audit.cut(chain, 3, 5).catch(() => 0);
      if (round % 7 === 6) expect((await verifyAudit(keeper, signer).catch(() => undefined))?.findings ?? []).toEqual([]);
    }
    isOver = true;
    await Promise.all(writing);
    await other.end();
    for (const { chain } of await keeper.audit.heads()) cut += await cutting.audit.cut(chain, 3, 5);
    expect((await verifyAudit(keeper, signer)).findings).toEqual([]);
    expect(await lengths()).toBeGreaterThanOrEqual(acknowledged);
    expect(cut).toBeGreaterThan(0);
    const gone = (await keeper.audit.heads()).reduce((sum, head) => sum + head.cut, 0);
    expect((await countEvents()) + gone).toBe(await lengths());
    await closeAll(stores);
  });

  it("uses more than one pair of chains, and all writers find one where more write than there are pairs", async () => {
    const stores = await processes(6);
    const slow = Array.from({ length: 24 }, (_, number) =>
      (stores[number % 6] ?? keeper).transact(
        function* (record) {
          yield* get("SELECT pg_sleep(0.05)");
          record(signedOut(number));
        },
        { alone: [`writer ${number}`] },
      ),
    );
    await Promise.all(slow);
    expect((await keeper.audit.heads()).length).toBeGreaterThanOrEqual(2 * (mostPairs - 1));
    expect((await verifyAudit(keeper, signer)).findings).toEqual([]);
    await closeAll(stores);
  });

  it("is followed without missing or repeating an event while it is written", async () => {
    const stores = await processes(4);
    let isOver = false;
    const writing = stores.map(async (store, number) => {
      for (let at = 0; at < 60; at++) {
        if (at % 7 === number) await store.transact(slowly(signedOut(at), 0.01));
        else await Promise.all([store.record([signedOut(at)]), store.record([failed(at), signedOut(at)])]);
      }
    });
    const followed: number[] = [];
    const following = (async () => {
      for (let wasOver = false; ; wasOver = isOver) {
        const page = await keeper.audit.list({ after: followed.at(-1) ?? 0, most: 20 });
        followed.push(...page.map(({ id }) => id));
        if (wasOver && page.length === 0) return;
      }
    })();
    await Promise.all(writing);
    isOver = true;
    await following;
    const written = await keeper.database.all("SELECT id FROM audit_events ORDER BY id");
    expect(followed).toEqual(written.map(([id]) => id));
    await closeAll(stores);
  });

  it("has whatever was acknowledged before it is read from its beginning, though another writer is at it just then", async () => {
    const [store = keeper] = await processes(1);
    const other = await aWriterAtIt();
    await store.record([signedOut(3)]);
    const read = store.audit.list({ after: 0, most: 10 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.query("COMMIT");
    await other.end();
    expect((await read).map(({ text }) => text)).toEqual(["{}", JSON.stringify(signedOut(3))]);
    await store.close();
  });

  it("is followed and counted up to a writer that is still at it, and read and written past it", async () => {
    const [store = keeper] = await processes(1);
    await store.record([signedOut(1)]);
    const open = await aWriterAtIt();
    await store.record([signedOut(3)]);
    expect(await store.audit.list({ after: 0, most: 10 })).toHaveLength(1);
    expect(await store.reports.countEvents(10)).toBe(1);
    expect(await store.audit.list({ most: 10 })).toHaveLength(2);
    expect((await verifyAudit(store, signer)).findings).toEqual([]);
    await open.query("COMMIT");
    await open.end();
    expect((await store.audit.list({ after: 0, most: 10 })).map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(await store.reports.countEvents(10)).toBe(2);
    await store.close();
  });
});

/** A transaction that was given the id of an event, and has not come to its end. */
async function aWriterAtIt(): Promise<Client> {
  const open = new Client({ connectionString: url });
  await open.connect();
  await open.query("BEGIN");
  await open.query(settledStatements.mark);
  await open.query("INSERT INTO audit_events (at, type, event) VALUES (2, 'sign_out', '{}')");
  return open;
}

/** Ends two connections to this database, whoever's. */
const endSome = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'vouchsafe' ORDER BY random() LIMIT 2`;

const slowly = (event: AuditEvent, seconds: number) =>
  function* (record: (event: AuditEvent) => void) {
    record(event);
    yield* run("SELECT pg_sleep(CAST(:seconds AS FLOAT8))", { seconds });
  };
