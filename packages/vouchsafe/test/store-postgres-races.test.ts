/** Two processes of one PostgreSQL that do the same, or its contrary, at the same moment: one of them comes first. */
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { mintIdentifier } from "../src/protocol/secret.ts";
import { isActive } from "../src/protocol/token.ts";
import {
  agreement,
  api,
  clientNamed,
  grantOf,
  issued,
  nothing,
  now,
  personalOf,
  personalTokenMade,
  registered,
  revoked,
  signingKeyOf,
  tokenOf,
} from "../src/store/contract/cast.ts";
import { type PostgresStore, postgres } from "../src/store/postgres/postgres.ts";
import type { Opening, Store } from "../src/store/store.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

let url: string;
let ada: PostgresStore;
let grace: PostgresStore;

beforeAll(async () => {
  url = await newDatabase();
  [ada, grace] = await Promise.all([postgres(url), postgres(url)]);
});
afterAll(() => Promise.all([ada.close(), grace.close()]));

/** Many at once, so that some of them meet. */
const rounds = <Result>(count: number, round: (number: number) => Promise<Result>): Promise<readonly Result[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => round(number)));

const at = now + 1;

const openingOf = (subject: string, clientId: string, more: Partial<Opening> = {}): Opening => {
  const grant = grantOf(subject, clientId);
  return { grant, agreement, tokens: [tokenOf(grant, "access"), tokenOf(grant, "refresh")], firstOfClient: true, ...more };
};

/** Whether a token of the grant would be accepted. */
async function isAccepted({ tokens: [token] }: Opening): Promise<boolean> {
  const presented = token && (await ada.token(token.hash));
  return presented !== undefined && isActive(presented, at);
}

const endings: Readonly<Record<string, (store: Store, subject: string, clientId: string) => Promise<unknown>>> = {
  disconnect: (store, subject, clientId) => store.disconnect(subject, clientId, at, revoked),
  "disconnect all": (store, subject) => store.disconnectAll(subject, at, revoked),
  "revoke the subject": (store, subject) => store.revokeSubject(subject, at, () => revoked),
  "revoke the client": (store, _, clientId) => store.revokeClient(clientId, at, () => revoked),
  "delete the client": (store, _, clientId) => store.deleteClient(clientId, at, revoked),
};

describe("two processes of one PostgreSQL", () => {
  it.each(Object.entries(endings))("leave no grant live that is opened while they %s", async (name, end) => {
    const outcomes = await rounds(150, async (number) => {
      const [subject, clientId] = [`${name} ${number}`, `${name} ${number} app`];
      await ada.addClient(clientNamed(clientId), registered(clientId));
      const opening = openingOf(subject, clientId);
      const ended = number % 2 === 0 ? end(grace, subject, clientId) : undefined;
      const opened = ada.openGrant(opening, issued);
      // However the others meet, some are opened before.
      if (number % 10 === 1) await opened;
      const [outcome] = await Promise.all([opened, ended ?? end(grace, subject, clientId)]);
      expect(await isAccepted(opening)).toBe(false);
      return outcome;
    });
    expect(outcomes).toContain("opened");
  });

  it.each<[string, (store: Store, subject: string, clientId: string) => Promise<unknown>]>([
    ["disable the subject", (store, subject) => store.disableSubject(subject, at, revoked)],
    ["void codes", (store, subject) => store.voidCodes(subject, at, revoked)],
    ["disable the client", (store, _, clientId) => store.disableClient(clientId, at, revoked)],
  ])("open no grant once it is said that they %s", async (name, end) => {
    await rounds(150, async (number) => {
      const [subject, clientId] = [`${name} ${number}`, `${name} ${number} app`];
      await ada.addClient(clientNamed(clientId), registered(clientId));
      let isEnded = false;
      const ending = end(grace, subject, clientId).then(() => {
        isEnded = true;
      });
      const opening = openingOf(subject, clientId);
      const wasEnded = isEnded;
      const outcome = await ada.openGrant(opening, issued);
      await ending;
      expect(wasEnded && outcome === "opened").toBe(false);
      expect(await ada.openGrant(openingOf(subject, clientId), issued)).toBe("void");
    });
  });

  it("open the first grant of no client that is being swept", async () => {
    await ada.addClient(clientNamed("swept", { createdAt: 1 }), registered("swept"));
    const holder = new Client({ connectionString: url });
    await holder.connect();
    // The sweep has removed the client, and is held up at what it removes next.
    await holder.query("INSERT INTO former_identities (client_id, identity, name, redirect_uris) VALUES ('swept', '', '', '[]')");
    await holder.query("BEGIN; SELECT 1 FROM former_identities FOR UPDATE");
    const sweeping = grace.cleanup.sweep("clients", { ...nothing, unusedClientsBefore: 2 }, 9);
    const waiting = async () =>
      (await holder.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).rowCount;
    await expect.poll(waiting).toBe(1);
    const opening = openingOf("ada", "swept");
    const outcome = ada.openGrant(opening, issued);
    await expect.poll(waiting).toBe(2);
    await holder.end();
    expect([await sweeping, await outcome]).toEqual([1, "void"]);
    expect(await isAccepted(opening)).toBe(false);
  });

  it("redeem a code once", async () => {
    await ada.addClient(clientNamed("redeemed"), registered("redeemed"));
    await rounds(200, async () => {
      const opening = openingOf("ada", "redeemed");
      const again = { ...opening, tokens: [tokenOf(opening.grant, "access"), tokenOf(opening.grant, "refresh")] };
      const outcomes = await Promise.all([ada, grace, ada, grace].map((store, i) => store.openGrant(i < 2 ? opening : again, issued)));
      expect(outcomes.toSorted()).toEqual(["opened", "spent", "spent", "spent"]);
    });
  });

  it("rotate a refresh token once, and not at all once its grant is revoked", async () => {
    await ada.addClient(clientNamed("rotating"), registered("rotating"));
    await rounds(200, async () => {
      const opening = openingOf("ada", "rotating");
      const { grant, tokens } = opening;
      await ada.openGrant(opening, issued);
      const hash = tokens[1]?.hash ?? new Uint8Array();
      const rotate = (store: Store, successors = [tokenOf(grant, "access"), tokenOf(grant, "refresh")]) =>
        store.rotate({ hash, at, successors, answer: new Uint8Array([1]) }, issued);
      const won = await Promise.all([ada, grace, ada, grace].map((store) => rotate(store)));
      expect(won.filter((one) => one)).toHaveLength(1);
    });
    await rounds(200, async () => {
      const opening = openingOf("ada", "rotating");
      const { grant, tokens } = opening;
      await ada.openGrant(opening, issued);
      const successors = [tokenOf(grant, "access"), tokenOf(grant, "refresh")];
      const rotation = { hash: tokens[1]?.hash ?? new Uint8Array(), at, successors, answer: new Uint8Array([1]) };
      await Promise.all([ada.rotate(rotation, issued), grace.revokeGrant(grant.id, at, revoked)]);
      expect((await ada.grant(grant.id))?.revokedAt).toBe(at);
      expect(await grace.rotate({ ...rotation, hash: successors[1]?.hash ?? rotation.hash }, issued)).toBe(false);
    });
  });

  it("spend as many uses of a registration token as it has", async () => {
    await rounds(30, async (number) => {
      const hash = Buffer.from(`registration ${number}`);
      await ada.registrationTokens.add({ id: `registration ${number}`, hash, usesLeft: 3, createdAt: now }, revoked);
      const added = await Promise.all(
        [ada, grace, ada, grace, ada, grace, ada, grace].map((store) => {
          const id = mintIdentifier();
          return store.addClient(clientNamed(id), registered(id), hash);
        }),
      );
      expect(added.filter((one) => one)).toHaveLength(3);
    });
  });

  it("make no more personal tokens than a subject may have", async () => {
    await rounds(30, async (number) => {
      const add = (store: Store) => {
        const personal = personalOf(`maker ${number}`, "Backup script");
        return store.personalTokens.add(personal, tokenOf(personal.grant, "personal"), 3, personalTokenMade(personal));
      };
      const outcomes = await Promise.all([ada, grace, ada, grace, ada, grace].map(add));
      expect(outcomes.toSorted()).toEqual(["added", "added", "added", "full", "full", "full"]);
    });
  });

  it("change a client, the keys, a decision and a setting once", async () => {
    await rounds(100, async (number) => {
      const id = `changed ${number}`;
      await ada.addClient(clientNamed(id), registered(id));
      const changed = await Promise.all(
        [ada, grace, ada, grace].map((store, i) => store.updateClient(clientNamed(id, { name: `Name ${i}` }))),
      );
      expect(changed.filter((one) => one)).toHaveLength(1);
      const decide = (store: Store, i: number) => store.decide({ requestId: id, answer: `answer ${i}`, expiresAt: now }, revoked);
      expect(new Set(await Promise.all([ada, grace, ada, grace].map(decide))).size).toBe(1);
      expect(new Set(await Promise.all([ada, grace, ada, grace].map((store, i) => store.setting(id, `value ${i}`)))).size).toBe(1);
    });
    for (let round = 0; round < 50; round++) {
      const was = (await ada.signingKeys()).map((key) => key.id);
      const change = (store: Store, i: number) => store.changeSigningKeys(was, [signingKeyOf(`key ${round} ${i}`)]);
      expect((await Promise.all([ada, grace, ada, grace].map(change))).filter((one) => one)).toHaveLength(1);
    }
    expect(await ada.signingKeys()).toHaveLength(1);
  });

  it("take no delivery twice", async () => {
    const signedOut: AuditEvent = { at: 1, type: "sign_out", subject: "ada" };
    ada.deliveries.subscribe([{ name: "receiver", types: ["sign_out"] }]);
    for (let round = 0; round < 20; round++) {
      await rounds(30, () => ada.record([signedOut]));
      const taken = await Promise.all([ada, grace, ada, grace, ada].map((store) => store.deliveries.take("receiver", 10 + round, 1e6, 10)));
      const ids = taken.flat().map(({ eventId }) => eventId);
      expect(ids).toHaveLength(30);
      expect(new Set(ids).size).toBe(30);
    }
    ada.deliveries.subscribe([]);
  });

  it("count every event once while others are written", async () => {
    let isWriting = true;
    const counting = [ada, grace].map(async (store) => {
      while (isWriting || (await store.reports.countEvents(50)) > 0) await store.reports.countEvents(50);
    });
    for (let round = 0; round < 30; round++)
      await Promise.all([ada, grace, ada, grace].map((store) => store.record([{ at: now, type: "sign_out", subject: api }])));
    isWriting = false;
    await Promise.all(counting);
    const counted = await ada.database.all("SELECT count FROM event_counts WHERE period = 86400000 AND type = 'sign_out' AND at = :day", {
      day: now - (now % 86_400_000),
    });
    expect(counted).toEqual([[120]]);
  });
});
