import type { AuditEvent } from "./audit.ts";
import { offeredGrantTypes } from "./check-configuration.ts";
import type { Services } from "./context.ts";
import { type Client, type ClientAuthMethod, hasSecret } from "./protocol/client.ts";
import { parseClientKeys } from "./protocol/client-metadata.ts";
import { isClientIdUrl } from "./protocol/document-url.ts";
import { OAuthError } from "./protocol/errors.ts";
import { isDangerousRedirectUri, isUsableRedirectUri } from "./protocol/redirect-uri.ts";
import { registeredResource } from "./protocol/resource.ts";
import { difference } from "./protocol/scope.ts";
import { hashSecret, mintIdentifier, mintSecret } from "./protocol/secret.ts";
import { isShowable } from "./protocol/shown-name.ts";
import type { SigningAlgorithm, SigningKey } from "./protocol/signing-key.ts";
import type { EventFilter, RegistrationToken } from "./store/store.ts";
import { type AuditVerification, verifyAudit } from "./verify-audit.ts";

/** What an operator may ask for and end. */
export interface Admin {
  /** Makes a client. Its secret, where it has one, is in the answer and nowhere else. */
  createClient(request: ClientRequest): Promise<{ client: Client; secret: string | undefined }>;
  client(id: string): Promise<Client | undefined>;
  /**
   * Gives a client a new secret. The one before stays good for `keepOld` milliseconds, so that the client can change over;
   * of any older one nothing stays.
   * @throws AdminError where there is no such client, or its method has no secret
   */
  rotateSecret(id: string, keepOld: number): Promise<string>;
  /** Whatever the client was granted stops working, until it is enabled again. False: there is none of this id. */
  disableClient(id: string): Promise<boolean>;
  enableClient(id: string): Promise<boolean>;
  /** Ends a client with all that was granted to it. False: there is none of this id. */
  deleteClient(id: string): Promise<boolean>;
  /** The keys of JWT access tokens. */
  signingKeys(): Promise<readonly SigningKey[]>;
  /**
   * Lets the next key sign, publishes another one, and keeps the one before published while its tokens live. With another
   * algorithm than the next key's, a new key signs at once. Resolves to the key that signs now.
   */
  rotateSigningKey(algorithm?: SigningAlgorithm): Promise<SigningKey>;
  /** Makes an initial access token: who has it may register `uses` clients. RFC 7591 §3 */
  createRegistrationToken(uses: number): Promise<{ id: string; token: string }>;
  registrationTokens(): Promise<readonly Omit<RegistrationToken, "hash">[]>;
  /** False: there is none of this id. */
  revokeRegistrationToken(id: string): Promise<boolean>;
  /** Whatever the subject granted stops working, until it is enabled again. */
  disableSubject(subject: string): Promise<void>;
  enableSubject(subject: string): Promise<void>;
  /** What happened, the newest first. */
  events(filter: EventFilter): Promise<readonly RecordedEvent[]>;
  /** Whether anybody without the server's secret altered, removed or inserted events. */
  verifyAudit(): Promise<AuditVerification>;
  /** Voids every code that is on its way: after "sign out everywhere" and a change of password. */
  voidCodes(subject: string): Promise<void>;
}

/** An event with its place in the audit. */
export interface RecordedEvent {
  /** Ascending; `before` of the next page. */
  readonly id: number;
  readonly event: AuditEvent;
}

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

/** What an operator asked for cannot be done, and why. */
export class AdminError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AdminError";
  }
}

export function createAdmin({ config, store, signingKeys, auditSigner }: Services): Admin {
  const setDisabled = (id: string, at: number | undefined): Promise<boolean> =>
    store.disableClient(id, at, {
      at: config.now(),
      type: at === undefined ? "client.enabled" : "client.disabled",
      clientId: id,
      by: "operator",
    });

  return {
    createClient: async (request) => {
      const at = config.now();
      const { client, secret } = clientOf(request, at);
      const event = { at, type: "client.registered", clientId: client.id, name: client.name, origin: "operator" } as const;
      if (!(await store.addClient(client, event))) throw new AdminError(`there is a client ${client.id} already`);
      return { client, secret };
    },
    client: (id) => store.client(id),
    rotateSecret: async (id, keepOld) => {
      const secret = mintSecret("client");
      for (;;) {
        const client = await store.client(id);
        if (client === undefined) throw new AdminError(`there is no client ${id}`);
        const [current] = client.secrets;
        if (current === undefined) throw new AdminError(`${id} has no secret: its method is ${client.authMethod}`);
        const at = config.now();
        const old = keepOld > 0 ? [{ hash: current.hash, expiresAt: at + keepOld }] : [];
        const secrets = [{ hash: hashSecret(secret), expiresAt: undefined }, ...old];
        const event = { at, type: "client.secret_rotated", clientId: id, by: "operator" } as const;
        if (await store.updateClient({ ...client, secrets }, event)) return secret;
      }
    },
    disableClient: (id) => setDisabled(id, config.now()),
    enableClient: (id) => setDisabled(id, undefined),
    deleteClient: (id) => store.deleteClient(id, config.now(), { at: config.now(), type: "client.deleted", clientId: id, by: "operator" }),
    signingKeys: () => signingKeys.list(config.now()),
    rotateSigningKey: (algorithm) => signingKeys.rotate(config.now(), algorithm),
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
    events: async (filter) => (await store.audit.list(filter)).map(({ id, text }) => ({ id, event: JSON.parse(text) as AuditEvent })),
    verifyAudit: () => verifyAudit(store, auditSigner),
    voidCodes: (subject) => store.voidCodes(subject, config.now(), { at: config.now(), type: "subject.signed_out_everywhere", subject }),
  };

  function clientOf(request: ClientRequest, createdAt: number): { client: Client; secret: string | undefined } {
    const redirectUris = request.redirectUris ?? [];
    const grantTypes = request.grantTypes ?? (redirectUris.length > 0 ? ["authorization_code", "refresh_token"] : ["client_credentials"]);
    const authMethod = request.authMethod ?? "client_secret_basic";
    const scope = request.scope ?? config.defaultScope;
    const resourceServerOf = (request.resourceServerOf ?? []).map(registeredUri);
    requireUsable(request.name, redirectUris, grantTypes, authMethod);
    const metadata = keysOf(request, authMethod);
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
      resources: (request.resources ?? []).map(registeredUri),
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

  function keysOf({ jwks, jwksUri }: ClientRequest, authMethod: ClientAuthMethod): Readonly<Record<string, unknown>> {
    try {
      return parseClientKeys({ jwks, jwks_uri: jwksUri }, authMethod, config.registration);
    } catch (error) {
      throw error instanceof OAuthError ? new AdminError(error.message) : error;
    }
  }

  function registeredUri(uri: string): string {
    const resource = registeredResource(uri, config.resources);
    if (resource === undefined) throw new AdminError(`there is no resource ${uri}`);
    return resource.uri;
  }
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
