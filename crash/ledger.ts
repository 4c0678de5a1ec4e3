/** What the server acknowledged, by what it was asked for. */
const deeds = [
  "signed in",
  "registered",
  "consented",
  "code redeemed",
  "refreshed",
  "access token revoked",
  "grant revoked",
  "disconnected",
  "client credentials",
  "personal token created",
  "personal token deleted",
] as const;

export type Deed = (typeof deeds)[number];

/** How a promise was broken. `unanswered`: an accepted request got no answer; `wrong`: an answer that there is no reason for. */
export type Breach = "lost" | "revived" | "accepted twice" | "unanswered" | "wrong";

export interface Finding {
  readonly breach: Breach;
  /** Never with a credential. */
  readonly words: string;
}

/** More are counted and not told. */
const mostTold = 100;

/** The count of a run: what was acknowledged, what of it was checked, and what was found broken. */
export class Ledger {
  readonly acknowledged: Record<Deed, number>;
  readonly breaches: Record<Breach, number> = { lost: 0, revived: 0, "accepted twice": 0, unanswered: 0, wrong: 0 };
  readonly #findings: Finding[] = [];
  #checked = 0;
  #inFlight = 0;
  #tooLate = 0;
  #auditLength = 0;

  constructor() {
    this.acknowledged = Object.fromEntries(deeds.map((deed) => [deed, 0])) as Record<Deed, number>;
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Facts that were compared with what the server says. */
  get checked(): number {
    return this.#checked;
  }

  /** Requests whose answer never came: whatever the server made of them is right. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Requests of connections that were opened when the server had been told to stop, and that it did not accept. */
  get tooLate(): number {
    return this.#tooLate;
  }

  /** Events in the audit, when it was verified last. */
  get auditLength(): number {
    return this.#auditLength;
  }

  get allAcknowledged(): number {
    return Object.values(this.acknowledged).reduce((sum, count) => sum + count, 0);
  }

  did(deed: Deed): void {
    this.acknowledged[deed]++;
  }

  broke(): void {
    this.#inFlight++;
  }

  cameTooLate(): void {
    this.#tooLate++;
  }

  auditVerified(events: number): void {
    this.#auditLength = events;
  }

  /** Compares a fact with what was promised. Returns whether it holds. */
  holds(isSo: boolean, breach: Breach, words: string): boolean {
    this.#checked++;
    if (!isSo) this.found(breach, words);
    return isSo;
  }

  found(breach: Breach, words: string): void {
    this.breaches[breach]++;
    if (this.#findings.length < mostTold) this.#findings.push({ breach, words });
  }
}
