/** A key pair that a client makes for itself: it signs with one half, and gives the other to the server. */
import { randomUUID } from "node:crypto";
import * as oauth from "oauth4webapi";

export type Algorithm = "ES256" | "RS256" | "PS256" | "EdDSA";

export interface SigningKey {
  readonly key: oauth.CryptoKey;
  readonly kid: string;
  /** The private half, for clients that take it as a JWK. */
  readonly privateJwk: Record<string, unknown>;
  /** What the server is given: the public half as a JWK Set. RFC 7517 §5 */
  readonly jwks: string;
}

export async function makeKey(algorithm: Algorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await oauth.generateKeyPair(algorithm, { extractable: true });
  const kid = randomUUID();
  const [privateJwk, publicJwk] = await Promise.all([privateKey, publicKey].map((key) => crypto.subtle.exportKey("jwk", key)));
  // The key says what it is for, and not which of the two names of EdDSA it is used under.
  const { alg: _alg, key_ops: _operations, ext: _extractable, ...members } = publicJwk ?? {};
  return {
    key: privateKey,
    kid,
    privateJwk: { ...privateJwk },
    jwks: JSON.stringify({ keys: [{ ...members, kid, use: "sig", ...(algorithm === "EdDSA" ? {} : { alg: algorithm }) }] }),
  };
}
