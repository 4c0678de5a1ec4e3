import { deepEqual, equal, ok } from "node:assert/strict";
import type { AuditEvent } from "../../audit.ts";
import { hashSecret } from "../../protocol/secret.ts";
import { isActive, type Token } from "../../protocol/token.ts";
import type { Rotation, Store } from "../store.ts";
import { auditContract } from "./audit.ts";
import { agreement, api, clientNamed, day, grantOf, issued, nothing, now, registered, revoked, tokenOf } from "./cast.ts";
import { clientContract } from "./clients.ts";
import { countContract } from "./counts.ts";
import { deliveryContract } from "./deliveries.ts";
import { edgeContract } from "./edges.ts";
import { flowContract } from "./flows.ts";
import { recordContract } from "./records.ts";
import { reportContract } from "./reports.ts";

/** Runs one test: `it` of any test runner. */
export type Test = (name: string, run: () => Promise<void>) => unknown;

/** One requirement, on a store of its own. */
export type Requires = (name: string, run: (store: Store) => Promise<void>) => unknown;

/**
 * The requirements every store must meet. `open` gives an empty store; the suite closes what it opens.
 * @example
 * storeContract(it, () => sqlite(":memory:"));
 */
export function storeContract(test: Test, open: () => Store | Promise<Store>): void {
  const requires: Requires = (name, run) =>
    test(name, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });

  clientContract(requires);
  recordContract(requires);
  auditContract(requires);
  deliveryContract(requires);
  countContract(requires);
  reportContract(requires);
  flowContract(requires);
  edgeContract(requires);

  requires("gives back a client as it was added", async (store) => {
    const secret = { hash: hashSecret("one"), expiresAt: undefined };
    const client = clientNamed("budget", {
      authMethod: "client_secret_basic",
      secrets: [secret, { hash: hashSecret("two"), expiresAt: now }],
      firstParty: true,
      origin: "operator",
    });
    ok(await store.addClient(client, registered("budget")));
    deepEqual(plain(await store.client("budget")), plain(client));
    equal(await store.client("nobody"), undefined);
  });

  requires("spends a registration token once for each use, also when registrations race", async (store) => {
    const hash = hashSecret("registration");
    await store.registrationTokens.add(
      { id: "r1", hash, usesLeft: 2, createdAt: now },
      { at: now, type: "registration_token.created", tokenId: "r1" },
    );
    const added = await Promise.all(["a", "b", "c"].map((id) => store.addClient(clientNamed(id), registered(id), hash)));
    equal(added.filter(Boolean).length, 2);
    equal(await store.registrationTokens.isUsable(hash), false);
    equal((await Promise.all(["a", "b", "c"].map((id) => store.client(id)))).filter(Boolean).length, 2);
    ok(await store.registrationTokens.revoke("r1", { at: now, type: "registration_token.revoked", tokenId: "r1" }));
    equal(await store.registrationTokens.revoke("r1", { at: now, type: "registration_token.revoked", tokenId: "r1" }), false);
    deepEqual(await store.registrationTokens.list(), []);
  });

  requires("lets the first decision on a request stand", async (store) => {
    const decide = (answer: string) =>
      store.decide({ requestId: "q1", answer, expiresAt: now + day }, {
        ...issued,
        type: "consent.denied",
        tier: "named-itself",
        grantId: "q1",
      } as AuditEvent);
    deepEqual(await Promise.all([decide("first"), decide("second")]), ["first", "first"]);
    equal(await decide("third"), "first");
  });

  requires("opens the grant of a code once, with all its tokens", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const attempts = Array.from({ length: 20 }, () => ({
      grant,
      agreement,
      tokens: [tokenOf(grant, "access"), tokenOf(grant, "refresh")],
      firstOfClient: true,
    }));
    const outcomes = await Promise.all(attempts.map((opening) => store.openGrant(opening, issued)));
    equal(outcomes.filter((outcome) => outcome === "opened").length, 1);
    equal(outcomes.filter((outcome) => outcome === "spent").length, 19);
    const found = await Promise.all(attempts.flatMap(({ tokens }) => tokens.map(({ hash }) => store.token(hash))));
    equal(found.filter((token) => token !== undefined).length, 2);
    deepEqual(await store.grant(grant.id), grant);
    equal((await store.client("budget"))?.grantedAt, now);
  });

  requires("voids a code made before its subject disconnected the client, and not one made at the same moment", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    await store.disconnect("ada", "budget", now, { at: now, type: "client.disconnected", clientId: "budget", subject: "ada" });
    const open = (createdAt: number) =>
      store.openGrant({ grant: grantOf("ada", "budget", { createdAt }), agreement, tokens: [], firstOfClient: false }, issued);
    equal(await open(now - 1), "void");
    equal(await open(now), "opened");
  });

  requires("voids a code of a subject who signed out everywhere or is disabled, and of a client that is gone", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    await store.addClient(clientNamed("printer", { disabledAt: now }), registered("printer"));
    await store.voidCodes("ada", now, { at: now, type: "subject.signed_out_everywhere", subject: "ada" });
    await store.disableSubject("grace", now, { at: now, type: "subject.disabled", subject: "grace" });
    const open = (subject: string, clientId: string, createdAt = now - 1) =>
      store.openGrant({ grant: grantOf(subject, clientId, { createdAt }), agreement, tokens: [], firstOfClient: false }, issued);
    equal(await open("ada", "budget"), "void");
    equal(await open("ada", "budget", now), "opened");
    equal(await open("grace", "budget", now), "void");
    equal(await open("linus", "printer"), "void");
    equal(await open("linus", "nobody"), "void");
    await store.disableSubject("grace", undefined, { at: now, type: "subject.enabled", subject: "grace" });
    equal(await open("grace", "budget", now), "opened");
  });

  requires("shows a token with its grant, client and subject, so that one read decides", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const token = tokenOf(grant, "access");
    await store.openGrant({ grant, agreement, tokens: [token], firstOfClient: true }, issued);
    const presented = await store.token(token.hash);
    ok(presented);
    deepEqual(presented.grant, grant);
    equal(presented.client?.name, "Budget app");
    equal(presented.audience, api);
    ok(isActive(presented, now));
    equal(isActive(presented, now + day), false);
    await store.disableSubject("ada", now, { at: now, type: "subject.disabled", subject: "ada" });
    const disabled = await store.token(token.hash);
    ok(disabled);
    equal(isActive(disabled, now), false);
    equal(await store.token(hashSecret("unknown")), undefined);
  });

  requires("rotates a refresh token once, also when many try at the same time", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const refresh = tokenOf(grant, "refresh");
    await store.openGrant({ grant, agreement, tokens: [refresh], firstOfClient: true }, issued);
    const rotation = (): Rotation => ({
      hash: refresh.hash,
      at: now,
      successors: [tokenOf(grant, "access"), tokenOf(grant, "refresh")],
      answer: hashSecret("sealed"),
    });
    const rotations = Array.from({ length: 10 }, rotation);
    const won = await Promise.all(rotations.map((one) => store.rotate(one, issued)));
    equal(won.filter(Boolean).length, 1);
    const spent = await store.token(refresh.hash);
    equal(spent?.spentAt, now);
    deepEqual(plain(spent?.answer), plain(hashSecret("sealed")));
    const successors = await Promise.all(rotations.flatMap(({ successors: tokens }) => tokens.map(({ hash }) => store.token(hash))));
    equal(successors.filter((token) => token !== undefined).length, 2);
  });

  requires("does not rotate under a revoked grant", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const refresh = tokenOf(grant, "refresh");
    const successor = tokenOf(grant, "refresh");
    await store.openGrant({ grant, agreement, tokens: [refresh], firstOfClient: true }, issued);
    ok(await store.revokeGrant(grant.id, now, revoked));
    equal(await store.rotate({ hash: refresh.hash, at: now, successors: [successor], answer: hashSecret("x") }, issued), false);
    equal(await store.token(successor.hash), undefined);
  });

  requires("revokes a grant once, and with it every token", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const token = tokenOf(grant, "access");
    await store.openGrant({ grant, agreement, tokens: [token], firstOfClient: true }, issued);
    deepEqual(await Promise.all([store.revokeGrant(grant.id, now, revoked), store.revokeGrant(grant.id, now, revoked)]), [true, false]);
    const presented = await store.token(token.hash);
    equal(presented !== undefined && isActive(presented, now), false);
    equal(await store.revokeGrant("nothing", now, revoked), false);
  });

  requires("revokes one token and leaves its sisters", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    const [one, other] = [tokenOf(grant, "access"), tokenOf(grant, "access")];
    await store.openGrant({ grant, agreement, tokens: [one, other], firstOfClient: true }, issued);
    ok(await store.revokeToken(one.hash, now, revoked));
    equal(await store.revokeToken(one.hash, now, revoked), false);
    const kept = await store.token(other.hash);
    ok(kept && isActive(kept, now));
  });

  requires("keeps a client's own token, which has no grant", async (store) => {
    await store.addClient(clientNamed("service", { authMethod: "client_secret_basic" }), registered("service"));
    const token: Token = { ...tokenOf(grantOf("", "service"), "access"), grantId: undefined, clientId: "service" };
    await store.issue([token], { ...issued, grantType: "client_credentials" } as AuditEvent);
    const presented = await store.token(token.hash);
    ok(presented && isActive(presented, now));
    equal(presented.client?.id, "service");
    equal(presented.grant, undefined);
  });

  requires("disconnects a client for one subject and nobody else", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    await store.addClient(clientNamed("printer"), registered("printer"));
    const grants = [
      grantOf("ada", "budget"),
      grantOf("ada", "budget", { createdAt: now + 1 }),
      grantOf("ada", "printer"),
      grantOf("grace", "budget"),
    ];
    for (const grant of grants) await store.openGrant({ grant, agreement, tokens: [], firstOfClient: false }, issued);
    equal((await store.connections("ada", now)).length, 3);
    equal(
      await store.disconnect("ada", "budget", now + 2, { at: now, type: "client.disconnected", clientId: "budget", subject: "ada" }),
      2,
    );
    deepEqual(
      (await store.connections("ada", now + 2)).map(({ client }) => client.id),
      ["printer"],
    );
    deepEqual(
      (await store.connections("grace", now + 2)).map(({ client }) => client.id),
      ["budget"],
    );
  });

  requires("lists the live connections of a subject, newest first", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const older = grantOf("ada", "budget", { createdAt: now, endsAt: undefined });
    const newer = grantOf("ada", "budget", { createdAt: now + 5 });
    const ended = grantOf("ada", "budget", { endsAt: now + 1 });
    for (const grant of [older, ended, newer]) await store.openGrant({ grant, agreement, tokens: [], firstOfClient: false }, issued);
    const connections = await store.connections("ada", now + 10);
    deepEqual(
      connections.map(({ grant }) => grant.id),
      [newer.id, older.id],
    );
    const { id, name, origin, firstParty } = clientNamed("budget");
    deepEqual(connections[0]?.client, { id, name, origin, firstParty });
  });

  requires("tells listeners what is durable, and only that", async (store) => {
    const heard: string[] = [];
    store.subscribe((event) => heard.push(event.type));
    await store.addClient(clientNamed("budget"), registered("budget"));
    await store.revokeGrant("nothing", now, revoked);
    await store.record([issued, revoked]);
    deepEqual(heard, ["client.registered", "token.issued", "token.revoked"]);
  });

  requires("keeps the first value of a setting until it is changed", async (store) => {
    deepEqual(await Promise.all([store.setting("key", "one"), store.setting("key", "two")]), ["one", "one"]);
    await store.changeSetting("key", "three");
    equal(await store.setting("key", "four"), "three");
  });

  requires("sweeps decisions and answers that are over, and registrations that led nowhere, and nothing else", async (store) => {
    await store.addClient(clientNamed("unused"), registered("unused"));
    await store.addClient(clientNamed("used"), registered("used"));
    await store.addClient(clientNamed("made", { origin: "operator" }), registered("made"));
    const grant = grantOf("ada", "used");
    const refresh = tokenOf(grant, "refresh");
    await store.openGrant({ grant, agreement, tokens: [refresh], firstOfClient: true }, issued);
    await store.rotate({ hash: refresh.hash, at: now, successors: [], answer: hashSecret("sealed") }, issued);
    await store.decide({ requestId: "q", answer: "done", expiresAt: now }, revoked);
    await store.sweep({ ...nothing, now, answersBefore: now, unusedClientsBefore: now });
    ok((await store.token(refresh.hash))?.answer);
    ok(await store.client("unused"));
    await store.sweep({ ...nothing, now, answersBefore: now + 1, unusedClientsBefore: now + 1 });
    equal((await store.token(refresh.hash))?.answer, undefined);
    equal((await store.token(refresh.hash))?.spentAt, now);
    equal(await store.client("unused"), undefined);
    ok(await store.client("used"));
    ok(await store.client("made"));
    equal(await store.decide({ requestId: "q", answer: "again", expiresAt: now }, revoked), "again");
  });
}

/** Byte strings compare by their content, whatever class an engine gives them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
