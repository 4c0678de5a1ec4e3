import type { Scope } from "./scope.ts";

/** The record of one approval: subject × client × scope × resource. Every token of the approval asks it. */
export interface Grant {
  readonly id: string;
  /** Undefined: a personal access token, which is a grant without a client. */
  readonly clientId: string | undefined;
  readonly subject: string;
  readonly scope: Scope;
  /** The resources that were named, as registered; empty: none was ever named. */
  readonly resources: readonly string[];
  /** When the person decided; milliseconds, as every time inside. */
  readonly createdAt: number;
  /** When its code was redeemed. */
  readonly redeemedAt: number;
  /** Undefined: until it is revoked. */
  readonly endsAt: number | undefined;
  readonly revokedAt: number | undefined;
}

/** A grant that was given to a client. */
export type ClientGrant = Grant & { readonly clientId: string };

export const isClientGrant = (grant: Grant | undefined): grant is ClientGrant => grant?.clientId !== undefined;

/** Neither revoked nor ended. At its end it has ended. */
export function isLive(grant: Pick<Grant, "revokedAt" | "endsAt">, now: number): boolean {
  return grant.revokedAt === undefined && (grant.endsAt === undefined || now < grant.endsAt);
}

/** What a subject agreed to when they let a client in. */
export interface Agreement {
  /** The client's identity as the person saw it: see `identityOf`. */
  readonly identity: string;
  /** Where the answer went. */
  readonly redirectUri: string;
  /** In which browser; undefined where it does not say. */
  readonly browser: BrowserName | undefined;
}

/** A browser as people call it: Firefox on Linux. */
export interface BrowserName {
  readonly browser: string;
  readonly system: string;
}

/** A live grant that a client already has from a subject, for the same resources. */
export type HeldGrant = Pick<Grant, "scope" | "endsAt"> & Pick<Agreement, "identity" | "redirectUri">;
