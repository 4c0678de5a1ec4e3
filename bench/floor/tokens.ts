import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type FloorClient, type FloorDatabase, mint, now, type Redeemable, sha256 } from "./database.ts";
import { refuse, sendJson, sendNothing } from "./response.ts";

/** RFC 6749 §2.3.1. A client without a secret only names itself. */
export function authenticateClient(
  { headers: { authorization } }: IncomingMessage,
  form: URLSearchParams,
  database: FloorDatabase,
): FloorClient | undefined {
  let [id, secret] = [form.get("client_id") ?? "", form.get("client_secret") ?? ""];
  if (authorization?.startsWith("Basic ")) {
    const [name = "", password = ""] = Buffer.from(authorization.slice("Basic ".length), "base64").toString().split(":");
    [id, secret] = [decodeURIComponent(name), decodeURIComponent(password)];
  }
  const client = database.client(id);
  if (client?.secret && (secret === "" || !timingSafeEqual(sha256(secret), client.secret))) return undefined;
  return client;
}

/** OAuth 2.1 §3.2 */
export function token(form: URLSearchParams, client: FloorClient, response: ServerResponse, database: FloorDatabase): ServerResponse {
  const grantType = form.get("grant_type") ?? "";
  if (!client.grants.split(" ").includes(grantType)) return refuse(response, "unauthorized_client");
  if (grantType === "client_credentials") return sendJson(response, 200, issueToService(client, database));
  const issued = grantType === "authorization_code" ? redeemCode(form, client, database) : rotate(form, client, database);
  return issued === undefined ? refuse(response, "invalid_grant") : sendJson(response, 200, issued);
}

function issueToService(client: FloorClient, database: FloorDatabase): string {
  const accessToken = mint();
  database.insertAccessToken(sha256(accessToken), null, client.id, null, "mcp", now() + 3600);
  return JSON.stringify({ access_token: accessToken, token_type: "Bearer", expires_in: 3600, scope: "mcp" });
}

function redeemCode(form: URLSearchParams, client: FloorClient, database: FloorDatabase): string | undefined {
  const id = sha256(form.get("code") ?? "");
  return database.transaction(() => {
    const code = database.code(id);
    if (code === undefined || code.client !== client.id || code.expires < now()) return undefined;
    if (code.redirect !== form.get("redirect_uri")) return undefined;
    if (hash("sha256", form.get("code_verifier") ?? "", "base64url") !== code.challenge) return undefined;
    return exchange(code, !code.used && database.spendCode(id), client, database);
  });
}

function rotate(form: URLSearchParams, client: FloorClient, database: FloorDatabase): string | undefined {
  const id = sha256(form.get("refresh_token") ?? "");
  return database.transaction(() => {
    const refreshToken = database.refreshToken(id);
    if (refreshToken === undefined || refreshToken.client !== client.id || refreshToken.expires < now()) return undefined;
    return exchange(refreshToken, !refreshToken.used && database.spendRefreshToken(id), client, database);
  });
}

/** What was spent before ends its grant: OAuth 2.1 §4.1.3 and §4.3.1. */
function exchange({ app_grant: grantId }: Redeemable, isFirst: boolean, client: FloorClient, database: FloorDatabase): string | undefined {
  if (!isFirst) {
    database.revokeGrant(grantId);
    return undefined;
  }
  const grant = database.grant(grantId);
  if (grant === undefined || grant.revoked) return undefined;
  const { subject, scope } = grant;
  const [accessToken, refreshToken, time] = [mint(), mint(), now()];
  database.insertAccessToken(sha256(accessToken), grantId, client.id, subject, scope, time + 3600);
  database.insertRefreshToken(sha256(refreshToken), grantId, client.id, time + 86400);
  return JSON.stringify({ access_token: accessToken, token_type: "Bearer", expires_in: 3600, refresh_token: refreshToken, scope });
}

/** RFC 7662 §2 */
export function introspect(form: URLSearchParams, response: ServerResponse, database: FloorDatabase, issuer: string): ServerResponse {
  const found = database.accessToken(sha256(form.get("token") ?? ""));
  if (found === undefined || found.revoked || found.expires < now()) return sendJson(response, 200, '{"active":false}');
  const { client, subject, scope, expires } = found;
  const fields = { active: true, client_id: client, sub: subject, scope, exp: expires, iss: issuer, token_type: "Bearer" };
  return sendJson(response, 200, JSON.stringify(fields));
}

/** RFC 7009 §2, for refresh tokens: the whole grant ends. */
export function revoke(form: URLSearchParams, client: FloorClient, response: ServerResponse, database: FloorDatabase): ServerResponse {
  const found = database.refreshToken(sha256(form.get("token") ?? ""));
  if (found?.client === client.id) database.revokeGrant(found.app_grant);
  return sendNothing(response);
}

/** An API that says who bears the token: RFC 6750 §2.1. */
export function answerApi(request: IncomingMessage, response: ServerResponse, database: FloorDatabase): ServerResponse {
  const { authorization = "" } = request.headers;
  const found = database.accessToken(sha256(authorization.slice("Bearer ".length)));
  if (found === undefined || found.revoked || found.expires < now()) return refuse(response, "invalid_token", 401);
  return sendJson(response, 200, JSON.stringify({ sub: found.subject, scope: found.scope }));
}
