import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../src/keys/sealing.ts";
import { stateOf } from "../src/protocol/signing-key.ts";
import { SigningKeys } from "../src/signing-keys.ts";
import { type MemoryStore, memory } from "../src/store/memory/memory.ts";
import { connect, tokensOf } from "./a-person.ts";
import { answerOf, aServer, budgetApp, days, minutes, refresh, sweep } from "./a-server.ts";

const now = 1_800_000_000_000;
const [old, newer] = ["the secret that came first, 32 bytes long", "the secret that took its place, also long"];
const process = (store: MemoryStore, ...secrets: string[]) => new SigningKeys(store, createKeyring(secrets.length > 0 ? secrets : [old]));

const statesOf = async (keys: SigningKeys, at = now): Promise<readonly string[]> => (await keys.list(at)).map(stateOf);
const idOf = async (keys: SigningKeys, state: string, at = now): Promise<string | undefined> =>
  (await keys.list(at)).find((key) => stateOf(key) === state)?.id;
const signer = async (keys: SigningKeys, at: number): Promise<string | undefined> =>
  decodeProtectedHeader(await keys.sign({ sub: "ada" }, at)).kid;
const published = async (keys: SigningKeys, at: number): Promise<readonly unknown[]> =>
  (await keys.published(at)).keys.map(({ kid }) => kid);

describe("the keys of JWT access tokens", () => {
  it("are two from the start: one signs, and the next can be learnt already", async () => {
    const store = memory();
    const keys = process(store);
    expect(await statesOf(keys)).toEqual(["signing", "next"]);
    expect(await signer(keys, now)).toBe(await idOf(keys, "signing"));
    expect((await published(keys, now)).length).toBe(2);
    expect(store.events).toMatchObject([{ type: "key.created", keyId: await idOf(keys, "signing"), algorithm: "ES256" }]);
  });

  it("are the same two for processes that begin at once", async () => {
    const store = memory();
    const processes = [process(store), process(store), process(store)];
    const sets = await Promise.all(processes.map((keys) => published(keys, now)));
    expect([sets[1], sets[2]]).toEqual([sets[0], sets[0]]);
    expect(store.events.length).toBe(1);
    const [first] = processes;
    const set = (await first?.published(now)) as unknown as JSONWebKeySet;
    for (const keys of processes) await jwtVerify(await keys.sign({ sub: "ada" }, now), createLocalJWKSet(set));
  });

  it("are the same two for one process that is asked twice at once", async () => {
    const keys = process(memory());
    const [one, other] = await Promise.all([keys.sign({}, now), keys.sign({}, now)]);
    expect(decodeProtectedHeader(one).kid).toBe(decodeProtectedHeader(other).kid);
    expect(await signer(keys, now + 5000)).toBe(decodeProtectedHeader(one).kid);
  });
});

describe("rotating them", () => {
  it("lets that key sign that was published before, and keeps the former", async () => {
    const store = memory();
    const keys = process(store);
    const [was, next] = [await idOf(keys, "signing"), await idOf(keys, "next")];
    const token = await keys.sign({ sub: "ada" }, now);
    const signing = await keys.rotate({ at: now + 1000 });
    expect([signing.id, signing.signsFrom]).toEqual([next, now + 1000]);
    expect(await signer(keys, now + 1000)).toBe(next);
    expect(await statesOf(keys, now + 1000)).toEqual(["retired", "signing", "next"]);
    expect(await published(keys, now + 1000)).toContain(was);
    const set = (await keys.published(now + 1000)) as unknown as JSONWebKeySet;
    expect((await jwtVerify(token, createLocalJWKSet(set))).payload.sub).toBe("ada");
    expect(store.events.at(-1)).toMatchObject({ type: "key.rotated", keyId: next, algorithm: "ES256" });
  });

  it("to another algorithm lets a new key sign at once, and later ones follow it", async () => {
    const keys = process(memory());
    const passedOver = await idOf(keys, "next");
    const rsa = await keys.rotate({ at: now }, "RS256");
    expect([rsa.algorithm, rsa.id === passedOver]).toEqual(["RS256", false]);
    expect((await keys.list(now)).map((key) => [key.algorithm, stateOf(key)])).toEqual([
      ["ES256", "retired"],
      ["RS256", "signing"],
      ["RS256", "next"],
    ]);
    const following = await idOf(keys, "next");
    expect([(await keys.rotate({ at: now + 1 })).id, (await keys.rotate({ at: now + 2 }, "EdDSA")).algorithm]).toEqual([
      following,
      "EdDSA",
    ]);
    const set = (await keys.published(now + 2)) as unknown as JSONWebKeySet;
    await jwtVerify(await keys.sign({}, now + 2), createLocalJWKSet(set), { algorithms: ["EdDSA"] });
  });

  it("by two processes at once loses no key, and leaves one that signs and one that follows", async () => {
    const store = memory();
    const [one, other] = [process(store), process(store)];
    const before = await published(one, now);
    await Promise.all([one.rotate({ at: now + 1 }), other.rotate({ at: now + 1 })]);
    const states = await statesOf(one, now + 2000);
    expect([states.filter((state) => state === "signing").length, states.filter((state) => state === "next").length]).toEqual([1, 1]);
    expect(await published(one, now + 2000)).toEqual(expect.arrayContaining([...before]));
    expect(await published(other, now + 2000)).toEqual(await published(one, now + 2000));
  });

  it("by two processes at once lets no key sign that nobody could have learnt", async () => {
    const store = memory();
    const [one, other] = [process(store), process(store)];
    const before = await published(one, now);
    await Promise.all([one.rotate({ at: now + 1 }), other.rotate({ at: now + 1 })]);
    expect(before).toContain(await signer(one, now + 2000));
  });

  it("is known to other processes within a second", async () => {
    const store = memory();
    const [one, other] = [process(store), process(store)];
    const was = await signer(other, now);
    const { id } = await one.rotate({ at: now });
    expect([await signer(other, now + 999), await signer(other, now + 1000)]).toEqual([was, id]);
  });
});

describe("keys that have signed", () => {
  it("stay while their tokens may live, and go then; those that sign and follow stay for ever", async () => {
    const store = memory();
    const keys = process(store);
    const was = await idOf(keys, "signing");
    await keys.rotate({ at: now });
    await keys.sweep(now + 5000, now);
    expect(await published(keys, now + 5000)).toContain(was);
    await keys.sweep(now + 10_000, now + 1);
    expect(await published(keys, now + 10_000)).not.toContain(was);
    await keys.sweep(now + 1000 * days, now + 1000 * days);
    expect(await statesOf(keys, now + 1000 * days)).toEqual(["signing", "next"]);
    expect((await store.signingKeys()).length).toBe(2);
  });

  it("are not lost where another process rotates while one sweeps", async () => {
    const store = memory();
    const [one, other] = [process(store), process(store)];
    await one.rotate({ at: now });
    await other.list(now + 5000);
    const [rotated] = await Promise.all([one.rotate({ at: now + 5000 }), other.sweep(now + 5000, now + 1)]);
    expect(await idOf(other, "signing", now + 7000)).toBe(rotated.id);
    expect(await statesOf(other, now + 7000)).toContain("next");
  });
});

describe("the secret that seals them", () => {
  it("can be replaced: they are sealed anew, and then open with the new one alone", async () => {
    const store = memory();
    const was = await signer(process(store, old), now);
    await process(store, newer, old).reseal(now);
    const keys = process(store, newer);
    expect(await signer(keys, now)).toBe(was);
    await keys.rotate({ at: now });
    expect(await signer(keys, now)).not.toBe(was);
    await expect(process(store, old).sign({}, now)).rejects.toThrow("cannot be opened");
  });

  it("that is gone stops signing with a word for the operator, while the set is published as before", async () => {
    const store = memory();
    const set = await published(process(store, old), now);
    const keys = process(store, newer);
    await expect(keys.sign({}, now)).rejects.toThrow(/signing key [\w-]{22} cannot be opened: its secret is no longer in the list/);
    expect(await published(keys, now)).toEqual(set);
  });

  it("that is gone is overcome by a rotation", async () => {
    const store = memory();
    await process(store, old).list(now);
    const keys = process(store, newer);
    await keys.rotate({ at: now });
    expect(await signer(keys, now)).toBe(await idOf(keys, "signing"));
  });

  it("being gone breaks no code: it is still good once there are keys again", async () => {
    const server = aServer({ accessTokenFormat: "jwt" });
    const app = await budgetApp(server);
    const { refresh: token } = await connect(server, app);
    const broken = aServer({ accessTokenFormat: "jwt", store: server.store, secret: newer, onError: () => {} });
    const refused = await refresh(broken, app, token);
    expect([refused.status, await answerOf(refused)]).toEqual([
      500,
      { error: "server_error", error_description: "Something broke on our side." },
    ]);
    expect((await refresh(server, app, token)).status).toBe(200);
  });

  it("can be dropped after the change also where a process that knew only the old one rotated in between", async () => {
    const first = aServer({ accessTokenFormat: "jwt", secret: old });
    await first.oauth.ready();
    const app = await budgetApp(first);
    const { refresh: token } = await connect(first, app);
    await aServer({ secret: [newer, old], store: first.store }).oauth.ready();
    await first.oauth.admin.rotateSigningKey();
    await aServer({ secret: [newer, old], store: first.store }).oauth.ready();
    const last = aServer({ accessTokenFormat: "jwt", secret: newer, store: first.store });
    await last.oauth.ready();
    await last.oauth.admin.rotateSigningKey();
    expect((await refresh(last, app, token)).status).toBe(200);
  });
});

describe("the server's own sweep", () => {
  it("leaves every key that a living token was signed with", async () => {
    const server = aServer({ accessTokenFormat: "jwt", accessTokenLifetime: "1h" });
    const app = await budgetApp(server);
    const { access } = await connect(server, app);
    await server.oauth.admin.rotateSigningKey();
    server.clock.now += 60 * minutes - 1;
    await sweep(server);
    const kids = (await server.oauth.admin.signingKeys()).map(({ id }) => id);
    expect(kids).toContain(decodeProtectedHeader(access).kid);
    expect((await tokensOf(await refresh(server, app, (await connect(server, app)).refresh))).access).toMatch(/^eyJ/);
  });
});
