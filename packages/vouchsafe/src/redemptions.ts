/** The most redemptions that are remembered: those of the last seconds, however many come. */
const mostKept = 2000;

/**
 * The codes that this process redeemed last, each with the number of requests that had arrived by when its redemption was
 * durable. Whoever had arrived by then lost a race, and whoever came later replays: by no clock, which two requests of one
 * millisecond share.
 */
export class Redemptions {
  readonly #arrived = new Map<string, number>();

  /** `arrived`: the number of requests so far. */
  note(grantId: string, arrived: number): void {
    const [oldest] = this.#arrived.keys();
    if (this.#arrived.size >= mostKept && oldest !== undefined) this.#arrived.delete(oldest);
    this.#arrived.set(grantId, arrived);
  }

  /** Undefined: another process redeemed it, or this one long ago. */
  hadArrived(grantId: string, arrival: number): boolean | undefined {
    const arrived = this.#arrived.get(grantId);
    return arrived === undefined ? undefined : arrival <= arrived;
  }
}
