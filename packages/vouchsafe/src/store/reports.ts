import type { AuditEvent } from "../audit.ts";
import type { Client } from "../protocol/client.ts";
import type { Grant } from "../protocol/grant.ts";
import type { Token } from "../protocol/token.ts";

/**
 * What an operator asks of the store as a whole. None of it is on the way of a request. Events are counted as they are
 * written down and again from the counts, so that a month of a million events is read as fast as an hour of ten; whatever
 * has not been counted yet is read from the events themselves: the numbers are exact at every moment.
 */
export interface Reports {
  /** Brings events into the counts, in the order in which they were written, at most so many. Resolves to how many there were. */
  countEvents(most: number): Promise<number>;
  /** Forgets counts that are older than they are kept, at most so many. Resolves to how many there were. */
  sweepCounts(now: number, most: number): Promise<number>;
  /** How often what happened, period by period. Periods in which nothing happened are absent. */
  counts(range: Range): Promise<readonly EventCount[]>;
  /** The clients about which most events of these types tell, and how many. */
  busiestClients(range: Range, types: readonly AuditEvent["type"][], most: number): Promise<readonly ClientCount[]>;
  /** How often events of these types told about each of these clients; those of which none did are absent. */
  countsOfClients(range: Range, clientIds: readonly string[], types: readonly AuditEvent["type"][]): Promise<ReadonlyMap<string, number>>;
  /** What is there now. */
  totals(now: number): Promise<Totals>;
  /** How many grants and tokens ended by themselves, from a time on and before another. */
  expired(from: number, until: number): Promise<Held>;
  /** The newest first. */
  clients(filter: ClientFilter, now: number): Promise<readonly KnownClient[]>;
  /** The newest first: connections and personal tokens. */
  grants(filter: GrantFilter, now: number): Promise<readonly KnownGrant[]>;
  /**
   * The newest first. At most `walk` tokens are looked at, so that a rare one does not take a walk through all of them:
   * `next` is where to go on.
   */
  tokens(filter: TokenFilter): Promise<{ readonly tokens: readonly KnownToken[]; readonly next: number | undefined }>;
  /** What ending this would end. */
  reach(of: Reached, now: number): Promise<Reach>;
}

/** The lengths of a period, in milliseconds. A day is one of UTC. */
export const periods = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Period = (typeof periods)[keyof typeof periods];

/** How long each period is counted apart, in milliseconds. Days are counted for longer than events are kept by default. */
export const countsKept = {
  [periods.minute]: 2 * periods.day,
  [periods.hour]: 40 * periods.day,
  [periods.day]: 800 * periods.day,
} as const satisfies Record<Period, number>;

/** Whole periods, from one time on and before another. */
export interface Range {
  readonly period: Period;
  readonly from: number;
  readonly until: number;
}

export interface EventCount {
  /** When the period began. */
  readonly at: number;
  readonly type: AuditEvent["type"];
  /** See `detailOf`. */
  readonly detail: string;
  readonly count: number;
}

export interface ClientCount {
  readonly clientId: string;
  /** Undefined: there is no such client any more. */
  readonly name: string | undefined;
  readonly count: number;
}

/** What lets programs in, by kind. */
export interface Held {
  readonly connections: number;
  readonly personalTokens: number;
  /** Tokens that clients got for themselves. */
  readonly clientTokens: number;
}

export interface Totals extends Held {
  readonly clients: readonly { readonly origin: Client["origin"]; readonly isDisabled: boolean; readonly count: number }[];
  /** The clients with the most live connections, at most twenty. */
  readonly connectionsByClient: readonly ClientCount[];
}

export interface ClientFilter {
  readonly id?: string;
  /** Part of a name or id, whatever the case of its ASCII letters. */
  readonly search?: string;
  readonly origin?: Client["origin"];
  readonly isDisabled?: boolean;
  /** The client after which the page begins: `createdAt` and id. */
  readonly after?: { readonly createdAt: number; readonly id: string };
  readonly most: number;
}

export interface KnownClient {
  readonly client: Client;
  /** Live ones. */
  readonly connections: number;
  /** The last minute in which one of its grants was used. */
  readonly usedAt: number | undefined;
}

export interface GrantFilter {
  readonly id?: string;
  readonly clientId?: string;
  readonly subject?: string;
  /** Connections, or personal tokens; undefined: both. */
  readonly kind?: "connection" | "personal";
  /** Live now; undefined: all that are kept. */
  readonly isLive?: boolean;
  /** The grant after which the page begins. */
  readonly after?: { readonly createdAt: number; readonly id: string };
  readonly most: number;
}

export interface KnownGrant {
  readonly grant: Grant;
  /** What the client is called, or what the person calls their token. */
  readonly name: string | undefined;
  readonly usedAt: number | undefined;
}

export interface TokenFilter {
  readonly clientId?: string;
  readonly subject?: string;
  readonly grantId?: string;
  readonly kind?: Token["kind"];
  /** Older than the token of this id. */
  readonly before?: number;
  readonly most: number;
  readonly walk: number;
}

/** A token without anything of its secret. */
export interface KnownToken extends Omit<Token, "hash"> {
  /** Ascending, as they were issued. It says nothing about the secret. */
  readonly id: number;
  readonly revokedAt: number | undefined;
  readonly spentAt: number | undefined;
  /** Undefined: it is a client's own. */
  readonly subject: string | undefined;
  /** When the grant it belongs to was revoked, or ends. */
  readonly grantRevokedAt: number | undefined;
  readonly grantEndsAt: number | undefined;
}

export type Reached = { readonly clientId: string } | { readonly subject: string } | { readonly grantId: string };

export interface Reach extends Held {
  readonly people: number;
}
