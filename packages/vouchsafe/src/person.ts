/** Somebody who is signed in, as the host app knows them. */
export interface Person {
  /** Stable and never reused: the `sub` of every token. */
  readonly id: string;
  /** What pages call them. */
  readonly name: string;
  readonly email?: string | undefined;
  /** Milliseconds. */
  readonly signedInAt?: number | undefined;
  /** Ties forms to this sign-in: a form of another session is refused. */
  readonly sessionId?: string | undefined;
}
