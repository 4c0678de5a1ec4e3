import { redirectUriPolicy } from "../config.ts";
import type { Services } from "../context.ts";
import { settleRedirectUri } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type Destination, destinationOf } from "../protocol/redirect-uri.ts";
import { hostOf, type TrustTier, trustTier } from "../protocol/trust-tier.ts";
import { openPushed, readQuery, uiLocalesOf } from "./settle-request.ts";

/** Who asks, and where the answer would go. */
export interface DescribedRequest {
  readonly clientName: string;
  readonly tier: TrustTier;
  /** The host of the client's document; empty where it has none. */
  readonly site: string;
  readonly destination: Destination;
  /** The languages that it asks for, with spaces between. OpenID Connect Core §3.1.2.1 */
  readonly uiLocales: string;
}

/** Describes the authorization request that a sign-in page will return to, if it is one whose client is known. */
export async function describeRequest(
  returnTo: string,
  services: Pick<Services, "config" | "store">,
): Promise<DescribedRequest | undefined> {
  const { config, store } = services;
  const [, path, query = ""] = /^([^?]*)\??(.*)$/.exec(returnTo) ?? [];
  if (path !== config.basePath + config.paths.authorize) return undefined;
  try {
    const sent = readQuery(query);
    const pushed = await openPushed(sent, services);
    const parameters = pushed === undefined ? sent : readQuery(pushed.query);
    const client = await store.client(parameters.require("client_id"));
    if (client === undefined) return undefined;
    const redirectUri = settleRedirectUri(client, parameters.get("redirect_uri"), redirectUriPolicy(client, config));
    const tier = trustTier(client, redirectUri, config.trustedHosts);
    return {
      clientName: client.name,
      tier,
      site: hostOf(client),
      destination: destinationOf(redirectUri),
      uiLocales: uiLocalesOf(parameters),
    };
  } catch (error) {
    if (error instanceof OAuthError) return undefined; // the authorization endpoint will say what is wrong
    throw error;
  }
}
