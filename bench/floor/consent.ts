import { createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type FloorDatabase, mint, now, sha256 } from "./database.ts";
import { redirect, refuse, sendPage } from "./response.ts";

const formKey = randomBytes(32);

export function showConsent(
  request: IncomingMessage,
  query: URLSearchParams,
  response: ServerResponse,
  database: FloorDatabase,
): ServerResponse {
  const session = sessionOf(request, database);
  if (session === undefined) return refuse(response, "login_required", 401);
  const client = database.client(query.get("client_id") ?? "");
  if (!client?.redirects.split(" ").includes(query.get("redirect_uri") ?? "")) return refuse(response, "invalid_request");
  const hasChallenge = query.get("code_challenge_method") === "S256" && Boolean(query.get("code_challenge"));
  if (!hasChallenge || query.get("response_type") !== "code") return refuse(response, "invalid_request");
  return sendPage(
    response,
    `<!doctype html><title>Allow</title><h1>Allow ${client.name}?</h1><p>${query.get("scope")}</p><form method="post"><input type="hidden" name="csrf" value="${formToken(session.secret, request)}"><button>Allow</button></form>`,
  );
}

export function allow(
  request: IncomingMessage,
  query: URLSearchParams,
  form: URLSearchParams,
  response: ServerResponse,
  database: FloorDatabase,
  issuer: string,
): ServerResponse {
  const session = sessionOf(request, database);
  if (session === undefined) return refuse(response, "login_required", 401);
  if (formToken(session.secret, request) !== form.get("csrf")) return refuse(response, "csrf", 403);
  const client = database.client(query.get("client_id") ?? "");
  if (client === undefined) return refuse(response, "invalid_request");
  const [code, grantId, redirectUri] = [mint(), randomBytes(16), query.get("redirect_uri")];
  database.transaction(() => {
    database.insertGrant(grantId, client.id, session.subject, query.get("scope"), now());
    database.insertCode(sha256(code), grantId, client.id, redirectUri, query.get("code_challenge"), now() + 60);
  });
  const state = encodeURIComponent(query.get("state") ?? "");
  return redirect(response, `${redirectUri}?code=${code}&state=${state}&iss=${encodeURIComponent(issuer)}`);
}

function sessionOf({ headers }: IncomingMessage, database: FloorDatabase): { secret: string; subject: string } | undefined {
  const secret = /(?:^|; )sid=([^;]+)/.exec(headers.cookie ?? "")?.[1];
  const session = secret === undefined ? undefined : database.session(sha256(secret));
  return secret === undefined || session === undefined || session.expires < now() ? undefined : { secret, subject: session.subject };
}

/** Binds the form to the session and the request. */
function formToken(sessionSecret: string, { url }: IncomingMessage): string {
  return createHmac("sha256", formKey).update(`${sessionSecret}${url}`).digest("base64url");
}
