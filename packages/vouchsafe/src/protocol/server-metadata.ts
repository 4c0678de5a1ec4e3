import type { ClientAuthMethod } from "./client.ts";
import { assertionAlgorithms } from "./client-assertion.ts";
import type { Resource } from "./resource.ts";

/** What the metadata tells about this server. */
export interface ServerFacts {
  readonly issuer: string;
  readonly endpoints: {
    readonly authorize: string;
    readonly token: string;
    readonly revoke: string;
    readonly introspect: string;
    readonly pushedRequest: string;
    readonly jwks: string;
    /** Undefined where registration is off. */
    readonly register: string | undefined;
  };
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
  /** Clients may identify themselves by the URL of a document. */
  readonly clientDocuments: boolean;
}

const proofMethods: readonly ClientAuthMethod[] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/** Authorization server metadata. RFC 8414 §2; `iss`: RFC 9207 §3; pushed requests: RFC 9126 §5 */
export function serverMetadata({ issuer, endpoints, scopes, grantTypes, clientDocuments }: ServerFacts): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: endpoints.authorize,
    token_endpoint: endpoints.token,
    jwks_uri: endpoints.jwks,
    ...(endpoints.register === undefined ? {} : { registration_endpoint: endpoints.register }),
    revocation_endpoint: endpoints.revoke,
    introspection_endpoint: endpoints.introspect,
    pushed_authorization_request_endpoint: endpoints.pushedRequest,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: grantTypes,
    token_endpoint_auth_methods_supported: ["none", ...proofMethods],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: ["none", ...proofMethods],
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: proofMethods,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    code_challenge_methods_supported: ["S256"],
    prompt_values_supported: ["none", "login", "consent", "select_account"],
    authorization_response_iss_parameter_supported: true,
    ...(clientDocuments ? { client_id_metadata_document_supported: true } : {}),
  };
}

/** Protected resource metadata. RFC 9728 §2 */
export function protectedResourceMetadata(resource: Resource, issuer: string): Record<string, unknown> {
  return {
    resource: resource.uri,
    authorization_servers: [issuer],
    ...(resource.scopes.length === 0 ? {} : { scopes_supported: resource.scopes }),
    bearer_methods_supported: ["header"],
    ...(resource.name === undefined ? {} : { resource_name: resource.name }),
  };
}

/** The path at which a well-known document of a URI stands: between host and path. RFC 8414 §3.1, RFC 9728 §3.1 */
export function wellKnownPath(name: string, uri: string): string {
  const { pathname } = new URL(uri);
  return `/.well-known/${name}${pathname === "/" ? "" : pathname.replace(/\/$/, "")}`;
}
