import { type Context, circumstances, type Endpoint } from "../context.ts";
import { readForm } from "../http/form.ts";
import { corsHeaders, json } from "../http/responses.ts";
import type { Client } from "../protocol/client.ts";
import { isJwtShaped } from "../protocol/jwt-access-token.ts";
import { hashSecret, isSecret } from "../protocol/secret.ts";
import { clientOf } from "../protocol/token.ts";
import { authenticateClient } from "./client-authentication.ts";

/**
 * Revocation endpoint. A token that is unknown, dead or another client's gets the same answer as one that was revoked.
 * RFC 7009 §2
 */
export const revoke: Endpoint = async (request, context) => {
  const form = await readForm(request);
  const client = await authenticateClient(request, form, context);
  await revokeToken(form.require("token"), client, context);
  return json({}, 200, corsHeaders);
};

/** An access token goes alone; a refresh token takes its grant along. A personal token is its owner's to revoke. RFC 7009 §2.1 */
async function revokeToken(secret: string, client: Client, context: Context): Promise<void> {
  if (!isSecret("access", secret) && !isSecret("refresh", secret) && !isJwtShaped(secret)) return;
  const { store, now } = context;
  const token = await store.token(hashSecret(secret));
  if (token === undefined || clientOf(token) !== client.id) return;
  const event = { ...circumstances(context), clientId: client.id };
  if (token.kind === "access") {
    await store.revokeToken(token.hash, now, {
      ...event,
      type: "token.revoked",
      ...(token.grant === undefined ? {} : { grantId: token.grant.id, subject: token.grant.subject }),
    });
  } else if (token.grant !== undefined) {
    await store.revokeGrant(token.grant.id, now, {
      ...event,
      type: "grant.revoked",
      by: "client",
      grantId: token.grant.id,
      subject: token.grant.subject,
    });
  }
}
