import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { createKeyring } from "../src/keys/sealing.ts";
import type { ChainSigner } from "../src/protocol/audit-chain.ts";
import { postgres } from "../src/store/postgres/postgres.ts";
import { run } from "../src/store/sql/database.ts";
import type { SqlStore } from "../src/store/sql/store.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import { verifyAudit } from "../src/verify-audit.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

const keys = createKeyring(["a secret for tests, longer than 32 bytes"]);
const signer: ChainSigner = { sign: (text) => keys.sign("audit", text), verify: (text, mark) => keys.verify("audit", text, mark) };

const signedOut = (at: number): AuditEvent => ({ at, type: "sign_out", subject: "ada" });

/** Of several pairs of chains a process of PostgreSQL writes to one: its number is left out. */
const found = async (store: Pick<SqlStore, "audit">) =>
  (await verifyAudit(store, signer)).findings.map(({ chain, position, what }) => `${chain.replace(/ \d+$/, "")} ${position} ${what}`);

/** The chain of this kind that is written to. */
async function chainOf({ audit }: SqlStore, kind: "main" | "security"): Promise<string> {
  const chains = (await audit.read(0, 10)).map(({ link }) => link?.chain ?? "");
  return chains.find((chain) => chain.startsWith(kind)) ?? "";
}

const engines: Readonly<Record<string, () => SqlStore | Promise<SqlStore>>> = {
  SQLite: () => sqlite(":memory:"),
  PostgreSQL: async () => postgres(await newDatabase()),
};

describe.each(Object.entries(engines))("verifying the audit on %s", (_, open) => {
  async function storeWithChains(): Promise<SqlStore> {
    const store = await open();
    store.audit.signWith(signer);
    return store;
  }

  it("finds what was inserted far behind the end of a chain, or into a chain that there is not", async () => {
    const store = await storeWithChains();
    await store.record([signedOut(1)]);
    const insert = (chain: string) =>
      store.transact(() =>
        run("INSERT INTO audit_events (at, type, event, chain, position, mark) VALUES (1, 'sign_out', '{}', :chain, 99, 'forged')", {
          chain,
        }),
      );
    await insert(await chainOf(store, "main"));
    await insert("another");
    expect(await found(store)).toEqual(["main 99 inserted", "another 99 inserted"]);
    await store.close();
  });

  it("finds nothing where events are written, or retention cuts them, while it reads", async () => {
    const store = await storeWithChains();
    await store.record([signedOut(1), signedOut(2), signedOut(9)]);
    const chain = await chainOf(store, "main");
    let isFirst = true;
    const heads = async () => {
      const before = await store.audit.heads();
      if (isFirst) {
        isFirst = false;
        await store.audit.cut(chain, 5, 10);
        await store.record([signedOut(10), { at: 10, type: "sign_in.failed", reason: "wrong", count: 1 }]);
      }
      return before;
    };
    const read = (after: number, most: number) => store.audit.read(after, most);
    expect(await found({ audit: { ...store.audit, heads, read } as SqlStore["audit"] })).toEqual([]);
    await store.close();
  });

  it("finds a chain that was taken away whole, also once new events came", async () => {
    const store = await storeWithChains();
    const guessed: AuditEvent = { at: 1, type: "sign_in.failed", reason: "wrong", count: 1 };
    await store.record([signedOut(1), guessed]);
    const chain = await chainOf(store, "security");
    await store.transact(function* () {
      yield* run("DELETE FROM audit_events WHERE chain = :chain", { chain });
      yield* run("DELETE FROM audit_chains WHERE chain = :chain", { chain });
    });
    expect(await found(store)).toEqual(["security 0 removed"]);
    await store.record([guessed]);
    expect(await found(store)).toEqual(["security 0 head altered"]);
    await store.close();
  });

  it("finds a head that somebody moved back, also once new events came", async () => {
    const store = await storeWithChains();
    await store.record([signedOut(1), signedOut(2)]);
    const chain = await chainOf(store, "main");
    await store.transact(function* () {
      yield* run("DELETE FROM audit_events WHERE position = 2");
      yield* run("UPDATE audit_chains SET length = 1, mark = (SELECT mark FROM audit_events) WHERE chain = :chain", { chain });
    });
    expect(await found(store)).toEqual(["main 0 head altered"]);
    await store.record([signedOut(3)]);
    expect(await found(store)).toContain("main 0 head altered");
    await store.close();
  });

  it.each(["type = 'sign_in.succeeded'", "at = 7", "subject = 'grace'", "count = 9", "detail = 'x'", "client_id = 'x'", "flow_id = 'x'"])(
    "finds where an event was filed as something else: %s",
    async (altered) => {
      const store = await storeWithChains();
      await store.record([signedOut(1), signedOut(2)]);
      await store.transact(() => run(`UPDATE audit_events SET ${altered} WHERE position = 2`));
      expect(await found(store)).toEqual(["main 2 altered"]);
      await store.close();
    },
  );

  it("keeps what was made to look old, and says that it was altered", async () => {
    const store = await storeWithChains();
    await store.record([signedOut(1000), signedOut(2000)]);
    const chain = await chainOf(store, "main");
    await store.transact(() => run("UPDATE audit_events SET at = 7"));
    expect(await store.audit.cut(chain, 500, 10)).toBe(0);
    await store.transact(() => run(`UPDATE audit_events SET event = replace(event, '1000', '7')`));
    await expect(store.audit.cut(chain, 500, 10)).rejects.toThrow("altered");
    expect(await store.audit.read(0, 10)).toHaveLength(2);
    await store.close();
  });

  it("forgets events from before there were chains when their time is over", async () => {
    const store = await open();
    await store.record([signedOut(1), signedOut(9)]);
    expect(await store.audit.removeUnchained(5, 10)).toBe(1);
    expect(await store.audit.read(0, 10)).toHaveLength(1);
    await store.close();
  });
});
