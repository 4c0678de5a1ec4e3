import { type Context, circumstances, type Endpoint } from "../context.ts";
import { readBearer } from "../http/bearer.ts";
import { addressBlock } from "../http/client-address.ts";
import { readJson } from "../http/form.ts";
import { corsHeaders, json } from "../http/responses.ts";
import { type Client, hasSecret } from "../protocol/client.ts";
import { parseClientMetadata } from "../protocol/client-metadata.ts";
import { OAuthError } from "../protocol/errors.ts";
import { hashSecret, isSecret, mintIdentifier, mintSecret } from "../protocol/secret.ts";
import { clientInformation } from "./client-information.ts";

/** Client registration endpoint. RFC 7591 §3 */
export const register: Endpoint = async (request, context) => {
  await limitRegistrations(context);
  const { config, store, now } = context;
  const spends = config.registration.mode === "token" ? await requireRegistrationToken(request, context) : undefined;
  const registered = parseClientMetadata(await readJson(request, "invalid_client_metadata"), config.registration);
  const issued = {
    secret: hasSecret(registered.authMethod) ? mintSecret("client") : undefined,
    registrationToken: mintSecret("configuration"),
  };
  const client: Client = {
    ...registered,
    id: mintIdentifier(),
    origin: "dynamic",
    firstParty: false,
    resources: [],
    resourceServerOf: [],
    secrets: issued.secret === undefined ? [] : [{ hash: hashSecret(issued.secret), expiresAt: undefined }],
    registrationToken: hashSecret(issued.registrationToken),
    createdAt: now,
    grantedAt: undefined,
    disabledAt: undefined,
    freshUntil: undefined,
    revision: 0,
  };
  const added = await store.addClient(
    client,
    { ...circumstances(context), type: "client.registered", clientId: client.id, name: client.name, origin: "dynamic" },
    spends,
  );
  if (!added) refuseToken("the registration token's last use went to another request");
  return json(clientInformation(client, issued, context), 201, corsHeaders);
};

async function limitRegistrations({ limits, address }: Context): Promise<void> {
  const wait = await limits.register.count(addressBlock(address()));
  if (wait !== undefined) throw new OAuthError("slow_down", "too many registrations from one address", { retryAfter: wait });
}

/** An initial access token that an operator handed out. RFC 7591 §3 */
async function requireRegistrationToken(request: Request, { store }: Context): Promise<Uint8Array> {
  const secret = readBearer(request);
  if (secret === undefined || !isSecret("registration", secret)) return refuseToken("no registration token was sent");
  const hash = hashSecret(secret);
  if (!(await store.registrationTokens.isUsable(hash))) refuseToken("the registration token is unknown or used up");
  return hash;
}

function refuseToken(reason: string): never {
  throw new OAuthError("invalid_token", reason, {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
    description: "Registration needs an initial access token.",
  });
}
