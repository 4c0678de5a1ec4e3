/** A hand-made authorization server with an MCP server beside it, right in everything the doctor looks at, but for one flaw that a test gives it. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../interop/self-signed-certificate.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Where the server is, such as `http://localhost:49152`. */
  readonly origin: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body: string | Readonly<Record<string, unknown>>;
}

/** Undefined: no answer at all. */
export type Flaw = (reply: Reply, asked: Asked) => Reply | undefined;

export interface FlawedServer extends AsyncDisposable {
  readonly origin: string;
  /** Everything it was asked. */
  readonly asked: readonly Asked[];
}

export interface FlawedServerOptions {
  /** The path of the issuer, such as `/auth`; none: the origin. */
  readonly prefix?: string;
  readonly certificate?: Certificate;
}

export async function startFlawed(
  flaw: Flaw = (reply) => reply,
  { prefix = "", certificate }: FlawedServerOptions = {},
): Promise<FlawedServer> {
  const asked: Asked[] = [];
  let origin = "";
  const answer = async (request: IncomingMessage): Promise<Reply | undefined> => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const question = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body, origin };
    asked.push(question);
    return flaw(rightAnswer(question, prefix), question);
  };
  const listener: Parameters<typeof createServer>[1] = (request, response) =>
    void answer(request).then((reply) => {
      if (reply === undefined) return;
      response.writeHead(reply.status, reply.headers).end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
    });
  const server: Server = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `${certificate === undefined ? "http" : "https"}://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const open = { "access-control-allow-origin": "*" };

function rightAnswer({ method, path, origin }: Asked, prefix: string): Reply {
  const issuer = `${origin}${prefix}`;
  const preflight = {
    "access-control-allow-headers": "authorization, content-type, mcp-protocol-version",
    "access-control-allow-methods": "GET, POST",
  };
  const known: Readonly<Record<string, Reply>> = {
    "/mcp": {
      status: 401,
      headers: {
        ...open,
        "access-control-expose-headers": "WWW-Authenticate",
        "www-authenticate": `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", scope="read"`,
      },
      body: "",
    },
    "/.well-known/oauth-protected-resource/mcp": json({
      resource: `${origin}/mcp`,
      authorization_servers: [issuer],
      scopes_supported: ["read"],
    }),
    [`/.well-known/oauth-authorization-server${prefix}`]: json(metadataOf(issuer)),
    [`${prefix}/authorize`]: { status: 400, headers: { "content-type": "text/html" }, body: "<p>No client.</p>" },
    [`${prefix}/token`]: json({ error: "invalid_request" }, 400, { "cache-control": "no-store" }),
    [`${prefix}/register`]: json({ error: "invalid_client_metadata" }, 400),
    [`${prefix}/jwks`]: json({ keys: [{ kty: "EC", crv: "P-256", alg: "ES256", x: "x", y: "y" }] }),
  };
  const reply = known[path] ?? json({ error: "not_found" }, 404);
  return method === "OPTIONS" ? { status: 204, headers: { ...open, ...preflight }, body: "" } : reply;
}

export const metadataOf = (issuer: string): Readonly<Record<string, unknown>> => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  code_challenge_methods_supported: ["S256"],
  token_endpoint_auth_methods_supported: ["none"],
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: true,
});

export const json = (body: Readonly<Record<string, unknown>>, status = 200, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { ...open, "content-type": "application/json", ...headers },
  body,
});

/** A flaw in the answers of one path, to anything but a preflight. */
export const at =
  (path: string, change: (reply: Reply, asked: Asked) => Reply | undefined): Flaw =>
  (reply, asked) =>
    asked.path === path && asked.method !== "OPTIONS" ? change(reply, asked) : reply;

/** A flaw in some members of the document at a path; undefined takes a member away. */
export const members = (path: string, changed: (origin: string) => Readonly<Record<string, unknown>>): Flaw =>
  at(path, (reply, { origin }) => (typeof reply.body === "string" ? reply : { ...reply, body: { ...reply.body, ...changed(origin) } }));

/** A flaw in the headers of the answers of one path; an empty one is left out. */
export const headers = (path: string, changed: Readonly<Record<string, string>>): Flaw => at(path, (reply) => withHeaders(reply, changed));

/** The same for its preflights. */
export const preflights =
  (path: string, changed: Readonly<Record<string, string>>): Flaw =>
  (reply, asked) =>
    asked.path === path && asked.method === "OPTIONS" ? withHeaders(reply, changed) : reply;

const withHeaders = (reply: Reply, changed: Readonly<Record<string, string>>): Reply => ({
  ...reply,
  headers: Object.fromEntries(Object.entries({ ...reply.headers, ...changed }).filter(([, value]) => value !== "")),
});
