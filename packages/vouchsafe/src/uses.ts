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
  /** Those that were noted in the current minute. */
  #noted = new Set<string>();
  #minute = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  /** Where there is no more room, because nothing could be written for long, the use is noted with the grant's next one. */
  note(grantId: string, now: number): void {
    const at = now - (now % minute);
    if (at !== this.#minute) {
      this.#minute = at;
      this.#noted = new Set();
    }
    if (this.#noted.has(grantId)) return;
    const wasFull = this.#isFull();
    if (wasFull && !this.#pending.has(grantId)) return;
    this.#pending.set(grantId, at);
    this.#noted.add(grantId);
    if (!wasFull && this.#isFull()) void this.flush();
  }

  /** Writes what is pending, after what is being written. What cannot be written is reported, and kept for the next time. */
  flush(): Promise<void> {
    this.#written = this.#written.then(() => this.#write());
    return this.#written;
  }

  #isFull(): boolean {
    return this.#pending.size >= mostPending;
  }

  async #write(): Promise<void> {
    const uses = [...this.#pending];
    this.#pending = new Map();
    for (let from = 0; from < uses.length; from += mostAtOnce) {
      try {
        await this.#store.noteUses(new Map(uses.slice(from, from + mostAtOnce)));
      } catch (error) {
        this.#onError(error);
        return this.#keep(uses.slice(from));
      }
    }
  }

  /** A grant that was used again meanwhile has a newer minute. */
  #keep(uses: readonly (readonly [grantId: string, at: number])[]): void {
    for (const [grantId, at] of uses) if (!this.#isFull() && !this.#pending.has(grantId)) this.#pending.set(grantId, at);
  }
}
