import type { Configuration } from "../config.ts";
import { type Context, type Endpoint, noteStep } from "../context.ts";
import { readForm } from "../http/form.ts";
import { json, seconds } from "../http/responses.ts";
import { type Client, isConfidential } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { isJwtShaped } from "../protocol/jwt-access-token.ts";
import { knownResources } from "../protocol/resource.ts";
import { formatScope } from "../protocol/scope.ts";
import { hashSecret, isSecret } from "../protocol/secret.ts";
import { clientOf, endOf, isActive, isFor, type PresentedToken, scopeOf } from "../protocol/token.ts";
import { authenticateClient } from "./client-authentication.ts";

/** Introspection endpoint. RFC 7662 §2 */
export const introspect: Endpoint = async (request, context) => {
  const form = await readForm(request);
  const client = await authenticateClient(request, form, context);
  if (!isConfidential(client)) throw new OAuthError("invalid_client", "a public client asked for introspection", { clientId: client.id });
  return json(await describeToken(form.require("token"), client, context));
};

/** Whoever may not know a token is told the same as of one that never was. RFC 7662 §2.2, §4 */
async function describeToken(secret: string, client: Client, context: Context): Promise<Record<string, unknown>> {
  const { config, store, uses, flowLog, now } = context;
  const token = isToken(secret) ? await store.token(hashSecret(secret)) : undefined;
  if (token === undefined || !isActive(token, now) || !mayKnow(client, token, config)) return { active: false };
  const [clientId, end] = [clientOf(token), endOf(token)];
  if (token.grantId !== undefined && clientId !== client.id) {
    uses.note(token.grantId, now);
    if (flowLog.isFirstUse(token.grant, now)) noteStep(context, "first_used", { grantId: token.grantId });
  }
  return {
    active: true,
    iss: config.issuer,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    sub: token.grant?.subject ?? clientId,
    scope: formatScope(scopeOf(token)),
    ...(token.audience === undefined ? {} : { aud: token.audience }),
    ...(token.kind === "refresh" ? {} : { token_type: "Bearer" }),
    iat: seconds(token.issuedAt),
    ...(end === undefined ? {} : { exp: seconds(end) }),
  };
}

const isToken = (secret: string): boolean =>
  isSecret("access", secret) || isSecret("refresh", secret) || isSecret("personal", secret) || isJwtShaped(secret);

/** Its own tokens, or, for a resource server, access tokens that are good at one of its resources. */
function mayKnow(client: Client, token: PresentedToken, { resources, issuer }: Configuration): boolean {
  if (clientOf(token) === client.id) return true;
  if (token.kind === "refresh") return false;
  return knownResources(client.resourceServerOf, resources).some((resource) => isFor(token, resource, issuer));
}
