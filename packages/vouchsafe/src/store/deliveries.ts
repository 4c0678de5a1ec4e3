import type { AuditEvent } from "../audit.ts";

/**
 * Events on their way to somebody, such as a webhook. A delivery is written in the transaction of its event, and stays until
 * somebody says that it arrived: none is lost, and one may come twice.
 */
export interface Deliveries {
  /** From now on events of these types are to be delivered to each of these. */
  subscribe(subscriptions: readonly Subscribed[]): void;
  /**
   * Takes deliveries of a subscription that are due, at most so many, the oldest first, and makes them due again later, so
   * that no other process takes them meanwhile.
   */
  take(subscription: string, now: number, again: number, most: number): Promise<readonly Delivery[]>;
  done(delivery: Pick<Delivery, "eventId" | "subscription">): Promise<void>;
  /** When to try again. */
  postpone(delivery: Pick<Delivery, "eventId" | "subscription">, dueAt: number): Promise<void>;
  /** How many wait. */
  count(): Promise<number>;
}

export interface Subscribed {
  readonly name: string;
  readonly types: readonly AuditEvent["type"][];
}

export interface Delivery {
  readonly eventId: number;
  readonly subscription: string;
  /** The event as it was written. */
  readonly event: string;
  /** How often it was tried before. */
  readonly attempts: number;
}
