/** What the host app is told of, as it happens. */
import type { AuditEvent } from "./audit.ts";
import type { Scope } from "./protocol/scope.ts";

/** A request that was answered. */
export interface AnsweredRequest {
  /** The endpoint's name, such as `token`; empty where the path has none. */
  readonly endpoint: string;
  readonly method: string;
  readonly status: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly requestId: string;
  /** The attempt to connect that it was a step of. */
  readonly flowId: string | undefined;
}

/**
 * Somebody who is told of events, at least once each. The order is not promised. What `deliver` rejects is tried again, later
 * and later, for three days, or until the event is forgotten: see `auditRetention`. `vouchsafe/webhook` makes one.
 */
export interface Subscription {
  /** Tells subscriptions apart, also after a restart. */
  readonly name: string;
  readonly types: readonly AuditEvent["type"][];
  /** `id`: the same at every attempt. `signal`: it takes too long. */
  readonly deliver: (event: AuditEvent, attempt: { readonly id: string; readonly signal: AbortSignal }) => Promise<void>;
}

/** A connection that was made a moment ago. */
export interface NewConnection {
  readonly subject: string;
  readonly grantId: string;
  readonly clientId: string;
  /** As pages show it: in quotes where the app gave it to itself. Not made harmless for mail, as it is in `message`. */
  readonly clientName: string;
  readonly scope: Scope;
  /** Milliseconds. */
  readonly at: number;
  /** Undefined: until it is ended. */
  readonly endsAt: number | undefined;
  /** "This wasn't me": a page that ends it, for whoever has this link, signed in or not. */
  readonly notMeUrl: string;
  /** What to tell them, with the link, in the language of the page on which they agreed: plain text. */
  readonly message: { readonly title: string; readonly text: string };
}
