import type { BrowserName } from "./grant.ts";
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
  /** In which the person agreed. */
  readonly browser: BrowserName | undefined;
  /** The language to tell the person in that there is a new connection. Undefined: they agreed to it before, and were not asked. */
  readonly tellIn: string | undefined;
}

type Wire = readonly [
  grantId: string,
  clientId: string,
  subject: string,
  redirectUri: string,
  scope: Scope,
  resources: readonly string[],
  codeChallenge: string,
  identity: string,
  madeAt: number,
  expiresAt: number,
  grantEndsAt: number | null,
  browser: readonly [browser: string, system: string] | null,
  tellIn: string | null,
];

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
    code.browser === undefined ? null : [code.browser.browser, code.browser.system],
    code.tellIn ?? null,
  ];
  return JSON.stringify(wire);
}

/** Reads what `encodeAuthorizationCode` wrote, after the seal proved that it did. */
export function decodeAuthorizationCode(text: string): AuthorizationCode {
  const [
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
    grantEndsAt,
    browser,
    tellIn,
  ] = JSON.parse(text) as Wire;
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
    browser: browser ? { browser: browser[0], system: browser[1] } : undefined,
    tellIn: tellIn ?? undefined,
  };
}
