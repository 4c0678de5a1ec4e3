import { hash, timingSafeEqual } from "node:crypto";
import { OAuthError } from "./errors.ts";

/**
 * Checks the challenge of an authorization request. Every client must send one, and `S256` is the only method: without a
 * method RFC 7636 means `plain`, which is refused too. OAuth 2.1 §4.1.1, RFC 7636 §4.3
 */
export function requireCodeChallenge(challenge: string | undefined, method: string | undefined): string {
  if (challenge === undefined) refuse("code_challenge is missing");
  if (method !== "S256") refuse(method === undefined ? "code_challenge_method is missing" : "code_challenge_method is not S256");
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) refuse("code_challenge is not the base64url form of a SHA-256 hash");
  return challenge;
}

function refuse(reason: string): never {
  throw new OAuthError("invalid_request", reason, { description: "PKCE is required: a code_challenge with code_challenge_method S256." });
}

/** Whether the verifier is well-formed and its hash is the challenge. RFC 7636 §4.1, §4.6 */
export function verifyCodeVerifier(verifier: string, challenge: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  const computed = Buffer.from(hash("sha256", verifier, "base64url"));
  const expected = Buffer.from(challenge);
  return computed.length === expected.length && timingSafeEqual(computed, expected);
}
