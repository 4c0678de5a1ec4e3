import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import { drawBytes } from "../protocol/secret.ts";

/** Seals and signs under keys derived from the server's secret, one for each purpose, so that nothing sealed for one is accepted for another. */
export interface Keyring {
  /** Seals text with AES-256-GCM. `context` must be the same when it is opened. The result is base64url. */
  seal(purpose: Purpose, text: string, context?: string): string;
  /** What was sealed, or undefined where the text was not sealed here for this purpose and context. */
  open(purpose: Purpose, sealed: string, context?: string): string | undefined;
  /** Whether the newest secret alone opens it, so that the older ones can go. */
  isSealedByNewest(purpose: Purpose, sealed: string, context?: string): boolean;
  /** An HMAC of 32 bytes in base64url. */
  sign(purpose: Purpose, text: string): string;
  verify(purpose: Purpose, text: string, signature: string): boolean;
  /** A value for each secret, newest first, that shows whether a database was made with it. */
  readonly fingerprints: readonly string[];
}

export type Purpose = "authorization code" | "done page" | "form" | "not me" | "audit" | "signing key" | "fingerprint";

/** `secrets`: newest first. The newest seals and signs; all of them open and verify. */
export function createKeyring(secrets: readonly string[]): Keyring {
  const rings = secrets.map((secret) => new Map<Purpose, KeyObject>(purposes.map((purpose) => [purpose, deriveKey(secret, purpose)])));
  const keysFor = (purpose: Purpose): readonly KeyObject[] => rings.flatMap((ring) => ring.get(purpose) ?? []);
  const newest = (purpose: Purpose): KeyObject => {
    const [key] = keysFor(purpose);
    if (key === undefined) throw new Error("a keyring needs a secret");
    return key;
  };
  return {
    seal: (purpose, text, context) => sealWith(newest(purpose), text, context).toString("base64url"),
    open: (purpose, sealed, context) => {
      const bytes = decodeExactly(sealed);
      return bytes && firstDefined(keysFor(purpose), (key) => openWith(key, bytes, context));
    },
    isSealedByNewest: (purpose, sealed, context) => {
      const bytes = decodeExactly(sealed);
      return bytes !== undefined && openWith(newest(purpose), bytes, context) !== undefined;
    },
    sign: (purpose, text) => createHmac("sha256", newest(purpose)).update(text).digest("base64url"),
    verify: (purpose, text, signature) => {
      const bytes = decodeExactly(signature);
      return bytes !== undefined && keysFor(purpose).some((key) => equal(mac(key, text), bytes));
    },
    fingerprints: keysFor("fingerprint").map((key) => mac(key, "vouchsafe").toString("base64url")),
  };
}

/** For each secret what a database that was made with it says in its setting `secret_fingerprint`. It shows nothing of the secret. */
export const secretFingerprints = (secrets: readonly string[]): readonly string[] => createKeyring(secrets).fingerprints;

const purposes: readonly Purpose[] = ["authorization code", "done page", "form", "not me", "audit", "signing key", "fingerprint"];

/**
 * Seals text so that only whoever holds this very secret can open it: the database and the server's own secret together
 * cannot. For the answer of a rotation, kept for the token that was presented.
 */
export function sealForHolder(secret: string, text: string): Uint8Array {
  return sealWith(keyOfHolder(secret), text);
}

export function openAsHolder(secret: string, sealed: Uint8Array): string | undefined {
  return openWith(keyOfHolder(secret), Buffer.from(sealed));
}

/** HKDF-SHA-256, RFC 5869. A key's bytes cost four times as much to use as a KeyObject, even one that is used once. */
function deriveKey(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `vouchsafe ${purpose}`, 32)));
}

/** One-step key derivation, for a secret that is as good as random already. NIST SP 800-56C rev. 2 §4.1 */
const keyOfHolder = (secret: string): KeyObject => createSecretKey(hash("sha256", `\0\0\0\x01${secret}vouchsafe rotation`, "buffer"));

const nonceLength = 12;
const tagLength = 16;

function sealWith(key: KeyObject, text: string, context = ""): Buffer {
  const nonce = drawBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  if (context !== "") cipher.setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

function openWith(key: KeyObject, sealed: Buffer, context = ""): string | undefined {
  if (sealed.length < nonceLength + tagLength) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceLength), { authTagLength: tagLength });
  if (context !== "") decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(-tagLength));
  try {
    return decipher.update(sealed.subarray(nonceLength, -tagLength), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined; // it was altered, or sealed with another key
  }
}

/** Base64url has several spellings of the same bytes (unused bits, stray characters); what we write has one. */
function decodeExactly(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

const mac = (key: KeyObject, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

function firstDefined<Item, Value>(items: readonly Item[], find: (item: Item) => Value | undefined): Value | undefined {
  for (const item of items) {
    const value = find(item);
    if (value !== undefined) return value;
  }
  return undefined;
}
