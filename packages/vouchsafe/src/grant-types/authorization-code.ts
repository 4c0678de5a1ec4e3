import { arrivals, belongToFlow, type Context, circumstances, type GrantType, noteStep } from "../context.ts";
import { type AuthorizationCode, decodeAuthorizationCode } from "../protocol/authorization-code.ts";
import type { Client } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { flowIdOf } from "../protocol/flow.ts";
import type { ClientGrant, Grant } from "../protocol/grant.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { verifyCodeVerifier } from "../protocol/pkce.ts";
import { chooseAudience, scopeAt } from "../protocol/resource.ts";
import { mintTokens } from "./issuing.ts";

/** Authorization code grant. OAuth 2.1 §4.1.3 */
export const authorizationCode: GrantType = {
  name: "authorization_code",
  redeem: async (form, client, context) => {
    const code = openCode(form.require("code"), context);
    context.flow.id = flowIdOf(code);
    requireSameRequest(code, form, client, context);
    belongToFlow(context, context.flow.id, client);
    const { config, store } = context;
    const audience = chooseAudience(code.resources, form.all("resource"), config.resources, config.issuer);
    const earlier = await store.grant(code.grantId);
    if (earlier !== undefined) await refuseReplay(earlier, context);

    const grant = grantOf(code, config.now());
    const agreement = { identity: code.identity, redirectUri: code.redirectUri, browser: code.browser };
    const scope = scopeAt(audience, code.scope, config.resources);
    const { issued, tokens } = await mintTokens(grant, { scope, audience }, client, context);
    const outcome = await store.openGrant(
      { grant: { ...grant, redeemedAt: config.now() }, agreement, tokens, firstOfClient: client.grantedAt === undefined },
      {
        ...circumstances(context),
        type: "token.issued",
        grantType: "authorization_code",
        clientId: client.id,
        subject: grant.subject,
        grantId: grant.id,
        scope: grant.scope,
      },
    );
    if (outcome === "spent") refuse(lostRace, client);
    if (outcome === "void") refuse("code was voided: disconnected, signed out everywhere or disabled after it was made", client);
    context.redemptions.note(grant.id, arrivals());
    noteStep(context, "redeemed", { subject: grant.subject, grantId: grant.id });
    if (code.tellIn !== undefined) context.newConnections.tell(grant, client, code.browser, code.tellIn);
    return issued;
  },
};

/** Whoever is no client may have a code of ours all the same: an operator wants to know whose attempt ended so. */
export function recogniseCode(form: Parameters, context: Context): void {
  const code = tryCode(form.get("code") ?? "", context);
  if (code !== undefined) context.flow.id = flowIdOf(code);
}

function openCode(sealed: string, context: Context): AuthorizationCode {
  const code = tryCode(sealed, context);
  if (code === undefined) throw new OAuthError("invalid_grant", "code was not issued here");
  return code;
}

function tryCode(sealed: string, { keys }: Context): AuthorizationCode | undefined {
  const opened = keys.open("authorization code", sealed);
  return opened === undefined ? undefined : decodeAuthorizationCode(opened);
}

/** The code is this client's, it lives, and whoever asks began the request. OAuth 2.1 §4.1.3 */
function requireSameRequest(code: AuthorizationCode, form: Parameters, client: Client, { now }: Context): void {
  if (code.clientId !== client.id) refuse("code was issued to another client", client);
  if (now >= code.expiresAt) refuse("code has expired", client);
  if (code.grantEndsAt !== undefined && now >= code.grantEndsAt) refuse("what the person allowed has ended", client);
  const redirectUri = form.get("redirect_uri");
  if (redirectUri !== undefined && redirectUri !== code.redirectUri)
    refuse("redirect_uri differs from the authorization request's", client);
  if (!verifyCodeVerifier(form.require("code_verifier"), code.codeChallenge)) refuse("code_verifier does not match", client);
}

/**
 * Only somebody with the verifier comes this far, so the code and what it gave are in two hands. But whoever had arrived
 * before the code was redeemed lost a race, and is merely refused: of redemptions by other processes, the clock says so.
 * OAuth 2.1 §4.1.3
 */
async function refuseReplay(earlier: Grant, context: Context): Promise<never> {
  const { id: grantId, clientId = "", subject, redeemedAt } = earlier;
  if (context.redemptions.hadArrived(grantId, context.arrival) ?? context.now < redeemedAt)
    throw new OAuthError("invalid_grant", lostRace, { clientId });
  await context.store.revokeGrant(grantId, context.now, { ...circumstances(context), type: "code.replayed", grantId, clientId, subject });
  throw new OAuthError("invalid_grant", "code was redeemed before; its grant is revoked", { clientId });
}

const lostRace = "code was redeemed by another request at the same time";

function refuse(reason: string, client: Client): never {
  throw new OAuthError("invalid_grant", reason, { clientId: client.id });
}

const grantOf = (code: AuthorizationCode, redeemedAt: number): ClientGrant => ({
  id: code.grantId,
  clientId: code.clientId,
  subject: code.subject,
  scope: code.scope,
  resources: code.resources,
  createdAt: code.madeAt,
  redeemedAt,
  endsAt: code.grantEndsAt,
  revokedAt: undefined,
});
