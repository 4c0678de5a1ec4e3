import type { Context } from "../context.ts";
import type { Client } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import type { Scope } from "../protocol/scope.ts";
import { hashSecret, mintSecret } from "../protocol/secret.ts";
import { type Issued, type Token, tokenEnd } from "../protocol/token.ts";

/** Tokens as they are handed out, and as they are kept. */
export interface Minted {
  readonly issued: Issued;
  readonly tokens: readonly Token[];
}

/**
 * Mints the tokens of a grant: an access token for one audience, and a refresh token if, and only if, the client has that
 * grant type. OAuth 2.1 §4.3
 */
export function mintTokens(grant: Grant, access: { scope: Scope; audience: string | undefined }, client: Client, context: Context): Minted {
  const { config, now } = context;
  const accessToken = mintSecret("access");
  const refreshToken = config.refreshTokens.offered && client.grantTypes.includes("refresh_token") ? mintSecret("refresh") : undefined;
  const common = { grantId: grant.id, clientId: undefined, issuedAt: now };
  const expiresAt = tokenEnd(now, config.accessTokenLifetime, grant.endsAt);
  const tokens: Token[] = [{ ...common, hash: hashSecret(accessToken), kind: "access", ...access, expiresAt }];
  if (refreshToken !== undefined) {
    const refreshEnd = tokenEnd(now, config.refreshTokens.lifetime, grant.endsAt);
    tokens.push({
      ...common,
      hash: hashSecret(refreshToken),
      kind: "refresh",
      scope: grant.scope,
      audience: undefined,
      expiresAt: refreshEnd,
    });
  }
  return { issued: { accessToken, scope: access.scope, expiresAt, refreshToken }, tokens };
}
