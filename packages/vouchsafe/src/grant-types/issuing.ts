import type { Context } from "../context.ts";
import type { Client } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import { accessTokenClaims } from "../protocol/jwt-access-token.ts";
import { resourcesAt } from "../protocol/resource.ts";
import type { Scope } from "../protocol/scope.ts";
import { hashSecret, mintIdentifier, mintSecret } from "../protocol/secret.ts";
import { type Issued, type Token, tokenEnd } from "../protocol/token.ts";

/** Tokens as they are handed out, and as they are kept. */
export interface Minted {
  readonly issued: Issued;
  readonly tokens: readonly Token[];
}

/** What an access token is for. */
export interface AccessTokenFor {
  readonly subject: string;
  readonly clientId: string;
  readonly scope: Scope;
  readonly audience: string | undefined;
  readonly expiresAt: number | undefined;
}

/**
 * Mints the tokens of a grant: an access token for one audience, and a refresh token if, and only if, the client has that
 * grant type. OAuth 2.1 §4.3
 */
export async function mintTokens(
  grant: Grant,
  access: { scope: Scope; audience: string | undefined },
  client: Client,
  context: Context,
): Promise<Minted> {
  const { config, now } = context;
  const expiresAt = tokenEnd(now, config.accessTokenLifetime, grant.endsAt);
  const accessToken = await mintAccessToken({ ...access, subject: grant.subject, clientId: client.id, expiresAt }, context);
  const refreshToken = config.refreshTokens.offered && client.grantTypes.includes("refresh_token") ? mintSecret("refresh") : undefined;
  const common = { grantId: grant.id, clientId: undefined, issuedAt: now };
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

/**
 * An access token in the format of the configuration. A JWT is kept by its hash like any other, so that our own guard and
 * introspection know at once when it is revoked, and need not verify what they issued. RFC 9068 §2
 */
export async function mintAccessToken(access: AccessTokenFor, { config, signingKeys, now }: Context): Promise<string> {
  if (config.accessTokenFormat === "opaque" || access.expiresAt === undefined) return mintSecret("access");
  const { subject, clientId, scope, expiresAt } = access;
  const audience = resourcesAt(access.audience, scope, config.resources, config.issuer);
  const facts = { issuer: config.issuer, subject, clientId, audience, scope, issuedAt: now, expiresAt, id: mintIdentifier() };
  return signingKeys.sign(accessTokenClaims(facts), now);
}
