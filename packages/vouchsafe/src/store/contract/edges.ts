import { deepEqual, equal, ok } from "node:assert/strict";
import { hashSecret } from "../../protocol/secret.ts";
import { clientNamed, now, personalOf, personalTokenMade, registered, tokenOf } from "./cast.ts";
import type { Requires } from "./contract.ts";

/** The texts that an engine could treat as something else. */
const oddTexts = ["💾🏛️🧾", "Größe % _ ! \\ ' \" ; --", "e\u0301 é", "\u202Egnp.exe", "\u{10FFFF}\uFFFF", "\t\r\n", "x".repeat(100_000)];

/** What has no UTF-8, or what an engine cannot keep: nobody is called that. */
const impossibleTexts = ["\0", "ada\0", "\0ada", "\uD800", "ada\uDFFF"];

/** The edges of what can be kept and asked for. */
export function edgeContract(requires: Requires): void {
  requires("keeps every text as it is, and finds it again by exactly that", async (store) => {
    for (const [index, odd] of oddTexts.entries()) {
      const client = clientNamed(`odd ${index}`, { name: odd, metadata: { client_uri: odd }, redirectUris: [odd] });
      ok(await store.addClient(client, registered(client.id)));
      deepEqual((await store.client(client.id))?.metadata, client.metadata);
      equal((await store.client(client.id))?.name, odd);
      const personal = personalOf(odd.slice(0, 500), odd.slice(0, 500));
      equal(await store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 5, personalTokenMade(personal)), "added");
      deepEqual(
        (await store.personalTokens.list(odd.slice(0, 500), now)).map(({ name }) => name),
        [odd.slice(0, 500)],
      );
    }
    deepEqual(await store.personalTokens.list("e\u0301 e\u0301", now), []);
  });

  requires("finds nobody by a text that cannot be kept, and is well afterwards", async (store) => {
    ok(await store.addClient(clientNamed("ada"), registered("ada")));
    const personal = personalOf("ada", "backup");
    equal(await store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 5, personalTokenMade(personal)), "added");
    for (const text of impossibleTexts) {
      equal(await store.client(text), undefined);
      equal(await store.clientFor(text, text, [text], now), undefined);
      equal(await store.grant(text), undefined);
      equal(await store.formerIdentity(text, text), undefined);
      equal(await store.pushedRequests.find(text), undefined);
      deepEqual(await store.personalTokens.list(text, now), []);
      deepEqual(await store.connections(text, now), []);
      deepEqual(await store.reports.clients({ search: text, most: 5 }, now), []);
      deepEqual(await store.audit.list({ subject: text, clientId: text, most: 5 }), []);
      equal(await store.revokeGrant(text, now, registered(text)), false);
    }
    ok(await store.addClient(clientNamed("named", { name: "a\0b\uD800c" }), registered("named")));
    ok((await store.client("named"))?.name.startsWith("a"));
    equal((await store.client("ada"))?.id, "ada");
  });

  requires("takes numbers and times as far as they go", async (store) => {
    ok(await store.addClient(clientNamed("ahead", { createdAt: 10 ** 15, freshUntil: Number.MAX_SAFE_INTEGER }), registered("ahead")));
    const kept = await store.client("ahead");
    deepEqual([kept?.createdAt, kept?.freshUntil], [10 ** 15, Number.MAX_SAFE_INTEGER]);
    deepEqual(await store.connections("ada", -(10 ** 15)), []);
    equal(await store.audit.event(Number.MAX_SAFE_INTEGER), undefined);
    equal(await store.audit.event(-1), undefined);
    equal((await store.audit.list({ from: -(10 ** 15), until: 10 ** 16, most: 5 })).length, 1);
    deepEqual((await store.reports.tokens({ before: Number.MAX_SAFE_INTEGER, most: 5, walk: 5 })).tokens, []);
    equal(await store.revokeListedToken(Number.MAX_SAFE_INTEGER, now, registered("ahead")), false);
    const hash = hashSecret("ends far ahead");
    ok(await store.spendAssertion(hash, 10 ** 15));
    equal(await store.spendAssertion(hash, 10 ** 15), false);
  });

  requires("may be closed twice, as by whoever opened it and whoever used it", async (store) => {
    await store.close();
    await store.close();
  });

  requires("takes lists that are empty", async (store) => {
    const range = { period: 60_000, from: now, until: now + 60_000 } as const;
    deepEqual(await store.reports.busiestClients(range, [], 5), []);
    deepEqual([...(await store.reports.countsOfClients(range, [], []))], []);
    equal((await store.audit.list({ types: [], most: 5 })).length, 0);
  });

  requires("searches for what was typed, of which nothing is a pattern, and folds the letters of ASCII alone", async (store) => {
    const names = ["100% Budget", "100x Budget", "a_b", "axb", "back\\slash", "wow!", "ÄPFEL", "äpfel", "Istanbul", "İstanbul"];
    for (const name of names) ok(await store.addClient(clientNamed(`id of ${name}`, { name, createdAt: now }), registered(name)));
    const found = async (search: string) =>
      (await store.reports.clients({ search, most: 20 }, now)).map(({ client }) => client.name).sort();
    deepEqual(await found("100% b"), ["100% Budget"]);
    deepEqual(await found("A_B"), ["a_b"]);
    deepEqual(await found("k\\s"), ["back\\slash"]);
    deepEqual(await found("W!"), ["wow!"]);
    deepEqual(await found("Äpfel"), ["ÄPFEL"]);
    deepEqual(await found("istan"), ["Istanbul"]);
    deepEqual(await found("%"), ["100% Budget"]);
  });

  requires("orders texts by their bytes, whatever the language of the server", async (store) => {
    const ids = ["b", "B", "a", "Z", "ä", "z", "_", "-", "É", "é", "💾"];
    for (const id of ids) ok(await store.addClient(clientNamed(id, { createdAt: now }), registered(id)));
    const byBytes = [...ids].sort((a, b) => Buffer.compare(Buffer.from(b), Buffer.from(a)));
    const listed = (await store.reports.clients({ most: 20 }, now)).map(({ client }) => client.id);
    deepEqual(listed, byBytes);
    const rest = await store.reports.clients({ after: { createdAt: now, id: "a" }, most: 20 }, now);
    deepEqual(
      rest.map(({ client }) => client.id),
      byBytes.slice(byBytes.indexOf("a") + 1),
    );
  });
}
