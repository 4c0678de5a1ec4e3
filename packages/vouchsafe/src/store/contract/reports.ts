import { deepEqual, equal, ok } from "node:assert/strict";
import { isActive, type Token } from "../../protocol/token.ts";
import type { Store } from "../store.ts";
import { agreement, clientNamed, grantOf, issued, now, personalOf, personalTokenMade, registered, revoked, tokenOf } from "./cast.ts";
import type { Requires } from "./contract.ts";

const ownToken = (clientId: string, issuedAt = now): Token => ({
  ...tokenOf(grantOf("", clientId), "access"),
  grantId: undefined,
  clientId,
  issuedAt,
});

async function connect(store: Store, subject: string, clientId: string, more: Parameters<typeof grantOf>[2] = {}) {
  const grant = grantOf(subject, clientId, more);
  const tokens = [tokenOf(grant, "access"), tokenOf(grant, "refresh")];
  equal(await store.openGrant({ grant, agreement, tokens, firstOfClient: false }, { ...issued, clientId }), "opened");
  return { grant, tokens };
}

/** What a store must be able to tell an operator, and end for one. */
export function reportContract(requires: Requires): void {
  requires("says what is there now, and what came to its own end", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    await store.addClient(clientNamed("backup", { origin: "operator", disabledAt: now }), registered("backup"));
    await connect(store, "ada", "budget");
    await connect(store, "grace", "budget");
    const { grant } = await connect(store, "ada", "budget", { endsAt: now + 5 });
    await store.revokeGrant((await connect(store, "ada", "budget")).grant.id, now, revoked);
    const personal = personalOf("ada", "Backup script");
    await store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 9, personalTokenMade(personal));
    await store.issue([ownToken("budget"), { ...ownToken("budget"), expiresAt: now + 5 }], issued);
    const { clients, connectionsByClient, ...held } = await store.reports.totals(now + 5);
    deepEqual(held, { connections: 2, personalTokens: 1, clientTokens: 1 });
    deepEqual(clients, [
      { origin: "dynamic", isDisabled: false, count: 1 },
      { origin: "operator", isDisabled: true, count: 1 },
    ]);
    deepEqual(connectionsByClient, [{ clientId: "budget", name: "Budget app", count: 2 }]);
    deepEqual(await store.reports.expired(now, now + 6), { connections: 1, personalTokens: 0, clientTokens: 1 });
    deepEqual(await store.reports.expired(now, now + 5), { connections: 0, personalTokens: 0, clientTokens: 0 });
    equal((await store.grant(grant.id))?.revokedAt, undefined);
  });

  requires("lists clients by part of a name or id, origin and state, page by page", async (store) => {
    for (const [id, name, age] of [
      ["a", "Budget_app", 0],
      ["b", "Photo 100% printer", 0],
      ["c", "BUDGET two", 1],
    ] as const)
      await store.addClient(clientNamed(id, { name, createdAt: now + age, origin: age === 0 ? "dynamic" : "operator" }), registered(id));
    await store.disableClient("a", now, registered("a"));
    await connect(store, "ada", "b");
    const list = async (filter: Partial<Parameters<Store["reports"]["clients"]>[0]>) =>
      (await store.reports.clients({ most: 10, ...filter }, now)).map(({ client, connections }) => `${client.id}${connections}`);
    deepEqual(await list({}), ["c0", "b1", "a0"]);
    deepEqual(await list({ search: "budget" }), ["c0", "a0"]);
    deepEqual(await list({ search: "%" }), ["b1"]);
    deepEqual(await list({ search: "_" }), ["a0"]);
    deepEqual(await list({ origin: "operator" }), ["c0"]);
    deepEqual(await list({ isDisabled: true }), ["a0"]);
    deepEqual(await list({ isDisabled: false }), ["c0", "b1"]);
    deepEqual(await list({ id: "b" }), ["b1"]);
    deepEqual(await list({ most: 1 }), ["c0"]);
    deepEqual(await list({ after: { createdAt: now + 1, id: "c" } }), ["b1", "a0"]);
    deepEqual(await list({ after: { createdAt: now, id: "b" } }), ["a0"]);
  });

  requires("lists grants by client, subject, kind and state, page by page", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    await connect(store, "ada", "budget", { id: "g1" });
    await connect(store, "grace", "budget", { id: "g2", createdAt: now + 1 });
    await connect(store, "ada", "budget", { id: "g3", endsAt: now + 5 });
    await store.noteUses(new Map([["g1", now + 60_000]]));
    const personal = personalOf("ada", "Backup script", { id: "g4", createdAt: now + 2 });
    await store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 9, personalTokenMade(personal));
    const list = async (filter: Partial<Parameters<Store["reports"]["grants"]>[0]>) =>
      (await store.reports.grants({ most: 10, ...filter }, now + 5)).map(({ grant }) => grant.id);
    deepEqual(await list({}), ["g4", "g2", "g3", "g1"]);
    deepEqual(await list({ clientId: "budget", subject: "ada" }), ["g3", "g1"]);
    deepEqual(await list({ kind: "personal" }), ["g4"]);
    deepEqual(await list({ kind: "connection", isLive: true }), ["g2", "g1"]);
    deepEqual(await list({ isLive: false }), ["g3"]);
    deepEqual(await list({ after: { createdAt: now + 1, id: "g2" }, most: 1 }), ["g3"]);
    const [used] = await store.reports.grants({ id: "g1", most: 1 }, now);
    deepEqual([used?.name, used?.usedAt], ["Budget app", now + 60_000]);
    equal((await store.reports.grants({ id: "g4", most: 1 }, now))[0]?.name, "Backup script");
    equal((await store.reports.clients({ id: "budget", most: 1 }, now))[0]?.usedAt, now + 60_000);
  });

  requires("lists tokens without their hashes, and looks at no more of them than it may", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const { grant } = await connect(store, "ada", "budget");
    await store.issue([ownToken("budget")], issued);
    const all = await store.reports.tokens({ most: 10, walk: 10 });
    deepEqual(
      all.tokens.map(({ kind, clientId, subject }) => [kind, clientId, subject]),
      [
        ["access", "budget", undefined],
        ["refresh", "budget", "ada"],
        ["access", "budget", "ada"],
      ],
    );
    ok(all.tokens.every((token) => !("hash" in token)));
    equal(all.next, all.tokens.at(-1)?.id);
    deepEqual(await store.reports.tokens({ before: all.next ?? 0, most: 10, walk: 10 }), { tokens: [], next: undefined });
    const ids = async (filter: Partial<Parameters<Store["reports"]["tokens"]>[0]>) =>
      (await store.reports.tokens({ most: 10, walk: 10, ...filter })).tokens.map(({ id }) => id);
    const [own, refresh, access] = all.tokens.map(({ id }) => id);
    deepEqual(await ids({ grantId: grant.id }), [refresh, access]);
    deepEqual(await ids({ subject: "ada", kind: "access" }), [access]);
    deepEqual(await ids({ clientId: "budget" }), [own, refresh, access]);
    const short = await store.reports.tokens({ grantId: grant.id, most: 10, walk: 1 });
    deepEqual([short.tokens, short.next], [[], own]);
  });

  requires("ends one listed token, once", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const { tokens } = await connect(store, "ada", "budget");
    const [refresh] = (await store.reports.tokens({ kind: "refresh", most: 1, walk: 9 })).tokens;
    equal(await store.revokeListedToken(refresh?.id ?? 0, now, revoked), true);
    equal(await store.revokeListedToken(refresh?.id ?? 0, now, revoked), false);
    equal(await store.revokeListedToken(999, now, revoked), false);
    const active = await Promise.all(tokens.map(async ({ hash }) => isActive((await store.token(hash)) ?? fail(), now)));
    deepEqual(active, [true, false]);
  });

  requires("ends whatever a client has: connections, its own tokens, and codes on their way", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    await store.addClient(clientNamed("printer"), registered("printer"));
    await connect(store, "ada", "budget");
    await connect(store, "ada", "budget");
    const { tokens } = await connect(store, "grace", "budget");
    const other = await connect(store, "grace", "printer");
    const own = ownToken("budget");
    await store.issue([own], issued);
    const expected = { people: 2, connections: 3, personalTokens: 0, clientTokens: 1 };
    deepEqual(await store.reports.reach({ clientId: "budget" }, now), expected);
    const event = { at: now + 1, type: "client.revoked", clientId: "budget" } as const;
    const seen: unknown[] = [];
    const end = () =>
      store.revokeClient("budget", now + 1, (reach) => {
        seen.push(reach);
        return { ...event, connections: reach.connections };
      });
    deepEqual(await end(), expected);
    deepEqual(seen, [expected]);
    const isActiveAt = async (token: Token) => isActive((await store.token(token.hash)) ?? fail(), now + 2);
    deepEqual(await Promise.all([own, ...tokens, ...other.tokens].map(isActiveAt)), [false, false, false, true, true]);
    const underway = grantOf("ada", "budget");
    const opening = { agreement, tokens: [], firstOfClient: false };
    equal(await store.openGrant({ ...opening, grant: underway }, issued), "void");
    equal(await store.openGrant({ ...opening, grant: grantOf("ada", "budget", { createdAt: now + 1 }) }, issued), "opened");
    const later = ownToken("budget", now + 2);
    await store.issue([later], issued);
    equal(await isActiveAt(later), true);
    // By a clock that was set back: nothing that was ended begins again.
    await store.revokeClient("budget", now - 1, (reach) => ({ ...event, connections: reach.connections }));
    equal(await isActiveAt(own), false);
    equal(await store.revokeClient("nobody", now, () => event as never), undefined);
    const [last] = await store.audit.list({ types: ["client.revoked"], most: 1 });
    deepEqual(JSON.parse(last?.text ?? ""), { ...event, connections: 1 });
  });

  requires("ends whatever a subject gave: connections, personal tokens, and codes on their way", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const { tokens } = await connect(store, "ada", "budget");
    const personal = personalOf("ada", "Backup script");
    const personalToken = tokenOf(personal.grant, "personal");
    await store.personalTokens.add(personal, personalToken, 9, personalTokenMade(personal));
    const grace = await connect(store, "grace", "budget");
    const expected = { people: 1, connections: 1, personalTokens: 1, clientTokens: 0 };
    deepEqual(await store.reports.reach({ subject: "ada" }, now), expected);
    const reach = await store.revokeSubject("ada", now + 1, ({ connections, personalTokens }) => ({
      at: now + 1,
      type: "subject.revoked",
      subject: "ada",
      connections,
      personalTokens,
    }));
    deepEqual(reach, expected);
    const isActiveAt = async (token: Token) => isActive((await store.token(token.hash)) ?? fail(), now + 2);
    deepEqual(await Promise.all([...tokens, personalToken, ...grace.tokens].map(isActiveAt)), [false, false, false, true, true]);
    const opening = { agreement, tokens: [], firstOfClient: false };
    equal(await store.openGrant({ ...opening, grant: grantOf("ada", "budget") }, issued), "void");
    deepEqual(await store.reports.reach({ subject: "ada" }, now + 2), { people: 0, connections: 0, personalTokens: 0, clientTokens: 0 });
  });

  requires("says what ending a grant would end", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const { grant } = await connect(store, "ada", "budget");
    deepEqual(await store.reports.reach({ grantId: grant.id }, now), { people: 1, connections: 1, personalTokens: 0, clientTokens: 0 });
    await store.revokeGrant(grant.id, now, revoked);
    deepEqual(await store.reports.reach({ grantId: grant.id }, now), { people: 0, connections: 0, personalTokens: 0, clientTokens: 0 });
  });
}

const fail = (): never => {
  throw new Error("there is no such token");
};
