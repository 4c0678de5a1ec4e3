import { setTimeout as wait } from "node:timers/promises";

/**
 * The pace of work that requests share the database with: after each piece it leaves as much time as that took, so that it
 * never takes more than half of what there is.
 */
export class Pace {
  /** The most pieces of one kind. */
  readonly mostPieces: number;
  #isOver = false;

  constructor(mostPieces = Number.POSITIVE_INFINITY) {
    this.mostPieces = mostPieces;
  }

  /** Whoever asks it begins nothing more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  async keep<Result>(piece: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const result = await piece();
    const took = performance.now() - began;
    if (took >= 1) await wait(took);
    return result;
  }
}
