import { sweepByIndex, sweepTokens } from "./cleanup.ts";
import type { Services } from "./context.ts";
import { Pace } from "./pace.ts";

/** Where the walk through all tokens goes on, in whatever process. */
const cursorName = "tokens_swept";

/**
 * The most tokens that one pass looks at. With a pass a minute that is 5 000 a second: where 1 000 come and 1 000 expire a
 * second, the walk is back after a fifth of the time in which the table was filled, and what it meets that nobody needs is on
 * average a tenth of what is there, however large that is.
 */
const lookedAtOnce = 300_000;

/** The most transactions that one pass takes for each other kind: 100 000 rows. */
const mostBatches = 500;

/** How much longer than its last token a signing key stays published, in milliseconds: clocks differ. */
const overlapOfKeys = 600_000;

type SweeperParts = Pick<Services, "config" | "store" | "signingKeys">;

/** Takes away what is past its time, pass by pass, beside the requests. */
export class Sweeper {
  readonly #parts: SweeperParts;
  #passing: { readonly pace: Pace; readonly ended: Promise<void> } | undefined;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /** One pass; where one is still under way, that one. */
  pass(): Promise<void> {
    if (this.#passing !== undefined) return this.#passing.ended;
    const pace = new Pace(mostBatches);
    const ended = this.#sweep(pace).finally(() => {
      this.#passing = undefined;
    });
    this.#passing = { pace, ended };
    return ended;
  }

  /** Begins nothing more, and resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#passing?.pace.end();
    // Whoever began the pass is told what broke.
    await this.#passing?.ended.catch(() => {});
  }

  async #sweep(pace: Pace): Promise<void> {
    const { config, store, signingKeys } = this.#parts;
    await sweepByIndex(this.#parts, pace);
    const from = Number(await store.setting(cursorName, "0"));
    const { next } = await sweepTokens(this.#parts, pace, from, lookedAtOnce);
    if (next !== from) await store.changeSetting(cursorName, String(next));
    const now = config.now();
    if (config.accessTokenLifetime !== undefined) await signingKeys.sweep(now, now - config.accessTokenLifetime - overlapOfKeys);
  }
}
