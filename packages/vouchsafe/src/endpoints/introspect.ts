import type { Context, Endpoint } from "../context.ts";
import { readForm } from "../http/form.ts";
import { json } from "../http/responses.ts";
import { type Client, isConfidential } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { isSameOrigin } from "../protocol/resource.ts";
import { formatScope, intersection } from "../protocol/scope.ts";
import { hashSecret, isSecret } from "../protocol/secret.ts";
import { clientOf, isActive, type PresentedToken } from "../protocol/token.ts";
import { authenticateClient } from "./client-authentication.ts";

/** Introspection endpoint. RFC 7662 §2 */
export const introspect: Endpoint = async (request, context) => {
  const form = await readForm(request);
  const client = await authenticateClient(request, form, context);
  if (!isConfidential(client)) throw new OAuthError("invalid_client", "a public client asked for introspection", { clientId: client.id });
  return json(await describeToken(form.require("token"), client, context));
};

/** Whoever may not know a token is told the same as of one that never was. RFC 7662 §2.2, §4 */
async function describeToken(secret: string, client: Client, { config, store, now }: Context): Promise<Record<string, unknown>> {
  const token = isSecret("access", secret) || isSecret("refresh", secret) ? await store.token(hashSecret(secret)) : undefined;
  if (token === undefined || !isActive(token, now) || !mayKnow(client, token, config.issuer)) return { active: false };
  const clientId = clientOf(token);
  return {
    active: true,
    iss: config.issuer,
    client_id: clientId,
    sub: token.grant?.subject ?? clientId,
    scope: formatScope(token.grant === undefined ? token.scope : intersection(token.scope, token.grant.scope)),
    ...(token.audience === undefined ? {} : { aud: token.audience }),
    ...(token.kind === "access" ? { token_type: "Bearer" } : {}),
    iat: Math.floor(token.issuedAt / 1000),
    ...(token.expiresAt === undefined ? {} : { exp: Math.floor(token.expiresAt / 1000) }),
  };
}

/** Its own tokens, or, for a resource server, access tokens for its resources. */
function mayKnow(client: Client, token: PresentedToken, issuer: string): boolean {
  if (clientOf(token) === client.id) return true;
  const { audience } = token;
  return (
    token.kind === "access" &&
    client.resourceServerOf.some((uri) => (audience === undefined ? isSameOrigin(uri, issuer) : uri === audience))
  );
}
