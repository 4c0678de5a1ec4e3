import type { Client } from "./client.ts";
import { OAuthError } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { requireCodeChallenge } from "./pkce.ts";
import { knownResources, type Resource, type Resources, requestedResources } from "./resource.ts";
import { difference, intersection, parseScope, type Scope, type Vocabulary } from "./scope.ts";

/** What the server knows that a request is checked against. */
export interface AuthorizationPolicy {
  readonly vocabulary: Vocabulary;
  readonly defaultScope: Scope;
  readonly resources: Resources;
  readonly requireState: boolean;
}

/** An authorization request whose client and redirect URI are settled. OAuth 2.1 §4.1.1 */
export interface AuthorizationRequest extends ClientlessRequest {
  readonly redirectUri: string;
  readonly scope: Scope;
}

/** As much of a request as can be read without knowing who asks. */
export interface ClientlessRequest {
  readonly state: string | undefined;
  readonly resources: readonly Resource[];
  readonly codeChallenge: string;
  /** OpenID Connect Core §3.1.2.1 */
  readonly prompt: readonly string[];
  /** The oldest sign-in that will do, in milliseconds. OpenID Connect Core §3.1.2.1 */
  readonly maxAge: number | undefined;
  /** For a prefilled sign-in form. OpenID Connect Core §3.1.2.1 */
  readonly loginHint: string | undefined;
}

/**
 * Checks the rest of the request, in an order that names the worst first. Every refusal here goes back to the client.
 * OAuth 2.1 §4.1.1, §4.1.2.1
 */
export function readAuthorizationRequest(
  parameters: Parameters,
  client: Client,
  redirectUri: string,
  policy: AuthorizationPolicy,
): AuthorizationRequest {
  requireCode(parameters);
  if (!client.grantTypes.includes("authorization_code"))
    throw new OAuthError("unauthorized_client", "client has no grant type authorization_code");
  const request = readParameters(parameters, policy);
  const resources = allowedResources(client, request.resources, policy.resources);
  return { ...request, redirectUri, resources, scope: requestedScope(parameters.get("scope"), client, resources, policy) };
}

/**
 * What can be checked before anybody is asked who the client is: a document is not fetched for a request that would be
 * refused whatever it says.
 */
export function readClientlessRequest(parameters: Parameters, policy: AuthorizationPolicy): ClientlessRequest {
  requireCode(parameters);
  return readParameters(parameters, policy);
}

function requireCode(parameters: Parameters): void {
  parameters.refuseDefects();
  if (parameters.get("request") !== undefined) throw new OAuthError("request_not_supported", "request object");
  if (parameters.get("request_uri") !== undefined) throw new OAuthError("request_uri_not_supported", "request_uri");
  if (parameters.require("response_type") !== "code") throw new OAuthError("unsupported_response_type", "response_type is not code");
}

function readParameters(parameters: Parameters, policy: AuthorizationPolicy): ClientlessRequest {
  const state = parameters.get("state");
  if (state === undefined && policy.requireState) parameters.require("state");
  const codeChallenge = requireCodeChallenge(parameters.get("code_challenge"), parameters.get("code_challenge_method"));
  const resources = requestedResources(parameters.all("resource"), policy.resources);
  return {
    state,
    resources,
    codeChallenge,
    prompt: readPrompt(parameters.get("prompt")),
    maxAge: readMaxAge(parameters.get("max_age")),
    loginHint: parameters.get("login_hint"),
  };
}

/**
 * The resources of the request, where the client may ask for them. A client that an operator tied to some gets these when it
 * names none.
 * @throws OAuthError `invalid_target`
 */
export function allowedResources(client: Client, requested: readonly Resource[], resources: Resources): readonly Resource[] {
  if (client.resources.length === 0) return requested;
  const allowed = knownResources(client.resources, resources);
  // Tied to what is no longer there, it is tied to nothing, and that is not the same as not being tied.
  if (allowed.length === 0) throw new OAuthError("invalid_target", "none of the client's resources is registered", { clientId: client.id });
  if (requested.length === 0) return allowed;
  if (!requested.every((resource) => allowed.includes(resource)))
    throw new OAuthError("invalid_target", "the client may not ask for this resource", { clientId: client.id });
  return requested;
}

/**
 * `offline_access` is ignored: whether there is a refresh token follows from the client's grant types.
 * @throws OAuthError `invalid_scope` where a scope is unknown, not one of the resource, or not allowed to the client
 */
function requestedScope(requested: string | undefined, client: Client, resources: readonly Resource[], policy: AuthorizationPolicy): Scope {
  const allowed = allowedScope(client, resources, policy.vocabulary);
  const named = parseScope(requested ?? "").filter((name) => name !== "offline_access" || policy.vocabulary.has(name));
  const scope = named.length > 0 ? named : intersection(policy.defaultScope, allowed);
  if (scope.length === 0) throw new OAuthError("invalid_scope", "no scope was requested and the default is not allowed");
  if (difference(scope, allowed).length > 0) throw new OAuthError("invalid_scope", "a requested scope is unknown or not allowed");
  return intersection([...policy.vocabulary.keys()], scope);
}

/** What was registered is a ceiling only for clients that an operator made; others may ask for whatever is not kept for operators. */
export function allowedScope(client: Client, resources: readonly Resource[], vocabulary: Vocabulary): Scope {
  const ofResources = resources.length === 0 ? [...vocabulary.keys()] : resources.flatMap((resource) => resource.scopes);
  if (client.origin === "operator") return intersection(ofResources, client.scope);
  return ofResources.filter((name) => vocabulary.get(name)?.operatorOnly === false);
}

function readPrompt(prompt: string | undefined): readonly string[] {
  const values = prompt?.split(" ").filter((value) => value !== "") ?? [];
  if (values.includes("none") && values.length > 1) throw new OAuthError("invalid_request", "prompt none is combined with another");
  return values;
}

function readMaxAge(maxAge: string | undefined): number | undefined {
  if (maxAge === undefined) return undefined;
  if (!/^\d{1,9}$/.test(maxAge)) throw new OAuthError("invalid_request", "max_age is no number of seconds");
  return Number(maxAge) * 1000;
}

/**
 * The client's redirect URI with the answer added. What is already in its query stays as it was registered, but for
 * members of the answer's own names, which would otherwise be there twice. `iss`: RFC 9207 §2
 */
export function responseUri(redirectUri: string, answer: Readonly<Record<string, string | undefined>>): string {
  const [base = "", query = ""] = splitOnce(redirectUri, "?");
  const kept = query.split("&").filter((pair) => pair !== "" && !Object.hasOwn(answer, nameOf(pair)));
  const added = Object.entries(answer).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return `${base}?${[...kept, ...added].join("&")}`;
}

/** The name of a query's member, decoded as its reader will. */
const nameOf = (pair: string): string => [...new URLSearchParams(pair).keys()][0] ?? "";

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
