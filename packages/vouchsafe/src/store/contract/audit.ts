import { deepEqual, equal, ok } from "node:assert/strict";
import type { AuditEvent } from "../../audit.ts";
import { type ChainHead, type ChainSigner, ChainVerifier } from "../../protocol/audit-chain.ts";
import { hashSecret } from "../../protocol/secret.ts";
import type { EventFilter, KeptEvent, Store } from "../store.ts";
import { agreement, clientNamed, grantOf, issued, now, registered } from "./cast.ts";
import type { Requires } from "./contract.ts";

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
    const places = (await store.audit.read(0, 10)).map(({ link }) => link && `${kindOf(link.chain)} ${link.position}`);
    equal(places[0], undefined);
    deepEqual(new Set(places.slice(1)), new Set(["main 1", "main 2", "security 1", "security 2"]));
    deepEqual(
      (await usedHeads(store)).map(({ chain, length }) => `${kindOf(chain)} ${length}`),
      ["main 2", "security 2"],
    );
    deepEqual(await findings(store), []);
  });

  requires("finds what events are about: client, subject, grant and flow", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    await store.openGrant({ grant, agreement, tokens: [], firstOfClient: false }, { ...issued, grantId: grant.id, flowId: "f1" });
    await store.record([{ ...signedOut(now), flowId: "f2" }]);
    const list = async (filter: Partial<EventFilter>) =>
      (await store.audit.list({ most: 10, ...filter })).map(eventOf).map(({ type }) => type);
    deepEqual(await list({ clientId: "budget" }), ["token.issued", "client.registered"]);
    deepEqual(await list({ subject: "ada" }), ["sign_out", "token.issued"]);
    deepEqual(await list({ subject: "ada", clientId: "budget" }), ["token.issued"]);
    deepEqual(await list({ grantId: grant.id }), ["token.issued"]);
    deepEqual(await list({ flowId: "f2" }), ["sign_out"]);
    deepEqual(await list({ flowId: "f2", types: ["token.issued", "sign_in.failed"] }), []);
    deepEqual(await list({ after: 0, most: 2 }), ["client.registered", "token.issued"]);
    deepEqual(await list({ after: 2 }), ["sign_out"]);
    const [newest] = await store.audit.list({ most: 1 });
    deepEqual(await store.audit.event(newest?.id ?? 0), newest);
    equal(await store.audit.event(999), undefined);
  });

  requires("cuts the oldest of a chain, no further than the first that is kept, and the chain still holds", async (store) => {
    store.audit.signWith(signer);
    await store.record([signedOut(now), guessed(now), signedOut(now + 1), signedOut(now + 5), signedOut(now + 2), signedOut(now + 9)]);
    const [main = "", security = ""] = (await usedHeads(store)).map(({ chain }) => chain);
    equal(await store.audit.countOlder(main, now + 5), 3);
    equal(await store.audit.cut(main, now + 5, 1), 1);
    equal(await store.audit.cut(main, now + 5, 10), 1);
    equal(await store.audit.cut(main, now + 5, 10), 0);
    const times = async () => (await store.audit.read(0, 10)).map(eventOf).map(({ at, type }) => `${type} ${at - now}`);
    deepEqual(await times(), ["sign_in.failed 0", "sign_out 5", "sign_out 2", "sign_out 9"]);
    deepEqual(await findings(store), []);
    equal(await store.audit.cut(main, now + 99, 10), 3);
    equal(await store.audit.cut(security, now + 99, 10), 1);
    deepEqual(await times(), []);
    await store.record([signedOut(now + 10)]);
    deepEqual(await findings(store), []);
    deepEqual(
      (await usedHeads(store)).map(({ chain, length, cut }) => `${kindOf(chain)} ${length} ${cut}`),
      ["main 6 5", "security 1 1"],
    );
  });

  requires("leaves nothing in a chain of what did not happen", async (store) => {
    store.audit.signWith(signer);
    await store.record([signedOut(now)]);
    equal(await store.revokeGrant("nothing", now, issued), false);
    ok(await store.record([signedOut(now)]).then(() => true));
    equal((await usedHeads(store))[0]?.length, 2);
    deepEqual(await findings(store), []);
  });
}

/** A store of several writers has several chains of each kind. */
const kindOf = (chain: string): string => chain.replace(/ \d+$/, "");

const usedHeads = async ({ audit }: Store): Promise<readonly ChainHead[]> => (await audit.heads()).filter(({ length }) => length > 0);
