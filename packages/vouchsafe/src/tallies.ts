/** How often something happened lately to one key. */
export interface Tally {
  /** Within the time, as of when it was last counted. */
  seen: number;
  /** How many make a case. */
  needed: number;
  /** Until then `needed` holds; milliseconds. */
  judgedUntil: number;
  /** Until then there is a case, and what happens belongs to it; milliseconds. */
  openUntil: number;
}

interface Counted extends Tally {
  /** The slice of time that was counted last, by its number. */
  slice: number;
  /** What happened in each of the last slices. */
  readonly counts: number[];
}

/** The time is counted in as many slices: one leaves when the next one begins. */
const slices = 6;

/** Whoever was counted least lately is forgotten first. A key costs about 300 bytes. */
const mostKeys = 5000;

/** Counts what happens within a time that moves along, by key: at the same cost however much happens, in bounded memory. */
export class Tallies {
  readonly #width: number;
  readonly #points: number;
  readonly #keys = new Map<string, Counted>();

  /** `duration`: the time, in milliseconds. */
  constructor({ points, duration }: { readonly points: number; readonly duration: number }) {
    this.#width = duration / slices;
    this.#points = points;
  }

  count(key: string, at: number, occurrences: number): Tally {
    const slice = Math.floor(at / this.#width);
    const tally = this.#keys.get(key) ?? this.#begin(key, slice);
    if (slice > tally.slice) this.#advance(key, tally, slice);
    tally.counts[tally.slice % slices] = (tally.counts[tally.slice % slices] ?? 0) + occurrences;
    tally.seen += occurrences;
    return tally;
  }

  #begin(key: string, slice: number): Counted {
    const [oldest] = this.#keys.size < mostKeys ? [] : this.#keys.keys();
    if (oldest !== undefined) this.#keys.delete(oldest);
    const counts = Array.from({ length: slices }, () => 0);
    const tally: Counted = { seen: 0, needed: this.#points, judgedUntil: 0, openUntil: 0, slice, counts };
    this.#keys.set(key, tally);
    return tally;
  }

  #advance(key: string, tally: Counted, slice: number): void {
    for (let passed = Math.max(tally.slice, slice - slices) + 1; passed <= slice; passed++) {
      tally.seen -= tally.counts[passed % slices] ?? 0;
      tally.counts[passed % slices] = 0;
    }
    tally.slice = slice;
    this.#keys.delete(key);
    this.#keys.set(key, tally);
  }
}
