import { deepEqual, equal, ok } from "node:assert/strict";
import { hashSecret } from "../../protocol/secret.ts";
import { isActive } from "../../protocol/token.ts";
import { day, issued, nothing, now, personalOf, personalTokenMade, signingKeyOf, tokenOf } from "./cast.ts";
import type { Requires } from "./contract.ts";

/** What a store must do with personal tokens, pushed requests, assertions and signing keys. */
export function recordContract(requires: Requires): void {
  requires("adds personal tokens up to the limit, also when they come at once, and each form's once", async (store) => {
    const wanted = Array.from({ length: 4 }, (_, index) => personalOf("ada", `token ${index}`, { createdAt: now + index }));
    const add = (personal: (typeof wanted)[number]) =>
      store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 3, personalTokenMade(personal));
    const outcomes = await Promise.all(wanted.map(add));
    deepEqual(outcomes, ["added", "added", "added", "full"]);
    equal(await add(wanted[0] ?? personalOf("ada", "")), "repeated");
    const listed = await store.personalTokens.list("ada", now);
    deepEqual(
      listed.map(({ name }) => name),
      ["token 2", "token 1", "token 0"],
    );
    deepEqual(listed[2], wanted[0]);
    deepEqual(await store.personalTokens.list("grace", now), []);
  });

  requires("lets one holder at a time have a lease, until it gives it back or its time is over", async (store) => {
    const outcomes = await Promise.all(["one", "two", "three"].map((holder) => store.lease("background", holder, 60_000)));
    equal(outcomes.filter(Boolean).length, 1);
    const holder = ["one", "two", "three"][outcomes.indexOf(true)] ?? "";
    ok(await store.lease("background", holder, 60_000));
    equal(await store.lease("background", "four", 60_000), false);
    ok(await store.lease("another", "four", 60_000));
    ok(await store.lease("background", holder, 0));
    ok(await store.lease("background", "four", 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    ok(await store.lease("background", holder, 60_000));
    equal(await store.lease("background", "four", 60_000), false);
  });

  requires("shows a personal token without a client, and ends it with its grant", async (store) => {
    const personal = personalOf("ada", "backup script");
    const token = tokenOf(personal.grant, "personal");
    await store.personalTokens.add(personal, token, 3, personalTokenMade(personal));
    const presented = await store.token(token.hash);
    ok(presented !== undefined && isActive(presented, now));
    equal(presented.client, undefined);
    equal(presented.grant?.clientId, undefined);
    ok(await store.revokeGrant(personal.grant.id, now, { ...personalTokenMade(personal) }));
    const revoked = await store.token(token.hash);
    ok(revoked !== undefined && !isActive(revoked, now));
    deepEqual(await store.personalTokens.list("ada", now), []);
    deepEqual(await store.connections("ada", now), []);
  });

  requires("keeps a pushed request until it ends, and tells whether it was decided", async (store) => {
    const request = { id: "p1", clientId: "budget", query: "response_type=code", expiresAt: now + 1000 };
    await store.pushedRequests.add(request);
    deepEqual(await store.pushedRequests.find("p1"), { ...request, isDecided: false });
    equal(await store.pushedRequests.find("p2"), undefined);
    await store.decide({ requestId: "p1", answer: "done", expiresAt: now + day }, issued);
    equal((await store.pushedRequests.find("p1"))?.isDecided, true);
    await store.sweep({ ...nothing, pushedRequestsBefore: now + 999 });
    ok(await store.pushedRequests.find("p1"));
    await store.sweep({ ...nothing, pushedRequestsBefore: now + 1000 });
    equal(await store.pushedRequests.find("p1"), undefined);
  });

  requires("spends an assertion once, also when it comes twice at once", async (store) => {
    const spend = () => store.spendAssertion(hashSecret("assertion"), now + 1000);
    equal((await Promise.all([spend(), spend()])).filter(Boolean).length, 1);
    equal(await spend(), false);
    await store.sweep({ ...nothing, now: now + 1000 });
    equal(await spend(), true);
  });

  requires("replaces the signing keys only where they are still those that were read", async (store) => {
    const first = [signingKeyOf("k1", { signsFrom: now }), signingKeyOf("k2", { createdAt: now + 1 })];
    const [one, two] = await Promise.all([store.changeSigningKeys([], first), store.changeSigningKeys([], [signingKeyOf("k3")])]);
    deepEqual([one, two], [true, false]);
    deepEqual(await store.signingKeys(), first);
    const rotated = { at: now, type: "key.rotated", keyId: "k2", algorithm: "ES256" } as const;
    equal(await store.changeSigningKeys(["k1"], [], rotated), false);
    const next = [
      signingKeyOf("k1", { signsFrom: now, retiredAt: now + 2 }),
      signingKeyOf("k2", { createdAt: now + 1, signsFrom: now + 2 }),
    ];
    equal(await store.changeSigningKeys(["k2", "k1"], next, rotated), true);
    deepEqual(await store.signingKeys(), next);
  });
}
