import type { AuditEvent } from "../audit.ts";
import type { Client } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import type { Scope } from "../protocol/scope.ts";
import type { PresentedToken, Token } from "../protocol/token.ts";

/**
 * Where clients, grants and tokens are kept. A verb is a whole intention: it decides and writes in one transaction,
 * together with the audit event it takes along, and says who won. Nothing outside reads, changes and writes back. When a
 * promise resolves, what was written is durable. A verb rejects with `StorageError`; then nothing of it was written.
 *
 * `vouchsafe/store-contract` is the test suite that every implementation must pass. Times are milliseconds.
 */
export interface Store {
  client(id: string): Promise<Client | undefined>;
  /** The client, with the scope that it already holds for this subject and exactly these resources. */
  clientFor(id: string, subject: string, resources: readonly string[], now: number): Promise<{ client: Client; held: Scope } | undefined>;
  /** Adds a client; where `spends` is given, one use of that registration token is spent, and false says there was none left. */
  addClient(client: Client, event: AuditEvent, spends?: Uint8Array): Promise<boolean>;

  /** Records the decision on an authorization request, once: the answer that stands is the first one. */
  decide(decision: Decision, event: AuditEvent): Promise<string>;
  grant(id: string): Promise<Grant | undefined>;
  /**
   * Inserts the grant of a code with its tokens. `spent`: a grant of this id exists, so the code was redeemed before.
   * `void`: after the code was made, the subject disconnected the client, signed out everywhere or was disabled, or the
   * client was disabled.
   */
  openGrant(opening: Opening, event: AuditEvent): Promise<"opened" | "spent" | "void">;
  /** False: it was already revoked, or there is none. */
  revokeGrant(id: string, at: number, event: AuditEvent): Promise<boolean>;
  /** Revokes every live grant that the subject gave the client, and voids its codes. Resolves to the number of grants. */
  disconnect(subject: string, clientId: string, at: number, event: AuditEvent): Promise<number>;
  /** The live grants of a subject with their clients, newest first. */
  connections(subject: string, now: number): Promise<readonly Connection[]>;

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

  readonly registrationTokens: RegistrationTokens;

  /** Appends events that belong to no other change. */
  record(events: readonly AuditEvent[]): Promise<void>;
  /** Keeps a value under a name unless there is one, and resolves to the one that is kept. */
  setting(name: string, value: string): Promise<string>;
  /** Replaces a setting. */
  changeSetting(name: string, value: string): Promise<void>;
  /** Removes what nobody can need any more. Resolves to the number of rows. */
  sweep(limits: { now: number; answersBefore: number; unusedClientsBefore: number }): Promise<number>;
  /** Calls the listener with every event, once it is durable. */
  subscribe(listener: (event: AuditEvent) => void): void;
  /** Rejects where the database cannot be read. */
  check(): Promise<void>;
  /** Finishes what is under way and closes. */
  close(): Promise<void>;
}

/** What a person decided on an authorization request. */
export interface Decision {
  readonly requestId: string;
  /** The address of the done page, with the sealed answer to the client. */
  readonly answer: string;
  /** When the answer can be forgotten. */
  readonly expiresAt: number;
}

export interface Opening {
  readonly grant: Grant;
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

export interface Connection {
  readonly grant: Grant;
  readonly client: Client;
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
 */
export class StorageError extends Error {
  readonly kind: "unavailable" | "cannot-open" | "newer-schema";

  constructor(kind: StorageError["kind"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StorageError";
    this.kind = kind;
  }
}
