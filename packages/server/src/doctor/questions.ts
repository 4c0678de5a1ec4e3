import type { Question } from "./exchange.ts";
import { isInternal } from "./hosts.ts";

/** The page in which a client that is a web page runs. RFC 2606 §2 */
const webPage = "https://app.example";

/** How people's clients first come to a URL, without a token. */
export const firstRequest: Question = { headers: { accept: "application/json, text/event-stream", origin: webPage } };

/** No message of the MCP, so that no session begins even where nothing guards the server. */
export const emptyMessage: Question = {
  method: "POST",
  headers: { "content-type": "application/json", accept: "application/json, text/event-stream", origin: webPage },
  body: "{}",
};

/** How web pages ask first, on behalf of MCP clients that run in them. */
export const preflightOf = (method: "GET" | "POST"): Question => ({
  method: "OPTIONS",
  headers: {
    origin: webPage,
    "access-control-request-method": method,
    "access-control-request-headers": method === "GET" ? "mcp-protocol-version" : "authorization,content-type,mcp-protocol-version",
  },
});

/** The headers with which MCP clients fetch metadata, from a web page. */
export const metadataRequest: Question = {
  headers: { accept: "application/json", origin: webPage, "mcp-protocol-version": "2025-11-25" },
};

/** A token request without anything: any token endpoint refuses it. */
export const emptyForm: Question = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", origin: webPage },
};

/** Whether a URL that a server names is asked: an http URL, and never one of the asking side's own network that an outside server names. */
export function mayAsk(from: string, to: string): boolean {
  const target = URL.parse(to);
  if (target === null || !/^https?:$/.test(target.protocol) || target.username !== "" || target.password !== "") return false;
  return !isInternal(target) || isInternal(new URL(from));
}
