import { describe, expect, it } from "vitest";
import { checkConfiguration } from "../src/check-configuration.ts";
import { createKeyring } from "../src/keys/sealing.ts";
import { SigningKeys } from "../src/signing-keys.ts";
import { agreement, clientNamed, day, grantOf, issued, now, registered } from "../src/store/contract/cast.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import { StorageError } from "../src/store/store.ts";
import { Sweeper } from "../src/sweeper.ts";
import { issuer } from "./a-server.ts";
import { rowsOfTransactions } from "./a-sql-store.ts";

/** The most tokens that one pass looks at. */
const looked = 300_000;

const secret = "a secret for tests, longer than 32 bytes";

/** A store, and as many processes that sweep it as are asked for. */
function aStore() {
  const store = sqlite(":memory:");
  const config = checkConfiguration({
    issuer,
    secret,
    store,
    scopes: { read: "Read your notes" },
    signedIn: () => undefined,
    signInUrl: () => "/",
    now: () => now + 2 * day,
  });
  const sweeper = (): Sweeper => new Sweeper({ config, store, signingKeys: new SigningKeys(store, createKeyring([secret])) });
  const count = (table: string): number => Number(store.database.get(`SELECT count(*) FROM ${table}`)?.[0]);
  return { store, sweeper, count };
}

const expire = (store: ReturnType<typeof aStore>["store"], count: number): Promise<void> =>
  store.transact(function* () {
    yield {
      kind: "run",
      statement: `
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
        INSERT INTO spent_assertions (hash, expires_at) SELECT randomblob(32), 1 FROM n`,
      parameters: { count },
    };
  });

describe("the passes of a server that takes away what is past its time", () => {
  it("go on where the last one ended, in whatever process, until all tokens were looked at", async () => {
    const { store, sweeper, count } = aStore();
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget", { endsAt: undefined });
    await store.openGrant({ grant, agreement, tokens: [], firstOfClient: true }, issued);
    // The hundred that come last, but for the newest, have expired.
    await store.transact(function* () {
      yield {
        kind: "run",
        statement: `
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ${looked + 100})
          INSERT INTO tokens (hash, kind, grant_id, scope, issued_at, expires_at)
          SELECT randomblob(32), 'access', :grantId, 'read', :now, CASE WHEN i > ${looked} THEN :now END FROM n`,
        parameters: { grantId: grant.id, now },
      };
    });
    await sweeper().pass();
    expect(count("tokens")).toBe(looked + 101);
    expect(await store.setting("tokens_swept", "")).toBe(String(looked));
    await sweeper().pass();
    expect(count("tokens")).toBe(looked + 1);
    expect(await store.setting("tokens_swept", "")).toBe("0");
    await store.close();
  });

  it("are one at a time in a process, and write nothing where nothing is past its time", async () => {
    const { store, sweeper, count } = aStore();
    const one = sweeper();
    await one.pass(); // it makes the first keys, and the cursor
    await expire(store, 1000);
    const rows = rowsOfTransactions(store);
    await Promise.all([one.pass(), one.pass()]);
    expect(rows.filter((changed) => changed > 0)).toEqual([200, 200, 200, 200, 200]);
    expect(count("spent_assertions")).toBe(0);
    await one.pass();
    expect(rows.reduce((sum, changed) => sum + changed)).toBe(1000);
    await store.close();
  });

  it("end between two transactions where the server closes, and leave the rest to the next one", async () => {
    const { store, sweeper, count } = aStore();
    await expire(store, 10_000);
    const one = sweeper();
    const rows = rowsOfTransactions(store);
    const passing = one.pass();
    while (count("spent_assertions") === 10_000) await new Promise(setImmediate);
    await one.close();
    await passing;
    const left = count("spent_assertions");
    expect(left).toBeGreaterThan(0);
    await new Promise(setImmediate);
    expect(count("spent_assertions")).toBe(left);
    expect(Math.max(...rows)).toBe(200);
    await sweeper().pass();
    expect(count("spent_assertions")).toBe(0);
    await store.close();
  });

  it("fail where the store does, and are tried again", async () => {
    const { store, sweeper } = aStore();
    const one = sweeper();
    await store.close();
    await expect(one.pass()).rejects.toThrow(StorageError);
    await expect(one.pass()).rejects.toThrow(StorageError);
    await one.close();
  });
});
