import type { Context } from "../context.ts";
import type { Client } from "../protocol/client.ts";
import { OAuthError } from "../protocol/errors.ts";
import { destinationOf } from "../protocol/redirect-uri.ts";
import type { TrustTier } from "../protocol/trust-tier.ts";

/**
 * Stops a client that goes by a name people know, while its answer would go to a website that is not theirs. Nothing is
 * redirected: that website is who asked for it.
 * @throws OAuthError `access_denied`, on a page
 */
export async function refuseImpersonation(client: Client, redirectUri: string, tier: TrustTier, context: Context): Promise<void> {
  const destination = destinationOf(redirectUri);
  if (destination.kind !== "website" || (tier !== "known-website" && tier !== "named-itself")) return;
  const brand = await context.pretendedBrand(client.name, destination.host);
  if (brand === undefined) return;
  throw new OAuthError("access_denied", `the client calls itself ${brand.name} and its answer would go elsewhere`, {
    clientId: client.id,
    shownAs: { page: "looks-false", brand: brand.name, host: destination.host },
  });
}
