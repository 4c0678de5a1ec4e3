/** Headers that every answer of the protocol carries. */
const jsonHeaders = { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** For endpoints that any web page may call: metadata, token, register, revoke. Never with credentials. */
export const corsHeaders = { "access-control-allow-origin": "*" } as const;

/** What a web page must be told besides, to use a guarded resource. */
export const resourceHeaders = {
  ...corsHeaders,
  "access-control-expose-headers": "WWW-Authenticate, Retry-After, Mcp-Session-Id",
} as const;

export type Headers = Readonly<Record<string, string>>;

/** A time on the wire, in whole seconds. */
export const seconds = (at: number): number => Math.floor(at / 1000);

/** JSON that is never cached: it may hold a credential. */
export function json(body: unknown, status = 200, headers: Headers = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...jsonHeaders, ...headers } });
}

/** A document that is always the same: made once, sent many times. */
export function constantJson(body: unknown, headers: Headers): () => Response {
  const bytes = Buffer.from(JSON.stringify(body));
  const init = { status: 200, headers: { "content-type": "application/json", "x-content-type-options": "nosniff", ...headers } };
  return () => new Response(bytes, init);
}

/** 303: whatever was sent here, what follows is a GET. Where it was a GET already, 302 says so to the oldest client. */
export function redirect(location: string, headers: Headers = {}, status: 302 | 303 = 303): Response {
  return new Response(null, {
    status,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer", ...headers },
  });
}

/** The answer to a CORS preflight. */
export function preflight(methods: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...corsHeaders,
      "access-control-allow-methods": methods,
      "access-control-allow-headers": "authorization, content-type, mcp-protocol-version, mcp-session-id, last-event-id",
      "access-control-max-age": "86400",
    },
  });
}

/** Whether a person's browser asks, rather than a program. */
export const wantsPage = (request: Request): boolean => !(request.headers.get("accept") ?? "").includes("application/json");
