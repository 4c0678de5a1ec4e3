/**
 * Takes away what nobody can need any more, each time in one transaction of at most so many rows: no request waits for long.
 * Several processes may do so at once; one of them removes at a time.
 */
export interface Cleanup {
  /** Removes rows of one kind. Resolves to how many there were: with fewer than `most`, there are no more. */
  sweep(kind: SweptKind, limits: SweepLimits, most: number): Promise<number>;
  /**
   * Looks at the next tokens behind this id, at most so many, and removes those that are past their time or whose grant or
   * client is gone. Tokens have no index of their ends, which every request for a token would pay for. The newest of all
   * stays, so that no id is given again.
   */
  sweepTokens(after: number, limits: SweepLimits, most: number): Promise<SweptTokens>;
  /** How many of each kind would be removed. */
  count(limits: SweepLimits): Promise<Swept>;
}

export const sweptKinds = [
  "clients",
  "grants",
  "decisions",
  "pushedRequests",
  "assertions",
  "refreshAnswers",
  "disconnections",
  "subjects",
  "registrationTokens",
  "deliveries",
  "rateLimits",
] as const;

export type SweptKind = (typeof sweptKinds)[number];

/**
 * - `clients`: registrations and documents that led to no grant, but none that is disabled: it could come back
 * - `grants`: connections and personal tokens that have ended
 * - `tokens`: that have expired, were revoked or whose grant or client is gone
 * - `decisions`: on authorization requests whose pages are too old
 * - `refreshAnswers`: sealed answers of refresh tokens whose overlap is over
 * - `disconnections`, `subjects`: marks that void codes, which have expired by themselves since
 * - `registrationTokens`: with no use left
 * - `deliveries`: to whom nobody brings any more
 * - `rateLimits`: counts whose time is over
 */
export type Swept = Readonly<Record<SweptKind | "tokens", number>>;

export interface SweptTokens {
  readonly removed: number;
  /** Behind which id to go on; undefined: there are no more. */
  readonly next: number | undefined;
}

/** Milliseconds: what is older goes. */
export interface SweepLimits {
  readonly now: number;
  /** By when they were spent. */
  readonly answersBefore: number;
  /** Registrations that led to nothing, and registration tokens with no use left, by when they were made. */
  readonly unusedClientsBefore: number;
  /** By when they expired. */
  readonly pushedRequestsBefore: number;
  /** By when they were revoked or ended. */
  readonly grantsBefore: number;
  /** Codes that were made or redeemed before this can come no more. */
  readonly codesBefore: number;
  /** By when they expired. */
  readonly tokensBefore: number;
  /** By when they were revoked one by one. */
  readonly revokedTokensBefore: number;
  /** By when they were due. */
  readonly deliveriesBefore: number;
}
