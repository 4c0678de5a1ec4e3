/** One write's failure is no other's, on PostgreSQL too, where all that share a transaction are undone with it. */
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { grantOf, issued, tokenOf } from "../src/store/contract/cast.ts";
import { type PostgresStore, postgres } from "../src/store/postgres/postgres.ts";
import { all, get, run } from "../src/store/sql/database.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

let url: string;
let store: PostgresStore;
let heard: AuditEvent[] = [];

beforeAll(async () => {
  url = await newDatabase();
  store = await postgres(url);
  store.subscribe((event) => heard.push(event));
  const budgets = `
    CREATE TABLE budgets (owner TEXT PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0));
    CREATE TABLE entries (owner TEXT REFERENCES budgets DEFERRABLE INITIALLY DEFERRED)`;
  await store.database.migrate({ sqlite: [], postgres: [budgets] }, "budgets");
});
afterAll(() => store.close());

const signedOut = (subject: string): AuditEvent => ({ at: 1, type: "sign_out", subject });

/** Adds a budget and says so, several steps long. */
const addBudget = (owner: string, on = store) =>
  on.transact(function* (record) {
    record(signedOut(`${owner} began`));
    yield* run("INSERT INTO budgets (owner, amount) VALUES (:owner, 1)", { owner });
    yield* run("UPDATE budgets SET amount = amount + 1 WHERE owner = :owner", { owner });
    const [amount] = (yield* get("SELECT amount FROM budgets WHERE owner = :owner", { owner })) ?? [];
    record(signedOut(`${owner} ended`));
    return amount;
  });

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

const faults: Readonly<Record<string, () => Promise<unknown>>> = {
  "a statement that is refused": () => store.transact(() => run("INSERT INTO budgets (owner, amount) VALUES ('ada', -1)")),
  "a statement that cannot be parsed": () => store.transact(() => run("INSERT INTO nothing VALUES (1)")),
  "a constraint that the commit finds broken": () => store.transact(() => run("INSERT INTO entries (owner) VALUES ('nobody')")),
  "an error thrown at once": () =>
    store.transact(() => {
      throw new Error("no");
    }),
  "an error thrown between steps": () =>
    store.transact(function* (record) {
      record(signedOut("undone"));
      yield* run("INSERT INTO budgets (owner, amount) VALUES ('undone', 1)");
      throw new Error("no");
    }),
};

describe("writes that share a transaction on PostgreSQL", () => {
  it.each(Object.entries(faults))("are each done once beside %s", async (name, fault) => {
    heard = [];
    const owners = ["ada", "grace", "alan"].map((owner) => `${owner}, ${name}`);
    const settled = await Promise.allSettled([addBudget(owners[0] ?? ""), fault(), ...owners.slice(1).map((owner) => addBudget(owner))]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(settled[0]).toMatchObject({ value: 2 });
    const told = owners.flatMap((owner) => [`${owner} began`, `${owner} ended`]);
    expect(heard.map((event) => String("subject" in event && event.subject)).toSorted(compare)).toEqual(told.toSorted(compare));
    const kept = await store.database.all("SELECT subject FROM audit_events WHERE subject LIKE :like", { like: `%${name} %` });
    expect(kept.map(([subject]) => String(subject)).toSorted(compare)).toEqual(told.toSorted(compare));
    expect(await store.database.get("SELECT 1 FROM budgets WHERE owner = 'undone'")).toBeUndefined();
    expect(await store.database.get("SELECT 1 FROM audit_events WHERE subject = 'undone'")).toBeUndefined();
  });

  it("are done beside one that waits for longer than it may", async () => {
    const other = new Client({ connectionString: url });
    await other.connect();
    try {
      await addBudget("locked");
      await other.query("BEGIN; SELECT 1 FROM budgets WHERE owner = 'locked' FOR UPDATE");
      const waiting = store.transact(() => run("UPDATE budgets SET amount = 5 WHERE owner = 'locked'"));
      const sleeping = store.transact(() => run("SELECT pg_sleep(20)"));
      const beside = addBudget("beside");
      expect(await Promise.allSettled([waiting, sleeping, beside])).toMatchObject([
        { reason: { kind: "unavailable", message: "canceling statement due to lock timeout" } },
        { reason: { kind: "unavailable", message: "canceling statement due to statement timeout" } },
        { value: 2 },
      ]);
    } finally {
      await other.end();
    }
  });

  it("are tried again where two transactions wait for each other", async () => {
    const grace = await postgres(url);
    await addBudget("one");
    await addBudget("two");
    const both = (on: PostgresStore, [first = "", second = ""]: readonly string[]) =>
      on.transact(function* (record) {
        yield* run("UPDATE budgets SET amount = amount + 1 WHERE owner = :first", { first });
        yield* run("SELECT pg_sleep(0.2)");
        yield* run("UPDATE budgets SET amount = amount + 1 WHERE owner = :second", { second });
        record(signedOut("both"));
      });
    await Promise.all([both(store, ["one", "two"]), both(grace, ["two", "one"])]);
    await grace.close();
    expect(await store.database.all("SELECT amount FROM budgets WHERE owner IN ('one', 'two')")).toEqual([[4], [4]]);
    expect(await store.database.all("SELECT 1 FROM audit_events WHERE subject = 'both'")).toHaveLength(2);
  });

  it("do not wait for each other for ever, in whatever order they come", async () => {
    const grace = await postgres(url);
    const tokens = Array.from({ length: 40 }, () => tokenOf(grantOf("ada", "budget"), "refresh"));
    await store.issue(tokens, issued);
    const before = await deadlocks();
    const revoke = (on: PostgresStore, order: typeof tokens) => order.map(({ hash }) => on.revokeToken(hash, 1, signedOut("ada")));
    for (let round = 0; round < 20; round++) {
      const won = await Promise.all([...revoke(store, tokens), ...revoke(grace, tokens.toReversed())]);
      expect(won.filter((one) => one)).toHaveLength(40);
      await store.database.all("UPDATE tokens SET revoked_at = NULL");
    }
    await grace.close();
    expect(await deadlocks()).toBe(before);
  });

  it("keep their order where they claim the same, also when they are tried again", async () => {
    const claims = { alone: ["the order"] };
    const append = (letter: string, fails = false) =>
      store.transact(function* () {
        yield* run(
          "INSERT INTO settings (name, value) VALUES ('order', :letter) ON CONFLICT (name) DO UPDATE SET value = settings.value || :letter",
          {
            letter,
          },
        );
        if (fails) throw new Error("no");
      }, claims);
    const fails = store.transact(() => run("INSERT INTO nothing VALUES (1)"));
    const written = [append("a"), append("b"), append("!", true), append("c"), append("d")];
    await Promise.allSettled([fails, ...written]);
    expect(await store.database.get("SELECT value FROM settings WHERE name = 'order'")).toEqual(["abcd"]);
  });

  it("are not held up by many that claim the same", async () => {
    const order: string[] = [];
    const queue = Array.from({ length: 300 }, () =>
      store.transact(() => all("SELECT 1"), { alone: ["crowded"] }).then(() => order.push("crowded")),
    );
    const free = store.transact(() => all("SELECT 1")).then(() => order.push("free"));
    await Promise.all([...queue, free]);
    expect(order.indexOf("free")).toBeLessThan(10);
  });

  it("are answered though a listener throws", async () => {
    const thrown = new Promise((resolve) => {
      const others = process.rawListeners("uncaughtException");
      process.removeAllListeners("uncaughtException").once("uncaughtException", (error) => {
        for (const other of others) process.on("uncaughtException", other as (error: Error) => void);
        resolve(error);
      });
    });
    let isFirst = true;
    store.subscribe(() => {
      if (!isFirst) return;
      isFirst = false;
      throw new Error("a listener's mistake");
    });
    expect(await addBudget("listened")).toBe(2);
    expect(String(await thrown)).toContain("a listener's mistake");
    expect(await store.database.all("SELECT 1 FROM audit_events WHERE subject = 'listened began'")).toHaveLength(1);
  });
});

async function deadlocks(): Promise<unknown> {
  await store.database.all("SELECT pg_stat_force_next_flush()");
  return (await store.database.get("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))?.[0];
}
