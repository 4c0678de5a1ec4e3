import { type AuthorizationServer, type RequestInfo, resourceHeaders } from "vouchsafe";
import { readBody } from "vouchsafe/pages";
import type { Notes } from "./notes.ts";

/** The notes API: `GET` lists (scope `read`), `POST {"text"}` adds (scope `write`). */
export function createNotesApi(oauth: AuthorizationServer, notes: Notes): (request: Request, info: RequestInfo) => Promise<Response> {
  return async (request, info) => {
    const access = await oauth.authenticate(request, { methodScopes: true }, info);
    if (access instanceof Response) return access;
    if (request.method === "GET" || request.method === "HEAD") return answer({ notes: await notes.list(access.subject) });
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { ...resourceHeaders, allow: "GET, HEAD, POST" } });
    const text = await readNote(request);
    return text === undefined
      ? answer({ error: 'A note is JSON: {"text": "at most 1000 characters"}.' }, 400)
      : answer(await notes.add(access.subject, text), 201);
  };
}

const headers = {
  ...resourceHeaders,
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

const answer = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status, headers });

async function readNote(request: Request): Promise<string | undefined> {
  const body = parse(await readBody(request));
  const text = typeof body === "object" && body !== null && "text" in body ? body.text : undefined;
  return typeof text === "string" && text.length > 0 && text.length <= 1000 ? text : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
