import { type Context, circumstances, type GrantType } from "../context.ts";
import { openAsHolder, sealForHolder } from "../keys/sealing.ts";
import type { Client } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type ClientGrant, isClientGrant } from "../protocol/grant.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { chooseAudience, registeredResource, scopeAt } from "../protocol/resource.ts";
import { difference, formatScope, intersection, parseScope, type Scope } from "../protocol/scope.ts";
import { hashSecret, isSecret } from "../protocol/secret.ts";
import { type Issued, isUnderLiveGrant, type PresentedToken } from "../protocol/token.ts";
import { mintTokens } from "./issuing.ts";

/** What a refresh asks for, and what it gets. */
interface Refresh {
  readonly scope: Scope;
  readonly audience: string | undefined;
}

type OfGrant = PresentedToken & { readonly grant: ClientGrant };

/** Refresh token grant, with rotation. OAuth 2.1 §4.3 */
export const refreshToken: GrantType = {
  name: "refresh_token",
  redeem: async (form, client, context) => {
    const secret = form.require("refresh_token");
    const token = await findToken(secret, client, context);
    const refresh = chooseRefresh(token.grant, form, context);
    if (token.spentAt !== undefined) return repeatAnswer(token, secret, refresh, context);

    const { issued, tokens: successors } = await mintTokens(token.grant, refresh, client, context);
    const answer = sealForHolder(
      secret,
      JSON.stringify([issued.accessToken, issued.refreshToken, issued.expiresAt, formatScope(issued.scope), issuedFor(refresh)]),
    );
    const won = await context.store.rotate(
      { hash: token.hash, at: context.now, successors, answer },
      { ...circumstances(context), type: "token.refreshed", scope: issued.scope, ...parties(token.grant) },
    );
    return won ? issued : repeatAnswer(await findToken(secret, client, context), secret, refresh, context);
  },
};

/** The client's own refresh token under a live grant, spent or not. OAuth 2.1 §4.3.1 */
async function findToken(secret: string, client: Client, { store, now }: Context): Promise<OfGrant> {
  const token = isSecret("refresh", secret) ? await store.token(hashSecret(secret)) : undefined;
  const grant = token?.grant;
  if (token?.kind !== "refresh" || !isClientGrant(grant)) refuse("refresh token is unknown", client.id);
  if (grant.clientId !== client.id) refuse("refresh token was issued to another client", client.id);
  if (token.revokedAt !== undefined || !isUnderLiveGrant(token, now)) refuse("refresh token's grant has ended", client.id);
  if (token.expiresAt !== undefined && now >= token.expiresAt) refuse("refresh token has expired", client.id);
  return { ...token, grant };
}

/**
 * Scope and audience of the new access token: never more than was granted. Checked before anything is spent.
 * OAuth 2.1 §4.3.1, RFC 8707 §2.2
 */
function chooseRefresh(grant: ClientGrant, form: Parameters, { config }: Context): Refresh {
  const named = parseScope(form.get("scope") ?? "").filter((name) => name !== "offline_access");
  const requested = named.length > 0 ? named : grant.scope;
  if (difference(requested, grant.scope).length > 0)
    throw new OAuthError("invalid_scope", "a refresh asks for more than was granted", { clientId: grant.clientId });
  for (const uri of grant.resources) {
    if (registeredResource(uri, config.resources) === undefined) refuse("the grant's resource is no longer registered", grant.clientId);
  }
  const audience = chooseAudience(grant.resources, form.all("resource"), config.resources, config.issuer);
  return { scope: scopeAt(audience, intersection(grant.scope, requested), config.resources), audience };
}

/**
 * The token was rotated before. Clients race with themselves and lose answers, so within the overlap the direct
 * predecessor gets the very same successors again. Any other reuse means that the token is in two hands, and ends the
 * grant. OAuth 2.1 §4.3.1
 */
async function repeatAnswer(token: OfGrant, secret: string, refresh: Refresh, context: Context): Promise<Issued> {
  const answer = isWithinOverlap(token, context) && token.answer !== undefined ? openAsHolder(secret, token.answer) : undefined;
  if (answer === undefined) return refuseReuse(token.grant, "refresh token was rotated before", context);
  const [accessToken, successor, expiresAt, scope, was] = JSON.parse(answer) as [string, string | null, number | null, string, string];
  if (was !== issuedFor(refresh)) refuse("a rotated refresh token asks for another scope or resource", token.grant.clientId);
  const next = successor === null ? undefined : await context.store.token(hashSecret(successor));
  if (next?.spentAt !== undefined) return refuseReuse(token.grant, "refresh token is older than the one rotated last", context);
  return { accessToken, scope: parseScope(scope), expiresAt: expiresAt ?? undefined, refreshToken: successor ?? undefined };
}

const isWithinOverlap = ({ spentAt = 0 }: OfGrant, { config, now }: Context): boolean => now < spentAt + config.refreshTokens.overlap;

const issuedFor = ({ scope, audience }: Refresh): string => `${formatScope(scope)} ${audience ?? ""}`;

async function refuseReuse(grant: ClientGrant, reason: string, context: Context): Promise<never> {
  await context.store.revokeGrant(grant.id, context.now, { ...circumstances(context), type: "refresh.reused", ...parties(grant) });
  refuse(`${reason}; its grant is revoked`, grant.clientId);
}

const parties = ({ id, clientId, subject }: ClientGrant) => ({ grantId: id, clientId, subject });

function refuse(reason: string, clientId: string): never {
  throw new OAuthError("invalid_grant", reason, { clientId });
}
