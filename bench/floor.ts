/**
 * The yardstick: the least work that does each operation with its checks, written by hand on node:http and node:sqlite.
 * It is a bound for what Node can do, and no product: it has no audit trail, no limits, no accounts and no settings.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { allow, showConsent } from "./floor/consent.ts";
import { openFloorDatabase } from "./floor/database.ts";
import { metadataDocument } from "./floor/metadata.ts";
import { register } from "./floor/registration.ts";
import { refuse, sendJson } from "./floor/response.ts";
import { answerApi, authenticateClient, introspect, revoke, token } from "./floor/tokens.ts";

const { PORT, DATABASE_FILE, SYNCHRONOUS, PEOPLE } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const metadata = metadataDocument(issuer);
const database = openFloorDatabase(DATABASE_FILE ?? ":memory:", SYNCHRONOUS ?? "FULL", Number(PEOPLE));

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    refuse(response, "server_error", 500);
  });
});
server.listen(Number(PORT), "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<ServerResponse> {
  const url = request.url ?? "/";
  const question = url.indexOf("?");
  const path = question < 0 ? url : url.slice(0, question);
  if (request.method === "GET") {
    if (path === "/me") return answerApi(request, response, database);
    if (path === "/authorize") return showConsent(request, new URLSearchParams(url.slice(question + 1)), response, database);
    if (path === "/.well-known/oauth-authorization-server") return sendJson(response, 200, metadata);
    return refuse(response, "not_found", 404);
  }
  const body = await readBody(request);
  if (path === "/register") return register(body, response, database);
  const form = new URLSearchParams(body);
  if (path === "/authorize") return allow(request, new URLSearchParams(url.slice(question + 1)), form, response, database, issuer);
  const client = authenticateClient(request, form, database);
  if (client === undefined) return refuse(response, "invalid_client", 401);
  if (path === "/token") return token(form, client, response, database);
  if (path === "/introspect") return introspect(form, response, database, issuer);
  if (path === "/revoke") return revoke(form, client, response, database);
  return refuse(response, "not_found", 404);
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (data: string) => {
      text += data;
    });
    request.on("end", () => resolve(text));
  });
}
