import { OAuthError } from "./errors.ts";
import { isUsableRedirectUri, matchesRedirectUri, type RedirectUriPolicy } from "./redirect-uri.ts";
import type { Scope } from "./scope.ts";

/** How a client proves who it is. OAuth 2.1 §2.4 */
export type ClientAuthMethod = "none" | "client_secret_basic" | "client_secret_post";

/** How the client came to be known: an operator made it, or it registered itself (RFC 7591). */
export type ClientOrigin = "operator" | "dynamic";

export interface ClientSecret {
  readonly hash: Uint8Array;
  /** Milliseconds; undefined: it does not expire. */
  readonly expiresAt: number | undefined;
}

/** An application that asks for access. OAuth 2.1 §2 */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly origin: ClientOrigin;
  /** The operator's own application. */
  readonly firstParty: boolean;
  readonly authMethod: ClientAuthMethod;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  /** A ceiling for a client that an operator made; a mere wish of one that registered itself. */
  readonly scope: Scope;
  /** Resource URIs whose tokens this client may introspect. */
  readonly resourceServerOf: readonly string[];
  /** At most two that live, so that one can be rotated. */
  readonly secrets: readonly ClientSecret[];
  /** What it registered beyond this, as it is echoed: `client_uri`, `contacts` and the like. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** When it first led to a grant. */
  readonly grantedAt: number | undefined;
  readonly disabledAt: number | undefined;
}

/**
 * An id that was sent, if it has the form of one we give. Anything else may be a secret that stands in the wrong place, and
 * stays out of the audit.
 */
export const auditableClientId = (id: string): { readonly clientId?: string } => (/^[A-Za-z0-9_-]{22}$/.test(id) ? { clientId: id } : {});

export const isConfidential = (client: Client): boolean => client.authMethod !== "none";

/** @throws OAuthError `unauthorized_client` where the client did not register the grant type. OAuth 2.1 §3.2.4 */
export function requireGrantType(client: Client, grantType: string): void {
  if (!client.grantTypes.includes(grantType)) {
    throw new OAuthError("unauthorized_client", `client has no grant type ${grantType}`, { clientId: client.id });
  }
}

/**
 * The redirect URI of an authorization request, settled before there is any way to redirect. It may be left out where one
 * is registered. OAuth 2.1 §2.3.2, §4.1.1
 * @throws OAuthError `invalid_request`, to be shown and never to be redirected
 */
export function settleRedirectUri(client: Client, requested: string | undefined, policy: RedirectUriPolicy): string {
  const usable = client.redirectUris.filter((uri) => isUsableRedirectUri(uri, policy));
  const [only, ...others] = usable;
  if (requested === undefined) {
    if (only !== undefined && others.length === 0 && client.redirectUris.length === 1) return only;
    throw new OAuthError("invalid_request", "redirect_uri is missing and not exactly one is registered", { clientId: client.id });
  }
  if (!usable.some((uri) => matchesRedirectUri(requested, uri))) {
    throw new OAuthError("invalid_request", "redirect_uri is not registered", {
      clientId: client.id,
      shownAs: { page: "unregistered-redirect", clientName: client.name, redirectUri: requested },
    });
  }
  return requested;
}
