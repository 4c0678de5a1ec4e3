import type { Context } from "../context.ts";
import { addressBlock } from "../http/client-address.ts";
import { auditableClientId, type Client, type ClientAuthMethod, unknownClient } from "../protocol/client.ts";
import { assertionType, subjectOfAssertion } from "../protocol/client-assertion.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { equalHashes, hashSecret } from "../protocol/secret.ts";
import { verifyAssertion } from "./client-assertion.ts";

interface Credentials {
  readonly method: ClientAuthMethod;
  readonly clientId: string;
  /** The secret, or the assertion. */
  readonly proof: string | undefined;
}

/** How a client is looked up. */
type FindClient = (id: string) => Promise<Client | undefined>;

/**
 * Finds out which client asks, and makes it prove that by the method it registered, and by that alone.
 * OAuth 2.1 §2.4, §3.2.1; RFC 6749 §2.3.1; RFC 7523 §2.2
 * @throws OAuthError `invalid_client`, `invalid_request`
 */
export async function authenticateClient(
  request: Request,
  form: Parameters,
  context: Context,
  find: FindClient = (id) => context.store.client(id),
): Promise<Client> {
  const credentials = readCredentials(request, form);
  const client = await find(credentials.clientId);
  const failed = failedProof(client, credentials, context);
  const reason = failed instanceof Promise ? await failed : failed;
  if (client !== undefined && reason === undefined) return client;
  throw await countFailure(
    new OAuthError("invalid_client", reason ?? unknownClient, {
      ...auditableClientId(credentials.clientId),
      ...(credentials.method === "client_secret_basic" ? { headers: basicChallenge } : {}),
    }),
    credentials.clientId,
    context,
  );
}

/** RFC 9110 §11.6.1, for a client that tried this scheme. */
const basicChallenge = { "www-authenticate": 'Basic realm="oauth", charset="UTF-8"' };

function readCredentials(request: Request, form: Parameters): Credentials {
  const basic = readBasic(request);
  const clientId = form.get("client_id");
  const secret = form.get("client_secret");
  const assertion = readAssertion(form);
  if ([basic, secret, assertion].filter((method) => method !== undefined).length > 1)
    throw new OAuthError("invalid_request", "two methods of client authentication in one request");
  if (basic !== undefined && clientId !== undefined && clientId !== basic.clientId)
    throw new OAuthError("invalid_request", "client_id differs from the authenticated one");
  // RFC 7521 §4.2: an assertion for somebody else is no proof.
  if (assertion !== undefined && clientId !== undefined && clientId !== assertion.clientId)
    throw new OAuthError("invalid_client", "client_id differs from the assertion's subject");
  const proven = basic ?? assertion;
  if (proven !== undefined) return proven;
  if (clientId === undefined) throw new OAuthError("invalid_client", "no client identification");
  return { method: secret === undefined ? "none" : "client_secret_post", clientId, proof: secret };
}

/** The assertion names its client, so `client_id` may be left out. RFC 7521 §4.2 */
function readAssertion(form: Parameters): Credentials | undefined {
  const assertion = form.get("client_assertion");
  const type = form.get("client_assertion_type");
  if (assertion === undefined && type === undefined) return undefined;
  if (assertion === undefined || type !== assertionType) throw new OAuthError("invalid_client", "client_assertion_type is not offered");
  return { method: "private_key_jwt", clientId: subjectOfAssertion(assertion), proof: assertion };
}

/** Identifier and secret are form-encoded before they are joined. RFC 6749 §2.3.1 */
function readBasic(request: Request): Credentials | undefined {
  const [scheme, encoded = "", ...more] = (request.headers.get("authorization") ?? "").split(/ +/);
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const bytes = Buffer.from(encoded, "base64");
  const isBase64 = bytes.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  const decoded = isBase64 && more.length === 0 ? bytes.toString("utf8") : "";
  const colon = decoded.indexOf(":");
  const clientId = formDecode(decoded.slice(0, colon));
  const secret = formDecode(decoded.slice(colon + 1));
  if (colon < 1 || !clientId || secret === undefined)
    throw new OAuthError("invalid_client", "the Basic credentials are malformed", { headers: basicChallenge });
  return { method: "client_secret_basic", clientId, proof: secret };
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** Why the credentials are no proof; undefined where they are. */
function failedProof(
  client: Client | undefined,
  { method, proof = "" }: Credentials,
  context: Context,
): Promise<string | undefined> | string | undefined {
  const presented = hashSecret(proof);
  if (client === undefined) return unknownClient;
  if (client.disabledAt !== undefined) return "client is disabled";
  if (method !== client.authMethod) return `client used ${method} and is registered for ${client.authMethod}`;
  if (method === "none") return undefined;
  if (method === "private_key_jwt") return verifyAssertion(proof, client, context);
  const live = client.secrets.filter(({ expiresAt }) => expiresAt === undefined || context.now < expiresAt);
  return live.some(({ hash }) => equalHashes(hash, presented)) ? undefined : "client secret is wrong";
}

/**
 * Counts a failed proof, of a client or of a code: one counter for every endpoint. The answer is the failure itself, or,
 * beyond the limit, 429. Only failures are counted, so that nobody's failures can shut out whoever has what it takes.
 */
export async function countFailure(failure: OAuthError, clientId: string, { limits, address, endpoint }: Context): Promise<OAuthError> {
  const wait = await limits.client.count(`${addressBlock(address())} ${clientId.slice(0, 100)}`);
  if (wait === undefined) return failure;
  // At the token endpoint `slow_down` would make MCP clients start over.
  return new OAuthError(endpoint === "token" ? "temporarily_unavailable" : "slow_down", `too many failures: ${failure.message}`, {
    ...failure.options,
    status: 429,
    retryAfter: wait,
  });
}
