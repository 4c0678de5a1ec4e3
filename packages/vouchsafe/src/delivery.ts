import type { AuditEvent } from "./audit.ts";
import type { Configuration, Subscription } from "./config.ts";
import { hashSecret } from "./protocol/secret.ts";
import type { Delivery } from "./store/deliveries.ts";
import type { Store } from "./store/store.ts";

export interface DelivererParts {
  readonly config: Pick<Configuration, "issuer" | "subscriptions" | "now">;
  readonly store: Store;
  readonly onError: (error: unknown) => void;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long to wait after each failed attempt, before jitter. After the last one it is given up. Standard Webhooks, "Retry schedule" */
const waits = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];

/** The most by which a wait is longer: whoever was away is not met by everything at once. */
const jitter = 0.2;

/** How often it is looked what is due. */
const pause = 5 * second;

/** How soon after an event: others that come with it go along. */
const soon = 50;

/** How long one attempt may take. */
const longestAttempt = 10 * second;

/** After which others may take what a process took that has ended meanwhile. */
const hold = minute;

/** The most of one subscription that are under way together. */
const atOnce = 10;

/** How long a server that closes waits for what is under way. */
const longestWait = 5 * second;

/**
 * Brings events to whoever subscribed to them, each at least once: what was not confirmed stays in the store, and is tried
 * again by this process or the next one. Subscriptions do not wait for each other.
 */
export class Deliverer {
  readonly #parts: DelivererParts;
  readonly #rounds = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  #isClosing = false;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(parts: DelivererParts) {
    this.#parts = parts;
  }

  /** From now on, by itself. */
  start(): void {
    const { config, store } = this.#parts;
    store.deliveries.subscribe(config.subscriptions);
    if (config.subscriptions.length === 0) return;
    const types = new Set(config.subscriptions.flatMap((subscription) => subscription.types));
    store.subscribe(({ type }) => {
      if (types.has(type)) this.#soon ??= setTimeout(() => void this.deliverDue(), soon).unref();
    });
    this.#timer = setInterval(() => void this.deliverDue(), pause).unref();
  }

  /** Resolves when everything that is due now was tried. */
  async deliverDue(): Promise<void> {
    this.#soon = undefined;
    await Promise.all(this.#parts.config.subscriptions.map((subscription) => this.#round(subscription)));
  }

  /** Takes nothing more, and resolves when nothing is under way any more; what takes long is broken off, for another time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    if (this.#rounds.size === 0) return;
    const patience = setTimeout(() => this.#ending.abort(), longestWait);
    await Promise.all(this.#rounds.values());
    clearTimeout(patience);
  }

  #round(subscription: Subscription): Promise<void> {
    const { name } = subscription;
    const round =
      this.#rounds.get(name) ??
      this.#deliverAll(subscription)
        .catch(this.#parts.onError)
        .finally(() => this.#rounds.delete(name));
    this.#rounds.set(name, round);
    return round;
  }

  async #deliverAll(subscription: Subscription): Promise<void> {
    const { config, store } = this.#parts;
    while (!this.#isClosing) {
      const now = config.now();
      const due = await store.deliveries.take(subscription.name, now, now + hold, atOnce);
      if (due.length === 0) return;
      await Promise.all(due.map((delivery) => this.#deliver(subscription, delivery)));
    }
  }

  async #deliver(subscription: Subscription, delivery: Delivery): Promise<void> {
    const { config, store } = this.#parts;
    const lateness = new AbortController();
    const timer = setTimeout(() => lateness.abort(), longestAttempt);
    const signal = AbortSignal.any([lateness.signal, this.#ending.signal]);
    const attempt = async (): Promise<void> =>
      subscription.deliver(JSON.parse(delivery.event) as AuditEvent, { id: idOf(delivery, config.issuer), signal });
    try {
      await Promise.race([attempt(), aborted(signal)]);
    } catch (error) {
      return this.#putOff(delivery, error);
    } finally {
      clearTimeout(timer);
    }
    await store.deliveries.done(delivery);
  }

  async #putOff(delivery: Delivery, error: unknown): Promise<void> {
    const { config, store, onError } = this.#parts;
    const { attempts, subscription, eventId } = delivery;
    const wait = this.#ending.signal.aborted ? 0 : waits[attempts];
    if (wait !== undefined) return store.deliveries.postpone(delivery, config.now() + Math.round(wait * (1 + jitter * Math.random())));
    onError(new Error(`event ${eventId} did not reach ${subscription} in ${attempts + 1} attempts: ${messageOf(error)}`));
    await store.deliveries.done(delivery);
  }
}

/** The same at every attempt, and another for every other event, subscription and server. */
const idOf = ({ eventId, subscription, event }: Delivery, issuer: string): string =>
  `msg_${Buffer.from(hashSecret(JSON.stringify([issuer, subscription, eventId, event]))).toString("base64url")}`;

/** Rejects when the time is over: not everybody listens to a signal. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("no answer in time")), { once: true });
  });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
