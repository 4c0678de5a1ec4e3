import type { Scope } from "./scope.ts";

/**
 * Everything redemption needs to know. It travels sealed inside the code, so that nothing is kept before the code is
 * redeemed; the grant's id makes the second redemption lose. OAuth 2.1 §4.1.2
 */
export interface AuthorizationCode {
  /** The id of the authorization request, and of the grant to come. */
  readonly grantId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly redirectUri: string;
  readonly scope: Scope;
  readonly resources: readonly string[];
  readonly codeChallenge: string;
  /** The client's identity as the person saw it. */
  readonly identity: string;
  readonly madeAt: number;
  readonly expiresAt: number;
  readonly grantEndsAt: number | undefined;
}

type Wire = readonly [string, string, string, string, Scope, readonly string[], string, string, number, number, number | null];

/** A list is a third of the length of an object, and the code travels in a URL. */
export function encodeAuthorizationCode(code: AuthorizationCode): string {
  const wire: Wire = [
    code.grantId,
    code.clientId,
    code.subject,
    code.redirectUri,
    code.scope,
    code.resources,
    code.codeChallenge,
    code.identity,
    code.madeAt,
    code.expiresAt,
    code.grantEndsAt ?? null,
  ];
  return JSON.stringify(wire);
}

/** Reads what `encodeAuthorizationCode` wrote, after the seal proved that it did. */
export function decodeAuthorizationCode(text: string): AuthorizationCode {
  const [grantId, clientId, subject, redirectUri, scope, resources, codeChallenge, identity, madeAt, expiresAt, grantEndsAt] = JSON.parse(
    text,
  ) as Wire;
  return {
    grantId,
    clientId,
    subject,
    redirectUri,
    scope,
    resources,
    codeChallenge,
    identity,
    madeAt,
    expiresAt,
    grantEndsAt: grantEndsAt ?? undefined,
  };
}
