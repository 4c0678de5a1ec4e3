import type { Client } from "./client.ts";
import { OAuthError } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { requireCodeChallenge } from "./pkce.ts";
import { type Resource, type Resources, requestedResources } from "./resource.ts";
import { difference, intersection, parseScope, type Scope, type Vocabulary } from "./scope.ts";

/** What the server knows that a request is checked against. */
export interface AuthorizationPolicy {
  readonly vocabulary: Vocabulary;
  readonly defaultScope: Scope;
  readonly resources: Resources;
  readonly requireState: boolean;
}

/** An authorization request whose client and redirect URI are settled. OAuth 2.1 §4.1.1 */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scope: Scope;
  readonly resources: readonly Resource[];
  readonly codeChallenge: string;
  /** OpenID Connect Core §3.1.2.1 */
  readonly prompt: readonly string[];
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
  parameters.refuseDefects();
  if (parameters.get("request") !== undefined) throw new OAuthError("request_not_supported", "request object");
  if (parameters.get("request_uri") !== undefined) throw new OAuthError("request_uri_not_supported", "request_uri");
  const responseType = parameters.require("response_type");
  if (responseType !== "code") throw new OAuthError("unsupported_response_type", "response_type is not code");
  if (!client.grantTypes.includes("authorization_code"))
    throw new OAuthError("unauthorized_client", "client has no grant type authorization_code");
  const state = parameters.get("state");
  if (state === undefined && policy.requireState) parameters.require("state");
  const codeChallenge = requireCodeChallenge(parameters.get("code_challenge"), parameters.get("code_challenge_method"));
  const resources = requestedResources(parameters.all("resource"), policy.resources);
  const scope = requestedScope(parameters.get("scope"), client, resources, policy);
  return { redirectUri, state, scope, resources, codeChallenge, prompt: readPrompt(parameters.get("prompt")) };
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
