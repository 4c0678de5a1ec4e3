import type { AppFacts } from "../facts.ts";
import type { Random } from "../random.ts";

/** Apps that nobody uses any more, so many at most: each that ever came in has the same chance to be kept. */
export class Archive {
  readonly #kept: AppFacts[] = [];
  readonly #most: number;
  readonly #random: Random;
  #seen = 0;

  constructor(most: number, random: Random) {
    this.#most = most;
    this.#random = random;
  }

  /** Returns who is forgotten instead: the newcomer, or one that was there. */
  keep(app: AppFacts): AppFacts | undefined {
    this.#seen++;
    if (this.#kept.length < this.#most) {
      this.#kept.push(app);
      return undefined;
    }
    const place = this.#random.between(0, this.#seen - 1);
    if (place >= this.#most) return app;
    const [forgotten] = this.#kept.splice(place, 1, app);
    return forgotten;
  }

  /** Some of them. */
  sample(count: number): readonly AppFacts[] {
    const rest = [...this.#kept];
    return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(this.#random.between(0, rest.length - 1), 1)).flat();
  }
}
