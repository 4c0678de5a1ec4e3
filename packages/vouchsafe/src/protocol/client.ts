import { hash } from "node:crypto";
import { OAuthError } from "./errors.ts";
import { isUsableRedirectUri, matchesRedirectUri, type RedirectUriPolicy } from "./redirect-uri.ts";
import type { Scope } from "./scope.ts";

/** How a client proves who it is. OAuth 2.1 §2.4, RFC 7523 §2.2 */
export type ClientAuthMethod = "none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt";

/** How the client came to be known: an operator made it, it registered itself (RFC 7591), or its id is the URL of a document that says who it is. */
export type ClientOrigin = "operator" | "dynamic" | "document";

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
  /** The only resources it may ask for; empty: any. */
  readonly resources: readonly string[];
  /** Resource URIs whose tokens this client may introspect. */
  readonly resourceServerOf: readonly string[];
  /** At most two that live, so that one can be rotated. */
  readonly secrets: readonly ClientSecret[];
  /** The hash of the token that opens its registration. RFC 7592 §3 */
  readonly registrationToken: Uint8Array | undefined;
  /** What it registered beyond this, as it is echoed: `client_uri`, `jwks`, `contacts` and the like. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Until when its document need not be fetched again; undefined for a client that has none. Milliseconds. */
  readonly freshUntil: number | undefined;
  /** Counts its changes, so that of two at once only one wins. */
  readonly revision: number;
  readonly createdAt: number;
  /** When it first led to a grant, or got a token of its own. */
  readonly grantedAt: number | undefined;
  readonly disabledAt: number | undefined;
}

/**
 * An id that was sent, if it has the form of one we give, or of a document's URL. Anything else may be a secret that stands
 * in the wrong place, and stays out of the audit.
 */
export const auditableClientId = (id: string): { readonly clientId?: string } =>
  /^(?:[A-Za-z0-9_-]{22}|https?:\/\/[A-Za-z0-9.:[\]-]+\/[A-Za-z0-9/._~-]{1,200})$/.test(id) ? { clientId: id } : {};

/** The private reason of a refusal where an id is nobody's. */
export const unknownClient = "client is unknown";

/** How paths name a client: by its id, or, where that is a URL, by its hash. */
export const pathIdOf = (clientId: string): string =>
  /^[A-Za-z0-9_-]+$/.test(clientId) ? clientId : hash("sha256", clientId, "base64url").slice(0, 22);

/** What tells a person which client it is. */
export type ShownClient = Pick<Client, "id" | "name" | "origin" | "firstParty">;

/** What people agree to when they allow a client: who it says it is, where its answers go, how it proves itself. */
export type ClientIdentity = Pick<Client, "name" | "redirectUris" | "authMethod" | "metadata">;

/** Tells one state of a client's identity from another: eleven characters of a hash. */
export function identityOf({ name, redirectUris, authMethod, metadata }: ClientIdentity): string {
  const { jwks, jwks_uri: jwksUri } = metadata;
  return hash("sha256", JSON.stringify([name, redirectUris, authMethod, jwks, jwksUri]), "base64url").slice(0, 11);
}

/** Whether a client proves itself by a secret that we give it. */
export const hasSecret = (method: ClientAuthMethod): boolean => method === "client_secret_basic" || method === "client_secret_post";

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
  const [only, ...others] = client.redirectUris;
  if (requested === undefined) {
    if (only !== undefined && others.length === 0 && isUsableRedirectUri(only, policy)) return only;
    throw new OAuthError("invalid_request", "redirect_uri is missing and not exactly one is registered", { clientId: client.id });
  }
  if (!client.redirectUris.some((uri) => matchesRedirectUri(requested, uri) && isUsableRedirectUri(uri, policy))) {
    throw new OAuthError("invalid_request", "redirect_uri is not registered", {
      clientId: client.id,
      shownAs: { page: "unregistered-redirect", client, redirectUri: requested },
    });
  }
  return requested;
}
