import { type Context, circumstances, type Endpoint } from "../context.ts";
import { readBearer } from "../http/bearer.ts";
import { readJson } from "../http/form.ts";
import { corsHeaders, json } from "../http/responses.ts";
import { type Client, type ClientSecret, hasSecret } from "../protocol/client.ts";
import { type ClientMetadata, parseClientMetadata } from "../protocol/client-metadata.ts";
import { OAuthError } from "../protocol/errors.ts";
import { equalHashes, hashSecret, isSecret, mintSecret } from "../protocol/secret.ts";
import { countFailure } from "./client-authentication.ts";
import { clientInformation } from "./client-information.ts";

/** Reads a registration. A secret is kept as a hash and cannot be read again. RFC 7592 §2.1 */
export const readRegistration: Endpoint = async (request, context) => {
  const { client, token } = await openRegistration(request, context);
  return json(clientInformation(client, { registrationToken: token }, context), 200, corsHeaders);
};

/** Replaces a registration by what is sent, under the rules of a new one, and its token by a new one. RFC 7592 §2.2 */
export const updateRegistration: Endpoint = async (request, context) => {
  const { client } = await openRegistration(request, context);
  const body = await readJson(request, "invalid_client_metadata");
  requireOwnMembers(body, client, context);
  const registered = parseClientMetadata(body, context.config.registration);
  const { secret, secrets } = secretsUnder(registered, client);
  const registrationToken = mintSecret("configuration");
  const updated: Client = { ...client, ...registered, secrets, registrationToken: hashSecret(registrationToken) };
  const event = { ...circumstances(context), type: "client.changed", clientId: client.id, by: "client" } as const;
  if (!(await context.store.updateClient(updated, event))) refuseToken("the registration was changed by another request", client.id);
  return json(clientInformation(updated, { secret, registrationToken }, context), 200, corsHeaders);
};

/** Ends a registration, with all that was granted to the client. RFC 7592 §2.3 */
export const deleteRegistration: Endpoint = async (request, context) => {
  const { client } = await openRegistration(request, context);
  const event = { ...circumstances(context), type: "client.deleted", clientId: client.id, by: "client" } as const;
  await context.store.deleteClient(client.id, context.now, event);
  return new Response(null, { status: 204, headers: { ...corsHeaders, "cache-control": "no-store" } });
};

/**
 * The registration that the path names, to whoever has its token. To anybody else there is none. RFC 7592 §2, §2.1
 * @throws OAuthError `invalid_token` with 401, or with 403 where an operator has disabled the client
 */
async function openRegistration(request: Request, context: Context): Promise<{ client: Client; token: string }> {
  const token = readBearer(request) ?? "";
  const client = isSecret("configuration", token) ? await context.store.client(context.pathParameter) : undefined;
  if (client?.registrationToken === undefined || !equalHashes(client.registrationToken, hashSecret(token)))
    throw await countFailure(wrongToken("the registration access token is not this client's"), context.pathParameter, context);
  if (client.disabledAt !== undefined)
    throw new OAuthError("invalid_token", "the client is disabled", { status: 403, clientId: client.id });
  return { client, token };
}

const wrongToken = (reason: string, clientId?: string): OAuthError =>
  new OAuthError("invalid_token", reason, {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
    description: "The registration access token is wrong.",
    ...(clientId === undefined ? {} : { clientId }),
  });

function refuseToken(reason: string, clientId: string): never {
  throw wrongToken(reason, clientId);
}

/** Members that only the server writes; the client repeats who it is. RFC 7592 §2.2 */
function requireOwnMembers(body: unknown, client: Client, { now }: Context): void {
  const members = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  const forbidden = ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];
  if (forbidden.some((name) => name in members)) refuse("the update has a member that only the server writes");
  if (members["client_id"] !== client.id) refuse("the update's client_id is not the client's");
  const secret = members["client_secret"];
  if (secret === undefined) return;
  const isOwn = typeof secret === "string" && liveSecrets(client, now).some(({ hash }) => equalHashes(hash, hashSecret(secret)));
  if (!isOwn) refuse("the update's client_secret is not the client's");
}

const liveSecrets = ({ secrets }: Client, now: number): readonly ClientSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === undefined || now < expiresAt);

function refuse(reason: string): never {
  throw new OAuthError("invalid_client_metadata", reason);
}

/** A secret lives on where the new method has one too; a new method that needs one gets a new one. */
function secretsUnder({ authMethod }: ClientMetadata, client: Client): { secret: string | undefined; secrets: readonly ClientSecret[] } {
  if (!hasSecret(authMethod)) return { secret: undefined, secrets: [] };
  if (client.secrets.length > 0) return { secret: undefined, secrets: client.secrets };
  const secret = mintSecret("client");
  return { secret, secrets: [{ hash: hashSecret(secret), expiresAt: undefined }] };
}
