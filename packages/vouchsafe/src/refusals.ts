import type { Refusal } from "./audit.ts";
import type { Store } from "./store/store.ts";

/** A refusal that is not yet counted. */
export type SingleRefusal = Refusal extends infer Each ? (Each extends Refusal ? Omit<Each, "count"> : never) : never;

/** The most different refusals remembered within one minute; more are counted under one name. */
const mostKeys = 1000;

/**
 * Brings refusals into the audit without letting a flood of bad requests become a flood of writes: the first of its kind
 * is recorded at once, and its repetitions within the minute are one more event with their number.
 */
export class RefusalLog {
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  #repeated = new Map<string, Refusal>();
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
    const key = this.#repeated.size < mostKeys ? kind : refusal.type;
    const earlier = this.#repeated.get(key);
    this.#repeated.set(key, { ...refusal, count: (earlier?.count ?? 0) + 1 } as Refusal);
    if (earlier === undefined) void this.#record([{ ...refusal, count: 1 } as Refusal]);
  }

  /** Records what was repeated since the last flush. */
  flush(): Promise<void> {
    const repeated = [...this.#repeated.values()].filter(({ count }) => count > 1);
    this.#repeated = new Map();
    return repeated.length === 0 ? Promise.resolve() : this.#record(repeated.map((refusal) => ({ ...refusal, count: refusal.count - 1 })));
  }

  #record(refusals: readonly Refusal[]): Promise<void> {
    return this.#store.record(refusals).catch(this.#onError);
  }
}
