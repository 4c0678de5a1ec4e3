/** The events that are counted. */
const types = [
  "client.registered",
  "consent.allowed",
  "token.issued",
  "token.refreshed",
  "token.revoked",
  "grant.revoked",
  "client.disconnected",
  "code.replayed",
  "refresh.reused",
  "personal_token.created",
  "personal_token.revoked",
] as const;

export type EventType = (typeof types)[number];

interface Bounds {
  least: number;
  most: number;
}

interface Miscount {
  readonly breach: "lost" | "accepted twice";
  readonly words: string;
}

/** How often each event must be in the audit: as often as it was acknowledged, and for every open question once more or not. */
export class ExpectedEvents {
  readonly #bounds: ReadonlyMap<EventType, Bounds> = new Map(types.map((type) => [type, { least: 0, most: 0 }]));

  /** It is asked for; whether it happens is not known yet. */
  asked(type: EventType): void {
    this.#of(type).most++;
  }

  /** It happened: what was asked for is answered. */
  happened(type: EventType): void {
    this.#of(type).least++;
  }

  /** What was in doubt is not any more. */
  exactly(type: EventType, count: number): void {
    this.#of(type).least = this.#of(type).most = count;
  }

  /** The same where only one of it was in doubt. */
  settle(type: EventType, didHappen: boolean): void {
    if (didHappen) this.#of(type).least++;
    else this.#of(type).most--;
  }

  /** What is wrong with these numbers of events. Questions that they answer are closed. */
  compare(seen: ReadonlyMap<string, number>): readonly Miscount[] {
    return [...this.#bounds].flatMap(([type, bounds]): readonly Miscount[] => {
      const { least, most } = bounds;
      const count = seen.get(type) ?? 0;
      bounds.least = bounds.most = count;
      if (count < least) return [{ breach: "lost", words: `${type} is in the audit ${count} times, not ${least}` }];
      if (count > most) return [{ breach: "accepted twice", words: `${type} is in the audit ${count} times, not ${most}` }];
      return [];
    });
  }

  #of(type: EventType): Bounds {
    const bounds = this.#bounds.get(type);
    if (bounds === undefined) throw new Error(`${type} is not counted`);
    return bounds;
  }
}
