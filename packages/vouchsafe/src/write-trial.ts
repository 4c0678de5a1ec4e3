import type { Store } from "./store/store.ts";

/** How long an answer is good for, in milliseconds: whoever may ask may ask often, and a busy database keeps everybody waiting. */
const lasts = 1000;

/** Does not fit into what a table has left in its pages: where the disk is full, neither does it on the disk. */
const room = "x".repeat(5000);

/** Whether the store can be written. A disk that is full, and a file that may only be read, still read well. */
export class WriteTrial {
  readonly #store: Store;
  #latest: Promise<void> | undefined;
  #began = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws StorageError where nothing can be written */
  run(): Promise<void> {
    const now = performance.now();
    if (this.#latest !== undefined && now - this.#began < lasts) return this.#latest;
    this.#began = now;
    this.#latest = this.#write();
    return this.#latest;
  }

  async #write(): Promise<void> {
    await this.#store.changeSetting("write_trial", room);
    await this.#store.changeSetting("write_trial", "");
  }
}
