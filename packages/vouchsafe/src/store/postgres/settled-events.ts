/**
 * Writers that overlap are given ids of events in any order, and commit in any order. So that nobody counts or follows past
 * an event that is still to appear, a writer marks, before it is given ids, how far they had been given out: by a shared
 * advisory lock whose key says so, and that ends with its transaction. Whoever reads takes the lowest of these marks.
 */

/** The upper 16 bits of such a key. No key of a claim is positive. */
const keySpace = 0x5673;
const firstKey = BigInt(keySpace) << 48n;

const lastGiven = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS id FROM audit_events_id_seq";

export const settledStatements = {
  mark: `SELECT pg_advisory_xact_lock_shared(CAST(${firstKey} AS BIGINT) + given.id) FROM (${lastGiven}) AS given`,
  lastGiven,
  /** To be asked after `lastGiven`: whoever was given one of those ids before has ended, or is seen here. */
  lowestMark: `
    SELECT min(((CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT)) - CAST(${firstKey} AS BIGINT)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND (CAST(classid AS BIGINT) >> 16) = ${keySpace}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
} as const;
