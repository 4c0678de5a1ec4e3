import { offeredGrantTypes } from "../check-configuration.ts";
import type { Configuration } from "../config.ts";
import { constantJson, corsHeaders } from "../http/responses.ts";
import { isSameOrigin, type Resource } from "../protocol/resource.ts";
import { protectedResourceMetadata, serverMetadata, wellKnownPath } from "../protocol/server-metadata.ts";

/** A document that is made once, and where it stands. */
export interface Document {
  readonly path: string;
  readonly answer: () => Response;
}

/** Documents change with the configuration alone, and clients ask for them at every connection. */
const documentHeaders = { ...corsHeaders, "cache-control": "public, max-age=300" };

/**
 * Authorization server metadata, at its path-inserted place (RFC 8414 §3), and at the bare one for clients that look at the
 * origin alone.
 */
export function serverMetadataDocuments(config: Configuration): readonly Document[] {
  const { paths, issuer } = config;
  const base = issuer.replace(/\/$/, "");
  const facts = {
    issuer,
    endpoints: {
      authorize: base + paths.authorize,
      token: base + paths.token,
      revoke: base + paths.revoke,
      introspect: base + paths.introspect,
      pushedRequest: base + paths.pushedRequest,
      jwks: base + paths.jwks,
      register: config.registration.mode === "off" ? undefined : base + paths.register,
    },
    scopes: [...config.vocabulary.keys()],
    grantTypes: offeredGrantTypes.filter((name) => name !== "refresh_token" || config.refreshTokens.offered),
    clientDocuments: config.clientDocuments !== undefined,
  };
  const answer = constantJson(serverMetadata(facts), documentHeaders);
  const places = new Set([wellKnownPath("oauth-authorization-server", issuer), "/.well-known/oauth-authorization-server"]);
  return [...places].map((path) => ({ path, answer }));
}

/**
 * Protected resource metadata: each resource at its path-inserted place, those of our own origin before others, and the
 * bare place for the origin itself or the only resource. RFC 9728 §3
 */
export function resourceMetadataDocuments(config: Configuration): readonly Document[] {
  const resources = [...config.resources.values()].sort((a, b) => Number(isOurs(b, config)) - Number(isOurs(a, config)));
  const documents = new Map<string, Document>();
  const add = (path: string, resource: Resource): void => {
    if (!documents.has(path))
      documents.set(path, { path, answer: constantJson(protectedResourceMetadata(resource, config.issuer), documentHeaders) });
  };
  for (const resource of resources) {
    const path = wellKnownPath("oauth-protected-resource", resource.uri);
    add(path, resource);
    // RFC 9728 §3.1 cuts a slash off only where the host ends.
    if (resource.uri.endsWith("/") && path !== bareResourcePath) add(`${path}/`, resource);
  }
  const [only, ...others] = resources;
  if (only !== undefined && others.length === 0) add(bareResourcePath, only);
  return [...documents.values()];
}

const bareResourcePath = "/.well-known/oauth-protected-resource";

const isOurs = (resource: Resource, { issuer }: Configuration): boolean => isSameOrigin(resource.uri, issuer);
