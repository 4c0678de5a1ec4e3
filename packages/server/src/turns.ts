import { OAuthError } from "vouchsafe/pages";

export interface TurnsOptions {
  readonly atOnce: number;
  readonly mostWaiting: number;
  /** What whoever is refused is told to wait, in seconds. */
  readonly retryAfter: number;
}

/** Runs work when it is its turn. */
export type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Lets so much run at once, in the order in which it came: what costs much must not keep everything else waiting. Where too
 * much waits already, it is refused with an `OAuthError` `temporarily_unavailable`.
 */
export function createTurns({ atOnce, mostWaiting, retryAfter }: TurnsOptions): TakeTurn {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < atOnce) running++;
    else if (waiting.length >= mostWaiting) throw new OAuthError("temporarily_unavailable", "too much waits for its turn", { retryAfter });
    else await new Promise<void>((resolve) => waiting.push(resolve)); // whoever ends hands its turn on
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
