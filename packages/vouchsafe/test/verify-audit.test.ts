import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { createKeyring } from "../src/keys/sealing.ts";
import type { ChainSigner } from "../src/protocol/audit-chain.ts";
import { type SqliteStore, sqlite } from "../src/store/sqlite.ts";
import { verifyAudit } from "../src/verify-audit.ts";

const keys = createKeyring(["a secret for tests, longer than 32 bytes"]);
const signer: ChainSigner = { sign: (text) => keys.sign("audit", text), verify: (text, mark) => keys.verify("audit", text, mark) };

const signedOut = (at: number): AuditEvent => ({ at, type: "sign_out", subject: "ada" });

function storeWithChains(): SqliteStore {
  const store = sqlite(":memory:");
  store.audit.signWith(signer);
  return store;
}

const found = async (store: Pick<SqliteStore, "audit">) =>
  (await verifyAudit(store, signer)).findings.map(({ chain, position, what }) => `${chain} ${position} ${what}`);

describe("verifying the audit", () => {
  it("finds what was inserted far behind the end of a chain, or into a chain that there is not", async () => {
    const store = storeWithChains();
    await store.record([signedOut(1)]);
    const insert = (chain: string) =>
      store.transact((transaction) =>
        transaction.run(
          "INSERT INTO audit_events (at, type, event, chain, position, mark) VALUES (1, 'sign_out', '{}', :chain, 99, 'forged')",
          { chain },
        ),
      );
    await insert("main");
    await insert("another");
    expect(await found(store)).toEqual(["main 99 inserted", "another 99 inserted"]);
    await store.close();
  });

  it("finds nothing where events are written, or retention cuts them, while it reads", async () => {
    const store = storeWithChains();
    await store.record([signedOut(1), signedOut(2), signedOut(9)]);
    let isFirst = true;
    const heads = async () => {
      const before = await store.audit.heads();
      if (isFirst) {
        isFirst = false;
        await store.audit.cut("main", 5, 10);
        await store.record([signedOut(10), { at: 10, type: "sign_in.failed", reason: "wrong", count: 1 }]);
      }
      return before;
    };
    const read = (after: number, most: number) => store.audit.read(after, most);
    expect(await found({ audit: { ...store.audit, heads, read } as SqliteStore["audit"] })).toEqual([]);
    await store.close();
  });
});
