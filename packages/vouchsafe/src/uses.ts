import type { Store } from "./store/store.ts";

const minute = 60_000;

/** The most grants that wait to be written, and that are written at once: others have to wait for that. */
const mostPending = 10_000;
const mostAtOnce = 500;

/** When grants were last used, to the minute, brought into the store in batches: a use costs no write. */
export class UseLog {
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  /** Grants with the minute that is not yet written. */
  #pending = new Map<string, number>();
  /** Those that were written in the current minute. */
  #written = new Set<string>();
  #minute = 0;

  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  note(grantId: string, now: number): void {
    const at = now - (now % minute);
    if (at !== this.#minute) {
      this.#minute = at;
      this.#written = new Set();
    }
    if (this.#written.has(grantId)) return;
    this.#pending.set(grantId, at);
    this.#written.add(grantId);
    if (this.#pending.size >= mostPending) void this.flush();
  }

  /** Writes what is pending. What cannot be written is reported, and tried again with the next use. */
  async flush(): Promise<void> {
    const uses = [...this.#pending];
    this.#pending = new Map();
    for (let from = 0; from < uses.length; from += mostAtOnce)
      await this.#store.noteUses(new Map(uses.slice(from, from + mostAtOnce))).catch(this.#onError);
  }
}
