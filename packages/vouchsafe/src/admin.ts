import { AdminError } from "./admin/admin-error.ts";
import { type ClientRequest, makeClient } from "./admin/make-client.ts";
import { orderedToken, type PersonalTokenOrder } from "./admin/make-personal-token.ts";
import { rangeOf, readStatistics, type Statistics } from "./admin/statistics.ts";
import type { AuditEvent, Circumstances } from "./audit.ts";
import { type CleanedUp, cleanUp } from "./cleanup.ts";
import type { Services } from "./context.ts";
import type { Client } from "./protocol/client.ts";
import { mostPersonalTokens } from "./protocol/personal-token.ts";
import { type Destination, destinationOf } from "./protocol/redirect-uri.ts";
import { hashSecret, mintIdentifier, mintSecret } from "./protocol/secret.ts";
import type { SigningAlgorithm, SigningKey } from "./protocol/signing-key.ts";
import { type TrustTier, trustTier } from "./protocol/trust-tier.ts";
import type { Flow, FlowFilter, FlowWithSteps } from "./store/flows.ts";
import type { ClientFilter, GrantFilter, KnownClient, KnownGrant, KnownToken, Reach, Reached, TokenFilter } from "./store/reports.ts";
import { type EventFilter, type KeptEvent, type PersonalToken, type RegistrationToken, StorageError } from "./store/store.ts";
import { type AuditVerification, verifyAudit } from "./verify-audit.ts";

export { AdminError } from "./admin/admin-error.ts";
export type { ClientRequest } from "./admin/make-client.ts";
export type { PersonalTokenOrder } from "./admin/make-personal-token.ts";
export { type Counts, countedAs, type Statistics, type Tally } from "./admin/statistics.ts";
export type { CleanedUp } from "./cleanup.ts";

/** What an operator may ask for and end. Times are milliseconds. */
export interface Admin {
  /** The same, by an operator of this name, who then stands in the audit with whatever they do. */
  as(operator: string, circumstances?: Pick<Circumstances, "requestId" | "address">): Admin;

  /** Makes a client. Its secret, where it has one, is in the answer and nowhere else. */
  createClient(request: ClientRequest): Promise<{ client: Client; secret: string | undefined }>;
  client(id: string): Promise<Client | undefined>;
  /** Those that are listed under this filter, the newest first. */
  clients(filter: ClientFilter): Promise<readonly ListedClient[]>;
  /** How often events of these types told about each of these clients in a time. */
  clientCounts(
    ids: readonly string[],
    types: readonly AuditEvent["type"][],
    from: number,
    until: number,
  ): Promise<ReadonlyMap<string, number>>;
  /**
   * Gives a client a new secret. The one before stays good for `keepOld` milliseconds, at most a year, so that the client
   * can change over; of any older one nothing stays.
   * @throws AdminError where there is no such client, its method has no secret, or the one before would stay for longer
   */
  rotateSecret(id: string, keepOld: number): Promise<string>;
  /** Whatever the client was granted stops working, until it is enabled again. False: there is none of this id. */
  disableClient(id: string): Promise<boolean>;
  enableClient(id: string): Promise<boolean>;
  /** Ends whatever was granted to a client, and its own tokens; people may let it in again. Undefined: there is none. */
  revokeClient(id: string): Promise<Reach | undefined>;
  /** Ends a client with all that was granted to it. False: there is none of this id. */
  deleteClient(id: string): Promise<boolean>;

  /** Connections and personal tokens. */
  grants(filter: GrantFilter): Promise<readonly KnownGrant[]>;
  /** False: it has ended already, or there is none of this id. */
  revokeGrant(id: string): Promise<boolean>;
  tokens(filter: TokenFilter): Promise<{ readonly tokens: readonly KnownToken[]; readonly next: number | undefined }>;
  /** Ends one token, by the id it is listed under; a personal one with its grant. False: it has ended already, or there is none. */
  revokeToken(id: number): Promise<boolean>;
  /** Makes a personal access token for somebody. Its value is in the answer and nowhere else. @throws AdminError */
  createPersonalToken(order: PersonalTokenOrder): Promise<{ personal: PersonalToken; value: string }>;
  /** What ending this would end, to be shown first. */
  reach(of: Reached): Promise<Reach>;

  /** Whatever the subject granted stops working, until it is enabled again. */
  disableSubject(subject: string): Promise<void>;
  enableSubject(subject: string): Promise<void>;
  /** Ends every connection and personal token of the subject, and voids the codes on their way. */
  revokeSubject(subject: string): Promise<Reach>;
  /** Voids every code that is on its way: after "sign out everywhere" and a change of password. */
  voidCodes(subject: string): Promise<void>;

  /** What happened, the newest first. */
  events(filter: EventFilter): Promise<readonly RecordedEvent[]>;
  /** Whether anybody without the server's secret altered, removed or inserted events. */
  verifyAudit(): Promise<AuditVerification>;
  /** What happened from a time on and before another, by number, and what is there now. */
  statistics(from: number, until: number): Promise<Statistics>;
  /** Attempts to connect, also what this process has not yet written down. */
  flows(filter: FlowFilter): Promise<readonly Flow[]>;
  flow(id: string): Promise<FlowWithSteps | undefined>;
  /** Removes what is past its time, as happens by itself every minute. A rehearsal only says what would be removed. */
  cleanUp(isRehearsal?: boolean): Promise<CleanedUp>;

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
}

export interface ListedClient extends KnownClient {
  /** What a consent page would say of it, by its first redirect URI; undefined where it has none. */
  readonly tier: TrustTier | undefined;
  /** Where its answers go. */
  readonly destination: Destination | undefined;
}

/** An event with its place in the audit. */
export interface RecordedEvent {
  /** Ascending; `before` of the next page. */
  readonly id: number;
  readonly event: AuditEvent;
}

/** How long a secret that was rotated may stay good, in milliseconds: a year. */
const longestKept = 31_622_400_000;

export function createAdmin(services: Services, by: Omit<Circumstances, "at"> = {}): Admin {
  const { config, store, flowLog, signingKeys, auditSigner } = services;
  /** Now, by this operator. */
  const circumstances = (): Circumstances => ({ at: config.now(), ...by });
  const setDisabled = (id: string, isDisabled: boolean): Promise<boolean> => {
    const now = circumstances();
    const type = isDisabled ? "client.disabled" : "client.enabled";
    return store.disableClient(id, isDisabled ? now.at : undefined, { ...now, type, clientId: id, by: "operator" });
  };
  const revokeGrant = async (id: string): Promise<boolean> => {
    const now = circumstances();
    const grant = await store.grant(id);
    if (grant === undefined) return false;
    const { clientId, subject } = grant;
    return store.revokeGrant(
      id,
      now.at,
      clientId === undefined
        ? { ...now, type: "personal_token.revoked", subject, grantId: id, by: "operator" }
        : { ...now, type: "grant.revoked", clientId, subject, grantId: id, by: "operator" },
    );
  };

  return {
    as: (operator, { requestId, address } = {}) =>
      createAdmin(services, {
        operator,
        ...(requestId === undefined ? {} : { requestId }),
        ...(address === undefined ? {} : { address }),
      }),
    createClient: async (request) => {
      const now = circumstances();
      const { client, secret } = makeClient(request, now.at, config);
      const event = { ...now, type: "client.registered", clientId: client.id, name: client.name, origin: "operator" } as const;
      if (!(await store.addClient(client, event))) throw new AdminError(`there is a client ${client.id} already`);
      return { client, secret };
    },
    client: (id) => store.client(id),
    clients: async (filter) =>
      (await store.reports.clients(filter, config.now())).map((known) => {
        const redirectUri = known.client.redirectUris.find((uri) => URL.canParse(uri));
        return redirectUri === undefined
          ? { ...known, tier: undefined, destination: undefined }
          : { ...known, tier: trustTier(known.client, redirectUri, config.trustedHosts), destination: destinationOf(redirectUri) };
      }),
    clientCounts: (ids, types, from, until) => store.reports.countsOfClients(rangeOf(from, until, config.now()), ids, types),
    rotateSecret: async (id, keepOld) => {
      if (keepOld > longestKept) throw new AdminError("the secret before stays good for a year at most");
      const secret = mintSecret("client");
      for (;;) {
        const client = await store.client(id);
        if (client === undefined) throw new AdminError(`there is no client ${id}`);
        const [current] = client.secrets;
        if (current === undefined) throw new AdminError(`${id} has no secret: its method is ${client.authMethod}`);
        const now = circumstances();
        const old = keepOld > 0 ? [{ hash: current.hash, expiresAt: now.at + keepOld }] : [];
        const secrets = [{ hash: hashSecret(secret), expiresAt: undefined }, ...old];
        const event = { ...now, type: "client.secret_rotated", clientId: id, by: "operator" } as const;
        if (await store.updateClient({ ...client, secrets }, event)) return secret;
      }
    },
    disableClient: (id) => setDisabled(id, true),
    enableClient: (id) => setDisabled(id, false),
    revokeClient: (id) => {
      const now = circumstances();
      return store.revokeClient(id, now.at, ({ connections }) => ({ ...now, type: "client.revoked", clientId: id, connections }));
    },
    deleteClient: (id) => {
      const now = circumstances();
      return store.deleteClient(id, now.at, { ...now, type: "client.deleted", clientId: id, by: "operator" });
    },

    grants: (filter) => store.reports.grants(filter, config.now()),
    revokeGrant,
    tokens: (filter) => store.reports.tokens(filter),
    revokeToken: async (id) => {
      const { tokens } = await store.reports.tokens({ before: id + 1, most: 1, walk: 1 });
      const [token] = tokens;
      if (token?.id !== id) return false;
      const { kind, grantId, subject, clientId = "" } = token;
      if (kind === "personal" && grantId !== undefined) return revokeGrant(grantId);
      const now = circumstances();
      const event = {
        ...now,
        type: "token.revoked",
        clientId,
        ...(subject === undefined || grantId === undefined ? {} : { grantId, subject }),
      } as const;
      return store.revokeListedToken(id, now.at, event);
    },
    createPersonalToken: async (order) => {
      const { personal, token, value } = orderedToken(order, config);
      const { id: grantId, subject, scope } = personal.grant;
      const event = { ...circumstances(), type: "personal_token.created", subject, grantId, scope } as const;
      if ((await store.personalTokens.add(personal, token, mostPersonalTokens, event)) === "full")
        throw new AdminError(`${subject} has ${mostPersonalTokens} tokens already`);
      return { personal, value };
    },
    reach: (of) => store.reports.reach(of, config.now()),

    disableSubject: (subject) => {
      const now = circumstances();
      return store.disableSubject(subject, now.at, { ...now, type: "subject.disabled", subject });
    },
    enableSubject: (subject) => store.disableSubject(subject, undefined, { ...circumstances(), type: "subject.enabled", subject }),
    revokeSubject: (subject) => {
      const now = circumstances();
      return store.revokeSubject(subject, now.at, ({ connections, personalTokens }) => ({
        ...now,
        type: "subject.revoked",
        subject,
        connections,
        personalTokens,
      }));
    },
    voidCodes: (subject) => {
      const now = circumstances();
      return store.voidCodes(subject, now.at, { ...now, type: "subject.signed_out_everywhere", subject });
    },

    events: async (filter) => (await store.audit.list(filter)).map(recordedEvent),
    verifyAudit: () => verifyAudit(store, auditSigner),
    statistics: (from, until) => readStatistics(services, from, until),
    flows: async (filter) => {
      await flowLog.flush();
      return store.flows.list(filter);
    },
    flow: async (id) => {
      await flowLog.flush();
      return store.flows.find(id);
    },
    cleanUp: async (isRehearsal = false) => {
      await flowLog.flush();
      return cleanUp(services, isRehearsal);
    },

    signingKeys: () => signingKeys.list(config.now()),
    rotateSigningKey: (algorithm) => signingKeys.rotate(circumstances(), algorithm),
    createRegistrationToken: async (uses) => {
      if (!Number.isSafeInteger(uses) || uses < 1) throw new AdminError("a registration token has at least one use");
      const token = mintSecret("registration");
      const id = mintIdentifier();
      const now = circumstances();
      await store.registrationTokens.add(
        { id, hash: hashSecret(token), usesLeft: uses, createdAt: now.at },
        { ...now, type: "registration_token.created", tokenId: id },
      );
      return { id, token };
    },
    registrationTokens: () => store.registrationTokens.list(),
    revokeRegistrationToken: (id) =>
      store.registrationTokens.revoke(id, { ...circumstances(), type: "registration_token.revoked", tokenId: id }),
  };
}

/** @throws StorageError where what stands in its place is no event any more */
function recordedEvent({ id, text }: KeptEvent): RecordedEvent {
  const event = parsed(text);
  if (
    typeof event !== "object" ||
    event === null ||
    !("type" in event) ||
    !("at" in event) ||
    Number.isNaN(new Date(Number(event.at)).getTime())
  )
    throw new StorageError("damaged", `event ${id} of the audit cannot be read; \`vouchsafe audit verify\` says what was altered`);
  return { id, event: event as AuditEvent };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
