import { deepEqual, equal, ok } from "node:assert/strict";
import type { AuditEvent } from "../audit.ts";
import { type ChainSigner, ChainVerifier } from "../protocol/audit-chain.ts";
import { hashSecret } from "../protocol/secret.ts";
import type { Requires } from "./contract.ts";
import { issued, now } from "./contract-cast.ts";
import type { KeptEvent, Store } from "./store.ts";

/** Not a secret, and no keyed hash: what a store does with a signer is the same. */
const signer: ChainSigner = {
  sign: (text) => Buffer.from(hashSecret(text)).toString("base64url"),
  verify: (text, mark) => signer.sign(text) === mark,
};

const signedOut = (at: number): AuditEvent => ({ at, type: "sign_out", subject: "ada" });
const guessed = (at: number): AuditEvent => ({ at, type: "sign_in.failed", reason: "wrong", count: 1 });

const eventOf = ({ text }: KeptEvent): AuditEvent => JSON.parse(text) as AuditEvent;

async function findings(store: Store): Promise<readonly string[]> {
  const verifiers = new Map((await store.audit.heads()).map((head) => [head.chain, new ChainVerifier(head, signer)]));
  for (const { text, link } of await store.audit.read(0, 1000))
    if (link !== undefined) verifiers.get(link.chain)?.read({ ...link, event: text });
  return [...verifiers.values()].flatMap((verifier) => verifier.end().map(({ chain, what }) => `${chain}: ${what}`));
}

/** What a store must do with audit events. */
export function auditContract(requires: Requires): void {
  requires("lists events, the newest first, by type and time, page by page", async (store) => {
    await store.record([signedOut(now), guessed(now + 1), issued, signedOut(now + 2)]);
    const list = async (filter: Partial<Parameters<Store["audit"]["list"]>[0]>) =>
      (await store.audit.list({ most: 10, ...filter })).map(eventOf).map(({ type, at }) => `${type} ${at - now}`);
    deepEqual(await list({}), ["sign_out 2", "token.issued 0", "sign_in.failed 1", "sign_out 0"]);
    deepEqual(await list({ types: ["sign_out"] }), ["sign_out 2", "sign_out 0"]);
    deepEqual(await list({ types: ["sign_out", "sign_in.failed"], from: now + 1, until: now + 2 }), ["sign_in.failed 1"]);
    const [newest] = await store.audit.list({ most: 1 });
    deepEqual(await list({ before: newest?.id ?? 0, most: 2 }), ["token.issued 0", "sign_in.failed 1"]);
  });

  requires("reads events in the order in which they were written, from any of them on", async (store) => {
    await store.record([signedOut(now + 5), signedOut(now)]);
    const all = await store.audit.read(0, 10);
    deepEqual(
      all.map(eventOf).map(({ at }) => at - now),
      [5, 0],
    );
    deepEqual(await store.audit.read(all[0]?.id ?? 0, 10), all.slice(1));
    deepEqual(await store.audit.read(0, 1), all.slice(0, 1));
  });

  requires("writes every event into a chain from when it has a key on, and security events into one of their own", async (store) => {
    await store.record([signedOut(now)]);
    store.audit.signWith(signer);
    await Promise.all([store.record([signedOut(now), guessed(now)]), store.record([signedOut(now)]), store.record([guessed(now)])]);
    const places = (await store.audit.read(0, 10)).map(({ link }) => link && `${link.chain} ${link.position}`);
    equal(places[0], undefined);
    deepEqual(new Set(places.slice(1)), new Set(["main 1", "main 2", "security 1", "security 2"]));
    deepEqual(
      (await store.audit.heads()).map(({ chain, length }) => `${chain} ${length}`),
      ["main 2", "security 2"],
    );
    deepEqual(await findings(store), []);
  });

  requires("leaves nothing in a chain of what did not happen", async (store) => {
    store.audit.signWith(signer);
    await store.record([signedOut(now)]);
    equal(await store.revokeGrant("nothing", now, issued), false);
    ok(await store.record([signedOut(now)]).then(() => true));
    equal((await store.audit.heads())[0]?.length, 2);
    deepEqual(await findings(store), []);
  });
}
