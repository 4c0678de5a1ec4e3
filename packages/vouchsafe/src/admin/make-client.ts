import { offeredGrantTypes } from "../check-configuration.ts";
import type { Configuration } from "../config.ts";
import { type Client, type ClientAuthMethod, hasSecret } from "../protocol/client.ts";
import { parseClientKeys } from "../protocol/client-metadata.ts";
import { isClientIdUrl } from "../protocol/document-url.ts";
import { OAuthError } from "../protocol/errors.ts";
import { isDangerousRedirectUri, isUsableRedirectUri } from "../protocol/redirect-uri.ts";
import { registeredResource } from "../protocol/resource.ts";
import { difference } from "../protocol/scope.ts";
import { hashSecret, mintIdentifier, mintSecret } from "../protocol/secret.ts";
import { isShowable } from "../protocol/shown-name.ts";
import { AdminError } from "./admin-error.ts";

export interface ClientRequest {
  /** Only for a client that identifies itself by the URL of a document, which then is not fetched: what is said here holds. */
  readonly id?: string;
  readonly name: string;
  readonly redirectUris?: readonly string[];
  readonly authMethod?: ClientAuthMethod;
  /** Default: `authorization_code` and `refresh_token` with a redirect URI, else `client_credentials`. */
  readonly grantTypes?: readonly string[];
  /** A ceiling. Default: the server's default scope. */
  readonly scope?: readonly string[];
  /** The only resources it may ask for. Default: any. */
  readonly resources?: readonly string[];
  /** Public keys, for `private_key_jwt`: a JSON Web Key Set, or the URL of one. */
  readonly jwks?: unknown;
  readonly jwksUri?: string;
  /** Resources whose tokens it may introspect. */
  readonly resourceServerOf?: readonly string[];
  /** The operator's own application. */
  readonly firstParty?: boolean;
}

/** @throws AdminError */
export function makeClient(
  request: ClientRequest,
  createdAt: number,
  config: Configuration,
): { client: Client; secret: string | undefined } {
  const redirectUris = request.redirectUris ?? [];
  const grantTypes = request.grantTypes ?? (redirectUris.length > 0 ? ["authorization_code", "refresh_token"] : ["client_credentials"]);
  const authMethod = request.authMethod ?? "client_secret_basic";
  const scope = request.scope ?? config.defaultScope;
  const resourceServerOf = (request.resourceServerOf ?? []).map((uri) => registeredUri(uri, config));
  requireUsable(request.name, redirectUris, grantTypes, authMethod);
  const metadata = keysOf(request, authMethod, config);
  if (request.id !== undefined && (config.clientDocuments === undefined || !isClientIdUrl(request.id, config.clientDocuments)))
    throw new AdminError(`${request.id} is no URL that a client document may have`);
  const [unknown] = difference(scope, [...config.vocabulary.keys()]);
  if (unknown !== undefined) throw new AdminError(`there is no scope ${unknown}`);

  const secret = hasSecret(authMethod) ? mintSecret("client") : undefined;
  const client: Client = {
    id: request.id ?? mintIdentifier(),
    name: request.name.trim(),
    origin: "operator",
    firstParty: request.firstParty ?? false,
    authMethod,
    redirectUris,
    grantTypes,
    scope,
    resources: (request.resources ?? []).map((uri) => registeredUri(uri, config)),
    resourceServerOf,
    secrets: secret === undefined ? [] : [{ hash: hashSecret(secret), expiresAt: undefined }],
    registrationToken: undefined,
    metadata,
    createdAt,
    grantedAt: undefined,
    disabledAt: undefined,
    freshUntil: undefined,
    revision: 0,
  };
  return { client, secret };
}

function keysOf({ jwks, jwksUri }: ClientRequest, authMethod: ClientAuthMethod, config: Configuration): Readonly<Record<string, unknown>> {
  try {
    return parseClientKeys({ jwks, jwks_uri: jwksUri }, authMethod, config.registration);
  } catch (error) {
    throw error instanceof OAuthError ? new AdminError(error.message) : error;
  }
}

function registeredUri(uri: string, config: Configuration): string {
  const resource = registeredResource(uri, config.resources);
  if (resource === undefined) throw new AdminError(`there is no resource ${uri}`);
  return resource.uri;
}

function requireUsable(name: string, redirectUris: readonly string[], grantTypes: readonly string[], authMethod: ClientAuthMethod): void {
  if (!isShowable(name)) throw new AdminError("a client needs a name of one line that can be shown");
  const unusable = redirectUris.find(
    (uri) => isDangerousRedirectUri(uri) || !isUsableRedirectUri(uri, { schemes: undefined, loopbackOnly: false }),
  );
  if (unusable !== undefined) throw new AdminError(`${unusable} cannot be a redirect URI`);
  const unknown = grantTypes.find((grantType) => !offeredGrantTypes.some((offered) => offered === grantType));
  if (unknown !== undefined) throw new AdminError(`there is no grant type ${unknown}`);
  if (grantTypes.includes("authorization_code") && redirectUris.length === 0)
    throw new AdminError("authorization_code needs a redirect URI");
  if (grantTypes.includes("client_credentials") && authMethod === "none")
    throw new AdminError("client_credentials needs a confidential client");
}
