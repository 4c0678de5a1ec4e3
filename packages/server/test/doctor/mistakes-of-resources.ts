import { at, headers, members } from "./flawed-server.ts";
import { lost, type Mistake, resourceMetadata } from "./mistake.ts";

/** In the challenge and the metadata of a resource. */
export const mistakesOfResources: readonly Mistake[] = [
  [
    "a 401 without a challenge",
    headers("/mcp", { "www-authenticate": "" }),
    "challenge",
    'WWW-Authenticate: Bearer resource_metadata="ORIGIN/.well-known/oauth-protected-resource/mcp"',
  ],
  [
    "a challenge of another scheme alone",
    headers("/mcp", { "www-authenticate": 'Basic realm="x"' }),
    "challenge",
    /^WWW-Authenticate: Bearer/,
  ],
  [
    "a challenge without resource metadata",
    headers("/mcp", { "www-authenticate": 'Bearer realm="x"' }),
    "challenge",
    /^WWW-Authenticate: Bearer/,
  ],
  [
    "a challenge with a relative URL",
    headers("/mcp", { "www-authenticate": 'Bearer resource_metadata="/x"' }),
    "challenge",
    /^WWW-Authenticate: Bearer/,
  ],
  [
    "a 403 instead of a 401",
    at("/mcp", (reply) => ({ ...reply, status: 403, headers: {} })),
    "challenge",
    /^401 with WWW-Authenticate: Bearer/,
  ],
  [
    "another scheme before Bearer",
    at("/mcp", (reply) => ({
      ...reply,
      headers: { ...reply.headers, "www-authenticate": `Basic realm="x", ${reply.headers["www-authenticate"]}` },
    })),
    "challenge form",
    /before any other$/,
  ],
  [
    "a challenge that names another place",
    at("/mcp", (reply, { origin }) => ({
      ...reply,
      headers: { ...reply.headers, "www-authenticate": `Bearer resource_metadata="${origin}/nowhere", scope="read"` },
    })),
    "resource metadata, path form",
    'resource_metadata="ORIGIN/.well-known/oauth-protected-resource/mcp"',
  ],
  [
    "no resource metadata",
    at(resourceMetadata, () => lost),
    "resource metadata",
    /^200 application\/json at ORIGIN\/\.well-known\/oauth-protected-resource\/mcp: \{"resource": "ORIGIN\/mcp"/,
  ],
  [
    "resource metadata that redirects",
    at(resourceMetadata, () => ({ status: 302, headers: { location: "/x" }, body: "" })),
    "resource metadata",
    /^200 application\/json/,
  ],
  [
    "resource metadata of another resource",
    members(resourceMetadata, (origin) => ({ resource: `${origin}/other` })),
    "resource",
    '"resource": "ORIGIN/mcp"',
  ],
  [
    "resource metadata without a resource",
    members(resourceMetadata, () => ({ resource: undefined })),
    "resource",
    '"resource": "ORIGIN/mcp"',
  ],
  [
    "resource metadata without an authorization server",
    members(resourceMetadata, () => ({ authorization_servers: [] })),
    "authorization servers",
    '"authorization_servers": ["ORIGIN"]',
  ],
  [
    "resource metadata with null",
    members(resourceMetadata, () => ({ resource_name: null })),
    "resource metadata, members",
    "leave out resource_name",
  ],
  [
    "a text where a list belongs",
    members(resourceMetadata, () => ({ scopes_supported: "read write" })),
    "resource metadata, members",
    '"scopes_supported": […]',
  ],
  [
    "tokens in the query alone",
    members(resourceMetadata, () => ({ bearer_methods_supported: ["query"] })),
    "resource metadata, members",
    '"bearer_methods_supported": ["header"]',
  ],
];
