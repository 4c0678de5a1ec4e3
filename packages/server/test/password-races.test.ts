/** A password is checked, which takes a while; what follows is decided as things are then. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgres } from "vouchsafe/postgres";
import { run, type SqlStore, sqlite } from "vouchsafe/sqlite";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { type Accounts, createAccounts, type Proven } from "../src/accounts.ts";

const password = "a-long-password";
const circumstances = { address: "203.0.113.7", requestId: "r1" };
const day = 86_400_000;
const limits = { idle: day, lifetime: 30 * day };

/** Two nodes on one PostgreSQL, and the one process of a SQLite database. */
const places: readonly (readonly [name: string, open: () => Promise<readonly [SqlStore, SqlStore]>])[] = [
  ["SQLite", async () => sameTwice(sqlite(":memory:"))],
  [
    "PostgreSQL",
    async () => {
      const url = await newDatabase();
      return [await postgres(url), await postgres(url)];
    },
  ],
];

const sameTwice = <Thing>(thing: Thing): readonly [Thing, Thing] => [thing, thing];

describe.each(places)("accounts on two nodes, %s", (_, open) => {
  let stores: readonly [SqlStore, SqlStore];
  let here: Accounts;
  let elsewhere: Accounts;
  let clock = 1_800_000_000_000;
  let behind = 0;
  beforeAll(async () => {
    stores = await open();
    here = await createAccounts(stores[0], limits, () => clock);
    elsewhere = await createAccounts(stores[1], limits, () => clock - behind);
  });
  afterAll(async () => {
    for (const store of new Set(stores)) await store.close();
  });

  let people = 0;
  const somebody = async (isAdmin = false): Promise<Proven> => {
    people++;
    const added = await here.add(`person-${people}@example.com`, password, isAdmin);
    if (added === undefined) throw new Error("the address is taken");
    return added;
  };
  const proofOf = async ({ account }: Proven, word = password): Promise<Proven> => {
    const proven = await here.verify(account.email, word);
    if (proven === undefined) throw new Error("that is not the password");
    return proven;
  };
  const sessionsOf = async ({ account }: Proven): Promise<number> => {
    const row = await stores[0].database.get("SELECT count(*) FROM sessions WHERE account_id = :id", { id: account.id });
    return Number(row?.[0]);
  };

  it("nobody is signed in by a password that was changed while it was checked", async () => {
    const proven = await proofOf(await somebody());
    await elsewhere.setPassword(proven.account.id, "another-password");
    expect(await here.signIn(proven, undefined, circumstances)).toBeUndefined();
    expect(await sessionsOf(proven)).toBe(0);
  });

  it("nobody is signed in whose account was disabled meanwhile, and the browser keeps the session that it had", async () => {
    const other = await proofOf(await somebody());
    const before = await here.signIn(other, undefined, circumstances);
    const proven = await proofOf(await somebody());
    await elsewhere.setDisabled(proven.account.id, true);
    expect(await here.signIn(proven, before, circumstances)).toBeUndefined();
    expect((await here.session(before ?? ""))?.account.id).toBe(other.account.id);
    expect(await sessionsOf(proven)).toBe(0);
  });

  it("a password is changed once by the one that it replaces", async () => {
    const proven = await proofOf(await somebody());
    const changed = await Promise.all([
      here.changePassword(proven, "the-first-new-one"),
      elsewhere.changePassword(proven, "the-second-new-one"),
    ]);
    expect(changed.filter((renewed) => renewed !== undefined)).toHaveLength(1);
    const word = changed[0] === undefined ? "the-second-new-one" : "the-first-new-one";
    expect(await here.signIn(await proofOf(proven, word), undefined, circumstances)).toBeDefined();
  });

  it("no session that an old password began outlives the change, however many begin at once", async () => {
    for (let round = 0; round < 5; round++) {
      const proven = await proofOf(await somebody());
      const begin = (accounts: Accounts) => Array.from({ length: 8 }, () => accounts.signIn(proven, undefined, circumstances));
      await Promise.all([...begin(here), elsewhere.changePassword(proven, "another-password"), ...begin(elsewhere)]);
      const later = new Promise((resolve) => setTimeout(resolve, 10)).then(() => begin(here));
      await Promise.all([elsewhere.setPassword(proven.account.id, "a-third-password"), ...(await later)]);
      expect(await sessionsOf(proven)).toBe(0);
    }
  });

  it("no session outlives that its account was disabled, however many begin at once", async () => {
    for (let round = 0; round < 20; round++) {
      const proven = await somebody();
      const begin = (accounts: Accounts) => Array.from({ length: 8 }, () => accounts.signIn(proven, undefined, circumstances));
      await Promise.all([...begin(here), elsewhere.setDisabled(proven.account.id, true), ...begin(elsewhere)]);
      expect(await sessionsOf(proven)).toBe(0);
    }
  });

  it("an address is one account's, however many ask for it at once", async () => {
    const asked = [here, elsewhere, here, elsewhere].map((accounts, index) => accounts.add("Racing@Example.com", `${password}-${index}`));
    const added = (await Promise.all(asked)).filter((proven) => proven !== undefined);
    expect(added).toHaveLength(1);
    expect((await here.find("racing@example.com"))?.id).toBe(added[0]?.account.id);
  });

  it("somebody is left who may administer, whoever gives up or is disabled at once", async () => {
    for (let round = 0; round < 10; round++) {
      const [one, other] = [await somebody(true), await somebody(true)];
      for (const left of await admins()) if (![one.account.id, other.account.id].includes(left)) await here.setAdmin(left, false);
      const done = await Promise.all([
        here.setAdmin(one.account.id, false),
        round % 2 === 0 ? elsewhere.setDisabled(other.account.id, true) : elsewhere.setAdmin(other.account.id, false),
      ]);
      expect([done.filter(Boolean).length, (await admins()).length]).toEqual([1, 1]);
    }
  });

  const admins = async (): Promise<readonly string[]> => {
    const rows = await stores[0].database.all("SELECT id FROM accounts WHERE is_admin = 1 AND disabled_at IS NULL");
    return rows.map(([id]) => String(id));
  };

  it("a session was seen last when it was seen last, whichever node writes that first", async () => {
    for (let round = 0; round < 10; round++) {
      const proven = await somebody();
      const secret = (await here.signIn(proven, undefined, circumstances)) ?? "";
      clock += day / 2;
      behind = day / 4;
      await Promise.all([here.session(secret), elsewhere.session(secret)]);
      behind = 0;
      // What was begun is written before this is, or with it.
      for (const store of stores) await store.transact(() => run("UPDATE sessions SET seen_at = seen_at"));
      const row = await stores[0].database.get("SELECT seen_at FROM sessions WHERE account_id = :id", { id: proven.account.id });
      expect(row?.[0]).toBe(clock);
    }
  });
});
