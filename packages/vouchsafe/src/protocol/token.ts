import { type Grant, isLive } from "./grant.ts";
import { coversResource, type Resource } from "./resource.ts";
import { formatScope, intersection, type Scope } from "./scope.ts";

export type TokenKind = "access" | "refresh" | "personal";

/** A token as it is kept: by the hash of its secret. */
export interface Token {
  readonly hash: Uint8Array;
  readonly kind: TokenKind;
  /** The grant it belongs to; undefined for a client's own token (client credentials). */
  readonly grantId: string | undefined;
  /** The client whose own token it is; undefined where there is a grant. */
  readonly clientId: string | undefined;
  readonly scope: Scope;
  /** The one resource it is for; undefined: every resource of the issuer's origin. */
  readonly audience: string | undefined;
  readonly issuedAt: number;
  /** Undefined: it ends with its grant. */
  readonly expiresAt: number | undefined;
}

/** A token that somebody showed, with everything that decides whether it is active. */
export interface PresentedToken extends Token {
  readonly revokedAt: number | undefined;
  /** When a refresh token was rotated. */
  readonly spentAt: number | undefined;
  /** The sealed answer of that rotation, while the overlap lasts. */
  readonly answer: Uint8Array | undefined;
  readonly grant: Grant | undefined;
  readonly client: TokenClient | undefined;
  readonly subjectDisabledAt: number | undefined;
}

/** What the activity of a token needs to know of its client. */
interface TokenClient {
  readonly id: string;
  readonly name: string;
  readonly disabledAt: number | undefined;
  /** An operator ended whatever the client had for itself up to this time. */
  readonly revokedBefore: number | undefined;
}

/** Whether the token would be accepted now. At its expiry it has expired. */
export function isActive(token: PresentedToken, now: number): boolean {
  return (
    token.revokedAt === undefined &&
    token.spentAt === undefined &&
    (token.expiresAt === undefined || now < token.expiresAt) &&
    isUnderLiveGrant(token, now)
  );
}

/** Whether everybody behind the token still stands: its grant, its client, its subject. */
export function isUnderLiveGrant(token: PresentedToken, now: number): boolean {
  if (token.client !== undefined && token.client.disabledAt !== undefined) return false;
  if (token.grantId === undefined)
    return token.client !== undefined && token.issuedAt > (token.client.revokedBefore ?? Number.NEGATIVE_INFINITY);
  return token.grant !== undefined && isLive(token.grant, now) && token.subjectDisabledAt === undefined;
}

/** Whose token it is. A client's own token has the client as its subject, and a personal access token has no client. */
export const clientOf = (token: PresentedToken): string | undefined => token.grant?.clientId ?? token.clientId;

/** What the token allows now: a grant that was narrowed narrows its tokens. */
export const scopeOf = (token: PresentedToken): Scope =>
  token.grant === undefined ? token.scope : intersection(token.scope, token.grant.scope);

/** When the token ends: with its grant at the latest, which may have been shortened since. Milliseconds; undefined: never. */
export const endOf = ({ expiresAt, grant }: PresentedToken): number | undefined =>
  expiresAt === undefined ? grant?.endsAt : Math.min(expiresAt, grant?.endsAt ?? Number.POSITIVE_INFINITY);

/** Whether the token may be used at this resource: as its audience says, and a personal one where the resource takes them. */
export const isFor = (token: Token, resource: Resource, issuer: string): boolean =>
  token.kind === "personal" ? resource.personalTokens : coversResource(token.audience, resource, issuer);

/** When a token ends: after its lifetime, and never later than its grant. */
export function tokenEnd(now: number, lifetime: number | undefined, grantEndsAt: number | undefined): number | undefined {
  if (lifetime === undefined) return grantEndsAt;
  return Math.min(now + lifetime, grantEndsAt ?? Number.POSITIVE_INFINITY);
}

/** What a grant type hands to the client. */
export interface Issued {
  readonly accessToken: string;
  readonly scope: Scope;
  /** Milliseconds; undefined: the token has no end of its own. */
  readonly expiresAt: number | undefined;
  readonly refreshToken: string | undefined;
}

/** The body of a token answer. OAuth 2.1 §3.2.3 */
export function tokenResponse(issued: Issued, now: number): Record<string, string | number> {
  return {
    access_token: issued.accessToken,
    token_type: "Bearer",
    ...(issued.expiresAt === undefined ? {} : { expires_in: Math.max(0, Math.floor((issued.expiresAt - now) / 1000)) }),
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
    scope: formatScope(issued.scope),
  };
}
