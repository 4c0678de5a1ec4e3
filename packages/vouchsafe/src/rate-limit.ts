import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";

/** So many in so long. */
export interface RateLimitRule {
  readonly points: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** Counts under a key. The time of a key begins with its first count, and when it is over the next one is the first again. */
export interface RateLimit {
  /** Counts one more. Resolves to undefined within the limit, and beyond it, where nothing is counted, to the seconds to wait. */
  count(key: string): Promise<number | undefined>;
  /** The same for what may turn out to be none, such as a right password: it is counted before that is known. */
  attempt(key: string): Promise<Attempt>;
}

export interface Attempt {
  /** The seconds to wait where this one is beyond the limit. */
  readonly wait: number | undefined;
  /** Takes the count back, once, if this one was counted and its time is not over. Never rejects. */
  readonly takeBack: () => Promise<void>;
}

/** Makes limits that are counted in one place. `onError` is told when that place is lost, and not again for each count. */
export type RateLimits = (name: string, rule: RateLimitRule, onError: (error: unknown) => void) => RateLimit;

/** The most keys one limit remembers; the oldest is forgotten first. A key costs about a kilobyte. */
export const mostKeys = 10_000;

/** Limits counted in this process's memory. Counts end with the process. */
export const rateLimitsInMemory: RateLimits = (_name, rule) => createRateLimit(rule);

/** Milliseconds. The limiter forgets by timers, and a longer one would end at once. */
const longestTimer = 2 ** 31 - 1;

/** A limit counted in this process's memory. */
export function createRateLimit({ points, duration }: RateLimitRule): RateLimit {
  const limiter = new RateLimiterMemory({ points, duration: Math.min(duration, longestTimer) / 1000 });
  const keys = new Set<string>();
  return limitOf(async (key) => {
    keys.delete(key);
    keys.add(key);
    const [oldest] = keys;
    if (keys.size > mostKeys && oldest !== undefined) {
      keys.delete(oldest);
      await limiter.delete(oldest);
    }
    const { consumedPoints, msBeforeNext } = await limiter.penalty(key);
    const endsAt = Date.now() + msBeforeNext;
    const takeBack = async (): Promise<void> => {
      if (keys.has(key) && Date.now() < endsAt) await limiter.reward(key);
    };
    if (consumedPoints <= points) return { wait: undefined, takeBack };
    await takeBack();
    return beyond(msBeforeNext);
  });
}

/** A limit of how it counts an attempt. */
export const limitOf = (attempt: RateLimit["attempt"]): RateLimit => ({
  count: async (key) => (await attempt(key)).wait,
  attempt: async (key) => {
    const { wait, takeBack } = await attempt(key);
    let taken: Promise<void> | undefined;
    return { wait, takeBack: () => (taken ??= takeBack()) };
  },
});

/** The attempt that is refused for so many milliseconds more. */
export const beyond = (milliseconds: number): Attempt => ({ wait: Math.max(1, Math.ceil(milliseconds / 1000)), takeBack: async () => {} });

/** For limits that are switched off. */
export const noRateLimit: RateLimit = limitOf(async () => ({ wait: undefined, takeBack: async () => {} }));
