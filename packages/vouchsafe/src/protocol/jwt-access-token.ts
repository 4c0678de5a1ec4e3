import type { Scope } from "./scope.ts";
import { formatScope } from "./scope.ts";

/** What a JWT access token says. RFC 9068 §2.2 */
export interface AccessTokenFacts {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string;
  /** The resources it is for; several only where no resource was ever named. */
  readonly audience: readonly string[];
  readonly scope: Scope;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly id: string;
}

/** The header of a JWT access token. RFC 9068 §2.1 */
export const accessTokenHeader = (algorithm: string, keyId: string): Record<string, string> => ({
  alg: algorithm,
  typ: "at+jwt",
  kid: keyId,
});

/** The claims of a JWT access token; times are seconds. RFC 9068 §2.2 */
export function accessTokenClaims(facts: AccessTokenFacts): Record<string, unknown> {
  const [only, ...others] = facts.audience;
  return {
    iss: facts.issuer,
    sub: facts.subject,
    aud: others.length === 0 ? only : facts.audience,
    client_id: facts.clientId,
    scope: formatScope(facts.scope),
    iat: Math.floor(facts.issuedAt / 1000),
    exp: Math.floor(facts.expiresAt / 1000),
    jti: facts.id,
  };
}

/** Whether the text has the shape of a compact JWS. Whether it is one of ours, only its hash can tell. RFC 7515 §3.1 */
export const isJwtShaped = (text: string): boolean => text.length < 8192 && /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
