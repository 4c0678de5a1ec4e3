import type { Endpoint } from "../context.ts";
import { corsHeaders, json } from "../http/responses.ts";

/** The public keys of JWT access tokens. A next key is always among them, so that keeping the set does no harm. RFC 7517 §5 */
export const jwks: Endpoint = async (_request, { signingKeys, now }) =>
  json(await signingKeys.published(now), 200, {
    ...corsHeaders,
    "content-type": "application/jwk-set+json",
    "cache-control": "public, max-age=300",
  });
