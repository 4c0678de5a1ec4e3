import { hash } from "node:crypto";
import type { Claims } from "../sql/database.ts";
import type { Parameters } from "../sql/rows.ts";

/**
 * Claims are advisory locks that end with the transaction. They are taken by one statement, before anything else and in one
 * order everywhere, so that no two transactions wait for each other; what is read after it sees what those before it wrote.
 */
export const takeClaims = `
  SELECT CASE WHEN claim.alone THEN pg_advisory_xact_lock(CAST(claim.key AS BIGINT)) ELSE pg_advisory_xact_lock_shared(CAST(claim.key AS BIGINT)) END
  FROM jsonb_to_recordset(CAST(:claims AS jsonb)) AS claim (key TEXT, alone BOOLEAN)`;

/** Takes a claim that nobody else has, or says that somebody does. */
export const tryClaim = "SELECT pg_try_advisory_xact_lock(CAST(:key AS BIGINT))";

/** Negative, so that no key is one of those by which settled events are told (see `settled-events.ts`). */
export function claimKey(name: string): string {
  const key = hash("sha256", `vouchsafe ${name}`, "buffer").readBigInt64BE();
  return String(key < 0n ? key : -key - 1n);
}

/** Undefined: there are none. */
export function claimParameters(claims: readonly Claims[]): Parameters | undefined {
  const alone = new Set(claims.flatMap((claim) => claim.alone ?? []));
  const shared = new Set(claims.flatMap((claim) => claim.shared ?? []).filter((name) => !alone.has(name)));
  if (alone.size + shared.size === 0) return undefined;
  const keys = [
    ...[...alone].map((name) => ({ key: claimKey(name), alone: true })),
    ...[...shared].map((name) => ({ key: claimKey(name), alone: false })),
  ];
  return { claims: JSON.stringify(keys.sort((a, b) => (a.key < b.key ? -1 : 1))) };
}

/** The claims of several works, to compare with those of one more: a claim keeps out other transactions only. */
export class ClaimedNames {
  readonly #alone = new Set<string>();
  readonly #shared = new Set<string>();

  add({ alone = [], shared = [] }: Claims): void {
    for (const name of alone) this.#alone.add(name);
    for (const name of shared) this.#shared.add(name);
  }

  admit({ alone = [], shared = [] }: Claims): boolean {
    return ![...alone, ...shared].some((name) => this.#alone.has(name)) && !alone.some((name) => this.#shared.has(name));
  }
}
