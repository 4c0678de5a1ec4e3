import { redirectUriPolicy } from "../config.ts";
import type { Context, Services } from "../context.ts";
import { settleRedirectUri } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { flowIdOfRequest } from "../protocol/flow.ts";
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
  const query = requestIn(returnTo, config);
  if (query === undefined) return undefined;
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

/**
 * The id of the attempt to connect that a sign-in page will return to, as `AnsweredRequest` has it; undefined where it returns
 * to no authorization request, or to one that cannot be read.
 */
export async function flowIdOfReturn(returnTo: string, services: Pick<Services, "config" | "store">): Promise<string | undefined> {
  const query = requestIn(returnTo, services.config);
  if (query === undefined) return undefined;
  const flow: Context["flow"] = { id: undefined, client: undefined };
  try {
    const sent = readQuery(query);
    flow.id = flowIdOfRequest(sent);
    await openPushed(sent, services, false, flow);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
  }
  return flow.id;
}

/** The query of the authorization request that this path of ours is, if it is one. */
function requestIn(returnTo: string, { basePath, paths }: Services["config"]): string | undefined {
  const [, path, query = ""] = /^([^?]*)\??(.*)$/.exec(returnTo) ?? [];
  return path === basePath + paths.authorize ? query : undefined;
}
