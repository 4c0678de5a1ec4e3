import type { Resource } from "./resource.ts";

/** What the metadata tells about this server. */
export interface ServerFacts {
  readonly issuer: string;
  readonly endpoints: {
    readonly authorize: string;
    readonly token: string;
    readonly revoke: string;
    readonly introspect: string;
    /** Undefined where registration is off. */
    readonly register: string | undefined;
  };
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
}

const secretMethods = ["client_secret_basic", "client_secret_post"];

/** Authorization server metadata. RFC 8414 §2; `iss`: RFC 9207 §3 */
export function serverMetadata({ issuer, endpoints, scopes, grantTypes }: ServerFacts): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: endpoints.authorize,
    token_endpoint: endpoints.token,
    ...(endpoints.register === undefined ? {} : { registration_endpoint: endpoints.register }),
    revocation_endpoint: endpoints.revoke,
    introspection_endpoint: endpoints.introspect,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: grantTypes,
    token_endpoint_auth_methods_supported: ["none", ...secretMethods],
    revocation_endpoint_auth_methods_supported: ["none", ...secretMethods],
    introspection_endpoint_auth_methods_supported: secretMethods,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
  };
}

/** Protected resource metadata. RFC 9728 §2 */
export function protectedResourceMetadata(resource: Resource, issuer: string): Record<string, unknown> {
  return {
    resource: resource.uri,
    authorization_servers: [issuer],
    scopes_supported: resource.scopes,
    bearer_methods_supported: ["header"],
    ...(resource.name === undefined ? {} : { resource_name: resource.name }),
  };
}

/** The path at which a well-known document of a URI stands: between host and path. RFC 8414 §3.1, RFC 9728 §3.1 */
export function wellKnownPath(name: string, uri: string): string {
  const { pathname } = new URL(uri);
  return `/.well-known/${name}${pathname === "/" ? "" : pathname.replace(/\/$/, "")}`;
}
