import { hash } from "node:crypto";
import { type Attempt, beyond, createRateLimit, limitOf, mostKeys, type RateLimits } from "../../rate-limit.ts";
import type { LimitSweeping } from "../sql/cleanup.ts";
import { StorageError } from "../store.ts";
import type { PostgresPool } from "./client.ts";

/**
 * Limits that all processes of a database count together, by the database's clock: those of its nodes differ. While the
 * database is away, each process counts in its memory.
 */
export function postgresRateLimits(pool: PostgresPool): RateLimits {
  const outage = new Outage();
  return (name, rule, onError) => {
    const meanwhile = createRateLimit(rule);
    const refused = new RefusedKeys();
    return limitOf(async (key) => {
      const wait = refused.wait(key);
      if (wait !== undefined) return beyond(wait);
      const filed = fileUnder(name, key);
      try {
        const { rows } = await pool.query({ ...countStatement, values: [filed, rule.duration, rule.points] });
        outage.end();
        const [{ ends_at: endsAt, remaining } = nothingCounted] = rows as readonly Counted[];
        if (endsAt !== null) return { wait: undefined, takeBack: () => takeBack(pool, filed, endsAt) };
        return refused.add(key, remaining ?? rule.duration);
      } catch (error) {
        outage.tell(error, onError);
        return meanwhile.attempt(key);
      }
    });
  };
}

/** What is stored in place of the key: keys hold addresses and e-mail addresses. */
const fileUnder = (name: string, key: string): Uint8Array => hash("sha256", `${name} ${key}`, "buffer").subarray(0, 16);

interface Counted {
  /** When the time of the key ends; null where nothing was counted. */
  readonly ends_at: number | null;
  /** Milliseconds; null where another process has just counted the first one. */
  readonly remaining: number | null;
}

const nothingCounted: Counted = { ends_at: null, remaining: null };

/** The database's clock, in milliseconds. */
const now = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS bigint)";

/** Beyond the limit it changes no row, so that a flood leaves none behind to be vacuumed. */
const countStatement = {
  name: "rate-limits-count",
  text: `WITH counted AS (
  INSERT INTO rate_limits AS known (key, count, ends_at)
  SELECT $1::bytea, 1, ${now} + $2::bigint WHERE $3::bigint > 0
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN known.ends_at <= ${now} THEN 1 ELSE known.count + 1 END,
    ends_at = CASE WHEN known.ends_at <= ${now} THEN excluded.ends_at ELSE known.ends_at END
  WHERE known.ends_at <= ${now} OR known.count < $3
  RETURNING ends_at
)
SELECT
  (SELECT ends_at FROM counted)::float8 AS ends_at,
  (SELECT ends_at - ${now} FROM rate_limits WHERE key = $1)::float8 AS remaining`,
};

const takeBackStatement = {
  name: "rate-limits-take-back",
  text: "UPDATE rate_limits SET count = count - 1 WHERE key = $1 AND ends_at = $2::bigint",
};

/** Where the database is gone meanwhile, the count stands until its time is over. */
async function takeBack(pool: PostgresPool, filed: Uint8Array, endsAt: number): Promise<void> {
  await pool.query({ ...takeBackStatement, values: [filed, endsAt] }).catch(() => undefined);
}

/** How the rows go whose time is over. One that is being counted anew is locked, and stays. */
export const limitSweeping: LimitSweeping = {
  remove: `DELETE FROM rate_limits WHERE key IN (
  SELECT key FROM rate_limits WHERE ends_at <= ${now} ORDER BY ends_at LIMIT :most FOR UPDATE SKIP LOCKED
)`,
  count: `SELECT count(*) FROM rate_limits WHERE ends_at <= ${now}`,
};

/** For how long a key that was refused is not asked for again, in milliseconds: a flood from one address must not queue for its row. */
const refusedAtOnce = 1000;

/** The keys that were refused within the last second. */
class RefusedKeys {
  readonly #keys = new Map<string, { readonly at: number; readonly endsAt: number }>();

  /** The milliseconds that a key has to wait, if it is known to. */
  wait(key: string): number | undefined {
    const known = this.#keys.get(key);
    const at = performance.now();
    if (known !== undefined && at < Math.min(known.at + refusedAtOnce, known.endsAt)) return known.endsAt - at;
    this.#keys.delete(key);
    return undefined;
  }

  add(key: string, remaining: number): Attempt {
    const at = performance.now();
    const [oldest] = this.#keys.keys();
    if (this.#keys.size >= mostKeys && oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(key, { at, endsAt: at + remaining });
    return beyond(remaining);
  }
}

/** How often an outage is told of, in milliseconds: a database that comes and goes is one. */
const toldAtMost = 60_000;

/** That the database is away: told of once. */
class Outage {
  #isKnown = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  tell(error: unknown, onError: (error: unknown) => void): void {
    const at = performance.now();
    if (!this.#isKnown && at - this.#toldAt >= toldAtMost) {
      this.#toldAt = at;
      onError(new StorageError("unavailable", "limits cannot be counted in the database; each process counts its own meanwhile", error));
    }
    this.#isKnown = true;
  }

  end(): void {
    this.#isKnown = false;
  }
}
