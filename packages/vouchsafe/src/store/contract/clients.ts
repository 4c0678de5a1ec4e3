import { deepEqual, equal, ok } from "node:assert/strict";
import { identityOf } from "../../protocol/client.ts";
import { hashSecret } from "../../protocol/secret.ts";
import { isActive } from "../../protocol/token.ts";
import { agreement, api, clientNamed, day, grantOf, issued, now, registered, tokenOf } from "./cast.ts";
import type { Requires } from "./contract.ts";

/** What a store must do with clients that change and go. */
export function clientContract(requires: Requires): void {
  requires("adds no second client of an id", async (store) => {
    ok(await store.addClient(clientNamed("budget"), registered("budget")));
    equal(await store.addClient(clientNamed("budget", { name: "Another" }), registered("budget")), false);
    equal((await store.client("budget"))?.name, "Budget app");
  });

  requires("lets one of two changes of a client win, and keeps what only others may change", async (store) => {
    await store.addClient(clientNamed("budget", { disabledAt: now }), registered("budget"));
    const client = await store.client("budget");
    ok(client);
    const changed = { at: now, type: "client.changed", clientId: "budget", by: "client" } as const;
    const secrets = [{ hash: hashSecret("one"), expiresAt: undefined }];
    const outcomes = await Promise.all(
      ["First", "Second"].map((name) => store.updateClient({ ...client, name, secrets, disabledAt: undefined }, changed)),
    );
    equal(outcomes.filter(Boolean).length, 1);
    const kept = await store.client("budget");
    ok(kept !== undefined && ["First", "Second"].includes(kept.name));
    equal(kept.secrets.length, 1);
    equal(kept.disabledAt, now);
    equal(kept.revision, client.revision + 1);
    equal(await store.updateClient(clientNamed("nobody"), changed), false);
  });

  requires("keeps who a client was for whoever agreed to that, and for nobody else", async (store) => {
    const was = clientNamed("budget");
    await store.addClient(was, registered("budget"));
    const agreed = { ...agreement, identity: identityOf(was) };
    await store.openGrant({ grant: grantOf("ada", "budget"), agreement: agreed, tokens: [], firstOfClient: false }, issued);
    const evil = { ...was, name: "Evil twin", redirectUris: ["https://evil.example/cb"] };
    await store.updateClient(evil);
    await store.updateClient({ ...evil, name: "Another", revision: was.revision + 1 });
    deepEqual(await store.formerIdentity("budget", identityOf(was)), { name: was.name, redirectUris: was.redirectUris });
    equal(await store.formerIdentity("budget", identityOf(evil)), undefined);
    equal(await store.formerIdentity("budget", "unknown"), undefined);
    equal(await store.formerIdentity("printer", identityOf(was)), undefined);
  });

  requires("tells what a client holds of a subject for the same resources, and what was agreed to last", async (store) => {
    await store.addClient(clientNamed("budget", { createdAt: now - day }), registered("budget"));
    const open = (more: Parameters<typeof grantOf>[2], identity: string) =>
      store.openGrant(
        { grant: grantOf("ada", "budget", more), agreement: { ...agreement, identity }, tokens: [], firstOfClient: false },
        issued,
      );
    await open({ createdAt: now - 3, endsAt: undefined, scope: ["read", "write"] }, "first");
    await open({ createdAt: now - 2, endsAt: now - 1 }, "ended");
    await open({ createdAt: now - 1, resources: [] }, "elsewhere");
    const found = await store.clientFor("budget", "ada", [api], now);
    ok(found);
    deepEqual(found.held, [{ scope: ["read", "write"], endsAt: undefined, identity: "first", redirectUri: agreement.redirectUri }]);
    equal(found.lastAgreed, "elsewhere");
    deepEqual((await store.clientFor("budget", "grace", [api], now))?.held, []);
    equal((await store.clientFor("budget", "grace", [api], now))?.lastAgreed, undefined);
    equal(await store.clientFor("nobody", "ada", [api], now), undefined);
  });

  requires("disables a client and enables it again, and says when there is none", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const event = { at: now, type: "client.disabled", clientId: "budget", by: "operator" } as const;
    ok(await store.disableClient("budget", now, event));
    equal((await store.client("budget"))?.disabledAt, now);
    ok(await store.disableClient("budget", undefined, { ...event, type: "client.enabled" }));
    equal((await store.client("budget"))?.disabledAt, undefined);
    equal(await store.disableClient("nobody", now, event), false);
  });

  requires("deletes a client with all that was granted to it, and nobody else's", async (store) => {
    for (const id of ["budget", "printer"]) await store.addClient(clientNamed(id), registered(id));
    const grants = ["budget", "printer"].map((id) => grantOf("ada", id));
    const tokens = grants.map((grant) => tokenOf(grant, "access"));
    for (const [index, grant] of grants.entries())
      await store.openGrant({ grant, agreement, tokens: tokens.slice(index, index + 1), firstOfClient: true }, issued);
    const own = { ...tokenOf(grantOf("ada", "budget"), "access"), grantId: undefined, clientId: "budget" };
    await store.issue([own], issued);

    const event = { at: now, type: "client.deleted", clientId: "budget", by: "client" } as const;
    ok(await store.deleteClient("budget", now, event));
    equal(await store.deleteClient("budget", now, event), false);
    equal(await store.client("budget"), undefined);
    const [ofBudget, ofPrinter] = await Promise.all(tokens.map(({ hash }) => store.token(hash)));
    ok(ofBudget === undefined || !isActive(ofBudget, now));
    ok(ofPrinter !== undefined && isActive(ofPrinter, now));
    const presented = await store.token(own.hash);
    ok(presented === undefined || !isActive(presented, now));
  });

  requires("voids a code of a client that was deleted and made again", async (store) => {
    await store.addClient(clientNamed("budget", { createdAt: now }), registered("budget"));
    const open = (createdAt: number) =>
      store.openGrant({ grant: grantOf("ada", "budget", { createdAt }), agreement, tokens: [], firstOfClient: false }, issued);
    equal(await open(now - 1), "void");
    equal(await open(now), "opened");
  });

  requires("narrows a live grant that is as it was read, and one of two at once", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget", { scope: ["read", "write"], endsAt: undefined });
    const token = tokenOf(grant, "access");
    await store.openGrant({ grant, agreement, tokens: [token], firstOfClient: true }, issued);
    const narrowed = { at: now, type: "grant.narrowed", clientId: "budget", subject: "ada", grantId: grant.id, scope: ["read"] } as const;
    const narrow = (endsAt: number) => store.narrowGrant(grant, { scope: ["read"], endsAt }, now, narrowed);
    equal((await Promise.all([narrow(now + day), narrow(now + 2 * day)])).filter(Boolean).length, 1);
    deepEqual((await store.token(token.hash))?.grant?.scope, ["read"]);
    equal(await narrow(now + 1), false);
    const kept = await store.grant(grant.id);
    ok(kept?.endsAt !== undefined);
    equal(await store.narrowGrant(kept, { scope: [], endsAt: now }, kept.endsAt, narrowed), false);
  });

  requires("disconnects all of a subject's clients at once, and nobody else's, and shows them as ended", async (store) => {
    for (const id of ["budget", "printer"]) await store.addClient(clientNamed(id, { createdAt: now - day }), registered(id));
    for (const [subject, clientId] of [
      ["ada", "budget"],
      ["ada", "printer"],
      ["grace", "budget"],
    ] as const)
      await store.openGrant({ grant: grantOf(subject, clientId), agreement, tokens: [], firstOfClient: false }, issued);
    const event = { at: now, type: "subject.disconnected_all", subject: "ada" } as const;
    equal(await store.disconnectAll("ada", now + 1, event), 2);
    equal(await store.disconnectAll("ada", now + 2, event), 0);
    deepEqual(await store.connections("ada", now + 2), []);
    equal((await store.connections("grace", now + 2)).length, 1);
    equal((await store.endedConnections("ada", now, now + 2)).length, 2);
    equal((await store.endedConnections("ada", now + 1, now + 2)).length, 0);
    equal((await store.endedConnections("grace", now, now + 30 * day)).length, 1);
    const late = { grant: grantOf("ada", "budget"), agreement, tokens: [], firstOfClient: false };
    equal(await store.openGrant(late, issued), "void");
  });

  requires("keeps in which browser a subject agreed to a connection, and that none was named", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const [named, nameless] = [grantOf("ada", "budget"), grantOf("ada", "budget", { createdAt: now + 1 })];
    await store.openGrant({ grant: named, agreement, tokens: [], firstOfClient: true }, issued);
    await store.openGrant({ grant: nameless, agreement: { ...agreement, browser: undefined }, tokens: [], firstOfClient: false }, issued);
    deepEqual(
      (await store.connections("ada", now)).map(({ browser }) => browser),
      [undefined, { browser: "Firefox", system: "Linux" }],
    );
  });

  requires("notes when grants were used, and never an earlier time", async (store) => {
    await store.addClient(clientNamed("budget"), registered("budget"));
    const grant = grantOf("ada", "budget");
    await store.openGrant({ grant, agreement, tokens: [], firstOfClient: true }, issued);
    equal((await store.connections("ada", now))[0]?.usedAt, undefined);
    await store.noteUses(
      new Map([
        [grant.id, now + day],
        ["unknown", now],
      ]),
    );
    await store.noteUses(new Map([[grant.id, now]]));
    equal((await store.connections("ada", now))[0]?.usedAt, now + day);
  });
}
