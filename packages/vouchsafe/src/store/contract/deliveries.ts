import { deepEqual, equal } from "node:assert/strict";
import type { AuditEvent } from "../../audit.ts";
import type { ChainSigner } from "../../protocol/audit-chain.ts";
import { hashSecret } from "../../protocol/secret.ts";
import type { Delivery } from "../deliveries.ts";
import type { Store } from "../store.ts";
import { issued, now } from "./cast.ts";
import type { Requires } from "./contract.ts";

const minute = 60_000;
const guessed = (at: number): AuditEvent => ({ at, type: "sign_in.failed", reason: "wrong", count: 1 });
const signedOut = (at: number): AuditEvent => ({ at, type: "sign_out", subject: "ada" });
const guard = { name: "guard", types: ["sign_in.failed"] } as const;
const everything = { name: "everything", types: ["sign_in.failed", "sign_out"] } as const;

/** Not a secret: a store cuts only what stands in a chain. */
const signer: ChainSigner = {
  sign: (text) => Buffer.from(hashSecret(text)).toString("base64url"),
  verify: (text, mark) => signer.sign(text) === mark,
};

const take = ({ deliveries }: Store, name: string, at: number, most = 10): Promise<readonly Delivery[]> =>
  deliveries.take(name, at, at + minute, most);

const eventOf = ({ event }: Delivery): AuditEvent => JSON.parse(event) as AuditEvent;

/** What a store must do with events on their way to somebody. */
export function deliveryContract(requires: Requires): void {
  requires("has every event delivered to whoever subscribed to its type, and nobody else's", async (store) => {
    await store.record([guessed(now)]);
    store.deliveries.subscribe([guard, everything]);
    await store.record([guessed(now), signedOut(now + 1), issued]);
    equal(await store.deliveries.count(), 3);
    deepEqual((await take(store, "guard", now + 1)).map(eventOf), [guessed(now)]);
    deepEqual((await take(store, "everything", now + 1)).map(eventOf), [guessed(now), signedOut(now + 1)]);
    deepEqual(await take(store, "nobody", now + 1), []);
  });

  requires("keeps no delivery of what did not happen", async (store) => {
    store.deliveries.subscribe([everything]);
    equal(await store.revokeGrant("nothing", now, signedOut(now)), false);
    equal(await store.deliveries.count(), 0);
  });

  requires("gives a delivery to one who takes it, and again later to another, counting attempts", async (store) => {
    store.deliveries.subscribe([guard]);
    await store.record([guessed(now), guessed(now)]);
    const taken = await Promise.all([take(store, "guard", now, 1), take(store, "guard", now, 1), take(store, "guard", now, 1)]);
    deepEqual(
      taken.map(({ length }) => length).sort((a, b) => a - b),
      [0, 1, 1],
    );
    equal(new Set(taken.flat().map(({ eventId }) => eventId)).size, 2);
    deepEqual(await take(store, "guard", now + minute - 1), []);
    deepEqual(
      (await take(store, "guard", now + minute)).map(({ attempts }) => attempts),
      [1, 1],
    );
  });

  requires("gives what is due, the oldest first, at most so many", async (store) => {
    store.deliveries.subscribe([guard]);
    await store.record([guessed(now + 2), guessed(now), guessed(now + 1), guessed(now + 9)]);
    deepEqual(
      (await take(store, "guard", now + 5, 2)).map(eventOf).map(({ at }) => at - now),
      [0, 1],
    );
    deepEqual(
      (await take(store, "guard", now + 5, 2)).map(eventOf).map(({ at }) => at - now),
      [2],
    );
  });

  requires("forgets what arrived, for the one to whom it arrived, and puts off what did not", async (store) => {
    store.deliveries.subscribe([guard, everything]);
    await store.record([guessed(now)]);
    const [delivery] = await take(store, "guard", now);
    if (delivery === undefined) throw new Error("nothing was due");
    await store.deliveries.postpone(delivery, now + 10);
    deepEqual(await take(store, "guard", now + 9), []);
    equal((await take(store, "guard", now + 10)).length, 1);
    await store.deliveries.done(delivery);
    equal(await store.deliveries.count(), 1);
    deepEqual(await take(store, "guard", now + 2 * minute), []);
    equal((await take(store, "everything", now)).length, 1);
  });

  requires("forgets deliveries of events that are not kept any more", async (store) => {
    store.audit.signWith(signer);
    store.deliveries.subscribe([everything]);
    await store.record([signedOut(now), guessed(now), signedOut(now + 5)]);
    equal(await store.audit.cut((await store.audit.heads()).find(({ length }) => length > 0)?.chain ?? "", now + 1, 10), 1);
    equal(await store.deliveries.count(), 2);
    equal((await take(store, "everything", now + 5)).length, 2);
  });
}
