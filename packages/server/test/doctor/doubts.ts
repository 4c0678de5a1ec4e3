import { at, headers, members } from "./flawed-server.ts";
import { type Mistake, resourceMetadata, serverMetadata } from "./mistake.ts";

/** What works for some clients, or not for long. */
export const doubts: readonly Mistake[] = [
  [
    "a challenge with an error though no token came",
    at("/mcp", (reply) => ({
      ...reply,
      headers: { ...reply.headers, "www-authenticate": `${reply.headers["www-authenticate"]}, error="invalid_token"` },
    })),
    "challenge form",
    /^leave error out/,
  ],
  [
    "a challenge without a scope",
    at("/mcp", (reply, { origin }) => ({
      ...reply,
      headers: { ...reply.headers, "www-authenticate": `Bearer resource_metadata="${origin}${resourceMetadata}"` },
    })),
    "challenge form",
    'scope="…" in the challenge',
  ],
  [
    "several authorization servers",
    members(resourceMetadata, (origin) => ({ authorization_servers: [origin, "https://auth.example"] })),
    "authorization servers",
    '"authorization_servers": ["ORIGIN"]',
  ],
  [
    "offline_access in the resource's scopes",
    members(resourceMetadata, () => ({ scopes_supported: ["read", "offline_access"] })),
    "resource metadata, members",
    /offline_access/,
  ],
  [
    "no iss",
    members(serverMetadata, () => ({ authorization_response_iss_parameter_supported: undefined })),
    "iss",
    /"authorization_response_iss_parameter_supported": true$/,
  ],
  [
    "no way to register",
    members(serverMetadata, () => ({ registration_endpoint: undefined, client_id_metadata_document_supported: undefined })),
    "registration",
    /"registration_endpoint"/,
  ],
  [
    "no public clients",
    members(serverMetadata, () => ({ token_endpoint_auth_methods_supported: ["client_secret_basic"] })),
    "client authentication",
    /"none"/,
  ],
  [
    "plain beside S256",
    members(serverMetadata, () => ({ code_challenge_methods_supported: ["plain", "S256"] })),
    "PKCE",
    '"code_challenge_methods_supported": ["S256"]',
  ],
  ["token errors without no-store", headers("/token", { "cache-control": "" }), "token endpoint, no-store", "Cache-Control: no-store"],
  [
    "metadata that is kept for a week",
    headers(serverMetadata, { "cache-control": "max-age=604800" }),
    "caching",
    "Cache-Control: public, max-age=300",
  ],
  [
    "a challenge that is not exposed",
    headers("/mcp", { "access-control-expose-headers": "" }),
    "CORS, challenge",
    "Access-Control-Expose-Headers: WWW-Authenticate",
  ],
  [
    "an endpoint on another origin",
    members(serverMetadata, () => ({ revocation_endpoint: "http://127.0.0.1:9/revoke" })),
    "endpoints",
    '"revocation_endpoint": "ORIGIN/revoke"',
  ],
];
