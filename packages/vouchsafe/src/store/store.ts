import type { AuditEvent } from "../audit.ts";
import type { ChainHead, ChainSigner } from "../protocol/audit-chain.ts";
import type { Client, ClientIdentity, ShownClient } from "../protocol/client.ts";
import type { Agreement, BrowserName, ClientGrant, Grant, HeldGrant } from "../protocol/grant.ts";
import type { PushedRequest } from "../protocol/pushed-request.ts";
import type { SigningKey } from "../protocol/signing-key.ts";
import type { PresentedToken, Token } from "../protocol/token.ts";
import type { RateLimits } from "../rate-limit.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Flows } from "./flows.ts";
import type { Reach, Reports } from "./reports.ts";

/**
 * Where clients, grants and tokens are kept. A verb is a whole intention: it decides and writes in one transaction,
 * together with the audit event it takes along, and says who won. Nothing outside reads, changes and writes back. When a
 * promise resolves, what was written is durable. A verb rejects with `StorageError`; then nothing of it was written, except
 * where a connection was lost (`unavailable`) after the commit was sent: then it may have been, and only its answer is gone.
 *
 * `vouchsafe/store-contract` is the test suite that every implementation must pass. Times are milliseconds.
 */
export interface Store {
  client(id: string): Promise<Client | undefined>;
  /** The client, with what this subject has given it already. */
  clientFor(id: string, subject: string, resources: readonly string[], now: number): Promise<ClientForSubject | undefined>;
  /**
   * Adds a client; where `spends` is given, one use of that registration token is spent. False: there was none left, or
   * there is a client of this id.
   */
  addClient(client: Client, event: AuditEvent, spends?: Uint8Array): Promise<boolean>;
  /**
   * Replaces what is known of a client, and keeps the identity it had for whoever agreed to that. False: it was changed
   * since it was read (`revision`), or is gone. When it led to a grant and whether it is disabled stay as they are.
   */
  updateClient(client: Client, event?: AuditEvent): Promise<boolean>;
  /** Revokes every grant of the client, ends its own tokens, and forgets it. False: there is none. */
  deleteClient(id: string, at: number, event: AuditEvent): Promise<boolean>;
  /** Disables a client, or enables it again (`disabledAt` undefined). Grants and tokens stay as they are. False: there is none. */
  disableClient(id: string, disabledAt: number | undefined, event: AuditEvent): Promise<boolean>;
  /** What a client was when somebody agreed to it, where that is not what it is now. */
  formerIdentity(clientId: string, identity: string): Promise<FormerIdentity | undefined>;

  /** Records the decision on an authorization request, once: the answer that stands is the first one. */
  decide(decision: Decision, event: AuditEvent): Promise<string>;
  grant(id: string): Promise<Grant | undefined>;
  /**
   * Inserts the grant of a code with its tokens. `spent`: a grant of this id exists, so the code was redeemed before.
   * `void`: after the code was made, the subject disconnected the client, signed out everywhere or was disabled, or the
   * client was disabled, or deleted and made again.
   */
  openGrant(opening: Opening, event: AuditEvent): Promise<"opened" | "spent" | "void">;
  /** False: it was already revoked, or there is none. */
  revokeGrant(id: string, at: number, event: AuditEvent): Promise<boolean>;
  /** Revokes every live grant that the subject gave the client, and voids its codes. Resolves to the number of grants. */
  disconnect(subject: string, clientId: string, at: number, event: AuditEvent): Promise<number>;
  /**
   * Narrows a live grant that is as it was read: less scope, or an earlier end. False: it was changed or has ended since.
   * Every token of the grant asks it, so this holds from its next use on.
   */
  narrowGrant(was: Grant, to: Pick<Grant, "scope" | "endsAt">, at: number, event: AuditEvent): Promise<boolean>;
  /** The live grants of a subject to clients, newest first. */
  connections(subject: string, now: number): Promise<readonly Connection[]>;
  /** Those that were revoked or have ended after this time, the last first; the last thousand. */
  endedConnections(subject: string, after: number, now: number): Promise<readonly Connection[]>;
  /** Revokes every live grant that the subject gave to clients, and voids its codes. Resolves to the number of grants. */
  disconnectAll(subject: string, at: number, event: AuditEvent): Promise<number>;

  token(hash: Uint8Array): Promise<PresentedToken | undefined>;
  /** Inserts tokens that have no grant. */
  issue(tokens: readonly Token[], event: AuditEvent): Promise<void>;
  /** Spends a refresh token and inserts its successors. False: it was spent before, or its grant has been revoked. */
  rotate(rotation: Rotation, event: AuditEvent): Promise<boolean>;
  /** False: it was already revoked, or there is none. */
  revokeToken(hash: Uint8Array, at: number, event: AuditEvent): Promise<boolean>;

  /** Disables a subject, or enables it again (`disabledAt` undefined). Grants and tokens stay as they are. */
  disableSubject(subject: string, disabledAt: number | undefined, event: AuditEvent): Promise<void>;
  /** Voids every code of the subject made before this time. */
  voidCodes(subject: string, before: number, event: AuditEvent): Promise<void>;

  /** When grants were last used, by their ids. */
  noteUses(uses: ReadonlyMap<string, number>): Promise<void>;

  /** Revokes every grant of the client, and whatever it has for itself and on the way. Undefined: there is none of this id. */
  revokeClient(id: string, at: number, event: (reach: Reach) => AuditEvent): Promise<Reach | undefined>;
  /** Revokes every grant of the subject, personal tokens too, and voids the codes on their way. */
  revokeSubject(subject: string, at: number, event: (reach: Reach) => AuditEvent): Promise<Reach>;
  /** Revokes one token of those that `Reports.tokens` lists. False: it was already revoked, or there is none. */
  revokeListedToken(id: number, at: number, event: AuditEvent): Promise<boolean>;

  readonly audit: AuditTrail;
  readonly reports: Reports;
  readonly flows: Flows;
  readonly deliveries: Deliveries;
  readonly personalTokens: PersonalTokens;
  readonly pushedRequests: PushedRequests;
  readonly registrationTokens: RegistrationTokens;
  /** Limits that every process of this store counts together. Undefined: each process counts its own. */
  readonly rateLimits?: RateLimits;

  /** Spends a client's assertion until it has expired. False: it was spent before. RFC 7523 §3, claim 7 */
  spendAssertion(hash: Uint8Array, expiresAt: number): Promise<boolean>;

  signingKeys(): Promise<readonly SigningKey[]>;
  /** Replaces the keys, if they are still those of these ids. */
  changeSigningKeys(was: readonly string[], keys: readonly SigningKey[], event?: AuditEvent): Promise<boolean>;

  /** Appends events that belong to no other change. */
  record(events: readonly AuditEvent[]): Promise<void>;
  /** Keeps a value under a name unless there is one, and resolves to the one that is kept. */
  setting(name: string, value: string): Promise<string>;
  /** Replaces a setting. */
  changeSetting(name: string, value: string): Promise<void>;
  /**
   * Takes something for one process at a time, or keeps it: for so long, in milliseconds by the database's clock, nobody else
   * is given it; 0 gives it back. False: somebody else has it.
   */
  lease(name: string, holder: string, duration: number): Promise<boolean>;
  /**
   * Removes what nobody can need any more, but no client that is disabled: it could come back. Resolves to the numbers of
   * what was removed; with `isRehearsal` nothing was, and it would be these.
   */
  sweep(limits: SweepLimits, isRehearsal?: boolean): Promise<Swept>;
  /** Calls the listener with every event, once it is durable. */
  subscribe(listener: (event: AuditEvent) => void): void;
  /** Rejects where the database cannot be read, or has an older schema than this process needs. */
  check(): Promise<void>;
  /** Finishes what is under way and closes. */
  close(): Promise<void>;
}

/** Milliseconds: what is older goes. */
export interface SweepLimits {
  readonly now: number;
  readonly answersBefore: number;
  readonly unusedClientsBefore: number;
  /** By when they expired. */
  readonly pushedRequestsBefore: number;
}

export interface Swept {
  /** Registrations that led to no grant. */
  readonly clients: number;
  readonly decisions: number;
  readonly pushedRequests: number;
  readonly assertions: number;
  /** Sealed answers of refresh tokens whose overlap is over. */
  readonly refreshAnswers: number;
}

/** What a person decided on an authorization request. */
export interface Decision {
  readonly requestId: string;
  /** What a second submission is given: the address of the done page, with the sealed answer to the client. */
  readonly answer: string;
  /** When the answer can be forgotten. */
  readonly expiresAt: number;
}

export interface Opening {
  readonly grant: ClientGrant;
  readonly agreement: Agreement;
  readonly tokens: readonly Token[];
  /** The client has led to no grant before: mark that it now did. */
  readonly firstOfClient: boolean;
}

export interface Rotation {
  readonly hash: Uint8Array;
  readonly at: number;
  readonly successors: readonly Token[];
  /** The answer, sealed for the holder of the rotated token, to be repeated while the overlap lasts. */
  readonly answer: Uint8Array;
}

export interface ClientForSubject {
  readonly client: Client;
  /** Live, for exactly these resources; the newest eight. */
  readonly held: readonly HeldGrant[];
  /** What the subject agreed to last, live or not, for whatever resources. */
  readonly lastAgreed: string | undefined;
}

/** Who a client was. */
export type FormerIdentity = Pick<ClientIdentity, "name" | "redirectUris">;

export interface Connection {
  readonly grant: ClientGrant;
  readonly client: ShownClient;
  /** The last minute in which it was used; milliseconds. */
  readonly usedAt: number | undefined;
  /** In which the subject agreed to it. */
  readonly browser: BrowserName | undefined;
}

/** What happened, kept for the operator. It is appended to by every verb that takes an event, and by `record`. */
export interface AuditTrail {
  /** From now on every event stands in a chain. Before, and without it, an event stands for itself. */
  signWith(signer: ChainSigner): void;
  /** Those that match, the newest first, but see `after`. */
  list(filter: EventFilter): Promise<readonly KeptEvent[]>;
  event(id: number): Promise<KeptEvent | undefined>;
  /** All of them in the order in which they were written, from behind this id on. */
  read(after: number, most: number): Promise<readonly KeptEvent[]>;
  heads(): Promise<readonly ChainHead[]>;
  /**
   * Takes the oldest events of a chain away, with their deliveries, as far as all of them are older than this, and at most so
   * many; the head says up to where. Resolves to how many there were. Rejects with `StorageError` `damaged` where they are
   * not what was written: then they stay.
   */
  cut(chain: string, before: number, most: number): Promise<number>;
  /** Removes events from before there were chains, that are older than this, at most so many. */
  removeUnchained(before: number, most: number): Promise<number>;
  /** How many events of a chain are older than this. */
  countOlder(chain: string, before: number): Promise<number>;
}

export interface EventFilter {
  /** Default: all. */
  readonly types?: readonly AuditEvent["type"][];
  readonly clientId?: string;
  readonly subject?: string;
  readonly grantId?: string;
  readonly flowId?: string;
  /** Milliseconds; from this time on, and before that one. */
  readonly from?: number;
  readonly until?: number;
  /** Older than the event of this id, for the next page. */
  readonly before?: number;
  /** Newer than the event of this id, and then the oldest first. */
  readonly after?: number;
  readonly most: number;
}

export interface KeptEvent {
  /** Ascending, as they were written. */
  readonly id: number;
  /** As it was written, byte for byte. */
  readonly text: string;
  /** Only of `read`. False: it is found and counted as something else than its text says. */
  readonly isFiled?: boolean;
  /** Where it stands, if in a chain. */
  readonly link: { readonly chain: string; readonly position: number; readonly mark: string } | undefined;
}

/** Personal access tokens: grants without a client. */
export interface PersonalTokens {
  /** Adds a grant and its token. `repeated`: there is a grant of this id; `full`: the subject has as many as it may. */
  add(personal: PersonalToken, token: Token, most: number, event: AuditEvent): Promise<"added" | "repeated" | "full">;
  /** The live ones of a subject, newest first. */
  list(subject: string, now: number): Promise<readonly PersonalToken[]>;
}

export interface PersonalToken {
  readonly grant: Grant;
  /** What the person calls it. */
  readonly name: string;
  readonly usedAt: number | undefined;
}

/** Requests that clients pushed. RFC 9126 */
export interface PushedRequests {
  add(request: PushedRequest): Promise<void>;
  /** One that was not swept, and whether it was decided. */
  find(id: string): Promise<(PushedRequest & { readonly isDecided: boolean }) | undefined>;
}

/** Initial access tokens: who has one may register a client. RFC 7591 §3 */
export interface RegistrationTokens {
  add(token: RegistrationToken, event: AuditEvent): Promise<void>;
  list(): Promise<readonly Omit<RegistrationToken, "hash">[]>;
  /** False: there is none. */
  revoke(id: string, event: AuditEvent): Promise<boolean>;
  /** Whether the token has a use left. Spending it is `addClient`'s. */
  isUsable(hash: Uint8Array): Promise<boolean>;
}

export interface RegistrationToken {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly usesLeft: number;
  readonly createdAt: number;
}

/**
 * The database did not do what was asked.
 * - `unavailable`: not now: busy, full, read-only, lost
 * - `cannot-open`: there is no usable database at that address
 * - `newer-schema`: a newer Vouchsafe has migrated it
 * - `older-schema`: an older one has taken its place while this process used it
 * - `damaged`: what it holds cannot be read any more, such as an event of the audit that somebody altered
 */
export class StorageError extends Error {
  readonly kind: "unavailable" | "cannot-open" | "newer-schema" | "older-schema" | "damaged";

  constructor(kind: StorageError["kind"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StorageError";
    this.kind = kind;
  }
}
