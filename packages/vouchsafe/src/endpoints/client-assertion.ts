import type { JSONWebKeySet } from "jose";
import type { Context } from "../context.ts";
import type { Client } from "../protocol/client.ts";
import { assertionAlgorithms, clockSkew, failedClaims, mostKeysTried, parseClaims } from "../protocol/client-assertion.ts";
import { hashSecret } from "../protocol/secret.ts";

/**
 * Why a client's assertion is no proof; undefined where it is. The signature first, the claims next, and the use that
 * makes it worthless last, so that only a good one is ever used up. RFC 7523 §3
 */
export async function verifyAssertion(assertion: string, client: Client, context: Context): Promise<string | undefined> {
  const payload = await verifySignature(assertion, client, context);
  if (payload === undefined) return "client_assertion: no key of the client verifies it";
  const claims = parseClaims(new TextDecoder().decode(payload));
  if (claims === undefined) return "client_assertion: its payload is no JSON object";
  const reason = failedClaims(claims, client.id, audiencesAt(context), context.now);
  if (reason !== undefined) return reason;
  const isFirst = await context.store.spendAssertion(
    hashSecret(JSON.stringify([client.id, claims.jti])),
    Math.ceil(Number(claims.exp) + clockSkew) * 1000,
  );
  return isFirst ? undefined : "client_assertion was used before";
}

/** The issuer, the token endpoint, and where requests are pushed that endpoint too. RFC 7523 §3, RFC 9126 §2 */
function audiencesAt({ config, endpoint }: Context): readonly string[] {
  const base = config.issuer.replace(/\/$/, "");
  return [config.issuer, base + config.paths.token, ...(endpoint === "pushed_request" ? [base + config.paths.pushedRequest] : [])];
}

async function verifySignature(assertion: string, client: Client, { clientKeys, now }: Context): Promise<Uint8Array | undefined> {
  const keys = await clientKeys.of(client, now);
  const payload = keys && (await verifyWith(keys, assertion, client));
  if (payload !== undefined) return payload;
  // The client may have a new key that we have not seen.
  const newer = await clientKeys.of(client, now, true);
  return newer && verifyWith(newer, assertion, client);
}

async function verifyWith(set: JSONWebKeySet, assertion: string, client: Client): Promise<Uint8Array | undefined> {
  // Loaded with the first assertion: most servers never see one.
  const { compactVerify, createLocalJWKSet, errors } = await import("jose");
  const options = { algorithms: algorithmsOf(client) };
  try {
    const { payload } = await compactVerify(assertion, createLocalJWKSet(withOneNameForEd25519(set)), options);
    return payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return undefined;
    let tried = 0;
    for await (const key of error) {
      if (++tried > mostKeysTried) return undefined;
      const verified = await compactVerify(assertion, key, options).catch(() => undefined);
      if (verified !== undefined) return verified.payload;
    }
    return undefined;
  }
}

/** The algorithm the client registered, by both of its names where it has two; else all we offer. */
function algorithmsOf({ metadata }: Client): string[] {
  const registered = metadata["token_endpoint_auth_signing_alg"];
  if (registered === "EdDSA" || registered === "Ed25519") return ["EdDSA", "Ed25519"];
  return typeof registered === "string" ? [registered] : [...assertionAlgorithms];
}

/** A key says `EdDSA` and its signature `Ed25519`, or the other way round: both mean the curve that the key is of. RFC 9864 §2.2 */
const withOneNameForEd25519 = ({ keys }: JSONWebKeySet): JSONWebKeySet => ({
  keys: keys.map(({ alg, ...key }) => (alg === undefined || key.crv === "Ed25519" ? key : { ...key, alg })),
});
