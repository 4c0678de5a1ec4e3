import * as v from "valibot";
import type { ClientAuthMethod } from "./client.ts";
import { assertionAlgorithms, isAffordableKey } from "./client-assertion.ts";
import { type DocumentUrlPolicy, isFetchableUrl } from "./document-url.ts";
import { OAuthError } from "./errors.ts";
import { isDangerousRedirectUri, isUsableRedirectUri, type RedirectUriPolicy } from "./redirect-uri.ts";
import { formatScope, type Scope, type Vocabulary } from "./scope.ts";
import { isShowable } from "./shown-name.ts";

/** What the operator allows clients that register themselves. */
export interface RegistrationPolicy {
  readonly redirectUris: RedirectUriPolicy;
  readonly grantTypes: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly defaultScope: Scope;
  /** The method of a registration that names none. RFC 7591 §2 says `client_secret_basic`. */
  readonly defaultAuthMethod: ClientAuthMethod;
  /** Where `jwks_uri` may lead. */
  readonly documentUrls: DocumentUrlPolicy;
}

/** What a client registered, checked. RFC 7591 §2 */
export interface ClientMetadata {
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly authMethod: ClientAuthMethod;
  readonly scope: Scope;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const text = v.pipe(
  v.string(),
  v.maxLength(2000),
  v.check((value) => !value.includes("\0")),
);
const list = v.array(text);
const webAddress = v.pipe(
  text,
  v.check((value) => value === "" || isWebAddress(value)),
);

/** Of a key only what a key is made of: text, truth values, and lists of text. Whatever else is nested in it is ignored. RFC 7517 §4 */
const jsonWebKey = v.pipe(
  v.looseObject({ kty: text }),
  v.transform((key) => ({ ...Object.fromEntries(Object.entries(key).filter(([, value]) => isPartOfKey(value))), kty: key.kty })),
);

const isPartOfKey = (value: unknown): boolean =>
  Array.isArray(value) ? value.every((item) => typeof item === "string") : typeof value === "string" || typeof value === "boolean";

const jsonWebKeySet = v.object({ keys: v.pipe(v.array(jsonWebKey), v.maxLength(20)) });

/** The members we know, in a registration and in a document. Unknown ones are ignored. RFC 7591 §2 */
export const commonMembers = {
  client_name: v.optional(
    v.pipe(
      text,
      v.maxLength(200),
      v.check((name) => name.trim() === "" || isShowable(name)),
    ),
  ),
  redirect_uris: v.optional(v.pipe(list, v.maxLength(20))),
  token_endpoint_auth_signing_alg: v.optional(v.picklist(assertionAlgorithms)),
  jwks: v.optional(jsonWebKeySet),
  jwks_uri: v.optional(text),
  grant_types: v.optional(list),
  scope: v.optional(text),
  scopes: v.optional(v.union([list, text])),
  client_uri: v.optional(webAddress),
  logo_uri: v.optional(webAddress),
  tos_uri: v.optional(webAddress),
  policy_uri: v.optional(webAddress),
  contacts: v.optional(list),
  software_id: v.optional(text),
  software_version: v.optional(text),
  application_type: v.optional(text),
};

const registration = v.object({
  ...commonMembers,
  token_endpoint_auth_method: v.optional(v.picklist(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"])),
  client_type: v.optional(v.picklist(["public", "confidential"])),
  response_types: v.optional(v.array(v.literal("code"))),
});

type Registration = v.InferOutput<typeof registration>;

const echoed = [
  "client_type",
  "client_uri",
  "logo_uri",
  "tos_uri",
  "policy_uri",
  "contacts",
  "software_id",
  "software_version",
  "application_type",
  "jwks",
  "jwks_uri",
  "token_endpoint_auth_signing_alg",
] as const;

/**
 * Checks a registration request. RFC 7591 §3.1, §3.2.2
 * @throws OAuthError `invalid_redirect_uri`, `invalid_client_metadata`
 */
export function parseClientMetadata(body: unknown, policy: RegistrationPolicy): ClientMetadata {
  const parsed = v.safeParse(registration, body);
  if (!parsed.success) refuse(`registration: ${v.getDotPath(parsed.issues[0]) ?? "the body"} is not of its type`);
  const request = parsed.output;
  const grantTypes = allowedGrantTypes(request, policy);
  const authMethod = request.token_endpoint_auth_method ?? methodOfType(request) ?? policy.defaultAuthMethod;
  requireKeys(request, authMethod, policy);
  return {
    name: request.client_name?.trim() || "MCP Client",
    redirectUris: allowedRedirectUris(request, grantTypes, policy),
    grantTypes,
    authMethod,
    scope: knownScope(request, policy),
    metadata: membersOf(request, echoed),
  };
}

/** Those of these members that say something. */
export function membersOf(from: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined && from[name] !== "").map((name) => [name, from[name]]));
}

/** One dangerous member spoils the list; other unusable ones are kept, echoed, and never matched. */
export function allowedRedirectUris(
  request: Pick<Registration, "redirect_uris">,
  grantTypes: readonly string[],
  policy: RegistrationPolicy,
): readonly string[] {
  const uris = request.redirect_uris ?? [];
  if (uris.length === 0 && !grantTypes.includes("authorization_code")) return uris;
  if (uris.length === 0) refuse("registration: there is no redirect URI");
  if (uris.some(isDangerousRedirectUri))
    throw new OAuthError("invalid_redirect_uri", "registration: a redirect URI has a dangerous scheme");
  if (!uris.some((uri) => isUsableRedirectUri(uri, policy.redirectUris)))
    throw new OAuthError("invalid_redirect_uri", "registration: no redirect URI is usable");
  return uris;
}

/** RFC 7591 §2: who names no grant type gets `authorization_code` alone. */
function allowedGrantTypes(
  { grant_types: requested = ["authorization_code"] }: Registration,
  policy: RegistrationPolicy,
): readonly string[] {
  const unknown = requested.find((name) => !policy.grantTypes.includes(name));
  if (unknown !== undefined) refuse("registration: a grant type is not allowed");
  if (requested.length === 0) refuse("registration: grant_types is empty");
  return [...new Set(requested)];
}

const methodOfType = ({ client_type: type }: Registration): ClientAuthMethod | undefined =>
  type && ({ public: "none", confidential: "client_secret_basic" } as const)[type];

/** Unknown scopes are dropped rather than refused: clients send `offline_access` and `openid` out of habit. */
export function knownScope({ scope, scopes = [] }: Pick<Registration, "scope" | "scopes">, policy: RegistrationPolicy): Scope {
  const requested = scope?.split(" ") ?? (typeof scopes === "string" ? scopes.split(" ") : scopes);
  const known = [...policy.vocabulary]
    .filter(([name, { operatorOnly }]) => !operatorOnly && requested.includes(name))
    .map(([name]) => name);
  return known.length > 0 ? known : policy.defaultScope;
}

/**
 * The members for a client's public keys, checked as in a registration.
 * @throws OAuthError `invalid_client_metadata`
 */
export function parseClientKeys(
  members: { readonly jwks: unknown; readonly jwks_uri: string | undefined },
  authMethod: ClientAuthMethod,
  policy: RegistrationPolicy,
): Readonly<Record<string, unknown>> {
  const parsed = v.safeParse(v.object({ jwks: commonMembers.jwks, jwks_uri: commonMembers.jwks_uri }), members);
  if (!parsed.success) refuse("jwks is no JSON Web Key Set");
  requireKeys(parsed.output, authMethod, policy);
  return Object.fromEntries(Object.entries(parsed.output).filter(([, value]) => value !== undefined));
}

/** Two sources of keys contradict each other, and a private key that was sent has leaked. RFC 7591 §2, RFC 7517 §9.2 */
export function requireKeys(
  { jwks, jwks_uri: jwksUri }: Pick<Registration, "jwks" | "jwks_uri">,
  authMethod: ClientAuthMethod,
  { documentUrls }: RegistrationPolicy,
): void {
  if (jwks !== undefined && jwksUri !== undefined) refuse("both jwks and jwks_uri");
  if (jwksUri !== undefined && !isFetchableUrl(jwksUri, documentUrls)) refuse("jwks_uri is not an https URL that we would fetch");
  if (jwks?.keys.some((key) => "d" in key || "k" in key) === true) refuse("jwks holds a private key");
  if (jwks?.keys.every(isAffordableKey) === false) refuse("jwks holds a key that is too costly to verify with");
  if (authMethod === "private_key_jwt" && jwksUri === undefined && (jwks?.keys.length ?? 0) === 0) refuse("private_key_jwt without a key");
}

function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
}

function refuse(reason: string): never {
  throw new OAuthError("invalid_client_metadata", reason);
}

/** What a client registered, in the words of the wire. RFC 7591 §3.2.1 */
export function clientMetadataDocument(client: ClientMetadata): Record<string, unknown> {
  return {
    client_name: client.name,
    redirect_uris: client.redirectUris,
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes("authorization_code") ? ["code"] : [],
    token_endpoint_auth_method: client.authMethod,
    scope: formatScope(client.scope),
    ...client.metadata,
  };
}
