import { OAuthError } from "./errors.ts";

/** RFC 7523 §2.2 */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** The algorithms a client may sign with: none of them needs a shared secret. `Ed25519` is RFC 9864's name for the `EdDSA` that is in use. */
export const assertionAlgorithms = ["ES256", "RS256", "EdDSA", "Ed25519", "PS256"] as const;

/** The most keys that are tried for one assertion that names none. */
export const mostKeysTried = 4;

/**
 * Whether verifying with a key costs about what it should: an RSA key with a public exponent as long as its modulus makes a
 * two-line request cost as much as a hundred.
 */
export const isAffordableKey = (key: object): boolean =>
  isShort("n" in key ? key.n : undefined, 1366) && isShort("e" in key ? key.e : undefined, 6);

const isShort = (value: unknown, most: number): boolean => value === undefined || (typeof value === "string" && value.length <= most);

/** How far a client's clock may be off, in seconds. */
export const clockSkew = 30;

/** The longest life of an assertion, in seconds. */
const longestLife = 300;

export interface AssertionClaims {
  readonly iss?: unknown;
  readonly sub?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly nbf?: unknown;
  readonly jti?: unknown;
}

/**
 * The client that an assertion speaks for, before anything about it has been verified: it tells whose keys to verify with.
 * RFC 7523 §3, claim 2
 * @throws OAuthError `invalid_client` where it is no JWT
 */
export function subjectOfAssertion(assertion: string): string {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(assertion)?.[1];
  const subject = payload === undefined ? undefined : parseClaims(Buffer.from(payload, "base64url").toString("utf8"))?.sub;
  if (typeof subject !== "string" || subject === "") throw new OAuthError("invalid_client", "client_assertion is no JWT with a sub");
  return subject;
}

/**
 * Why the claims of an assertion whose signature is good are still no proof; undefined where they are. Every audience must
 * be one of ours, so that an assertion made for somebody else is never taken. RFC 7523 §3, RFC 9126 §2
 */
export function failedClaims(claims: AssertionClaims, clientId: string, audiences: readonly string[], now: number): string | undefined {
  const { iss, sub, aud, exp, iat, nbf, jti } = claims;
  const seconds = Math.floor(now / 1000);
  const named = Array.isArray(aud) ? (aud as readonly unknown[]) : [aud];
  if (iss !== clientId || sub !== clientId) return "client_assertion: iss and sub are not the client";
  if (named.length === 0 || !named.every((value) => typeof value === "string" && audiences.includes(value)))
    return "client_assertion: aud is neither the issuer nor the endpoint";
  if (typeof exp !== "number" || !Number.isFinite(exp)) return "client_assertion: exp is missing";
  if (exp <= seconds - clockSkew) return "client_assertion has expired";
  if (exp > seconds + longestLife + clockSkew) return "client_assertion: exp is more than five minutes ahead";
  if (!isPastOrAbsent(iat, seconds)) return "client_assertion: iat is in the future";
  if (!isPastOrAbsent(nbf, seconds)) return "client_assertion is not valid yet";
  if (typeof jti !== "string" || jti === "" || jti.length > 1000) return "client_assertion: jti is missing";
  return undefined;
}

const isPastOrAbsent = (time: unknown, seconds: number): boolean =>
  time === undefined || (typeof time === "number" && time <= seconds + clockSkew);

/** The claims of a payload; undefined where it is no JSON object, as one that is not encoded is none (RFC 7797 §7). */
export function parseClaims(payload: string): AssertionClaims | undefined {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as AssertionClaims) : undefined;
  } catch {
    return undefined;
  }
}
