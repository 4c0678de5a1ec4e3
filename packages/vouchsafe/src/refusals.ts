import type { Refusal } from "./audit.ts";
import type { Store } from "./store/store.ts";

/** A refusal that is not yet counted. */
export type SingleRefusal = Refusal extends infer Each ? (Each extends Refusal ? Omit<Each, "count"> : never) : never;

/** The most different refusals remembered within one minute; more are counted under one name. */
const mostKeys = 1000;

/**
 * Brings refusals into the audit without letting a flood of bad requests become a flood of writes: the first of its kind
 * is recorded at once, and its repetitions within the minute are one more event with their number. What cannot be recorded
 * counts as repeated, and is tried again with the next minute.
 */
export class RefusalLog {
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  /** With how often each happened that is not recorded yet. */
  #waiting = new Map<string, Refusal>();
  #minute = 0;

  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  /** `kind`: what makes two refusals the same: their type, reason and network, and nothing an attacker can vary freely. */
  note(kind: string, refusal: SingleRefusal): void {
    const minute = Math.floor(refusal.at / 60_000);
    if (minute !== this.#minute) void this.flush();
    this.#minute = minute;
    const key = this.#waiting.size < mostKeys ? kind : refusal.type;
    const earlier = this.#waiting.get(key);
    this.#waiting.set(key, { ...refusal, count: earlier === undefined ? 0 : earlier.count + 1 } as Refusal);
    if (earlier === undefined) void this.#record(new Map([[key, { ...refusal, count: 1 } as Refusal]]));
  }

  /** Records what was repeated since the last flush. */
  flush(): Promise<void> {
    const repeated = new Map([...this.#waiting].filter(([, { count }]) => count > 0));
    this.#waiting = new Map();
    return repeated.size === 0 ? Promise.resolve() : this.#record(repeated);
  }

  async #record(refusals: ReadonlyMap<string, Refusal>): Promise<void> {
    try {
      await this.#store.record([...refusals.values()]);
    } catch (error) {
      this.#onError(error);
      for (const [key, refusal] of refusals) this.#keep(key, refusal);
    }
  }

  #keep(kind: string, refusal: Refusal): void {
    const key = this.#waiting.size < mostKeys ? kind : refusal.type;
    const later = this.#waiting.get(key);
    this.#waiting.set(key, later === undefined ? refusal : ({ ...later, count: later.count + refusal.count } as Refusal));
  }
}
