import type { KeyObject } from "node:crypto";
import type { Circumstances } from "./audit.ts";
import type { Keyring } from "./keys/sealing.ts";
import { canOpen, createSigningKey, openSigningKey, resealSigningKey, signJwt } from "./keys/signing.ts";
import { accessTokenHeader } from "./protocol/jwt-access-token.ts";
import { publicKeySet, rotated, type SigningAlgorithm, type SigningKey, stateOf, withoutEnded } from "./protocol/signing-key.ts";
import type { Store } from "./store/store.ts";

/** How long what was read is good for, in milliseconds: another process may rotate. The next key has been published long before. */
const readingLasts = 1000;

/** The keys that sign JWT access tokens, shared by all processes through the store. */
export class SigningKeys {
  readonly #store: Store;
  readonly #keyring: Keyring;
  readonly #opened = new Map<string, KeyObject>();
  #known: readonly SigningKey[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(store: Store, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  /** Signs with the current key. */
  async sign(claims: object, now: number): Promise<string> {
    const key = signingAmong(await this.list(now));
    const opened = this.#opened.get(key.id) ?? openSigningKey(this.#keyring, key);
    this.#opened.set(key.id, opened);
    return signJwt(accessTokenHeader(key.algorithm, key.id), claims, key.algorithm, opened);
  }

  /** Whether the current key can be opened: not where another process has sealed it under a secret that this one does not have. */
  async canSign(now: number): Promise<boolean> {
    return canOpen(this.#keyring, signingAmong(await this.list(now)));
  }

  /** The set as it is published. */
  async published(now: number): Promise<ReturnType<typeof publicKeySet>> {
    return publicKeySet(await this.list(now));
  }

  /** All of them. The first two are made when there is none. */
  async list(now: number): Promise<readonly SigningKey[]> {
    if (now - this.#readAt < readingLasts && now >= this.#readAt) return this.#known;
    let keys = await this.#store.signingKeys();
    if (keys.length === 0) keys = await this.#begin(now);
    this.#known = keys;
    this.#readAt = now;
    return keys;
  }

  /**
   * Lets the next key sign and publishes another one. With an algorithm that the next key does not have, or where it cannot
   * be opened any more, a new key signs at once, before anybody could know it. Of several who rotate at the same time one
   * does. Resolves to the key that signs now.
   */
  async rotate(circumstances: Circumstances, algorithm?: SigningAlgorithm): Promise<SigningKey> {
    const { at: now } = circumstances;
    const keys = await this.#reread(now);
    const next = keys.find((key) => stateOf(key) === "next");
    const wanted = algorithm ?? next?.algorithm ?? "ES256";
    const isUsable = next !== undefined && next.algorithm === wanted && canOpen(this.#keyring, next);
    const urgent = isUsable ? undefined : await createSigningKey(this.#keyring, wanted, now);
    const changed = rotated(keys, now, await createSigningKey(this.#keyring, wanted, now), urgent);
    const signing = signingAmong(changed);
    const event = { ...circumstances, type: "key.rotated", keyId: signing.id, algorithm: signing.algorithm } as const;
    const won = await this.#store.changeSigningKeys(idsOf(keys), changed, event);
    const other = signingAmong(await this.#reread(now));
    return won || other.algorithm === wanted ? other : this.rotate(circumstances, algorithm);
  }

  /** Seals the private keys under the newest secret, so that the older ones can go. */
  async reseal(now: number): Promise<void> {
    const keys = await this.#reread(now);
    const resealed = keys.map((key) => resealSigningKey(this.#keyring, key));
    if (resealed.every((key, index) => key === keys[index])) return;
    if (!(await this.#store.changeSigningKeys(idsOf(keys), resealed))) await this.reseal(now);
  }

  #reread(now: number): Promise<readonly SigningKey[]> {
    this.#readAt = Number.NEGATIVE_INFINITY;
    return this.list(now);
  }

  /** Forgets keys whose last token has ended. */
  async sweep(now: number, endedBefore: number): Promise<void> {
    const keys = await this.list(now);
    const kept = withoutEnded(keys, endedBefore);
    if (kept.length < keys.length && (await this.#store.changeSigningKeys(idsOf(keys), kept))) this.#known = kept;
  }

  async #begin(now: number): Promise<readonly SigningKey[]> {
    const signing = { ...(await createSigningKey(this.#keyring, "ES256", now)), signsFrom: now };
    const keys = [signing, await createSigningKey(this.#keyring, "ES256", now)];
    const event = { at: now, type: "key.created", keyId: signing.id, algorithm: signing.algorithm } as const;
    return (await this.#store.changeSigningKeys([], keys, event)) ? keys : this.#store.signingKeys();
  }
}

function signingAmong(keys: readonly SigningKey[]): SigningKey {
  const key = keys.find((one) => stateOf(one) === "signing");
  if (key === undefined) throw new Error("no signing key signs");
  return key;
}

const idsOf = (keys: readonly SigningKey[]): readonly string[] => keys.map(({ id }) => id);
