import type { Person } from "../config.ts";
import type { Context } from "../context.ts";
import { type AuthorizationCode, encodeAuthorizationCode } from "../protocol/authorization-code.ts";
import { responseUri } from "../protocol/authorization-request.ts";
import type { Scope } from "../protocol/scope.ts";
import type { Asked } from "./settle-request.ts";

/** What the person allowed. */
export interface Allowed extends Pick<AuthorizationCode, "browser" | "tellIn"> {
  readonly grantId: string;
  readonly scope: Scope;
  /** Milliseconds; undefined: until it is revoked. */
  readonly endsAt: number | undefined;
}

/** The client's redirect URI with a code. OAuth 2.1 §4.1.2 */
export function codeUri(allowed: Allowed, { client, request, identity }: Asked, person: Person, { config, keys, now }: Context): string {
  const code = encodeAuthorizationCode({
    grantId: allowed.grantId,
    clientId: client.id,
    subject: person.id,
    redirectUri: request.redirectUri,
    scope: allowed.scope,
    resources: request.resources.map(({ uri }) => uri),
    codeChallenge: request.codeChallenge,
    identity,
    madeAt: now,
    expiresAt: now + config.codeLifetime,
    grantEndsAt: allowed.endsAt,
    browser: allowed.browser,
    tellIn: allowed.tellIn,
  });
  const answer = { code: keys.seal("authorization code", code), state: request.state, iss: config.issuer };
  return responseUri(request.redirectUri, answer);
}

/** The client's redirect URI with the person's no. RFC 6749 §4.1.2.1 */
export function deniedUri({ request }: Asked, { config }: Context): string {
  const answer = { error: "access_denied", error_description: "The request was denied.", state: request.state, iss: config.issuer };
  return responseUri(request.redirectUri, answer);
}
