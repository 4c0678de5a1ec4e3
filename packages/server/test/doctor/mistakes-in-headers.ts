import { at, headers, preflights } from "./flawed-server.ts";
import { type Mistake, resourceMetadata, serverMetadata } from "./mistake.ts";

/** In headers, preflights, redirects and clocks. */
export const mistakesInHeaders: readonly Mistake[] = [
  ["metadata of another type", headers(serverMetadata, { "content-type": "text/plain" }), "content type", "Content-Type: application/json"],
  ["metadata that is compressed unasked", headers(resourceMetadata, { "content-encoding": "br" }), "compression", /^gzip off;/],
  [
    "metadata from a cache that keeps it too long",
    headers(serverMetadata, { age: "9000", "cache-control": "max-age=300" }),
    "caching",
    /^proxy_cache off;/,
  ],
  [
    "server metadata that web pages may not read",
    headers(serverMetadata, { "access-control-allow-origin": "" }),
    "CORS, server metadata",
    "Access-Control-Allow-Origin: *",
  ],
  [
    "resource metadata that web pages may not read",
    headers(resourceMetadata, { "access-control-allow-origin": "" }),
    "CORS, resource metadata",
    "Access-Control-Allow-Origin: *",
  ],
  [
    "metadata for one site alone",
    headers(serverMetadata, { "access-control-allow-origin": "https://other.example" }),
    "CORS, server metadata",
    "Access-Control-Allow-Origin: *",
  ],
  [
    "credentials with a star",
    headers("/token", { "access-control-allow-credentials": "true" }),
    "CORS, token endpoint",
    /without Access-Control-Allow-Credentials$/,
  ],
  [
    "no preflight at the token endpoint",
    preflights("/token", { "access-control-allow-origin": "" }),
    "CORS, token preflight",
    /^204 to OPTIONS/,
  ],
  [
    "a preflight that allows too few headers",
    preflights("/register", { "access-control-allow-headers": "accept" }),
    "CORS, registration preflight",
    "Access-Control-Allow-Headers: content-type",
  ],
  [
    "a preflight whose star leaves Authorization out",
    preflights("/token", { "access-control-allow-headers": "*" }),
    "CORS, token preflight",
    /authorization/,
  ],
  [
    "metadata that is not for clients with the MCP's header",
    preflights(serverMetadata, { "access-control-allow-headers": "" }),
    "CORS, metadata preflight",
    /mcp-protocol-version/,
  ],
  [
    "a challenge that web pages may not read",
    headers("/mcp", { "access-control-allow-origin": "" }),
    "CORS, challenge",
    /Access-Control-Expose-Headers: WWW-Authenticate/,
  ],
  [
    "a resource that allows no preflight",
    preflights("/mcp", { "access-control-allow-origin": "" }),
    "CORS, resource preflight",
    /^204 to OPTIONS/,
  ],
  [
    "a token endpoint that redirects",
    at("/token", () => ({ status: 307, headers: { location: "/v2/token" }, body: "" })),
    "redirects",
    "announce ORIGIN/v2/token itself",
  ],
  [
    "a clock that is an hour behind",
    headers(serverMetadata, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
    "clock",
    "timedatectl set-ntp true",
  ],
];
