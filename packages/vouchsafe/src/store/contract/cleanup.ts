import { deepEqual, equal, ok } from "node:assert/strict";
import { identityOf } from "../../protocol/client.ts";
import { hashSecret } from "../../protocol/secret.ts";
import { isActive, type Token } from "../../protocol/token.ts";
import type { SweepLimits, Swept } from "../cleanup.ts";
import type { Store } from "../store.ts";
import {
  agreement,
  clientNamed,
  day,
  grantOf,
  issued,
  nothing,
  now,
  personalOf,
  personalTokenMade,
  registered,
  revoked,
  sweep,
  tokenOf,
} from "./cast.ts";
import type { Requires } from "./contract.ts";

/** Long after whatever these tests do. */
const late = now + 400 * day;

/** Everything that could be past its time is. */
const everything: SweepLimits = {
  now: late,
  answersBefore: late,
  unusedClientsBefore: late,
  pushedRequestsBefore: late,
  grantsBefore: late,
  codesBefore: late,
  tokensBefore: late,
  revokedTokensBefore: late,
  deliveriesBefore: late,
};

/** What a store must take away, and what it must not. */
export function cleanupContract(requires: Requires): void {
  requires("takes away at most as many rows at once as it is told, of every kind, and says how many", async (store) => {
    for (const index of [1, 2, 3]) await fillWith(store, String(index));
    await store.issue([{ ...tokenOf(grantOf("", ""), "access"), grantId: undefined, clientId: "made", expiresAt: undefined }], issued);
    for (const kind of [
      "decisions",
      "pushedRequests",
      "assertions",
      "refreshAnswers",
      "disconnections",
      "subjects",
      "registrationTokens",
      "deliveries",
      "grants",
      "clients",
    ] as const) {
      const counts = [
        await store.cleanup.sweep(kind, everything, 2),
        await store.cleanup.sweep(kind, everything, 2),
        await store.cleanup.sweep(kind, everything, 2),
      ];
      deepEqual([kind, ...counts], [kind, 2, 1, 0]);
    }
    equal(await store.cleanup.sweep("rateLimits", everything, 2), 0);
  });

  requires("rehearses: says what would be removed, and everything stays", async (store) => {
    for (const index of [1, 2]) await fillWith(store, String(index));
    await store.addClient(clientNamed("another"), registered("another"));
    const expected: Swept = {
      clients: 3,
      grants: 2,
      tokens: 3,
      decisions: 2,
      pushedRequests: 2,
      assertions: 2,
      refreshAnswers: 2,
      disconnections: 2,
      subjects: 2,
      registrationTokens: 2,
      deliveries: 2,
      rateLimits: 0,
    };
    deepEqual(await store.cleanup.count(everything), expected);
    deepEqual(await store.cleanup.count(everything), expected);
    deepEqual(await store.cleanup.count(nothing), Object.fromEntries(Object.keys(expected).map((kind) => [kind, 0])));
  });

  requires("keeps what is not past its time, to the millisecond", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const [ended, ending] = [grantOf("ada", "budget", { endsAt: now + 5 }), grantOf("ada", "budget", { endsAt: undefined })];
    for (const grant of [ended, ending])
      await store.openGrant({ grant, agreement, tokens: [tokenOf(grant, "access")], firstOfClient: true }, issued);
    await store.revokeGrant(ending.id, now + 7, revoked);
    const kept = async (limits: Partial<SweepLimits>) => {
      await sweep(store, { codesBefore: now + 1, ...limits });
      return Promise.all([ended, ending].map(async ({ id }) => (await store.grant(id)) !== undefined));
    };
    deepEqual(await kept({ grantsBefore: now + 5 }), [true, true]);
    deepEqual(await kept({ grantsBefore: now + 6 }), [false, true]);
    deepEqual(await kept({ grantsBefore: now + 7 }), [false, true]);
    deepEqual(await kept({ grantsBefore: late, codesBefore: now }), [false, true]);
    deepEqual(await kept({ grantsBefore: now + 8 }), [false, false]);
  });

  requires("keeps every grant that lives, with its client and its tokens, however old they are", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget", { endsAt: undefined });
    const [access, refresh] = [
      { ...tokenOf(grant, "access"), expiresAt: undefined },
      { ...tokenOf(grant, "refresh"), expiresAt: undefined },
    ];
    await store.openGrant({ grant, agreement, tokens: [access, refresh], firstOfClient: true }, issued);
    const personal = personalOf("ada", "backup script", { endsAt: undefined });
    const own = { ...tokenOf(personal.grant, "personal"), expiresAt: undefined };
    await store.personalTokens.add(personal, own, 3, personalTokenMade(personal));
    const next = { ...tokenOf(grant, "refresh"), expiresAt: undefined };
    await store.rotate({ hash: refresh.hash, at: now, successors: [next], answer: hashSecret("sealed") }, issued);
    await sweep(store, everything);
    for (const { hash } of [access, next, own]) {
      const token = await store.token(hash);
      ok(token !== undefined && isActive(token, late));
    }
    equal((await store.token(refresh.hash))?.spentAt, now);
    ok(await store.client("budget"));
  });

  requires("removes expired and revoked tokens, keeps spent ones until they would have expired, and the newest of all", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget", { endsAt: undefined });
    const [expired, spent, withdrawn] = [
      { ...tokenOf(grant, "access"), expiresAt: now + 10 },
      { ...tokenOf(grant, "refresh"), expiresAt: now + 20 },
      tokenOf(grant, "access"),
    ];
    const newest = { ...tokenOf(grant, "access"), expiresAt: now };
    await store.openGrant({ grant, agreement, tokens: [expired, spent, withdrawn], firstOfClient: true }, issued);
    await store.rotate({ hash: spent.hash, at: now, successors: [newest], answer: hashSecret("sealed") }, issued);
    await store.revokeToken(withdrawn.hash, now + 30, revoked);
    const kept = async (limits: Partial<SweepLimits>) => {
      await sweep(store, limits);
      return Promise.all([expired, spent, withdrawn, newest].map(async ({ hash }) => (await store.token(hash)) !== undefined));
    };
    deepEqual(await kept({ tokensBefore: now + 10, revokedTokensBefore: now + 30 }), [true, true, true, true]);
    deepEqual(await kept({ tokensBefore: now + 11, revokedTokensBefore: now + 30 }), [false, true, true, true]);
    deepEqual(await kept({ tokensBefore: now + 20, revokedTokensBefore: now + 31 }), [false, true, false, true]);
    deepEqual(await kept({ tokensBefore: late }), [false, false, false, true]);
  });

  requires("lets no token live whose grant is gone, and removes it", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget", { endsAt: now + 1 });
    const orphan = { ...tokenOf(grant, "access"), expiresAt: undefined };
    await store.openGrant({ grant, agreement, tokens: [orphan], firstOfClient: true }, issued);
    equal(await store.cleanup.sweep("grants", everything, 9), 1);
    const presented = await store.token(orphan.hash);
    ok(presented !== undefined && !isActive(presented, now));
    equal(presented.grant, undefined);
    equal(await store.rotate({ hash: orphan.hash, at: now, successors: [], answer: hashSecret("sealed") }, issued), false);
    const other = grantOf("grace", "budget");
    await store.openGrant({ grant: other, agreement, tokens: [tokenOf(other, "access")], firstOfClient: false }, issued);
    await sweep(store, {});
    equal(await store.token(orphan.hash), undefined);
  });

  requires("still counts what came to its own end, and finds the events of a grant, once they are removed", async (store) => {
    await store.addClient(clientNamed("budget", { origin: "operator" }), registered("budget"));
    const begin = now - (now % day);
    const [ended, withdrawn] = [grantOf("ada", "budget", { endsAt: begin + 1 }), grantOf("ada", "budget", { endsAt: begin + 1 })];
    for (const grant of [ended, withdrawn])
      await store.openGrant({ grant, agreement, tokens: [], firstOfClient: true }, { ...issued, grantId: grant.id });
    await store.revokeGrant(withdrawn.id, begin, revoked);
    const personal = personalOf("ada", "backup script", { endsAt: begin + day });
    await store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 3, personalTokenMade(personal));
    const own: Token = { ...tokenOf(grantOf("", ""), "access"), grantId: undefined, clientId: "budget", expiresAt: begin + 2 };
    await store.issue([own, tokenOf(ended, "access")], issued);
    const expired = { connections: 1, personalTokens: 1, clientTokens: 1 };
    deepEqual(await store.reports.expired(begin, begin + 2 * day), expired);
    await sweep(store, everything);
    equal(await store.grant(ended.id), undefined);
    equal(await store.token(own.hash), undefined);
    deepEqual(await store.reports.expired(begin, begin + 2 * day), expired);
    deepEqual(await store.reports.expired(begin + day, begin + 2 * day), { connections: 0, personalTokens: 1, clientTokens: 0 });
    const known = await store.reports.counts({ period: day, from: begin, until: begin + 2 * day });
    equal(known.filter(({ at, type }) => at > now || !type.includes(".")).length, 0);
    equal((await store.audit.list({ grantId: ended.id, most: 9 })).length, 1);
  });

  requires("never gives the id of a removed token again", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget", { endsAt: now + 1 });
    const tokens = [tokenOf(grant, "access"), tokenOf(grant, "access"), tokenOf(grant, "access")];
    await store.openGrant({ grant, agreement, tokens, firstOfClient: true }, issued);
    const [before] = (await store.reports.tokens({ most: 1, walk: 9 })).tokens;
    await sweep(store, everything);
    const other = grantOf("grace", "budget");
    await store.openGrant({ grant: other, agreement, tokens: [tokenOf(other, "access")], firstOfClient: false }, issued);
    const [after] = (await store.reports.tokens({ most: 1, walk: 9 })).tokens;
    ok(before !== undefined && after !== undefined && after.id > before.id);
  });

  requires("walks through all tokens, a few at a time, and says where to go on", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const tokens = Array.from({ length: 5 }, (_, index) => ({ ...tokenOf(grant, "access"), expiresAt: now + (index % 2) * day }));
    await store.openGrant({ grant, agreement, tokens, firstOfClient: true }, issued);
    const limits = { ...nothing, tokensBefore: now + 1 };
    const removed: number[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const swept = await store.cleanup.sweepTokens(after, limits, 2);
      removed.push(swept.removed);
      after = swept.next;
    }
    // The fifth one has expired too, and is the newest.
    deepEqual(removed, [1, 1, 0]);
    deepEqual(await Promise.all(tokens.map(async ({ hash }) => (await store.token(hash)) !== undefined)), [false, true, false, true, true]);
  });

  requires("keeps a registration that is disabled, was granted anything, has a token of its own or is an operator's", async (store) => {
    for (const id of ["unused", "disabled", "granted", "service", "worker"]) await store.addClient(clientNamed(id), registered(id));
    await store.addClient(clientNamed("made", { origin: "operator" }), registered("made"));
    await store.disableClient("disabled", now, registered("disabled"));
    const grant = grantOf("ada", "granted", { endsAt: now + 1 });
    await store.openGrant({ grant, agreement, tokens: [], firstOfClient: true }, issued);
    const own = (clientId: string): Token => ({ ...tokenOf(grantOf("", ""), "access"), grantId: undefined, clientId });
    await store.issue([own("service")], issued, "service");
    await store.issue([{ ...own("worker"), expiresAt: undefined }], issued);
    equal((await store.client("service"))?.grantedAt, now);
    await sweep(store, { ...everything, tokensBefore: 0 });
    await sweep(store, everything);
    const ids = ["unused", "disabled", "granted", "service", "worker", "made"];
    deepEqual(await Promise.all(ids.map(async (id) => (await store.client(id)) !== undefined)), [false, true, true, true, true, true]);
  });

  requires("keeps a subject that is disabled, and a mark that voids a code which could still come", async (store) => {
    await store.addClient(clientNamed("budget", { origin: "operator", createdAt: now - 1 }), registered("budget"));
    await store.disableSubject("ada", now, { at: now, type: "subject.disabled", subject: "ada" });
    await store.voidCodes("grace", now, { at: now, type: "subject.signed_out_everywhere", subject: "grace" });
    await store.disconnect("linus", "budget", now, { at: now, type: "client.disconnected", clientId: "budget", subject: "linus" });
    const open = (subject: string) =>
      store.openGrant({ grant: grantOf(subject, "budget", { createdAt: now - 1 }), agreement, tokens: [], firstOfClient: true }, issued);
    await sweep(store, { ...everything, codesBefore: now });
    deepEqual([await open("ada"), await open("grace"), await open("linus")], ["void", "void", "void"]);
    await sweep(store, everything);
    deepEqual([await open("ada"), await open("grace"), await open("linus")], ["void", "opened", "opened"]);
  });

  requires("forgets who a client was once nobody's grant refers to it", async (store) => {
    const client = clientNamed("budget");
    await store.addClient(client, registered("budget"));
    const identity = identityOf(client);
    const [one, other] = [grantOf("ada", "budget", { endsAt: now + 1 }), grantOf("grace", "budget", { endsAt: now + 9 })];
    for (const grant of [one, other])
      await store.openGrant({ grant, agreement: { ...agreement, identity }, tokens: [], firstOfClient: true }, issued);
    await store.updateClient({ ...client, name: "Another app" });
    await sweep(store, { codesBefore: late, grantsBefore: now + 5 });
    equal((await store.formerIdentity("budget", identity))?.name, "Budget app");
    await sweep(store, { codesBefore: late, grantsBefore: now + 10 });
    equal(await store.formerIdentity("budget", identity), undefined);
  });

  requires("forgets deliveries to whoever is subscribed no more, and keeps those of others", async (store) => {
    const types = ["token.issued"] as const;
    store.deliveries.subscribe([
      { name: "old", types },
      { name: "new", types },
    ]);
    await store.record([issued, issued]);
    store.deliveries.subscribe([{ name: "new", types }]);
    await sweep(store, { deliveriesBefore: now });
    equal(await store.deliveries.count(), 4);
    await sweep(store, { deliveriesBefore: now + 1 });
    equal(await store.deliveries.count(), 2);
    equal((await store.deliveries.take("new", now, now + day, 9)).length, 2);
  });
}

/** One row of every kind, each past its time in the end. */
async function fillWith(store: Store, name: string): Promise<void> {
  await store.addClient(clientNamed(`unused ${name}`), registered(name));
  await store.addClient(clientNamed("made", { origin: "operator" }), registered("made"));
  const grant = grantOf(`ada ${name}`, "made", { endsAt: now + 1 });
  const [access, refresh] = [tokenOf(grant, "access"), tokenOf(grant, "refresh")];
  await store.openGrant({ grant, agreement, tokens: [access, refresh], firstOfClient: true }, issued);
  await store.rotate({ hash: refresh.hash, at: now, successors: [], answer: hashSecret(name) }, issued);
  await store.decide({ requestId: name, answer: "done", expiresAt: now }, issued);
  await store.pushedRequests.add({ id: name, clientId: "made", query: "", expiresAt: now });
  await store.spendAssertion(hashSecret(name), now);
  const subject = `grace ${name}`;
  await store.disconnect(subject, "made", now, { at: now, type: "client.disconnected", clientId: "made", subject });
  await store.voidCodes(subject, now, { at: now, type: "subject.signed_out_everywhere", subject });
  await store.registrationTokens.add(
    { id: name, hash: hashSecret(name), usesLeft: 0, createdAt: now },
    { at: now, type: "registration_token.created", tokenId: name },
  );
  store.deliveries.subscribe([{ name: `nobody ${name}`, types: ["token.revoked"] }]);
  await store.record([revoked]);
  store.deliveries.subscribe([]);
}
