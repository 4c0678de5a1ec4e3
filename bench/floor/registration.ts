import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type FloorDatabase, now } from "./database.ts";
import { refuse, sendJson } from "./response.ts";

/** RFC 7591 §3 */
export function register(body: string, response: ServerResponse, database: FloorDatabase): ServerResponse {
  const metadata = JSON.parse(body) as { redirect_uris?: unknown; client_name?: unknown };
  const uris = metadata.redirect_uris;
  if (!Array.isArray(uris) || !uris.every(isRedirectUri)) return refuse(response, "invalid_redirect_uri");
  const id = randomBytes(16).toString("base64url");
  const name = typeof metadata.client_name === "string" ? metadata.client_name.slice(0, 100) : "";
  database.insertClient(id, null, uris.join(" "), "authorization_code refresh_token", "mcp", name);
  return sendJson(response, 201, JSON.stringify({ ...metadata, client_id: id, client_id_issued_at: now() }));
}

function isRedirectUri(uri: unknown): boolean {
  const url = typeof uri === "string" ? URL.parse(uri) : null;
  return url !== null && !url.hash && (url.protocol === "https:" || url.hostname === "127.0.0.1");
}
