import { mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { createKeyring } from "../src/keys/sealing.ts";
import { storeContract } from "../src/store/contract/contract.ts";
import { memory } from "../src/store/memory/memory.ts";
import { compileStatement, run } from "../src/store/sql/database.ts";
import { statements } from "../src/store/sql/statements.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import { StorageError } from "../src/store/store.ts";
import { verifyAudit } from "../src/verify-audit.ts";

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-store-"));
let files = 0;
const newFile = (): string => join(folder, `${++files}.db`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keys = createKeyring(["a secret for tests, longer than 32 bytes"]);
const signer = {
  sign: (text: string) => keys.sign("audit", text),
  verify: (text: string, mark: string) => keys.verify("audit", text, mark),
};

const event: AuditEvent = { at: 1, type: "sign_out", subject: "ada" };

describe("the memory store meets the store contract", () => storeContract(it, memory));
describe("the SQLite store meets the store contract", () => storeContract(it, () => sqlite(newFile(), { synchronous: "normal" })));

describe("SQLite store", () => {
  it("prepares every statement against the schema", async () => {
    const { database } = sqlite(":memory:");
    for (const statement of Object.values(statements)) expect(() => database.get(`EXPLAIN ${statement}`)).not.toThrow();
    await database.close();
  });

  // What the housekeeping and the operator's lists read is left out: they are about all rows of a table, or about many.
  const ofAll: readonly string[] = ["registrationTokens", "sweepDecisions", "check"];
  it.each(Object.entries(statements).filter(([name]) => !ofAll.includes(name)))(
    "finds its rows by an index, however many there are: %s",
    async (_, statement) => {
      const { database } = sqlite(":memory:");
      const plan = database.all(`EXPLAIN QUERY PLAN ${statement}`).map((row) => String(row[3]));
      expect(
        plan.filter((step) => /^SCAN (clients|grants|tokens|decisions|subjects|disconnections|registration_tokens|settings)\b/.test(step)),
      ).toEqual([]);
      await database.close();
    },
  );

  it("gives PostgreSQL the same statements with its own placeholders", () => {
    const { sql, names } = compileStatement("SELECT a FROM t WHERE b = :b AND c > :c AND d = :b", {
      name: "postgres",
      placeholder: (index) => `$${index}`,
      listed: (placeholder) => placeholder,
      clock: "now",
    });
    expect(sql).toBe("SELECT a FROM t WHERE b = $1 AND c > $2 AND d = $3");
    expect(names).toEqual(["b", "c", "b"]);
  });

  it("shares one commit among writes that arrive together, and each gets its own answer", async () => {
    const store = sqlite(newFile());
    await store.transact(() => run("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"));
    const insert = (n: number) =>
      store.transact(function* (record) {
        yield* run("INSERT INTO numbers (n) VALUES (:n)", { n });
        record(event);
        return n * 10;
      });
    const outcomes = await Promise.allSettled([insert(1), insert(2), insert(1), insert(3)]);
    expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "failed"))).toEqual([10, 20, "failed", 30]);
    expect(store.database.all("SELECT n FROM numbers ORDER BY n")).toEqual([[1], [2], [3]]);
    expect(store.database.get("SELECT count(*) FROM audit_events")).toEqual([3]);
    await store.close();
  });

  it("tells nobody that a write worked where the commit itself fails, and keeps none of them", async () => {
    const store = sqlite(newFile());
    await store.transact(function* () {
      yield* run("CREATE TABLE owners (id INTEGER PRIMARY KEY)");
      yield* run("CREATE TABLE things (owner INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)");
    });
    // A deferred constraint is checked at the commit alone.
    const outcomes = await Promise.allSettled([
      store.setting("innocent", "value"),
      store.transact(() => run("INSERT INTO things (owner) VALUES (1)")),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await store.setting("innocent", "another")).toBe("another");
    expect(store.database.get("SELECT count(*) FROM things")).toEqual([0]);
    await store.close();
  });

  it("answers nobody before the commit: a second connection sees what was answered", async () => {
    const path = newFile();
    const [store, reader] = [sqlite(path), sqlite(path)];
    await store.setting("key", "value");
    expect(await reader.setting("key", "other")).toBe("value");
    await Promise.all([store.close(), reader.close()]);
  });

  it("fails every waiting write, and none of it happens, while another process holds the database", async () => {
    const path = newFile();
    const holder = sqlite(path);
    const store = sqlite(path, { busyTimeout: 10 });
    holder.database.run("BEGIN IMMEDIATE");
    const outcomes = await Promise.allSettled([store.setting("a", "1"), store.setting("b", "2")]);
    expect(
      outcomes.every(
        (outcome) => outcome.status === "rejected" && outcome.reason instanceof StorageError && outcome.reason.kind === "unavailable",
      ),
    ).toBe(true);
    holder.database.run("ROLLBACK");
    expect(await store.setting("a", "3")).toBe("3");
    await Promise.all([store.close(), holder.close()]);
  });

  it("finishes what is under way when it closes, and refuses what comes after", async () => {
    const path = newFile();
    const store = sqlite(path);
    const written = store.setting("last", "words");
    await store.close();
    await expect(written).resolves.toBe("words");
    await expect(store.setting("too", "late")).rejects.toBeInstanceOf(StorageError);
    const again = sqlite(path);
    expect(await again.setting("last", "other")).toBe("words");
    await again.close();
  });

  it("counts, cuts and delivers what comes after every event was cut, though SQLite gives its ids again", async () => {
    const file = newFile();
    const [store, another] = [sqlite(file), sqlite(file)];
    const everything = { name: "everything", types: ["sign_out"] } as const;
    for (const { audit, deliveries } of [store, another]) {
      audit.signWith(signer);
      deliveries.subscribe([everything]);
    }
    await store.record([event, event, event]);
    await store.reports.countEvents(100);
    expect(await store.audit.cut("main", 2, 2)).toBe(2);
    expect(await another.audit.cut("main", 2, 100)).toBe(1);
    const later = { ...event, at: 60_000 };
    await store.record([later, later, later]);
    expect(await store.deliveries.take("everything", 60_000, 120_000, 100)).toHaveLength(3);
    await store.reports.countEvents(100);
    const counted = await store.reports.counts({ period: 60_000, from: 60_000, until: 120_000 });
    expect(counted.map(({ count }) => count)).toEqual([3]);
    expect(await store.audit.cut("main", 60_001, 100)).toBe(3);
    expect((await verifyAudit(store, signer)).findings).toEqual([]);
    await Promise.all([store.close(), another.close()]);
  });

  it("begins another reading thread where one failed, and none once it is closed", async () => {
    const file = newFile();
    const store = sqlite(file);
    await store.record([event]);
    renameSync(file, `${file}.away`);
    await expect(store.audit.list({ most: 1 })).rejects.toThrow(StorageError);
    renameSync(`${file}.away`, file);
    expect(await store.audit.list({ most: 1 })).toHaveLength(1);
    await store.close();
    await expect(store.audit.list({ most: 1 })).rejects.toThrow("the database is closed");
  });

  it("reads a revocation by another process at its next turn", async () => {
    const path = newFile();
    const [store, other] = [sqlite(path), sqlite(path)];
    await store.setting("state", "live");
    store.database.get("SELECT 1");
    await other.changeSetting("state", "revoked");
    expect(store.database.get(statements.setting, { name: "state" })).toEqual(["revoked"]);
    await Promise.all([store.close(), other.close()]);
  });

  it("creates a file that only its owner can read", async () => {
    const path = newFile();
    const store = sqlite(path);
    await store.setting("a", "b");
    for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o077).toBe(0);
    await store.close();
  });

  it("says in one sentence that a file cannot be opened", () => {
    expect(() => sqlite(join(folder, "missing", "x.db"))).toThrow(/^the database .* cannot be opened: /);
    expect(() => sqlite(folder)).toThrow(StorageError);
  });

  it("refuses a database of a newer schema", async () => {
    const path = newFile();
    const store = sqlite(path);
    store.database.run("PRAGMA user_version = 999");
    await store.database.close();
    expect(() => sqlite(path)).toThrow(/schema 999, and this Vouchsafe knows only/);
  });

  it("keeps its promises about durability: WAL, and FULL unless told otherwise", async () => {
    const store = sqlite(newFile());
    expect(store.database.get("PRAGMA journal_mode")).toEqual(["wal"]);
    expect(store.database.get("PRAGMA synchronous")).toEqual([2]);
    await store.database.close();
  });
});
