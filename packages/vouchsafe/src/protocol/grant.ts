import type { Scope } from "./scope.ts";

/** The record of one approval: subject × client × scope × resource. Every token of the approval asks it. */
export interface Grant {
  readonly id: string;
  readonly clientId: string;
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

/** Neither revoked nor ended. At its end it has ended. */
export function isLive(grant: Pick<Grant, "revokedAt" | "endsAt">, now: number): boolean {
  return grant.revokedAt === undefined && (grant.endsAt === undefined || now < grant.endsAt);
}
