import { offeredGrantTypes } from "./check-configuration.ts";
import type { Services } from "./context.ts";
import type { Client, ClientAuthMethod } from "./protocol/client.ts";
import { isDangerousRedirectUri, isUsableRedirectUri } from "./protocol/redirect-uri.ts";
import { registeredResource } from "./protocol/resource.ts";
import { difference } from "./protocol/scope.ts";
import { hashSecret, mintIdentifier, mintSecret } from "./protocol/secret.ts";
import type { RegistrationToken } from "./store/store.ts";

/** What an operator may ask for and end. */
export interface Admin {
  /** Makes a client. Its secret, where it has one, is in the answer and nowhere else. */
  createClient(request: ClientRequest): Promise<{ client: Client; secret: string | undefined }>;
  /** Makes an initial access token: who has it may register `uses` clients. RFC 7591 §3 */
  createRegistrationToken(uses: number): Promise<{ id: string; token: string }>;
  registrationTokens(): Promise<readonly Omit<RegistrationToken, "hash">[]>;
  /** False: there is none of this id. */
  revokeRegistrationToken(id: string): Promise<boolean>;
  /** Whatever the subject granted stops working, until it is enabled again. */
  disableSubject(subject: string): Promise<void>;
  enableSubject(subject: string): Promise<void>;
  /** Voids every code that is on its way: after "sign out everywhere" and a change of password. */
  voidCodes(subject: string): Promise<void>;
}

export interface ClientRequest {
  readonly name: string;
  readonly redirectUris?: readonly string[];
  readonly authMethod?: ClientAuthMethod;
  /** Default: `authorization_code` and `refresh_token` with a redirect URI, else `client_credentials`. */
  readonly grantTypes?: readonly string[];
  /** A ceiling. Default: the server's default scope. */
  readonly scope?: readonly string[];
  /** Resources whose tokens it may introspect. */
  readonly resourceServerOf?: readonly string[];
  /** The operator's own application. */
  readonly firstParty?: boolean;
}

/** What an operator asked for cannot be done, and why. */
export class AdminError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AdminError";
  }
}

export function createAdmin({ config, store }: Services): Admin {
  return {
    createClient: async (request) => {
      const at = config.now();
      const { client, secret } = clientOf(request, at);
      await store.addClient(client, { at, type: "client.registered", clientId: client.id, name: client.name, origin: "operator" });
      return { client, secret };
    },
    createRegistrationToken: async (uses) => {
      if (!Number.isSafeInteger(uses) || uses < 1) throw new AdminError("a registration token has at least one use");
      const token = mintSecret("registration");
      const id = mintIdentifier();
      const at = config.now();
      await store.registrationTokens.add(
        { id, hash: hashSecret(token), usesLeft: uses, createdAt: at },
        { at, type: "registration_token.created", tokenId: id },
      );
      return { id, token };
    },
    registrationTokens: () => store.registrationTokens.list(),
    revokeRegistrationToken: (id) =>
      store.registrationTokens.revoke(id, { at: config.now(), type: "registration_token.revoked", tokenId: id }),
    disableSubject: (subject) => store.disableSubject(subject, config.now(), { at: config.now(), type: "subject.disabled", subject }),
    enableSubject: (subject) => store.disableSubject(subject, undefined, { at: config.now(), type: "subject.enabled", subject }),
    voidCodes: (subject) => store.voidCodes(subject, config.now(), { at: config.now(), type: "subject.signed_out_everywhere", subject }),
  };

  function clientOf(request: ClientRequest, createdAt: number): { client: Client; secret: string | undefined } {
    const redirectUris = request.redirectUris ?? [];
    const grantTypes = request.grantTypes ?? (redirectUris.length > 0 ? ["authorization_code", "refresh_token"] : ["client_credentials"]);
    const authMethod = request.authMethod ?? "client_secret_basic";
    const scope = request.scope ?? config.defaultScope;
    const resourceServerOf = (request.resourceServerOf ?? []).map(registeredUri);
    requireUsable(request.name, redirectUris, grantTypes, authMethod);
    const [unknown] = difference(scope, [...config.vocabulary.keys()]);
    if (unknown !== undefined) throw new AdminError(`there is no scope ${unknown}`);

    const secret = authMethod === "none" ? undefined : mintSecret("client");
    const client: Client = {
      id: mintIdentifier(),
      name: request.name.trim(),
      origin: "operator",
      firstParty: request.firstParty ?? false,
      authMethod,
      redirectUris,
      grantTypes,
      scope,
      resourceServerOf,
      secrets: secret === undefined ? [] : [{ hash: hashSecret(secret), expiresAt: undefined }],
      metadata: {},
      createdAt,
      grantedAt: undefined,
      disabledAt: undefined,
    };
    return { client, secret };
  }

  function registeredUri(uri: string): string {
    const resource = registeredResource(uri, config.resources);
    if (resource === undefined) throw new AdminError(`there is no resource ${uri}`);
    return resource.uri;
  }
}

function requireUsable(name: string, redirectUris: readonly string[], grantTypes: readonly string[], authMethod: ClientAuthMethod): void {
  if (name.trim() === "") throw new AdminError("a client needs a name");
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
