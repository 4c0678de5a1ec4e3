import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import type { RateLimitRule } from "../config.ts";

/** Counts under a key. */
export interface RateLimit {
  /** Counts one more. Resolves to undefined within the limit, and beyond it to the seconds to wait. */
  count(key: string): Promise<number | undefined>;
  /** Counts nothing. Resolves to the seconds to wait where the next one would be beyond the limit. */
  exhausted(key: string): Promise<number | undefined>;
}

/** The most keys one limit remembers; the oldest is forgotten first. A key costs about a kilobyte. */
const mostKeys = 10_000;

/** A limit counted in this process's memory. Counts end with the process. */
export function createRateLimit({ points, duration }: RateLimitRule): RateLimit {
  const limiter = new RateLimiterMemory({ points, duration: duration / 1000 });
  const keys = new Set<string>();
  return {
    count: async (key) => {
      keys.delete(key);
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > mostKeys && oldest !== undefined) {
        keys.delete(oldest);
        await limiter.delete(oldest);
      }
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key);
      return consumedPoints > points ? secondsOf(msBeforeNext) : undefined;
    },
    exhausted: async (key) => {
      const known = await limiter.get(key);
      return known !== null && known.consumedPoints >= points ? secondsOf(known.msBeforeNext) : undefined;
    },
  };
}

const secondsOf = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

/** For limits that are switched off. */
export const noRateLimit: RateLimit = { count: async () => undefined, exhausted: async () => undefined };
