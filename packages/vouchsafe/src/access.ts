import { type Context, newContext, noteStep, type RequestInfo, type Services } from "./context.ts";
import { errorResponse } from "./endpoints/error-response.ts";
import { readBearer } from "./http/bearer.ts";
import { preflight, resourceHeaders } from "./http/responses.ts";
import { OAuthError } from "./protocol/errors.ts";
import { isJwtShaped } from "./protocol/jwt-access-token.ts";
import { isSameOrigin, type Resource } from "./protocol/resource.ts";
import { coversScope, formatScope, intersection, type Scope, union, type Vocabulary } from "./protocol/scope.ts";
import { hashSecret, isSecret } from "./protocol/secret.ts";
import { wellKnownPath } from "./protocol/server-metadata.ts";
import { clientOf, endOf, isActive, isFor, type PresentedToken, scopeOf } from "./protocol/token.ts";

/** Who may do what, as an access token says. */
export interface Access<ScopeName extends string = string> {
  /** The person, or, for a client's own token, the client. */
  readonly subject: string;
  /** Undefined for a personal access token, which its owner made for a program of their own. */
  readonly clientId: string | undefined;
  readonly clientName: string | undefined;
  readonly scope: readonly ScopeName[];
  /** The approval behind it; undefined for a client's own token. */
  readonly grantId: string | undefined;
  /** The resource the token is for; undefined: every resource of the issuer's origin. */
  readonly audience: string | undefined;
  /** Milliseconds; undefined: it ends when it is revoked. */
  readonly expiresAt: number | undefined;
}

export interface AuthenticateOptions<ScopeName extends string = string> {
  /** What the request needs. */
  readonly scope?: ScopeName | readonly ScopeName[];
  /**
   * What the request's method needs besides: `read` for GET and HEAD, `write` for every other; or scopes of other names in
   * their place.
   */
  readonly methodScopes?: true | { readonly read: ScopeName; readonly write: ScopeName };
  /** The resource that is asked, as registered. Default: the registered one of our origin whose path is the longest that the request's is below. */
  readonly resource?: string;
}

/**
 * Guards an API: what the request's access token allows, or a response that says what is missing, ready to be sent. A CORS
 * preflight gets its response too. RFC 6750 §3, RFC 9728 §5
 */
export type Authenticate<ScopeName extends string> = (
  request: Request,
  options?: AuthenticateOptions<ScopeName>,
  info?: RequestInfo,
) => Promise<Access<ScopeName> | Response>;

export function createAuthenticate<ScopeName extends string>(services: Services): Authenticate<ScopeName> {
  const guards = new Map([...services.config.resources.values()].map((resource) => [resource.uri, createGuard(resource)]));
  const find = createResourceFinder(services);
  return async (request, options = {}, info = {}) => {
    if (request.method === "OPTIONS" && request.headers.has("access-control-request-method"))
      return preflight("GET, HEAD, POST, PUT, PATCH, DELETE");
    const context = newContext(services, "resource", "", request, info);
    try {
      const guard = guards.get(options.resource ?? find(request.url)?.uri ?? "");
      if (guard === undefined)
        throw new Error(`authenticate: no registered resource covers ${new URL(request.url).pathname}; name one in its options`);
      const access = await guard(request, neededScope(request, options, services.config.vocabulary), context);
      return access as Access<ScopeName> | Response;
    } catch (thrown) {
      return errorResponse(thrown, context, undefined, resourceHeaders);
    }
  };
}

type Guard = (request: Request, needed: Scope, context: Context) => Promise<Access | Response>;

function createGuard(resource: Resource): Guard {
  const metadata = `resource_metadata="${new URL(resource.uri).origin}${wellKnownPath("oauth-protected-resource", resource.uri)}"`;
  const initialChallenge = `Bearer ${metadata}${scopeParameter(resource.initialScopes)}`;
  const refuse = (code: "invalid_token" | "insufficient_scope", scope: Scope, reason: string, of?: Partial<Access>): never => {
    const { description } = new OAuthError(code, reason);
    const challenge = `Bearer ${metadata}${scopeParameter(scope)}, error="${code}", error_description="${description}"`;
    throw new OAuthError(code, reason, {
      headers: { ...resourceHeaders, "www-authenticate": challenge },
      ...(of?.clientId === undefined ? {} : { clientId: of.clientId }),
      ...(of?.grantId === undefined ? {} : { grantId: of.grantId }),
    });
  };

  return async (request, needed, context) => {
    const { config, store, uses, flowLog, now } = context;
    // RFC 6750 §3.1: who sent no authentication is told where to get it, and no error.
    if (!sentToken(request))
      return new Response(null, {
        status: 401,
        headers: { ...resourceHeaders, "www-authenticate": initialChallenge, "cache-control": "no-store" },
      });
    const secret = readBearer(request);
    const token = secret !== undefined && isAccessToken(secret) ? await store.token(hashSecret(secret)) : undefined;
    if (token === undefined || token.kind === "refresh") return refuse("invalid_token", resource.initialScopes, "access token is unknown");
    const access = accessOf(token);
    if (!isActive(token, now))
      return refuse("invalid_token", resource.initialScopes, "access token has ended", { clientId: access.clientId });
    if (!isFor(token, resource, config.issuer))
      return refuse("invalid_token", resource.initialScopes, "access token is for another resource", access);
    if (!coversScope(access.scope, needed, config.vocabulary)) {
      // Granted ∪ needed: a client that asks for exactly this loses nothing it has. MCP authorization, scope challenges
      return refuse(
        "insufficient_scope",
        intersection([...config.vocabulary.keys()], union(access.scope, needed)),
        `scope ${formatScope(needed)} is needed`,
        access,
      );
    }
    if (access.grantId !== undefined) {
      uses.note(access.grantId, now);
      if (flowLog.isFirstUse(token.grant, now)) noteStep(context, "first_used", { grantId: access.grantId });
    }
    return access;
  };
}

/** A challenge names at least one scope or none at all. RFC 6750 §3 */
const scopeParameter = (scope: Scope): string => (scope.length === 0 ? "" : `, scope="${formatScope(scope)}"`);

/** Of any kind that opens an API. */
const isAccessToken = (secret: string): boolean => isSecret("access", secret) || isSecret("personal", secret) || isJwtShaped(secret);

function neededScope({ method }: Request, { scope, methodScopes }: AuthenticateOptions, vocabulary: Vocabulary): Scope {
  const named = [scope ?? []].flat();
  if (methodScopes === undefined) return named;
  const { read, write } = methodScopes === true ? { read: "read", write: "write" } : methodScopes;
  const needed = method === "GET" || method === "HEAD" ? read : write;
  if (!vocabulary.has(needed)) throw new Error(`authenticate: methodScopes needs the scope ${needed}, and there is none of this name`);
  return named.length === 0 ? [needed] : union(named, [needed]);
}

/** Other schemes than those of tokens say nothing to us. RFC 6750 §3.1, RFC 9449 §7.1 */
const sentToken = (request: Request): boolean => /^(?:bearer|dpop)\b/i.test(request.headers.get("authorization") ?? "");

function accessOf(token: PresentedToken): Access {
  const clientId = clientOf(token);
  return {
    subject: token.grant?.subject ?? clientId ?? "",
    clientId,
    clientName: token.client?.name,
    scope: scopeOf(token),
    grantId: token.grantId,
    audience: token.audience,
    expiresAt: endOf(token),
  };
}

/** By path alone: the host of a request is whatever its sender says. */
function createResourceFinder({ config }: Services): (url: string) => Resource | undefined {
  const ours = [...config.resources.values()]
    .filter(({ uri }) => isSameOrigin(uri, config.issuer))
    .map((resource) => ({ resource, path: new URL(resource.canonical).pathname.replace(/\/$/, "") }))
    .sort((a, b) => b.path.length - a.path.length);
  return (url) => {
    const path = pathOf(url);
    return ours.find((entry) => path === entry.path || path.startsWith(`${entry.path}/`))?.resource;
  };
}

/** The path of an absolute URL, without the cost of parsing all of it. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, query < 0 ? undefined : query);
}
