import { createPrivateKey, generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { mintIdentifier } from "../protocol/secret.ts";
import type { SigningAlgorithm, SigningKey } from "../protocol/signing-key.ts";
import type { Keyring } from "./sealing.ts";

/** Makes a key that is to sign later; its private half is sealed at once. */
export async function createSigningKey(keyring: Keyring, algorithm: SigningAlgorithm, createdAt: number): Promise<SigningKey> {
  const { publicKey, privateKey } = await generate[algorithm]();
  const id = mintIdentifier();
  return {
    id,
    algorithm,
    publicKey: { ...publicKey.export({ format: "jwk" }) },
    sealed: keyring.seal("signing key", privateKey.export({ format: "pem", type: "pkcs8" }).toString(), id),
    createdAt,
    signsFrom: undefined,
    retiredAt: undefined,
  };
}

const keyPair = promisify(generateKeyPair);

const generate: Readonly<Record<SigningAlgorithm, () => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>>> = {
  ES256: () => keyPair("ec", { namedCurve: "P-256" }),
  RS256: () => keyPair("rsa", { modulusLength: 2048 }),
  EdDSA: () => keyPair("ed25519"),
};

/**
 * Opens the private half, where one of the server's secrets still does.
 * @throws Error where none does: the key was made under a secret that is gone
 */
export function openSigningKey(keyring: Keyring, { id, sealed }: SigningKey): KeyObject {
  const opened = keyring.open("signing key", sealed, id);
  if (opened === undefined) throw new Error(`signing key ${id} cannot be opened: its secret is no longer in the list`);
  return createPrivateKey(opened);
}

/** Whether one of the server's secrets still opens the private half. */
export const canOpen = (keyring: Keyring, { id, sealed }: SigningKey): boolean => keyring.open("signing key", sealed, id) !== undefined;

/** The same key, sealed under the newest secret; the very same where it is already, or where it cannot be opened any more. */
export function resealSigningKey(keyring: Keyring, key: SigningKey): SigningKey {
  if (keyring.isSealedByNewest("signing key", key.sealed, key.id)) return key;
  const opened = keyring.open("signing key", key.sealed, key.id);
  return opened === undefined ? key : { ...key, sealed: keyring.seal("signing key", opened, key.id) };
}

/** Signs in compact form. Half the cost of a general library, where it is paid for every token. RFC 7515 §7.1, RFC 7518 §3 */
export function signJwt(header: object, claims: object, algorithm: SigningAlgorithm, key: KeyObject): string {
  const content = `${encode(header)}.${encode(claims)}`;
  const signature = sign(algorithm === "EdDSA" ? null : "sha256", Buffer.from(content), key);
  return `${content}.${(algorithm === "ES256" ? concatenated(signature) : signature).toString("base64url")}`;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * R and S, each in 32 bytes, out of the DER form that OpenSSL gives (RFC 3279 §2.2.3) in the form that JWS wants (RFC 7518
 * §3.4). `dsaEncoding: "ieee-p1363"` does the same and doubles the cost of a signature.
 */
function concatenated(der: Buffer): Buffer {
  const lengthOfR = der[3] ?? 0;
  const r = der.subarray(4, 4 + lengthOfR);
  const s = der.subarray(6 + lengthOfR);
  return Buffer.concat([paddedTo32(r), paddedTo32(s)]);
}

/** An integer in DER is as short as it can be, and begins with a zero byte where it would look negative. */
const paddedTo32 = (integer: Buffer): Buffer => {
  const digits = integer.subarray(Math.max(0, integer.length - 32));
  return Buffer.concat([Buffer.alloc(32 - digits.length), digits]);
};
