import { OAuthError } from "./errors.ts";
import { intersection, type Scope } from "./scope.ts";

/** A protected resource this server issues tokens for. RFC 8707, RFC 9728 */
export interface Resource {
  /** The registered URI, byte for byte: the `aud` of its tokens and the `resource` of its metadata. */
  readonly uri: string;
  readonly canonical: string;
  readonly name: string | undefined;
  readonly scopes: Scope;
  /** What the first challenge asks for. */
  readonly initialScopes: Scope;
  /** Whether people's personal access tokens work here. */
  readonly personalTokens: boolean;
}

/** The registered resources by their canonical URI. */
export type Resources = ReadonlyMap<string, Resource>;

/**
 * The form in which resource URIs are compared: scheme and host in lower case, no default port, no trailing slash.
 * Undefined where the text is no absolute URI, or has a fragment or user information. RFC 8707 §2
 */
export function canonicalResource(uri: string): string | undefined {
  if (!visibleAscii.test(uri) || uri.includes("#") || !URL.canParse(uri)) return undefined;
  const hierarchical = /^[^:/?#]+:\/\/([^/?]*)(.*)$/.exec(uri);
  if (hierarchical === null) return uri;
  const [, authority = "", rest = ""] = hierarchical;
  if (authority === "" || authority.includes("@") || authority.includes("\\")) return undefined;
  const { protocol, host } = new URL(uri);
  return `${protocol}//${host}${rest.endsWith("/") ? rest.slice(0, -1) : rest}`;
}

const visibleAscii = /^[\x21-\x7E]+$/;

/**
 * The registered resources that a request names, each once and in the order of their registration. RFC 8707 §2
 * @throws OAuthError `invalid_target` where one is unknown or malformed
 */
export function requestedResources(requested: readonly string[], resources: Resources): readonly Resource[] {
  if (!requested.every((uri) => registeredResource(uri, resources) !== undefined))
    throw new OAuthError("invalid_target", "resource is not registered");
  return knownResources(requested, resources);
}

/** The same without a refusal: those that are not registered are left out. */
export function knownResources(requested: readonly string[], resources: Resources): readonly Resource[] {
  if (requested.length === 0) return [];
  const named = requested.map((uri) => registeredResource(uri, resources));
  return [...resources.values()].filter((resource) => named.includes(resource));
}

/** What is canonical as it stands needs no parsing to be found. */
export const registeredResource = (uri: string, resources: Resources): Resource | undefined =>
  resources.get(uri) ?? resources.get(canonicalResource(uri) ?? "");

/**
 * The one audience of an access token, out of what its grant covers and what the token request names. Undefined means
 * every resource of the issuer's origin, for a grant that never named one. RFC 8707 §2.2
 * @throws OAuthError `invalid_target` where the request names none of the grant's, or names none and the grant has several
 */
export function chooseAudience(
  granted: readonly string[],
  requested: readonly string[],
  resources: Resources,
  issuer: string,
): string | undefined {
  const [named, ...others] = requestedResources(requested, resources);
  if (others.length > 0) throw new OAuthError("invalid_target", "an access token has one audience, and several resources were named");
  if (granted.length === 0) return audienceOfUnnamed(named, resources, issuer);
  if (named !== undefined) {
    if (!granted.includes(named.uri)) throw new OAuthError("invalid_target", "resource is not part of the grant");
    return named.uri;
  }
  const [only, ...more] = granted;
  if (more.length > 0) throw new OAuthError("invalid_target", "the grant covers several resources and the request names none");
  return only;
}

/**
 * What of a scope means anything at the audience: a token for one of several resources does not carry the others' scopes.
 * RFC 8707 §2.2
 * @throws OAuthError `invalid_target` where nothing of it does
 */
export function scopeAt(audience: string | undefined, scope: Scope, resources: Resources): Scope {
  const resource = audience === undefined ? undefined : registeredResource(audience, resources);
  if (resource === undefined) return scope;
  const there = intersection(scope, resource.scopes);
  if (there.length === 0) throw new OAuthError("invalid_target", "the grant has no scope of this resource");
  return there;
}

/**
 * The resources that a token for this audience names as its audience: where no resource was ever named, those of the
 * issuer's origin at which all of its scope means something. RFC 9068 §2.2.3, §3
 */
export function resourcesAt(audience: string | undefined, scope: Scope, resources: Resources, issuer: string): readonly string[] {
  if (audience !== undefined) return [audience];
  const ours = [...resources.values()].filter(({ uri }) => isSameOrigin(uri, issuer));
  const fitting = ours.filter((resource) => scope.every((name) => resource.scopes.includes(name)));
  return (fitting.length > 0 ? fitting : ours).map(({ uri }) => uri);
}

/** Nobody was asked about a resource: the grant covers those of the issuer's origin, or the single one there is elsewhere. */
function audienceOfUnnamed(named: Resource | undefined, resources: Resources, issuer: string): string | undefined {
  const all = [...resources.values()];
  const ours = all.filter((resource) => isSameOrigin(resource.uri, issuer));
  const covered = ours.length > 0 ? ours : all.length === 1 ? all : [];
  if (named !== undefined && !covered.includes(named))
    throw new OAuthError("invalid_target", "the grant named no resource, and this one is not covered by that");
  if (covered.length === 0) throw new OAuthError("invalid_target", "no resource was named, and there is no single one");
  return named?.uri ?? (ours.length > 0 ? undefined : covered[0]?.uri);
}

/** Whether a token for this audience may be used at this resource. */
export function coversResource(audience: string | undefined, resource: Resource, issuer: string): boolean {
  return audience === undefined ? isSameOrigin(resource.uri, issuer) : audience === resource.uri;
}

/** Whether both URIs have the same scheme, host and port. */
export function isSameOrigin(uri: string, other: string): boolean {
  return URL.parse(uri)?.origin === URL.parse(other)?.origin;
}
