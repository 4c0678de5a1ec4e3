import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { type AuthorizationServer, type RequestInfo, resourceHeaders } from "vouchsafe";
import { readBody } from "vouchsafe/pages";
import { z } from "zod";
import type { Notes } from "./notes.ts";

/** The scope each tool needs. Everything else of the protocol is open to whoever may use the resource at all. */
const scopeOfTool: Readonly<Record<string, string>> = { list_notes: "read", add_note: "write" };

/** The notes as an MCP server over streamable HTTP: tools `list_notes` (read) and `add_note` (write). */
export function createNotesMcp(oauth: AuthorizationServer, notes: Notes): (request: Request, info: RequestInfo) => Promise<Response> {
  return async (request, info) => {
    const text = request.method === "POST" ? await readBody(request) : "";
    const body = parse(text);
    const access = await oauth.authenticate(request, { scope: neededScope(body) }, info);
    if (access instanceof Response) return access;
    const handler = createMcpHandler(() => notesServer(access.subject, notes));
    const forwarded = new Request(request.url, {
      method: request.method,
      headers: request.headers,
      ...(text === "" ? {} : { body: text }),
    });
    const response = await handler.fetch(forwarded, body === undefined ? {} : { parsedBody: body });
    for (const [name, value] of Object.entries(resourceHeaders)) response.headers.set(name, value);
    return response;
  };
}

function notesServer(subject: string, notes: Notes): McpServer {
  const server = new McpServer({ name: "notes", version: "1.0.0" });
  server.registerTool("list_notes", { description: "Lists your notes." }, async () => ({
    content: [{ type: "text", text: JSON.stringify(await notes.list(subject)) }],
  }));
  server.registerTool(
    "add_note",
    { description: "Adds a note.", inputSchema: z.object({ text: z.string().min(1).max(1000) }) },
    async ({ text }) => ({
      content: [{ type: "text", text: JSON.stringify(await notes.add(subject, text)) }],
    }),
  );
  return server;
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined; // the handler says so in the protocol's own words
  }
}

/** All scopes of all tools that a message, or a batch of them, calls. */
function neededScope(body: unknown): readonly string[] {
  const calls = [body].flat().flatMap((message) => toolOf(message) ?? []);
  return [...new Set(calls.flatMap((tool) => scopeOfTool[tool] ?? []))];
}

function toolOf(message: unknown): string | undefined {
  if (typeof message !== "object" || message === null || !("method" in message) || message.method !== "tools/call") return undefined;
  const { params } = message as { params?: { name?: unknown } };
  return typeof params?.name === "string" ? params.name : undefined;
}
