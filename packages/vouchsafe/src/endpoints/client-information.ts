import type { Context } from "../context.ts";
import { seconds } from "../http/responses.ts";
import type { Client } from "../protocol/client.ts";
import { clientMetadataDocument } from "../protocol/client-metadata.ts";

/** What a client is told once, and what we keep only as hashes. */
export interface IssuedToClient {
  readonly secret?: string | undefined;
  /** The token that opens its registration. RFC 7592 §3 */
  readonly registrationToken: string;
}

/** The client information response. Secrets do not expire: they are rotated. RFC 7591 §3.2.1, RFC 7592 §3 */
export function clientInformation(
  client: Client,
  { secret, registrationToken }: IssuedToClient,
  { config }: Context,
): Record<string, unknown> {
  return {
    client_id: client.id,
    client_id_issued_at: seconds(client.createdAt),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    registration_access_token: registrationToken,
    registration_client_uri: `${config.issuer.replace(/\/$/, "")}${config.paths.register}/${client.id}`,
    ...clientMetadataDocument(client),
  };
}
